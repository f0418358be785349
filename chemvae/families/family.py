"""What a family of systems promises: a kind of recipe, and a run that ends in figures and pictures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from chemvae.systems.recipe import SystemRecipe


@dataclass(frozen=True)
class Picture:
    """A picture of a run: a file in `pictures/` and a part of the report."""

    name: str
    """of the file, without its ending"""
    figure: Figure
    """what is drawn"""
    caption: str
    """what a reader sees there, in a sentence"""


@dataclass(frozen=True)
class Outcome:
    """What a run came to."""

    figures: Mapping[str, float]
    """by name; what could not be measured is absent"""
    protocol: Mapping[str, Any]
    """what the figures depend on: data, binarisation, n, k, seed"""
    pictures: Sequence[Picture] = ()
    """in the order of the report"""
    rows: Sequence[Mapping[str, float]] = ()
    """a line of figures per epoch; empty where nothing is trained"""
    curves: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """title of a chart to the columns of `rows` that it draws"""
    files: Mapping[str, str] = field(default_factory=dict)
    """sha256 of the data files"""


@dataclass(frozen=True)
class Run:
    """Where and how a run happens."""

    folder: Path
    """the run folder, which is there"""
    resume: bool = False
    """go on from what lies in it"""
    say: Callable[[str], None] = print
    """how to tell about progress"""


@dataclass(frozen=True)
class Family:
    """An entry of the table."""

    recipe: type[SystemRecipe]
    """its sections"""
    read: Callable[[Any], Any]
    """a recipe of that type to the data it needs; what is not there is refused before a folder is made"""
    run: Callable[[Any, Any, Run], Outcome]
    """the recipe, its data and a folder to what it came to"""
    resumable: tuple[str, ...] = ()
    """keys of the recipe, dotted, that a resumed run may change; all others have to stay"""
