"""The page of holes lists each molecule once, where it lay nearest to the data, and its dots say how many they hold."""

import numpy as np
import pandas as pd

from chemvae.report.holes import Holes, by_distance, holes_page


def test_each_molecule_is_listed_once_and_dots_tell():
    smiles = ["CCO", "CCN", "CCO", None, "CCC"]
    table = pd.DataFrame({"source": ["around"] * 4 + ["prior"], "radius": 0.5, "distance": np.linspace(0.1, 0.5, 5)})
    table = table.assign(pc_1=0.0, pc_2=1.0, smiles=smiles, text="C", reason="no")
    page = holes_page(Holes("m", 3, table, by_distance(table[:4]), ("across", "up")))
    assert "All 3 different molecules, nearest first" in page
    assert page.count('<td class="mol">') == 3 and page.index("<code>CCO") < page.index("<code>CCN")
    assert "<title>distance 0.100: 100.0% of 1 points are molecules</title>" in page
