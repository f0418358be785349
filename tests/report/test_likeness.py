"""Likeness: MOSES' figures as merits, and a reason where there is none."""

import math

import pytest

from chemvae.nn.chemnet import weights_path
from chemvae.report.likeness import fcd, likeness

RINGS = ["Cc1ccc2ccccc2c1", "Oc1ccc2ccccc2c1", "CCc1ccccc1"]


@pytest.fixture
def no_chemnet(monkeypatch):
    monkeypatch.setattr("chemvae.report.likeness.weights_path", lambda: None)


def test_a_set_is_like_itself(no_chemnet):
    merits = {merit.name: merit for merit in likeness(RINGS, RINGS, "the set")}
    assert [merits[name].value for name in ("snn", "frag", "scaf")] == pytest.approx([1.0, 1.0, 1.0])
    assert all(merits[name].n == 3 for name in ("snn", "frag", "scaf", "int_div", "int_div2", "filters"))
    assert "the set" in merits["snn"].protocol
    assert merits["filters"].value == 1.0 and "of the data themselves 100.0% pass" in merits["filters"].protocol


def test_filters_say_which_were_looked_for(no_chemnet):
    without = likeness(["CC"], ["CC"], "the set")[-1]
    assert "--filters" in without.protocol
    named = likeness(["CC", "CO"], ["CC"], "the set", mcf=["[#8]"])[-1]
    assert named.value == 0.5 and "the 1 medicinal chemistry filters given" in named.protocol


def test_nothing_made_has_no_figures(no_chemnet):
    merits = likeness([], RINGS, "the set")
    assert all(math.isnan(merit.value) for merit in merits)
    assert len(merits) == 7


def test_fcd_without_the_extra_says_how_to_get_it(no_chemnet):
    merit = fcd(RINGS, RINGS, "the set")
    assert math.isnan(merit.value) and "pip install 'chemvae[fcd]'" in merit.protocol


@pytest.mark.skipif(weights_path() is None, reason="the extra [fcd] is not installed")
def test_fcd_is_nought_to_itself_and_grows():
    assert fcd(RINGS, RINGS, "the set").value == pytest.approx(0.0, abs=1e-4)
    assert fcd(RINGS, ["CCO", "CCN", "C"], "the set").value > 1.0
    alone = fcd(["CC"], RINGS, "the set")
    assert math.isnan(alone.value) and "2 molecules on either side" in alone.protocol
