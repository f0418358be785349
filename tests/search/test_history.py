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
