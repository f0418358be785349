"""Fuzzing: random and mutated bytes through every entrance that reads what others wrote; what is wrong stops the run.

Each entrance is a function of bytes. It returns for what it takes or refuses as promised, and raises for what is
a fault: another exception than our own, a message of two lines, a row that moved, a text that changed.
"""

import argparse
import csv
import io
import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch

from chemvae.chem.judge import judge
from chemvae.chem.tokens import Tokenizer, atoms, selfies_tokens
from chemvae.codec import Codec
from chemvae.errors import ChemvaeError
from chemvae.io.atomic import read_json, sha256, write_json
from chemvae.io.bundle import CONFIG, WEIGHTS, read_bundle
from chemvae.io.recipes import read_recipe
from chemvae.io.tables import read_chunks, write_table
from chemvae.search.expression import parse, parse_constraint

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests" / "golden"
RESULT = ROOT / "benchmarks" / "results" / "fuzz.json"
LONGEST = 4096  # bytes of an input
SLOW = 20.0  # seconds of CPU after which an input has hung
EVERY = 10_000  # inputs between two lines of progress

SEEDS: dict[str, tuple[bytes, ...]] = {
    "molecules": (b"CC(=O)Oc1ccccc1C(=O)O", b"C[C@H](N)C(=O)[O-].[Na+]", b"F/C=C\\F", b"[13CH4]", b"C1CC%10CC1CC%10"),
    "tokens": (b"CC(=O)Oc1ccccc1C(=O)O\nC[Si]", b"[C][=O][Branch1]", b"<pad><eos> C"),
    "tables": (
        b"smiles,y\nCCO,1\n\nC,2\n",
        b"\xef\xbb\xbfsmiles\ty\r\nC\t1\r\n",
        b'smiles,name\n"C,C","say ""hi"""\n',
        b"smiles;y\rC;=1+1\r\nCC;\x00\n",
        "smiles,é\nC,☃\n".encode("utf-16"),
    ),
    "cells": (b"CCO|=1+1|\x00|a,b|\"|'|\n|\r\n|\xff\xfe", b"1|2|3|4|5|6|7"),
    "lines": (b"CCO ethanol\n\nC\n", b"SMILES id\r\nC x y\n", b"\n\nC\r\rCC"),
    "recipes": (
        b"[train]\nepochs = 5\n[model.encoder]\nkernels = [3]\n",
        b"name = 'a'\nseed = 1\n",
        b"[data]\ntable = 1",
    ),
    "expressions": (b"5*qed - sa", b"clip(log(qed), 0, 1)**2", b"200<=mw<=500", b"min(qed, -1e9, abs(sa))"),
    "bundles": (b"config\x00\x10", b"weights\x00\x00\xff", b"value\x01model", b"value\x02latent"),
}
"""What inputs are made of, by entrance."""


def text_of(data: bytes) -> str:
    """Return bytes as a text, whatever they are."""
    return data.decode("utf-8", errors="replace")


def told(error: ChemvaeError) -> None:
    """Check that a refusal is one line."""
    assert "\n" not in str(error).strip(), f"a message of several lines: {error}"


@cache
def folder() -> Path:
    """Return a folder of this process for what has to be a file."""
    return Path(tempfile.mkdtemp(prefix="chemvae-fuzz-"))


def molecules(data: bytes) -> None:
    """Judge lines: as many verdicts as lines, and a valid one is read back as itself."""
    texts = text_of(data).split("\n")
    judged = judge(texts)
    assert [molecule.text for molecule in judged] == texts
    valid = [molecule.smiles for molecule in judged if molecule.smiles is not None]
    assert [molecule.smiles for molecule in judge(valid)] == valid


def tokens(data: bytes) -> None:
    """Cut text into tokens: no letter is lost, and what a vocabulary knows comes back."""
    text = text_of(data)
    for split in (atoms, selfies_tokens):
        assert "".join(split(text)) == text
    for scheme in ("atoms", "characters"):
        tokenizer = Tokenizer.fit(scheme, [text])
        assert tokenizer.decode(tokenizer.encode(text)) == text
    try:
        Tokenizer("atoms", ["C", "O", "c", "1"]).encode(text)
    except ChemvaeError as error:
        told(error)


def tables(data: bytes, ending: str = ".csv") -> None:
    """Read bytes as a table: refused in one line, or the same rows in frames of any size, each with its number."""
    path = folder() / f"table{ending}"
    path.write_bytes(data)
    read = []
    for rows in (1, 3, 1000):
        try:
            frames = list(read_chunks(path, rows))
        except ChemvaeError as error:
            told(error)
            read.append(str(error))
            continue
        assert [at for frame in frames for at in frame.index] == list(range(sum(map(len, frames))))
        read.append([tuple(row) for frame in frames for row in frame.itertuples(index=False, name=None)])
    assert read[0] == read[1] == read[2], "frames of another size hold other rows"


def lines(data: bytes) -> None:
    """Read bytes as lines of SMILES."""
    tables(data, ".smi")


def cells(data: bytes) -> None:
    """Write cells as CSV, by Python and by us: each comes back as it was, in its row and column."""
    texts = text_of(data).split("|")
    rows = [("x", *texts[at : at + 2], "")[:3] for at in range(0, len(texts), 2)]
    path = folder() / "cells.csv"
    written = io.StringIO(newline="")
    csv.writer(written).writerows([("a", "b", "c"), *rows])
    path.write_bytes(written.getvalue().encode())
    frame = next(read_chunks(path, len(rows) + 1))
    assert list(frame.itertuples(index=False, name=None)) == rows
    write_table(frame, path, overwrite=True)
    again = next(read_chunks(path, len(rows) + 1))
    assert list(again.itertuples(index=False, name=None)) == rows


def recipes(data: bytes) -> None:
    """Read bytes as a recipe."""
    path = folder() / "run.toml"
    path.write_bytes(data)
    try:
        read_recipe(path)
    except ChemvaeError as error:
        told(error)


def expressions(data: bytes) -> None:
    """Read text as an objective and as a constraint, and work out what reads."""
    text = text_of(data)
    for read in (parse, parse_constraint):
        try:
            formula = read(text)
        except ChemvaeError as error:
            told(error)
            continue
        with np.errstate(all="ignore"):
            formula({name: np.array([0.5, -2.0, np.nan]) for name in formula.names})


def bundles(data: bytes) -> None:
    """Damage a bundle: bytes of a file, or values of its configuration; its checksum is always right."""
    path = folder() / "bundle"
    path.mkdir(exist_ok=True)
    whole = sorted(GOLDEN.glob("bundle_*"))[-1]
    chance = random.Random(data)  # noqa: S311 (no secret)
    weights, stored = (whole / WEIGHTS).read_bytes(), read_json(whole / CONFIG)
    if data.startswith(b"weights"):
        weights = mutated(chance, weights, (weights,))
    (path / WEIGHTS).write_bytes(weights)
    stored["weights_sha256"] = sha256(path / WEIGHTS)
    if data.startswith(b"value"):
        exchange(chance, stored)
    text = json.dumps(stored).encode()
    (path / CONFIG).write_bytes(mutated(chance, text, (text,)) if data.startswith(b"config") else text)
    try:
        Codec(read_bundle(path), "cpu")
    except ChemvaeError as error:
        told(error)


def exchange(chance: random.Random, stored: dict[str, object]) -> None:
    """Put something else in the place of one value somewhere in a record."""
    at, inside = stored, list(stored.values())
    while chance.random() < 0.7 and any(isinstance(value, dict) and value for value in inside):  # noqa: PLR2004
        at = chance.choice([value for value in inside if isinstance(value, dict) and value])
        inside = list(at.values())
    wrong = [
        None,
        True,
        -1,
        0,
        10**30,
        1e308,
        float("nan"),
        "",
        "../../etc/passwd",
        [],
        {},
        [[]],
        [10**9] * 9,
        {"a": 1},
    ]
    at[chance.choice(list(at))] = chance.choice(wrong)


ENTRANCES: dict[str, Callable[[bytes], None]] = {
    "molecules": molecules,
    "tokens": tokens,
    "tables": tables,
    "lines": lines,
    "cells": cells,
    "recipes": recipes,
    "expressions": expressions,
    "bundles": bundles,
}
"""Where what others wrote comes in."""


def mutated(chance: random.Random, data: bytes, others: tuple[bytes, ...]) -> bytes:
    """Return bytes with a few changes: flipped, cut, doubled, inserted, or crossed with another."""
    raw = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at, end = sorted(chance.choices(range(len(raw) + 1), k=2))
        way = chance.randrange(6)
        if way == 0 and raw:
            raw[at % len(raw)] ^= 1 << chance.randrange(8)
        elif way == 1:
            del raw[at : min(end, at + 40)]
        elif way == 2:  # noqa: PLR2004
            raw[at:at] = raw[at:end][:200] * chance.randint(1, 20)
        elif way == 3:  # noqa: PLR2004
            raw[at:at] = chance.randbytes(chance.randint(1, 8))
        elif way == 4:  # noqa: PLR2004
            raw[at:at] = chance.choice(
                [b"\x00", b"\xff\xfe", b"\r", b"\n", b'"', b",", b"=", b"(" * 50, b"[" * 50, b"9" * 50]
            )
        else:
            other = chance.choice(others)
            raw[at:end] = other[: chance.randint(0, len(other))]
    return bytes(raw[: max(LONGEST, len(data))])


def made(seed: int, number: int) -> tuple[str, bytes]:
    """Return the entrance and the bytes of one input, which depend on the seed and its number alone."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311 (no secret)
    name = list(ENTRANCES)[number % len(ENTRANCES)]
    if chance.random() < 0.1:  # noqa: PLR2004
        return name, chance.randbytes(chance.randint(0, 200))
    return name, mutated(chance, chance.choice(SEEDS[name]), SEEDS[name])


def walk(inputs: int, seed: int, counter: Path, seconds: float) -> dict[str, Any]:
    """Put inputs through their entrances, from where the counter stands; return how far it is, and what each cost."""
    at = read_json(counter) if counter.is_file() else {"seed": seed, "done": 0, "entrances": {}}
    if at["seed"] != seed:
        sys.exit(f"Expected the seed {at['seed']} of {counter}, but got {seed}. Name another --counter.")
    began = time.monotonic()
    while at["done"] < inputs and time.monotonic() - began < seconds:
        done = at["done"]
        name, data = made(seed, done)
        start = time.process_time()
        try:
            ENTRANCES[name](data)
        except BaseException:
            print(f"input {done} of seed {seed}, {name}: {data!r}", file=sys.stderr)
            raise
        spent = time.process_time() - start
        if spent > SLOW:
            sys.exit(f"input {done} of seed {seed}, {name}, took longer than {SLOW:g} seconds: {data!r}")
        tally = at["entrances"].setdefault(name, {"inputs": 0, "cpu_seconds": 0.0, "slowest_seconds": 0.0})
        tally["inputs"] += 1
        tally["cpu_seconds"] += spent
        tally["slowest_seconds"] = max(tally["slowest_seconds"], spent)
        at["done"] = done + 1
        if at["done"] % EVERY == 0:
            write_json(counter, at)
            print(f"{at['done']:,} of {inputs:,}", flush=True)
    write_json(counter, at)
    return at


def guided(entrance: str, inputs: int) -> dict[str, Any]:
    """Let atheris look for inputs that reach new points of our code; return what it counted if it found no fault."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        command = [sys.executable, "-m", "benchmarks.fuzz_guided", entrance, str(inputs)]
        ended = subprocess.run(command, stderr=said, check=False).returncode  # noqa: S603 (ourselves)
        said.seek(0)
        text = said.read()
    if ended:
        sys.exit(f"{text[-4000:]}\n{entrance}: a fault after {time.monotonic() - began:.0f} seconds, see above")
    units = re.search(r"stat::number_of_executed_units:\s*(\d+)", text)
    reached = re.findall(r"cov: (\d+)", text)
    if units is None or not reached:
        sys.exit(f"Expected the statistics of atheris, but got: {text[-1000:]}")
    return {
        "inputs": int(units[1]),
        "points_reached": int(reached[-1]),
        "points_reached_by_the_seeds": int(reached[0]),
        "wall_seconds": round(time.monotonic() - began),
    }


def note(key: str, found: Mapping[str, Any]) -> None:
    """Write what was found into the result, beside what stands there already."""
    before = read_json(RESULT) if RESULT.is_file() else {}
    write_json(
        RESULT,
        {
            "protocol": "inputs are random bytes, one in ten, and mutations of seeds, the rest; none may raise another "
            "error than ours, give a message of two lines, move a row, change a text or take 20 CPU-seconds: one that "
            "does ends the program, so what stands here went through. Guided: atheris looks for inputs that reach new "
            "points of the code, and counts them",
            "walk": before.get("walk", {}),
            "guided": before.get("guided", {}),
            key: {**before.get(key, {}), **found} if key == "guided" else found,
            "versions": {name: version(name) for name in ("rdkit", "numpy", "pyarrow")},
        },
    )


def main() -> None:
    """Fuzz until the inputs or the seconds are used up."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("-n", "--inputs", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--seconds", type=float, default=float("inf"), help="stop after so many; run again to go on")
    asked.add_argument("--counter", type=Path, default=Path("runs/fuzz.json"), help="how far it is; resumes from there")
    asked.add_argument("--guided", choices=ENTRANCES, help="one entrance, guided by coverage: needs atheris")
    given = asked.parse_args()
    torch.set_num_threads(1)
    if given.guided:
        found = guided(given.guided, given.inputs)
        note("guided", {given.guided: found})
        print(f"{given.guided}: {found['inputs']:,} inputs, {found['points_reached']:,} points reached, no fault")
    else:
        given.counter.parent.mkdir(parents=True, exist_ok=True)
        at = walk(given.inputs, given.seed, given.counter, given.seconds)
        print(f"{at['done']:,} of {given.inputs:,} inputs of seed {given.seed} went through: no crash, hang, moved row")
        if at["done"] >= given.inputs:
            rounded = {
                name: {key: round(value, 3) for key, value in tally.items()} for name, tally in at["entrances"].items()
            }
            note("walk", rounded)


if __name__ == "__main__":
    main()
