"""What a plan would do, in the words that a person approves: an approval said in a conversation counts for what these
words name, so they name every kind of change, by address, and above all what is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from alma.core.language.answering.budget import about
from alma.core.language.vocabulary.defaults import listed, plural
from alma.core.model.blueprint import Blueprint
from alma.core.model.cost import Estimate
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.plan import Action, Change, Plan, PlanKind

_SHOWN = 8
# A hint of more characters is a catalogue.
_LONG = 120
_DONE = {
    Action.CREATE: "create",
    Action.UPDATE: "change",
    Action.REPLACE: "replace",
    Action.DELETE: "remove",
    Action.ADOPT: "take over",
    Action.RELEASE: "let go",
}
_INDEX = re.compile(r"^resources\.(\d+)(?:\.|$)")


def summary(plan: Plan, costs: Estimate | None = None) -> str:
    """What a plan would do: which addresses, by what happens to them; what is lost; what restarts; the first warning;
    and what is paid for it afterwards, where that is given."""
    told = [
        f"{len(names)} to {word} ({listed(names, shown=_SHOWN)})"
        for action, word in _DONE.items()
        if (names := _addresses(change for change in plan.changes if change.action is action))
    ]
    parts = [
        f"On {plan.target.engine}: {', '.join(told) or 'nothing to do'}.",
        _lost(plan),
        _restarted(plan),
        _warned(plan),
        "" if costs is None else f"Then it costs {about(costs)}.",
    ]
    return " ".join(part for part in parts if part)


def faults(diagnostics: Sequence[Diagnostic], blueprint: Blueprint | None = None) -> str:
    """What forbids a plan, each with the resource it is about by its name."""
    errors = [item for item in diagnostics if item.severity == "error"]
    return "; ".join(_fault(item, blueprint) for item in errors)


def _fault(item: Diagnostic, blueprint: Blueprint | None) -> str:
    found = _INDEX.match(item.path)
    if blueprint is None or found is None or int(found[1]) >= len(blueprint.resources):
        return str(item)
    hint = f" ({item.hint})" if item.hint and len(item.hint) <= _LONG else ""
    return f"{blueprint.resources[int(found[1])].name}: {item.message}{hint}"


def _lost(plan: Plan) -> str:
    names = _addresses(plan.destructive)
    if not names:
        return ""
    inside = "in it" if len(names) == 1 else "in them"
    return f"This destroys {listed(names, shown=_SHOWN)}, with what is {inside}."


def _restarted(plan: Plan) -> str:
    names = _addresses(change for change in plan.changes if change.reboots)
    if not names:
        return ""
    return f"{listed(names, shown=_SHOWN)} {'restarts' if len(names) == 1 else 'restart'} for it."


def _warned(plan: Plan) -> str:
    warnings = [item for item in plan.diagnostics if item.severity == "warning"]
    if not warnings:
        return ""
    first = warnings[0].message.rstrip(".")
    return (
        f"A warning: {first}."
        if len(warnings) == 1
        else f"{plural('warning', len(warnings))}, first: {first}."
    )


def nothing(plan: Plan) -> str:
    """Why a plan without changes needs no request."""
    name, engine = plan.blueprint_name, plan.target.engine
    if plan.target.kind is not PlanKind.DESTROY:
        return f"{name} is on {engine} as the draft says: nothing to do."
    kept = listed([change.address for change in plan.changes], shown=_SHOWN)
    rest = f"; what holds data is kept: {kept}" if kept else ""
    return f"Nothing of {name} on {engine} is left to remove{rest}."


def _addresses(changes: Iterable[Change]) -> list[str]:
    return [change.address for change in changes]
