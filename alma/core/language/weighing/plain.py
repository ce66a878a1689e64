"""Statements as plain orders, one for each: what the grammar is sure to understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from alma.core.language.changing.targets import stem
from alma.core.language.weighing.signs import WORDS, Mark
from alma.core.language.weighing.statements import Statement
from alma.core.model.blueprint import COMPUTE, Resource

_FACTORS = {"2": "double", "3": "triple", "4": "quadruple", "0.5": "halve"}
_SCALED = {"set": "to", "add": "up by", "subtract": "down by"}
_COUNTS = {"count", "times"}


def plain(statements: Sequence[Statement], resources: Sequence[Resource]) -> str | None:
    """The orders, or None where one of them can't be put plainly."""
    known = {resource.name: resource for resource in resources}
    orders: list[str] = []
    for statement in statements:
        told = _numbering(statement, known)
        for name in (
            _tiers(told, known) if told.amount and told.amount.path in _COUNTS else told.names
        ):
            order = _order(told, name)
            if order is None:
                return None
            orders.append(order)
    return ". ".join(dict.fromkeys(orders)) or None


def _numbering(statement: Statement, known: Mapping[str, Resource]) -> Statement:
    """The statement, where a bare number can only be how many there are: `api +2`, `web servers to 5`."""
    amount = statement.amount
    if amount is None or amount.path is not None or amount.word != "number":
        return statement
    tier = len(statement.names) > 1 and all(known[n].type in COMPUTE for n in statement.names)
    if statement.op == "set" and not tier:
        return statement
    return replace(statement, amount=replace(amount, path="count"))


def _tiers(statement: Statement, known: Mapping[str, Resource]) -> list[str]:
    """What tiers of machines are called whose number changes."""
    if any(known[name].type not in COMPUTE for name in statement.names):
        return list(statement.names)
    alone = len(statement.names) == 1
    return list(dict.fromkeys(name if alone else stem(known[name]) for name in statement.names))


def _order(statement: Statement, name: str) -> str | None:
    amount, word = statement.amount, None
    if amount is None:
        return f"remove {name}"
    if amount.path is not None:
        word = WORDS.get(amount.path)
        if word is None:
            return _of_other_kind(amount, name, statement.op)
    if amount.factor:
        return f"{_FACTORS[amount.text]} " + (f"the {word} of {name}" if word else name)
    if statement.op == "set":
        return (
            f"set the {word} of {name} to {amount.text}" if word else f"set {name} to {amount.text}"
        )
    verb = "increase" if statement.op == "add" else "decrease"
    return f"{verb} the {word} of {name} by {amount.text}" if word else None


def _of_other_kind(amount: Mark, name: str, op: str) -> str | None:
    """What is no size of anything: a number, a name, a version, a system."""
    if amount.path in _COUNTS:
        return f"scale {name} {_SCALED[op]} {amount.text}"
    wordings = {
        "name": f"rename {name} to {amount.text}",
        "version": f"upgrade {name} to version {amount.text}",
        "image": f"set the image of {name} to {amount.text}",
    }
    return wordings.get(amount.path or "") if op == "set" else None
