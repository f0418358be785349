"""Screenshots of the studio: serves it, walks through its pages in a headless browser, and keeps a picture of each.

    python -m benchmarks.screenshots -o docs/images

Needs the extras [app] and [browser], and Chromium or Chrome; nothing is downloaded. A picture is written with 256
colours, which keeps it below 200 kB.
"""

import argparse
import contextlib
import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SIZES = {"desktop": (1280, 860), "phone": (390, 844)}
COLOURS = 256
PATIENCE = 600_000  # milliseconds: a busy machine is no fault of the page
KETOROLAC = "O=C(c1ccccc1)c1ccc2n1CCC2C(=O)O"


def browser_path() -> str | None:
    """Return the browser of this machine, if there is one."""
    named = os.environ.get("CHEMVAE_BROWSER")
    return named or next((path for path in map(shutil.which, BROWSERS) if path), None)


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


@contextlib.contextmanager
def studio(*arguments: str, patience: float = PATIENCE / 1000) -> Iterator[str]:
    """Serve the studio while inside; yield its address."""
    port = free_port()
    command = [sys.executable, "-m", "chemvae", "app", "--headless", "--port", str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            until = time.monotonic() + patience
            while not answers(f"http://127.0.0.1:{port}/_stcore/health"):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit("Expected the studio to start, but it did not. Run chemvae app to see why.")
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def answers(address: str) -> bool:
    """Whether a server answers."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)  # noqa: PLR2004
    except OSError:
        return False


@contextlib.contextmanager
def visitor(size: str = "desktop", scheme: str = "light") -> Iterator[Any]:
    """Yield a page of a browser that reaches this machine only, and remembers what it complained of."""
    from playwright.sync_api import sync_playwright

    width, height = SIZES[size]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"], timeout=PATIENCE)
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.set_default_timeout(PATIENCE)
        page.complaints = []
        page.asked = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("console", lambda said: page.complaints.append(said.text) if complains(said) else None)
        page.on("request", lambda asked: page.asked.append(asked.url))
        yield page
        browser.close()


def complains(said: Any) -> bool:
    """Whether a message of a console is an error; that Streamlit first looks for its server below a page is none."""
    return said.type == "error" and "/_stcore/" not in said.location.get("url", "")


def settled(page: Any) -> None:
    """Wait until a page has run."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


def type_molecule(page: Any, label: str, smiles: str) -> None:
    """Type a molecule into a field."""
    field = page.get_by_label(label, exact=True)
    field.fill(smiles)
    field.press("Enter")
    settled(page)


def neighbors(page: Any, address: str) -> None:
    """Show neighbors of a molecule."""
    page.goto(address)
    page.wait_for_selector(".cards li")
    type_molecule(page, "Molecule in the middle", KETOROLAC)
    page.wait_for_selector(f'.cards li:not([title="{KETOROLAC}"])')


def draw(page: Any, address: str) -> None:
    """Open the structure editor on what stands there."""
    page.goto(address)
    page.wait_for_selector(".cards li")
    page.get_by_role("button", name="Draw").first.click()
    frame = page.frame_locator('iframe[title="Structure editor"]')
    frame.locator('html[data-ready="yes"]').wait_for(state="attached")
    frame.locator("svg, canvas").first.wait_for()
    settled(page)


def interpolate(page: Any, address: str) -> None:
    """Show what lies between two molecules."""
    page.goto(f"{address}/interpolate")
    page.wait_for_selector(".cards li")


def optimize(page: Any, address: str) -> None:
    """Search, to the end of a small budget."""
    page.goto(f"{address}/optimize")
    page.get_by_text("How to search").click()
    page.get_by_label("Molecules to measure").fill("60")
    page.get_by_label("Molecules to measure").press("Tab")
    settled(page)
    page.get_by_role("button", name="Search").click()
    page.wait_for_selector("text=new molecules")
    page.wait_for_selector(".cards li")


def score(page: Any, address: str) -> None:
    """Score a pasted list."""
    page.goto(f"{address}/score")
    page.get_by_role("button", name="Score").last.click()
    page.wait_for_selector(".cards li")


WALKS: dict[str, Callable[[Any, str], None]] = {
    "neighbors": neighbors,
    "draw": draw,
    "interpolate": interpolate,
    "optimize": optimize,
    "score": score,
}
KEPT = (
    *((name, "desktop", "light") for name in WALKS),
    ("neighbors", "desktop", "dark"),
    ("neighbors", "phone", "light"),
)


def small(png: bytes) -> bytes:
    """Return a picture with few colours."""
    from PIL import Image

    buffer = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def main() -> None:
    """Take every picture, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=Path("docs/images"))
    parser.add_argument("--only", default="", help="pictures whose name holds this")
    asked = parser.parse_args()
    if browser_path() is None:
        raise SystemExit(f"Expected a browser ({', '.join(BROWSERS)}), but found none. Name it in CHEMVAE_BROWSER.")
    asked.output.mkdir(parents=True, exist_ok=True)
    with studio() as address:
        for name, size, scheme in KEPT:
            file = asked.output / f"app-{name}-{size}-{scheme}.png"
            if asked.only not in file.name:
                continue
            with visitor(size, scheme) as page:
                WALKS[name](page, address)
                settled(page)
                page.mouse.move(0, 0)
                page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
                page.wait_for_timeout(1500)  # what fades in has faded in
                file.write_bytes(small(page.screenshot()))
            print(f"{file}  {file.stat().st_size // 1000} kB", *page.complaints, sep="\n  ")


if __name__ == "__main__":
    main()
