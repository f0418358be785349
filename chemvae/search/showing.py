"""Show how far a search is: a bar on a terminal, a line a minute elsewhere."""

import contextlib
import math
from collections.abc import Callable, Iterator

from chemvae.io.progress import Pace, bar_wanted, tell
from chemvae.search.loop import Progress


@contextlib.contextmanager
def showing() -> Iterator[Callable[[Progress], None]]:
    """Yield what is to be told after each batch."""
    if not bar_wanted():
        yield _lines()
        return
    from tqdm import tqdm

    with tqdm(unit=" calls", leave=False) as bar:

        def show(at: Progress) -> None:
            bar.total = at.budget
            bar.set_postfix({at.what: f"{at.best:.4g}", "turned away": at.rejected}, refresh=False)
            bar.update(at.calls - bar.n)
            bar.refresh()  # batches are few and far between

        yield show


def _lines() -> Callable[[Progress], None]:
    """Return what writes the first and the last batch, and a line a minute between them."""
    pace: list[Pace] = []

    def show(at: Progress) -> None:
        first = not pace
        if first:
            pace.append(Pace(at.budget, "calls", at.calls))
        pace[0].done = at.calls
        if pace[0].due() or first or at.calls >= at.budget:
            tell(f"{pace[0]}, {best_of(at)}, {at.rejected:,} turned away")

    return show


def best_of(at: Progress) -> str:
    """Tell the best so far, or the hypervolume."""
    return "nothing measured and allowed yet" if math.isnan(at.best) else f"{at.what} {at.best:.4g}"
