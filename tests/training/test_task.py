"""What a look at the validation molecules says."""

import math

import pytest
import torch
from sklearn.metrics import roc_auc_score

from chemvae.config import HeadConfig, Recipe
from chemvae.nn.build import seeded
from chemvae.nn.head import PropertyHead
from chemvae.training.task import active_units, auroc, property_figures, validation_figures


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


def test_auroc_is_that_of_scikit_learn_ties_included() -> None:
    torch.manual_seed(0)
    score, label = torch.rand(500).mul(20).round(), (torch.rand(500) < 0.3).float()
    assert auroc(score, label).item() == pytest.approx(roc_auc_score(label, score), abs=1e-12)
    assert auroc(label, label) == 1
    assert auroc(-label, label) == 0


def test_properties_are_measured_over_the_labels_that_are_there() -> None:
    """Yes or no by AUROC, numbers by their error; what has no label, or only one kind of it, has no figure."""
    missing = math.nan
    net = PropertyHead(2, ["n", "y", "none", "onlyyes"], [False, True, False, True], HeadConfig(hidden=(3,)))
    predicted = torch.tensor([[1.0, 0.9, 1.0, 0.5], [2.0, 0.2, 1.0, 0.5], [9.0, 0.1, 1.0, 0.5]])
    label = torch.tensor([[1.5, 1.0, missing, 1.0], [4.5, 0.0, missing, 1.0], [missing, missing, missing, 1.0]])
    figures = property_figures(net, predicted, label)
    assert {name: value.item() for name, value in figures.items()} == {"mae_n": 1.5, "auroc_y": 1.0}
