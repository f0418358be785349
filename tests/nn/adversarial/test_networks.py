"""The networks of DCGAN fit images of any size, and see what they are told."""

import pytest
import torch

from chemvae.nn.adversarial.networks import DCEncoder, DCGenerator
from chemvae.systems.adversarial import DCConfig


@pytest.mark.parametrize("shape", [(8, 8), (28, 28), (28, 20), (9, 11)])
@pytest.mark.parametrize("normalise", [True, False])
def test_there_and_back_keeps_the_shape(shape: tuple[int, int], normalise: bool) -> None:
    settings = DCConfig(channels=(4, 6), normalise=normalise)
    pixels = shape[0] * shape[1]
    x = DCGenerator(5, shape, 1, settings)(torch.randn(2, 5))
    assert x.shape == (2, pixels, 1)
    see = DCEncoder(torch.zeros(pixels), shape, 0, settings)
    assert see(x[..., 0]).shape == (2, see.width)


def test_what_stands_beside_counts() -> None:
    see = DCEncoder(torch.zeros(64), (8, 8), 3, DCConfig(channels=(4, 6), normalise=False))
    x = torch.rand(1, 64)
    assert not torch.equal(see(x, torch.zeros(1, 3)), see(x, torch.ones(1, 3)))
