"""One self-contained HTML page: no network, light and dark, at home on a phone and on paper."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import NewType

from chemvae.io.atomic import refuse_existing, write_text

Html = NewType("Html", str)
"""Text that is safe to put into a page as it stands: everything from outside in it was escaped."""

# The page can load nothing and send nothing, whatever stands in it.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    """plain text"""
    body: Html
    """made by the functions of this floor"""


def page(title: str, sections: Sequence[Section], *, lead: str = "", foot: str = "") -> str:
    """Return the page as text.

    Args:
        title: heading and name of the tab.
        sections: in reading order.
        lead: one sentence under the title that says what came out.
        foot: a line at the end, e.g. versions.
    """
    resources = files("chemvae.report")
    style = resources.joinpath("page.css").read_text(encoding="utf-8")
    script = resources.joinpath("page.js").read_text(encoding="utf-8")
    body = "".join(f"<section><h2>{escape(part.title)}</h2>{part.body}</section>" for part in sections)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style></head>\n"
        f'<body><header><h1>{escape(title)}</h1><p class="lead">{escape(lead)}</p></header>\n<main>{body}</main>\n'
        f"<footer>{escape(foot)}</footer>\n<script>\n{script}</script></body></html>\n"
    )


def write_page(path: Path | str, text: str, *, overwrite: bool = False) -> Path:
    """Write a page whole or not at all."""
    refuse_existing(path, overwrite=overwrite)
    write_text(path, text)
    return Path(path)


def together(*parts: Html) -> Html:
    """Return several pieces as one."""
    return Html("".join(parts))


def paragraph(text: str) -> Html:
    """Return plain text as a paragraph."""
    return Html(f"<p>{escape(text)}</p>")


def facts(values: Mapping[str, object]) -> Html:
    """Return names and values as a row of figures."""
    items = "".join(f"<div><dt>{escape(k)}</dt><dd>{escape(str(v))}</dd></div>" for k, v in values.items())
    return Html(f'<dl class="facts">{items}</dl>')


def command(text: str) -> Html:
    """Return what to type to run it again."""
    return Html(f'<pre class="command"><code>{escape(text)}</code></pre>')


def pan(drawing: str, width: int, name: str) -> Html:
    """Return a wide drawing in a box of its own: scrolled sideways where the window is narrower than so many pixels."""
    head = f'<div class="pan" style="--wide:{width}px" tabindex="0" role="region" aria-label="{escape(name)}">'
    return Html(f"{head}{drawing}</div>")


def charts(*pictures: Html) -> Html:
    """Return charts beside each other where the page is wide enough."""
    return Html(f'<div class="charts">{"".join(pictures)}</div>')
