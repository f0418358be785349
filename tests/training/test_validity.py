import math
from pathlib import Path

import pytest
import torch

from chemvae.config import DecoderConfig, EncoderConfig, ModelConfig, ValidityConfig
from chemvae.io.prepared import PreparedData
from chemvae.nn.build import seeded
from chemvae.nn.vae import VAE
from chemvae.training.validity import Taught, advantage, different, mean_of, share_of_rate, teach_validity

SMALL = ModelConfig(
    latent=6,
    encoder=EncoderConfig(embed=8, channels=(8,), kernels=(3,), strides=(2,), hidden=(16,)),
    decoder=DecoderConfig(embed=8, width=24, memory=6, hidden=16, word_dropout=0.0),
    head=False,
)
FAVOURITE = 7


@pytest.fixture
def data(tiny_prepared: Path) -> PreparedData:
    return PreparedData(tiny_prepared)


def network(data: PreparedData) -> VAE:
    return seeded(SMALL, data.vocab, data.length, {}, seed=0).eval().requires_grad_(False)


def begins_well(ids: torch.Tensor) -> torch.Tensor:
    """Judge a row valid if its first token is one that nothing else asks for."""
    return ids[:, 0] == FAVOURITE


def share(vae: VAE) -> float:
    z = vae.prior.sample(500, torch.Generator().manual_seed(1))
    return float(begins_well(vae.decoder.sample(z, 1.0, torch.Generator().manual_seed(2))).float().mean())


def test_what_the_judge_likes_is_written_more_often(data: PreparedData) -> None:
    vae = network(data)
    before = share(vae)
    config = ValidityConfig(steps=60, samples=64, batch_size=8, weight=5.0, learning_rate=1e-2)
    told: list[str] = []
    taught = teach_validity(config, vae, data, begins_well, 0, told.append)
    assert before < 0.2
    assert share(vae) > 0.6
    assert taught.valid > 0.6
    assert told[-1].startswith("validity: step 60/60")


def test_the_leash_keeps_the_decoder_near_what_it_was(data: PreparedData) -> None:
    apart = {}
    for leash in (0.0, 3.0):
        vae, before = network(data), network(data)
        config = ValidityConfig(steps=40, samples=64, batch_size=8, weight=5.0, learning_rate=1e-2, leash=leash)
        teach_validity(config, vae, data, begins_well, 0, lambda _: None)
        z = vae.prior.sample(300, torch.Generator().manual_seed(1))
        ids = vae.decoder.sample(z, 1.0, torch.Generator().manual_seed(2))
        apart[leash] = float((before.decoder.nll(z, ids) - vae.decoder.nll(z, ids)).mean())
    assert 0.0 < apart[3.0] < 0.5 * apart[0.0]


def test_only_the_decoder_changes_and_the_seed_decides_how(data: PreparedData) -> None:
    config = ValidityConfig(steps=3, samples=8, batch_size=4)
    first, second, other = network(data), network(data), network(data)
    untouched = {name: value.clone() for name, value in first.state_dict().items()}
    for vae, seed in ((first, 0), (second, 0), (other, 1)):
        teach_validity(config, vae, data, begins_well, seed, lambda _: None)
    for name, value in first.state_dict().items():
        assert torch.equal(value, second.state_dict()[name])
        if not name.startswith("decoder."):
            assert torch.equal(value, untouched[name]), name
    changed = "decoder.to_logits.weight"
    assert not torch.equal(first.state_dict()[changed], untouched[changed])
    assert not torch.equal(first.state_dict()[changed], other.state_dict()[changed])


def test_more_steps_than_batches_begin_the_molecules_anew(data: PreparedData) -> None:
    size = len(data.rows("train"))
    teach_validity(
        ValidityConfig(steps=3, samples=4, batch_size=size), network(data), data, begins_well, 0, lambda _: None
    )


def test_a_verdict_counts_against_the_others() -> None:
    earned = torch.tensor([1.0, 0.0, 0.0, 1.0])
    expected = [1 - 1 / 3, -2 / 3, -2 / 3, 1 - 1 / 3]
    assert advantage(earned).tolist() == pytest.approx(expected)
    assert advantage(torch.ones(5)).tolist() == [0.0] * 5


def test_repetitions_are_told() -> None:
    assert different(torch.tensor([[1, 2], [1, 2], [3, 4], [1, 2]])) == 0.5
    assert mean_of([Taught(0.0, math.nan), Taught(1.0, 0.5)]) == Taught(0.5, 0.5)
    assert math.isnan(mean_of([Taught(0.0, math.nan)]).different)


def test_the_rate_warms_up_and_falls_over_the_second_half() -> None:
    rates = [share_of_rate(step, 1000) for step in (0, 49, 400, 750, 999)]
    assert rates == pytest.approx([0.02, 1.0, 1.0, 0.5, 0.02])
