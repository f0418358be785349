import numpy as np
import pytest

from chemvae.errors import InputError, OracleError
from chemvae.search.calls import CallLog
from chemvae.search.objective import Objective
from chemvae.search.oracle import NO_MOLECULE, SPENT, CountedOracle


def lower(text):
    return text.lower() or None


class Score:
    """The length of a string; remembers what it was asked, and raises for what it dislikes."""

    def __init__(self, bad=""):
        self.bad, self.asked = bad, []

    def __call__(self, smiles):
        if self.bad and any(self.bad in one for one in smiles):
            raise RuntimeError("no licence")
        self.asked += smiles
        return Objective(lambda many: [len(one) for one in many]).score(smiles, lambda _: {})


def make(score=None, budget=100, **more):
    return CountedOracle(score or Score(), budget, canonical=lower, **more)


def test_unique_valid_molecules_are_counted_once():
    score = Score()
    oracle = make(score)
    values = [call.value for call in oracle(["AA", "aa", "", "bbb"])] + [call.value for call in oracle(["Aa", "c"])]
    np.testing.assert_array_equal(values, [2, 2, np.nan, 3, 2, 1])
    assert score.asked == ["aa", "bbb", "c"]
    assert [(call.number, call.smiles) for call in oracle.calls] == [(1, "aa"), (2, "bbb"), (3, "c")]
    assert (oracle.left, oracle.made) == (97, 3)


def test_stops_exactly_at_the_budget():
    score = Score()
    oracle = make(score, budget=3)
    answers = oracle(["a", "a", "", "b", "cc", "dd", "a"])
    assert score.asked == ["a", "b", "cc"]
    assert [call.reason for call in answers] == ["", "", NO_MOLECULE, "", "", SPENT, ""]
    assert np.isnan(answers[5].value)
    assert oracle.left == 0
    assert oracle(["e"])[0].reason == SPENT
    assert len(score.asked) == 3


@pytest.mark.parametrize("budget", [0, -5])
def test_budget_has_to_be_positive(budget):
    with pytest.raises(InputError, match="budget of at least 1"):
        make(budget=budget)


def test_what_raises_costs_only_the_molecule_at_fault():
    answers = make(Score(bad="x"))(["a", "xx", "bb"])
    np.testing.assert_array_equal([call.value for call in answers], [1, np.nan, 2])
    assert answers[1].reason == "RuntimeError: no licence"


def test_one_that_fails_always_is_told_at_once():
    with pytest.raises(OracleError, match=r"all 10 calls so far failed; the first: RuntimeError: no licence for xa"):
        make(Score(bad="x"))([f"x{letter}" for letter in "abcdefghij"])


def test_wrong_number_of_values_is_not_taken_for_a_failed_molecule():
    objective = Objective(lambda smiles: [1.0])
    with pytest.raises(OracleError, match="Expected 2 numbers"):
        make(lambda smiles: objective.score(smiles, lambda _: {}))(["a", "b"])


def test_interrupt_is_no_failure():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(interrupted)(["a"])


def test_finished_calls_are_never_repeated_and_count_again(tmp_path):
    log = CallLog(tmp_path / "oracle.jsonl", "length")
    first = make(Score(bad="x"), log=log)
    first(["a", "xx", "bb"])
    score = Score()
    again = make(score, budget=3, log=CallLog(log.path, "length"))
    answers = again(["bb", "a", "xx", "ccc"])
    assert score.asked == []
    assert [call.number for call in answers] == [1, 2, 3, 0]
    assert answers[2].reason == "RuntimeError: no licence"
    assert (again.left, again.made) == (0, 0)


def test_calls_are_on_disk_before_the_next_batch(tmp_path):
    log = CallLog(tmp_path / "oracle.jsonl", "length")
    seen = []

    def score(smiles):
        seen.append(list(CallLog(log.path, "length").read()))
        return Score()(smiles)

    oracle = make(score, log=log)
    oracle(["a"])
    oracle(["b", "c"])
    oracle(["d"])
    assert seen == [[], ["a"], ["a", "b", "c"]]
