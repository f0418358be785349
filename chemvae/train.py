"""train: a recipe and a prepared table become a run folder with a model in it; no RDKit is needed."""

import contextlib
import math
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from chemvae import __version__
from chemvae.config import Recipe
from chemvae.errors import ConfigError, InputError
from chemvae.io.alone import alone_in, refuse_busy
from chemvae.io.atomic import read_json, sha256, write_json, write_text
from chemvae.io.bundle import Bundle, write_bundle
from chemvae.io.prepared import PreparedData
from chemvae.io.recipes import read_recipe, to_toml, with_start
from chemvae.io.runs import BUNDLE, as_json, check_tracks, manifest, new_run
from chemvae.io.tables import read_table
from chemvae.nn.parts import EOS
from chemvae.nn.vae import VAE
from chemvae.report.page import Section
from chemvae.report.training import training_page
from chemvae.training.fit import fit, look, rows_to_fit
from chemvae.training.held_out import SAMPLES, held_out
from chemvae.training.prior import fit_prior
from chemvae.training.ranks import leads
from chemvae.training.start import length_of, start_of
from chemvae.training.validity import Judge, teach_validity

SHOWN = 50
"""Validation molecules, and samples, that the page of a run shows."""
REJECTS = "rejects.parquet"
STATISTICS_ROWS = 20_000
"""Training molecules whose z the latent statistics are taken from."""


@dataclass(frozen=True)
class Trained:
    """What a training left on disk."""

    folder: Path
    """the run"""
    model: Path
    """the bundle inside it"""
    figures: dict[str, float]
    """of the epoch that was kept, whose weights the bundle has"""


def train(
    recipe: Recipe,
    out: Path | str,
    *,
    prepared: Path | str | None = None,
    resume: bool = False,
    overwrite: bool = False,
    say: Callable[[str], None] = print,
) -> Trained:
    """Train a model and leave a run folder: recipe, log, checkpoints, figures, bundle.

    Args:
        recipe: everything that decides the run.
        out: the run folder.
        prepared: the prepared table; None takes the recipe's `data.prepared`.
        resume: go on where `out` was stopped or killed; on a CPU the result is the same to the bit.
        overwrite: replace what is at `out`.
        say: how to tell about progress.

    Raises:
        ExistsError: `out` exists and neither resume nor overwrite was asked for.
        InputError: no prepared table was named, or it is not one.
        ConfigError: a package that the recipe asks for is not installed.
    """
    out = Path(out)
    # 1. the table
    check_tracks(recipe.train.track)
    source = prepared or recipe.data.prepared
    if source is None:
        raise ConfigError(
            "Expected a prepared table, but the recipe names none. Name its folder: data.prepared in the recipe, "
            "--set data.prepared=FOLDER on the command line, prepared=FOLDER in Python."
        )
    data = PreparedData(source)
    rows_to_fit(data)  # what cannot be is refused before a folder is made, or an old run removed
    recipe = with_start(recipe)
    start_of(recipe, data)
    if data.tokenizer["scheme"] == "words" and recipe.validity.steps > 0:
        raise ConfigError("Expected molecules to teach validity with, but these are sentences. Drop [validity].")
    if not leads():  # another rank of a launcher: the first one keeps the folder and ends the run
        fit(recipe, data, out, resume=resume, say=lambda _: None)
        return Trained(out, out / BUNDLE, {})
    # 2. the folder
    begin(recipe, data, out, resume=resume, overwrite=overwrite)
    with alone_in(out):
        # 3. the training
        fitted = fit(recipe, data, out, resume=resume, say=say)
        # 4. the prior, and what is written at its points
        kept = fitted.kept | finish(recipe, data, fitted.vae, say)
        test = of_sentences(recipe, data, fitted.vae)
        # 5. the model and its figures
        bundle = to_bundle(recipe, data, fitted.vae, kept)
        write_bundle(bundle, out / BUNDLE, training_card(bundle, recipe))
        write_json(out / "metrics.json", {"kept_epoch": kept, "last_epoch": as_json(fitted.rows[-1]), **test})
        kl = pd.read_csv(out / "kl_per_dimension.csv").filter(like="kl_").iloc[-1]
        run_again = f"chemvae train {out / 'run.toml'} -o NEW_FOLDER"
        page = training_page(
            recipe.name, pd.DataFrame(fitted.rows), kl, kept, run_again, shown(bundle, data, recipe.seed)
        )
        write_text(out / "report.html", page)
    return Trained(out, out / BUNDLE, kept)


def finish(recipe: Recipe, data: PreparedData, vae: VAE, say: Callable[[str], None]) -> dict[str, float]:
    """Fit the prior and teach validity, as far as the recipe asks for it; returns the figures that this changed."""
    figures: dict[str, float] = {}
    if recipe.model.prior.kind != "normal":
        fitted = fit_prior(recipe.model.prior, vae.encoder, data, recipe.seed, say)
        vae.prior, figures = fitted.prior, dict(fitted.figures)
    if recipe.validity.steps > 0:
        vae.requires_grad_(False)
        taught = teach_validity(recipe.validity, vae, data, judge_of(data.tokenizer), recipe.seed, say)
        figures |= {**look(vae, data, recipe), "samples_valid": taught.valid, "samples_different": taught.different}
    return {name: value for name, value in figures.items() if math.isfinite(value)}


def of_sentences(recipe: Recipe, data: PreparedData, vae: VAE) -> dict[str, dict[str, Any]]:
    """Return figures of the test sentences and what they depend on; of molecules `evaluate` tells more."""
    if data.tokenizer["scheme"] != "words" or not len(data.rows("test")):
        return {}
    figures = {f"test_{name}": value for name, value in held_out(vae, data, "test", recipe.seed).items()}
    protocol = {
        "data": data.manifest["source"]["path"],
        "test_sentences": len(data.rows("test")),
        "vocabulary": data.vocab,
        "importance_samples": SAMPLES,
        "seed": recipe.seed,
        "weights": recipe.train.keep,
    }
    return {"figures": as_json(figures), "protocol": protocol}


def shown(bundle: Bundle, data: PreparedData, seed: int) -> list[Section]:
    """Return what the page shows of molecules; nothing of sentences, or where there is no RDKit to draw them."""
    if data.tokenizer["scheme"] == "words" or find_spec("rdkit") is None:
        return []
    from chemvae.model import MoleculeModel
    from chemvae.report.trained import molecule_sections

    model, table, rejects = MoleculeModel(bundle, "cpu"), data.folder / "molecules.parquet", data.folder / REJECTS
    molecules = read_table(table, ["smiles", "split"]) if table.is_file() else pd.DataFrame(columns=["smiles", "split"])
    given = molecules.loc[molecules["split"] == "valid", "smiles"].head(SHOWN).tolist()
    return molecule_sections(
        given,
        model.decode(model.encode(given)),
        model.sample(SHOWN, seed=seed),
        read_table(rejects, ["row", "text", "reason"]) if rejects.is_file() else None,
    )


def judge_of(stored: dict[str, Any]) -> Judge:
    """Return RDKit's verdict on rows of ids; one that does not end is not valid."""
    from chemvae.chem.judge import read  # here, so that a training without it runs where there is no RDKit
    from chemvae.chem.tokens import Tokenizer

    tokenizer = Tokenizer.from_dict(stored)

    def valid(ids: Tensor) -> Tensor:
        return torch.tensor([EOS in row and read(tokenizer.decode(row)) is not None for row in ids.tolist()])

    return valid


def begin(recipe: Recipe, data: PreparedData, out: Path, *, resume: bool, overwrite: bool) -> None:
    """Make the run folder, or check that the one to resume is this recipe's on this table.

    Raises:
        InputError: a resume of nothing, or with another table.
        ConfigError: a resume with another model, seed or size of batches.
    """
    of_data = {"folder": data.folder.name, "manifest_sha256": sha256(data.folder / "manifest.json")}
    with in_place(recipe, of_data["manifest_sha256"], out) if resume else new_run(out, overwrite=overwrite) as folder:
        write_text(folder / "run.toml", to_toml(recipe))
        write_json(folder / "manifest.json", manifest(data=of_data, seed=recipe.seed))
        if (data.folder / REJECTS).is_file():
            shutil.copyfile(data.folder / REJECTS, folder / REJECTS)


@contextlib.contextmanager
def in_place(recipe: Recipe, data_sha256: str, out: Path) -> Iterator[Path]:
    """Yield the folder of a run to go on with."""
    check_resume(recipe, data_sha256, out)
    refuse_busy(out)
    yield out


def check_resume(recipe: Recipe, data_sha256: str, out: Path) -> None:
    """Refuse to go on with another table, or with networks, noise or batches that the checkpoint does not fit."""
    if not (out / "manifest.json").is_file():
        raise InputError(f"Expected a run to resume at {out}, but there is none. Start one without --resume.")
    before = read_recipe(out / "run.toml")
    if (before.model, before.seed, before.train.batch_size) != (recipe.model, recipe.seed, recipe.train.batch_size):
        raise ConfigError(
            f"Expected the model and seed and batch_size of {out / 'run.toml'}, but got others. "
            "Start a new run for them."
        )
    if read_json(out / "manifest.json").get("data", {}).get("manifest_sha256") != data_sha256:
        raise InputError(f"Expected the table that {out} was trained on, but got another. Start a new run for it.")


def to_bundle(recipe: Recipe, data: PreparedData, vae: VAE, figures: dict[str, float]) -> Bundle:
    """Gather everything that a model needs to be used elsewhere."""
    return Bundle(
        name=recipe.name,
        model=recipe.model,
        tokenizer=data.tokenizer,
        length=length_of(recipe, data),
        targets={target["name"]: target["kind"] == "yesno" for target in data.manifest["targets"]} if vae.head else {},
        latent=latent_statistics(vae, data, recipe.seed),
        figures={"training": figures},
        weights={name: value.detach().cpu().numpy() for name, value in vae.state_dict().items()},
        notes={
            "chemvae": __version__,
            "recipe": told(recipe),
            "data": {key: data.manifest.get(key) for key in ("source", "counts", "settings", "versions")},
        },
    )


def told(recipe: Recipe) -> dict[str, Any]:
    """Return a recipe as a bundle tells it: folders and files by name, not where they lay on somebody's disk."""
    plain = recipe.model_dump(mode="json")
    plain["data"] |= {key: Path(at).name for key in ("prepared", "table") if (at := plain["data"][key])}
    return plain


@torch.no_grad()
def latent_statistics(vae: VAE, data: PreparedData, seed: int) -> dict[str, list[float]]:
    """Return mean and standard deviation of the training molecules' z, and their mean posterior deviation."""
    rows = np.random.default_rng(seed).permutation(data.rows("train"))[:STATISTICS_ROWS]
    means: list[Tensor] = []
    stds: list[Tensor] = []
    for chunk in np.array_split(rows, max(1, len(rows) // 512)):
        posterior = vae.encoder(torch.from_numpy(data.padded(chunk)))
        means.append(posterior.mean)
        stds.append(posterior.std)
    mean = torch.cat(means)
    std = mean.std(dim=0, correction=0).clamp(min=1e-6)
    return {
        "mean": mean.mean(dim=0).tolist(),
        "std": std.tolist(),
        "posterior_std": torch.cat(stds).mean(dim=0).tolist(),
    }


def training_card(bundle: Bundle, recipe: Recipe) -> str:
    """Return a model card that tells what training measured, and what nobody has measured yet."""
    figures = "\n".join(f"| {name} | {value:.4g} |" for name, value in bundle.figures["training"].items())
    of = "sentences" if bundle.tokenizer["scheme"] == "words" else "molecules"
    return (
        f"# {bundle.name}\n\nA variational autoencoder of {of}: latent {recipe.model.latent}, "
        f"{bundle.tokenizer['scheme']} tokens, strings up to {bundle.length} tokens.\n\n"
        f"## Figures of the training's validation molecules\n\nUp to {recipe.train.validate_molecules} molecules, from "
        "the mean of the posterior; exact match compares token by token. For figures on held-out molecules run "
        f"`chemvae evaluate`.\n\n| figure | value |\n|---|---|\n{figures}\n"
    )
