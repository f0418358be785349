"""Put what a benchmark measured between the markers of a page, so that no figure is copied by hand."""

import re
from pathlib import Path

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
