"""Put what a benchmark measured between the markers of a page, so that no figure is copied by hand."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chemvae.io.atomic import write_text


def fill_between(page: Path, name: str, text: str) -> None:
    """Replace what stands between `<!-- NAME -->` and the next `<!-- end -->` of a page.

    Raises:
        SystemExit: the page has no such markers, or several.
    """
    begin, end = f"<!-- {name} -->\n", "<!-- end -->"
    filled, n = re.subn(
        f"({begin}).*?({end})",
        lambda found: f"{found[1]}{text}\n{found[2]}",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    if n != 1:
        raise SystemExit(f"Expected one pair of markers {begin.strip()} and {end} in {page}, but found {n}.")
    write_text(page, filled)


def side_by_side(
    what: str, figures: Mapping[str, Mapping[str, Any]], columns: Mapping[str, tuple[str, str]]
) -> list[str]:
    """Return the lines of a Markdown table, a row for each training; columns are keys with a title and a format."""
    head = [what, *(title for title, _ in columns.values())]
    rows = [[name, *(shown.format(row[key]) for key, (_, shown) in columns.items())] for name, row in figures.items()]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *(f"| {' | '.join(row)} |" for row in rows)]
