"""METHODS: the searches by name, and how settings become one."""

import dataclasses
import importlib
from collections.abc import Mapping

from chemvae.errors import ConfigError
from chemvae.search.space import Method
from chemvae.settings import did_you_mean

METHODS: dict[str, tuple[str, str]] = {
    "bayes": ("chemvae.search.bayes", "BayesianSearch"),
    "gradient": ("chemvae.search.gradient", "GradientSearch"),
    "random": ("chemvae.search.random", "RandomSearch"),
}
"""Name to module and class; the module is imported when its method is asked for."""


def method_from(name: str, settings: Mapping[str, float] | None = None) -> Method:
    """Build the search that a recipe or a command line asks for.

    Raises:
        ConfigError: there is no such method, or it has no such setting.
    """
    if name not in METHODS:
        raise ConfigError(
            f"Expected a method out of {', '.join(METHODS)}, but got {name!r}.{did_you_mean(name, METHODS)}"
        )
    module, kind = METHODS[name]
    factory = getattr(importlib.import_module(module), kind)
    known = [field.name for field in dataclasses.fields(factory)]
    for key, value in (settings or {}).items():
        if key not in known:
            raise ConfigError(
                f"Expected settings of {name} out of {', '.join(known)}, but got {key!r}.{did_you_mean(key, known)}"
            )
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            raise ConfigError(f"Expected a number of at least 0 for {name}.{key}, but got {value!r}.")
    return factory(**(settings or {}))
