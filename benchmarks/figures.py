"""The figures of docs/figures.md: runs each command as a reader would, and keeps its picture.

    python -m benchmarks.figures -o docs/images

Needs nothing but the package; with Chromium or Chrome it also takes the report of the demo, light on a desk and dark
on a phone. A picture is at most 1,000 pixels wide, which keeps it below 400 kB.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

ASPIRIN, CAFFEINE = "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
PARACETAMOL, IBUPROFEN = "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"
LIBRARY = "data/druglike.csv.gz"
COMMANDS: dict[str, tuple[str, ...]] = {
    "map": ("map", LIBRARY, "--color-by", "qed", "-n", "3000", "-o", "map.png"),
    "rings": ("neighbors", ASPIRIN, "--rings", "3", "-o", "rings.csv"),
    "line": ("interpolate", ASPIRIN, CAFFEINE, "--steps", "10", "-o", "line.csv"),
    "grid": ("interpolate", ASPIRIN, CAFFEINE, PARACETAMOL, IBUPROFEN, "--steps", "6", "-o", "grid.csv"),
    "climb": ("climb", ASPIRIN, "--maximize", "5*qed - sa", "-o", "climb.png"),
    "holes": ("holes", LIBRARY, "-n", "300", "-o", "holes.png"),
}
"""Name of the picture to the command that makes it, in the folder of the project."""
SHOTS = {"demo_desktop": (1280, 1600, False), "demo_phone": (500, 1400, True)}
"""Name to width, height and whether the page is dark."""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDEST = 1000


def run(arguments: Sequence[str], folder: Path) -> None:
    """Run one command, its output in a folder."""
    *given, name = arguments
    subprocess.run([sys.executable, "-m", "chemvae", *given, str(folder / name), "--overwrite"], check=True)


def shot(page: Path, out: Path, width: int, height: int, dark: bool) -> None:
    """Take a picture of a page."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"no Chromium here: {out.name} stays as it is", file=sys.stderr)
        return
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--window-size={width},{height}"]
    flags += ["--force-dark-mode"] if dark else []
    subprocess.run([browser, *flags, f"--screenshot={out}", page.resolve().as_uri()], check=True, capture_output=True)
    shrink(out, out)


def shrink(picture: Path, out: Path) -> None:
    """Write a picture no wider than a page shows it."""
    with Image.open(picture) as found:
        image = found.convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    image.save(out, optimize=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all figures, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", nargs="+", choices=[*COMMANDS, "demo"], default=[*COMMANDS, "demo"])
    given = parser.parse_args(arguments)
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as beside:
        for name in given.only:
            if name == "demo":
                run(("demo", "-o", "demo"), Path(beside))
                for picture, (width, height, dark) in SHOTS.items():
                    shot(Path(beside) / "demo" / "report.html", given.output / f"{picture}.png", width, height, dark)
            else:
                run(COMMANDS[name], Path(beside))
                shrink(Path(beside) / f"{name}.png", given.output / f"{name}.png")


if __name__ == "__main__":
    main()
