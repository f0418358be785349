import threading

import pytest

pytest.importorskip("streamlit", reason="the extra [app] is not installed")


@pytest.fixture
def found():
    import pandas as pd

    from chemvae.search.found import Ending, Found

    return Found("qed", pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), Ending.STOPPED)


def test_a_search_tells_how_far_it_is_and_keeps_what_it_found_when_stopped(found):
    from chemvae.app.searches import Search
    from chemvae.search.loop import Progress

    told = threading.Event()

    def work(tell, stop):
        tell(Progress(25, 100, 0.5, 3, smiles="CCO"))
        told.set()
        while not stop():
            pass
        return found

    search = Search("qed", 100, work).begin()
    assert told.wait(10)
    assert search.running
    assert (search.at.calls, search.at.smiles) == (25, "CCO")
    search.stop()
    search.wait(10)
    assert not search.running
    assert search.found is found
    assert search.failed == ""


@pytest.mark.parametrize("mistake", [True, False])
def test_a_search_that_fails_says_so_in_a_sentence(mistake, capsys):
    from chemvae.app.searches import Search
    from chemvae.errors import InputError

    def work(tell, stop):
        raise InputError("Expected this,\nbut got that.") if mistake else KeyError("inside")

    search = Search("qed", 100, work).begin()
    search.wait(10)
    assert search.found is None
    assert search.at.calls == 0
    err = capsys.readouterr().err
    if mistake:
        assert search.failed == "Expected this, but got that."
        assert "Traceback" not in err
    else:
        assert "chemvae itself failed" in search.failed
        assert "Traceback" in err
