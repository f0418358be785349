"""The studio in a real browser, end to end; skipped where there is none."""

import csv
import io

import pytest

from benchmarks import screenshots

pytestmark = pytest.mark.slow
pytest.importorskip("streamlit_jsme", reason="the extra [app] is not installed")
pytest.importorskip("playwright", reason="the extra [browser] is not installed")
if screenshots.browser_path() is None:
    pytest.skip("no Chromium or Chrome is installed", allow_module_level=True)


@pytest.fixture(scope="module")
def address():
    with screenshots.studio("--max-upload", "1") as found:
        yield found


@pytest.fixture(params=["desktop"])
def page(request, address):
    """A browser's page that must have complained of nothing and asked nobody but the studio."""
    with screenshots.visitor(request.param) as page:
        yield page
        assert page.complaints == []
        assert {url.split("/")[2] for url in page.asked if url.startswith("http")} == {address.split("/")[2]}


def shown(page) -> list[str]:
    return page.locator(".cards li").evaluate_all("cards => cards.map(card => card.title)")


def download(page, label: str):
    """The button of a file; a file uploader names endings too."""
    return page.locator('[data-testid="stDownloadButton"]', has_text=label).locator("button, a").first


def fits(page) -> bool:
    """Whether nothing is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("page", ["desktop", "phone"], indirect=True)
def test_a_click_on_a_neighbor_puts_it_in_the_middle(page, address):
    page.goto(address)
    page.wait_for_selector(".cards li")
    assert fits(page)
    first = shown(page)[0]
    page.locator(".cards li").first.click()
    page.wait_for_function("smiles => document.querySelector('input[type=text]').value === smiles", arg=first)


def test_neighbors_change_as_the_radius_does(page, address):
    page.goto(address)
    page.wait_for_selector(".cards li")
    before = shown(page)
    page.get_by_role("slider", name="Radius").focus()
    page.keyboard.press("ArrowRight")
    screenshots.settled(page)
    for _ in range(600):
        if shown(page) not in ([], before):
            break
        page.wait_for_timeout(500)
    assert shown(page) != before


def test_what_is_drawn_becomes_the_molecule(page, address):
    screenshots.draw(page, address)
    page.frame(url="**/draw/index.html*").evaluate("read('CCOC(=O)c1ccccc1')")
    page.locator("code", has_text="CCOC(=O)c1ccccc1").last.wait_for()
    page.get_by_role("button", name="Use this molecule").click()
    page.wait_for_function("document.querySelector('input[type=text]').value === 'CCOC(=O)c1ccccc1'")


def test_interpolation_shows_the_molecules_between(page, address):
    screenshots.interpolate(page, address)
    assert len(shown(page)) == 6
    assert fits(page)


def test_a_search_shows_progress_stops_and_keeps_what_it_found(page, address):
    page.goto(f"{address}/optimize")
    page.get_by_text("How to search").click()
    page.get_by_label("Molecules to measure").fill("5000")
    page.get_by_label("Molecules to measure").press("Tab")
    screenshots.settled(page)
    page.get_by_role("button", name="Search").last.click()
    page.get_by_text("best so far:").wait_for()
    page.get_by_role("button", name="Stop and keep what was found").click()
    page.get_by_text("it was stopped").wait_for()
    page.wait_for_selector(".cards li")
    assert page.get_by_text("new molecules").is_visible()


def test_an_uploaded_file_is_scored_and_downloaded(page, address):
    page.goto(f"{address}/score")
    text = b"name,smiles\naspirin,CC(=O)Oc1ccccc1C(=O)O\njunk,C(\n=1+1,CCO\n"
    page.locator("input[type=file]").set_input_files({"name": "mine.csv", "mimeType": "text/csv", "buffer": text})
    page.get_by_text("mine.csv").first.wait_for()
    page.get_by_role("button", name="Score").last.click()
    page.get_by_text("1 could not be scored").wait_for()
    with page.expect_download() as saved:
        download(page, "CSV").click()
    rows = list(csv.DictReader(io.StringIO(saved.value.path().read_text())))
    assert [row["name"] for row in rows] == ["aspirin", "junk", "=1+1"]
    assert rows[1]["reason"]
    with page.expect_download() as saved:
        download(page, "SDF").click()
    assert saved.value.path().read_text().count("$$$$") == 2


def test_a_file_that_is_too_large_is_told_in_a_sentence(page, address):
    page.goto(f"{address}/score")
    large = {"name": "large.smi", "mimeType": "text/plain", "buffer": b"CCO\n" * 400_000}
    page.locator("input[type=file]").set_input_files(large)
    page.get_by_text("1.0MB").last.wait_for()
    page.get_by_text("must be").wait_for()


def test_a_page_from_elsewhere_is_refused(page, address):
    page.goto(f"{address}/_stcore/health")
    asked = "address => new Promise(answer => { const one = new WebSocket(address); one.onopen = () => answer('open');"
    asked += " one.onerror = () => answer('refused'); })"
    stream = address.replace("http", "ws") + "/_stcore/stream"
    assert page.evaluate(asked, stream) == "open"
    foreign = page.context.browser.new_page()
    foreign.goto("data:text/html,<p>elsewhere</p>")
    assert foreign.evaluate(asked, stream) == "refused"
    foreign.close()
