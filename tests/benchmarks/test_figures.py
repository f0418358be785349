"""The figures of the documents: every command that makes one parses, and every picture that is shown is there."""

import re
from pathlib import Path

from PIL import Image

from benchmarks.figures import COMMANDS, OF_CEP, SHOTS, TRAININGS, WIDEST, shrink

ROOT = Path(__file__).parents[2]


def test_every_command_parses(monkeypatch):
    from chemvae.cli.app import build

    monkeypatch.chdir(ROOT)
    for arguments in (*COMMANDS.values(), *TRAININGS.values(), ("map", "table.csv", *OF_CEP)):
        build().parse_args(arguments, exit_on_error=False, print_error=False)


def test_every_picture_that_is_shown_is_made_and_there():
    shown = set(re.findall(r"\(images/(\w+)\.png\)", (ROOT / "docs" / "figures.md").read_text()))
    assert shown == {*COMMANDS, *SHOTS, "map_cep", "beside"}
    assert all((ROOT / "docs" / "images" / f"{name}.png").stat().st_size < 400_000 for name in shown)


def test_a_picture_is_kept_small(tmp_path):
    Image.linear_gradient("L").resize((3000, 300)).save(tmp_path / "big.png")
    shrink(tmp_path / "big.png", tmp_path / "small.png")
    with Image.open(tmp_path / "small.png") as small:
        assert small.size == (WIDEST, WIDEST // 10)
