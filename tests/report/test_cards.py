"""Cards draw each molecule once and escape what comes from outside."""

from chemvae.report.cards import cards
from chemvae.report.grid import Cell


def test_cards_draw_and_escape() -> None:
    text = cards([Cell("CCO", ("<b>1", "2"))], "A & B")
    assert "<h3>A &amp; B</h3>" in text
    assert "<b>&lt;b&gt;1</b>" in text
    assert text.count("<svg") == 1
