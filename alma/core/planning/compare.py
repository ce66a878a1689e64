"""Says what moved between the plan that was approved and the plan that would run now."""

from __future__ import annotations

from alma.core.model.base import digest_of
from alma.core.model.errors import PlanStale
from alma.core.model.plan import Change, Plan
from alma.core.model.state import Observation

_INPUTS = {
    "target": "what is to be done, or where",
    "place": "the host that the engine works on, or a setting of the engine",
    "blueprint": "the blueprint's revision",
    "desired": "what the blueprint resolves to on this engine",
    "observed": "what runs now",
    "steps": "what is done, how and in which order",
}
_JUDGED_BY = {"policy": "the rules changed", "prices": "the prices changed"}


def require_same_place(approved: Plan, seen: Observation) -> None:
    """Raises PlanStale when this was seen at another place than the plan was made for."""
    if approved.inputs.get("place") == digest_of(seen.place):
        return
    raise PlanStale(
        f"'{approved.target.engine}' leads to another place, or works in another way, than when the plan was approved",
        hint="what was made so far is at the earlier place: set the connection back and plan again",
        details={"differences": [f"changed since: {_INPUTS['place']}"]},
    )


def differences(approved: Plan, now: Plan) -> tuple[str, ...]:
    """One sentence for each difference, empty when the digests agree."""
    if approved.digest == now.digest:
        return ()
    before = {change.address: change for change in approved.changes}
    after = {change.address: change for change in now.changes}
    found = [
        f"{address}: {text}"
        for address in sorted(before | after)
        if (text := _moved(before.get(address), after.get(address)))
    ]
    inputs = [
        f"changed since: {what}" for name, what in _INPUTS.items() if _other(name, approved, now)
    ]
    judged = [words for name, words in _JUDGED_BY.items() if _other(name, approved, now)]
    return (*found, *inputs, *judged)


def _other(name: str, approved: Plan, now: Plan) -> bool:
    return approved.inputs.get(name) != now.inputs.get(name)


def _moved(before: Change | None, after: Change | None) -> str | None:
    if before is None or after is None:
        present = before or after
        assert present is not None
        return f"{present.action} is {'no longer' if after is None else 'newly'} part of the plan"
    if before.action is not after.action:
        return f"{before.action} became {after.action} ({after.reason})"
    if before.fields != after.fields:
        paths = sorted(
            {field.path for field in before.fields} ^ {field.path for field in after.fields}
        )
        return f"{after.action} changes different fields: {', '.join(paths) or 'other values'}"
    if before.object_id != after.object_id:
        return "it is another object now"
    if _site(before) != _site(after):
        return f"it would go to {_site(after) or 'no certain place'} instead of {_site(before) or 'no certain place'}"
    return None


def _site(change: Change) -> str:
    placement = change.desired.placement if change.desired else None
    return (
        ", ".join(f"{name} {at}" for name, at in sorted(placement.site.items()))
        if placement
        else ""
    )
