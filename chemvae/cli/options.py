"""Kinds of options that several commands share, and the record that every command's options extend."""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import Group, Parameter, Token

from chemvae.io.progress import Level

STANDARD = "\0-"
"""What a bare `-` becomes before parsing, since the parser would take it for an option."""


def place(_: Any, tokens: Sequence[Token]) -> str:
    """Read a file name; `-` is standard input or output."""
    return "-" if tokens[0].value == STANDARD else tokens[0].value


def names(_: Any, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read names separated by commas, in one option or several."""
    return tuple(name.strip() for token in tokens for name in token.value.split(",") if name.strip())


def filters(_: Any, tokens: Sequence[Token]) -> tuple[str, ...]:
    """Read names and comparisons separated by commas, in one option or several; commas in brackets part nothing."""
    from chemvae.scoring.filters import split_filters

    return tuple(one for token in tokens for one in split_filters(token.value))


def numbers(_: Any, tokens: Sequence[Token]) -> tuple[float, ...]:
    """Read numbers separated by commas."""
    return tuple(float(number) for token in tokens for number in token.value.split(","))


def shown(value: Any) -> str | None:
    """Write a default as a person would type it; nothing for an option that is off."""
    if value is None or value is False or value == ():
        return None
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def whole(_: Any, value: str, delimiter: str | None = None) -> list[str]:
    """Take an environment variable as one value: expressions hold spaces and commas."""
    return value.split(delimiter) if delimiter else [value]


DEFAULTS = Parameter(negative=(), show_default=shown, json_list=False, json_dict=False, env_var_split=whole)
"""How options behave unless they say otherwise."""

Table = Annotated[str, Parameter(converter=place, n_tokens=1)]
Input = Annotated[str, Parameter(name=["--input", "-i"], converter=place, n_tokens=1, metavar="PATH")]
Output = Annotated[str, Parameter(name=["--output", "-o"], converter=place, n_tokens=1, metavar="PATH")]
OptionalOutput = Annotated[str | None, Parameter(name=["--output", "-o"], converter=place, n_tokens=1, metavar="PATH")]
Names = Annotated[tuple[str, ...], Parameter(converter=names, n_tokens=1, metavar="A,B,...")]
Filters = Annotated[tuple[str, ...], Parameter(converter=filters, n_tokens=1, metavar="A,B<=3,...")]
Numbers = Annotated[tuple[float, ...], Parameter(converter=numbers, n_tokens=1, metavar="A,B,...")]
Model = Annotated[str, Parameter(name=["--model", "-m"], metavar="MODEL")]
Column = Annotated[str | None, Parameter(name=["--smiles-column", "-s"], metavar="NAME")]
Jobs = Annotated[int | None, Parameter(name=["--jobs", "-j"], metavar="N")]
Count = Annotated[int, Parameter(name=["--number", "-n"], metavar="N")]
Last = Parameter(group=Group("Parameters of every command", sort_key=99))


OF_ALL = ("print_config", "quiet", "verbose")
"""Options that no verb takes itself."""


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Options:
    """What every command understands."""

    print_config: Annotated[bool, Last] = False
    """print the settings that would be used, as TOML, and stop"""
    quiet: Annotated[bool, Parameter(name=["--quiet", "-q"], group=Last.group)] = False
    """tell nothing but results and errors"""
    verbose: Annotated[bool, Parameter(name=["--verbose", "-v"], group=Last.group)] = False
    """tell how far it is every five seconds, how long it took and what RDKit said in this process"""

    @property
    def level(self) -> Level:
        """How much is told."""
        return Level.QUIET if self.quiet else Level.ALL if self.verbose else Level.PLAIN

    def but(self, *names: str) -> dict[str, Any]:
        """Return the options by name, without those of every command and those that this one takes itself."""
        fields = [field.name for field in dataclasses.fields(self)]
        return {name: getattr(self, name) for name in fields if name not in (*OF_ALL, *names)}

    def as_toml(self, command: str, given: Mapping[str, Any], /) -> str:
        """Write the settings that would be used, positional ones first."""
        lines = [f"[{command.rstrip('_')}]"]
        for name, value in {**given, **self.but("recipe")}.items():
            if value is not None:
                lines.append(f"{name.rstrip('_')} = {json.dumps(value, ensure_ascii=False)}")
        return "\n".join(lines)


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Writing(Options):
    """What every command understands that writes a file or folder."""

    overwrite: Annotated[bool, Last] = False
    """replace the output if it exists"""
