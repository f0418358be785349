import dataclasses

import numpy as np
import pytest
from scipy.sparse import csr_array

from chemvae.errors import ConfigError, InputError
from chemvae.molecule import Molecule, Verdict
from chemvae.search.evolved import Evolved
from chemvae.search.found import START
from chemvae.search.history import History, Told
from chemvae.search.optimizer import Optimizer
from chemvae.search.space import Pool, Written
from chemvae.search.structure_bayes import MOVES, StructureBayes


def chance():
    return np.random.default_rng(0)


def measured(space, score, n=60):
    texts = [molecule.smiles for molecule in space.write(chance().standard_normal((n, 4)))]
    rows = [
        Told(text, np.full(4, np.nan), value, True, 1, "told")
        for text, value in zip(texts, score(texts).value.tolist(), strict=True)
    ]
    return History.empty(4).add(rows)


def test_little_measured_is_too_little_to_learn_from(space, parabola):
    assert set(StructureBayes().propose(20, History.empty(4), space, chance()).how) == {"prior"}
    some = StructureBayes().propose(20, measured(space, parabola, 10), space, chance())
    assert some.how.count("prior") == 10
    assert StructureBayes(edits=0.0).propose(9, measured(space, parabola, 10), space, chance()).how == ("prior",) * 9


def test_it_proposes_what_it_expects_much_of(space, parabola):
    history = measured(space, parabola)
    found = StructureBayes(most_beta=0.02).propose(20, history, space, chance())
    proposed = parabola([molecule.smiles for molecule in found.molecules]).value
    assert np.median(proposed) > np.quantile(history.value, 0.9)
    assert set(found.how) <= set(MOVES)
    assert not {molecule.smiles for molecule in found.molecules} & set(history.smiles)


@pytest.mark.parametrize(
    ("settings", "moves"),
    [({"latent": 0.0}, {"crossover", "mutation"}), ({"edits": 0.0}, {"local", "arc", "prior"})],
)
def test_moves_can_be_turned_off(space, parabola, settings, moves):
    found = StructureBayes(**settings).propose(300, measured(space, parabola), space, chance())
    assert set(found.how) == moves


def test_it_may_look_at_places_in_place_of_structures(space, parabola):
    blind = dataclasses.replace(space, describe=lambda smiles: csr_array(np.ones((len(smiles), 1), dtype=np.int64)))
    history = measured(space, parabola)
    found = StructureBayes(most_beta=0.02, structure=0).propose(20, history, blind, chance())
    proposed = parabola([molecule.smiles for molecule in found.molecules]).value
    assert np.median(proposed) > np.quantile(history.value, 0.9)


def test_known_constraints_steer_the_evolution(space, parabola):
    history = measured(space, parabola)
    left = dataclasses.replace(space, allows=lambda texts: [text.startswith("-") for text in texts])
    found = StructureBayes().propose(100, history, left, chance())
    assert found.how
    assert all(molecule.smiles.startswith("-") for molecule in found.molecules)


def test_if_nothing_is_allowed_it_is_known_why(space, parabola):
    history = measured(space, parabola)
    optimizer = Optimizer(StructureBayes(), space, filters={"too high": lambda texts: [False] * len(texts)})
    optimizer.tell(history.smiles, history.value)
    with pytest.raises(Exception, match='"too high" alone turned away all .* loosen the constraint'):
        optimizer.ask(5)


def test_choice_is_spread_out_and_respects_what_is_pending(space, parabola):
    history = measured(space, parabola)
    near, far = "1.5,-1.0,0.5,0.0", "1.5,-1.1,0.5,0.0"
    pool = Pool((far, near, "-2.0,2.0,2.0,-2.0"), np.full((3, 4), np.nan))
    method = StructureBayes(most_beta=0.011)
    first = method.choose(1, pool, history, space, chance()).tolist()
    assert first in ([0], [1])
    pending = dataclasses.replace(pool, smiles=(far, "-2.0,2.0,2.0,-2.0"), z=pool.z[:2], pending=(near,))
    assert len(set(method.choose(1, pending, history, space, chance()).tolist())) == 1
    assert method.choose(3, pool, history, space, chance()).tolist() == [0, 1, 2]


def weights(space, history, of=lambda values: values):
    """Return the weights of the uncertainty after each of some rounds, of values changed in a way."""
    method = StructureBayes()
    histories = [dataclasses.replace(history, value=of(history.value)).first(n) for n in range(20, 60)]
    return [method.beta(one, method.outlook(space, one)) for one in histories]


def test_the_weight_of_the_uncertainty_changes_with_what_was_measured(space, parabola):
    history = measured(space, parabola)
    scores = weights(space, history, lambda values: 1 / (1 - values))  # between 0 and 1
    assert 0.01 <= min(scores) < 0.05 < 0.5 < max(scores) <= 1.0
    assert scores == weights(space, history, lambda values: 1 / (1 - values))


def test_what_is_unknown_may_be_worth_the_best_so_far_on_any_scale(space, parabola):
    history = measured(space, parabola)
    history = dataclasses.replace(history, value=np.where(np.arange(60) == 7, 50.0, history.value))
    method = StructureBayes()
    surrogate = method.outlook(space, history)
    assert surrogate.reach(history) > 2.0
    assert 1.0 < max(weights(space, history)) <= surrogate.reach(history)


def test_a_start_alone_is_not_learned_from(space, parabola):
    history, method = measured(space, parabola), StructureBayes()
    given = dataclasses.replace(history, how=(START,) * 60)
    assert method.propose(20, given, space, chance()).how.count("prior") == 10
    more = dataclasses.replace(history, how=(START,) * 20 + ("prior",) * 40)
    assert not method.knows_too_little(more) and method.knows_too_little(more.first(59))
    assert not StructureBayes(begin=10).knows_too_little(more.first(30))


def test_both_verbs_depend_on_their_arguments_alone(space, parabola):
    history, used = measured(space, parabola), StructureBayes()
    used.propose(10, measured(space, parabola, 55), space, chance())
    used.propose(10, History.empty(4), space, chance())
    for method in (used, used, StructureBayes()):
        found = method.propose(10, history, space, chance())
        assert found == StructureBayes().propose(10, history, space, chance())


def test_parents_without_a_place_are_left_out(space, parabola):
    nowhere = dataclasses.replace(space, read=lambda texts: np.full((len(texts), 4), np.nan))
    found = StructureBayes(edits=0.0).propose(10, measured(space, parabola), nowhere, chance())
    assert set(found.how) == {"prior"}


def test_evolved_keeps_each_new_molecule_once(space):
    evolved = Evolved(known=frozenset({"a"}))
    allowing = dataclasses.replace(space, allows=lambda many: [one != "c" for one in many])
    children = tuple(Molecule(t, t, Verdict.VALID) for t in ["a", "b", "b", "c"])
    written = Written((*children, Molecule("?", None, Verdict.EMPTY)), ("x", "y", "z", "x", "x"))
    assert evolved.add(written, allowing) == ["b"]
    assert evolved.add(written, allowing) == []
    assert evolved.written(["b"]).how == ("y",)
    assert {molecule.text for molecule in evolved.written([]).molecules} == {"c", "?"}


@pytest.mark.parametrize("wrong", [{"least_beta": 0.0}, {"least_beta": 2.0}, {"edits": 0.0, "latent": 0.0}])
def test_settings_that_cannot_be(wrong):
    with pytest.raises(ConfigError, match="Expected"):
        StructureBayes(**wrong)


def test_without_counts_it_says_what_to_do(space, parabola):
    with pytest.raises(InputError, match="Use bayes or random"):
        StructureBayes().propose(3, measured(space, parabola), dataclasses.replace(space, describe=None), chance())
