"""Progress passes everything on, and speaks on standard error only."""

import pytest

from chemvae.io import progress
from chemvae.io.progress import Level, duration, tell, telling_at, watch


@pytest.mark.parametrize("quiet", [True, False])
def test_everything_is_passed_on_and_standard_output_stays_clean(quiet, capsys):
    assert list(watch(iter(range(5)), 5, "things", quiet=quiet)) == [0, 1, 2, 3, 4]
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_plain_lines(monkeypatch, capsys):
    monkeypatch.setattr(progress, "EVERY", -1.0)
    now = iter(range(100))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(now)))
    assert list(watch([[1, 2], [3]], 3, "rows", size=len)) == [[1, 2], [3]]
    said = capsys.readouterr().err.splitlines()
    assert [line.split(",")[0] for line in said] == ["2 of 3 rows", "3 of 3 rows"]
    assert all("a second" in line and line.endswith(" s left") for line in said)


def test_a_log_gets_a_line_a_minute_and_more_if_asked(monkeypatch, capsys):
    now = iter(range(0, 1000, 10))
    monkeypatch.setattr(progress.time, "monotonic", lambda: float(next(now)))
    list(watch(range(20), 20, "rows"))
    plain = len(capsys.readouterr().err.splitlines())
    with telling_at(Level.ALL):
        list(watch(range(20), 20, "rows"))
    assert 1 <= plain <= 4 < len(capsys.readouterr().err.splitlines())


def test_quiet_is_quiet_and_ends_with_its_context(capsys):
    with telling_at(Level.QUIET):
        tell("nothing")
        assert list(watch([1], 1, "rows")) == [1]
    tell("all", Level.ALL)
    tell("this")
    assert capsys.readouterr().err == "this\n"


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "0 s"), (59, "59 s"), (600, "10 min"), (9000, "2.5 h")])
def test_times_as_people_say_them(seconds, words):
    assert duration(seconds) == words


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(watch([1, 2], 2, "rows")) == [1, 2]
    assert "rows" in capsys.readouterr().err
