from pathlib import Path

import numpy as np
import pytest
import torch

from chemvae.chem.tokens import Tokenizer
from chemvae.config import PriorConfig
from chemvae.io.atomic import write_json
from chemvae.io.prepared import PreparedData
from chemvae.nn.parts import EOS
from chemvae.nn.posterior import DiagonalGaussian
from chemvae.nn.prior import Flow, GaussianMixture, StandardNormal
from chemvae.training.prior import fit_prior, posteriors


class TwoIslands:
    """An encoder whose molecules lie on two islands, by the parity of their first token."""

    def __call__(self, x: torch.Tensor) -> DiagonalGaussian:
        side = (x[:, 0] % 2).float() * 2 - 1
        return DiagonalGaussian(torch.stack([3 * side, -3 * side, 0 * side], dim=1), torch.full((len(x), 3), -3.0))


@pytest.fixture
def islands(tmp_path: Path) -> PreparedData:
    """A table of 400 strings of one token each."""
    ids = np.random.default_rng(0).integers(4, 40, size=400)
    np.save(tmp_path / "tokens.npy", np.stack([ids, np.full(400, EOS)], axis=1).ravel().astype(np.uint16))
    np.save(tmp_path / "offsets.npy", np.arange(0, 802, 2))
    np.save(tmp_path / "split.npy", np.repeat([0, 1], [300, 100]).astype(np.uint8))
    np.save(tmp_path / "targets.npy", np.zeros((400, 0), dtype=np.float32))
    write_json(tmp_path / "tokenizer.json", Tokenizer("characters", [chr(100 + i) for i in range(36)]).to_dict())
    write_json(tmp_path / "manifest.json", {"format_version": 1, "length": 2, "targets": [], "counts": {}})
    return PreparedData(tmp_path)


@pytest.mark.parametrize(("kind", "of"), [("mixture", GaussianMixture), ("flow", Flow)])
def test_a_learned_prior_finds_the_islands(islands: PreparedData, kind: str, of: type) -> None:
    config = PriorConfig(kind=kind, components=8, layers=6, width=32, steps=300, batch_size=128, learning_rate=1e-2)
    fitted = fit_prior(config, TwoIslands(), islands, 0, lambda _: None)
    assert isinstance(fitted.prior, of)
    assert fitted.figures["prior_nats"] < fitted.figures["prior_nats_normal"] - 3.0
    z = fitted.prior.sample(1000, torch.Generator().manual_seed(0))
    on_an_island = ((z[:, 0].abs() - 3).abs() < 1) & ((z[:, 0] + z[:, 1]).abs() < 1.5)
    assert on_an_island.float().mean() > 0.9
    assert 0.3 < (z[:, 0] > 0).float().mean() < 0.7


def test_the_standard_normal_has_nothing_to_learn(islands: PreparedData) -> None:
    fitted = fit_prior(PriorConfig(), TwoIslands(), islands, 0, lambda _: None)
    assert isinstance(fitted.prior, StandardNormal)
    assert fitted.figures["prior_nats"] == fitted.figures["prior_nats_normal"]


def test_the_same_seed_gives_the_same_prior(islands: PreparedData) -> None:
    config = PriorConfig(kind="flow", layers=2, width=8, steps=5, batch_size=16)
    one, two, other = (fit_prior(config, TwoIslands(), islands, seed, lambda _: None).prior for seed in (0, 0, 1))
    z = torch.randn(4, 3)
    assert torch.equal(one.log_prob(z), two.log_prob(z))
    assert not torch.equal(one.log_prob(z), other.log_prob(z))


def test_posteriors_are_those_of_the_rows(tiny_prepared: Path) -> None:
    data = PreparedData(tiny_prepared)
    rows = data.rows("train")[::-1].copy()
    seen: list[int] = []

    def encoder(x: torch.Tensor) -> DiagonalGaussian:
        seen.extend((x != 0).sum(dim=1).tolist())
        return DiagonalGaussian(torch.zeros(len(x), 2), torch.zeros(len(x), 2))

    found = posteriors(encoder, data, rows)
    assert len(found.mean) == len(rows)
    assert seen == sorted(data.lengths[rows].tolist())
