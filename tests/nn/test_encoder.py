"""ConvEncoder: shapes, settings, and no leak from padding or from the batch."""

import pytest
import torch

from chemvae.config import EncoderConfig
from chemvae.nn.encoder import ConvEncoder

SMALL = {"embed": 6, "channels": (8, 10), "kernels": (3, 5), "strides": (2, 2), "hidden": (12,)}


def encoder(**settings: object) -> ConvEncoder:
    torch.manual_seed(0)
    return ConvEncoder(9, 21, 4, EncoderConfig(**{**SMALL, **settings})).eval()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"embed": 0},
        {"pool": False},
        {"batch_norm": True, "activation": "tanh"},
        {"hidden": (12, 7), "dropout": 0.3},
    ],
)
def test_a_molecule_does_not_see_its_padding_or_its_neighbours(settings: dict[str, object]) -> None:
    net = encoder(**settings)
    alone = torch.tensor([[4, 5, 6, 7, 2]])
    longer = torch.randint(4, 9, (1, 21), generator=torch.Generator().manual_seed(1))
    together = torch.cat([torch.nn.functional.pad(alone, (0, 16)), longer])
    torch.testing.assert_close(net(together).mean[:1], net(alone).mean)
    torch.testing.assert_close(net(together).log_var[1:], net(longer).log_var)


def test_order_matters() -> None:
    net = encoder()
    assert not torch.allclose(net(torch.tensor([[4, 5, 6, 2]])).mean, net(torch.tensor([[6, 5, 4, 2]])).mean)


def test_every_layer_learns() -> None:
    net = encoder()
    posterior = net(torch.randint(4, 9, (3, 21)))
    (posterior.mean.sum() + posterior.log_var.sum()).backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
