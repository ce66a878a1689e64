"""A plan as a diff that can be read before it is approved: what goes away first, values before and after, and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from alma.cli.shapes import Change, Diagnostic, Drift, Field, Json, Plan

SIGNS = {
    "create": ("+", "green"),
    "update": ("~", "yellow"),
    "replace": ("-/+", "magenta"),
    "delete": ("-", "red"),
    "adopt": ("=", "cyan"),
    "release": ("=", "cyan"),
    "no-op": (" ", "dim"),
}
_WORDS = {
    "create": "created",
    "update": "changed",
    "replace": "replaced",
    "delete": "deleted",
    "adopt": "adopted as it is",
    "release": "released",
    "no-op": "kept",
}
_EFFECTS = {"replace": "forces a replacement", "reboot": "needs a restart"}
_SEVERITIES = {"error": ("✗", "bold red"), "warning": ("!", "yellow"), "info": ("i", "dim")}
_DRIFTS = {"changed": "yellow", "gone": "red", "moved": "cyan"}
_LONGEST_VALUE = 160
_OF_ONE = {"address", "after", "object_id", "placement"}


def render_plan(plan: Plan) -> RenderableType:
    """The whole plan."""
    return Group(*_lines(plan))


def has_changes(plan: Plan) -> bool:
    """Whether the plan does anything."""
    return any(change["action"] != "no-op" for change in plan["changes"])


def _lines(plan: Plan) -> Iterator[Text]:
    what = "Destroy" if plan["kind"] == "destroy" else "Plan for"
    yield Text.assemble(
        (f"{what} ", ""), (plan["blueprint_name"], "bold"), (" on ", ""), (plan["engine"], "bold")
    )
    long = True
    for _, alike in groupby(_in_order(plan["changes"]), key=lambda change: _alike(change, plan)):
        first, *others = alike
        lines = list(_change(first, plan, others))
        if long or len(lines) > 1:
            yield Text("")
        long = len(lines) > 1
        yield from lines
    yield from _pace(plan)
    yield from _drift(plan)
    yield from _notes(_not_told_yet(plan))
    yield Text("")
    yield summary_line(plan)
    yield from _goes_away(plan)


def _pace(plan: Plan) -> Iterator[Text]:
    """How it goes through what runs, where not all at once: who is changed together, group by group."""
    strategy, batch = plan.get("strategy", "all-at-once"), plan.get("batch")
    disturbed = {c["address"] for c in plan["changes"] if c["action"] in {"update", "replace"}}
    if strategy == "all-at-once" or not disturbed:
        return
    groups = [[name for name in wave if name in disturbed] for wave in plan.get("waves", [])]
    told = [", ".join(_few(group)) for group in groups if group]
    pace = f"{strategy}, {batch} of each at a time" if batch else strategy
    shown_groups = " → ".join(_few(told, most=6))
    yield Text("")
    yield Text.assemble(
        ("Pace: ", "bold"), f"{pace}; each is proven before the next: ", (shown_groups, "cyan")
    )


def _few(items: Sequence[str], *, most: int = 8) -> list[str]:
    return [*items[:most], f"{len(items) - most} more"] if len(items) > most else [*items]


def _in_order(changes: Sequence[Change]) -> list[Change]:
    """What goes away first; what merely stays is counted, unless it is kept on purpose."""
    shown = [c for c in changes if c["action"] != "no-op" or _kept(c)]
    return sorted(shown, key=lambda c: (not c["destructive"], c["action"] == "no-op"))


def _alike(change: Change, plan: Plan) -> str:
    """Equal for changes that only differ in their address, such as those of one resource's instances."""
    rest = {key: value for key, value in change.items() if key not in _OF_ONE}
    takes_down = plan.get("blast_radius", {}).get(change["address"])
    return json.dumps([rest, takes_down], sort_keys=True)


def _kept(change: Change) -> bool:
    return change["action"] == "no-op" and change["reason"].startswith("kept")


def _change(change: Change, plan: Plan, others: Sequence[Change]) -> Iterator[Text]:
    sign, style = SIGNS[change["action"]]
    line = Text.assemble(
        (f"{sign:>3} ", f"bold {style}"),
        (f"{change['type']} ", style),
        (", ".join(item["address"] for item in [change, *others]), f"bold {style}"),
    )
    for mark in _marks(change, plan["kind"]):
        line.append(f"  {mark}", style="bold red" if change["destructive"] else "yellow")
    yield line
    if not _obvious(change, plan):
        yield Text(f"      {change['reason']}", style="dim")
    after = plan.get("blast_radius", {}).get(change["address"])
    if after:
        yield Text(f"      takes down for a while: {', '.join(after)}", style="red")
    yield from (_field(field, change["fields"]) for field in change["fields"])
    if change["action"] == "create":
        yield from _wanted(change.get("wanted", {}))
        yield from _places([change, *others])
    for note in change["support"]:
        style = "yellow" if note["level"] == "approximated" else "red"
        what = f"{note['path']}: " if note["path"] else ""
        yield Text(f"    ! {what}{note['level']}: {note['reason']}", style=style)


def _obvious(change: Change, plan: Plan) -> bool:
    """Whether the reason only says what the lines around it say."""
    if change["action"] == "update":
        return change["reason"] == ", ".join(f["path"] for f in change["fields"]) + " changed"
    return plan["kind"] == "destroy" and change["action"] == "delete"


def _marks(change: Change, kind: str) -> Iterator[str]:
    if kind == "destroy":
        if change["destructive"] and change["type"] == "volume":
            yield "WITH ITS DATA"
    elif change["destructive"]:
        yield (
            "DESTRUCTIVE"
            if change["action"] == "delete"
            else "DESTRUCTIVE: removed, then made anew"
        )
    if change["reboots"]:
        yield "restarts"


def _values(field: Field) -> Text:
    """Before and after; of two lists that share something, what leaves and what comes."""
    before, after = field["before"], field["after"]
    if isinstance(before, list) and isinstance(after, list):
        leaves, comes = _without(before, after), _without(after, before)
        if len(leaves) < len(before) and (leaves or comes):
            parts = [Text(f"- {shown(item)}", style="red") for item in leaves]
            parts += [Text(f"+ {shown(item)}", style="green") for item in comes]
            return Text(", ").join(parts)
    return Text.assemble((shown(before), "red"), (" → ", "dim"), (shown(after), "green"))


def _without(items: list[Any], others: list[Any]) -> list[Any]:
    return [item for item in items if item not in others]


def _wanted(facts: Json) -> Iterator[Text]:
    width = max((len(path) for path in facts), default=0)
    for path, value in facts.items():
        yield Text.assemble(f"      {path:<{width}}  ", (shown(value), "green"))


def _places(changes: Sequence[Change]) -> Iterator[Text]:
    """Where each goes, and why; those that go to the same place on one line."""
    sites: dict[str, list[Change]] = {}
    for change in changes:
        if placement := change.get("placement"):
            site = ", ".join(f"{name} {at}" for name, at in placement["site"].items())
            sites.setdefault(site, []).append(change)
    for site, there in sites.items():
        line = Text("      → ", style="dim").append(site, style="cyan")
        if len(sites) > 1:
            line.append(f"  {', '.join(change['address'] for change in there)}")
        placement = there[0].get("placement")
        if placement and placement["reason"]:
            line.append(f"  ({placement['reason']})", style="dim")
        yield line


def _field(field: Field, among: Sequence[Field]) -> Text:
    width = min(max(len(item["path"]) for item in among), 32)
    line = Text(f"      {field['path']:<{width}}  ").append_text(_values(field))
    if field["effect"] in _EFFECTS:
        line.append(f"  ({_EFFECTS[field['effect']]})", style="magenta")
    if field["drift"]:
        line.append("  (changed outside of ALMA)", style="yellow")
    return line


def shown(value: Any) -> str:
    """A value on one line."""
    if value is None or value == []:
        return "(none)"
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if text.startswith("sha256:"):
        return text[: len("sha256:") + 12]
    text = text if text.isprintable() and text else json.dumps(text, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _not_told_yet(plan: Plan) -> list[Diagnostic]:
    """The diagnostics, without the warnings that stand beside their change already."""
    told = {note["reason"] for change in plan["changes"] for note in change["support"]}
    told |= {item["detail"] for item in plan.get("drift", [])}
    return [d for d in plan["diagnostics"] if d["severity"] == "error" or d["message"] not in told]


def _drift(plan: Plan) -> Iterator[Text]:
    """How the world moved without ALMA, each kind by itself: whether it is taken back is for the changes to say."""
    drift = plan.get("drift", [])
    if drift:
        yield Text("")
        yield Text("Since the last deployment, without ALMA:")
    for item in drift:
        yield drift_line(item)


def drift_line(item: Drift) -> Text:
    """One address that is not as it was left."""
    style = _DRIFTS.get(item["kind"], "yellow")
    return Text.assemble("  ", (f"{item['kind']:<8}", style), item["detail"])


def _notes(diagnostics: Iterable[Diagnostic]) -> Iterator[Text]:
    for number, item in enumerate(diagnostics):
        if not number:
            yield Text("")
        yield diagnostic(item)


def diagnostic(item: Diagnostic) -> Text:
    """A remark, with what to do about it."""
    sign, style = _SEVERITIES[item["severity"]]
    line = Text.assemble((f"{sign} {item['severity']}: ", style))
    line.append(f"{item['path']}: " if item["path"] else "", style="bold")
    line.append(item["message"])
    if item["hint"]:
        line.append(f" ({item['hint']})", style="dim")
    return line


def summary_line(plan: Plan) -> Text:
    """`Plan: 3 to be created, 1 to be changed; 2 stay as they are.`"""
    counts = dict.fromkeys(SIGNS, 0)
    for change in plan["changes"]:
        counts[change["action"]] += 1
    parts = [
        Text(f"{counts[action]} to be {_WORDS[action]}", style=SIGNS[action][1])
        for action in _WORDS
        if counts[action] and action != "no-op"
    ]
    if not parts:
        nothing = "No changes: what runs is what the blueprint says."
        if plan["kind"] == "destroy":
            nothing = "Nothing to destroy: nothing runs."
        return Text(nothing, style="green")
    line = Text("Plan: ").append_text(Text(", ").join(parts))
    if counts["no-op"]:
        line.append(f"; {counts['no-op']} {'stays' if counts['no-op'] == 1 else 'stay'}")
    return line.append(".")


def _goes_away(plan: Plan) -> Iterator[Text]:
    destroys = plan["kind"] == "destroy"
    gone = [
        change["address"]
        for change in plan["changes"]
        if change["destructive"] and (not destroys or change["type"] == "volume")
    ]
    if gone:
        what = "All data goes away of" if destroys else "Data or a running service goes away"
        yield Text.assemble((f"{what}: ", "bold red"), (", ".join(gone), "red"))
    kept = [change["address"] for change in plan["changes"] if _kept(change)]
    if kept and destroys:
        yield Text(f"Kept, with their data: {', '.join(kept)} (--volumes deletes them, too)")
    if plan["blocked"]:
        yield Text("This plan can't run: see the errors above.", style="bold red")
