"""Pages in a real browser: they hold their molecules, fit a phone and paper, sort, filter, tell; no error is said."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import screenshots

pytestmark = pytest.mark.slow
pytest.importorskip("playwright", reason="the extra [browser] is not installed")
if screenshots.browser_path() is None:
    pytest.skip("no Chromium or Chrome is installed", allow_module_level=True)

LONG = "CC(C)Cc1ccc(C(C)C(=O)OCCOCCOCCN2CCN(Cc3ccc(Cl)c(Cl)c3)CC2)cc1"
SMILES = ["CCO", "C1CCCCC1CC", "c1ccccc1", LONG]
TABLE = pd.DataFrame({"smiles": SMILES, "qed": [0.4, 0.9, 0.6, 0.2]})
AWAY = pd.DataFrame({"smiles": [None] * 2, "text": ["C(", 120 * "C"], "reason": ["RDKit cannot read it", 40 * "long "]})
COMMAND = "chemvae anything --data " + "a-long-name-of-a-file-" * 9
CHECKSUM = "a.csv with sha256 " + 64 * "0"


def design() -> str:
    from chemvae.report.design import Design, design_page

    table = TABLE.assign(objective=TABLE["qed"])
    return design_page(
        Design(
            title="d", lead="", objective="qed", start=table, found=table, values=np.array([0.4, 0.9]),
            rejected=AWAY, command=COMMAND,
        )
    )  # fmt: skip


def scores() -> str:
    from chemvae.report.digest import Digest
    from chemvae.report.scores import ScoredTable, scores_page

    many = TABLE.assign(**{f"predicted_{at}": 1000.0 + at for at in range(12)}, reason="")
    digest = Digest.of([many], "smiles", [*many.columns[1:-1]])
    return scores_page(
        ScoredTable(name="x", rows=4, written=4, reasons={}, digest=digest, command=COMMAND, foot=CHECKSUM)
    )


def rings() -> str:
    from chemvae.report.explored import Neighbors

    return Neighbors(LONG, 3).page(TABLE.assign(similarity=0.5, distance=[0.1, 0.2, 0.3, 0.4], ring=[1, 1, 2, 3]))


def beside() -> str:
    from chemvae.report.explored import Beside

    table = pd.concat([TABLE.assign(text=TABLE["smiles"], reason=""), AWAY])
    return Beside({"vae": table, "autoencoder": table}, "drawn by a rule").page(table)


def grid() -> str:
    from chemvae.report.explored import Walk

    return Walk(tuple(SMILES), 4).page(pd.concat([TABLE] * 4).assign(similarity=0.5))


def front() -> str:
    from chemvae.report.fronts import Front, front_page

    table = TABLE.assign(sa=[1.0, 2.0, 3.0, 4.0])
    history = table.assign(how=["start", "prior", "local", "local"], feasible=[True, True, True, False])
    return front_page(
        Front(
            title="f", lead="", reference={"qed": 0.0, "sa": 9.0}, front=table[:2], found=table, rejected=AWAY,
            history=history.assign(hypervolume=[0.1, 0.2, 0.3, 0.3]), command=COMMAND, facts={"point": "qed 0, sa 9"},
        )
    )  # fmt: skip


def training() -> str:
    from chemvae.molecule import Molecule, Verdict
    from chemvae.report.trained import molecule_sections
    from chemvae.report.training import training_page

    log = pd.DataFrame({"epoch": [1], "train_nll": [30.0], "valid_nll": [20.0], "mae_logp": [1.0]})
    back = [Molecule(120 * "C", 120 * "C", Verdict.VALID)] * 4
    more = molecule_sections(SMILES, back, back, AWAY)
    return training_page("m", log, pd.Series({"kl_000": 0.1}), log.iloc[0].to_dict(), COMMAND, more)


def evaluation() -> str:
    from chemvae.named import named_molecules
    from chemvae.report.evaluated import Evaluation
    from chemvae.report.evaluation import evaluation_figures, evaluation_page
    from chemvae.report.merit import share

    known = named_molecules(SMILES, jobs=1)
    names = ("exact_reconstruction", "validity", "unique_at_10k", "fcd")
    lengths = ["shortest", "longest", "exact_reconstruction", "low", "high", "n"]
    values = TABLE["qed"].to_numpy()
    found = Evaluation(
        model="m", merits=tuple(share(name, 3, 4, 20 * "how it is measured ") for name in names), data=known,
        reference=known, seed=0, kl=np.array([0.1, 2.0]), properties={"qed": {"data": values, "samples": values}},
        reconstructed=TABLE[["smiles"]].assign(decoded=120 * "C", exact=False),
        samples=pd.concat([TABLE.assign(text=TABLE["smiles"], reason=""), AWAY]),
        lengths=pd.DataFrame([(1, 10, 0.75, 0.3, 0.95, 4)], columns=lengths),
        smooth=pd.DataFrame({"radius": [0.0, 1.0], "similarity": [1.0, 0.5], "valid": [1.0, 1.0], "n": [2, 2]}),
    )  # fmt: skip
    return evaluation_page(found, evaluation_figures(found), COMMAND)


def chart() -> str:
    from chemvae.map import LatentMap, map_page
    from chemvae.report.maps import Charted

    rng = np.random.default_rng(0)
    points, prior = rng.standard_normal((4, 2)), rng.standard_normal((50, 2))
    words = ("principal component 1, units of z (10.6% of the variance)", "principal component 2, units of z")
    charted = Charted(points, prior, TABLE["qed"].to_numpy(), "qed", words, "4 molecules in a latent space")
    table = TABLE.assign(pc_1=points[:, 0], pc_2=points[:, 1], reason="")[["smiles", "pc_1", "pc_2", "qed", "reason"]]
    table.insert(0, "row", range(4))
    return map_page(LatentMap(table=table, charted=charted, of=4))


def climb() -> str:
    from chemvae.report.climb import Landscape, climb_page

    way = np.array([[0.0, 0.0], [0.1, 0.0], [2.0, 1.0], [4.0, 0.0]])
    table = TABLE.assign(step=range(4), distance=0.0, predicted=1.0, computed=0.5, text=TABLE["smiles"])
    table = table[["step", "distance", "predicted", "smiles", "text", "computed", "qed"]]
    sides = np.stack([np.linspace(-2, 8, 5), np.linspace(-4, 4, 5)], axis=1)
    return climb_page(Landscape("m", "qed", LONG, sides, np.add.outer(sides[:, 1], sides[:, 0]), way, table, 1.0))


def holes() -> str:
    from chemvae.report.holes import Holes, by_distance, holes_page

    table = pd.concat([TABLE[["smiles"]].assign(text="C", reason=""), AWAY], ignore_index=True)
    table = table.assign(source=["around"] * 4 + ["prior"] * 2, radius=0.5, distance=np.linspace(0, 1, 6))
    table = table.assign(pc_1=np.linspace(-1, 1, 6), pc_2=np.linspace(0, 1, 6))
    table = table[["source", "radius", "distance", "pc_1", "pc_2", "smiles", "text", "reason"]]
    words = ("principal component 1, units of z (10.6% of the variance)", "principal component 2, units of z")
    return holes_page(Holes("m", 4, table, by_distance(table[:4]), words))


PAGES = (design, scores, rings, beside, grid, front, training, evaluation, chart, climb, holes)
TOLD = (chart, climb, holes)


@pytest.fixture(params=["phone", "desktop"])
def visitor(request):
    """A browser's page that must have complained of nothing and asked nobody."""
    with screenshots.visitor(request.param) as page:
        yield page
        assert page.complaints == []
        assert all(url.startswith(("file:", "data:")) for url in page.asked)


def opened(page, tmp_path, make):
    """Open what a function makes."""
    path = tmp_path / "page.html"
    path.write_text(make())
    page.goto(path.as_uri())
    return page


def wide(page) -> bool:
    """Whether a page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


def rows(page) -> list[str]:
    """Return the molecules of the first table that are shown."""
    return page.locator(".sortable").first.locator("tbody tr:visible .smiles").all_inner_texts()


def asked(page, text: str) -> list[str]:
    """Filter the first table; return what is left."""
    page.locator(".sortable input").first.fill(text)
    return rows(page)


def test_every_page_fits_a_phone_a_desk_and_paper(visitor, tmp_path):
    for make in PAGES:
        page = opened(visitor, tmp_path, make)
        assert set(rows(page)) >= set(SMILES), make.__name__
        assert not wide(page), f"{make.__name__} is wider than the window"
        assert page.locator("footer").inner_text(), make.__name__
        page.emulate_media(media="print")
        inside = page.locator(".command").evaluate("box => box.scrollWidth <= box.clientWidth")
        assert inside, f"{make.__name__} cuts its command off on paper"
        page.emulate_media(media="screen")


def test_tables_fit_paper(visitor, tmp_path):
    visitor.set_viewport_size({"width": 680, "height": 900})  # A4 within its margins; browsers shrink it to a half
    visitor.emulate_media(media="print")
    for make in PAGES:
        page = opened(visitor, tmp_path, make)
        assert page.evaluate("document.documentElement.scrollWidth") <= 2 * 680, make.__name__
    assert not wide(opened(visitor, tmp_path, training)) and not wide(opened(visitor, tmp_path, evaluation))


def test_a_table_sorts_and_filters(visitor, tmp_path):
    page = opened(visitor, tmp_path, design)
    head = page.locator(".sortable th", has_text="qed").get_by_role("button")
    head.click()
    assert rows(page) == ["C1CCCCC1CC", "c1ccccc1", "CCO", LONG]
    head.click()
    assert rows(page) == [LONG, "CCO", "c1ccccc1", "C1CCCCC1CC"]
    assert asked(page, "qed > .5") == ["c1ccccc1", "C1CCCCC1CC"]
    assert asked(page, "c1ccccc1") == ["c1ccccc1"]
    assert asked(page, "C1CCCCC1 QED>0.5") == ["C1CCCCC1CC"]


def test_a_word_is_found_in_any_case(visitor, tmp_path):
    page = opened(visitor, tmp_path, scores)
    assert len(asked(page, "FIRST")) == len(asked(page, "first")) == 4


@pytest.mark.parametrize("make", TOLD)
def test_a_point_says_what_it_is(visitor, tmp_path, make):
    page = opened(visitor, tmp_path, make)
    mark = page.locator(".told .points use").first
    title = mark.locator("title").text_content()
    mark.dispatch_event("click")
    assert page.locator(".told output").first.text_content() == title


@pytest.mark.parametrize("make", [rings, chart, climb])
def test_a_wide_drawing_can_be_read(visitor, tmp_path, make):
    page = opened(visitor, tmp_path, make)
    drawing = page.locator(".pan > svg").first
    natural = float(drawing.get_attribute("viewBox").split()[2])
    assert drawing.bounding_box()["width"] >= 0.79 * natural
