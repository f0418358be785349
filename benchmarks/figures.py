"""The figures of docs/figures.md: runs each command as a reader would, and keeps its picture.

    python -m benchmarks.figures -o docs/images

Needs nothing but the package, save `map_cep`, which draws a public table that `--cep` names. `beside` trains two small
models first, some eight minutes of one core. With the extra [browser] and Chromium it also takes the report of the
demo, light on a desk and dark on a phone. A picture is at most 1,000 pixels wide, which keeps it below 400 kB.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from benchmarks.screenshots import SIZES, browser_path, visitor

ASPIRIN, CAFFEINE = "CC(=O)Oc1ccccc1C(=O)O", "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
PARACETAMOL, IBUPROFEN = "CC(=O)Nc1ccc(O)cc1", "CC(C)Cc1ccc(C(C)C(=O)O)cc1"
LIBRARY = "data/druglike.csv.gz"
QUICK = "pipelines/quickstart/run.toml"
COMMANDS: dict[str, tuple[str, ...]] = {
    "map": ("map", LIBRARY, "--color-by", "qed", "-n", "3000", "-o", "map.png"),
    "rings": ("neighbors", ASPIRIN, "--rings", "3", "-o", "rings.csv"),
    "line": ("interpolate", ASPIRIN, CAFFEINE, "--steps", "10", "-o", "line.csv"),
    "grid": ("interpolate", ASPIRIN, CAFFEINE, PARACETAMOL, IBUPROFEN, "--steps", "6", "-o", "grid.csv"),
    "climb": ("climb", ASPIRIN, "--maximize", "5*qed - sa", "-o", "climb.png"),
    "holes": ("holes", LIBRARY, "-n", "300", "-o", "holes.png"),
}
"""Name of the picture to the command that makes it, in the folder of the project."""
OF_CEP = ("-m", "cep", "--color-by", "PCE", "-n", "3000", "-o", "map_cep.png")
TRAININGS = {
    "vae": ("train", QUICK, "-o", "vae"),
    "autoencoder": ("train", QUICK, "--set", "objective.beta=0", "--set", "name=autoencoder", "-o", "autoencoder"),
}
"""The two models of `beside`, the same but for the KL term."""
SHOTS = {"demo_desktop": ("desktop", 1600, "light"), "demo_phone": ("phone", 1400, "dark")}
"""Name to the reader's screen, how much of the page is seen, and its colours."""
WIDEST = 1000


def run(arguments: Sequence[str], folder: Path) -> None:
    """Run one command, its output in a folder."""
    *given, name = arguments
    subprocess.run([sys.executable, "-m", "chemvae", *given, str(folder / name), "--overwrite"], check=True)


def shot(page: Path, out: Path, size: str, height: int, scheme: str) -> None:
    """Take a picture of a page."""
    if browser_path() is None:
        print(f"no Chromium here: {out.name} stays as it is", file=sys.stderr)
        return
    with visitor(size, scheme) as reader:
        reader.set_viewport_size({"width": SIZES[size][0], "height": height})
        reader.goto(page.resolve().as_uri())
        reader.screenshot(path=out)
    shrink(out, out)


def shrink(picture: Path, out: Path) -> None:
    """Write a picture no wider than a page shows it."""
    with Image.open(picture) as found:
        image = found.convert("RGB")
    if image.width > WIDEST:
        image = image.resize((WIDEST, round(image.height * WIDEST / image.width)), Image.Resampling.LANCZOS)
    image.save(out, optimize=True)


def beside(folder: Path) -> None:
    """Train both models and draw random molecules of each."""
    for training in TRAININGS.values():
        run(training, folder)
    models = ("-m", str(folder / "vae"), "--beside", str(folder / "autoencoder"))
    run(("sample", *models, "--free", "-o", "beside.csv"), folder)


def demo(folder: Path, out: Path) -> None:
    """Take pictures of the demo's page."""
    run(("demo", "-o", "demo"), folder)
    for picture, seen in SHOTS.items():
        shot(folder / "demo" / "report.html", out / f"{picture}.png", *seen)


def main(arguments: Sequence[str] | None = None) -> None:
    """Make all figures, or those that are named."""
    known = [*COMMANDS, "map_cep", "beside", "demo"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", nargs="+", choices=known, default=known)
    parser.add_argument("--cep", type=Path, help="table of the Clean Energy Project: `chemvae data fetch cep`")
    given = parser.parse_args(arguments)
    given.output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name in given.only:
            if name == "demo":
                demo(folder, given.output)
                continue
            if name == "map_cep" and given.cep is None:
                print("no table named with --cep: map_cep.png stays as it is", file=sys.stderr)
                continue
            if name == "beside":
                beside(folder)
            else:
                run(("map", str(given.cep), *OF_CEP) if name == "map_cep" else COMMANDS[name], folder)
            shrink(folder / f"{name}.png", given.output / f"{name}.png")


if __name__ == "__main__":
    main()
