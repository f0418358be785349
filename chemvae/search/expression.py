"""Expressions over named properties, such as `5*qed - sa`: parsed by a small grammar, never evaluated as Python."""

import ast
import functools
import math
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from chemvae.errors import InputError
from chemvae.settings import did_you_mean

LONGEST = 500  # characters; longer ones are mistakes, and nest deeper than the parser likes

TINY = 1e-12  # by how much what is equal breaks what has to be less

FUNCTIONS: dict[str, tuple[int, int]] = {
    "abs": (1, 1),
    "exp": (1, 1),
    "log": (1, 1),
    "sqrt": (1, 1),
    "min": (2, 9),
    "max": (2, 9),
    "clip": (3, 3),  # clip(x, low, high)
}
"""The functions of the grammar, with the fewest and most arguments each takes."""

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}

COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.LtE: lambda a, b: a <= b,
    ast.GtE: lambda a, b: a >= b,
    ast.Lt: lambda a, b: a < b,
    ast.Gt: lambda a, b: a > b,
    ast.Eq: lambda a, b: a == b,
}


@dataclass(frozen=True)
class Expression:
    """A checked formula: call it with arrays or tensors by name and get an array or tensor of the same kind."""

    text: str
    """as it was written"""
    names: tuple[str, ...]
    """what it needs, in the order of appearance"""
    tree: ast.expr = field(repr=False, compare=False)
    """the parsed formula; holds nothing outside the grammar"""

    @property
    def bare(self) -> bool:
        """Whether it is one name and nothing else, which says what matters but not whether more is better."""
        return isinstance(self.tree, ast.Name)

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return the value for each molecule; NumPy and torch both work, and torch keeps its gradients."""
        return evaluate(self.tree, values, library(values[self.names[0]]))


@dataclass(frozen=True)
class Constraint:
    """A checked comparison of properties with numbers, such as `logp<=4` or `200<=mw<=500`."""

    text: str
    """as it was written"""
    names: tuple[str, ...]
    """what it needs"""
    tree: ast.Compare = field(repr=False, compare=False)
    """the parsed comparison"""

    def __call__(self, values: Mapping[str, Any]) -> Any:
        """Return whether each molecule meets it; NaN never does."""
        links = [COMPARISONS[type(op)](a, b) for op, a, b in self._links(values)]
        return functools.reduce(lambda a, b: a & b, links)

    @property
    def graded(self) -> bool:
        """Whether one can say by how much it is met: not so with ==."""
        return not any(isinstance(op, ast.Eq) for op in self.tree.ops)

    def slack(self, values: Mapping[str, Any]) -> list[Any]:
        """Return for each comparison in it by how much each molecule meets it; below 0 where it is broken."""
        sides = [(op, (b - a) if isinstance(op, ast.Lt | ast.LtE) else (a - b)) for op, a, b in self._links(values)]
        # What has to be less is not met by what is equal.
        return [side - TINY * (side == 0.0) if isinstance(op, ast.Lt | ast.Gt) else side for op, side in sides]

    def _links(self, values: Mapping[str, Any]) -> list[tuple[ast.cmpop, Any, Any]]:
        module = library(values[self.names[0]])
        sides = [evaluate(side, values, module) for side in (self.tree.left, *self.tree.comparators)]
        return list(zip(self.tree.ops, sides, sides[1:], strict=False))


def parse(text: str) -> Expression:
    """Read a formula: numbers, names, + - * / **, parentheses, abs exp log sqrt min max clip.

    Raises:
        InputError: something is outside the grammar, or no property is named.
    """
    tree = read(text)
    check(tree, text)
    return Expression(text.strip(), names_of(tree, text), tree)


def parse_constraint(text: str) -> Constraint:
    """Read a comparison with <=, >=, <, > or ==; a chain such as `200<=mw<=500` is welcome.

    Raises:
        InputError: it compares nothing, or something is outside the grammar.
    """
    tree = read(text)
    if not isinstance(tree, ast.Compare) or any(type(op) not in COMPARISONS for op in tree.ops):
        raise InputError(f'Expected a constraint such as "logp<=4", but got {text!r}. Compare with <=, >=, <, > or ==.')
    for side in (tree.left, *tree.comparators):
        check(side, text)
    return Constraint(text.strip(), names_of(tree, text), tree)


def check_names(names: tuple[str, ...], known: Mapping[str, Any] | tuple[str, ...], text: str) -> None:
    """Raise for the first name that is not known, with the nearest one that is.

    Raises:
        InputError: a name is not known.
    """
    for name in names:
        if name not in known:
            raise InputError(
                f"Expected properties out of {', '.join(known)}, but got {name!r} in {text!r}."
                f"{did_you_mean(name.lower(), known)}"
            )


def read(text: str) -> ast.expr:
    """Parse the text as one formula, without any judgement of what is in it."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        shown = repr(text if not isinstance(text, str) or len(text) <= LONGEST else text[:40] + "...")
        raise InputError(f'Expected an expression such as "5*qed - sa", but got {shown}. Write one over properties.')
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # Python's advice on Python; this is none
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        refuse(text, "it does not read as a formula")


def check(node: ast.expr, text: str) -> None:
    """Raise unless the formula is built of the grammar's pieces alone."""
    match node:
        case ast.Name():
            if node.id in FUNCTIONS:
                refuse(text, f"{node.id} is a function and wants brackets")
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            if value > sys.float_info.max or not math.isfinite(value):
                refuse(text, "a number in it is too large")
        case ast.UnaryOp(op=ast.USub() | ast.UAdd()):
            check(node.operand, text)
        case ast.BinOp():
            check_operator(node, text)
        case ast.Call():
            check_call(node, text)
        case _:
            refuse(text, f"{ast.unparse(node)!r} is outside its grammar")


def check_operator(node: ast.BinOp, text: str) -> None:
    """Raise for an operator that the grammar lacks, and for a power that is not a plain number."""
    if isinstance(node.op, ast.BitXor):
        refuse(text, "a power is written **, not ^")
    if type(node.op) not in OPERATORS:
        refuse(text, "of operators it knows + - * / ** only")
    if isinstance(node.op, ast.Pow) and any(isinstance(inside, ast.Name) for inside in ast.walk(node.right)):
        refuse(text, "a power must be a plain number")
    check(node.left, text)
    check(node.right, text)


def check_call(node: ast.Call, text: str) -> None:
    """Raise for an unknown function, and for too few or too many arguments."""
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in FUNCTIONS:
        refuse(text, f"{name!r} is none of its functions ({', '.join(FUNCTIONS)})")
    fewest, most = FUNCTIONS[name]
    if node.keywords or not fewest <= len(node.args) <= most:
        refuse(text, f"{name} takes {fewest if fewest == most else f'{fewest} or more'} values")
    for argument in node.args:
        check(argument, text)


def names_of(tree: ast.expr, text: str) -> tuple[str, ...]:
    """Return the property names in a formula in their order, each once."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called]
    names = tuple(dict.fromkeys(node.id for node in sorted(found, key=lambda node: (node.lineno, node.col_offset))))
    if not names:
        refuse(text, "it names no property")
    return names


def refuse(text: str, why: str) -> NoReturn:
    """Raise, with the text and the reason."""
    raise InputError(f'Expected an expression such as "5*qed - sa", but got {text!r}: {why}.')


def library(value: Any) -> Any:
    """Return torch for a tensor and NumPy for anything else: they name their functions alike."""
    return sys.modules["torch" if type(value).__module__.startswith("torch") else "numpy"]


def evaluate(node: ast.expr, values: Mapping[str, Any], module: Any) -> Any:
    """Work out a checked formula."""
    match node:
        case ast.Name():
            return values[node.id]
        case ast.Constant():
            return module.asarray(float(node.value))  # type: ignore[arg-type]
        case ast.UnaryOp():
            inside = evaluate(node.operand, values, module)
            return -inside if isinstance(node.op, ast.USub) else inside
        case ast.BinOp():
            return OPERATORS[type(node.op)](evaluate(node.left, values, module), evaluate(node.right, values, module))
        case ast.Call(func=ast.Name(id=name)):
            return apply(name, [evaluate(argument, values, module) for argument in node.args], module)
    raise TypeError(f"not a checked formula: {ast.dump(node)}")


def apply(name: str, arguments: list[Any], module: Any) -> Any:
    """Call one of the grammar's functions."""
    if name == "min":
        return functools.reduce(module.minimum, arguments)
    if name == "max":
        return functools.reduce(module.maximum, arguments)
    if name == "clip":
        return module.minimum(module.maximum(arguments[0], arguments[1]), arguments[2])
    return getattr(module, name)(*arguments)
