"""The VAE as a whole: it learns by heart, its bound is a bound, and k samples are k samples."""

from typing import get_args

import pytest
import torch

from chemvae.chem.tokens import Tokenizer
from chemvae.config import DecoderConfig, EncoderConfig, HeadConfig, ModelConfig
from chemvae.nn.build import seeded
from chemvae.nn.objectives import negative_elbo
from chemvae.nn.parts import EOS
from chemvae.nn.vae import VAE, blur

SMILES = ["CCO", "c1ccccc1", "CC(=O)N", "CBr"]
TOKENIZER = Tokenizer.fit("atoms", SMILES)


def batch() -> torch.Tensor:
    rows = [torch.tensor([*TOKENIZER.encode(s), EOS]) for s in SMILES]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def vae(injection: str = "positional", seed: int = 0) -> VAE:
    config = ModelConfig(
        latent=4,
        encoder=EncoderConfig(embed=8, channels=(16,), kernels=(3,), strides=(2,), hidden=(32,)),
        decoder=DecoderConfig(embed=8, width=32, memory=8, hidden=16, injection=injection, word_dropout=0.0),
        head=HeadConfig(hidden=(8,)),
    )
    return seeded(config, len(TOKENIZER), 12, {"logp": False}, seed)


@pytest.mark.parametrize("injection", get_args(DecoderConfig.model_fields["injection"].annotation))
def test_memorises_four_molecules(injection: str) -> None:
    model, x = vae(injection), batch()
    adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(150):
        adam.zero_grad()
        model.decoder.nll(model.encoder(x).mean, x).mean().backward()
        adam.step()
    ids = model.eval().decoder.sample(model.encoder(x).mean)
    assert [TOKENIZER.decode(row) for row in ids.tolist()] == SMILES


def test_terms_have_a_row_per_sample_and_differ_between_them() -> None:
    model, x = vae(), batch()
    terms, z = model(x, torch.Generator().manual_seed(0), k=3)
    assert terms.log_px.shape == terms.log_pz.shape == terms.log_qz.shape == (3, 4)
    assert z.shape == (3, 4, 4)
    assert not torch.allclose(terms.log_px[0], terms.log_px[1])


def test_sampled_kl_agrees_with_the_exact_one() -> None:
    model, x = vae(), batch()
    with torch.no_grad():
        terms, _ = model(x, torch.Generator().manual_seed(0), k=4000)
    torch.testing.assert_close((terms.log_qz - terms.log_pz).mean(0), terms.kl.sum(-1), atol=0.1, rtol=0.02)


def test_gradients_reach_every_part() -> None:
    model, x = vae(), batch()
    terms, z = model(x, torch.Generator().manual_seed(0))
    (negative_elbo(terms).mean() + model.head.loss(z[0], torch.zeros(4, 1)).mean()).backward()
    silent = [name for name, p in model.named_parameters() if p.grad is None or p.grad.abs().sum() == 0]
    assert silent == []


def test_blur_carries_a_share_of_points_and_keeps_the_standard_normal():
    z = torch.randn(20_000, 3, generator=torch.Generator().manual_seed(0))
    seen = blur(z, 0.25, torch.Generator().manual_seed(1))
    still = (seen == z).all(dim=1)
    assert still.float().mean().item() == pytest.approx(0.75, abs=0.02)
    assert seen[~still].mean(dim=0).tolist() == pytest.approx([0.0] * 3, abs=0.05)
    assert torch.cov(seen[~still].T).flatten().tolist() == pytest.approx(torch.eye(3).flatten().tolist(), abs=0.06)
    kept = (seen[~still] * z[~still]).mean().item()  # the mean of cos over a quarter turn
    assert kept == pytest.approx(2 / torch.pi, abs=0.03)


def test_blurred_points_reach_the_decoder_and_not_the_head(monkeypatch):
    model, heard = vae(), []
    nll = model.decoder.nll
    monkeypatch.setattr(model.decoder, "nll", lambda z, x, generator=None: (heard.append(z), nll(z, x, generator))[1])
    chance = torch.Generator().manual_seed(0)
    _, z = model(batch(), chance, blurred=1.0)
    assert not torch.isclose(heard[0], z[0], atol=1e-3).all(dim=1).any()
    _, z = model(batch(), chance)
    assert torch.equal(heard[1], z[0])
