import math

import pytest

from chemvae.errors import InputError
from chemvae.search.calls import Call, CallLog

CALLS = [Call(0, "CC", 0.1 + 0.2, {"qed": 1 / 3}), Call(0, "CO", math.nan, {"qed": math.inf}, "qed is infinite")]


@pytest.fixture
def log(tmp_path):
    return CallLog(tmp_path / "deep" / "oracle.jsonl", "5*qed - sa")


def test_round_trip_is_exact(log):
    log.append(CALLS[:1])
    log.append(CALLS[1:])
    back = log.read()
    assert list(back) == ["CC", "CO"]
    assert back["CC"] == CALLS[0]
    assert math.isnan(back["CO"].value)
    assert back["CO"].parts["qed"] == math.inf
    assert back["CO"].reason == "qed is infinite"


def test_nothing_there_is_nothing_read(log):
    assert log.read() == {}


@pytest.mark.parametrize("lost", range(1, 60, 7))
def test_torn_end_loses_only_the_torn_line_and_goes_on(log, lost):
    log.append(CALLS)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-lost])
    assert list(log.read()) == ["CC"]
    log.append(CALLS[1:])
    assert list(log.read()) == ["CC", "CO"]
    assert log.path.read_bytes() == whole


def test_torn_first_line_begins_again(log):
    log.append(CALLS)
    log.path.write_bytes(log.path.read_bytes()[:10])
    assert log.read() == {}
    log.append(CALLS)
    assert list(log.read()) == ["CC", "CO"]


def test_calls_of_another_objective_are_refused(log):
    log.append(CALLS)
    with pytest.raises(InputError, match="Expected calls of 'qed'"):
        CallLog(log.path, "qed").read()


@pytest.mark.parametrize("line", [b"garbage\n", b"[1]\n", b'{"smiles": "CC"}\n', b"\xff\xfe\n"])
def test_damage_in_the_middle_is_told(log, line):
    log.append(CALLS)
    log.path.write_bytes(log.path.read_bytes() + line)
    with pytest.raises(InputError, match="line 4"):
        log.read()
