"""Small answers."""

import pytest

from chemvae.errors import ConfigError
from chemvae.settings import did_you_mean, n_jobs


def test_the_nearest_word() -> None:
    assert did_you_mean("lopg", ["logp", "qed"]) == ' Did you mean "logp"?'
    assert did_you_mean("zzz", ["logp", "qed"]) == ""


def test_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHEMVAE_JOBS", "3")
    assert n_jobs() == 3
    assert n_jobs(5) == 5
    for none in (0, -3):
        with pytest.raises(ConfigError, match=f"got {none}"):
            n_jobs(none)
    monkeypatch.setenv("CHEMVAE_JOBS", "abc")
    with pytest.raises(ConfigError, match="CHEMVAE_JOBS"):
        n_jobs()
    monkeypatch.delenv("CHEMVAE_JOBS")
    assert n_jobs() >= 1
