"""Pages: one file that needs nothing else and runs nothing from outside."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from chemvae.errors import ExistsError
from chemvae.report.cards import cards
from chemvae.report.figures import picture, trace
from chemvae.report.grid import Cell
from chemvae.report.page import Section, charts, command, facts, page, paragraph, together, write_page

HOSTILE = '"><script>alert(1)</script>'


class Balance(HTMLParser):
    """Counts open elements and gathers what a page would load."""

    VOID = frozenset({"meta", "link", "input", "br", "img"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attrs if name in {"src", "href", "srcset", "action"}]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def everything() -> str:
    """Make a page of every part, with hostile text wherever text can stand."""
    body = together(
        paragraph(HOSTILE),
        facts({HOSTILE: HOSTILE}),
        command(HOSTILE),
        cards([Cell(HOSTILE, (HOSTILE, HOSTILE)), Cell("CCO")], HOSTILE),
        charts(picture(trace([1.0, 2.0], name=HOSTILE), HOSTILE, "a"), picture(trace([1.0]), "", "b")),
    )
    return page(HOSTILE, [Section(HOSTILE, body)], lead=HOSTILE, foot=HOSTILE)


def test_is_well_formed_and_loads_nothing():
    parser = Balance()
    parser.feed(everything())
    assert parser.open == []
    assert all(load.startswith(("#", "data:")) for load in parser.loads)


def test_runs_one_script_our_own():
    scripts = re.findall(r"<script[^>]*>", everything())
    assert scripts == ["<script>"]


def test_forbids_the_network_even_to_itself():
    assert "default-src 'none'" in everything().replace("&#x27;", "'")


def test_knows_dark_phones_and_paper():
    text = everything()
    for wanted in ("prefers-color-scheme: dark", "@media print", "max-width: 40rem", 'name="viewport"'):
        assert wanted in text


def test_two_charts_share_no_id():
    ids = re.findall(r' id="([^"]+)"', everything())
    assert len(ids) == len(set(ids))


def test_is_written_once(tmp_path: Path):
    path = write_page(tmp_path / "report.html", "<p>one</p>")
    with pytest.raises(ExistsError):
        write_page(path, "<p>two</p>")
    assert path.read_text() == "<p>one</p>"
