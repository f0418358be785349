"""docs/scale.md: what the results give, and arithmetic that says what it assumes."""

import csv
import json

import pytest

from benchmarks import scoring_job
from benchmarks.scale import PAGE, page
from benchmarks.scoring_job import MALFORMED, Watched, flat, make_table
from chemvae.chem.judge import judge


def test_the_page_is_what_the_results_give():
    assert PAGE.read_text(encoding="utf-8") == page(), "Run `python -m benchmarks.scale`."


def test_what_is_not_measured_is_not_told(tmp_path):
    assert page(tmp_path).count("Not measured yet") == 3
    assert "core-hours" not in page(tmp_path)
    result = {"rows_per_core_second": 1000.0, "properties": "logp,qed,sa"}
    (tmp_path / "scoring_job.json").write_text(json.dumps(result))
    assert "10^9 rows are 278 core-hours" in page(tmp_path)
    assert "| 96 | 2.9 hours |" in page(tmp_path)


def test_one_row_in_a_hundred_is_malformed(tmp_path):
    (tmp_path / "in.csv").write_text("smiles\n" + "CCO\nCCN\n" * 150)
    assert make_table(tmp_path / "in.csv", 2, tmp_path / "big.csv") == 600
    with (tmp_path / "big.csv").open(newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert [row[0] for row in rows] == [str(at) for at in range(600)]
    assert [at for at, row in enumerate(rows) if row[1] not in ("CCO", "CCN")] == [50, 150, 250, 350, 450, 550]
    assert not any(molecule.valid for molecule in judge(MALFORMED))


def test_memory_is_told_by_tenths():
    part = {"processes": [vars(Watched("main", 9.0, [(at, at / 10, 7) for at in range(100)])), vars(Watched("worker"))]}
    found = flat([part], 100)
    assert found["main"]["megabytes_by_tenth"][0] == pytest.approx(0.45, abs=0.06)
    assert found["main"]["open_files_by_tenth"] == [7] * 10
    assert found["worker"]["open_files_by_tenth"] == []


@pytest.mark.slow
def test_a_small_job_is_measured_in_two_parts(tmp_path, capsys):
    (tmp_path / "in.csv").write_text("smiles\n" + "CCO\nCC(=O)Nc1ccc(O)cc1\n" * 6000)
    words = ["--table", tmp_path / "in.csv", "--work", tmp_path / "work", "--times", 2, "-o", tmp_path / "out.json"]
    for seconds in (3, 600):
        scoring_job.main([*map(str, words), "--seconds", str(seconds)])
    found = json.loads((tmp_path / "out.json").read_text())
    assert found["rows"] == found["checked"]["rows"] == 24_000
    assert found["checked"]["rows_with_a_reason"] == 240
    assert found["peak_megabytes_of_a_process"]["main"] > 10
