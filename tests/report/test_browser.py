"""Pages in a real browser: they hold their molecules, sort, filter and tell, and the console stays silent."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

pytestmark = [pytest.mark.slow]

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
TRIED = """<script>
const rows = () => [...document.querySelectorAll(".sortable tbody tr")].filter((row) => !row.hidden);
const cell = (row) => row.cells[2].textContent;
const before = rows().length;
document.querySelectorAll(".sortable th button")[1].click();
const down = rows().map(cell);
document.querySelectorAll(".sortable th button")[1].click();
const up = rows().map(cell);
const box = document.querySelector(".sortable input");
box.value = "qed > 0.5"; box.dispatchEvent(new Event("input"));
const kept = rows().map(cell);
const mark = document.querySelector(".told .points use");
if (mark) mark.dispatchEvent(new MouseEvent("click", { bubbles: true }));
const said = mark && document.querySelector(".told output").textContent;
const wide = document.documentElement.scrollWidth <= window.innerWidth;
document.body.dataset.tried = JSON.stringify({ before, down, up, kept, said, wide });
</script></body>"""


def opened(page: Path, *, width: int = 1280) -> tuple[dict, str]:
    """Open a page with a script that uses it; return what that found, and what the console said."""
    if BROWSER is None:
        pytest.skip("no Chromium here")
    tried = page.with_suffix(".tried.html")
    tried.write_text(page.read_text().replace("</body>", TRIED))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0"]
    flags += [f"--user-data-dir={page.parent / 'browser'}", f"--window-size={width},900"]
    done = subprocess.run([BROWSER, *flags, "--dump-dom", tried.as_uri()], capture_output=True, text=True, timeout=240)
    found = re.search(r'data-tried="([^"]*)"', done.stdout)
    assert found, done.stderr[-2000:]
    said = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
    return json.loads(found[1].replace("&quot;", '"')), said


def pages() -> dict[str, str]:
    """Return one page of each kind of run, of the same three molecules."""
    from chemvae.report.design import Design, design_page
    from chemvae.report.digest import Digest
    from chemvae.report.explored import Neighbors
    from chemvae.report.figures import canvas, told_picture
    from chemvae.report.page import Section, page, together
    from chemvae.report.scores import ScoredTable, scores_page
    from chemvae.report.tables import molecule_table

    table = pd.DataFrame({"smiles": ["CCO", "CCN", "c1ccccc1"], "qed": [0.4, 0.9, 0.6]})
    scored = table.assign(reason="")[["smiles", "qed", "reason"]]
    digest = Digest.of([scored], "smiles", ["qed"])
    away = pd.DataFrame({"text": ["C("], "reason": ["RDKit cannot read it"]})
    design = Design(
        title="d", lead="", objective="qed", start=table.assign(objective=table["qed"]), command="chemvae optimize",
        found=table.assign(objective=table["qed"])[["smiles", "qed", "objective"]], values=np.array([0.4, 0.9]),
        rejected=away,
    )  # fmt: skip
    figure, axes = canvas()
    axes.scatter([0, 1, 2], [1, 2, 0], gid="points", clip_on=False)
    near = table.assign(similarity=0.5, distance=[0.1, 0.2, 0.3], ring=1)
    return {
        "design": design_page(design),
        "scores": scores_page(ScoredTable(name="x", rows=3, written=3, reasons={}, digest=digest, command="c")),
        "rings": Neighbors("CCCO", 1).page(near[["smiles", "qed", "similarity", "distance", "ring"]]),
        "told": page(
            "t", [Section("s", together(told_picture(figure, ["one", "two", "three"]), molecule_table(table)))]
        ),
    }


@pytest.mark.parametrize("name", ["design", "scores", "rings", "told"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_works_and_the_console_is_silent(tmp_path, name, width):
    path = tmp_path / f"{name}.html"
    path.write_text(pages()[name])
    found, said = opened(path, width=width)
    assert said == ""
    assert found["before"] == 3 and sorted(found["down"]) == sorted(found["up"])
    assert found["wide"], "the page is wider than the window"
    if name in ("design", "told", "rings"):
        assert found["down"] == ["0.900", "0.600", "0.400"] and found["up"] == found["down"][::-1]
        assert found["kept"] == ["0.600", "0.900"]
    if name == "told":
        assert found["said"] == "one"
