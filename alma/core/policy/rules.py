"""One rule, ready to be asked: its expressions compiled, its facts named, its message and its fixes checked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from operator import itemgetter
from typing import Any

from alma.core.model.base import Json
from alma.core.model.blueprint import Origin
from alma.core.model.conversation import Edit, SetBlueprint, SetField
from alma.core.model.finding import Result, Rule, Scope
from alma.core.model.plain import Location
from alma.core.policy.expressions import Expression, ExpressionFault, compiled, trial
from alma.core.policy.vocabulary import fact, is_open

_HOLE = re.compile(r"\{([^{}]*)\}")
_ROOTS = {Scope.RESOURCE: ("r", "d", "g", "bp"), Scope.BLUEPRINT: ("g", "bp")}
_FIX_KEYS = frozenset({"path", "value", "expression", "default", "when"})
_PATH = re.compile(r"^[a-z_]+(\.[A-Za-z0-9_-]+)*$")

Row = Mapping[str, Any]


class RuleFault(ValueError):
    """Why a rule can't be used; `location` is where, inside the rule."""

    def __init__(self, message: str, *location: str | int) -> None:
        super().__init__(message)
        self.location: Location = location


@dataclass(frozen=True, slots=True)
class Fix:
    """A value that mends something, given or computed. `default`: only where nothing is said. `when`: only where that
    is true, so that nothing is offered that mends nothing."""

    path: str
    value: Json = None
    expression: Expression | None = None
    default: bool = False
    when: Expression | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The facts that it is computed from, or compared with."""
        said = (self.said,) if self.said else ()
        asked = (e.names for e in (self.expression, self.when) if e is not None)
        return (*said, *(name for names in asked for name in names))

    @property
    def said(self) -> str | None:
        """The fact that tells what is said there now, where there is one."""
        root = "bp" if self.path.startswith("metadata.") else "r"
        return name if fact(name := f"{root}.{self.path}") is not None else None


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule that can be asked. `names` are the facts it needs in the order of `pick`; `doubts` are what is probably
    not meant. `line` is where it stands in its pack, where that is known; `open` says that it asks for facts of any
    kind."""

    rule: Rule
    applies: Expression | None
    holds: Expression
    names: tuple[str, ...]
    shown: tuple[str, ...]
    fixes: tuple[Fix, ...]
    line: int | None
    examples_on: date | None
    doubts: tuple[RuleFault, ...]
    open: bool

    @property
    def wanted(self) -> frozenset[str]:
        """Every fact that it asks for, shows, or computes a fix from."""
        computed = (name for fix in self.fixes for name in fix.names)
        return frozenset((*self.names, *self.shown, *computed))

    def pick(self) -> Callable[[Row], tuple[Any, ...]]:
        """What takes the values of `names` out of a row."""
        if not self.names:
            return _nothing
        if len(self.names) == 1:
            only = self.names[0]
            return lambda row: (row[only],)
        return itemgetter(*self.names)

    def changed(self, rule: Rule) -> CompiledRule:
        """The same with another level or severity."""
        return replace(self, rule=rule)

    def ask(self, row: Row) -> Result | None:
        """What it says; None where it does not apply. Raises ExpressionFault where it can't be computed."""
        if self.applies is not None and _truth(self.applies, row) is False:
            return None
        if any(row[name] is None for name in self.rule.needs):
            return self.rule.on_missing
        return Result.PASS if _truth(self.holds, row) else Result.FAIL

    def message(self, name: str, row: Row) -> str:
        """What is wrong, with the facts filled in."""
        return _HOLE.sub(
            lambda hole: name if hole[1] == "name" else shown(row[hole[1]]), self.rule.message
        )

    def mend(self, name: str, row: Row) -> tuple[Edit, ...]:
        """The edits that mend it. One that can't be computed with these facts is left out."""
        values = {fix.path: value for fix in self.fixes if (value := _value(fix, row)) is not _LEFT}
        if self.rule.scope is Scope.BLUEPRINT:
            metadata = {path.removeprefix("metadata."): value for path, value in values.items()}
            return (SetBlueprint(metadata=metadata, origin=Origin.INFERRED),) if metadata else ()
        return tuple(
            SetField(name=name, path=path, value=value, origin=Origin.INFERRED)
            for path, value in values.items()
        )


_LEFT = object()


def _nothing(row: Row) -> tuple[Any, ...]:
    return ()


def _truth(expression: Expression, row: Row) -> bool:
    value = expression(row)
    if not isinstance(value, bool):
        raise ExpressionFault("it is not true or false")
    return value


def _value(fix: Fix, row: Row) -> Any:
    """The value that mends, or nothing where it is said already, or can't be computed."""
    said = row.get(fix.said) if fix.said else None
    if fix.default and said is not None:
        return _LEFT
    try:
        if fix.when is not None and fix.when(row) is not True:
            return _LEFT
        value = fix.value if fix.expression is None else fix.expression(row)
    except ExpressionFault:
        return _LEFT
    return _LEFT if said is not None and value == _plain(said) else value


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def shown(value: Any) -> str:
    """A fact's value for people."""
    if value is None:
        return "not said"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value)


# ── compiling ────────────────────────────────────────────────────────────────────────────────────


def compile_rule(rule: Rule, *, line: int | None, examples_on: date | None) -> CompiledRule:
    """The rule, ready. Raises RuleFault for what can't be used."""
    roots = _ROOTS[rule.scope]
    if rule.scope is Scope.BLUEPRINT and rule.types:
        raise RuleFault("a rule about the whole blueprint has no types", "types")
    if rule.on_missing is Result.WAIVED:
        raise RuleFault("on_missing is pass, fail or unknown", "on_missing")
    for number, name in enumerate(rule.needs):
        if fact(name) is None or name.split(".")[0] not in roots:
            raise RuleFault(f"there is no fact {name}", "needs", number)
    applies = None
    if rule.applies.strip() != "true":
        applies = _compiled(rule.applies, roots, "applies")
    holds = _compiled(rule.holds, roots, "assert")
    asked = (*(applies.names if applies else ()), *rule.needs, *holds.names)
    names = tuple(dict.fromkeys(asked))
    return CompiledRule(
        rule=rule,
        applies=applies,
        holds=holds,
        names=names,
        shown=_holes(rule, roots),
        fixes=tuple(_fix(rule, entry, number) for number, entry in enumerate(rule.fix)),
        line=line,
        examples_on=examples_on,
        doubts=_doubts(rule, applies, holds),
        open=any(map(is_open, names)),
    )


def _compiled(source: str, roots: tuple[str, ...], key: str) -> Expression:
    try:
        return compiled(source, roots)
    except ExpressionFault as fault:
        raise RuleFault(f"{key}: {fault}", key) from None


def _doubts(rule: Rule, applies: Expression | None, holds: Expression) -> tuple[RuleFault, ...]:
    """What trying it out shows. What `applies` has asked for is taken as said afterwards."""
    found = []
    if applies is not None and (problem := trial(applies, said=frozenset())):
        found.append(RuleFault(f"applies {problem}", "applies"))
    said = frozenset((*rule.needs, *(applies.names if applies else ())))
    if problem := trial(holds, said=said):
        found.append(RuleFault(f"assert {problem}", "assert"))
    return tuple(found)


def _holes(rule: Rule, roots: tuple[str, ...]) -> tuple[str, ...]:
    """The facts that the message shows."""
    found = [name for name in _HOLE.findall(rule.message) if name != "name"]
    for name in found:
        if fact(name) is None or name.split(".")[0] not in roots:
            raise RuleFault(f"message: there is no fact {name}", "message")
    return tuple(dict.fromkeys(found))


def _fix(rule: Rule, entry: Mapping[str, Json], number: int) -> Fix:
    where = ("fix", number)
    if unknown := sorted(set(entry) - _FIX_KEYS):
        raise RuleFault(f"fix: unknown field '{unknown[0]}'", *where, unknown[0])
    path = entry.get("path")
    if not isinstance(path, str) or not _PATH.fullmatch(path):
        raise RuleFault("fix: path is the field that is set: network.public_ip", *where)
    if rule.scope is Scope.BLUEPRINT and not path.startswith("metadata."):
        raise RuleFault("fix: of a blueprint, only metadata can be set", *where, "path")
    if ("value" in entry) == ("expression" in entry):
        raise RuleFault("fix: either a value or an expression", *where)
    return Fix(
        path,
        entry.get("value"),
        _computed(rule, entry, ("expression", number)),
        entry.get("default") is True,
        _computed(rule, entry, ("when", number)),
    )


def _computed(rule: Rule, entry: Mapping[str, Json], place: tuple[str, int]) -> Expression | None:
    key, number = place
    if key not in entry:
        return None
    try:
        return compiled(str(entry[key]), _ROOTS[rule.scope])
    except ExpressionFault as fault:
        raise RuleFault(f"fix: {fault}", "fix", number, key) from None
