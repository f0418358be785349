"""Ask and tell: a search whose values come from a laboratory, in days, in any order, in one process or many."""

import functools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chemvae.chem.filters import Structure, molecules
from chemvae.chem.judge import Text, listed
from chemvae.errors import ExistsError, InputError
from chemvae.io import journal
from chemvae.io.atomic import atomic_path, read_json, refuse_existing, write_json
from chemvae.io.progress import tell as say
from chemvae.io.runs import manifest
from chemvae.model import load as load_model
from chemvae.search.answers import column
from chemvae.search.methods import method_from
from chemvae.search.objective import Objective
from chemvae.search.optimizer import Optimizer as Search
from chemvae.searchable import (
    COMPUTED,
    PREDICTED,
    LatentModel,
    many_of,
    property_filters,
    resembling,
    space_of,
    table_of,
)

MANIFEST, EVENTS = "manifest.json", "events.jsonl"
KIND = "ask and tell"


class Optimizer:
    """Ask for molecules, measure them, tell the values; again, until you have what you want.

    ```python
    optimizer = chemvae.Optimizer(model, maximize="potency", constraints="heavy_atoms <= 40", seed=0)
    optimizer.tell(known, potencies)  # what was measured before, if anything
    optimizer.save("campaign")  # from here on, each ask and tell is on disk before it returns
    batch = optimizer.ask(8)
    ...
    optimizer = chemvae.Optimizer.load("campaign")  # on Friday, in another process
    optimizer.tell(batch, values)  # NaN for what failed
    ```
    """

    measured: tuple[str, ...]
    """what is measured: the names in the objective that chemvae cannot compute"""

    def __init__(  # noqa: PLR0913 - the settings of `optimize` that are left without a budget
        self,
        model: LatentModel,
        objective: str | None = None,
        *,
        maximize: str | Sequence[str] = (),
        minimize: str | Sequence[str] = (),
        method: str = "structure-bayes",
        settings: Mapping[str, float] | None = None,
        similar_to: Text = None,
        min_similarity: float | None = None,
        keep: str | Sequence[str] = (),
        avoid: str | Sequence[str] = (),
        alerts: str | Sequence[str] = (),
        constraints: str | Sequence[str] = (),
        seed: int = 0,
    ):
        """Put a search together; nothing is asked yet.

        Args:
            model: encodes and decodes.
            objective: a formula of what you measure and of properties, such as `"potency - 0.5*sa"`; higher is better.
            maximize: or what to make large: a name for what you measure, or a formula.
            minimize: and what to make small.
            method: as of `optimize`.
            settings: of the method.
            similar_to: a molecule that candidates must resemble.
            min_similarity: how much.
            keep: SMARTS of parts that candidates must have.
            avoid: SMARTS of parts that candidates must not have.
            alerts: lists of structural alerts that candidates must not match.
            constraints: comparisons of computed properties that candidates must meet.
            seed: of everything drawn.

        Raises:
            InputError: an argument cannot be.
            OracleError: the objective has no direction.
        """
        if seed < 0:
            raise InputError(f"Expected a seed of at least 0, but got {seed}. Set seed.")
        goal = Objective(objective, maximize=maximize, minimize=minimize)
        known = {*COMPUTED, *model.property_names, *(PREDICTED + name for name in model.property_names)}
        self.model, self.objective = model, goal
        self.measured = tuple(name for name in goal.names if name not in known)
        if not self.measured:
            raise InputError(
                f"Expected something that you measure in {goal.text!r}, but chemvae computes all of it "
                f"({', '.join(goal.names)}). Give your own a name of its own, e.g. measured_logp, or use optimize."
            )
        self._table = table_of(model, [name for name in goal.names if name in known])
        lead = molecules(similar_to, "molecule to stay similar to")[0] if similar_to is not None else None
        wanted = Structure(
            lead=lead,
            min_similarity=min_similarity,
            keep=many_of(keep),
            avoid=many_of(avoid),
            alerts=many_of(alerts),
        )
        filters = wanted.filters() | property_filters(model, constraints)[0]
        # What is measured counts as a function of one's own: the model's head says nothing of it.
        blind = goal.extended({name: _unknown for name in self.measured}, {})
        space = space_of(model, blind, resembling(lead, min_similarity), say)
        self._search = Search(method_from(method, settings), space, filters=filters, seed=seed)
        self.recipe: dict[str, Any] = {
            "model": [model.name, model.latent, list(model.property_names), model.fingerprint],
            "objective": objective,
            "maximize": list(many_of(maximize)),
            "minimize": list(many_of(minimize)),
            "method": method,
            "settings": dict(settings or {}),
            "similar_to": lead,
            "min_similarity": min_similarity,
            "keep": list(many_of(keep)),
            "avoid": list(many_of(avoid)),
            "alerts": list(many_of(alerts)),
            "constraints": list(many_of(constraints)),
            "seed": seed,
        }
        self._parts: dict[str, dict[str, float]] = {}
        self._events: list[dict[str, Any]] = []
        self._folder: Path | None = None

    @property
    def pending(self) -> tuple[str, ...]:
        """What was asked for and not told of yet, in the order of asking."""
        return self._search.pending

    def ask(self, n: int) -> list[str]:
        """Return n new molecules to measure, none of them told of or pending; fewer only when no more can be found.

        Raises:
            OracleError: no proposal meets the constraints; it says which is to blame.
        """
        smiles = self._search.ask(n)
        self._keep({"ask": n, "smiles": smiles})
        return smiles

    def tell(self, smiles: Text | Iterable[Text], values: Any) -> None:
        """Take in what was measured, NaN for what failed; molecules that were never asked for are welcome.

        Args:
            smiles: what was measured, in any spelling.
            values: a number for each; where the objective names several measurements, a table or mapping of them.

        Raises:
            InputError: a molecule cannot be read, comes twice or was told before, or its values are missing.
        """
        texts = listed(smiles)
        if not texts:
            raise InputError("Expected molecules to tell of, but got none. Give at least one.")
        forms = molecules(texts, "molecule to tell of")
        if len(forms) < len(texts):
            raise InputError(
                f"Expected each molecule once, but got {len(texts)} of which {len(forms)} are different. Average "
                "repeated measurements first."
            )
        before = [form for form in forms if form in self._parts]
        if before:
            raise InputError(f"Expected molecules that nobody told of yet, but got {before[0]} again. Leave it out.")
        parts = self._numbers(values, len(forms))
        self._take(forms, parts)
        plain = {name: [one if math.isfinite(one) else None for one in numbers] for name, numbers in parts.items()}
        self._keep({"tell": forms, "values": plain})

    @property
    def history(self) -> pd.DataFrame:
        """What was told, in its order: `smiles round how objective`, what was measured, `feasible`."""
        told = self._search.history
        return pd.DataFrame(
            {
                "smiles": list(told.smiles),
                "round": told.round,
                "how": list(told.how),
                "objective": told.value,
                **{name: [self._parts[one][name] for one in told.smiles] for name in self.measured},
                "feasible": told.feasible,
            }
        )

    def best(self, n: int = 10) -> pd.DataFrame:
        """Return the n best molecules told of that meet every constraint, best first."""
        table = self.history
        table = table[table["feasible"] & table["objective"].notna()]
        return table.sort_values("objective", ascending=False, kind="stable", ignore_index=True).head(n)

    def save(self, folder: str | Path, *, overwrite: bool = False) -> None:
        """Write everything to a folder; from then on each ask and tell is there before it returns.

        Raises:
            ExistsError: something is in the folder already.
        """
        path = Path(folder)
        if path == self._folder:
            return  # it is there
        if path.exists() and not path.is_dir():
            raise ExistsError(f"Expected a folder at {path}, but a file is there. Choose another name.")
        refuse_existing(path, overwrite=overwrite)
        path.mkdir(parents=True, exist_ok=True)
        with atomic_path(path / EVENTS) as beside:
            beside.write_text("".join(map(journal.line, self._events)), encoding="utf-8")
        write_json(path / MANIFEST, manifest(kind=KIND, recipe=self.recipe))
        self._folder = path

    @classmethod
    def load(cls, folder: str | Path, model: LatentModel | None = None) -> "Optimizer":
        """Return the search that `save` left in a folder, as if it had never been away; it goes on being kept there.

        Every ask is worked out again, so that what comes next is what would have come in one process.

        Args:
            folder: where it was saved.
            model: the model that it was begun with; one that the package carries is found by itself.

        Raises:
            InputError: something else is in the folder, or the model is another one.
        """
        path = Path(folder)
        stored = read_json(path / MANIFEST)
        if not isinstance(stored, dict) or stored.get("kind") != KIND:
            kind = stored.get("kind", "something else") if isinstance(stored, dict) else "something else"
            raise InputError(f"Expected a saved Optimizer in {path}, but got a {kind}. Choose another folder.")
        recipe = dict(stored["recipe"])
        try:
            model = model or load_model(recipe["model"][0])
        except InputError:
            raise InputError(
                f"Expected the model {recipe['model'][0]!r}, with which {path} was begun, but the package carries none "
                "of that name. Load it from its folder and hand it in: load(folder, model)."
            ) from None
        made = cls(model, **{name: one for name, one in recipe.items() if name != "model"})
        if made.recipe["model"] != recipe["model"]:
            raise InputError(
                f"Expected the model that {path} was begun with, {recipe['model'][0]} ({recipe['model'][-1]:.12}), but "
                f"got {model.name} ({model.fingerprint:.12}). Hand in that one: load(folder, model)."
            )
        made._replay(path / EVENTS)
        made._folder = path
        return made

    def _numbers(self, values: Any, n: int) -> dict[str, list[float]]:
        """Return values by the names of what is measured.

        Raises:
            InputError: a name is missing or unknown, or there are too few or too many numbers.
        """
        if isinstance(values, pd.DataFrame | Mapping):
            given = {str(name): values[name] for name in values}
        elif len(self.measured) == 1:
            given = {self.measured[0]: values}
        else:
            shown = repr(values)[:60]
            raise InputError(
                f"Expected a table or mapping of {', '.join(self.measured)}, but got {shown}. Name each of them."
            )
        if set(given) != set(self.measured):
            raise InputError(
                f"Expected values of {', '.join(self.measured)}, but got {', '.join(given) or 'nothing'}. "
                "Name what the objective names."
            )
        return {name: column(name, given[name], n).tolist() for name in self.measured}

    def _take(self, forms: list[str], parts: Mapping[str, Sequence[float]]) -> None:
        """Tell the search of molecules in canonical form."""
        arrays = {name: np.asarray(numbers, dtype=np.float64) for name, numbers in parts.items()}
        scored = self.objective.extended({name: functools.partial(_given, one) for name, one in arrays.items()}, {})
        self._search.tell(forms, scored.score(forms, self._table).value)
        for row, form in enumerate(forms):
            self._parts[form] = {name: float(numbers[row]) for name, numbers in arrays.items()}

    def _keep(self, event: dict[str, Any]) -> None:
        """Remember what happened, on disk too if there is a folder."""
        self._events.append(event)
        if self._folder:
            journal.append(self._folder / EVENTS, [event])

    def _replay(self, path: Path) -> None:
        """Do again what is on disk; where another answer comes, the one on disk is what was sent to the laboratory."""
        for at, line in enumerate(journal.whole_lines(path), 1):
            try:
                event = json.loads(line)
                if "tell" in event:
                    none = math.nan
                    numbers = {k: [none if one is None else one for one in v] for k, v in event["values"].items()}
                    self._take(event["tell"], numbers)
                elif (smiles := self._search.ask(event["ask"])) != event["smiles"]:
                    say(f"line {at} of {path}: this version asks for others; going on with those that were asked for")
                    self._search.instead(smiles, event["smiles"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(
                    f"Expected an ask or a tell in line {at} of {path}, but got {line[:40]!r} ({error}). Remove it."
                ) from None
            self._events.append(event)


def _unknown(smiles: list[str]) -> list[float]:
    """Return nothing for what only a laboratory can say."""
    return [math.nan] * len(smiles)


def _given(numbers: Any, smiles: list[str]) -> Any:
    """Return the numbers that a laboratory gave for these molecules."""
    del smiles
    return numbers
