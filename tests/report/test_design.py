"""The page of an optimisation: before and after, every candidate, every rejection, the command."""

import numpy as np
import pandas as pd

from chemvae.report.design import Design, design_page, rejected


def design(**changes: object) -> Design:
    """Make a small one."""
    found = pd.DataFrame({"smiles": ["CCO", "CCN", "CCC"], "objective": [3.0, 2.5, 2.0], "call": [3, 1, 2]})
    given = {
        "title": "Better molecules",
        "lead": "Three came out.",
        "objective": "5*qed - sa",
        "start": pd.DataFrame({"smiles": ["C", "CC"], "objective": [0.25, 1.5]}),
        "found": found,
        "values": np.array([2.5, np.nan, 3.0]),
        "rejected": pd.DataFrame(
            {"text": ["C1CC", "C1C", "CCO"], "reason": ["unreadable: ring", "unreadable: x", "seen"]}
        ),
        "command": "chemvae demo -o runs/demo --seed 0",
    }
    return Design(**(given | changes))


def test_holds_start_and_candidates_with_the_best_first():
    html = design_page(design())
    assert html.index("objective 1.500") < html.index("objective 0.250") < html.index("objective 3<")
    assert html.count('<td class="mol">') == 3
    assert "chemvae demo -o runs/demo --seed 0" in html


def test_counts_rejections_by_kind_and_lists_them():
    html = rejected(design().rejected)
    assert "<td>unreadable</td><td" in html and ">2</td>" in html
    assert "<td>C1CC</td><td>unreadable: ring</td>" in html


def test_nothing_rejected_is_said():
    assert "Nothing was rejected" in rejected(pd.DataFrame({"text": [], "reason": []}))


def test_works_without_start_molecules():
    html = design_page(design(start=pd.DataFrame({"smiles": [], "objective": pd.Series([], dtype=float)})))
    assert "best 0 of 0 start molecules" in html


def test_the_page_stays_small_when_much_is_rejected():
    many = pd.DataFrame({"text": [f"C{at}" for at in range(5000)], "reason": ["a: b"] * 2500 + ["seen"] * 2500})
    html = rejected(many)
    assert html.count("<tr>") == 1 + 2 + 1 + 20
    assert "2500" in html
