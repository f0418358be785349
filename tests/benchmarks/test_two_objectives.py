"""Two objectives: a small search of the bundled model, kept and read again, and the table of several."""

import pytest

from benchmarks import two_objectives
from benchmarks.two_objectives import METHODS, PAIRS, Job, play, result


@pytest.mark.parametrize("method", ["pareto", "five sums"])
def test_a_run_of_the_bundled_model_is_kept_and_read_again(tmp_path, monkeypatch, method):
    import chemvae

    monkeypatch.setattr(two_objectives, "SETTINGS", {"begin": 6, "children": 20})
    job = Job("two drugs", method, 0, 16, 6, 5)
    first = play(job, chemvae.load("zinc250k"), tmp_path)
    assert first["calls"] <= 16
    assert first["hypervolume"] >= first["hypervolume of the start"] > 0.0
    assert play(job, None, tmp_path) == first


def test_means_over_seeds():
    run = {"pair": "two drugs", "calls": 200, "hypervolume of the start": 0.1, "molecules on the front": 5}
    runs = [
        run | {"method": method, "hypervolume": volume, "cpu_seconds": 60.0}
        for method in METHODS
        for volume in (0.2, 0.4)
    ]
    rows = result(runs)["hypervolumes"]
    assert [row["method"] for row in rows] == list(METHODS)
    assert (rows[0]["hypervolume"], rows[0]["least"], rows[0]["seeds"]) == (0.3, 0.2, 2)


def test_a_sum_weighs_what_ranges_over_one():
    assert PAIRS["drug-like and greasy"].sum_of(0.5) == "0.5*(qed) + 0.0625*(min(logp, 8))"
