"""Fuzzing of one entrance, guided by what is reached of chemvae's code; `python -m benchmarks.fuzz --guided` runs it.

It is a program of its own, since modules are instrumented while they are imported, and since atheris ends its process.
"""

import sys
import tempfile
from pathlib import Path

import atheris  # not among our dependencies: pip install atheris

with atheris.instrument_imports(include=["chemvae"]):
    from benchmarks.fuzz import ENTRANCES, LONGEST, SEEDS, SLOW


def main() -> None:
    """Go on until so many inputs went through; a fault ends the program with its input."""
    entrance, inputs = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as corpus:
        for at, data in enumerate(SEEDS[entrance]):
            Path(corpus, str(at)).write_bytes(data)
        options = [f"-runs={inputs}", f"-max_len={LONGEST}", f"-timeout={SLOW:.0f}", "-print_final_stats=1", corpus]
        atheris.Setup([sys.argv[0], *options], ENTRANCES[entrance])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
