"""Schedules at the points that define them."""

import math

import pytest

from chemvae.config import ObjectiveConfig, TrainConfig
from chemvae.training.schedules import FLOOR, beta_at, blurred_at, learning_rate_at


def test_beta_rises_linearly_and_stays() -> None:
    config = ObjectiveConfig(beta=0.5, start=1.0, rise=2.0)
    assert [beta_at(config, epoch) for epoch in (0, 1, 2, 3, 9)] == [0, 0, 0.25, 0.5, 0.5]


def test_beta_is_relaxed_where_the_recipe_says() -> None:
    config = ObjectiveConfig(beta=0.5, rise=3.0, relax_at=3.0, relaxed_beta=0.2)
    assert [beta_at(config, epoch) for epoch in (1.5, 2.999, 3.0, 7.0)] == [
        0.25,
        pytest.approx(0.5, abs=1e-3),
        0.2,
        0.2,
    ]


def test_the_sigmoid_is_at_half_height_where_it_should_be() -> None:
    config = ObjectiveConfig(beta=1.0, schedule="sigmoid", start=29.0, rise=0.51)
    assert beta_at(config, 29) == 0.5
    assert math.isclose(beta_at(config, 30), 1 / (1 + math.exp(-0.51)))
    assert beta_at(ObjectiveConfig(beta=0.3, schedule="constant"), 0) == 0.3


def test_the_learning_rate_warms_up_stays_and_falls() -> None:
    config = TrainConfig(epochs=10, warmup_steps=100, decay_epochs=4)
    assert learning_rate_at(config, 0, 0.0) == pytest.approx(0.01)
    assert learning_rate_at(config, 500, 5.0) == 1.0
    assert learning_rate_at(config, 900, 8.0) == pytest.approx(0.5)
    assert learning_rate_at(config, 1000, 10.0) == FLOOR


def test_points_are_blurred_from_one_epoch_until_another() -> None:
    config = ObjectiveConfig(blurred=0.25, blur_from=2.0, blur_until=5.0)
    assert [blurred_at(config, epoch) for epoch in (0.0, 1.99, 2.0, 4.99, 5.0, 9.0)] == [0, 0, 0.25, 0.25, 0, 0]
    assert blurred_at(ObjectiveConfig(blurred=0.25), 9.0) == 0.25
