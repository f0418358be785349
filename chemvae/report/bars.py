"""A histogram as a few lines of SVG, for pages of commands that are to start fast: Matplotlib takes longer to load."""

from html import escape

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.report.numbers import number
from chemvae.report.page import Html

BINS = 40
WIDTH, HEIGHT, FOOT = 480, 170, 34  # of the picture, and of what stands under the bars
COLOUR = "#3b78d8"


def bars(values: Float[ndarray, " n"], name: str, caption: str = "") -> Html:
    """Return how values are distributed, as bars between the smallest and the largest."""
    low, high = float(values.min()), float(values.max())
    reach = (low, high) if high > low else (low - 0.5, low + 0.5)
    counts, _ = np.histogram(values, bins=BINS, range=reach)
    wide, tall = WIDTH / BINS, HEIGHT - FOOT
    drawn = "".join(
        f'<rect x="{at * wide + 0.5:.1f}" y="{tall - tall * count / counts.max():.1f}" width="{wide - 1:.1f}" '
        f'height="{tall * count / counts.max():.1f}"><title>{int(count):,} from {number(reach[0] + at * step)}</title>'
        "</rect>"
        for step in [(reach[1] - reach[0]) / BINS]
        for at, count in enumerate(counts)
        if count
    )
    middle = float(np.median(values))
    x = WIDTH * (middle - reach[0]) / (reach[1] - reach[0])
    words = [
        (0, "start", number(reach[0])),
        (WIDTH // 2, "middle", f"median {number(middle)}"),
        (WIDTH, "end", number(reach[1])),
    ]
    under = "".join(
        f'<text x="{at}" y="{tall + 18}" text-anchor="{anchor}">{escape(text)}</text>' for at, anchor, text in words
    )
    said = f"<figcaption><b>{escape(name)}</b>{escape(caption)}</figcaption>"
    return Html(
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"distribution of {name}")}" '
        f'font-size="13" fill="currentColor"><g fill="{COLOUR}" fill-opacity=".75">{drawn}</g>'
        f'<path d="M0 {tall}H{WIDTH}M{x:.1f} 0V{tall}" stroke="currentColor" stroke-opacity=".6" fill="none"/>'
        f"{under}</svg>{said}</figure>"
    )
