import numpy as np

from chemvae.search.calls import Call
from chemvae.search.found import START, Ending, Found, candidate_rows, history_table, rejected_table
from chemvae.search.history import History, Told
from chemvae.search.optimizer import Rejected


def table():
    z = np.zeros(2)
    rows = [
        Told("S", z, 3.0, True, 0, START),
        Told("A", z, 1.0, True, 1, "local"),
        Told("B", z, np.nan, True, 1, "prior"),
        Told("C", z, 9.0, False, 1, "local"),
        Told("D", z, 5.0, True, 2, "local"),
        Told("E", z, 5.0, True, 2, "local"),
    ]
    calls = [Call(n, row.smiles, row.value, {"qed": float(n)}, "boom" * (n == 3)) for n, row in enumerate(rows, 1)]
    return history_table(History.empty(2).add(rows), calls, ["qed"])


def test_history_has_every_call_in_order_with_the_best_feasible_so_far():
    history = table()
    assert history["call"].tolist() == [1, 2, 3, 4, 5, 6]
    assert history["best"].tolist() == [3, 3, 3, 3, 5, 5]
    assert history["reason"].tolist() == ["", "", "boom", "", "", ""]
    assert history["round"].tolist() == [0, 1, 1, 1, 2, 2]


def test_candidates_are_new_feasible_measured_and_best_first():
    candidates = candidate_rows(table(), ["qed"])
    assert candidates.columns.tolist() == ["smiles", "objective", "qed", "call"]
    assert candidates["smiles"].tolist() == ["D", "E", "A"]


def test_found_counts_reasons_and_knows_its_start():
    away = [Rejected("x", None, "RDKit cannot read it: a", 1), Rejected("y", None, "RDKit cannot read it: b", 1)]
    found = Found("qed", candidate_rows(table(), ["qed"]), table(), rejected_table(away), Ending.BUDGET)
    assert found.reasons == {"RDKit cannot read it": 2}
    assert found.start["smiles"].tolist() == ["S"]
    assert found.best(1)["smiles"].tolist() == ["D"]


def test_nothing_rejected_is_an_empty_table_with_its_columns():
    assert rejected_table([]).columns.tolist() == ["text", "smiles", "reason", "round"]


def test_empty_history():
    assert len(candidate_rows(history_table(History.empty(2), [], ["qed"]), ["qed"])) == 0
