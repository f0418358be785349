"""What becomes of a latent-variable model: PCA from a linear one, no information from KL alone, no noise without KL."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from chemvae.families.latent import fit_prior
from chemvae.families.latent_figures import measured
from chemvae.families.trained import seen_of
from chemvae.io.image_sets import load_images
from chemvae.nn.images.build import seeded
from chemvae.nn.objectives import kl_only, reconstruction_only
from chemvae.systems.latent import LatentRecipe
from chemvae.systems.recipe import ImageDataConfig

DIGITS = load_images(ImageDataConfig())
LINEAR = {"encoder": {"kind": "mlp", "hidden": []}, "decoder": {"kind": "mlp", "hidden": []}}


def recipe(**parts) -> LatentRecipe:
    return LatentRecipe.model_validate({"figures": {"nll_samples": 5}, **LINEAR, **parts})


@pytest.mark.parametrize("latent", [2, 8])
def test_a_linear_autoencoder_comes_to_principal_components(latent: int) -> None:
    asked = recipe(
        latent=latent, posterior={"kind": "dirac"}, prior={"kind": "fitted"},
        likelihood={"kind": "gaussian", "scale": 1.0}, objective={"kind": "reconstruction"},
    )  # fmt: skip
    model = seeded(asked, seen_of(DIGITS, 0)).double()
    x = torch.from_numpy(DIGITS.parts["train"]).double()
    search = torch.optim.LBFGS(model.parameters(), max_iter=600, line_search_fn="strong_wolfe", history_size=30)

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = reconstruction_only(model(x)[0]).mean()
        value.backward()
        return value

    search.step(loss)
    with torch.no_grad():
        back = model.decoder.sample(model.amortised(x).mean).numpy()
    pca = PCA(latent).fit(x.numpy())
    best = ((pca.inverse_transform(pca.transform(x.numpy())) - x.numpy()) ** 2).mean()
    assert ((back - x.numpy()) ** 2).mean() == pytest.approx(best, rel=1e-4)
    ours = np.linalg.qr(model.decoder.net.net[1].weight.detach().numpy())[0]
    cosines = np.linalg.svd(pca.components_ @ ours, compute_uv=False)
    assert cosines.min() > 0.999


def trained(asked: LatentRecipe, loss, steps: int = 150):
    model = seeded(asked, seen_of(DIGITS, 0))
    adam, chance = torch.optim.Adam(model.parameters(), lr=1e-2), torch.Generator().manual_seed(0)
    x = torch.from_numpy(DIGITS.parts["train"][:200])
    for _ in range(steps):
        adam.zero_grad()
        loss(model(x, chance)[0]).mean().backward()
        adam.step()
    return model.eval()


def test_kl_alone_leaves_no_active_unit_and_reconstruction_alone_no_noise() -> None:
    asked = recipe(latent=3)
    silent = measured(trained(asked, kl_only), DIGITS, asked)
    assert silent["test_kl"] == pytest.approx(0.0, abs=1e-3)
    assert silent["active_units"] == 0
    loud = measured(trained(asked, reconstruction_only, 600), DIGITS, asked)
    assert loud["posterior_std"] < 0.4
    assert loud["active_units"] == 3


def test_the_likelihood_is_no_worse_than_the_bound_and_a_point_has_none() -> None:
    asked = recipe(latent=3)
    found = measured(trained(asked, reconstruction_only, 5), DIGITS, asked)
    assert found["test_nll"] < found["test_negative_elbo"]
    assert found["test_negative_elbo"] == pytest.approx(found["test_reconstruction"] + found["test_kl"], rel=1e-5)
    point = recipe(posterior={"kind": "dirac"}, objective={"kind": "reconstruction"})
    figures = measured(seeded(point, seen_of(DIGITS, 0)), DIGITS, point)
    assert "test_nll" not in figures and "test_kl" not in figures and figures["test_mse"] > 0


def test_a_fitted_prior_is_where_the_training_images_are() -> None:
    asked = recipe(posterior={"kind": "dirac"}, prior={"kind": "fitted"}, objective={"kind": "reconstruction"})
    model, x = seeded(asked, seen_of(DIGITS, 0)), torch.from_numpy(DIGITS.parts["train"])
    fit_prior(model, x)
    with torch.no_grad():
        torch.testing.assert_close(model.prior.mean, model.amortised(x).mean.mean(dim=0), atol=1e-5, rtol=0)
