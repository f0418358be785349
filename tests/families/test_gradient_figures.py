"""The score function and the path have the same gradient in expectation, and very different noise."""

import torch
from torch import nn

from chemvae.families.gradient_figures import gradients, pathwise_loss, score_loss
from chemvae.nn.model import LatentModel
from chemvae.nn.posterior import DiagonalGaussian
from chemvae.nn.prior import StandardNormal


class Encoder(nn.Module):
    """A Gaussian with two weights."""

    def __init__(self):
        super().__init__()
        self.to_mean, self.to_log_var = nn.Parameter(torch.tensor(0.3)), nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        return DiagonalGaussian(self.to_mean * x, self.to_log_var.expand_as(x))


class Decoder(nn.Module):
    """x ~ N(z, 1), without its constant."""

    def nll(self, z, x, generator=None):
        return 0.5 * (x - z).square().sum(dim=1)

    def sample(self, z, temperature=0.0, generator=None):
        return z


X = torch.tensor([[1.0], [-2.0], [0.5]])
MODEL = LatentModel(Encoder(), Decoder(), StandardNormal(1))
K, REPEATS = 8, 250


def exact() -> torch.Tensor:
    """The gradient of the negative bound, which a linear Gaussian model has in closed form."""
    weights = list(MODEL.encoder.parameters())
    posterior = MODEL.amortised(X)
    nll = 0.5 * ((X - posterior.mean).square() + posterior.log_var.exp())
    return torch.stack(torch.autograd.grad((nll + posterior.kl()).sum(dim=1).mean(), weights))


def test_both_have_the_exact_gradient_for_their_mean() -> None:
    variances = []
    for loss, k in ((pathwise_loss, K), (score_loss, K), (score_loss, 1)):
        found = gradients(MODEL, lambda chance, loss=loss, k=k: loss(MODEL, X, None, k, chance), 0, REPEATS)
        error = found.std(dim=0) / REPEATS**0.5
        assert ((found.mean(dim=0) - exact()).abs() < 4 * error).all()
        variances.append(float(found.var(dim=0).sum()))
    assert max(variances[:2]) < variances[2] / K  # the baseline is worth more than K samples, and so is the path
