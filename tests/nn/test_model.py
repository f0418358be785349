"""The latent-variable model: classes, refinement, and what passes gradients."""

import torch
from torch import nn

from chemvae.nn.model import LatentModel, told
from chemvae.nn.posterior import DiagonalGaussian
from chemvae.nn.prior import GaussianMixture, StandardNormal


class Decoder(nn.Module):
    """Surprised by the distance between x and the code."""

    def nll(self, z, x, generator=None):
        self.seen = z
        return (x - z[:, :1]).square().sum(dim=1)

    def sample(self, z, temperature=0.0, generator=None):
        return z


class Encoder(nn.Module):
    """A Gaussian at the first place of x, or at the class."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, x, y=None):
        at = x[:, :1] if y is None else y[:, :1]
        return DiagonalGaussian(self.scale * at, torch.zeros_like(at))


X, Y = torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.eye(2)


def test_a_class_reaches_encoder_and_decoder() -> None:
    model = LatentModel(Encoder(), Decoder(), StandardNormal(1))
    _, z = model(X, torch.Generator().manual_seed(0), k=2, y=Y)
    assert model.decoder.seen[:, 1:].tolist() == Y.repeat(2, 1).tolist()
    assert torch.equal(model.decoder.seen[:, :1], z.flatten(0, 1))
    assert told(z[0], None, 1) is not None and told(z[0], None, 1).shape == (2, 1)


def test_a_prior_that_is_not_the_standard_normal_has_no_closed_form() -> None:
    assert LatentModel(Encoder(), Decoder(), StandardNormal(1))(X)[0].kl is not None
    assert LatentModel(Encoder(), Decoder(), GaussianMixture(1, 2))(X)[0].kl is None


def test_without_a_path_only_the_density_knows_the_encoder() -> None:
    model = LatentModel(Encoder(), Decoder(), StandardNormal(1))
    terms, z = model(X, torch.Generator().manual_seed(0), pathwise=False)
    assert not z.requires_grad
    assert not terms.log_px.requires_grad
    assert terms.log_qz.requires_grad


def test_a_refinement_is_told_the_joint_density_and_has_the_last_word() -> None:
    asked = []

    def refine(posterior, log_joint, generator=None):
        z = posterior.mean[None]
        asked.append(log_joint(z))
        return DiagonalGaussian(posterior.mean + 10, posterior.log_var)

    model = LatentModel(Encoder(), Decoder(), StandardNormal(1), refine)
    torch.testing.assert_close(model.posterior(X).mean, model.amortised(X).mean + 10)
    truth = StandardNormal(1).log_prob(X[:, :1]) - (X - X[:, :1]).square().sum(dim=1)
    torch.testing.assert_close(asked[0][0], truth)
    assert (model(X)[1] > 5).all()
