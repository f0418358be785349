"""Recipes of adversarial systems: strict, and told in one line what cannot be."""

import pytest

from chemvae.errors import ConfigError
from chemvae.image import read_image_recipe
from chemvae.io.recipes import to_toml
from chemvae.systems.adversarial import AdversarialRecipe


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("conditional = true\n[game]\nkind = 'ali'", "told classes"),
        ("[train]\npatience = 3", "no validation loss"),
        ("[train]\nkeep = 'best'", "train.keep"),
        ("[data]\nbinarise = 'threshold'", "grey values"),
        ("[game]\nkind = 'adversarial_vae'\n[train]\naverage = 0.9", "train.average"),
        ("[game]\nkind = 'adversarial_vae'\n[generator]\nkind = 'dcgan'", "generator.kind"),
        ("[game]\nkind = 'wgan'", "game"),
    ],
)
def test_what_cannot_be_is_named_in_one_line(tmp_path, text: str, match: str) -> None:
    (tmp_path / "run.toml").write_text(f"family = 'adversarial'\n{text}")
    with pytest.raises(ConfigError, match=match) as caught:
        read_image_recipe(tmp_path / "run.toml")
    assert "\n" not in str(caught.value)


def test_writing_and_reading_gives_the_same(tmp_path) -> None:
    parts = {"game": {"kind": "ali", "encoder": {"kind": "dcgan", "channels": [3, 4]}}, "train": {"average": 0.5}}
    recipe = AdversarialRecipe.model_validate(parts)
    (tmp_path / "run.toml").write_text(to_toml(recipe))
    assert read_image_recipe(tmp_path / "run.toml") == recipe
    assert recipe.train.keep == "last"
