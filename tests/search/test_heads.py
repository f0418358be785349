import numpy as np
import torch

from chemvae.search.heads import best_ridge, fitted, ridge_weights


def measured(n=300, latent=5, seed=0):
    rng = np.random.default_rng(seed)
    u = rng.standard_normal((n, latent))
    return u, 40.0 + 10.0 * (u[:, 0] - np.sin(2 * u[:, 1]))


def heads_of(u, y, heads=5):
    return fitted(u, y, heads, np.random.default_rng(1))


def told(heads, u):
    return heads(torch.as_tensor(u, dtype=torch.float32)).numpy()


def test_learns_a_curve_in_the_units_of_the_values():
    heads = heads_of(*measured())
    u, y = measured(seed=1)
    assert np.sqrt(((told(heads, u).mean(axis=0) - y) ** 2).mean()) < 0.35 * y.std()


def test_heads_agree_near_what_was_measured_and_not_far_away():
    u, y = measured(60)
    heads = heads_of(u, y)
    assert told(heads, 6.0 * u).std(axis=0).mean() > 3.0 * told(heads, u).std(axis=0).mean()


def test_bound_is_lower_the_more_doubt_counts():
    u, y = measured(60)
    heads, at = heads_of(u, y), torch.as_tensor(u, dtype=torch.float32)
    torch.testing.assert_close(heads.bound(at, 0.0), heads(at).mean(dim=0))
    assert (heads.bound(at, 2.0) < heads.bound(at, 1.0)).all()


def test_gradients_pass():
    heads = heads_of(*measured(60))
    at = torch.zeros(3, 5, requires_grad=True)
    assert torch.autograd.grad(heads.bound(at, 1.0).sum(), at)[0].abs().min() > 0.0


def test_one_value_and_outliers_far_below_are_no_trouble():
    u, y = measured(60)
    assert np.allclose(told(heads_of(u, np.full(60, 3.0)), u), 3.0)
    y[0] = -1e9
    assert np.abs(told(heads_of(u, y), u)).max() < 1e3


def test_the_ridge_is_the_one_that_leaving_one_out_says():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((30, 4))
    y = x[:, 0] + rng.standard_normal(30)
    ridge = best_ridge(x, y)

    def error(strength):
        rows = np.arange(30)
        left = [x[at] @ ridge_weights(x[rows != at], y[rows != at], strength) - y[at] for at in rows]
        return float(np.square(left).mean())

    assert error(ridge) <= min(error(ridge * 3.2), error(ridge / 3.2)) + 1e-12


def test_same_chance_same_heads():
    u, y = measured(40)
    np.testing.assert_array_equal(told(heads_of(u, y), u), told(heads_of(u, y), u))
