"""A recipe as a source of options: below the command line and the environment, above the defaults."""

import tomllib
from pathlib import Path
from typing import Any

from cyclopts import App, Token
from cyclopts.argument import Argument, ArgumentCollection

from chemvae.errors import ConfigError, MissingFileError
from chemvae.settings import did_you_mean


def from_recipe(_: App, commands: tuple[str, ...], arguments: ArgumentCollection) -> None:
    """Fill options that nobody gave from the table `[command]` of the file that `--recipe` names.

    Raises:
        ConfigError: the file is no TOML, lacks the table, or has a key that the command does not know.
    """
    options = {option_key(argument): argument for argument in arguments if argument.name.startswith("--")}
    recipe = options.pop("recipe", None)
    if recipe is None or not recipe.tokens:
        return
    path = Path(recipe.tokens[0].value)
    for key, value in read_table(path, commands[-1]).items():
        argument = options.get(key.replace("-", "_"))
        if argument is None:
            hint = did_you_mean(key, options) or f" Known: {', '.join(options)}."
            raise ConfigError(f"Expected a known key in {path}, but got {key!r}.{hint}")
        if not argument.tokens:
            fill(argument, value, str(path))


def option_key(argument: Argument) -> str:
    """Return the name of an option as a recipe spells it."""
    return argument.name.removeprefix("--").replace("-", "_")


def fill(argument: Argument, value: Any, source: str) -> None:
    """Hand a recipe's value to an option as if it had been typed."""
    if isinstance(value, dict):
        raise ConfigError(
            f"Expected a plain value for {argument.name} in {source}, but got a table. Write key = value."
        )
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        text = str(item).lower() if isinstance(item, bool) else str(item)
        argument.append(Token(keyword=argument.name, value=text, source=source, index=index))


def read_table(path: Path, name: str) -> dict[str, Any]:
    """Read one table of a TOML file."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MissingFileError(f"Expected a recipe at {path}, but got: {error.strerror}. Give a TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"Expected TOML in {path}, but got something else: {error}.") from None
    table = content.get(name)
    if not isinstance(table, dict) or len(content) > 1:
        found = ", ".join(content) or "nothing"
        raise ConfigError(f"Expected one table [{name}] in {path}, but got {found}. Write its keys below [{name}].")
    return table
