import numpy as np

from chemvae.search.history import History, Told


def told(value, at=0, *, feasible=True, z=(0.0, 0.0)):
    return Told(f"m{value}", np.array(z), value, feasible, at, "local")


def test_grows_without_changing_what_was_there():
    one = History.empty(2).add([told(1.0, z=(1.0, 2.0))])
    two = one.add([told(2.0, 1)])
    assert (len(one), len(two)) == (1, 2)
    assert two.z[0].tolist() == [1.0, 2.0]
    assert two.smiles == ("m1.0", "m2.0")
    assert one.add([]) is one


def test_best_puts_feasible_ones_first_and_never_forgets():
    rows = [told(5.0), told(9.0, feasible=False), told(np.nan), told(8.0, z=(np.nan, 0.0)), told(5.0), told(7.0)]
    history = History.empty(2).add(rows)
    for at in range(1, 200):
        history = history.add([told(0.0, at)])
    assert history.best(4).tolist() == [5, 0, 4, 6]
    assert history.best(1000)[-1] == 1
    assert len(history.best(1000)) == 203


def test_without_a_place_a_molecule_is_still_measured():
    rows = [told(5.0), told(np.nan), told(8.0, z=(np.nan, 0.0)), told(9.0, feasible=False)]
    history = History.empty(2).add(rows)
    assert history.measured.tolist() == [0, 2, 3]
    assert history.best_measured(9).tolist() == [2, 0, 3]


def test_improvements_by_round():
    history = History.empty(2).add([told(1.0)])
    history = history.add([told(2.0, 1)]).add([told(2.0, 2), told(np.nan, 2)]).add([told(9.0, 3, feasible=False)])
    assert history.add([told(3.0, 4)]).improvements() == [True, False, False, True]
    assert History.empty(2).improvements() == []


def several(*outcomes, feasible=True, slack=(), z=(0.0, 0.0)):
    return Told("m", np.array(z), float(sum(outcomes)), feasible, 1, "local", outcomes, slack)


def test_several_objectives_are_best_by_front_then_by_room():
    rows = [several(1.0, 1.0), several(3.0, 0.0), several(9.0, 9.0, feasible=False), several(0.0, 3.0)]
    history = History.empty(2).add(rows[:2]).add([*rows[2:], several(1.1, 1.1), several(np.nan, 5.0)])
    assert history.several
    assert history.best_measured(9).tolist() == [1, 3, 4, 0, 2]
    assert history.improvements() == [True]
    assert history.reference.tolist() == [-0.9, -0.9]
    assert History.empty(2, [0.5, 0.6]).add(rows).reference.tolist() == [0.5, 0.6]


def test_while_nothing_is_feasible_the_least_infeasible_are_best():
    rows = [
        Told(name, np.zeros(2), value, False, 1, "told", (), (slack,))
        for name, value, slack in (("a", 6.0, -3.0), ("b", 5.0, -1.0), ("c", 4.0, -2.0))
    ]
    history = History.empty(2).add(rows)
    assert history.best(3).tolist() == [1, 2, 0]
    assert (history.violation > 0).all()


def test_as_it_stood_before():
    history = History.empty(2).add([several(1.0, 1.0), several(3.0, 0.0)])
    before = history.first(1)
    assert (len(before), before.smiles, before.outcomes.tolist()) == (1, ("m",), [[1.0, 1.0]])
    assert before.best(5).tolist() == [0]
