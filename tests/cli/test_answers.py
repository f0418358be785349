"""A summary never mixes with a table on standard output."""

import pytest


@pytest.mark.parametrize(("output", "stream"), [("out.csv", "out"), (None, "out"), ("-", "err")])
def test_where_a_summary_goes(capsys, output, stream):
    from chemvae.cli.answers import answer

    answer("done", output)
    said = capsys.readouterr()
    assert getattr(said, stream) == "done\n"
