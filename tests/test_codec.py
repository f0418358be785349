"""Codec: row for row, a reason for what cannot be read, and the same answer whatever came beside it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem, rdBase

from chemvae.codec import as_list
from chemvae.errors import InputError
from chemvae.model import MoleculeModel, load
from chemvae.molecule import Verdict


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> MoleculeModel:
    return load(tiny_bundle)


def test_molecules_come_back_from_their_own_points(model: MoleculeModel, small_molecules: list[str]) -> None:
    written = model.decode(model.encode(small_molecules))
    right = [molecule.smiles == text for molecule, text in zip(written, small_molecules, strict=True)]
    assert np.mean(right) >= 0.9


def test_bad_rows_keep_their_place_and_their_reason(model: MoleculeModel) -> None:
    texts = ["CCO", "not a molecule", None, "", "[Xe]", "C" * 40, "OCC", float("nan")]
    encoded = model.posterior(texts)
    verdicts = [molecule.verdict for molecule in encoded.molecules]
    unreadable = [Verdict.UNPARSABLE, Verdict.NOT_TEXT, Verdict.EMPTY, Verdict.UNKNOWN_TOKEN, Verdict.TOO_LONG]
    assert verdicts == [Verdict.VALID, *unreadable, Verdict.VALID, Verdict.NOT_TEXT]
    assert np.isnan(encoded.mean).all(axis=1).tolist() == [False, True, True, True, True, True, False, True]
    assert "[Xe]" in encoded.molecules[4].reason
    np.testing.assert_array_equal(encoded.mean[0], encoded.mean[6])  # the same molecule, written in two ways
    back = model.decode(encoded.mean)
    assert [molecule.verdict is Verdict.FAILED for molecule in back] == np.isnan(encoded.mean).all(axis=1).tolist()
    assert np.isnan(model.predict(texts).to_numpy()[1:6]).all()


def test_a_molecule_does_not_depend_on_its_batch(model: MoleculeModel, small_molecules: list[str]) -> None:
    together = model.encode(small_molecules)
    alone = np.concatenate([model.encode([text]) for text in small_molecules])
    np.testing.assert_allclose(together, alone, atol=1e-5)


def test_samples_count_repeat_and_differ_by_seed(model: MoleculeModel) -> None:
    once, again, other = ([m.text for m in model.sample(50, seed=s)] for s in (0, 0, 1))
    assert len(once) == 50
    assert once == again != other


def test_temperature_does_something(model: MoleculeModel) -> None:
    z = np.repeat(model.prior(1, seed=3), 200, axis=0)
    kinds = [len({m.text for m in model.decode(z, temperature=t, seed=0)}) for t in (0.0, 1.0, 4.0)]
    assert kinds[0] == 1
    assert kinds[0] < kinds[1] < kinds[2]


def test_every_string_is_closed_unless_it_is_written_free_of_the_rules(model: MoleculeModel) -> None:
    z = 4.0 * model.prior(100, seed=5)
    ruled, free = (model.decode(z, temperature=2.0, seed=0, free=free) for free in (False, True))
    assert {m.verdict for m in free} >= {Verdict.UNPARSABLE}
    with rdBase.BlockLogs():
        closed = [[Chem.MolFromSmiles(m.text, sanitize=False) is not None for m in found] for found in (ruled, free)]
    assert all(closed[0]) and not all(closed[1])
    assert Verdict.TOO_LONG not in {m.verdict for m in ruled}


def test_a_beam_writes_one_molecule_a_point(model: MoleculeModel, small_molecules: list[str]) -> None:
    written = model.decode(model.encode(small_molecules[:10]), beam=4)
    assert sum(m.smiles == text for m, text in zip(written, small_molecules, strict=False)) >= 8


def test_what_cannot_be_asked(model: MoleculeModel) -> None:
    z = model.prior(2, seed=0)
    for asked in (
        lambda: model.encode("CCO"),
        lambda: model.decode(z[:, :3]),
        lambda: model.decode(z, temperature=-1.0),
        lambda: model.decode(z, temperature=1.0, beam=2),
        lambda: model.sample(0),
        lambda: model.one("nonsense"),
    ):
        with pytest.raises(InputError, match="Expected"):
            asked()


def test_molecules_of_rdkit_and_columns_of_a_data_frame(model: MoleculeModel) -> None:
    ethanol = Chem.MolFromSmiles("OCC")
    frame = pd.DataFrame({"smiles": ["CCO", pd.NA, "CCN"], "mol": [ethanol, None, Chem.MolFromSmiles("CCN")]})
    frame.index = pd.Index([7, 8, 9])
    z = model.encode(["CCO", None, "CCN"])
    for name in ("smiles", "mol"):
        np.testing.assert_array_equal(model.encode(frame[name]), z)
        predicted = model.predict(frame[name])
        assert predicted.index.tolist() == [7, 8, 9]
        assert predicted.isna().all(axis=1).tolist() == [False, True, False]
    assert model.neighbors(ethanol, n=3).equals(model.neighbors("CCO", n=3))
    for one in (ethanol, frame, None):
        with pytest.raises(InputError, match="but got (one molecule|a data frame with smiles, mol|None)"):
            as_list(one)


def test_nothing_in_nothing_out(model: MoleculeModel) -> None:
    assert model.encode([]).shape == (0, model.latent)
    assert model.decode(np.empty((0, model.latent), dtype=np.float32)) == []
    assert model.predict([]).shape == (0, 2)


def test_saving_and_loading_gives_the_same_points(model: MoleculeModel, tmp_path: Path) -> None:
    model.save(tmp_path / "copy", "# copy\n")
    np.testing.assert_array_equal(load(tmp_path / "copy").encode(["CCO"]), model.encode(["CCO"]))


def test_selfies_has_a_reason_for_what_it_cannot_write(tiny_bundle: Path) -> None:
    from dataclasses import replace

    from chemvae.chem.tokens import Tokenizer
    from chemvae.io.bundle import read_bundle
    from chemvae.nn.build import seeded

    bundle = read_bundle(tiny_bundle)
    tokenizer = Tokenizer.fit("selfies", ["CCO"])
    vae = seeded(bundle.model, len(tokenizer), bundle.length, bundle.targets, seed=0)
    weights = {name: value.numpy() for name, value in vae.state_dict().items()}
    selfies = MoleculeModel(replace(bundle, tokenizer=tokenizer.to_dict(), weights=weights))
    encoded = selfies.posterior(["CCO", "O=I(=O)c1ccccc1", "CCN"])
    assert np.isnan(encoded.mean).all(axis=1).tolist() == [False, True, True]
    assert [molecule.verdict for molecule in encoded.molecules[1:]] == [Verdict.UNKNOWN_TOKEN] * 2
    assert "SELFIES" in encoded.molecules[1].reason
    assert "[N]" in encoded.molecules[2].reason


def test_the_fingerprint_is_of_the_weights(model: MoleculeModel, tiny_bundle: Path) -> None:
    other = load(tiny_bundle)
    assert other.fingerprint == model.fingerprint
    changed = dict(other.bundle.weights)
    name = next(iter(changed))
    changed[name] = changed[name] + 1.0
    assert MoleculeModel(replace(other.bundle, weights=changed)).fingerprint != model.fingerprint
