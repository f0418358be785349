"""Objective: what to make as large as possible, out of properties, predictions and Python functions."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from chemvae.errors import InputError, OracleError
from chemvae.search.aims import Aim, aims_of, reference_of
from chemvae.search.answers import Function, answered, column
from chemvae.search.calls import Call
from chemvae.search.expression import Constraint, Expression, check_names, parse, parse_constraint

Table = Callable[[list[str]], Mapping[str, ndarray]]
"""A list of SMILES in, named columns out."""

Term = str | Function


@dataclass(frozen=True)
class Outcomes:
    """What was measured of n molecules, beside the one value of each."""

    values: Float[ndarray, "n m"]
    """several objectives, the higher the better; no column if there is one"""
    slack: Float[ndarray, "n c"]
    """by how much each measured constraint is met; below 0 it is not"""


@dataclass(frozen=True)
class Scores:
    """What an objective says of n molecules, row for row."""

    value: Float[ndarray, " n"]
    """the higher the better; NaN where it failed, never 0"""
    parts: dict[str, Float[ndarray, " n"]]
    """each property or function that it is made of"""
    reasons: list[str]
    """why a value is NaN; empty where it is a number"""
    outcomes: Outcomes | None = field(default=None, compare=False)
    """each of several objectives, and measured constraints"""


class Objective:
    """What to make as large as possible: `Objective("5*qed - sa")`, `Objective(maximize="qed", minimize=[dock])`.

    With `pareto` the terms are not added up: `Objective(maximize="qed", minimize="sa", pareto=True)`.

    A name in an expression is a computed property, `predicted_` and a name is what the model's head expects, and
    `functions` adds your own. An expression or a function given by itself is maximised; a single bare property has
    no direction until `maximize` or `minimize` says so.
    """

    expression: Expression
    """the whole objective as one formula, to be made as large as possible"""
    functions: dict[str, Function]
    """the Python functions in it, by the name that the formula uses"""
    sources: dict[str, str]
    """where functions come from, if that is known; a search is gone on with from the same only"""
    aims: tuple[Aim, ...]
    """two to four objectives that are kept apart; none if there is one formula"""
    reference: tuple[float, ...]
    """what each of them must exceed to count, the higher the better; empty if it is to be inferred"""
    measured: tuple[Constraint, ...]
    """constraints on what only the oracle knows"""

    def __init__(  # noqa: PLR0913 - what a person may want
        self,
        expression: Term | None = None,
        *,
        maximize: Term | Sequence[Term] = (),
        minimize: Term | Sequence[Term] = (),
        weights: Mapping[str, float] | None = None,
        functions: Mapping[str, Function] | None = None,
        sources: Mapping[str, str] | None = None,
        pareto: bool = False,
        reference: Mapping[str, float] | None = None,
        measured: str | Sequence[str] = (),
    ):
        """Put the parts together.

        Args:
            expression: a formula over properties, or a function; the higher the better.
            maximize: properties, formulas or functions of which more is better.
            minimize: the same, of which less is better.
            weights: how much a term of `maximize` or `minimize` counts, 1 unless said.
            functions: Python functions that the formulas call by name.
            sources: where functions come from, by the same names.
            pareto: seek the Pareto front of two to four terms instead of adding them up.
            reference: for each of these terms, by its text, the value that a molecule must surpass to count.
            measured: comparisons such as `"herg <= 0.3"` with something that is measured together with the objective.

        Raises:
            InputError: a formula cannot be read, a weight is no positive number, or there are too few terms or too
                many for a front.
            OracleError: nothing says in which direction better lies.
        """
        self.functions, self.sources = dict(functions or {}), dict(sources or {})
        more, less = self._texts(maximize), self._texts(minimize)
        weights = _checked_weights(weights or {}, [*more, *less])
        signed = [(text, "+") for text in more] + [(text, "-") for text in less]
        if expression is not None:
            signed.insert(0, (self._directed(expression), "+"))
        if not signed:
            raise OracleError('Expected something to optimise, but got nothing. Say e.g. maximize="qed".')
        self.expression = parse(_joined(signed, weights))
        self.aims = aims_of(signed, weights) if pareto else ()
        self.reference = reference_of(self.aims, reference)
        self.measured = _graded(measured)

    def __repr__(self) -> str:
        return f"Objective({self.question!r})"

    @property
    def text(self) -> str:
        """The formula that is made as large as possible, or the objectives that are kept apart."""
        if self.aims:
            return ", ".join(f"{'max' if aim.sign > 0 else 'min'} {aim.text}" for aim in self.aims)
        return self.expression.text

    @property
    def question(self) -> str:
        """All that is measured, in words."""
        return " subject to ".join([self.text, *([", ".join(one.text for one in self.measured)] * bool(self.measured))])

    @property
    def names(self) -> tuple[str, ...]:
        """Every property and function that it needs."""
        return tuple(dict.fromkeys([*self.expression.names, *(name for one in self.measured for name in one.names)]))

    @property
    def limits(self) -> tuple[str, ...]:
        """A measured constraint in words for each column of slack."""
        return tuple(one.text for one in self.measured for _ in one.tree.ops)

    def extended(self, functions: Mapping[str, Function], sources: Mapping[str, str]) -> "Objective":
        """Return the same objective with more functions."""
        more = copy.copy(self)
        more.functions, more.sources = self.functions | dict(functions), self.sources | dict(sources)
        return more

    def check(self, known: Mapping[str, Any] | Sequence[str]) -> None:
        """Raise unless every name is one of its functions or known.

        Raises:
            InputError: a name is neither, or both.
        """
        for name in self.functions:
            if name in known:
                raise InputError(
                    f"Expected a new name for the function {name!r}, but it is a property's. "
                    f'Hand it in as functions={{"my_{name}": ...}} (--objective my_{name}=module:{name}).'
                )
        check_names(self.names, (*known, *self.functions), self.text)

    def score(self, smiles: list[str], table: Table) -> Scores:
        """Score molecules; `table` computes the named properties that are not functions.

        Raises:
            OracleError: a function returns something other than one number per molecule.
        """
        parts = {name: column(name, values, len(smiles)) for name, values in table(smiles).items()}
        whys: dict[str, list[str]] = {}
        for name, function in self.needed.items():
            parts[name], whys[name] = answered(name, function, smiles)
        return self.combined(len(smiles), parts, whys)

    def combined(
        self, n: int, parts: dict[str, Float[ndarray, " n"]], whys: Mapping[str, Sequence[str]] | None = None
    ) -> Scores:
        """Put the parts of n molecules together; `whys` says of a part why it is missing, where that is known."""
        with np.errstate(all="ignore"):  # 1/0 and log(-1) are failures with a reason, below
            value = np.broadcast_to(self.expression(parts), n).astype(np.float64)
        outcomes = self.outcomes(parts, n)
        whole = np.isfinite(np.column_stack([value, outcomes.values, outcomes.slack])).all(axis=1)
        value = np.where(whole | ~np.isfinite(value), value, np.nan)
        reasons = [
            self._reason(
                value[row], {k: v[row] for k, v in parts.items()}, {k: v[row] for k, v in (whys or {}).items()}
            )
            for row in range(n)
        ]
        return Scores(np.where(np.isfinite(value), value, np.nan), parts, reasons, outcomes)

    def outcomes(self, parts: Mapping[str, Any], n: int) -> Outcomes:
        """Return each of several objectives and the slack of measured constraints, from what they are made of."""
        with np.errstate(all="ignore"):
            values = [aim.sign * aim.expression(parts) for aim in self.aims]
            slack = [side for one in self.measured for side in one.slack(parts)]
        both = [np.array([np.broadcast_to(side, n) for side in sides]).reshape(-1, n).T for sides in (values, slack)]
        return Outcomes(*(np.where(np.isfinite(side), side, np.nan) for side in both))

    def outcomes_of(self, calls: Sequence[Call]) -> Outcomes:
        """Return the outcomes of calls, out of their parts; what a call that failed lacks is NaN."""
        columns = {
            name: np.array([call.parts.get(name, np.nan) for call in calls], dtype=np.float64) for name in self.names
        }
        return self.outcomes(columns, len(calls))

    @property
    def needed(self) -> dict[str, Function]:
        """The functions that the formula names."""
        return {name: function for name, function in self.functions.items() if name in self.names}

    def _reason(self, value: float, parts: Mapping[str, float], whys: Mapping[str, str]) -> str:
        """Say why a value is no number; the part at fault if it is one."""
        if np.isfinite(value):
            return ""
        for name in self.names:
            if not np.isfinite(parts[name]):
                return whys.get(name) or f"{name} is {_shown(parts[name])}"
        return f"the objective is {_shown(value)}"

    def _texts(self, terms: Term | Sequence[Term]) -> list[str]:
        """Return the terms as formulas; a function is kept under its name."""
        many = [terms] if isinstance(terms, str) or callable(terms) else list(terms)
        return [term if isinstance(term, str) else self._named(term) for term in many]

    def _directed(self, term: Term) -> str:
        """Return a formula to maximise, unless it is a bare property, which says nothing about better."""
        if not isinstance(term, str):
            return self._named(term)
        if parse(term).bare:
            raise OracleError(
                f"Expected an objective with a direction, but got {term!r}. Say maximize={term!r} or minimize={term!r} "
                f"(--maximize {term}, --minimize {term})."
            )
        return term

    def _named(self, function: Function) -> str:
        """Keep a function under its own name, or as `objective` if it has none that a formula can use."""
        if not callable(function):
            raise InputError(f"Expected an expression or a function as objective, but got {function!r}.")
        name = getattr(function, "__name__", "objective")
        name = name if name.isidentifier() else "objective"
        if self.functions.setdefault(name, function) is not function:
            raise InputError(
                f'Expected one function a name, but {name!r} is two. Use functions={{"a": ..., "b": ...}}.'
            )
        return name


def _checked_weights(weights: Mapping[str, float], terms: list[str]) -> Mapping[str, float]:
    for name, weight in weights.items():
        if name not in terms:
            raise InputError(f"Expected weights for {', '.join(terms) or 'maximize or minimize'}, but got {name!r}.")
        if not (np.isfinite(weight) and weight > 0):
            raise InputError(f"Expected a positive weight for {name!r}, but got {weight}. The direction says the sign.")
    return weights


def _graded(texts: str | Sequence[str]) -> tuple[Constraint, ...]:
    """Return measured constraints, of which one can say how far they are met."""
    found = tuple(parse_constraint(text) for text in ([texts] if isinstance(texts, str) else texts))
    for one in found:
        if not one.graded:
            raise InputError(
                f"Expected a measured constraint with <=, >=, < or >, but got {one.text!r}. Say between which values."
            )
    return found


def _joined(signed: list[tuple[str, str]], weights: Mapping[str, float]) -> str:
    """Write terms with their signs as one formula."""
    pieces = []
    for text, sign in signed:
        alone = len(signed) == 1 and sign == "+" and text not in weights
        body = text if alone or parse(text).bare else f"({text})"
        body = f"{float(weights[text])!r}*{body}" if text in weights else body
        pieces.append(f"{sign} {body}")
    joined = " ".join(pieces)
    return joined.removeprefix("+ ") if joined.startswith("+") else "-" + joined.removeprefix("- ")


def _shown(number: float) -> str:
    return "not a number" if np.isnan(number) else "infinite"
