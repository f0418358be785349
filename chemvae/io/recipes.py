"""Recipes: TOML to a checked `Recipe` and back, with what the environment and the command line change."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from chemvae.config import HeadConfig, ModelConfig, Recipe
from chemvae.errors import ConfigError, MissingFileError
from chemvae.io.bundle import read_config
from chemvae.io.carried import find_bundle
from chemvae.settings import did_you_mean


def read_recipe(path: Path | str, changes: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe; environment variables `CHEMVAE_TRAIN__EPOCHS=3` come over it, `KEY=VALUE` changes over those.

    Raises:
        ConfigError: it is no TOML, has an unknown key, or a value that cannot be.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"Expected a recipe at {path}, but no file is there. Give the path of a run.toml.")
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"Expected TOML in {path}, but got something else: {error}.") from None
    for key, text in from_environment(environment or {}).items():
        put(raw, key, text)
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"Expected --set KEY=VALUE, but got {change!r}. Write e.g. --set train.epochs=3.")
        put(raw, key.strip(), text.strip())
    return with_start(validated(raw, str(path)))


def with_start(recipe: Recipe) -> Recipe:
    """Return a recipe with latent, encoder and decoder of the model that it starts from, if it starts from one.

    Raises:
        ConfigError: the recipe gives other ones of its own.
        BundleError: what it starts from is no sound model.
        MissingFileError: it is not there.
    """
    source, model = recipe.train.start_from, recipe.model
    if source is None:
        return recipe
    theirs = ModelConfig.model_validate(read_config(find_bundle(source))["model"])
    for part in ("latent", "encoder", "decoder"):
        if part in model.model_fields_set and getattr(model, part) != getattr(theirs, part):
            raise ConfigError(
                f"Expected the model.{part} of {source}, from which this training starts, but the recipe has another. "
                f"Leave model.{part} out."
            )
    model = theirs.model_copy(update={"head": model.head})
    return recipe.model_copy(update={"model": model})


def from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Pick the recipe's keys out of an environment: `CHEMVAE_TRAIN__EPOCHS` is `train.epochs`."""
    prefix = "CHEMVAE_"
    return {
        name.removeprefix(prefix).lower().replace("__", "."): text
        for name, text in sorted(environment.items())
        if name.startswith(prefix) and "__" in name
    }


def put(raw: dict[str, Any], key: str, text: str) -> None:
    """Set a dotted key of nested tables from text: TOML if it reads as such, else the text itself; no text drops it."""
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text
    *path, last = key.split(".")
    for name in path:
        table = raw.setdefault(name, {})
        if not isinstance(table, dict):
            raise ConfigError(f"Expected a table at {name!r} of {key!r}, but the recipe has a plain value there.")
        raw = table
    if text:
        raw[last] = value
    else:
        raw.pop(last, None)


def validated(raw: Mapping[str, Any], source: str) -> Recipe:
    """Check plain values against the sections; the error names file, key and the nearest known key."""
    try:
        return Recipe.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        loc = [str(part) for part in first["loc"] if part != HeadConfig.__name__]  # pydantic names a union's member too
        where = ".".join(loc)
        if first["type"] == "extra_forbidden":
            known = keys_at(loc[:-1])
            hint = did_you_mean(loc[-1], known) or f" Known: {', '.join(known)}."
            raise ConfigError(f"Expected a known key in {source}, but got {where!r}.{hint}") from None
        said = first["msg"].removeprefix("Value error, ").removesuffix(".")
        raise ConfigError(f"Expected a recipe that can run, but {source} has {where or 'this'}: {said}.") from None


def keys_at(path: Sequence[str]) -> list[str]:
    """List the keys of the section at a path."""
    section: type[BaseModel] = Recipe
    for name in path:
        field = section.model_fields.get(name)
        kinds = [field.annotation, *get_args(field.annotation)] if field else []
        section = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)), section)
    return list(section.model_fields)


def to_toml(recipe: Recipe) -> str:
    """Write a recipe as TOML that `read_recipe` reads back to the same."""
    lines: list[str] = []
    _write_section(recipe.model_dump(mode="json"), "", lines)
    return "\n".join(lines).strip() + "\n"


def _write_section(values: Mapping[str, Any], path: str, lines: list[str]) -> None:
    if path:
        lines += ["", f"[{path}]"]
    tables = {name: value for name, value in values.items() if isinstance(value, dict)}
    for name, value in values.items():
        if name not in tables and value is not None:
            lines.append(f"{name} = {_literal(value)}")
    for name, value in tables.items():
        _write_section(value, f"{path}.{name}" if path else name, lines)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'
    return repr(value)
