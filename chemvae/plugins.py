"""Plug-ins: objectives from outside, by name: a function of your module, an entry point, a classifier in a file."""

import dataclasses
import importlib
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from chemvae.chem.oracles.classifier import activity
from chemvae.errors import InputError
from chemvae.io.atomic import sha256
from chemvae.io.classifiers import read_classifier
from chemvae.search.answers import Function, told
from chemvae.search.expression import FUNCTIONS, parse, parse_constraint
from chemvae.search.objective import Objective
from chemvae.settings import did_you_mean

GROUP = "chemvae.objectives"
"""Where an installed package announces its objectives: name = "package.module:function"."""
CLASSIFIER = ".safetensors"
PICKLED = (".pkl", ".pickle", ".joblib")


@dataclass(frozen=True, slots=True)
class Plugin:
    """An objective from outside."""

    name: str
    """what formulas call it"""
    value: Function | Objective
    """a function of a list of SMILES, or a whole objective"""
    source: str
    """where it comes from; a search is gone on with from the same only"""


def objective_from(  # noqa: PLR0913 - what a person may want of an objective
    references: Sequence[str],
    *,
    maximize: Sequence[str] = (),
    minimize: Sequence[str] = (),
    constraints: Sequence[str] = (),
    pareto: bool = False,
    reference: Mapping[str, float] | None = None,
    measured: Sequence[str] = (),
) -> Objective:
    """Return the objective of plug-ins and formulas; a plug-in that no formula or constraint names is maximised.

    Args:
        references: as `plugin` takes them.
        maximize: formulas of which more is better.
        minimize: formulas of which less is better.
        constraints: comparisons, which may name a plug-in as well.
        pareto: keep the objectives apart instead of adding them up.
        reference: what each of them must surpass to count.
        measured: comparisons with what is measured in the same call; they may name a plug-in as well.

    Raises:
        InputError: a plug-in cannot be loaded, or they do not go together.
        OracleError: nothing says in which direction better lies.
    """
    plugins = [plugin(text) for text in references]
    functions: dict[str, Function] = {}
    for one in plugins:
        if isinstance(one.value, Objective):
            return _alone(one, [*references, *maximize, *minimize, *measured, *(["pareto"] if pareto else [])])
        if one.name in functions:
            raise InputError(
                f"Expected one objective a name, but {one.name!r} is two. Rename one: --objective other={one.source}."
            )
        functions[one.name] = one.value
    named = {name for text in [*maximize, *minimize] for name in parse(text).names}
    named |= {name for text in [*constraints, *measured] for name in parse_constraint(text).names}
    left = [name for name in functions if name not in named]
    sources = {one.name: one.source for one in plugins}
    return Objective(
        maximize=[*maximize, *left],
        minimize=minimize,
        functions=functions,
        sources=sources,
        pareto=pareto,
        reference=reference,
        measured=measured,
    )


def plugin(reference: str) -> Plugin:
    """Return what a reference stands for.

    Args:
        reference: `mypackage:score`, importable from this folder or installed; `activity.safetensors`, a classifier;
            or the name of an entry point. `dock=mypackage:score` gives it a name of its own.

    Raises:
        InputError: there is no such thing, it cannot be imported, or it is no objective.
    """
    renamed = re.fullmatch(r"([A-Za-z_]\w*)=(.+)", reference.strip())
    name, rest = renamed.groups() if renamed else ("", reference.strip())
    if rest.lower().endswith(PICKLED):
        raise InputError(
            f"Expected an objective that can be read without running code, but {rest} is a pickled model, which is "
            "never loaded. Turn it into a classifier file with chemvae.chem.oracles.exported.from_sklearn."
        )
    if rest.lower().endswith(CLASSIFIER):
        found = _classifier(rest)
    elif ":" in rest:
        value = imported(rest)
        found = Plugin(rest.rpartition(":")[2].rpartition(".")[2], value, rest)
    else:
        found = _entered(rest)
    name = name or re.sub(r"\W", "_", found.name)
    if name in FUNCTIONS or not name.isidentifier():
        raise InputError(
            f"Expected a name that a formula can use, but got {name!r}. Give it another: --objective my_score={rest}."
        )
    return dataclasses.replace(found, name=name)


def announced() -> dict[str, EntryPoint]:
    """Return the objectives that installed packages announce, by the names that formulas use."""
    return {re.sub(r"\W", "_", one.name): one for one in sorted(entry_points(group=GROUP), key=lambda one: one.name)}


def resolved(objective: Objective, known: Iterable[str]) -> Objective:
    """Return an objective with the entry points that its formula names, every name of it checked.

    Args:
        objective: as a person gave it.
        known: the names that need no plug-in; they stay what they are.

    Raises:
        InputError: a name is nowhere, or an entry point cannot be imported or is no function.
    """
    known = sorted(known)
    missing = set(objective.names) - set(known) - set(objective.functions)
    entries = announced() if missing else {}
    found = {name: plugin(name) for name in sorted(missing & set(entries))}
    functions: dict[str, Function] = {}
    for name, one in found.items():
        if isinstance(one.value, Objective):
            raise InputError(
                f"Expected a function behind {name!r} in {objective.text!r}, but got a whole Objective. Use it alone: "
                f"--objective {name}."
            )
        functions[name] = one.value
    more = objective.extended(functions, {name: one.source for name, one in found.items()})
    more.check([*known, *(name for name in entries if name not in more.functions)])
    return more


def imported(reference: str) -> Any:
    """Import what `package.module:name` says, from this folder or what is installed.

    Raises:
        InputError: there is no such module or name, importing raises, or it is no objective.
    """
    module, _, path = reference.partition(":")
    is_file = module.endswith(".py") or "/" in module
    if is_file or not all(part.isidentifier() for part in (*module.split("."), *path.split("."))):
        hint = " Leave out the folder and .py." if is_file else ""
        raise InputError(f"Expected an objective such as mypackage:score, but got {reference!r}.{hint}")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())  # as `python -m` does: a program on the path does not look here by itself
    try:
        value: Any = importlib.import_module(module)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - importing a user's module may raise anything
        raise InputError(_not_imported(module, reference, error)) from None
    for part in path.split("."):
        if not hasattr(value, part):
            raise InputError(
                f"Expected {part!r} in {getattr(value, '__name__', module)!r} for the objective {reference!r}, but it "
                f"has no such name.{did_you_mean(part, dir(value)) or ' Check the spelling.'}"
            )
        value = getattr(value, part)
    return checked(value, reference)


def checked(value: Any, reference: str) -> Function | Objective:
    """Return a value, if it can be an objective.

    Raises:
        InputError: it cannot.
    """
    if isinstance(value, Objective) or (callable(value) and not isinstance(value, type)):
        return value
    kind = f"the class {value.__name__}" if isinstance(value, type) else f"{type(value).__name__} {value!r:.40}"
    raise InputError(
        f"Expected a function of a list of SMILES behind the objective {reference!r}, but got {kind}, which cannot be "
        "called with one. Name a function or an Objective."
    )


def _not_imported(module: str, reference: str, error: BaseException) -> str:
    """Say why a module cannot be imported: it is not there, or it raises."""
    missing = error.name or "" if isinstance(error, ModuleNotFoundError) else ""
    if missing and f"{module}.".startswith(f"{missing}."):
        return (
            f"Expected a module {module!r} for the objective {reference!r}, but there is no {missing!r} in this folder "
            f"or installed. Go to its folder, or install its package."
        )
    return (
        f"Expected to import {module!r} for the objective {reference!r}, but it raised {told(error)}. "
        f'Mend it: python -c "import {module}" shows where.'
    )


def _classifier(path: str) -> Plugin:
    """Return the classifier of a file, known by what is in it, wherever it lies."""
    classifier = read_classifier(path)
    source = f"classifier, sha256 {sha256(path)}"
    return Plugin(classifier.name, dataclasses.replace(activity(classifier), source=source), source)


def _entered(reference: str) -> Plugin:
    """Return the objective of an entry point."""
    known, name = announced(), re.sub(r"\W", "_", reference)
    if name not in known:
        installed = f"entry points here: {', '.join(known)}" if known else "no installed package announces one"
        module = reference.removesuffix(".py")
        example = f" Write {module if module.isidentifier() else 'mypackage'}:FUNCTION."
        raise InputError(
            f"Expected an objective as module:function, a file {CLASSIFIER} or an entry point, but got {reference!r} "
            f"({installed}).{did_you_mean(name, known) or example}"
        )
    source = f"{known[name].module}:{known[name].attr}"
    return Plugin(name, imported(source), source)


def _alone(one: Plugin, given: Sequence[str]) -> Objective:
    """Return an objective that is whole in itself.

    Raises:
        InputError: something else was asked for as well.
    """
    if len(given) > 1 or not isinstance(one.value, Objective):
        raise InputError(
            f"Expected {one.source} by itself, for it is a whole Objective that knows its directions, but got "
            f"{', '.join(given)}. Leave out the others, or name a function instead."
        )
    return one.value.extended({}, {one.name: one.source})
