"""PropertyHead: standardised targets, masked labels, yes/no answers, learned noise."""

import math

import torch

from chemvae.config import HeadConfig
from chemvae.nn.head import PropertyHead


def head(
    names: tuple[str, ...] = ("a", "b"), binary: tuple[bool, ...] = (False, False), **settings: object
) -> PropertyHead:
    torch.manual_seed(0)
    return PropertyHead(3, names, binary, HeadConfig(**{"hidden": (8,), **settings}))


def test_predictions_are_in_the_units_of_the_table() -> None:
    net, z = head(), torch.randn(5, 3)
    before = net(z)
    net.set_scale(torch.tensor([100.0, -1.0]), torch.tensor([10.0, 0.1]))
    torch.testing.assert_close(net(z), before * torch.tensor([10.0, 0.1]) + torch.tensor([100.0, -1.0]))


def test_the_scale_of_a_label_does_not_change_its_weight() -> None:
    z, y = torch.randn(5, 3), torch.randn(5, 2)
    small, large = head(), head()
    large.set_scale(torch.tensor([50.0, 0.0]), torch.tensor([1000.0, 1.0]))
    torch.testing.assert_close(
        small.loss(z, y), large.loss(z, y * torch.tensor([1000.0, 1.0]) + torch.tensor([50.0, 0.0]))
    )


def test_a_missing_label_neither_counts_nor_teaches() -> None:
    net, z = head(), torch.randn(2, 3)
    full = torch.tensor([[0.5, 1.0], [0.2, -1.0]])
    holed = torch.tensor([[0.5, math.nan], [math.nan, math.nan]])
    loss = net.loss(z, holed)
    raw = net.net(z)
    torch.testing.assert_close(loss[0], 0.5 * (raw[0, 0] - 0.5).square())
    assert loss[1] == 0
    loss.sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    assert (net.net[-1].weight.grad[1] == 0).all()
    assert net.loss(z, full).isfinite().all()


def test_yes_or_no_is_cross_entropy_and_answers_a_probability() -> None:
    net, z = head(binary=(False, True)), torch.randn(4, 3)
    net.set_scale(torch.tensor([2.0, 0.7]), torch.tensor([3.0, 0.1]))
    probability = net(z)[:, 1]
    assert ((probability > 0) & (probability < 1)).all()
    yes = net.loss(z, torch.tensor([[math.nan, 1.0]] * 4))
    torch.testing.assert_close(yes, -probability.log())


def test_learned_noise_settles_at_the_error() -> None:
    torch.manual_seed(0)
    net, z = head(("a",), (False,)), torch.randn(500, 3)
    y = z[:, :1] + 0.3 * torch.randn(500, 1)
    adam = torch.optim.Adam(net.parameters(), lr=0.02)
    for _ in range(200):
        adam.zero_grad()
        net.loss(z, y).mean().backward()
        adam.step()
    assert abs(net.log_noise.exp().item() - 0.3) < 0.05


def test_plain_squared_error_on_request() -> None:
    net, z, y = head(learn_noise=False), torch.randn(5, 3), torch.randn(5, 2)
    torch.testing.assert_close(net.loss(z, y), 0.5 * (net.net(z) - y).square().sum(-1))
    assert not net.log_noise.requires_grad
