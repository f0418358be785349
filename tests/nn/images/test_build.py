"""From recipes to models: every kind of part is built, does its work and learns by heart."""

from typing import get_args

import pytest
import torch

from chemvae.nn.images.build import DECODERS, ENCODERS, LIKELIHOODS, POSTERIORS, PRIORS, REFINEMENTS, Seen, seeded
from chemvae.nn.objectives import negative_elbo
from chemvae.systems import latent
from chemvae.systems.latent import LatentRecipe

IMAGES = (torch.rand(6, 64, generator=torch.Generator().manual_seed(0)) > 0.5).float()
SEEN = Seen((8, 8), IMAGES.mean(dim=0), IMAGES, 2)
TABLES = {
    "Encoder": ENCODERS,
    "Posterior": POSTERIORS,
    "Prior": PRIORS,
    "Decoder": DECODERS,
    "Likelihood": LIKELIHOODS,
    "Refine": REFINEMENTS,
}


@pytest.mark.parametrize("part", TABLES)
def test_every_section_has_its_builder(part: str) -> None:
    sections = get_args(get_args(getattr(latent, part))[0])
    assert {section.model_fields["kind"].default for section in sections} == set(TABLES[part])


def recipe(**parts) -> LatentRecipe:
    kinds = {name: {"kind": kind} if isinstance(kind, str) else kind for name, kind in parts.items()}
    small = {"encoder": {"kind": "mlp", "hidden": [32]}, "decoder": {"kind": "mlp", "hidden": [32]}}
    return LatentRecipe.model_validate({"latent": 3, **small, **kinds})


@pytest.mark.parametrize(
    "parts",
    [
        {"encoder": {"kind": "draw", "width": 8}, "decoder": {"kind": "draw", "width": 8, "steps": 3}},
        {
            "encoder": {"kind": "draw", "width": 8, "window": 0},
            "decoder": {"kind": "draw", "width": 8, "steps": 3, "window": 0},
            "likelihood": {"kind": "gaussian", "scale": "pixel"},
        },
        {"encoder": "conv", "decoder": "conv"},
        {"decoder": {"kind": "pixelcnn", "channels": 4}, "likelihood": {"kind": "categorical", "levels": 2}},
        {"posterior": "mixture"},
        {"posterior": {"kind": "planar", "maps": 2}},
        {"posterior": {"kind": "radial", "maps": 2}, "prior": "mixture"},
        {"posterior": "sphere", "prior": "sphere"},
        {"refine": "hmc"},
        {"prior": "mixture"},
        {"prior": "flow"},
        {"prior": {"kind": "vampprior", "inputs": 4}},
        {"posterior": "mixture", "prior": {"kind": "vampprior", "inputs": 4}},
        {"likelihood": "gaussian"},
        {"likelihood": {"kind": "gaussian", "scale": "pixel"}, "decoder": "conv"},
        {"likelihood": {"kind": "categorical", "levels": 2}},
    ],
    ids=str,
)
def test_gradients_reach_every_weight(parts: dict) -> None:
    model = seeded(recipe(**parts), SEEN)
    terms, z = model(IMAGES, torch.Generator().manual_seed(0), k=2)
    assert terms.log_px.shape == terms.log_pz.shape == terms.log_qz.shape == z.shape[:2]
    negative_elbo(terms).mean().backward()
    assert [name for name, p in model.named_parameters() if p.requires_grad and p.grad is None] == []


def test_six_images_are_learned_by_heart_with_their_class() -> None:
    model = seeded(recipe().model_copy(update={"conditional": True}), SEEN)
    y = torch.eye(2)[torch.arange(6) % 2]
    adam = torch.optim.Adam(model.parameters(), lr=1e-2)
    chance = torch.Generator().manual_seed(0)
    for _ in range(150):
        adam.zero_grad()
        negative_elbo(model(IMAGES, chance, y=y)[0], beta=0.1).mean().backward()
        adam.step()
    z = model.amortised(IMAGES, y).mean
    assert torch.equal(model.decoder.sample(torch.cat([z, y], dim=1)).round(), IMAGES)


def test_the_seed_decides_the_weights() -> None:
    first, second = seeded(recipe(), SEEN), seeded(recipe(), SEEN)
    other = seeded(recipe().model_copy(update={"seed": 1}), SEEN)
    weights = [model.decoder.net.net[0][0].weight for model in (first, second, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_an_untrained_model_expects_the_mean_image() -> None:
    model = seeded(recipe(), SEEN)
    model.decoder.net.net[1].weight.data.zero_()
    model.decoder.net.net[1].bias.data.zero_()
    torch.testing.assert_close(model.decoder.sample(torch.zeros(1, 3))[0], SEEN.mean.clamp(0.01, 0.99))
