"""`chemvae optimize`: a small search to the end, resumed for nothing, and bad input in one line."""

import contextlib
import json

import pandas as pd
import pytest

LINE = ["optimize", "--maximize", "5*qed - sa", "--start", "CCO", "--method", "random", "--batch", "5"]


def test_a_search_spends_its_budget_and_is_told(main, tmp_path, tiny_bundle, capsys):
    out = tmp_path / "out"
    line = [*LINE, "--budget", "12", "--constraint", "heavy_atoms <= 8", "-o", str(out), "-m", str(tiny_bundle)]
    assert main(line) == 0
    said = capsys.readouterr()
    assert "12 calls" in said.out
    assert "12 of 12 calls" in said.err and ", best " in said.err
    best = pd.read_csv(out / "candidates.csv")
    assert best["objective"].is_monotonic_decreasing
    assert (best["heavy_atoms"] <= 8).all()
    before = (out / "candidates.csv").read_bytes()
    assert main([*line, "--resume"]) == 0
    assert (out / "candidates.csv").read_bytes() == before
    assert len((out / "oracle.jsonl").read_text().splitlines()) >= 12


def test_maximize_and_minimize_make_one_objective(main, tmp_path, tiny_bundle):
    out = tmp_path / "out"
    directions = ["--maximize", "qed", "--minimize", "sa", "--minimize", "logp"]
    line = ["optimize", *directions, "--start", "CCO", "--method", "random", "--budget", "4"]
    assert main([*line, "-o", str(out), "-m", str(tiny_bundle)]) == 0
    best = pd.read_csv(out / "candidates.csv")
    assert (best["qed"] - best["sa"] - best["logp"]).tolist() == pytest.approx(best["objective"].tolist())


def test_a_front_is_told_and_kept(main, tmp_path, tiny_bundle, capsys):
    out = tmp_path / "out"
    asked = ["--pareto", "--reference", "qed=0.1,logp=9", "--measured", "heavy_atoms <= 9"]
    line = ["optimize", "--maximize", "qed", "--minimize", "logp", *asked, "--start", "CCO", "--method", "random"]
    assert main([*line, "--budget", "15", "-o", str(out), "-m", str(tiny_bundle)]) == 0
    said = capsys.readouterr()
    assert "on the front; hypervolume" in said.out
    assert "reference point qed 0.1, logp 9" in said.out
    assert "hypervolume" in said.err
    table = pd.read_csv(out / "candidates.csv")
    assert set(table["front"]) <= {"yes", "no"}
    assert len(pd.read_csv(out / "front.csv")) >= (table["front"] == "yes").sum()


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        (["--budget", "0"], "budget"),
        (["--budget", "1"], "budget above"),
        (["--start", "C("], "'C('"),
        (["--start", "missing.csv"], "missing.csv"),
        (["--constraint", "lgp < 4"], 'Did you mean "logp"?'),
        (["--constraint", "logp"], "Expected"),
        (["--keep", "c1ccccc"], "SMARTS"),
        (["--pareto"], "got 1"),
        (["--pareto", "--minimize", "logp", "--reference", "qed"], "NAME=NUMBER"),
        (["--pareto", "--minimize", "logp", "--reference", "qed=1"], "a reference value for each"),
        (["--reference", "qed=1"], "--pareto"),
        (["--measured", "lgp < 4"], 'Did you mean "logp"?'),
        (["--similar-to", "junk"], "'junk'"),
        (["--set", "radius"], "KEY=NUMBER"),
        (["--avoid", "c1ccccc"], "SMARTS"),
        (["--alerts", "PAIN"], 'Did you mean "PAINS"?'),
        (["--objective", "nowhere_at_all:score"], "no 'nowhere_at_all' in this folder"),
        (["--timeout", "0"], "time-out above 0"),
        (["--workers", "-1"], "workers of at least 0"),
        (["--maximize", "qde"], 'Did you mean "qed"?'),
        (["--maximize", "qed +"], "Expected"),
        (["-m", "nowhere"], "nowhere"),
    ],
)
def test_bad_input(refused, tiny_bundle, options, hint):
    line = [*LINE, "--budget", "12", "-o", "out", "-m", str(tiny_bundle)]
    replaced = next((at for at, token in enumerate(line) if token == options[0] and options[0] != "--maximize"), None)
    if replaced is not None:
        line[replaced : replaced + 2] = []
    assert hint in refused(*line, *options)


def test_something_to_optimise_is_needed(refused, tiny_bundle):
    assert "--maximize" in refused("optimize", "-m", str(tiny_bundle), "-o", "out")


def test_nothing_is_overwritten_unasked(refused, tmp_path, tiny_bundle):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    assert "--overwrite" in refused(*LINE, "--budget", "4", "-o", "out", "-m", str(tiny_bundle))


def test_the_manifest_says_what_was_asked(main, tmp_path, tiny_bundle):
    out = tmp_path / "out"
    assert main([*LINE, "--budget", "3", "--seed", "9", "-o", str(out), "-m", str(tiny_bundle)]) == 0
    assert "9" in json.dumps(json.loads((out / "manifest.json").read_text()))


def test_an_interrupted_search_goes_on(main, tmp_path, tiny_bundle, capsys, monkeypatch):
    out = tmp_path / "out"
    line = [*LINE, "--budget", "12", "-o", str(out), "-m", str(tiny_bundle)]

    @contextlib.contextmanager
    def interrupted():
        def show(at) -> None:
            if at.calls > 5:
                raise KeyboardInterrupt

        yield show

    with monkeypatch.context() as patch:
        patch.setattr("chemvae.search.showing.showing", interrupted)
        assert main(line) == 130
    assert capsys.readouterr().err.endswith("Go on with --resume.\n")
    measured = (out / "oracle.jsonl").read_text()
    assert main([*line, "--resume"]) == 0
    assert (out / "oracle.jsonl").read_text().startswith(measured)
    assert len(pd.read_parquet(out / "history.parquet")) == 12


def test_a_terminal_shows_a_bar(main, tmp_path, tiny_bundle, capsys, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main([*LINE, "--budget", "8", "-o", str(tmp_path / "out"), "-m", str(tiny_bundle)]) == 0
    assert "/8" in capsys.readouterr().err


def test_a_start_without_a_place_is_told(main, tmp_path, tiny_bundle, capsys):
    asked = ["optimize", "--maximize", "qed", "--start", "[Xe]", "--budget", "5", "-m", str(tiny_bundle)]
    assert main([*asked, "--method", "bayes", "-o", str(tmp_path / "out")]) == 0
    assert "no place for it: [Xe]" in capsys.readouterr().out


def test_an_objective_of_ones_own_in_workers(main, tmp_path, tiny_bundle, plugged, capsys):
    line = ["optimize", "--objective", "tiny_oracles:length", "--minimize", "length + sa", "--method", "random"]
    more = ["--workers", "2", "--timeout", "60", "--budget", "6", "-o", str(tmp_path / "out"), "-m", str(tiny_bundle)]
    assert main([*line, *more]) == 0
    assert "maximising -(length + sa)" in capsys.readouterr().err
    best = pd.read_csv(tmp_path / "out" / "candidates.csv")
    assert best["length"].tolist() == best["smiles"].str.len().tolist()


def test_help_lists_properties_and_alerts():
    from chemvae.chem.filters import FilterCatalogParams
    from chemvae.chem.oracles.names import ALERTS, PROPERTIES
    from chemvae.chem.properties import PROPERTIES as COMPUTED
    from chemvae.cli.optimize import EXAMPLE

    assert tuple(COMPUTED) == PROPERTIES
    assert tuple(sorted(FilterCatalogParams.FilterCatalogs.names)) == ALERTS
    assert {*PROPERTIES, *ALERTS} <= set(EXAMPLE.replace(",", " ").split())


def test_help_lists_the_tasks_of_benchmarks():
    from chemvae.chem.oracles.names import NAMES
    from chemvae.cli.optimize import EXAMPLE

    listed = EXAMPLE.replace(",", " ").split()
    assert set(NAMES) <= set(listed)
