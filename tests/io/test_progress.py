"""Progress passes everything on, and speaks on standard error only."""

import pytest

from chemvae.io import progress
from chemvae.io.progress import watch


@pytest.mark.parametrize("quiet", [True, False])
def test_everything_is_passed_on_and_standard_output_stays_clean(quiet, capsys):
    assert list(watch(iter(range(5)), 5, "things", quiet=quiet)) == [0, 1, 2, 3, 4]
    assert capsys.readouterr() == ("", "")


def test_a_log_gets_plain_lines(monkeypatch, capsys):
    monkeypatch.setattr(progress, "EVERY", -1.0)
    assert list(watch([[1, 2], [3]], 3, "rows", size=len)) == [[1, 2], [3]]
    assert capsys.readouterr().err == "2 of 3 rows\n3 of 3 rows\n"


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert list(watch([1, 2], 2, "rows")) == [1, 2]
    assert "rows" in capsys.readouterr().err
