"""Write docs/benchmarks.md from every JSON in results/: each figure with its protocol, sample size and command."""

import argparse
import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from chemvae.io.atomic import read_json, write_text

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"

COMMANDS = {
    "reference_model": "--test test.txt.gz --train train.txt.gz",
    "reference_model_18_epochs": "--run runs/after-18-epochs --test test.txt.gz --train train.txt.gz",
    "reference_model_40_epochs": "--run runs/after-40-epochs --test test.txt.gz --train train.txt.gz",
    "cep": "--model cep --test test.csv --train train.csv",
    "moses_vae": "--train train.txt.gz --test test.txt.gz --run runs/moses_vae",
    "representations": "",
    "ablations": "--prepared prepared/zinc250k",
    "priors": "--prepared prepared/zinc250k --test test.txt.gz",
    "properties": "zinc --prepared prepared/zinc250k",
    "moses_metrics": "moses/",
    "training": "--train train.txt.gz",
    "decoding": "--train train.txt.gz --test test.txt.gz",
    "scoring": "--table zinc250k.csv.gz -n 32000",
    "scoring_job": "--table zinc250k.csv.gz --work work/million",
    "scoring_memory": "--table zinc250k.csv.gz --work work/two_million --times 8 --properties logp",
    "scoring_prediction": "--table zinc250k.csv.gz",
    "fuzz": "-n 1000000",
    "newcomer": "--train train.txt.gz",
    "ten_minutes": "--work work/newcomer",
    "pmo": "--tasks all --methods all --seeds 0,1,2",
    "qed_sa": "--table 250k_rndm_zinc_drugs_clean_3.csv",
    "constrained_logp": "--leads opt.test.logP-SA -n 80",
    "two_objectives": "",
}
"""What follows the name of the program, in the order of the page; a result that is not here comes last, without."""

PROGRAMS = {
    "scoring_memory": "scoring_job",
    **dict.fromkeys(["cep", "reference_model_18_epochs", "reference_model_40_epochs"], "reference_model"),
}
"""Results of a program of another name."""
SPREAD = {"median", "least", "greatest"}
SENTENCES = ("what", "title", "protocol")
SKIPPED = ("format_version", *SENTENCES)
ASIDES = ("data", "reference", "machine", "versions", "settings")
"""Records that are told in one line."""
LISTED = 12
"""Numbers of a list that the page shows one by one; of more it shows the spread."""
MOST_ROWS = 60
"""Records of a list that the page shows; longer ones, such as single runs, stay in the file."""
HASH = 64
"""Letters of a SHA-256, of which the page shows the first twelve."""

Row = Sequence[str]


def words(key: str) -> str:
    """Return a key as a person would write it."""
    return key.replace("_", " ")


def shown(value: Any) -> str:
    """Return a plain value as the cell of a table."""
    match value:
        case None:
            return "not defined"
        case bool():
            return "yes" if value else "no"
        case int():
            return f"{value:,}"
        case float():
            return f"{value:.4g}"
        case str():
            return f"`{value[:12]}`" if len(value) == HASH else value.replace("|", "\\|")
        case {"median": middle, "least": least, "greatest": greatest}:
            return f"{shown(middle)} ({shown(least)} to {shown(greatest)})"
        case [*numbers] if len(numbers) > LISTED:
            return f"{shown(median(numbers))} ({shown(min(numbers))} to {shown(max(numbers))}), {len(numbers)} of them"
        case _:
            return ", ".join(shown(entry) for entry in value)


def is_plain(value: Any) -> bool:
    """Tell what fits into one cell."""
    if isinstance(value, dict):
        return set(value) == SPREAD
    return not isinstance(value, list) or all(not isinstance(entry, dict | list) for entry in value)


def table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Return the lines of a Markdown table."""
    line = "| {} |".format
    return [line(" | ".join(head)), "|" + "---|" * len(head), *(line(" | ".join(row)) for row in rows), ""]


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record whose inner records are columns of their own."""
    found: dict[str, Any] = {}
    for key, value in row.items():
        if is_plain(value):
            found[words(key)] = value
        elif isinstance(value, dict) and set(value) >= {"value", "n"}:
            found[words(key)] = value["value"]
        elif isinstance(value, dict):
            found |= {name if name not in found else f"{words(key)} {name}": v for name, v in flat(value).items()}
    return found


def records(head: str, rows: Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> list[str]:
    """Return records of like keys as one table, a row each; named ones begin with their name."""
    named = rows if isinstance(rows, Mapping) else {}
    plain = [({head: name} if named else {}) | flat(row) for name, row in named.items()] or [flat(row) for row in rows]
    columns = list(dict.fromkeys(name for row in plain for name in row))
    return table(columns, [[shown(row[name]) if name in row else "" for name in columns] for row in plain])


def merits(figures: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return figures that carry their own n, interval and protocol."""
    rows = []
    for name, entry in figures.items():
        low, high = entry.get("low"), entry.get("high")
        interval = f"{shown(low)} to {shown(high)}" if low is not None and high is not None else ""
        rows.append([words(name), shown(entry["value"]), interval, shown(entry["n"])])
    notes = [f"- *{words(name)}*: {entry['protocol']}" for name, entry in figures.items() if entry.get("protocol")]
    return [*table(["figure", "value", "95 % interval", "n"], rows), *notes, ""]


def aside(value: Mapping[str, Any]) -> str:
    """Return a record as a list of words."""
    return ", ".join(f"{words(key)} {shown(inner)}" for key, inner in flat(value).items())


def are_records(values: Iterable[Any]) -> bool:
    """Tell whether some values are records that make a table of one row each."""
    return all(isinstance(value, dict) and set(value) != SPREAD for value in values)


def rendered(value: Mapping[str, Any], level: int) -> list[str]:
    """Return the lines of a record: sentences, then plain values, then what is nested, under headings."""
    lines = [f"{text}\n" for key in SENTENCES if isinstance(text := value.get(key), str)]
    twice = {"mae", *value["figures"]} if "figures" in value else set()  # `evaluate` also tells them in short
    rest = {key: inner for key, inner in value.items() if key not in SKIPPED and key not in twice}
    protocol = value.get("protocol")
    if isinstance(protocol, dict):
        lines += [*(f"- *{words(key)}*: {text}" for key, text in protocol.items()), ""]
    plain = [[words(key), shown(inner)] for key, inner in rest.items() if is_plain(inner)]
    lines += table(["", "value"], plain) if plain else []
    for key, inner in rest.items():
        if key in ASIDES and isinstance(inner, dict):
            lines.append(f"{words(key).capitalize()}: {aside(inner)}.\n")
        elif not is_plain(inner) and inner:
            lines += [f"{'#' * level} {words(key)}\n", *nested(inner, level + 1)]
    return lines


def nested(value: Mapping[str, Any] | Sequence[Mapping[str, Any]], level: int) -> list[str]:
    """Return the lines of a nested value: figures, a table of records, or a record again."""
    if isinstance(value, Sequence):
        return records("", value) if len(value) <= MOST_ROWS else [f"{len(value):,} rows, in the file.\n"]
    inner = list(value.values())
    if are_records(inner) and all(set(entry) >= {"value", "n"} for entry in inner):
        return merits(value)
    if are_records(inner) and all(is_plain(leaf) for entry in inner for leaf in entry.values()):
        return records("of", value)
    return rendered(value, level)


def opening(script: Path) -> str:
    """Return the first line of a program's docstring: what it measures."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) if script.is_file() else None
    return (text or "").partition("\n")[0]


def section(result: Path) -> list[str]:
    """Return what the page says of one result."""
    name = result.stem
    program = PROGRAMS.get(name, name)
    command = f"python -m benchmarks.{program} {COMMANDS.get(name, '')}".rstrip()
    lines = [f"## {words(name).capitalize()}\n", f"{opening(ROOT / 'benchmarks' / f'{program}.py')}\n"]
    return [*lines, f"`{command}` → `benchmarks/results/{result.name}`\n", *rendered(read_json(result), 3)]


def page(results: Path = RESULTS) -> str:
    """Return the whole page."""
    place = {name: at for at, name in enumerate(COMMANDS)}
    found = sorted(results.glob("*.json"), key=lambda at: (place.get(at.stem, len(place)), at.stem))
    lines = [
        "# Benchmarks\n",
        "Every figure here was written by a command of this repository into `benchmarks/results/`, and this page by",
        "`python -m benchmarks.page` from those files. `train.txt.gz` and `test.txt.gz` are JT-VAE's split of",
        "ZINC250k, 220,010 and 5,000 molecules. Figures with three numbers are a median and, in brackets, the least",
        "and the greatest of the rounds.\n",
    ]
    for result in found:
        lines += section(result)
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    write_text(PAGE, page())


if __name__ == "__main__":
    main()
