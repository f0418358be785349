"""The implicit posterior: its moments are those of its draws, and the discriminator's logit is the KL it stands for."""

import pytest
import torch

from chemvae.nn.adversarial.build import seeded_game
from chemvae.nn.adversarial.game import called_fake, called_real
from chemvae.nn.adversarial.vae import ImplicitEncoder
from chemvae.nn.images.build import Seen
from chemvae.nn.images.networks import MLPEncoder
from chemvae.nn.posterior import DiagonalGaussian, standard_normal_log_prob
from chemvae.systems.adversarial import AdversarialRecipe
from chemvae.systems.latent import MLPConfig

SEEN = Seen((8, 8), torch.full((64,), 0.3), torch.empty(0, 64), 0)
X = torch.rand(4, 64, generator=torch.Generator().manual_seed(1)).round()


def game(contrast: str):
    small = {"kind": "mlp", "hidden": [8]}
    recipe = {
        "latent": 2, "generator": small, "discriminator": small, "data": {"binarise": "threshold"},
        "game": {"kind": "adversarial_vae", "contrast": contrast, "encoder": small, "noise": 4, "bases": 2},
    }  # fmt: skip
    return seeded_game(AdversarialRecipe.model_validate(recipe), SEEN)


def test_the_moments_of_the_posterior_are_those_of_its_draws() -> None:
    torch.manual_seed(0)
    encoder = ImplicitEncoder(MLPEncoder(torch.zeros(3), 0, MLPConfig(hidden=(8,))), 2, noise=4, bases=3)
    chance, x = torch.Generator().manual_seed(0), torch.rand(1, 3)
    with torch.no_grad():
        told = encoder(x, chance, draws=20_000).moments
        z = encoder(x.repeat(20_000, 1), chance).z
    torch.testing.assert_close(told.mean[0], z.mean(dim=0), atol=0.03, rtol=0)
    torch.testing.assert_close(told.std[0], z.std(dim=0), atol=0.03, rtol=0)


@pytest.mark.parametrize("contrast", ["adaptive", "prior"])
def test_the_cost_is_all_of_the_bound_but_the_logit(contrast: str) -> None:
    ours = game(contrast)
    bout = ours.bout(X, None, torch.Generator().manual_seed(0))
    implied = ours.players["encoder"](X, torch.Generator().manual_seed(0))
    nll, z = ours.decoder.nll(implied.z, X), implied.z
    if contrast == "prior":
        assert torch.equal(bout.real.beside, z)
        torch.testing.assert_close(bout.cost, nll)
    else:
        torch.testing.assert_close(bout.real.beside * implied.moments.std + implied.moments.mean, z)
        explicit = implied.moments.log_prob(z[None])[0] - standard_normal_log_prob(z)
        torch.testing.assert_close(bout.cost, nll + explicit)
    torch.testing.assert_close(ours.loss(bout), bout.cost + ours.discriminator(bout.real))


def test_the_discriminators_logit_becomes_log_q_over_p_and_its_mean_the_kl() -> None:
    q = DiagonalGaussian(torch.tensor([[0.8]]).double(), torch.tensor([[-0.6]]).double())
    chance = torch.Generator().manual_seed(0)
    z, other = q.sample(chance, 40_000)[:, 0], torch.randn(40_000, 1, generator=chance, dtype=torch.float64)
    weights = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    search = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def logit(at: torch.Tensor) -> torch.Tensor:  # log q - log p of Gaussians is quadratic
        return torch.stack([torch.ones_like(at[:, 0]), at[:, 0], at[:, 0] ** 2], dim=1) @ weights

    def loss() -> torch.Tensor:
        search.zero_grad()
        lost = called_real(logit(z)).mean() + called_fake(logit(other)).mean()
        lost.backward()
        return lost

    search.step(loss)
    grid = torch.linspace(-0.5, 2, 7)[:, None].double()
    truth = q.log_prob(grid[:, None])[:, 0] - standard_normal_log_prob(grid)
    torch.testing.assert_close(logit(grid).detach(), truth, atol=0.06, rtol=0)
    assert float(logit(z).mean().detach()) == pytest.approx(float(q.kl().sum()), abs=0.02)


def test_the_discriminator_is_not_moved_by_the_gaussian_beside() -> None:
    ours = game("adaptive")
    ours.bout(X, None, torch.Generator().manual_seed(0)).apart.mean().backward()
    moved = {name for name, p in ours.named_parameters() if p.grad is not None}
    assert moved and all(name.startswith("players.gaussian") for name in moved)
