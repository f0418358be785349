"""SearchFolder: what an optimisation leaves on disk, begun again only with the recipe it was begun with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from chemvae.errors import ExistsError, InputError
from chemvae.io.alone import refuse_busy
from chemvae.io.atomic import read_json, refuse_existing, write_json
from chemvae.io.runs import manifest
from chemvae.io.tables import write_table

MANIFEST, CALLS = "manifest.json", "oracle.jsonl"
TABLES = {
    "candidates": "candidates.csv",
    "history": "history.parquet",
    "rejected": "rejected.parquet",
    "front": "front.csv",
}
PICTURES = ("trace.png", "trace.svg")
FRONTS = ("front.png", "front.svg")
REPORT = "report.html"
KIND = "search"
OURS = (MANIFEST, CALLS, *TABLES.values(), *PICTURES, *FRONTS, REPORT)


class SearchFolder:
    """A folder of finished oracle calls, then of tables; killed at any moment, it loses no finished call."""

    def __init__(self, path: Path | str, recipe: Mapping[str, Any]):
        """Store the place and the recipe; nothing is touched yet.

        Args:
            path: the folder.
            recipe: every setting that decides what is found, as plain JSON values.
        """
        self.path, self.recipe = Path(path), dict(recipe)

    def begin(self, *, resume: bool = False, overwrite: bool = False) -> None:
        """Make the folder ready: new, or with the calls of the same recipe.

        Raises:
            ExistsError: something is there and nobody said to resume or overwrite it.
            InputError: what is there was begun with another recipe.
        """
        if resume and (self.path / MANIFEST).is_file():
            self._check_recipe()
            return
        if self.path.exists() and not self.path.is_dir():
            raise ExistsError(f"Expected a folder at {self.path}, but a file is there. Choose another name.")
        if resume and self.path.is_dir() and any(self.path.iterdir()):
            other = min(one.name for one in self.path.iterdir())
            raise ExistsError(
                f"Expected a search to go on with in {self.path}, but it holds something else, such as {other}. Name "
                "the search's own folder, or a new one."
            )
        refuse_existing(self.path, overwrite=overwrite or self._measured_nothing())
        refuse_busy(self.path)
        for name in OURS:  # nothing else in the folder is ours to remove
            (self.path / name).unlink(missing_ok=True)
        self.path.mkdir(parents=True, exist_ok=True)
        write_json(self.path / MANIFEST, manifest(kind=KIND, status="begun", recipe=self.recipe))

    def _measured_nothing(self) -> bool:
        """Whether there is only the manifest of a search that ended before its first call: nobody misses it."""
        return self.path.is_dir() and [one.name for one in self.path.iterdir()] == [MANIFEST]

    def write(self, tables: Mapping[str, pd.DataFrame], figures: Mapping[str, Any]) -> None:
        """Write the tables, then say in the manifest that the search is finished."""
        for name, table in tables.items():
            write_table(table, self.path / TABLES[name], overwrite=True)
        finished = manifest(kind=KIND, status="finished", recipe=self.recipe, figures=dict(figures))
        write_json(self.path / MANIFEST, finished)

    def _check_recipe(self) -> None:
        stored = read_json(self.path / MANIFEST)
        before = stored.get("recipe") if isinstance(stored, dict) else None
        if not isinstance(before, dict) or stored.get("kind") != KIND:
            kind = stored.get("kind", "something else") if isinstance(stored, dict) else "something else"
            raise InputError(
                f"Expected the manifest of a search in {self.path}, but got that of a {kind}. Choose another folder."
            )
        for name in {**self.recipe, **before}:
            was, now = before.get(name), self.recipe.get(name)
            if was != now:
                raise InputError(
                    f"Expected the recipe that {self.path} was begun with, but {name} was {_short(was)} "
                    f"and is {_short(now)}. Resume with the same settings, or choose another folder."
                )


def _short(value: Any) -> str:
    shown = "not there" if value is None else repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."  # noqa: PLR2004
