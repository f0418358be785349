"""Sections are strict and frozen."""

import pytest
from pydantic import ValidationError

from chemvae.config import EncoderConfig, Recipe


def test_sections_do_not_change_and_take_no_strange_key() -> None:
    recipe = Recipe()
    with pytest.raises(ValidationError, match="frozen"):
        recipe.seed = 3
    with pytest.raises(ValidationError, match="Extra inputs"):
        Recipe.model_validate({"sed": 3})


def test_an_encoder_needs_a_layer() -> None:
    with pytest.raises(ValidationError, match="at least one"):
        EncoderConfig(channels=(), kernels=(), strides=())


def test_where_the_log_is_shown_may_be_one_name_or_several() -> None:
    for given in ("tensorboard,mlflow", ["tensorboard", "mlflow"]):
        assert Recipe.model_validate({"train": {"track": given}}).train.track == ("tensorboard", "mlflow")
    with pytest.raises(ValidationError, match="tensorboard"):
        Recipe.model_validate({"train": {"track": "tensorbored"}})
