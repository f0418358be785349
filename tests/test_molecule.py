"""A judged string tells its reason in words."""

from chemvae.molecule import Molecule, Verdict


def test_reasons() -> None:
    assert Molecule("C", "C", Verdict.VALID).reason == ""
    assert Molecule("C", "C", Verdict.VALID).valid
    long = Molecule("C" * 9, None, Verdict.TOO_LONG, "10 tokens, and the cap is 5")
    assert not long.valid
    assert long.reason == "longer than the model's length cap: 10 tokens, and the cap is 5"
    assert Molecule("", None, Verdict.EMPTY).reason == "empty"
