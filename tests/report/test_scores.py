"""The page of a scored table holds its molecules, its numbers and its gaps, and escapes what it did not write."""

import pandas as pd

from chemvae.report.digest import Digest
from chemvae.report.scores import ScoredTable, scores_page

HOSTILE = "<script>alert(1)</script>"


def page_of(table: pd.DataFrame, **counts) -> str:
    digest = Digest.of([table], "smiles", [name for name in table if name not in ("smiles", "reason")])
    told = {"rows": len(table), "written": len(table), "reasons": {}} | counts
    return scores_page(ScoredTable(name=HOSTILE, digest=digest, command="chemvae score", **told))


def test_molecules_numbers_and_gaps():
    table = pd.DataFrame(
        {"smiles": ["CCO", HOSTILE, "CCN"], "qed": ["0.41", "", "0.39"], "reason": ["", "RDKit cannot read it: x", ""]}
    )
    text = page_of(table, reasons={"RDKit cannot read it": 1})
    assert text.count('class="mol"') == 3 and "<code>CCN</code>" in text
    assert "2 of 3 rows have a score" in text and "median 0.400" in text and "RDKit cannot read it: x" in text
    assert HOSTILE not in text and text.count("<script>") == 1


def test_nothing_to_show_is_said():
    text = page_of(pd.DataFrame({"smiles": ["x"], "qed": [""], "reason": ["no"]}), reasons={"no": 1})
    assert "No row has a value." in text
    assert "Every row has a score." in page_of(pd.DataFrame({"smiles": ["CC"], "qed": ["1"], "reason": [""]}))
