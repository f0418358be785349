"""`chemvae encode`, `decode`, `sample`: there and back on a tiny model, and bad input in one line."""

import io

import pandas as pd
import pytest


@pytest.fixture
def known(tmp_path, monkeypatch, small_molecules):
    monkeypatch.chdir(tmp_path)
    pd.DataFrame({"smiles": [*small_molecules[:5], "C("]}).to_csv("in.csv", index=False)
    return "in.csv"


def test_there_and_back(main, known, tiny_bundle):
    model = ["-m", str(tiny_bundle)]
    assert main(["encode", "-i", known, "-o", "z.parquet", *model]) == 0
    assert main(["decode", "-i", "z.parquet", "-o", "back.csv", *model]) == 0
    back = pd.read_csv("back.csv")
    assert (back["smiles"][:5] == back["decoded_smiles"][:5]).mean() >= 0.8
    assert pd.isna(back["decoded_smiles"][5])


def test_sample_goes_to_standard_output_and_repeats(main, capsys, tiny_bundle):
    tables = []
    for _ in range(2):
        assert main(["sample", "-n", "20", "--seed", "3", "-m", str(tiny_bundle)]) == 0
        tables.append(capsys.readouterr().out)
    assert tables[0] == tables[1]
    assert len(pd.read_csv(io.StringIO(tables[0]))) == 20


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("encode -i missing.csv -o z.csv", "missing.csv"),
        ("encode -i in.csv -o z.csv --smiles-column smile", "smile"),
        ("encode -i in.csv -o z.xls", ".xls"),
        ("encode -i in.csv -o in.csv", "--overwrite"),
        ("decode -i in.csv -o back.csv", "z_0"),
        ("decode -i missing.parquet -o back.csv", "missing.parquet"),
        ("sample -n 0 -o new.csv", "at least 1"),
        ("sample -n 5 --temperature -1 -o new.csv", "temperature"),
    ],
)
def test_bad_input(refused, known, tiny_bundle, line, hint):
    assert hint in refused(*line.split(), "-m", str(tiny_bundle))


def test_a_model_that_is_not_there(refused, known):
    assert "Expected a model folder or a bundled name" in refused("encode", "-i", known, "-o", "z.csv", "-m", "nowhere")


@pytest.mark.parametrize("damage", ["truncate", "not json", "empty"])
def test_a_damaged_bundle(refused, tmp_path, tiny_bundle, damage):
    import shutil

    model = shutil.copytree(tiny_bundle, tmp_path / "model")
    if damage == "truncate":
        weights = model / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-100])
    elif damage == "not json":
        (model / "config.json").write_text("{")
    else:
        (model / "config.json").unlink()
    assert "Expected" in refused("sample", "-n", "3", "-o", "new.csv", "-m", str(model))
