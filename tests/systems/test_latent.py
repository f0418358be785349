"""Recipes of latent-variable models: strict, of many kinds, and told in one line what cannot be."""

from pathlib import Path

import pytest

from chemvae.errors import ConfigError
from chemvae.image import read_image_recipe
from chemvae.io.recipes import to_toml
from chemvae.systems.latent import LatentRecipe


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("family = 'latnet'", 'Did you mean "latent"'),
        ("family = 'x'", "Known: latent"),
        ("laten = 3", 'Did you mean "latent"'),
        ("[encoder]\nkind = 'mlp'\nhiden = [3]", "'encoder.hiden'.*Did you mean \"hidden\""),
        ("[encoder]\nkind = 'conv'\nchanels = [3]", 'Did you mean "channels"'),
        ("[encoder]\nkind = 'conf'", "encoder: .*'mlp', 'conv'"),
        ("[encoder]\nhidden = [3]", "encoder: .*kind"),
        ("[encoder]\nkind = 'mlp'\nhidden = [0]", r"encoder\.hidden\.0"),
        ("[posterior]\nkind = 'dirac'", "objective.kind"),
        ("[prior]\nkind = 'fitted'", "comes after training"),
        ("conditional = true\n[prior]\nkind = 'vampprior'", "made of posteriors"),
        ("[decoder]\nkind = 'pixelcnn'\nkernel = 4", "odd kernel"),
        ("[encoder]\nkind = 'draw'", "both or none"),
        ("latent = 3\n[encoder]\nkind = 'draw'\n[decoder]\nkind = 'draw'\nsteps = 2", "a multiple of decoder.steps"),
        ("latent = 2\n[encoder]\nkind = 'draw'\nwindow = 1\n[decoder]\nkind = 'draw'\nsteps = 2", "2 filters"),
        ("conditional = true\n[encoder]\nkind = 'draw'\n[decoder]\nkind = 'draw'\nsteps = 2", "no classes"),
        ("latent = 1\n[prior]\nkind = 'flow'", "latent = 2"),
        ("[posterior]\nkind = 'mixture'\n[objective]\nkind = 'score_function'", "strata"),
        ("[posterior]\nkind = 'planar'\n[objective]\nkind = 'score_function'", "its own draws"),
        ("[posterior]\nkind = 'radial'\n[prior]\nkind = 'vampprior'", "made of posteriors"),
        ("[posterior]\nkind = 'planar'\n[refine]\nkind = 'gradient'", "one Gaussian"),
        ("[posterior]\nkind = 'dirac'\n[objective]\nkind = 'reconstruction'\n[refine]\nkind = 'hmc'", "no dirac"),
        ("[posterior]\nkind = 'sphere'", "both or none"),
        ("latent = 1\n[posterior]\nkind = 'sphere'\n[prior]\nkind = 'sphere'", "latent = 2"),
        ("[objective]\nkind = 'iwae'\nbeta = 2", "no beta"),
        ("[data]\nname = 'binarized_mnist'", "published fixed binarisation"),
        ("[data]\nname = 'binarized_mnist'\nbinarise = 'dynamic'", "published fixed binarisation"),
        ("[data]\nname = 'mnist'\nbinarise = 'fixed'", "binarized_mnist"),
    ],
)
def test_what_cannot_be_is_named_in_one_line(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "run.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=match) as caught:
        read_image_recipe(path)
    assert "\n" not in str(caught.value)


def test_writing_and_reading_gives_the_same(tmp_path: Path) -> None:
    parts = {
        "encoder": {"kind": "conv", "channels": [3, 4]},
        "prior": {"kind": "vampprior", "inputs": 7},
        "likelihood": {"kind": "gaussian", "scale": 0.2},
        "train": {"cpu_seconds": 3.5, "clip": 2},
    }
    recipe = LatentRecipe.model_validate(parts)
    (tmp_path / "run.toml").write_text(to_toml(recipe))
    assert read_image_recipe(tmp_path / "run.toml") == recipe


def test_a_change_reaches_a_part(tmp_path: Path) -> None:
    (tmp_path / "run.toml").write_text("[encoder]\nkind = 'mlp'\nhidden = [3]")
    recipe = read_image_recipe(tmp_path / "run.toml", ["encoder.hidden=[5, 6]", "prior={kind = 'flow', layers = 2}"])
    assert isinstance(recipe, LatentRecipe)
    assert (recipe.encoder.hidden, recipe.prior.layers) == ((5, 6), 2)
