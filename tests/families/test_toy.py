"""The worked examples: figures beside the exact ones, the same for the same seed."""

import pytest

from chemvae.families.toy import EXAMPLES
from chemvae.systems.toy import CaviConfig, LearnedMcmcConfig, NoiseConfig


def test_transformed_noise_has_the_exact_moments() -> None:
    found = EXAMPLES["noise_transforms"](NoiseConfig(draws=20_000), 0).figures
    assert found["ring_radius_mean_exact"] == pytest.approx(1.1253, abs=5e-5)
    assert found["affine_log_density_at_1.5"] == pytest.approx(-1.6433, abs=5e-5)
    for name in ("exponential_mean", "ring_radius_mean", "ring_radius_std"):
        assert found[name] == pytest.approx(found[f"{name}_exact"], rel=0.03)
    assert found["covariance_error"] < 0.1 and found["ring_radius_least"] > 1


def test_mean_field_reaches_the_closed_form() -> None:
    found = EXAMPLES["cavi"](CaviConfig(), 0).figures
    assert found["mean_error"] < 1e-4
    assert found["gap"] == pytest.approx(found["gap_exact"], abs=1e-6)
    assert found["variance_ratio"] < 1
    assert found["largest_fall_of_the_bound"] < 1e-9


def test_a_learned_proposal_jumps_and_the_seed_decides() -> None:
    settings = LearnedMcmcConfig(train_steps=100, tuning_steps=2, chains=20, steps=50)
    first, again = (EXAMPLES["learned_mcmc"](settings, 0) for _ in range(2))
    assert first.figures == again.figures
    assert first.figures["learned_jumps_per_step"] > first.figures["hmc_jumps_per_step"] + 0.2
    assert first.protocol["hmc_gradients_per_step"] > 0
