"""The table of systems: every recipe has a row, a measured one its figures, an unmeasured one says so."""

from pathlib import Path

from benchmarks.systems import ROWS, flags, measure, page

ROOT = Path(__file__).parents[2]
SYSTEMS = {system for row in ROWS for system in row.recipes}


def test_every_recipe_has_a_row() -> None:
    built = {"/".join(path.parts[-3:-1]) for path in ROOT.glob("pipelines/*/*/run.toml")}
    assert built <= SYSTEMS


def test_the_page_in_the_repository_is_the_one_that_the_results_make() -> None:
    assert (ROOT / "docs" / "systems.md").read_text() == page()


def test_what_was_not_measured_says_so(tmp_path: Path) -> None:
    lines = page(tmp_path).splitlines()
    assert sum("not measured yet" in line or "not built yet" in line for line in lines) == len(SYSTEMS)


def test_a_run_leaves_its_figures_its_cost_and_its_peer(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.systems.RESULTS", tmp_path / "results")
    changes = ["train.epochs=1", "data.train_images=100", "figures.nll_samples=2"]
    for _ in range(2):  # the second goes on where the first ended
        measure("autoencoders/linear", "run", changes, "try", tmp_path / "runs")
    told = page(tmp_path / "results")
    (line,) = [line for line in told.splitlines() if "(../pipelines/autoencoders/linear)" in line]
    assert "8 dimensions; test mse" in line
    assert "1 epochs" in line
    assert "scikit-learn PCA: test mse" in line


def test_the_command_is_told_without_folders_of_this_machine() -> None:
    assert flags("mnist", ["data.folder=/somewhere", "latent=2"], "mnist_2") == [
        "--recipe mnist", "--set latent=2", "--as mnist_2",
    ]  # fmt: skip
    assert flags("run", [], "digits") == []
