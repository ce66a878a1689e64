"""Designs to choose from, and how one would be deployed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.parts import (
    MORE,
    bullets,
    duration,
    gib,
    heading,
    headline,
    listed,
    money,
    number,
    plain,
    resting,
    tabled,
)
from alma.cli.render.tables import blueprint_table, state
from alma.cli.shapes import Json


def suggestion(result: Json) -> Sequence[RenderableType]:
    """An answer of suggest_architecture."""
    return list(_suggestion(result))


def rollout(result: Json) -> Sequence[RenderableType]:
    """An answer of generate_deployment_plan; with a runbook, that."""
    return list(_runbook(result) if result.get("runbook") else _rollout(result))


def _suggestion(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    yield from tabled("Designs", _DESIGN, [_design(item) for item in result["designs"]])
    for item in result["designs"]:
        chosen = item["kind"] == result.get("recommended")
        yield from heading(f"{item['title']}{' · recommended' if chosen else ''}")
        yield from _told(item)
        if chosen:
            yield blueprint_table(item["blueprint"])
            yield from listed("Its availability", item["availability"]["working"])
    if result["designs"]:
        yield Text(f"each design's blueprint and arithmetic: {MORE}", style="dim")
    yield from listed("Not possible", result["not_possible"])
    yield from listed("Notes", result["notes"])
    yield from listed("From users to sizes", result["working"])
    yield from resting(result)


_DESIGN = ["DESIGN", "FITS", "A MONTH", "AVAILABLE", "AWAY A YEAR", "SIZE"]


def _design(item: Json) -> list[str]:
    availability = item["availability"]
    size = (f"{item['machines']} machines", f"{number(item['cpu'])} vCPU")
    return [
        item["title"],
        "yes" if item["fits"] else "no",
        money(item["monthly_cost"]) + ("" if item["cost_complete"] else " and more"),
        f"{availability['percent']:.3f} %",
        f"{number(availability['hours_away_a_year'])} h",
        ", ".join([*size, gib(item["memory_gib"]), f"{gib(item['disk_gib'])} disk"]),
    ]


def _told(item: Json) -> Iterator[RenderableType]:
    yield from bullets([f"does not fit: {reason}" for reason in item["why_not"]])
    carries = item.get("carries")
    if carries:
        many = f"{carries['users']:,} users" if carries.get("users") else "its load"
        rate = f"{number(carries['requests_per_second'])} requests a second"
        why = f"then {carries['bottleneck']} gives out: {carries['why']}"
        yield from bullets([f"carries {many}, {rate}; {why}"])
    judged = f"{number(item['policy_score'])} of 10 by the rules; {item['rules_broken']} are broken"
    yield from bullets(
        [
            *([] if item["trade_offs"] else [f"survives {item['survives']}"]),
            f"by hand: {item['by_hand']}",
            judged,
            *item["trade_offs"],
        ]
    )


def _runbook(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    yield ""
    yield Text(result["runbook"])


def _rollout(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    checks = [(item["name"], _standing(item), item["detail"]) for item in result["pre_checks"]]
    yield from tabled("Checks before", ["CHECK", "STANDING", "FOUND"], checks)
    yield from listed("Destroys", result["destructive"])
    yield from tabled("Steps", _STEP, [_step(item) for item in result["steps"]])
    if result["left_out"]:
        yield Text(f"{result['left_out']} more are beyond the limit", style="dim")
    yield from listed("Checks after", result["post_checks"])
    yield from _back(result["rollback"])
    for stage in result["stages"]:
        yield from _stage(stage)
    yield from listed("Notes", result["notes"])
    yield from resting(result)


_STEP = ["ADDRESS", "WAVE", "DOES", "TYPE", "TAKES", "SLOW", "PLACE", "AFTER", "NOTE"]


def _step(item: Json) -> list[str]:
    took = item["duration"]
    return [
        item["address"],
        str(item["wave"]),
        item["action"],
        item["type"],
        duration(took["median"]),
        duration(took["p90"]),
        item["place"],
        ", ".join(item["after"]),
        _note(item),
    ]


def _note(item: Json) -> str:
    """What a step does beyond what its action says."""
    told = [
        "destroys data" if item["destructive"] else "",
        "restarts" if item["reboots"] else "",
        f"takes down {', '.join(item['takes_down'])}" if item["takes_down"] else "",
        f"changes {plain(item['fields'])}" if item["fields"] else "",
        f"not exact: {plain(item['not_exact'])}" if item["not_exact"] else "",
    ]
    return "; ".join(filter(None, told))


def _standing(item: Json) -> Text:
    told = state(item["standing"])
    return told.append(" · stops it") if item["blocking"] and item["standing"] != "pass" else told


def _back(rollback: Json) -> Iterator[RenderableType]:
    """The way back: steps that do the same are one line."""
    yield from heading("The way back")
    if not rollback["enabled"]:
        yield "Nothing is undone by itself."
    elif rollback.get("trigger"):
        yield Text(f"When: {rollback['trigger']}")
    does: dict[str, list[str]] = {}
    for item in rollback["steps"]:
        does.setdefault(item["does"], []).append(item["address"])
    yield from bullets(
        [f"{', '.join(names[:12])}{_rest(names)}: {what}" for what, names in does.items()]
    )
    lost = rollback.get("not_restored") or []
    yield from bullets([f"not restored: {plain(item)}" for item in lost])


def _rest(names: Sequence[str]) -> str:
    return f" and {len(names) - 12} more" if len(names) > 12 else ""


def _stage(stage: Json) -> Iterator[RenderableType]:
    yield from heading(f"Stage {stage['number']} · {stage['title']}")
    changes = ", ".join(f"{many} to {what}" for what, many in stage["changes"].items() if many)
    took = duration(stage["estimated_duration"]["median"])
    yield Text(f"{stage['purpose']} ({changes or 'no changes'}; about {took})")
    if stage["blocked"]:
        yield Text("It can't run as it is.", style="red")
    yield from bullets(
        [
            *(f"destroys {address}" for address in stage["destructive"]),
            f"approve it when: {stage['approve_when']}",
            f"to go back: {stage['go_back']}",
        ]
    )
    if stage["steps"]:
        yield Text(f"{len(stage['steps'])} step(s); {MORE}", style="dim")
