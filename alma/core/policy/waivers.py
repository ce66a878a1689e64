"""Waivers: somebody answers for a broken rule, with a reason and until a day. Both are needed, or it is no waiver.

They stand in a blueprint (`metadata.policy.waivers`), where they are reviewed with it, or are stored for a project.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from alma.core.model.blueprint import Blueprint
from alma.core.model.finding import Waiver
from alma.core.policy.declared import at

_FIELDS = {"rule", "resource", "reason", "expires", "by", "approved_by"}


@dataclass(frozen=True, slots=True)
class Faulty:
    """Waivers that waive nothing: what is missing from them, and those that are over."""

    invalid: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()


class Waivers:
    """The waivers that hold for one blueprint on one day."""

    def __init__(self, blueprint: Blueprint, *, stored: Iterable[Waiver] = (), today: date) -> None:
        written, invalid = _written(blueprint)
        mine = [w for w in stored if w.blueprint is None or w.blueprint == blueprint.name]
        expired = [w for w in (*written, *mine) if w.expires < today]
        self.faulty = Faulty(invalid=tuple(invalid), expired=tuple(map(_told, expired)))
        self._by_rule: dict[str, list[tuple[re.Pattern[str], Waiver]]] = defaultdict(list)
        for waiver in (*written, *mine):
            if waiver.expires >= today:
                self._by_rule[waiver.rule].append((_pattern(waiver.resource), waiver))

    def of(self, rule: str, resource: str | None) -> Waiver | None:
        """The first waiver of that rule for that resource; for the whole blueprint, one whose pattern is `*`."""
        for pattern, waiver in self._by_rule.get(rule, ()):
            if pattern.fullmatch(resource) if resource is not None else waiver.resource == "*":
                return waiver
        return None


def _written(blueprint: Blueprint) -> tuple[list[Waiver], list[str]]:
    """The waivers that stand in the blueprint, and what is wrong with the others."""
    found = at(blueprint.metadata, ("policy", "waivers"))
    if found is None:
        return [], []
    if not isinstance(found, list | tuple):
        return [], ["metadata.policy.waivers is no list"]
    read = [_read(entry, number) for number, entry in enumerate(found)]
    return [w for w in read if isinstance(w, Waiver)], [w for w in read if isinstance(w, str)]


def _read(entry: Any, number: int) -> Waiver | str:
    """The waiver, or what it lacks. A text names the entry and its fault, for people."""
    name = f"metadata.policy.waivers.{number}"
    if not isinstance(entry, Mapping):
        return f"{name} is no mapping"
    rule = entry.get("rule")
    named = f"{name} ({rule})" if isinstance(rule, str) else name
    for key in ("rule", "reason", "expires"):
        if not str(entry.get(key) or "").strip():
            return f"{named} has no {key}"
    if unknown := sorted(set(entry) - _FIELDS):
        return f"{named} has an unknown field '{unknown[0]}'"
    try:
        return Waiver(
            id=name,
            rule=entry["rule"],
            resource=entry.get("resource") or "*",
            blueprint=None,
            reason=entry["reason"],
            expires=date.fromisoformat(str(entry["expires"])),
            by=_by(entry),
        )
    except ValidationError as error:
        field = error.errors()[0]["loc"][0]
        return f"{named} has a {field} that is none"
    except ValueError:
        return f"{named} expires on a day that is none: write 2027-01-31"


def _by(entry: Mapping[str, Any]) -> str:
    """Who answers for it. Whoever writes a blueprint may write any name: it is told as the blueprint's word."""
    said = str(entry.get("by") or entry.get("approved_by") or "").strip()
    return f"{said}, as the blueprint says" if said else ""


def _told(waiver: Waiver) -> str:
    where = f" of {waiver.resource}" if waiver.resource != "*" else ""
    return f"{waiver.rule}{where}, over since {waiver.expires.isoformat()}"


def _pattern(resource: str) -> re.Pattern[str]:
    """A name in which `*` stands for anything. Each part is looked for once, at its first place: a name that does not
    match is known not to in linear time, however many stars there are."""
    first, *rest = map(re.escape, re.sub(r"\*+", "*", resource).split("*"))
    if not rest:
        return re.compile(first, re.IGNORECASE)
    *between, last = rest
    skips = "".join(f"(?>.*?{part})" for part in between)
    return re.compile(f"{first}{skips}.*{last}", re.IGNORECASE | re.DOTALL)
