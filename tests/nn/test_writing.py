"""Writing with a recurrence whose next token is a table: every string and score can be told by hand."""

import torch

from chemvae.nn.parts import BOS, EOS, PAD
from chemvae.nn.writing import write, write_beam

A, B = 4, 5


class Table:
    """The next token depends on the last one alone; remembers which rows it was asked to keep."""

    def __init__(self, rows: int):
        """Begin with `rows` strings."""
        self.rows, self.kept = rows, []
        probability = torch.full((6, 6), 1e-9)
        probability[BOS, [A, B]] = torch.tensor([0.6, 0.4])
        probability[A, [A, B, EOS]] = torch.tensor([0.34, 0.33, 0.33])
        probability[B, EOS] = 1.0
        self.logits = probability.log()

    def __call__(self, token: torch.Tensor, at: int) -> torch.Tensor:
        """Look the next token up."""
        assert len(token) == self.rows
        return self.logits[token]

    def keep(self, rows: torch.Tensor) -> None:
        """Count the rows that stay."""
        self.rows = len(rows)
        self.kept.append(rows.tolist())


def test_greedy_takes_the_likeliest_step_and_stops_at_the_cap() -> None:
    assert write(Table(2), torch.arange(2), 4).tolist() == [[A, A, A, A]] * 2


def test_finished_rows_leave_the_batch_and_keep_their_place() -> None:
    step = Table(200)
    ids = write(step, torch.arange(200), 6, 1.0, torch.Generator().manual_seed(0))
    assert step.kept
    assert all(len(rows) < 200 for rows in step.kept)
    lengths = (ids != PAD).sum(dim=1)
    assert lengths.min() == 2
    ended = ids[torch.arange(200), lengths - 1] == EOS
    assert (ended | (lengths == 6)).all()
    share = (ids[:, 0] == A).float().mean()
    assert abs(share - 0.6) < 0.12


def test_a_beam_finds_the_string_that_greedy_misses() -> None:
    """B then end has .4; greedy follows A, whose strings have .2 at most."""
    assert write_beam(Table(3), torch.arange(1), 4, 3)[0].tolist() == [B, EOS, PAD, PAD]
