"""Parzen windows: a density that integrates to one, and the width that validation points like best."""

import math

import pytest
import torch

from chemvae.nn.parzen import WIDTHS, parzen, parzen_log_density


def test_one_centre_is_one_gaussian() -> None:
    found = parzen_log_density(torch.tensor([[1.0, 2.0]]), torch.tensor([[1.0, 0.0]]), torch.tensor([2.0]))
    assert float(found) == pytest.approx(-0.5 - math.log(2 * math.pi * 4))


def test_it_integrates_to_one() -> None:
    grid = torch.linspace(-6, 6, 2001)[:, None]
    centres = torch.tensor([[-1.0], [0.5], [0.6]])
    density = parzen_log_density(grid, centres, torch.tensor([0.3, 1.0])).exp()
    torch.testing.assert_close(
        torch.trapezoid(density.T, grid[:, 0].double()), torch.ones(2).double(), atol=1e-6, rtol=0
    )


def test_the_width_is_that_of_the_noise() -> None:
    chance = torch.Generator().manual_seed(0)
    wide = WIDTHS[4]
    made = torch.zeros(10, 50)
    test, valid = (wide * torch.randn(200, 50, generator=chance) for _ in range(2))
    found, width = parzen(test, valid, made)
    assert width == wide
    entropy = 50 * (0.5 + math.log(wide) + 0.5 * math.log(2 * math.pi))
    assert float(found.mean()) == pytest.approx(-entropy, abs=2)
