"""A space told by functions: its scale, and proposals put together."""

import numpy as np


def test_the_scale_is_the_priors_and_the_same_each_time(space):
    mean, std = space.scale
    np.testing.assert_allclose(mean, 0.0, atol=0.15)
    np.testing.assert_allclose(std, 1.0, atol=0.15)
    np.testing.assert_array_equal(space.scale[0], mean)


def test_every_method_is_one(space):
    from chemvae.search.methods import METHODS, method_from
    from chemvae.search.space import Method

    assert METHODS
    assert all(isinstance(method_from(name, None), Method) for name in METHODS)
