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


class Evens:
    """A string may hold A an even number of times."""

    def __init__(self, odd: bool = False):
        """Begin."""
        self.odd = odd

    def begin(self, length: int) -> "Evens":
        """Begin a string."""
        return Evens()

    def take(self, token: int) -> bool:
        """Turn down the end after an odd number of A, and B then too."""
        if token != A:
            return not self.odd
        self.odd = not self.odd
        return True

    def copy(self) -> "Evens":
        """Return another."""
        return Evens(self.odd)


class Nothing(Evens):
    """Allows nothing."""

    def begin(self, length: int) -> "Nothing":
        """Begin a string."""
        return Nothing()

    def take(self, token: int) -> bool:
        """Turn everything down."""
        return False


def test_rules_are_kept_and_what_they_allow_is_drawn_as_often_as_if_it_were_all_there_is() -> None:
    free = write(Table(4000), torch.arange(4000), 9, 1.0, torch.Generator().manual_seed(0))
    ruled = write(Table(4000), torch.arange(4000), 9, 1.0, torch.Generator().manual_seed(0), Evens())
    ended = (ruled == EOS).any(dim=1)
    assert ended.float().mean() > 0.95
    assert (((ruled == A).sum(dim=1) % 2 == 0) | ~ended).all()
    assert ((free == A).sum(dim=1) % 2 == 1).any()
    # after AA the rules allow all three: A .34, B .33, end .33
    after = ruled[(ruled[:, 0] == A) & (ruled[:, 1] == A), 2]
    shares = [(after == token).float().mean() for token in (A, B, EOS)]
    torch.testing.assert_close(torch.stack(shares), torch.tensor([0.34, 0.33, 0.33]), atol=0.03, rtol=0)
    assert (ruled[ruled[:, 0] == A, 1] == A).all()  # after one A neither B nor the end


def test_greedy_under_rules_takes_the_likeliest_that_is_allowed() -> None:
    class NoA(Evens):
        def begin(self, length: int) -> "NoA":
            return NoA()

        def take(self, token: int) -> bool:
            return token != A

    assert write(Table(2), torch.arange(2), 4, rules=NoA()).tolist() == [[B, EOS, PAD, PAD]] * 2


def test_a_string_ends_where_nothing_is_allowed() -> None:
    assert write(Table(3), torch.arange(3), 4, rules=Nothing()).tolist() == [[EOS, PAD, PAD, PAD]] * 3


def test_a_beam_keeps_to_the_rules() -> None:
    assert write_beam(Table(4), torch.arange(1), 6, 4, Evens())[0].tolist() == [B, EOS, PAD, PAD, PAD, PAD]

    class NoB(Evens):
        def begin(self, length: int) -> "NoB":
            return NoB()

        def take(self, token: int) -> bool:
            return token != B and super().take(token)

        def copy(self) -> "NoB":
            return NoB(self.odd)

    assert write_beam(Table(4), torch.arange(1), 6, 4, NoB())[0].tolist() == [A, A, EOS, PAD, PAD, PAD]
