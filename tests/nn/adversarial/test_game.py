"""A game at rest: samplers that cannot be told apart leave D at 1/2 and the value at -log 4; others leave more."""

import math

import pytest
import torch
from torch import nn

from chemvae.nn.adversarial.game import (
    VALUE_AT_REST,
    Discriminator,
    Pair,
    called_fake,
    called_real,
    gradient_penalty,
    value,
)
from chemvae.nn.images.networks import MLPEncoder
from chemvae.systems.latent import MLPConfig


def discriminator(pixels: int, beside: int = 0) -> Discriminator:
    torch.manual_seed(0)
    return Discriminator(MLPEncoder(torch.zeros(pixels), beside, MLPConfig(hidden=(16,), activation="gelu")))


def test_on_finite_samplers_the_best_discriminator_is_p_over_p_plus_q_and_the_value_the_divergence() -> None:
    p, q = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.3, 0.6]], dtype=torch.float64)
    logits = (p / q).log().requires_grad_()  # D = p / (p + q)
    torch.testing.assert_close(logits.detach().sigmoid(), p / (p + q))
    lost = (p * called_real(logits) + q * called_fake(logits)).sum()
    assert float(torch.autograd.grad(lost, logits)[0].abs().max()) < 1e-12
    mixed = (p + q) / 2
    divergence = 0.5 * ((p * (p / mixed).log()).sum() + (q * (q / mixed).log()).sum())
    assert -float(lost.detach()) == pytest.approx(VALUE_AT_REST + 2 * float(divergence), abs=1e-12)


def test_equal_samplers_leave_d_at_one_half_and_the_value_at_minus_log_4() -> None:
    support = torch.tensor([[0.1, 0.9], [0.7, 0.2], [0.5, 0.5], [1.0, 0.0]])  # both sides draw these alike
    judge = discriminator(2).double()
    search = torch.optim.LBFGS(judge.parameters(), max_iter=300, line_search_fn="strong_wolfe")
    pair = Pair(support.double())
    with torch.no_grad():
        nn.init.normal_(judge.to_logit.weight, std=3.0)
    assert float((judge(pair).detach().sigmoid() - 0.5).abs().max()) > 0.05  # it begins elsewhere

    def loss() -> torch.Tensor:
        search.zero_grad()
        lost = (called_real(judge(pair)) + called_fake(judge(pair))).mean()
        lost.backward()
        return lost

    search.step(loss)
    logits = judge(pair).detach()
    torch.testing.assert_close(logits.sigmoid(), torch.full((4,), 0.5).double(), atol=1e-4, rtol=0)
    assert float(value(logits, logits).mean()) == pytest.approx(-math.log(4), abs=1e-6)


def test_nobody_has_a_reason_to_move_at_rest() -> None:
    x = torch.rand(6, 2, requires_grad=True)
    judge = discriminator(2)
    with torch.no_grad():
        judge.to_logit.weight.zero_()
        judge.to_logit.bias.zero_()
    loss = (called_real(judge(Pair(x.detach()))) + called_fake(judge(Pair(x.detach())))).mean()
    loss.backward()
    assert all(float(p.grad.abs().max()) < 1e-7 for p in judge.parameters() if p.grad is not None)
    assert float(torch.autograd.grad(called_real(judge(Pair(x))).sum(), x)[0].abs().max()) == 0.0


def test_the_value_is_never_above_0_and_losses_do_not_overflow() -> None:
    logits = torch.tensor([-200.0, 0.0, 200.0])
    assert bool((value(logits, logits) <= 0).all())
    assert called_real(logits).isfinite().all() and called_fake(logits).isfinite().all()
    torch.testing.assert_close(-value(logits, logits), called_real(logits) + called_fake(logits))


def test_the_gradient_penalty_is_half_the_squared_slope_of_image_and_code() -> None:
    weight = torch.tensor([3.0, -4.0, 12.0])

    class Linear(nn.Module):
        def forward(self, pair: Pair) -> torch.Tensor:
            return torch.cat([pair.x, pair.beside], dim=1) @ weight

    slopes = gradient_penalty(Linear(), Pair(torch.rand(5, 2), torch.rand(5, 1)))
    torch.testing.assert_close(slopes, torch.full((5,), 0.5 * 169.0))


def test_a_discriminator_sees_what_stands_beside() -> None:
    judge, x = discriminator(3, beside=2), torch.rand(1, 3)
    one, two = (judge(Pair(x, torch.tensor([beside]))) for beside in ([1.0, 0.0], [0.0, 1.0]))
    assert not torch.equal(one, two)
