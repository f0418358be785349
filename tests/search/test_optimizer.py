import numpy as np
import pytest

from chemvae.errors import InputError, OracleError
from chemvae.molecule import Molecule, Verdict
from chemvae.search.optimizer import Optimizer
from chemvae.search.random import RandomSearch
from chemvae.search.space import Proposals, Space, Written


def test_asks_new_valid_molecules_only(space, parabola):
    optimizer = Optimizer(RandomSearch(), space)
    asked = []
    for _ in range(5):
        batch = optimizer.ask(20)
        asked += batch
        optimizer.tell(batch, parabola(batch).value)
    assert len(asked) == len(set(asked)) == len(optimizer.history) == 100
    assert optimizer.history.smiles == tuple(asked)


def test_a_value_stands_where_the_molecule_lies_not_where_it_was_proposed(space, parabola):
    optimizer = Optimizer(RandomSearch(), space)
    batch = optimizer.ask(50)
    optimizer.tell(batch, parabola(batch).value)
    np.testing.assert_array_equal(optimizer.history.z, space.read(batch))
    np.testing.assert_allclose(optimizer.history.z, np.round(optimizer.history.z, 1))


def test_asked_but_untold_is_not_asked_again(space):
    optimizer = Optimizer(RandomSearch(), space)
    assert not set(optimizer.ask(50)) & set(optimizer.ask(50))


def test_same_seed_and_history_ask_the_same(space, parabola):
    def asked(seed):
        optimizer = Optimizer(RandomSearch(), space, seed=seed)
        optimizer.tell(["0.1,0.2,0.3,0.4"], [1.0])
        return [optimizer.ask(10) for _ in range(3)]

    assert asked(0) == asked(0) != asked(1)


def test_what_nobody_asked_for_is_welcome(space):
    optimizer = Optimizer(RandomSearch(), space, filters={"right of 0": lambda many: [one[0] == "-" for one in many]})
    optimizer.tell(["1.0,0.0,0.0,0.0", "-1.0,0.0,0.0,0.0"], [np.inf, 3.0])
    assert optimizer.history.feasible.tolist() == [False, True]
    np.testing.assert_array_equal(optimizer.history.value, [np.nan, 3.0])
    assert optimizer.history.z[1].tolist() == [-1.0, 0.0, 0.0, 0.0]
    assert optimizer.history.round.tolist() == [0, 0]


def test_every_rejection_keeps_its_reason(space):
    optimizer = Optimizer(
        RandomSearch(radius=3.0), space, filters={"right of 0": lambda many: [one[0] == "-" for one in many]}
    )
    optimizer.tell(["-2.0,0.0,0.0,0.0"], [1.0])
    asked = optimizer.ask(200)
    assert all(one.startswith("-") for one in asked)
    reasons = {one.reason for one in optimizer.rejected}
    assert reasons == {"right of 0", "RDKit cannot read it: left of -3", "seen before"}
    assert all(one.smiles is None for one in optimizer.rejected if one.reason.startswith("RDKit"))


class Line:
    """A space of one dimension with few molecules, of which "3" has no place."""

    def __init__(self, n):
        self.n = n
        self.asked_of_filter = []

    def space(self):
        return Space(
            latent=1,
            write=lambda z: [Molecule(t, t, Verdict.VALID) for t in (str(int(abs(x))) for x in z[:, 0])],
            read=lambda texts: np.array([[np.nan if t == "3" else float(t)] for t in texts]).reshape(len(texts), 1),
            draw=lambda n, rng: rng.uniform(0, self.n, size=(n, 1)),
        )


def test_ends_when_nothing_new_is_left():
    optimizer = Optimizer(RandomSearch(), Line(8).space())
    batch = optimizer.ask(20)
    assert sorted(batch) == ["0", "1", "2", "4", "5", "6", "7"]
    assert "the model cannot encode it again" in {one.reason for one in optimizer.rejected}
    optimizer.tell(batch, [1.0] * 7)
    assert optimizer.ask(20) == []


def test_nothing_feasible_is_told_with_the_constraint_to_blame():
    filters = {"breaks rings<=9": lambda many: [True] * len(many), "breaks logp<=-9": lambda many: [False] * len(many)}
    with pytest.raises(
        OracleError, match='got none: .*turned away.*"breaks logp<=-9" alone turned away all .* molecules'
    ):
        Optimizer(RandomSearch(), Line(2000).space(), filters=filters).ask(5)


def test_constraints_that_only_contradict_each_other_are_told_both():
    odd = {"even": lambda many: [int(one) % 2 == 1 for one in many], "many": lambda many: [True] * len(many)}
    with pytest.raises(OracleError, match='"even" and "odd" are met by .*, and by none together'):
        filters = odd | {"odd": lambda many: [int(one) % 2 == 0 for one in many]}
        Optimizer(RandomSearch(), Line(2000).space(), filters=filters).ask(5)
    with pytest.raises(OracleError, match="each constraint is met by some .*, but all by none"):
        thirds = {str(at): lambda many, at=at: [int(one) % 3 != at for one in many] for at in range(3)}
        Optimizer(RandomSearch(), Line(2000).space(), filters=thirds).ask(5)
    with pytest.raises(OracleError, match='"none" and "neither", each by itself, turned away all'):
        none = {words: lambda many: [False] * len(many) for words in ("none", "neither")}
        Optimizer(RandomSearch(), Line(2000).space(), filters=odd | none).ask(5)


def test_a_broken_constraint_is_asked_about_once():
    asked = []

    def odd(many):
        asked.extend(many)
        return [int(one) % 2 == 1 for one in many]

    optimizer = Optimizer(RandomSearch(), Line(30).space(), filters={"even": odd})
    optimizer.ask(30)
    even = [one for one in asked if int(one) % 2 == 0]
    assert len(even) == len(set(even)) == 15


def test_a_decoder_that_loses_a_row_is_caught(space):
    import dataclasses

    short = dataclasses.replace(space, write=lambda z: space.write(z)[1:])
    with pytest.raises(ValueError, match="zip"):
        Optimizer(RandomSearch(), short).ask(5)


def test_proposals_are_joined_in_order():
    joined = Proposals.joined(Proposals(np.zeros((1, 2)), ("a",)), Proposals(np.ones((2, 2)), ("b", "b")))
    assert joined.how == ("a", "b", "b")
    assert joined.z.sum() == 4


@pytest.mark.parametrize("n", [0, -1])
def test_asking_for_nothing_is_refused(space, n):
    with pytest.raises(InputError, match="at least 1"):
        Optimizer(RandomSearch(), space).ask(n)


def test_values_and_molecules_must_match(space):
    with pytest.raises(InputError, match="a value for each of 1"):
        Optimizer(RandomSearch(), space).tell(["0,0,0,0"], [1.0, 2.0])


class Spelled:
    """A method that writes molecules and does not want to know where they lie; it takes the last of them."""

    oversample, places = 1, False

    def __init__(self, texts):
        self.texts, self.pools = texts, []

    def propose(self, n, history, space, rng):
        return Written(tuple(Molecule(t, t, Verdict.VALID) for t in self.texts), ("spelled",) * len(self.texts))

    def choose(self, k, pool, history, space, rng):
        self.pools.append(pool)
        return np.arange(len(pool))[-k:]


def blind():
    """Return a space that can neither decode nor encode."""

    def refuse(*_):
        raise AssertionError

    return Space(latent=1, write=refuse, read=refuse, draw=refuse)


def test_molecules_need_no_decoding_and_no_place():
    optimizer = Optimizer(Spelled(["a", "b", "a", "c"]), blind(), filters={"b": lambda many: [t != "b" for t in many]})
    assert optimizer.ask(2) == ["a", "c"]
    optimizer.tell(["a", "x"], [1.0, 2.0])
    assert optimizer.history.smiles == ("a", "x")
    assert optimizer.history.how == ("spelled", "told")
    assert np.isnan(optimizer.history.z).all()
    assert [(one.smiles, one.reason) for one in optimizer.rejected][:2] == [("a", "seen before"), ("b", "b")]


def test_a_method_is_told_what_is_pending():
    method = Spelled(list("abcdef"))
    optimizer = Optimizer(method, blind())
    assert (optimizer.ask(2), optimizer.ask(2)) == (["e", "f"], ["c", "d"])
    assert optimizer.pending == ("e", "f", "c", "d")
    optimizer.tell(["f", "z"], [1.0, np.nan])
    assert optimizer.ask(9) == ["a", "b"]
    assert [pool.pending for pool in method.pools] == [(), ("e", "f"), ("e", "c", "d")]
    assert [pool.smiles for pool in method.pools][1:] == [("a", "b", "c", "d"), ("a", "b")]


def test_a_method_that_proposes_nothing_ends():
    optimizer = Optimizer(Spelled([]), blind())
    with pytest.raises(OracleError, match="got none"):
        optimizer.ask(3)
    optimizer = Optimizer(Spelled(["a"]), blind())
    assert optimizer.ask(3) == ["a"]
    assert optimizer.ask(3) == []
