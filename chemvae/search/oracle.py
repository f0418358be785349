"""CountedOracle: the one door to the objective; it counts, remembers and stops exactly at the budget."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

from chemvae.errors import ChemvaeError, InputError, OracleError
from chemvae.search.answers import told
from chemvae.search.calls import Call, CallLog
from chemvae.search.objective import Scores

PATIENCE = 10  # calls that may all fail before we say that the objective cannot be used
NO_MOLECULE = "not a molecule"
SPENT = "the budget is spent"


Stream = Callable[[list[str]], Iterable[tuple[int, Scores]]]
"""Scores molecules elsewhere: which of them, and its score, in the order in which they finish."""


class CountedOracle:
    """Scores canonical molecules, each once: unique valid ones are counted, everything else is free.

    A call that an earlier run left on disk is answered from there and counted as if it were made now, so that a run
    killed and begun again from its seed goes the same way and spends nothing twice.
    """

    calls: list[Call]
    """every call in its order"""
    made: int
    """how many of them went to the objective itself, not to the disk"""

    def __init__(
        self,
        score: Callable[[list[str]], Scores],
        budget: int,
        *,
        canonical: Callable[[str], str | None],
        log: CallLog | None = None,
        stream: Stream | None = None,
        retries: int = 0,
    ):
        """Store the parts and read the calls that are on disk.

        Args:
            score: scores molecules; what it raises is a failure of those molecules.
            budget: how many unique valid molecules may be scored.
            canonical: one form per molecule, or None for what is none.
            log: finished calls on disk.
            stream: scores molecules elsewhere, in the order in which they finish; asked instead of `score`.
            retries: how often `score` is tried again on a molecule for which it raises.

        Raises:
            InputError: the budget is not positive, or the calls on disk measure something else.
        """
        if budget < 1:
            raise InputError(f"Expected a budget of at least 1 oracle call, but got {budget}. Set --budget.")
        self.score, self.budget, self.canonical, self.log = score, budget, canonical, log
        self.stream, self.retries = stream, retries
        self.calls, self.made = [], 0
        self._known: dict[str, Call] = {}
        self._disk = log.read() if log else {}

    @property
    def left(self) -> int:
        """How many calls the budget still holds."""
        return self.budget - len(self.calls)

    def __call__(self, smiles: Sequence[str]) -> list[Call]:
        """Score molecules, row for row; what is no molecule or over the budget comes back as NaN with the reason.

        Raises:
            OracleError: the objective gives the wrong number of values, or fails at every call so far.
        """
        forms = [self.canonical(text) for text in smiles]
        fresh = [form for form in dict.fromkeys(forms) if form is not None and form not in self._known][: self.left]
        self._ask([form for form in fresh if form not in self._disk])
        for form in fresh:
            call = self._disk[form]
            self._known[form] = Call(len(self.calls) + 1, form, call.value, call.parts, call.reason)
            self.calls.append(self._known[form])
        self._refuse_if_hopeless()
        return [self._answer(text, form) for text, form in zip(smiles, forms, strict=True)]

    def _ask(self, smiles: list[str]) -> None:
        """Score what nobody has scored, and put each answer on disk as it comes, before anything else happens."""
        for calls in self._finished(smiles) if smiles else ():
            if self.log:
                self.log.append(calls)
            self.made += len(calls)
            self._disk.update((call.smiles, call) for call in calls)

    def _finished(self, smiles: list[str]) -> Iterator[list[Call]]:
        """Yield the calls of a batch: all at once, or as they finish."""
        if self.stream is None:
            yield from self._attempts(smiles)
            return
        for row, scores in self.stream(smiles):
            yield calls_of([smiles[row]], scores)

    def _attempts(self, smiles: list[str], tried: int = 0) -> Iterator[list[Call]]:
        """Score a batch; if that raises, score its molecules one by one to find which are at fault."""
        try:
            yield calls_of(smiles, self.score(smiles))
        except ChemvaeError:
            raise
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's function may raise anything; it costs those
            if len(smiles) > 1:
                for one in smiles:
                    yield from self._attempts([one])
            elif tried < self.retries:
                yield from self._attempts(smiles, tried + 1)
            else:
                yield [Call(0, smiles[0], math.nan, {}, told(error))]

    def _refuse_if_hopeless(self) -> None:
        """Raise when every call has failed and there were enough to tell."""
        failed = [call for call in self.calls if math.isnan(call.value)]
        if len(failed) == len(self.calls) >= min(PATIENCE, self.budget):
            again = " Then begin again with --overwrite: what failed stays failed for --resume." if self.log else ""
            raise OracleError(
                f"Expected numbers from the objective, but all {len(failed)} calls so far failed; the first: "
                f"{failed[0].reason} for {failed[0].smiles}. Try it on one molecule by itself.{again}"
            )

    def _answer(self, text: str, form: str | None) -> Call:
        if form is None:
            return Call(0, text, math.nan, {}, NO_MOLECULE)
        return self._known.get(form) or Call(0, form, math.nan, {}, SPENT)


def calls_of(smiles: Sequence[str], scores: Scores) -> list[Call]:
    """Return scores as calls that have no number yet."""
    rows = zip(smiles, scores.value, scores.reasons, strict=True)
    return [
        Call(0, text, float(value), {name: float(part[row]) for name, part in scores.parts.items()}, reason)
        for row, (text, value, reason) in enumerate(rows)
    ]
