import dataclasses

import numpy as np
import pytest
import torch

from chemvae.search.inversion import inverted, unwritten


@pytest.fixture
def shifted(space):
    """A space whose encoder is off by one in the first dimension, and which knows how surprised it is."""

    def surprise(z, smiles):
        return (z - torch.as_tensor(space.read(smiles), dtype=z.dtype)).square().sum(dim=1) * 100.0

    return dataclasses.replace(
        space, read=lambda texts: space.read(texts) + np.array([0.3, 0, 0, 0]), surprise=surprise
    )


def test_finds_the_point_that_gives_a_molecule_back(shifted):
    smiles = ["0.5,0.2,0.1,0.0", "-1.0,1.0,1.0,1.0"]
    assert unwritten(shifted.read(smiles), smiles, shifted) == [0, 1]
    z = inverted(smiles, shifted)
    assert [one.smiles for one in shifted.write(z)] == smiles


def test_what_is_decoded_rightly_stays_where_it_is_encoded(space, shifted):
    both = dataclasses.replace(shifted, read=space.read)
    smiles = ["0.5,0.2,0.1,0.0"]
    np.testing.assert_array_equal(inverted(smiles, both), space.read(smiles))


def test_without_a_way_or_success_the_encoding_stays(shifted):
    smiles = ["0.5,0.2,0.1,0.0"]
    for other in (dataclasses.replace(shifted, surprise=None), shifted):
        np.testing.assert_array_equal(inverted(smiles, other, steps=0), shifted.read(smiles))
    np.testing.assert_array_equal(inverted(smiles, shifted, steps=1), shifted.read(smiles))


def test_what_has_no_place_keeps_none(space):
    nowhere = dataclasses.replace(space, read=lambda texts: np.full((len(texts), 4), np.nan), surprise=lambda z, _: z)
    assert np.isnan(inverted(["a", "b"], nowhere)).all()


def test_with_the_bundled_model_a_lost_molecule_is_found_again():
    from chemvae.model import load
    from chemvae.search.objective import Objective
    from chemvae.searchable import space_of

    model = load()
    space = space_of(model, Objective(maximize="qed"))
    smiles = sorted({one.smiles for one in model.decode(model.prior(200, seed=5)) if one.smiles})
    lost = [smiles[row] for row in unwritten(space.read(smiles), smiles, space)]
    if not lost:
        pytest.skip("the bundled model gives all of these molecules back")
    z = inverted(lost, space)
    assert len(unwritten(z, lost, space)) < len(lost)
    assert np.isfinite(z).all()
