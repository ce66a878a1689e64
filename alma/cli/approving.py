"""What a request waits for, in words: how many approvals, whose, and who holds it up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alma.cli.shapes import IPR

# In these people can still say something that matters.
_OPEN = frozenset({"pending", "approved", "failed"})


def waits_for(ipr: IPR) -> str:
    """What a request waits for, in the server's words; empty where it waits for nobody."""
    found = ipr.get("approvals")
    if not found or found["complete"] or ipr["status"] not in _OPEN:
        return ""
    return str(found["missing"])


def lacks(ipr: IPR) -> Mapping[str, Any]:
    """What is missing, as a refusal of the server says it."""
    found = ipr.get("approvals") or {"needs": (), "held_by": ()}
    names = ("approvers", "engine", "environment", "given_by")
    missing = [
        {"approvals": need["missing"], **{name: need[name] for name in names}}
        for need in found["needs"]
        if need["missing"]
    ]
    return {"ipr_id": ipr["id"], "missing": missing, "held_by": list(found["held_by"])}


def approval_lines(ipr: IPR) -> Iterator[str]:
    """A line for each rule that the request fits, and one for who holds it up."""
    found = ipr.get("approvals")
    if not found or ipr["status"] not in _OPEN:
        return
    for need in found["needs"]:
        number, wanted = need["missing"], need["approvals"]
        count = f"{number or wanted} of {wanted} {_noun(wanted)}{_scope(need)}"
        given = f"; given by {', '.join(need['given_by'])}" if need["given_by"] else ""
        yield f"{'waits for' if number else 'has'} {count}{given}"
    if found["held_by"]:
        yield _held_up(found["held_by"])


def told_missing(details: Mapping[str, Any]) -> list[str]:
    """What a refusal says is missing, a line for each; nothing where one approval of anybody is all there is to it."""
    missing, held_by = details.get("missing") or [], details.get("held_by") or []
    lines = [_missing(entry) for entry in missing if isinstance(entry, Mapping)]
    if held_by:
        return [*lines, _held_up(held_by)]
    usual = (
        len(missing) == 1 and missing[0].get("approvals") == 1 and not missing[0].get("given_by")
    )
    return [] if usual and not _scope(missing[0]) else lines


def after_them(number: int) -> str:
    """What comes next where others have to agree first."""
    return f"they look at it and say `alma iprs approve {number}`; then: alma iprs deploy {number}"


def _held_up(names: Sequence[str]) -> str:
    return f"held up by {', '.join(names)}, who asked for changes and has not approved since"


def _missing(entry: Mapping[str, Any]) -> str:
    number = entry["approvals"]
    more = " more" if entry.get("given_by") else ""
    return f"{number}{more} {_noun(number)} {'is' if number == 1 else 'are'} missing{_scope(entry)}"


def _scope(entry: Mapping[str, Any]) -> str:
    engine, environment = entry.get("engine"), entry.get("environment")
    whose = ", ".join(entry.get("approvers") or ())
    parts = [
        f" on {engine}" if engine else "",
        f" in {environment}" if environment else "",
        f", of {whose}" if whose else "",
    ]
    return "".join(parts)


def _noun(number: int) -> str:
    return "approval" if number == 1 else "approvals"
