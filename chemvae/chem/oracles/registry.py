"""The registry: an oracle by its name, a suite of them, and many at once on the same molecules."""

import functools
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.chem.judge import Text
from chemvae.chem.oracles.names import FIXED, GUACAMOL, PMO, check_name, check_version
from chemvae.chem.oracles.score import Oracle
from chemvae.chem.oracles.subjects import Subjects
from chemvae.chem.oracles.tasks import TASKS
from chemvae.chem.workers import in_chunks
from chemvae.errors import InputError
from chemvae.settings import did_you_mean

SUITES: dict[str, tuple[str, ...]] = {"pmo": PMO, "guacamol": GUACAMOL}

SOURCES = {
    "pmo": "PMO, Gao et al., NeurIPS 2022",
    "guacamol": "GuacaMol, Brown et al., J. Chem. Inf. Model. 2019, 59, 1096",
}


def oracle(name: str, version: str = FIXED) -> Oracle:
    """Return an oracle by its name.

    Args:
        name: out of `names.NAMES`.
        version: `fixed`, as GuacaMol defines it; or `tdc-0.3.6`, which differs where isomers are scored (isomers_*,
            sitagliptin_mpo, zaleplon_mpo) and in aripiprazole_similarity. Never rank values of the two together.

    Raises:
        InputError: there is no such name or version.
    """
    return defined(check_name(name), check_version(version))


@functools.cache
def defined(name: str, version: str) -> Oracle:
    """Return an oracle, put together once in a process."""
    sources = [source for suite, source in SOURCES.items() if name in SUITES[suite]]
    cited = "; ".join(sources) or "penalised log P, You et al., GCPN, 2018"
    return Oracle(name, TASKS[name](version), f"{cited} ({version})")


def suite(name: str, version: str = FIXED) -> dict[str, Oracle]:
    """Return the oracles of a benchmark, `pmo` or `guacamol`, by their names.

    Raises:
        InputError: there is no such suite or version.
    """
    if name not in SUITES:
        raise InputError(
            f"Expected a suite out of {', '.join(SUITES)}, but got {name!r}.{did_you_mean(str(name).lower(), SUITES)}"
        )
    return {task: oracle(task, version) for task in SUITES[name]}


def on_strings(smiles: Sequence[Text], names: Sequence[str], version: str) -> Float[ndarray, "n oracles"]:
    """Score strings by several oracles, a column each; what they share is made once. Runs in workers."""
    subjects = Subjects(smiles)
    columns = [oracle(name, version).scored_on(subjects).values for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((len(subjects), 0))


def compute(
    smiles: Sequence[Text], names: Iterable[str], version: str = FIXED, jobs: int = 1
) -> dict[str, Float[ndarray, " n"]]:
    """Score SMILES strings by several oracles: an array each, row for row, NaN for what failed.

    Args:
        smiles: as they are; `tdc-0.3.6` wants canonical ones.
        names: out of `names.NAMES`.
        version: `fixed` or `tdc-0.3.6`.
        jobs: processes; a few hundred molecules stay in this one.

    Raises:
        InputError: a name or the version is not known.
    """
    names = tuple(dict.fromkeys(check_name(name) for name in names))
    work = functools.partial(on_strings, names=names, version=check_version(version))
    table = np.concatenate([np.empty((0, len(names))), *in_chunks(work, list(smiles), jobs=jobs)])
    return {name: table[:, column] for column, name in enumerate(names)}
