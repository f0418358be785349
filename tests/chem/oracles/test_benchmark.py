"""Only here does a failure count 0: the protocols of the benchmarks."""

import numpy as np
import pytest

from chemvae.chem.oracles.benchmark import TOP, guacamol_score, points, top_means
from chemvae.chem.oracles.names import GUACAMOL
from chemvae.chem.oracles.registry import oracle
from chemvae.errors import InputError

CELECOXIB = "Cc1ccc(-c2cc(C(F)(F)F)nn2-c2ccc(S(N)(=O)=O)cc2)cc1"


def test_what_is_no_molecule_counts_zero():
    task = oracle("median1")
    assert points(task, ["CCO", "x", None]).tolist() == [task(["CCO"])[0], 0, 0]


def test_means_over_the_best_are_averaged():
    assert top_means([0.1, 1.0, 0.5], top=(1,)) == 1.0
    assert top_means([0.1, 1.0, 0.5], top=(1, 2)) == pytest.approx((1 + 0.75) / 2)
    assert top_means([1.0], top=(1, 10)) == pytest.approx((1 + 0.1) / 2)  # nine are missing
    assert top_means(np.empty(0)) == 0


def test_every_task_of_guacamol_says_how_many_it_asks_for():
    assert set(TOP) == set(GUACAMOL)
    assert TOP["celecoxib_rediscovery"] == (1,) and TOP["zaleplon_mpo"] == (1, 10, 100)


def test_the_figure_of_a_task():
    assert guacamol_score("celecoxib_rediscovery", ["CCO", CELECOXIB]) == 1.0
    value = oracle("median1")(["CC(C)C1CCC(C)CC1O"])[0]
    mirrored = ["CC(C)[C@@H]1CC[C@@H](C)C[C@H]1O", "CC(C)[C@H]1CC[C@H](C)C[C@@H]1O", "x"]  # one molecule when flat
    assert guacamol_score("median1", mirrored) == pytest.approx(value * (1 + 1 / 10 + 1 / 100) / 3)


def test_what_is_no_task_is_told():
    with pytest.raises(InputError, match='Did you mean "median1"'):
        guacamol_score("medain1", ["C"])
