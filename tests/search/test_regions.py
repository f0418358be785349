import numpy as np
import pytest

from chemvae.search.history import History, Told
from chemvae.search.regions import PATIENCE, Limits, better, regions

LIMITS = Limits(count=2, first=0.6, least=0.3, most=1.0)


def told(history, at, *rows):
    """Add rows of (move, value) as round `at`."""
    begun = len(history)
    return history.add(
        [
            Told(f"m{begun + i}", np.full(2, float(begun + i)), value, True, at, how)
            for i, (how, value) in enumerate(rows)
        ]
    )


@pytest.fixture
def begun():
    return told(History.empty(2), 0, ("start", 1.0), ("start", 3.0), ("start", 2.0), ("start", 0.0))


def test_nothing_measured_has_no_regions():
    assert regions(History.empty(2), LIMITS) == []
    failed = told(History.empty(2), 0, ("start", np.nan))
    assert regions(failed, LIMITS) == []


def test_regions_begin_at_the_best(begun):
    assert [(one.name, one.centre, one.radius) for one in regions(begun, LIMITS)] == [
        ("region 1", 1, 0.6),
        ("region 2", 2, 0.6),
    ]


def test_fewer_molecules_than_regions():
    alone = told(History.empty(2), 0, ("start", 1.0))
    assert [one.centre for one in regions(alone, LIMITS)] == [0]


def test_a_better_molecule_of_its_own_moves_and_widens_a_region(begun):
    first, second = regions(told(begun, 1, ("region 2", 2.5), ("region 2", 2.7)), LIMITS)
    assert (second.centre, second.radius) == (5, 0.6 * 1.3)
    assert (first.centre, first.radius) == (1, 0.6)
    for at in range(1, 9):
        begun = told(begun, at, ("region 1", 3.0 + at))
    assert regions(begun, LIMITS)[0].radius == LIMITS.most


def test_rounds_without_one_narrow_it_and_rounds_without_a_try_do_not(begun):
    history = begun
    for at in range(1, PATIENCE + 1):
        assert regions(history, LIMITS)[0].radius == 0.6
        history = told(history, at, ("region 1", 0.0), ("prior", 0.5))
    first, second = regions(history, LIMITS)
    assert (first.centre, first.radius) == (1, pytest.approx(0.4))
    assert second.radius == 0.6


def test_luck_makes_failures_forgotten(begun):
    history = told(told(begun, 1, ("region 1", 0.0)), 2, ("region 1", 4.0))
    assert regions(told(history, 3, ("region 1", 0.0)), LIMITS)[0].radius == 0.6 * 1.3


def test_a_region_too_narrow_begins_again_at_the_best_that_was_no_centre(begun):
    history = begun
    for at in range(1, 2 * PATIENCE + 1):
        history = told(history, at, ("region 2", -1.0))
    second = regions(history, LIMITS)[1]
    assert (second.centre, second.radius, second.failures) == (0, 0.6, 0)


def test_a_molecule_found_otherwise_takes_over_the_worst_region(begun):
    first, second = regions(told(begun, 1, ("crossover", 9.0)), LIMITS)
    assert (first.centre, second.centre, second.radius) == (1, 4, 0.6)


def test_what_meets_no_constraint_is_no_better(begun):
    broken = begun.add([Told("broken", np.zeros(2), 99.0, False, 1, "region 1")])
    assert regions(broken, LIMITS)[0].centre == 1


def test_with_several_objectives_only_what_surpasses_in_all_is_better():
    rows = [Told("m", np.zeros(2), sum(pair), True, 1, "told", pair) for pair in ((1.0, 1.0), (9.0, 0.0), (1.0, 2.0))]
    history = History.empty(2).add(rows)
    assert [better(history, at, 0) for at in (0, 1, 2)] == [False, False, True]
