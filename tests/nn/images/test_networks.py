"""Networks for images: shapes there and back, classes, and a transposed convolution by hand."""

import pytest
import torch

from chemvae.nn.images.networks import ConvEncoder, ConvGenerator, MLPEncoder, MLPGenerator, halved
from chemvae.systems.latent import ConvConfig, MLPConfig


def test_a_transposed_convolution_by_hand() -> None:
    kernel = torch.tensor([[1.0, 4, 1], [1, 4, 3], [3, 3, 1]])
    layer = torch.nn.ConvTranspose2d(1, 1, 3, bias=False)
    layer.weight.data = kernel[None, None]
    found = layer(torch.tensor([[[[2.0, 1], [4, 4]]]]))
    assert found.flatten().tolist() == [2, 9, 6, 1, 6, 29, 30, 7, 10, 29, 33, 13, 12, 24, 16, 4]


@pytest.mark.parametrize("shape", [(28, 28), (28, 20), (8, 8)])
@pytest.mark.parametrize("channels", [(4,), (4, 6), (4, 6, 8)])
def test_images_of_every_size_come_back_in_their_size(shape: tuple[int, int], channels: tuple[int, ...]) -> None:
    pixels, settings = shape[0] * shape[1], ConvConfig(channels=channels, hidden=5)
    x = torch.rand(2, pixels)
    features = ConvEncoder(torch.zeros(pixels), shape, 0, settings)(x)
    assert features.shape == (2, 5)
    assert ConvGenerator(5, shape, 3, settings)(features).shape == (2, pixels, 3)


def test_halving_rounds_up() -> None:
    assert halved((28, 20), 3) == [(28, 20), (14, 10), (7, 5), (4, 3)]


@pytest.mark.parametrize("kind", ["mlp", "conv"])
def test_the_class_changes_the_features(kind: str) -> None:
    torch.manual_seed(0)
    mean, y = torch.zeros(64), torch.eye(3)[:2]
    net = MLPEncoder(mean, 3, MLPConfig(hidden=(9,))) if kind == "mlp" else ConvEncoder(mean, (8, 8), 3, ConvConfig())
    same = torch.rand(1, 64).expand(2, 64)
    features = net(same, y)
    assert features.shape == (2, net.width)
    assert not torch.allclose(features[0], features[1])


def test_without_a_hidden_layer_both_ways_are_linear() -> None:
    settings, mean = MLPConfig(hidden=()), torch.rand(6)
    x = torch.rand(2, 6)
    torch.testing.assert_close(MLPEncoder(mean, 0, settings)(x), x - mean)
    back = MLPGenerator(2, 6, 1, settings)
    a, b = torch.randn(2, 1, 2)
    torch.testing.assert_close(back(a) + back(b), back(a + b) + back(torch.zeros(1, 2)))
