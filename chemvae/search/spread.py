"""Spread: an objective whose functions run in workers; a molecule is scored when the last of them has answered."""

from collections.abc import Iterator

import numpy as np

from chemvae.search.answers import column
from chemvae.search.objective import Objective, Scores, Table
from chemvae.search.workers import Answer, Pool


class Spread:
    """Scores molecules in the order in which they finish; what is no function is computed here, all at once."""

    def __init__(self, objective: Objective, table: Table, pool: Pool):
        """Store the parts.

        Args:
            objective: how functions and columns become a value.
            table: computes the named columns that are no functions.
            pool: answers for the functions.
        """
        self.objective, self.table, self.pool = objective, table, pool

    def __call__(self, smiles: list[str]) -> Iterator[tuple[int, Scores]]:
        """Yield which molecule is finished, and its score."""
        known = {name: column(name, values, len(smiles)) for name, values in self.table(smiles).items()}
        so_far: list[dict[str, Answer]] = [{} for _ in smiles]
        for answer in self.pool.answers(smiles):
            of_row = so_far[answer.row]
            of_row[answer.name] = answer
            if len(of_row) == len(self.pool.whole):
                parts = {name: values[[answer.row]] for name, values in known.items()}
                parts |= {name: np.array([of_row[name].value]) for name in self.pool.whole}
                whys = {name: [one.reason] for name, one in of_row.items()}
                yield answer.row, self.objective.combined(1, parts, whys)
