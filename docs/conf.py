"""How Sphinx makes the site; pages of recipes and of every command's help are written when it begins."""

import contextlib
import io
import os
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))
os.environ["COLUMNS"] = "80"  # of the help texts: as many as the column of a page holds

import chemvae  # noqa: E402
from chemvae.cli import app as program  # noqa: E402

project = "chemvae"
author = copyright = "The chemvae authors"  # noqa: A001 - Sphinx's name
version = release = chemvae.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
source_suffix = {".md": "markdown"}
highlight_language = "none"
default_role = "code"  # our docstrings write names in single backticks
pygments_style, pygments_dark_style = "friendly", "monokai"

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring, napoleon_numpy_docstring = True, False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"chemvae {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False

GENERATED = HERE / "generated"
LINK = re.compile(r"(!?)\[([^\]\n]*(?:\n[^\]\n]*)?)\]\(([^)\s]+)\)")


def page_of(recipe: Path) -> str:
    """Return the name of a recipe's page."""
    return "-".join(recipe.relative_to(ROOT / "pipelines").parts)


def resolved(text: str, folder: Path) -> str:
    """Let links lead to pages of the site; one to a file that has none becomes its words."""

    def link(found: re.Match[str]) -> str:
        picture, words, target = found.groups()
        if picture or target.startswith(("http", "#", "/", "mailto:")):
            return found[0]
        path, _, anchor = target.partition("#")
        at = (folder / path).resolve()
        anchor = f"#{anchor}" if anchor else ""
        if at.suffix == ".md" and at.parent.is_relative_to(HERE):
            return f"[{words}](/{at.relative_to(HERE)}{anchor})"
        recipe = at.parent if at.name in ("README.md", "run.toml") else at
        if recipe.is_relative_to(ROOT / "pipelines") and (recipe / "README.md").is_file():
            return f"[{words}](/generated/recipes/{page_of(recipe)}.md)"
        return found[0] if at.is_relative_to(HERE) and at.is_file() else words

    return LINK.sub(link, text)


def write_recipes() -> None:
    """Write a page for each recipe, and the list of them."""
    folder = GENERATED / "recipes"
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["# All recipes", "", "| recipe | what |", "|---|---|"]
    pages = []
    for readme in sorted((ROOT / "pipelines").rglob("README.md")):
        text, recipe = readme.read_text(encoding="utf-8"), readme.parent
        toml = recipe / "run.toml"
        if toml.is_file():
            text += f"\n## The recipe\n\n```toml\n{toml.read_text(encoding='utf-8').rstrip()}\n```\n"
        put(folder / f"{page_of(recipe)}.md", resolved(text, recipe))
        title = text.splitlines()[0].removeprefix("# ").partition(":")
        name = str(recipe.relative_to(ROOT / "pipelines"))
        lines.append(f"| [{name}](/generated/recipes/{page_of(recipe)}.md) | {title[2].strip() or title[0]} |")
        pages.append(f"recipes/{page_of(recipe)}")
    toctree = "\n".join(["", "```{toctree}", ":hidden:", "", *pages, "```", ""])
    put(GENERATED / "recipes.md", "\n".join(lines) + "\n" + toctree)


def write_help() -> None:
    """Write what `--help` says, of every command."""
    names = [*program.COMMANDS, *(f"data {name}" for name in program.DATA_COMMANDS)]
    names += [f"job {name}" for name in program.JOB_COMMANDS]
    parts = [
        "# Help of every command",
        "",
        "What `chemvae COMMAND --help` prints; [the commands](/cli.md) explains it.",
    ]
    for name in ["", *sorted(names)]:
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            program.main([*name.split(), "--help"])
        parts += ["", f"## chemvae {name}".rstrip(), "", "```text", said.getvalue().rstrip(), "```"]
    put(GENERATED / "help.md", "\n".join(parts) + "\n")


def put(path: Path, text: str) -> None:
    """Write a page if it changed, so that Sphinx reads no page twice."""
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def on_read(_: object, name: str, content: list[str]) -> None:
    """Mend the links of a page that is read on disk too, where they lead to files."""
    if name == "index":
        content[0] += further(content[0])
    if not name.startswith("generated/"):
        folder = ROOT if name in ("changelog", "contributing") else (HERE / name).parent
        content[0] = resolved(content[0], folder)


def further(index: str) -> str:
    """Return a table of contents of the pages that the index does not name."""
    named = {line.strip() for line in index.splitlines()}
    pages = sorted({path.stem for path in HERE.glob("*.md")} - named - {"index"})
    return "\n".join(["", "```{toctree}", ":caption: Further", ":hidden:", "", *pages, "```", ""]) if pages else ""


def on_include(_: object, path: Path, __: str, content: list[str]) -> None:
    """Mend the links of a file that lies outside of the docs and is shown in them."""
    content[0] = resolved(content[0], (HERE / path).resolve().parent)


def setup(app: object) -> None:
    """Write the generated pages and hook in."""
    GENERATED.mkdir(exist_ok=True)
    write_recipes()
    write_help()
    app.connect("source-read", on_read)  # type: ignore[attr-defined]
    app.connect("include-read", on_include)  # type: ignore[attr-defined]
