"""METHODS: the searches by name, and how settings become one."""

import dataclasses
import importlib
import math
from collections.abc import Mapping

from chemvae.errors import ConfigError
from chemvae.search.objective import Objective
from chemvae.search.space import Method
from chemvae.settings import did_you_mean

METHODS: dict[str, tuple[str, str]] = {
    "bayes": ("chemvae.search.bayes", "BayesianSearch"),
    "cmaes": ("chemvae.search.cmaes", "CmaEs"),
    "graph-ga": ("chemvae.search.graph_ga", "GraphGA"),
    "gradient": ("chemvae.search.gradient", "GradientSearch"),
    "structure-bayes": ("chemvae.search.structure_bayes", "StructureBayes"),
    "random": ("chemvae.search.random", "RandomSearch"),
}
"""Name to module and class; the module is imported when its method is asked for."""

SEVERAL = ("bayes", "graph-ga", "random", "structure-bayes")
"""Methods that can seek a Pareto front; the others climb one formula."""


def check_several(name: str, objective: Objective) -> None:
    """Raise unless a method can seek what an objective asks for.

    Raises:
        ConfigError: it climbs one formula, and several objectives are to be kept apart.
    """
    if objective.aims and name not in SEVERAL:
        raise ConfigError(
            f"Expected a method out of {', '.join(SEVERAL)} for a Pareto front, but got {name!r}, which climbs one "
            "formula. Choose another, or leave pareto out to add the objectives up."
        )


def method_from(name: str, settings: Mapping[str, float] | None = None, objective: Objective | None = None) -> Method:
    """Build the search that a recipe or a command line asks for.

    Raises:
        ConfigError: there is no such method, it has no such setting, or it cannot seek what the objective asks for.
    """
    if name not in METHODS:
        raise ConfigError(
            f"Expected a method out of {', '.join(METHODS)}, but got {name!r}.{did_you_mean(name, METHODS)}"
        )
    if objective is not None:
        check_several(name, objective)
    module, kind = METHODS[name]
    factory = getattr(importlib.import_module(module), kind)
    fields = {field.name: field for field in dataclasses.fields(factory)}
    checked = {}
    for key, value in (settings or {}).items():
        if key not in fields:
            raise ConfigError(
                f"Expected settings of {name} out of {', '.join(fields)}, but got {key!r}.{did_you_mean(key, fields)}"
            )
        checked[key] = number(
            value, f"{name}.{key}", whole=fields[key].type is int, least=fields[key].metadata.get("least", 1)
        )
    return factory(**checked)


def number(value: float, what: str, *, whole: bool, least: int = 1) -> float:
    """Return a setting as the number it has to be: finite and not negative; a whole one at least `least`.

    Raises:
        ConfigError: it is something else.
    """
    right = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0
    if right and whole and value >= least and value == int(value):
        return int(value)
    if right and not whole:
        return float(value)
    kind = f"whole number of at least {least}" if whole else "number of at least 0"
    raise ConfigError(f"Expected a {kind} for {what}, but got {value!r}.")
