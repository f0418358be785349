"""What every test shares: one thread for torch, and a model that learned sixty small molecules by heart.

`chemvae` is imported inside fixtures only: the shape checker hooks the package at its first import.
"""

from pathlib import Path

import hypothesis
import pytest

hypothesis.settings.register_profile("chemvae", deadline=None)  # a busy machine is no fault of the code
hypothesis.settings.load_profile("chemvae")


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Two OpenMP threads beside another job fall to a tenth of the speed of one."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def small_molecules() -> list[str]:
    """Sixty canonical SMILES of at most eleven atoms: what the tiny model knows."""
    from chemvae.chem.judge import canonical

    middles = ("", "O", "N", "C(=O)", "C(C)")
    chains = [
        "C" * left + middle + "C" * right for left in (1, 2, 3, 4) for middle in middles for right in (0, 1, 2, 3)
    ]
    rings = ["c1ccccc1", "Cc1ccccc1", "Oc1ccccc1", "Nc1ccccc1", "CC(=O)Nc1ccccc1"]
    return sorted({str(canonical(text)) for text in [*chains, *rings]})


@pytest.fixture(scope="session")
def tiny_bundle(small_molecules: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle that decodes every small molecule from its own point and mostly molecules from elsewhere; seconds."""
    import torch

    from chemvae.chem.properties import compute
    from chemvae.chem.tokens import Tokenizer
    from chemvae.config import ModelConfig
    from chemvae.io.bundle import Bundle, write_bundle
    from chemvae.nn.build import seeded
    from chemvae.nn.objectives import negative_elbo

    config = ModelConfig.model_validate(
        {
            "latent": 6,
            "encoder": {"embed": 8, "channels": [24], "kernels": [5], "strides": [1], "hidden": [48]},
            "decoder": {"embed": 8, "width": 64, "hidden": 32, "memory": 8, "word_dropout": 0.0},
            "head": {"hidden": [16]},
        }
    )
    names, length = {"logp": False, "qed": False}, 16
    tokenizer = Tokenizer.fit("atoms", small_molecules)
    ids = [torch.tensor([*tokenizer.encode(text), 2]) for text in small_molecules]
    x = torch.nn.utils.rnn.pad_sequence(ids, batch_first=True)
    properties = compute(small_molecules, list(names))
    y = torch.stack([torch.tensor(properties[name], dtype=torch.float32) for name in names], dim=1)
    vae = seeded(config, len(tokenizer), length, names, seed=0)
    assert vae.head is not None
    chance, adam = torch.Generator().manual_seed(0), torch.optim.Adam(vae.parameters(), lr=1e-2)
    for _ in range(200):
        adam.zero_grad()
        terms, z = vae(x, chance)
        (negative_elbo(terms, beta=0.05).mean() + vae.head.loss(z.mean(dim=0), y).mean()).backward()
        adam.step()
    with torch.no_grad():
        posterior = vae.encoder(x)
    statistics = {
        "mean": posterior.mean.mean(dim=0).tolist(),
        "std": posterior.mean.std(dim=0).tolist(),
        "posterior_std": posterior.std.mean(dim=0).tolist(),
    }
    weights = {name: value.detach().numpy() for name, value in vae.state_dict().items()}
    folder = tmp_path_factory.mktemp("models") / "tiny"
    bundle = Bundle("tiny", config, tokenizer.to_dict(), length, names, statistics, {}, weights)
    write_bundle(bundle, folder, "# tiny\n\nLearned sixty small molecules by heart; for tests.\n")
    return folder


@pytest.fixture(scope="session")
def tiny_prepared(small_molecules: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small molecules as a prepared table: 60 to train on, the same again to validate and to test."""
    import numpy as np

    from chemvae.chem.properties import compute
    from chemvae.chem.tokens import Tokenizer
    from chemvae.io.atomic import write_json

    folder = tmp_path_factory.mktemp("tables") / "tiny"
    folder.mkdir()
    tokenizer = Tokenizer.fit("atoms", small_molecules)
    strings = [np.array([*tokenizer.encode(text), 2], dtype=np.uint16) for text in small_molecules * 3]
    y = np.stack([compute(small_molecules * 3, ["logp", "qed"])[name] for name in ("logp", "qed")], axis=1)
    y[5, 0] = np.nan
    n = len(small_molecules)
    np.save(folder / "tokens.npy", np.concatenate(strings))
    np.save(folder / "offsets.npy", np.cumsum([0, *map(len, strings)], dtype=np.int64))
    np.save(folder / "targets.npy", y.astype(np.float32))
    np.save(folder / "split.npy", np.repeat([0, 1, 2], n).astype(np.uint8))
    write_json(folder / "tokenizer.json", tokenizer.to_dict())
    targets = [
        {"name": name, "kind": "number", "mean": float(np.nanmean(y[:, i])), "std": float(np.nanstd(y[:, i]))}
        for i, name in enumerate(("logp", "qed"))
    ]
    length = max(map(len, strings))
    write_json(folder / "manifest.json", {"format_version": 1, "length": length, "targets": targets, "counts": {}})
    return folder


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The user's own modules of `tests/plugged`, importable; and a folder where they leave marks."""
    import sys

    monkeypatch.syspath_prepend(str(Path(__file__).parent / "plugged"))
    monkeypatch.setenv("TINY_MARKS", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path
