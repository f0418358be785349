"""The page of a training."""

import re

import pandas as pd

from chemvae.report.training import training_page

LOG = pd.DataFrame(
    {
        "epoch": [1, 2],
        "train_nll": [30.0, 10.0],
        "valid_nll": [20.0, 9.0],
        "train_kl": [3.0, 20.0],
        "valid_kl": [4.0, 21.0],
        "exact_reconstruction": [0.0, 0.25],
        "token_accuracy": [0.5, 0.9],
        "active_units": [0.5, 1.0],
        "mae_logp": [1.0, 0.5],
    }
)


def test_the_page_says_what_came_out_and_draws_how() -> None:
    text = training_page(
        "<mine>", LOG, pd.Series({"kl_000": 0.1, "kl_001": 2.0}), LOG.iloc[-1].to_dict(), "chemvae train x"
    )
    assert "25.0% of the validation molecules" in text
    assert "&lt;mine&gt;" in text
    assert "<mine>" not in text
    assert text.count("<figure>") == 5
    assert "chemvae train x" in text
    assert "mae logp" in text
    assert re.search(r"<footer>.* chemvae \S+, torch \S+</footer>", text)


def test_a_model_without_a_head_has_no_error_curve() -> None:
    log = LOG.drop(columns="mae_logp")
    assert training_page("m", log, pd.Series({"kl_000": 0.1}), log.iloc[-1].to_dict(), "x").count("<figure>") == 4


def test_yes_or_no_labels_have_a_curve_of_their_own() -> None:
    text = training_page(
        "m", LOG.assign(auroc_active=[0.5, 0.8]), pd.Series({"kl_000": 0.1}), {"auroc_active": 0.8}, "x"
    )
    assert text.count("<figure>") == 6
    assert "auroc active" in text
