"""Latent smoothness: decoders whose answer is known by construction."""

import numpy as np
import pytest

from chemvae.chem.fingerprints import tanimoto
from chemvae.latent import Encoded
from chemvae.molecule import Molecule, Verdict
from chemvae.report.smoothness import STEPS, radii, smoothness, steps_from

BAD = Molecule("C1", None, Verdict.UNPARSABLE)


def good(smiles: str) -> Molecule:
    return Molecule(smiles, smiles, Verdict.VALID)


def encoded(mean: np.ndarray) -> Encoded:
    mean = mean.astype(np.float32)
    return Encoded(mean, np.ones_like(mean), [good("C")] * len(mean))


def test_points_lie_at_their_radius_in_standard_deviations():
    mean = np.random.default_rng(0).normal(size=(40, 8)) * np.arange(1, 9)
    points = steps_from(encoded(mean), 7, np.random.default_rng(1)).astype(np.float64)
    assert points.shape == (7, STEPS + 1, 8)
    apart = (points - points[:, :1]) / mean.astype(np.float32).std(axis=0)
    np.testing.assert_allclose(np.sqrt((apart**2).mean(axis=2)), np.tile(radii(), (7, 1)), atol=1e-4)


def test_what_cannot_be_encoded_is_not_a_middle():
    mean = np.array([[np.nan, np.nan], [1.0, 2.0], [3.0, 4.0]])
    points = steps_from(encoded(mean), 10, np.random.default_rng(0))
    assert points.shape == (2, STEPS + 1, 2) and np.isfinite(points).all()
    assert steps_from(encoded(mean[:1]), 10, np.random.default_rng(0)).shape == (0, STEPS + 1, 2)


def test_a_decoder_that_ignores_z_is_perfectly_smooth():
    merit, curve = smoothness([good("CCO")] * 2 * (STEPS + 1))
    assert (merit.value, merit.n) == (1.0, 2)
    assert (curve["similarity"] == 1.0).all() and (curve["valid"] == 1.0).all()


def test_a_decoder_that_jumps_at_once_has_half_a_step():
    row = [good("CCO"), *[BAD] * STEPS]
    merit, curve = smoothness(row)
    assert merit.value == pytest.approx(0.5 / STEPS)
    assert curve["similarity"].tolist() == [1.0] + [0.0] * STEPS


def test_area_under_a_known_curve():
    apart = float(tanimoto("CCO", ["CCN"])[0])
    merit, _ = smoothness([good("CCO")] * 6 + [good("CCN")] * 5)
    assert merit.value == pytest.approx((5 + (1 + apart) / 2 + 4 * apart) / STEPS)


def test_a_middle_that_is_no_molecule_counts_as_nought():
    merit, _ = smoothness([BAD, *[good("CCO")] * STEPS])
    assert merit.value == 0.0


def test_nothing_has_no_figure():
    merit, curve = smoothness([])
    assert np.isnan(merit.value) and curve["similarity"].isna().all()
