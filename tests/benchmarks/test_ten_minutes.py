"""A newcomer's walk: it types what the pages say, and its page is what was measured."""

from benchmarks.ten_minutes import PAGE, RESULT, ROOT, steps, told
from chemvae.io.atomic import read_json


def test_the_steps_are_those_of_the_pages() -> None:
    texts = [(ROOT / "docs" / name).read_text("utf-8") for name in ("install.md", "five_minutes.md")]
    taken = list(steps(*texts))
    assert [step.text.split()[0] for step in taken[:4]] == ["python3.11", "pip", "chemvae", "chemvae"]
    assert taken[2].text == "chemvae doctor"
    assert [step.is_python for step in taken] == [False] * (len(taken) - 1) + [True]
    assert taken[-1].line.startswith("python -c 'import chemvae\n")
    assert all(step.title and step.title[0].islower() for step in taken)


def test_the_page_is_what_was_measured() -> None:
    text = PAGE.read_text("utf-8")
    assert told(read_json(RESULT)) in text, "Run `python -m benchmarks.ten_minutes` without --work."
    assert "| install |" in text and "`chemvae doctor`" in text
