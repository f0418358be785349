"""What a look at the validation molecules says."""

import pytest
import torch

from chemvae.config import Recipe
from chemvae.nn.build import seeded
from chemvae.training.task import active_units, validation_figures


def test_epochs_are_compared_at_the_beta_that_is_aimed_at() -> None:
    """A low loss under the beta of some other epoch would keep the wrong weights."""
    recipe = Recipe.model_validate(
        {
            "objective": {"beta": 0.5, "rise": 3.0, "relax_at": 3.0, "relaxed_beta": 0.2},
            "model": {"head": False},
            "train": {"epochs": 7},
        }
    )
    seen = {
        "nll": torch.tensor([2.0, 4.0]),
        "kl": torch.full((2, 10), 1.5),
        "mean": torch.randn(2, 10),
        "exact": torch.tensor([1.0, 0.0]),
        "right": torch.tensor([3.0, 4.0]),
        "tokens": torch.tensor([3.0, 5.0]),
    }
    figures = validation_figures(seen, recipe, seeded(recipe.model, 9, 12, {}, 0))
    assert figures["valid_loss"] == pytest.approx(3.0 + 0.2 * 15.0)
    assert figures["exact_reconstruction"] == 0.5
    assert figures["token_accuracy"] == pytest.approx(7 / 8)


def test_a_dimension_that_says_nothing_is_not_active() -> None:
    means = torch.stack([torch.linspace(-1, 1, 50), torch.full((50,), 0.3)], dim=1)
    assert active_units(means) == 0.5
