"""image: a recipe of an image system becomes a run folder with figures, pictures and a page."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from chemvae.errors import ConfigError, InputError
from chemvae.families.family import Outcome, Run
from chemvae.families.table import FAMILIES
from chemvae.io.alone import alone_in, refuse_busy
from chemvae.io.atomic import read_json, write_json, write_text
from chemvae.io.recipes import read_raw, to_toml, validated_as
from chemvae.io.runs import as_json, check_tracks, manifest, new_run
from chemvae.report.figures import save
from chemvae.report.systems import system_page
from chemvae.settings import did_you_mean
from chemvae.systems.recipe import ImageRecipe, SystemRecipe

DEFAULT = "latent"
"""The family of a recipe that names none."""


@dataclass(frozen=True)
class Imaged:
    """What a run left on disk."""

    folder: Path
    """the run"""
    figures: dict[str, float]
    """by name"""
    protocol: dict[str, Any]
    """what they depend on"""
    pictures: list[Path]
    """files in `pictures/`"""


def image(
    recipe: SystemRecipe,
    out: Path | str,
    *,
    resume: bool = False,
    overwrite: bool = False,
    say: Callable[[str], None] = print,
) -> Imaged:
    """Train and measure an image system and leave a run folder: recipe, log, checkpoints, figures, pictures, page.

    Args:
        recipe: of any family; `read_image_recipe` reads one.
        out: the run folder.
        resume: go on where `out` was stopped or killed; on a CPU the result is the same to the bit.
        overwrite: replace what is at `out`.
        say: how to tell about progress.

    Raises:
        ExistsError: `out` exists and neither resume nor overwrite was asked for.
        InputError: the images are not there, or not what they should be.
        ConfigError: a resume with another recipe.
    """
    out, family = Path(out), FAMILIES[recipe.family]
    # 1. the data, before anything is made or removed
    if isinstance(recipe, ImageRecipe):
        check_tracks(recipe.train.track)
    data = family.read(recipe)
    # 2. the folder
    begin(recipe, out, resume=resume, overwrite=overwrite)
    with alone_in(out):
        # 3. whatever the family does
        outcome = family.run(recipe, data, Run(out, resume, say))
        # 4. figures, pictures, the page
        write_json(out / "metrics.json", told(outcome))
        pictures = [
            save(picture.figure, out / "pictures" / f"{picture.name}.png", overwrite=True)
            for picture in outcome.pictures
        ]
        write_text(out / "report.html", page_of(recipe, outcome, out))
    return Imaged(out, dict(outcome.figures), dict(outcome.protocol), pictures)


def read_image_recipe(
    path: Path | str, changes: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> SystemRecipe:
    """Read the recipe of an image system; its key `family` decides which sections it may have.

    Raises:
        ConfigError: there is no such family, a key is unknown, or a value cannot be.
    """
    raw = read_raw(path, changes, environment)
    family = raw.get("family", DEFAULT)
    if family not in FAMILIES:
        hint = did_you_mean(str(family), FAMILIES) or f" Known: {', '.join(FAMILIES)}."
        raise ConfigError(f"Expected a known family in {path}, but got {family!r}.{hint}")
    return validated_as(FAMILIES[family].recipe, raw, str(path))


def begin(recipe: SystemRecipe, out: Path, *, resume: bool, overwrite: bool) -> None:
    """Make the run folder, or check that the one to resume is this recipe's.

    Raises:
        InputError: a resume of nothing.
        ConfigError: a resume with another recipe.
    """
    if resume:
        check_resume(recipe, out)
        refuse_busy(out)
    before = read_json(out / "manifest.json").get("files", {}) if resume else {}
    with contextlib.nullcontext(out) if resume else new_run(out, overwrite=overwrite) as folder:
        write_text(folder / "run.toml", to_toml(recipe))
        write_json(folder / "manifest.json", manifest(seed=recipe.seed, files=before))


def check_resume(recipe: SystemRecipe, out: Path) -> None:
    """Refuse to go on with a recipe that differs in more than how long and what to measure."""
    if not (out / "manifest.json").is_file():
        raise InputError(f"Expected a run to resume at {out}, but there is none. Start one without --resume.")
    before = read_image_recipe(out / "run.toml")
    free = FAMILIES[recipe.family].resumable
    if fixed(before, free) != fixed(recipe, free):
        raise ConfigError(
            f"Expected the recipe of {out / 'run.toml'}, but got another one. A resumed run may change "
            f"{', '.join(free) or 'nothing'}; start a new run for the rest."
        )


def fixed(recipe: SystemRecipe, free: Sequence[str]) -> dict[str, Any]:
    """Return a recipe as plain values, without the keys that are free to change."""
    plain = recipe.model_dump(mode="json")
    for key in free:
        *path, last = key.split(".")
        table = plain
        for name in path:
            table = table[name]
        table.pop(last)
    return plain


def told(outcome: Outcome) -> dict[str, Any]:
    """Return what `metrics.json` holds: every figure, and what it depends on."""
    last = as_json(dict(outcome.rows[-1])) if outcome.rows else None
    return {"protocol": dict(outcome.protocol), "figures": as_json(dict(outcome.figures)), "last_epoch": last}


def page_of(recipe: SystemRecipe, outcome: Outcome, out: Path) -> str:
    """Return the page of a run."""
    return system_page(
        recipe.name,
        outcome.figures,
        outcome.protocol,
        [(picture.figure, picture.caption) for picture in outcome.pictures],
        (pd.DataFrame([dict(row) for row in outcome.rows]), outcome.curves),
        f"chemvae image {out / 'run.toml'} -o NEW_FOLDER",
    )
