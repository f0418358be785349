"""GRUDecoder: the step-by-step writer agrees with the teacher-forced one, and every way of decoding does its job."""

from typing import Any, get_args

import pytest
import torch

from chemvae.config import DecoderConfig
from chemvae.nn.decoder import GRUDecoder
from chemvae.nn.parts import EOS, PAD
from chemvae.nn.recurrence import NEVER

INJECTIONS = get_args(DecoderConfig.model_fields["injection"].annotation)


def decoder(scale: float = 3.0, **settings: Any) -> GRUDecoder:
    torch.manual_seed(0)
    net = GRUDecoder(12, 15, 5, DecoderConfig(**{"embed": 6, "width": 16, "memory": 4, "hidden": 8, **settings})).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.mul_(scale)  # far from uniform, so that strings differ and end
    return net.requires_grad_(False)


def points(n: int = 40) -> torch.Tensor:
    return torch.randn(n, 5, generator=torch.Generator().manual_seed(2))


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("layers", [1, 2])
def test_greedy_writes_what_teacher_forcing_expects(injection: str, layers: int) -> None:
    net, z = decoder(injection=injection, layers=layers), points()
    ids = net.sample(z)
    expected = net.logits(z, ids)
    expected[..., list(NEVER)] = -torch.inf
    assert ((expected.argmax(-1) == ids) | (ids == PAD)).all()
    assert len(ids.unique(dim=0)) > 1


@pytest.mark.parametrize("injection", INJECTIONS)
def test_a_row_does_not_depend_on_its_batch(injection: str) -> None:
    net, z = decoder(injection=injection), points()
    together = net.sample(z)
    alone = torch.cat([net.sample(z[i : i + 1]) for i in range(len(z))])
    assert torch.equal(together, alone)


def test_nothing_follows_the_end_and_the_cap_holds() -> None:
    ids = decoder().sample(points(200), temperature=2.0, generator=torch.Generator().manual_seed(0))
    assert ids.shape == (200, 15)
    ended = (ids == EOS).cumsum(dim=1) - (ids == EOS).long()
    assert (ids[ended > 0] == PAD).all()
    assert not torch.isin(ids[ended == 0], torch.tensor([i for i in NEVER if i != PAD])).any()


def test_temperature_scales_the_logits() -> None:
    net, z = decoder(scale=1.0), points(1).expand(4000, -1)
    logits = net.logits(z[:1], torch.tensor([[4]]))[0, 0]
    logits[list(NEVER)] = -torch.inf
    for temperature in (0.5, 1.0, 3.0):
        first = net.sample(z, temperature, torch.Generator().manual_seed(0))[:, 0]
        share = torch.bincount(first, minlength=12) / len(first)
        torch.testing.assert_close(share, (logits / temperature).softmax(-1), atol=0.03, rtol=0)


def test_a_seed_repeats_the_draws() -> None:
    net, z = decoder(), points()
    once, again, other = (net.sample(z, 1.0, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)


@pytest.mark.parametrize("injection", INJECTIONS)
def test_a_beam_of_one_is_greedy_and_a_wider_one_is_likelier(injection: str) -> None:
    net, z = decoder(injection=injection, layers=2), points()
    greedy = net.sample(z)
    assert torch.equal(net.beam(z, 1), greedy)
    beam = net.beam(z, 6)
    assert (net.nll(z, beam) <= net.nll(z, greedy) + 1e-4).float().mean() > 0.9
    assert net.nll(z, beam).mean() < net.nll(z, greedy).mean()


def test_a_full_beam_finds_the_likeliest_string_of_all() -> None:
    torch.manual_seed(0)
    net = GRUDecoder(6, 3, 2, DecoderConfig(embed=4, width=8, injection="initial")).eval().requires_grad_(False)
    z = torch.randn(3, 2)
    strings = torch.cartesian_prod(*[torch.tensor([EOS, 4, 5])] * 3)
    ended = (strings == EOS).cumsum(dim=1)
    strings = strings[(ended - (strings == EOS).long() == 0).all(dim=1) | (ended.amax(dim=1) > 0)]
    strings = torch.where((strings == EOS).cumsum(dim=1) - (strings == EOS).long() > 0, PAD, strings).unique(dim=0)

    def surprise(points: torch.Tensor, ids: torch.Tensor) -> torch.Tensor:
        logits = net.logits(points, ids)
        logits[..., list(NEVER)] = -torch.inf
        return torch.nn.functional.cross_entropy(logits.mT, ids, ignore_index=PAD, reduction="none").sum(dim=1)

    for i in range(3):
        best = strings[surprise(z[i].expand(len(strings), -1), strings).argmin()]
        assert torch.equal(net.beam(z[i : i + 1], 27)[0], best)


def test_nll_sums_over_tokens_and_ignores_padding() -> None:
    net, z = decoder(), points(2)
    x = torch.tensor([[4, 5, 2], [4, 2, 0]])
    by_hand = -net.logits(z, x).log_softmax(-1).gather(2, x[..., None])[..., 0] * (x != PAD)
    torch.testing.assert_close(net.nll(z, x), by_hand.sum(dim=1))
    padded = torch.nn.functional.pad(x, (0, 4))
    torch.testing.assert_close(net.nll(z, padded), net.nll(z, x))


def test_word_dropout_hides_tokens_only_in_training() -> None:
    net, z = decoder(word_dropout=0.9), points(4)
    x = torch.randint(4, 12, (4, 15), generator=torch.Generator().manual_seed(0))
    clear = net.logits(z, x)
    net.train()
    torch.testing.assert_close(net.logits(z, x, torch.Generator().manual_seed(1))[:, 0], clear[:, 0])
    assert not torch.allclose(net.logits(z, x, torch.Generator().manual_seed(1)), clear)


@pytest.mark.parametrize("injection", INJECTIONS)
@pytest.mark.parametrize("layers", [1, 2])
def test_eight_bits_write_nearly_the_same(injection: str, layers: int) -> None:
    net, z = decoder(injection=injection, layers=layers, width=64, embed=16), points(200)
    same = (net.sample(z) == net.sample(z, int8=True)).all(dim=1).float().mean()
    assert same > 0.8
    alone = torch.cat([net.sample(z[i : i + 1], int8=True) for i in range(20)])
    assert torch.equal(net.sample(z, int8=True)[:20], alone)
