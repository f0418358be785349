"""PixelVAE: a pixel never sees itself or a later one, and what is said of an image is a distribution."""

import itertools

import pytest
import torch

from chemvae.nn.images.build import Seen, seeded
from chemvae.nn.objectives import negative_elbo
from chemvae.systems.latent import LatentRecipe

CHANCE = torch.Generator().manual_seed(0)


def model(shape=(3, 4), layers: int = 2, likelihood: str = "bernoulli", generator: str = "conv"):
    images = (torch.rand(5, shape[0] * shape[1], generator=CHANCE) > 0.5).float()
    recipe = {
        "latent": 2,
        "encoder": {"kind": "mlp", "hidden": [16]},
        "likelihood": {"kind": likelihood, "levels": 3} if likelihood == "categorical" else {"kind": likelihood},
        "decoder": {
            "kind": "pixelcnn", "layers": layers, "kernel": 3, "channels": 8,
            "generator": {"kind": generator, "hidden": [8] if generator == "mlp" else 8},
        },
    }  # fmt: skip
    return seeded(LatentRecipe.model_validate(recipe), Seen(shape, images.mean(dim=0), images, 0)), images


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_pixel_sees_those_before_it_and_nothing_else(layers: int) -> None:
    decoder = model((4, 4), layers)[0].decoder
    z, x = torch.randn(1, 2, generator=CHANCE), torch.rand(1, 16, generator=CHANCE)
    jacobian = torch.autograd.functional.jacobian(lambda image: decoder.outputs(z, image)[0, :, 0], x)[:, 0]
    assert torch.equal(jacobian.triu(), torch.zeros(16, 16))
    if layers == 3:
        assert (jacobian[15, :15] != 0).any()
        assert all(jacobian[at, at - 1] != 0 for at in range(1, 16) if at % 4)  # the one before it in its row counts


@pytest.mark.parametrize(("likelihood", "levels"), [("bernoulli", 2), ("categorical", 3)])
def test_the_probabilities_of_all_images_sum_to_one(likelihood: str, levels: int) -> None:
    decoder = model((2, 3), likelihood=likelihood)[0].decoder
    every = torch.tensor([*itertools.product(torch.linspace(0, 1, levels).tolist(), repeat=6)])
    with torch.no_grad():
        nll = decoder.nll(torch.randn(1, 2, generator=CHANCE).expand(len(every), -1), every)
    torch.testing.assert_close((-nll.double()).exp().sum(), torch.tensor(1.0, dtype=torch.float64), atol=1e-5, rtol=0)


def test_what_is_written_is_what_is_likeliest_also_where_rows_are_left_out() -> None:
    decoder = model((9, 4), layers=1)[0].decoder
    z = 2 * torch.randn(3, 2, generator=CHANCE)
    torch.nn.init.normal_(decoder.masked.last.weight, generator=CHANCE)
    assert decoder.masked.reach < 8
    x = decoder.sample(z)
    with torch.no_grad():
        assert torch.equal(decoder.likelihood.mode(decoder.outputs(z, x)), x)
    assert 0 < x.mean() < 1


def test_draws_have_the_probabilities_that_the_nll_says() -> None:
    decoder = model((1, 2))[0].decoder
    n, z = 4000, torch.randn(1, 2, generator=CHANCE)
    drawn = decoder.sample(z.expand(n, -1), 1.0, torch.Generator().manual_seed(0))
    every = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    with torch.no_grad():
        wanted = (-decoder.nll(z.expand(4, -1), every)).exp()
    found = torch.stack([(drawn == one).all(dim=1).float().mean() for one in every])
    torch.testing.assert_close(found, wanted, atol=0.04, rtol=0)


@pytest.mark.parametrize("generator", ["mlp", "conv"])
def test_gradients_reach_every_weight(generator: str) -> None:
    vae, images = model(generator=generator)
    negative_elbo(vae(images, CHANCE, 2)[0]).mean().backward()
    assert [name for name, p in vae.named_parameters() if p.grad is None] == []
