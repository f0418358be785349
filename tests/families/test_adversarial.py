"""Figures of adversarial systems: a perfect sampler has perfect ones, a collapsed one has not."""

import math

import numpy as np
import pytest
import torch

from chemvae.errors import InputError
from chemvae.families.adversarial import read
from chemvae.families.adversarial_figures import at_equilibrium, inferred, judged, under_window
from chemvae.families.judging import judge_of
from chemvae.families.trained import seen_of
from chemvae.io.image_sets import load_images
from chemvae.nn.adversarial.build import seeded_game
from chemvae.nn.adversarial.game import Bout, Pair
from chemvae.systems.adversarial import AdversarialRecipe
from chemvae.systems.recipe import ImageDataConfig

DIGITS = load_images(ImageDataConfig(train_images=300))
SMALL = {"generator": {"kind": "mlp", "hidden": [8]}, "discriminator": {"kind": "mlp", "hidden": [8]}, "latent": 4}


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    return judge_of(DIGITS, tmp_path_factory.mktemp("judge"), 0, 20, 8)


def chance() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_test_images_are_a_perfect_sample_and_one_image_is_a_collapsed_one(judge) -> None:
    test = torch.from_numpy(DIGITS.parts["test"])
    labels = torch.from_numpy(DIGITS.labels["test"])
    perfect = judged(judge, test, labels, DIGITS)
    assert perfect["classes_covered"] == 10
    assert perfect["frechet"] == pytest.approx(0.0, abs=1e-6)
    assert perfect["label_accuracy"] == perfect["classifier_accuracy"]
    collapsed = judged(judge, test[:1].repeat(300, 1), None, DIGITS)
    assert collapsed["classes_covered"] == 1
    assert collapsed["frechet"] > 10 * perfect["frechet_of_training_images"]
    assert perfect["class_divergence"] < 0.1 < collapsed["class_divergence"] <= math.log(2)
    assert "label_accuracy" not in collapsed


def test_equal_samplers_rest_at_minus_log_4() -> None:
    game = seeded_game(AdversarialRecipe.model_validate(SMALL), seen_of(DIGITS, 0))
    game.bout = lambda x, y, generator: Bout(Pair(x), Pair(x.flip(0)))  # the same images on both sides
    adam = torch.optim.Adam(game.discriminator.parameters(), lr=1e-2)
    x = torch.from_numpy(DIGITS.parts["test"])
    from chemvae.nn.adversarial.game import value

    for _ in range(100):
        adam.zero_grad()
        (-value(game.discriminator(Pair(x)), game.discriminator(Pair(x.flip(0)))).mean()).backward()
        adam.step()
    found = at_equilibrium(game, DIGITS, chance())
    assert found["d_real"] == pytest.approx(0.5, abs=1e-3) and found["d_fake"] == pytest.approx(0.5, abs=1e-3)
    assert found["value"] == pytest.approx(-math.log(4), abs=1e-3)
    assert found["value_over_rest"] == pytest.approx(0.0, abs=1e-3)


def test_the_window_likes_training_images_better_than_noise() -> None:
    train = torch.from_numpy(DIGITS.parts["train"])
    real, noise = under_window(DIGITS, train), under_window(DIGITS, torch.rand(train.shape, generator=chance()))
    assert real["parzen_log_likelihood"] > noise["parzen_log_likelihood"] + 10


def test_an_encoder_that_undoes_the_generator_has_no_error() -> None:
    linear = {"kind": "mlp", "hidden": []}
    recipe = AdversarialRecipe.model_validate(
        {**SMALL, "game": {"kind": "ali", "encoder": linear}, "generator": linear}
    )
    game = seeded_game(recipe, seen_of(DIGITS, 0))
    before = inferred(game, DIGITS, chance())
    maker, seer = game.steady["generator"], game.steady["encoder"]
    weight = maker.net.net[1].weight.detach().clone()  # pixels x latent
    slope = (maker.bias[:, 0].sigmoid() * (1 - maker.bias[:, 0].sigmoid())).detach()
    with torch.no_grad():  # the inverse of the generator where it is nearly linear
        maker.net.net[1].weight.mul_(0.01)
        maker.net.net[1].bias.zero_()
        inverse = torch.linalg.pinv(slope[:, None] * weight * 0.01)
        seer.head.to_mean.weight.copy_(inverse)
        seer.head.to_mean.bias.copy_(inverse @ (seer.features.centre - maker.bias[:, 0].sigmoid()))
    after = inferred(game, DIGITS, chance())
    assert before["code_mse"] > 0.5 and after["code_mse"] < 0.01
    assert np.isclose(before["one_nn_accuracy_of_pixels"], after["one_nn_accuracy_of_pixels"])
    assert after["one_nn_accuracy_of_pixels"] > 0.9


def test_a_conditional_game_needs_classes(tmp_path, monkeypatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr("chemvae.families.adversarial.images_of", lambda _: replace(DIGITS, labels=None))
    with pytest.raises(InputError, match="conditional = false"):
        read(AdversarialRecipe(conditional=True))
