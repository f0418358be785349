"""DRAW: strokes add up, each part of z is weighed given those before it, and images are learned by heart."""

import pytest
import torch

from chemvae.nn.images.build import Seen, seeded
from chemvae.nn.objectives import negative_elbo
from chemvae.systems.latent import LatentRecipe

CHANCE = torch.Generator().manual_seed(0)
IMAGES = (torch.rand(5, 20, generator=CHANCE) > 0.5).float()
SEEN = Seen((4, 5), IMAGES.mean(dim=0), IMAGES, 0)


def model(window: int = 2):
    recipe = {
        "latent": 6,
        "encoder": {"kind": "draw", "width": 24, "window": window},
        "decoder": {"kind": "draw", "width": 24, "steps": 3, "window": window},
    }
    return seeded(LatentRecipe.model_validate(recipe), SEEN)


@pytest.mark.parametrize("window", [0, 2])
def test_the_density_of_a_draw_is_that_of_its_steps(window: int) -> None:
    drawer = model(window)
    torch.nn.init.normal_(drawer.encoder.head.to_log_var.weight, generator=torch.Generator().manual_seed(1))
    posterior = drawer.amortised(IMAGES)
    drawn = posterior.draw(torch.Generator().manual_seed(0), k=3)
    assert drawn.z.shape == (3, 5, 6)
    torch.testing.assert_close(drawn.log_qz, posterior.log_prob(drawn.z))
    other = drawn.z.clone()
    other[..., 0] += 0.1  # a first step that went elsewhere changes what the later ones believe
    walks = [drawer.encoder.walk(IMAGES, lambda _, at, z=z: z.split(2, dim=1)[at]) for z in (drawn.z[0], other[0])]
    assert not torch.equal(walks[0].kl[:, 2:], walks[1].kl[:, 2:])


def test_the_kl_of_the_steps_is_what_samples_say() -> None:
    drawer = model()
    with torch.no_grad():
        drawer.encoder.head.to_mean.weight.mul_(4)
        terms, _ = drawer(IMAGES, torch.Generator().manual_seed(0), 1000)
    sampled = terms.log_qz - terms.log_pz
    apart = (terms.kl.sum(dim=1) - sampled.mean(dim=0)).abs()
    assert (apart < 5 * sampled.std(dim=0) / 1000**0.5).all()


def test_a_later_part_of_z_leaves_the_earlier_canvases_alone() -> None:
    decoder, z = model().decoder, torch.randn(2, 6, generator=CHANCE)
    other = z.clone()
    other[:, 2:4] += 1.0
    for at, (a, b) in enumerate(zip(decoder.drawings(z), decoder.drawings(other), strict=True)):
        assert torch.equal(a.canvas, b.canvas) == (at == 0)


def test_an_empty_canvas_is_the_mean_image() -> None:
    decoder = model().decoder
    torch.testing.assert_close(decoder.likelihood.mean(decoder.begin(1).canvas)[0], SEEN.mean.clamp(0.01, 0.99))


def test_images_are_learned_by_heart() -> None:
    drawer = model(window=0)
    adam = torch.optim.Adam(drawer.parameters(), lr=2e-2)
    for _ in range(80):
        adam.zero_grad()
        negative_elbo(drawer(IMAGES, CHANCE)[0], beta=0.1).mean().backward()
        adam.step()
    assert torch.equal(drawer.decoder.sample(drawer.amortised(IMAGES).mean).round(), IMAGES)
