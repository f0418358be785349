"""Recipes: TOML to a checked `Recipe` and back, with what the environment and the command line change."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from chemvae.config import HeadConfig, ModelConfig, Recipe
from chemvae.errors import ConfigError, MissingFileError
from chemvae.io.bundle import read_config
from chemvae.io.carried import find_bundle
from chemvae.settings import did_you_mean

AnyRecipe = TypeVar("AnyRecipe", bound=BaseModel)


def read_recipe(path: Path | str, changes: Sequence[str] = (), environment: Mapping[str, str] | None = None) -> Recipe:
    """Read a recipe; environment variables `CHEMVAE_TRAIN__EPOCHS=3` come over it, `KEY=VALUE` changes over those.

    Raises:
        ConfigError: it is no TOML, has an unknown key, or a value that cannot be.
    """
    return with_start(validated(read_raw(path, changes, environment), str(path)))


def read_raw(
    path: Path | str, changes: Sequence[str] = (), environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Read the plain values of a recipe, the environment's and the changes over them.

    Raises:
        ConfigError: it is no TOML, or a change is not `KEY=VALUE`.
        MissingFileError: there is no such file.
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
    return raw


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
    """Check plain values against the sections of a training; the error names file, key and the nearest known key."""
    return validated_as(Recipe, raw, source)


def validated_as(kind: type[AnyRecipe], raw: Mapping[str, Any], source: str) -> AnyRecipe:
    """Check plain values against the sections of a kind of recipe."""
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        loc = as_written(first["loc"], raw)
        where = ".".join(loc)
        if first["type"] == "extra_forbidden":
            known = keys_at(kind, loc[:-1], raw)
            hint = did_you_mean(loc[-1], known) or f" Known: {', '.join(known)}."
            raise ConfigError(f"Expected a known key in {source}, but got {where!r}.{hint}") from None
        said = first["msg"].removeprefix("Value error, ").removesuffix(".")
        raise ConfigError(f"Expected a recipe that can run, but {source} has {where or 'this'}: {said}.") from None


def as_written(loc: Sequence[str | int], raw: Mapping[str, Any]) -> list[str]:
    """Return where pydantic found a fault as the recipe spells it: without the union members that it also names."""
    here: Any = raw
    path: list[str] = []
    for part in loc:
        tag = isinstance(here, Mapping) and part not in here and part in (here.get("kind"), HeadConfig.__name__)
        if not tag:
            path.append(str(part))
            here = here.get(part) if isinstance(here, Mapping) else None
    return path


def keys_at(kind: type[BaseModel], path: Sequence[str], raw: Mapping[str, Any]) -> list[str]:
    """List the keys of the section at a path, of the kind that the recipe says where there are several."""
    section, here = kind, raw
    for name in path:
        field = section.model_fields.get(name)
        here = here.get(name, {}) if isinstance(here, Mapping) else {}
        kinds = [field.annotation, *get_args(field.annotation)] if field else []
        sections = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        said = [
            kind
            for kind in sections
            if "kind" in kind.model_fields and kind.model_fields["kind"].default == here.get("kind")
        ]
        section = next(iter([*said, *sections]), section)
    return list(section.model_fields)


def to_toml(recipe: BaseModel) -> str:
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
