"""Expressions of rules: the one module that knows the CEL library.

CEL always ends and can't do anything but compute, so rules of users are data and never code. What an expression asks
for is found before it is evaluated: a fact that nobody has is a fault of the file, not a surprise in an audit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cel

from alma.core.model.suggest import nearest
from alma.core.policy.vocabulary import FACTS, OPEN, Kind, fact, is_open

MAX_LENGTH = 2_000
_MAX_NESTING = 60
ROOTS = ("r", "d", "g", "bp")
_FUNCTIONS = frozenset(
    "size has all exists exists_one map filter contains startsWith endsWith matches max min".split()
    + "int uint double string".split()
)
_OPERATORS = frozenset({"@in", "@not_strictly_false"})
_WORDS = frozenset({"true", "false", "null", "in"})
_TOKEN = re.compile(
    r"""(?P<text>r?'''(?:\\.|[^\\])*?'''|r?\"\"\"(?:\\.|[^\\])*?\"\"\"|[rb]?'(?:\\.|[^'\\\n])*'|[rb]?"(?:\\.|[^"\\\n])*")"""
    r"""|(?P<comment>//[^\n]*)"""
    r"""|(?P<number>\.?\b[0-9][0-9a-zA-Z_.]*)"""
    r"""|(?P<chain>\.?\s*[A-Za-z_]\w*(?:\s*\.\s*[A-Za-z_]\w*)*)(?P<call>\s*\()?"""
    r"""|(?P<other>[\[\](){}])""",
    re.DOTALL,
)
_MACRO = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(\s*([A-Za-z_]\w*)\s*,")
_SAMPLES = {Kind.BOOL: True, Kind.NUMBER: 1, Kind.TEXT: "text", Kind.LIST: ("text",)}
_PORTS = (1,)
_FAILURES = (TypeError, KeyError, RuntimeError, ValueError, ArithmeticError)


class ExpressionFault(ValueError):
    """An expression that can't be used, or not with these facts. The text says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression, and the full names of the facts it asks for."""

    source: str
    names: tuple[str, ...]
    _program: cel.Program
    _places: tuple[tuple[str, tuple[str, ...], str], ...]

    def __call__(self, facts: Mapping[str, Any]) -> Any:
        """Its value with these facts, of which more may be given than it asks for. Raises ExpressionFault where it
        can't be computed: a null that is compared with a number, a text that is taken for a list."""
        try:
            return self._program.execute(self._nested(facts))
        except _FAILURES as error:
            raise ExpressionFault(_reason(error)) from None

    def _nested(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """The facts as the mappings within mappings that an expression walks along."""
        root: dict[str, Any] = {}
        for name, parents, last in self._places:
            level = root
            for part in parents:
                level = level.setdefault(part, {})
            level[last] = facts[name]
        return root


def _place(name: str) -> tuple[str, tuple[str, ...], str]:
    *parents, last = name.split(".")
    return name, tuple(parents), last


def _reason(error: BaseException) -> str:
    if isinstance(error, TypeError):
        return "a value is null or of another kind than the expression needs"
    return str(error).strip().splitlines()[0][:200]


@lru_cache(maxsize=4096)
def compiled(source: str, roots: tuple[str, ...] = ROOTS) -> Expression:
    """The expression of that text. Raises ExpressionFault for one that is no CEL, or asks for what there is not."""
    if len(source) > MAX_LENGTH:
        raise ExpressionFault(f"longer than {MAX_LENGTH} characters")
    names = tuple(dict.fromkeys(_names(source, roots)))
    _check_paths(names)
    try:
        program = cel.compile(source)
    except ValueError as error:
        raise ExpressionFault(_syntax(error)) from None
    if unknown := [f for f in program.functions() if _is_unknown(f)]:
        raise ExpressionFault(f"there is no function {unknown[0]}()")
    return Expression(source, names, program, tuple(map(_place, names)))


def _is_unknown(function: str) -> bool:
    named = function.isidentifier() and not function.startswith("_")
    return named and function not in _FUNCTIONS and function not in _OPERATORS


def _syntax(error: ValueError) -> str:
    """What the parser says, without the text again."""
    for line in str(error).splitlines():
        if "Syntax error:" in line:
            column = re.search(r"<input>:[0-9]+:([0-9]+)", line)
            told = line.rpartition("Syntax error:")[2].split(" expecting {")[0].strip()
            return f"no CEL at character {column[1] if column else '?'}: {told}"[:200]
    return str(error).splitlines()[0][:200]


# ── what an expression asks for ──────────────────────────────────────────────────────────────────


def _names(source: str, roots: tuple[str, ...]) -> Iterator[str]:
    """The full names of the facts in an expression."""
    bound = set(_MACRO.findall(source))
    if taken := bound & set(ROOTS):
        raise ExpressionFault(f"'{min(taken)}' is a root of facts: call the variable otherwise")
    nesting = 0
    for match in _TOKEN.finditer(source):
        if match["other"]:
            nesting += 1 if match["other"] in "([{" else -1
            if nesting > _MAX_NESTING:
                raise ExpressionFault(f"nested more than {_MAX_NESTING} levels deep")
        elif match["chain"] and not match["chain"].startswith("."):
            parts = [part.strip() for part in match["chain"].split(".")]
            yield from _name(parts, bool(match["call"]), (bound, roots))
        if match["call"]:
            nesting += 1


def _name(parts: list[str], call: bool, scope: tuple[set[str], tuple[str, ...]]) -> Iterator[str]:
    bound, roots = scope
    if parts[0] in roots:
        yield _fact_of(parts, call)
    elif parts[0] in ROOTS:
        raise ExpressionFault(f"'{parts[0]}' has no meaning for a rule of this scope")
    elif parts[0] not in bound | _WORDS and not (call and len(parts) == 1):
        raise ExpressionFault(f"there is no '{parts[0]}': facts begin with r, d, g or bp")


def _fact_of(parts: list[str], call: bool) -> str:
    """The fact at the beginning of a chain: what follows it is a function of its value."""
    path = parts[:-1] if call else parts
    full = ".".join(path)
    if len(path) > 1 and fact(full) is not None:
        return full
    known = [name for name in FACTS if name.split(".")[0] == parts[0]]
    near = nearest(full, known)
    hint = f": did you mean {near}?" if near else ""
    if full in OPEN:
        hint = f": name what is in it, {full}.<name>"
    raise ExpressionFault(f"there is no fact {full}{hint}")


def _check_paths(names: tuple[str, ...]) -> None:
    """A path can't be a value and hold others at once."""
    for name in names:
        if below := next((other for other in names if other.startswith(f"{name}.")), None):
            raise ExpressionFault(f"{name} and {below} can't be asked for in one expression")


# ── trying it out ────────────────────────────────────────────────────────────────────────────────


def trial(expression: Expression, *, said: frozenset[str], wants_bool: bool = True) -> str | None:
    """What is wrong with an expression as far as trying it shows: with a value for every fact, and with null for all
    that may be null but for `said`. None when nothing is. Open facts may be anything: nothing is tried with them."""
    if any(is_open(name) for name in expression.names):
        return None
    everything = {name: _sample(name) for name in expression.names}
    silent = {
        name: None if FACTS[name].nullable and name not in said else value
        for name, value in everything.items()
    }
    for values, told in ((everything, ""), (silent, " where nothing is said")):
        try:
            value = expression(values)
        except ExpressionFault as fault:
            return f"can't be computed{told}: {fault}"
        if wants_bool and not isinstance(value, bool):
            return "is not true or false"
    return None


def _sample(name: str) -> Any:
    numeric = FACTS[name].kind is Kind.LIST and name.startswith("d.") and "port" in name
    return _PORTS if numeric else _SAMPLES[FACTS[name].kind]
