"""Who wants what: a generator to be taken for real, an encoder and a generator to be taken for each other."""

import pytest
import torch

from chemvae.nn.adversarial.build import seeded_game
from chemvae.nn.adversarial.game import called_fake, called_real
from chemvae.nn.images.build import Seen
from chemvae.systems.adversarial import AdversarialRecipe

SEEN = Seen((8, 8), torch.full((64,), 0.3), torch.empty(0, 64), 3)
SMALL = {"generator": {"kind": "mlp", "hidden": [8]}, "discriminator": {"kind": "mlp", "hidden": [8]}, "latent": 4}


def game(**parts):
    return seeded_game(AdversarialRecipe.model_validate({**SMALL, **parts}), SEEN)


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


X, Y = torch.rand(5, 64, generator=torch.Generator().manual_seed(1)), torch.eye(3)[[0, 1, 2, 0, 1]]


@pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
def test_a_generator_that_follows_its_loss_is_taken_for_real(loss: str) -> None:
    ours = game(game={"kind": "gan", "loss": loss})
    before = float(ours.discriminator(ours.bout(X, Y, chance()).fake).mean().detach())
    descent = torch.optim.SGD(ours.learned(), lr=1.0)
    for _ in range(20):
        descent.zero_grad()
        ours.loss(ours.bout(X, Y, chance())).mean().backward()
        descent.step()
    assert float(ours.discriminator(ours.bout(X, Y, chance()).fake).mean().detach()) > before


def test_classes_reach_both_sides_of_a_conditional_game_only() -> None:
    told, untold = game(conditional=True), game()
    bout = told.bout(X, Y, chance())
    assert torch.equal(bout.real.beside, Y) and torch.equal(bout.fake.beside, Y)
    assert untold.bout(X, Y, chance()).real.beside is None
    z = torch.zeros(3, 4)
    one, two, _ = told.generate(z, torch.eye(3))
    assert not torch.equal(one, two)


def test_ali_plays_images_with_codes_against_points_with_images() -> None:
    ours = game(game={"kind": "ali", "encoder": {"kind": "mlp", "hidden": [8]}, "posterior": {"kind": "gaussian"}})
    bout = ours.bout(X, None, chance())
    assert torch.equal(bout.real.x, X) and bout.real.beside.shape == (5, 4)
    torch.testing.assert_close(bout.fake.x, ours.generate(bout.fake.beside), atol=1e-6, rtol=0)
    expected = called_real(ours.discriminator(bout.fake)) + called_fake(ours.discriminator(bout.real))
    torch.testing.assert_close(ours.loss(bout), expected)
    ours.loss(bout).mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in ours.players["encoder"].head.to_mean.parameters())


def test_the_steady_players_are_a_running_average_and_learn_nothing() -> None:
    ours = game()
    old = [p.clone() for p in ours.steady.parameters()]
    with torch.no_grad():
        for p in ours.learned():
            p.add_(1.0)
    ours.average(0.75)
    for before, after in zip(old, ours.steady.parameters(), strict=True):
        torch.testing.assert_close(after, before + 0.25)
        assert not after.requires_grad
    ours.average(0.0)
    assert all(torch.equal(a, b) for a, b in zip(ours.steady.parameters(), ours.learned(), strict=True))
