"""Whatever comes in at any entrance is taken or refused in one line; a few thousand inputs here, a million by hand."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fuzz import ENTRANCES, SEEDS, made, mutated, walk

OFTEN = ("tables", "lines", "cells", "expressions", "tokens", "recipes")
"""Entrances that take less than a few milliseconds with the shapes checked."""


@pytest.mark.parametrize("name", ENTRANCES)
def test_seeds_and_their_mutations(name):
    chance = random.Random(0)
    for seed in SEEDS[name]:
        ENTRANCES[name](seed)
        for _ in range(10):
            ENTRANCES[name](mutated(chance, seed, SEEDS[name]))


@pytest.mark.parametrize("name", OFTEN)
@settings(max_examples=40)
@given(data=st.binary(max_size=120) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(name, data):
    ENTRANCES[name](data)


@pytest.mark.slow
@pytest.mark.parametrize("name", ENTRANCES)
@settings(max_examples=5000)
@given(data=st.binary(max_size=400))
def test_many_bytes(name, data):
    ENTRANCES[name](data)


def test_an_input_depends_on_its_seed_and_number_alone():
    assert made(1, 12) == made(1, 12) != made(2, 12)
    assert {made(0, number)[0] for number in range(len(ENTRANCES))} == set(ENTRANCES)


def test_a_walk_goes_on_where_it_stopped(tmp_path, monkeypatch):
    seen = []
    for name in ENTRANCES:
        monkeypatch.setitem(ENTRANCES, name, seen.append)
    counter = tmp_path / "counter.json"
    assert walk(5, 3, counter, 60.0)["done"] == 5
    at = walk(9, 3, counter, 60.0)
    assert at["done"] == 9
    assert sum(tally["inputs"] for tally in at["entrances"].values()) == 9
    assert seen == [made(3, number)[1] for number in range(9)]
    with pytest.raises(SystemExit, match="Expected the seed 3"):
        walk(9, 4, counter, 60.0)


def test_a_fault_is_told_with_its_input(tmp_path, monkeypatch, capsys):
    def shifted(data):
        raise AssertionError("a row moved")

    for name in ENTRANCES:
        monkeypatch.setitem(ENTRANCES, name, shifted)
    with pytest.raises(AssertionError, match="a row moved"):
        walk(1, 0, tmp_path / "counter.json", 60.0)
    assert "input 0 of seed 0, molecules: b'" in capsys.readouterr().err
