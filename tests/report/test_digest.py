"""Digests: counts are exact, extremes come from anywhere in the table, and memory does not grow with it."""

import numpy as np
import pandas as pd

from chemvae.report import digest as module
from chemvae.report.digest import Digest


def frames(rows: int, size: int = 100):
    for first in range(0, rows, size):
        at = np.arange(first, min(first + size, rows))
        bad = at % 10 == 3
        yield pd.DataFrame(
            {
                "id": [f"m{i}" for i in at],
                "mol": ["oops" if b else "C" * (i % 5 + 1) for i, b in zip(at, bad, strict=True)],
                "logp": ["" if b else str((i * 7919) % 1000) for i, b in zip(at, bad, strict=True)],
                "nearest": ["CCO"] * len(at),
                "reason": ["RDKit cannot read it: x" if b else "" for b in bad],
            }
        )


def test_counts_are_exact_and_text_is_left_out():
    found = Digest.of(frames(1000), "mol", ["nearest", "logp"])
    values = np.array([(i * 7919) % 1000 for i in range(1000) if i % 10 != 3], dtype=float)
    spread = found.spreads["logp"]
    assert found.columns == ["logp"] and found.rows == 1000 and spread.n == 900
    assert (spread.least, spread.most) == (values.min(), values.max())
    np.testing.assert_allclose(spread.mean, values.mean())
    assert sorted(found.values("logp")) == sorted(values)
    assert found.failed == {"RDKit cannot read it": [("oops", "RDKit cannot read it: x")] * module.EACH}


def test_rows_are_shown_once_in_their_order_with_what_they_are_shown_for():
    shown = Digest.of(frames(1000), "mol", ["logp"]).listed()
    assert shown["row"].is_monotonic_increasing and shown["row"].is_unique
    assert list(shown.columns) == ["row", "smiles", "shown", "logp", "reason"]
    worst = shown[shown["shown"].str.contains("lowest logp")]
    assert sorted(worst["logp"])[: module.ENDS] == sorted((i * 7919) % 1000 for i in range(1000) if i % 10 != 3)[:8]
    assert shown["shown"].str.contains("first").sum() == module.FIRST


def test_what_is_kept_of_a_long_table_is_a_sample_from_all_of_it(monkeypatch):
    monkeypatch.setattr(module, "SAMPLE", 200)
    found = Digest.of(frames(5000), "mol", ["logp"])
    assert len(found._kept) == 200 and 350 < found.values("logp").mean() < 650
    assert len(found.listed()) <= module.FIRST + 2 * module.ENDS
    again = Digest.of(frames(5000, size=1000), "mol", ["logp"])
    assert sorted(again.values("logp")) == sorted(found.values("logp"))  # however it was cut
