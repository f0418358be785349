"""Coordinate ascent on a conjugate Gaussian comes to the closed form: means, variances, bound."""

import pytest
import torch

from chemvae.nn.toy.cavi import Regression, coordinate_ascent, regression


def model(likeness: float = 0.8, weights: int = 3) -> Regression:
    return regression(40, weights, likeness, 0.7, torch.Generator().manual_seed(0))


def test_the_evidence_is_that_of_the_exact_posterior() -> None:
    """log p(y) = log p(y, w) - log p(w|y) at any w."""
    given = model()
    w = torch.tensor([0.3, -1.0, 0.2], dtype=torch.float64)
    normal = torch.distributions.Normal
    joint = normal(given.x @ w, given.noise).log_prob(given.y).sum() + normal(0.0, 1.0).log_prob(w).sum()
    exact = torch.distributions.MultivariateNormal(given.mean, precision_matrix=given.precision)
    assert given.log_evidence == pytest.approx(float(joint - exact.log_prob(w)))


@pytest.mark.parametrize("likeness", [0.0, 0.8, 0.95])
def test_it_comes_to_the_closed_form_and_never_falls(likeness: float) -> None:
    given = model(likeness)
    found = coordinate_ascent(given, 800)
    torch.testing.assert_close(found.mean, given.mean, atol=1e-8, rtol=0)
    torch.testing.assert_close(found.variance, 1 / given.precision.diagonal())
    gap = 0.5 * (given.precision.diagonal().log().sum() - torch.linalg.slogdet(given.precision)[1])
    assert given.log_evidence - found.bounds[-1] == pytest.approx(float(gap), abs=1e-8)
    assert all(later >= earlier - 1e-9 for earlier, later in zip(found.bounds, found.bounds[1:], strict=False))
    assert (found.variance <= torch.linalg.inv(given.precision).diagonal() + 1e-12).all()


def test_one_weight_is_exact_after_one_turn() -> None:
    given = model(weights=1)
    assert coordinate_ascent(given, 1).bounds[-1] == pytest.approx(given.log_evidence)
