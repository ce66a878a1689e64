"""Statements as plain orders, one for each: what the grammar is sure to understand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from alma.core.language.changing.targets import stem
from alma.core.language.weighing.signs import WORDS, Mark
from alma.core.language.weighing.statements import Statement
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import COMPUTE, Resource
from alma.core.model.units import Size

_FACTORS = {"2": "double", "3": "triple", "4": "quadruple", "0.5": "halve"}
_UNIT = re.compile(r"[a-zA-Z]+$")
_SCALED = {"set": "to", "add": "up by", "subtract": "down by"}
_COUNTS = {"count", "times"}
_SIZED = {None, "specs.memory", "specs.disk", "specs.cpu"}
_HELD = ("specs.disk", "specs.memory", "specs.cpu", "specs.nodes", "specs.workers")


def plain(statements: Sequence[Statement], resources: Sequence[Resource]) -> str | None:
    """The orders, or None where one of them can't be put plainly."""
    known = {resource.name: resource for resource in resources}
    if _others(statements, known):
        return None
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


def _others(statements: Sequence[Statement], known: Mapping[str, Resource]) -> bool:
    """`Three more VMs with 16GB each`, beside one of 8GB: more of another size are things of their own, and what is
    there keeps its own."""
    told = [s for s in statements if s.amount is not None and s.beside]
    more = {s.names for s in told if s.op == "add" and s.amount and s.amount.path == "count"}
    sized = (s for s in told if s.op == "set" and s.names in more)
    return any(_differs(said.amount, known[name]) for said in sized for name in said.names)


def _differs(amount: Mark | None, resource: Resource) -> bool:
    """Whether a resource has less or more than an amount."""
    if amount is None or amount.factor or amount.path == "count":
        return False
    present = value_of(resource, amount.path or "specs.memory") if amount.path in _SIZED else None
    if amount.word == "size":
        return not (isinstance(present, Size) and present == Size(amount.text))
    return str(present) != amount.text


def _numbering(statement: Statement, known: Mapping[str, Resource]) -> Statement:
    """The statement with the property that an amount without one can only be of."""
    amount = statement.amount
    if amount is not None and amount.factor and amount.path == "count":
        present = sum(known[name].count for name in statement.names)
        text = f"{present * float(amount.text):g}"
        return replace(statement, op="set", amount=replace(amount, factor=False, text=text))
    if amount is None or amount.path is not None or amount.factor:
        return statement
    path, text = None, amount.text
    machines = all(known[name].type in COMPUTE for name in statement.names)
    if amount.was == str(sum(known[name].count for name in statement.names)) and machines:
        path = "count"
    elif amount.was:
        path, text = _of_what_was(amount, known[statement.names[0]])
    elif amount.word == "size" and statement.op != "set":
        path = _space(amount, known[statement.names[0]])
    elif amount.word == "number":
        path = "count" if (machines and len(statement.names) > 1) or statement.op != "set" else None
    return replace(statement, amount=replace(amount, path=path, text=text))


def value_of(resource: Resource, path: str) -> object:
    """What a resource has of a property that amounts are read for; None where nothing is said of it."""
    if path == "count":
        return resource.count
    name = path.partition(".")[2]
    return (
        resource.specs.disk_size if name in {"disk", "storage"} else getattr(resource.specs, name)
    )


def _of_what_was(amount: Mark, resource: Resource) -> tuple[str | None, str]:
    """`500 instead of 100`, `3000 -> 8080`: the property that had what is said to have been, and its unit."""
    held = {path: value_of(resource, path) for path in (*_HELD, "count")}
    if any(str(port) == amount.was for port in resource.network.ports):
        return "network.ports", amount.text
    for path, value in held.items():
        number, unit = _UNIT.sub("", str(value)), "".join(_UNIT.findall(str(value)))
        if amount.was in {number, str(value)}:
            return path, amount.text if amount.word == "size" else f"{amount.text}{unit}"
    return None, amount.text


def _space(amount: Mark, resource: Resource) -> str:
    """Of what a size without a noun is more or less: of the disk, where it is more than the memory there is."""
    specs = resource.specs
    large = specs.memory is None or Size(amount.text) > specs.memory
    return "specs.disk" if specs.disk_size is not None and large else "specs.memory"


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
    if word is None:
        return f"{verb} {name} by {amount.text}" if amount.word == Kind.PERCENT else None
    return f"{verb} the {word} of {name} by {amount.text}"


def _of_other_kind(amount: Mark, name: str, op: str) -> str | None:
    """What is no size of anything: a number, a name, a version, a system."""
    if amount.path in _COUNTS:
        return f"scale {name} {_SCALED[op]} {amount.text}"
    wordings = {
        "name": f"rename {name} to {amount.text}",
        "network.ports": f"open port {amount.text} on {name}. close port {amount.was} on {name}"
        if amount.was
        else None,
        "version": f"upgrade {name} to version {amount.text}",
        "image": f"set the image of {name} to {amount.text}",
    }
    return wordings.get(amount.path or "") if op == "set" else None
