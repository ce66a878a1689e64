"""How answers put times, amounts and long lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from alma.core.language.answering.budget import dollars as money
from alma.core.language.answering.budget import signed
from alma.core.language.vocabulary.defaults import apart, listed, plural
from alma.core.model.plan import Action, Plan, PlanKind

__all__ = [
    "SHOWN",
    "ago",
    "apart",
    "at",
    "by_action",
    "counted",
    "money",
    "more",
    "of_plan",
    "sentences",
    "short",
    "signed",
    "some",
    "state",
]

SHOWN = 6
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))
_DONE = {
    Action.CREATE: "create",
    Action.ADOPT: "adopt",
    Action.UPDATE: "change",
    Action.REPLACE: "replace",
    Action.DELETE: "remove",
    Action.RELEASE: "let go of",
}


def ago(then: datetime, now: datetime) -> str:
    """`3 minutes ago (2026-11-22 13:05 UTC)`. A moment that is still to come, by a clock that differs, is just now."""
    seconds = int((now - then).total_seconds())
    for unit, length in _UNITS:
        if seconds >= length:
            when = f"{plural(unit, seconds // length)} ago"
            break
    else:
        when = "just now"
    return f"{when} ({at(then)})"


def at(then: datetime) -> str:
    """The moment in UTC, to the minute."""
    return then.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def some(words: Iterable[str], *, shown: int = SHOWN) -> str:
    """`a, b and c`; of a long list the beginning, and how many more."""
    return listed(list(words), shown=shown)


def sentences(parts: Iterable[str]) -> str:
    """The parts that say something, each with its full stop."""
    return " ".join(
        part if part.endswith((".", "?", "!", ":")) else f"{part}." for part in parts if part
    )


def by_action(plan: Plan) -> str:
    """`create 3 (net, db and web), change 1 (lb)`: what a plan does, by what happens."""
    told = []
    for action, verb in _DONE.items():
        addresses = [change.address for change in plan.changes if change.action is action]
        if addresses:
            told.append(f"{verb} {len(addresses)} ({some(addresses, shown=4)})")
    return ", ".join(told) or "change nothing"


def of_plan(plan: Plan) -> str:
    """`deploying shop on simulation`."""
    verb = "removing" if plan.target.kind is PlanKind.DESTROY else "deploying"
    return f"{verb} {plan.blueprint_name} on {plan.target.engine}"


def short(digest: str) -> str:
    """The beginning of a digest: enough to tell two apart."""
    return digest.rpartition(":")[2][:12]


def state(value: str) -> str:
    """A state's name as a word."""
    return value.replace("_", " ")


def counted(noun: str, total: int, order: str = "newest first") -> str:
    """`3 stacks, newest first`; one alone has no order."""
    return f"{plural(noun, total)}, {order}" if total > 1 else plural(noun, total)


def more(shown: Sequence[object], total: int) -> str:
    """What a cut list leaves out."""
    return f" and {total - len(shown)} more" if total > len(shown) else ""
