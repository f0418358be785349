import numpy as np
import pytest

from chemvae.errors import InputError, OracleError
from chemvae.search.calls import Call
from chemvae.search.objective import Objective

TABLE = {"CC": {"qed": 0.5, "sa": 2.0}, "CO": {"qed": 0.8, "sa": 3.0}, "X": {"qed": np.nan, "sa": 1.0}}


def table(smiles):
    return {name: np.array([TABLE[one][name] for one in smiles]) for name in ("qed", "sa")}


def dock(smiles):
    return [float(len(one)) for one in smiles]


def test_expression_keeps_its_parts():
    scores = Objective("5*qed - sa").score(["CC", "CO"], table)
    np.testing.assert_allclose(scores.value, [0.5, 1.0])
    np.testing.assert_allclose(scores.parts["sa"], [2.0, 3.0])
    assert scores.reasons == ["", ""]


@pytest.mark.parametrize(
    ("objective", "text"),
    [
        (Objective(maximize="qed"), "qed"),
        (Objective(minimize="sa"), "-sa"),
        (Objective(maximize="qed", minimize=["sa", "logp + 1"]), "qed - sa - (logp + 1)"),
        (Objective(maximize=["qed"], minimize=["sa"], weights={"qed": 5}), "5.0*qed - sa"),
        (Objective("qed - sa", maximize="logp"), "(qed - sa) + logp"),
        (Objective(dock), "dock"),
        (Objective(minimize=dock), "-dock"),
        (Objective("qed - mine", functions={"mine": dock}), "qed - mine"),
        (Objective(lambda smiles: smiles), "objective"),
    ],
)
def test_directions_become_one_formula(objective, text):
    assert objective.text == text


def test_function_and_property_together():
    scores = Objective(maximize="qed", minimize=dock).score(["CC", "CO"], table)
    np.testing.assert_allclose(scores.value, [0.5 - 2, 0.8 - 2])
    np.testing.assert_allclose(scores.parts["dock"], [2, 2])


def test_failure_is_nan_with_the_part_at_fault():
    scores = Objective("5*qed - sa").score(["CC", "X"], table)
    assert np.isnan(scores.value[1])
    assert scores.reasons == ["", "qed is not a number"]


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda smiles: [np.inf for _ in smiles], "objective is infinite"),
        (lambda smiles: [np.nan for _ in smiles], "objective is not a number"),
        (lambda smiles: [None for _ in smiles], "objective is not a number"),
    ],
)
def test_what_is_no_number_is_a_failure_never_zero(function, reason):
    scores = Objective(function).score(["CC"], table)
    assert np.isnan(scores.value[0])
    assert scores.reasons == [reason]


def test_division_by_zero_is_a_failure():
    scores = Objective("qed / (sa - 2)").score(["CC", "CO"], table)
    assert scores.reasons == ["the objective is infinite", ""]
    assert np.isnan(scores.value[0])


@pytest.mark.parametrize("answer", [[1.0], [1.0, 2.0, 3.0], 5.0, "many", [[1, 2], [3, 4]], ["a", "b"], object()])
def test_wrong_number_of_values_is_told(answer):
    with pytest.raises(OracleError, match="Expected 2 numbers from 'mine'"):
        Objective("mine - sa", functions={"mine": lambda _: answer}).score(["CC", "CO"], table)


def test_column_of_values_is_taken():
    scores = Objective(lambda smiles: np.ones((len(smiles), 1))).score(["CC", "CO"], table)
    assert scores.value.tolist() == [1.0, 1.0]


@pytest.mark.parametrize("call", [lambda: Objective("sa"), lambda: Objective(), lambda: Objective(maximize=[])])
def test_objective_without_direction_is_refused(call):
    with pytest.raises(OracleError, match="Say"):
        call()


def test_weights_need_a_term_and_a_positive_number():
    with pytest.raises(InputError, match="Expected weights for qed"):
        Objective(maximize="qed", weights={"sa": 1})
    with pytest.raises(InputError, match="positive weight"):
        Objective(maximize="qed", weights={"qed": -1})


def test_names_are_checked():
    Objective("qed - dock", functions={"dock": dock}).check(["qed", "sa"])
    with pytest.raises(InputError, match='Did you mean "qed"'):
        Objective("qde - sa").check(["qed", "sa"])
    with pytest.raises(InputError, match="a new name for the function 'qed'"):
        Objective("qed - sa", functions={"qed": dock}).check(["qed", "sa"])


def test_two_functions_of_one_name_are_refused():
    with pytest.raises(InputError, match="one function a name"):
        Objective(maximize=[lambda s: s, lambda s: s])


def columns(smiles):
    return {"qed": np.array([0.5, 0.9, np.nan]), "sa": np.array([3.0, 2.0, 1.0]), "logp": np.array([1.0, 5.0, 1.0])}


def test_several_objectives_stay_apart_with_higher_better():
    front = Objective(maximize="qed", minimize="sa", pareto=True, reference={"sa": 6, "qed": 0.3}, measured="logp <= 4")
    scores = front.score(["a", "b", "c"], columns)
    np.testing.assert_allclose(scores.outcomes.values, [[0.5, -3.0], [0.9, -2.0], [np.nan, -1.0]])
    np.testing.assert_allclose(scores.outcomes.slack, [[3.0], [-1.0], [3.0]])
    assert np.isnan(scores.value).tolist() == [False, False, True]
    assert scores.reasons == ["", "", "qed is not a number"]
    assert front.reference == (0.3, -6.0)
    assert front.text == "max qed, min sa"
    assert front.question == "max qed, min sa subject to logp <= 4"
    assert front.names == ("qed", "sa", "logp")
    assert front.limits == ("logp <= 4",)
    again = front.outcomes_of([Call(1, "a", 0.0, {"qed": 0.5, "sa": 3.0, "logp": 1.0}), Call(2, "b", 0.0, {})])
    np.testing.assert_allclose(again.values, [[0.5, -3.0], [np.nan, np.nan]])


def test_a_constraint_that_could_not_be_measured_is_a_failure():
    scores = Objective(maximize="sa", measured="qed >= 0.1").score(["a", "b", "c"], columns)
    assert np.isnan(scores.value).tolist() == [False, False, True]
    assert scores.reasons[2] == "qed is not a number"


@pytest.mark.parametrize(
    ("more", "match"),
    [
        ({"maximize": "qed", "pareto": True}, r"got 1 \(qed\). Add one"),
        ({"maximize": ["qed", "sa", "logp", "mw", "tpsa"], "pareto": True}, "got 5 .* Put some together in a formula"),
        ({"maximize": ["qed", "qed"], "pareto": True}, "different objectives"),
        ({"maximize": ["qed", "sa"], "weights": {"qed": 2.0}, "pareto": True}, "no weights"),
        ({"maximize": ["qed", "sa"], "reference": {"qed": 0.1, "sa": 1}}, "Say pareto"),
        ({"maximize": ["qed", "sa"], "pareto": True, "reference": {"qed": 0.1}}, "each of qed, sa, but got qed=0.1"),
        ({"maximize": "qed", "measured": "logp == 4"}, "measured constraint with <="),
    ],
)
def test_what_cannot_be_a_front(more, match):
    with pytest.raises(InputError, match=match):
        Objective(**more)
