"""Options: a bare dash, lists, the environment, and settings that can be printed and read back."""

import tomllib

import pytest


@pytest.fixture
def settings(main, capsys):
    """Return what a command line would do, as `--print-config` tells it."""

    def ask(*tokens: str) -> dict:
        assert main([*tokens, "--print-config"]) == 0
        (table,) = tomllib.loads(capsys.readouterr().out).values()
        return table

    return ask


def test_a_dash_is_standard_input(settings):
    assert settings("data", "prepare", "-", "-o", "out")["table"] == "-"


def test_a_dash_is_standard_output(settings):
    assert settings("score", "in.csv", "-o", "-")["output"] == "-"


def test_names_come_with_commas_or_one_by_one(settings):
    once = settings("data", "prepare", "x", "-o", "y", "--properties", "qed, logp")
    twice = settings("data", "prepare", "x", "-o", "y", "--properties", "qed", "--properties", "logp")
    assert once["properties"] == twice["properties"] == ["qed", "logp"]


def test_environment_beats_the_default(settings, monkeypatch):
    monkeypatch.setenv("CHEMVAE_SPLIT", "scaffold")
    assert settings("data", "prepare", "x", "-o", "y")["split"] == "scaffold"


def test_command_line_beats_the_environment(settings, monkeypatch):
    monkeypatch.setenv("CHEMVAE_SPLIT", "scaffold")
    assert settings("data", "prepare", "x", "-o", "y", "--split", "random")["split"] == "random"


def test_an_expression_survives_the_environment(settings, monkeypatch):
    monkeypatch.setenv("CHEMVAE_MAXIMIZE", "5*qed - max(sa, logp)")
    assert settings("optimize")["maximize"] == ["5*qed - max(sa, logp)"]


def test_nonsense_in_the_environment_is_wrong_usage(main, monkeypatch, capsys):
    monkeypatch.setenv("CHEMVAE_MAX_LENGTH", "long")
    assert main(["data", "prepare", "x", "-o", "y"]) == 2
    assert "long" in capsys.readouterr().err
