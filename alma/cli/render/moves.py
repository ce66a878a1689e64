"""A move to another platform: what becomes of each resource, in which order, how long it takes and stands still."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.parts import (
    MORE,
    data,
    duration,
    heading,
    headline,
    listed,
    money,
    plain,
    resting,
    tabled,
)
from alma.cli.render.tables import blueprint_table
from alma.cli.shapes import Json


def move(result: Json) -> Sequence[RenderableType]:
    """An answer of migrate_infrastructure."""
    return list(_move(result))


def _move(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    mapping = [
        (item["resource"], item["fidelity"], item["source"], _target(item))
        for item in result["mapping"]
    ]
    yield from tabled("What becomes of it", ["RESOURCE", "HOW NEAR", "FROM", "TO"], mapping)
    reasons = _reasons(
        [(item["resource"], [*item["reasons"], *item["notes"]]) for item in result["mapping"]]
    )
    yield from listed("What is not the same", reasons)
    yield from tabled(
        "Waves", ["WAVE", "STAGE", "DATA", "COPIED IN", "RESOURCES"], _waves(result["waves"])
    )
    for wave in result["waves"]:
        yield from listed(f"Wave {wave['number']} · steps", wave["steps"])
    yield from listed("The way back", _back(result["waves"]))
    yield from listed(
        "How long data takes", [*result["transfer"]["working"], *_unknown(result["transfer"])]
    )
    yield from listed("How long it stands still", result["downtime"]["working"])
    yield from _costs(result["costs"])
    yield from _target_blueprint(result)
    yield from _read(result)
    yield from resting(result)


def _target(item: Json) -> str:
    kind = f" ({item['instance_type']})" if item.get("instance_type") else ""
    return f"{item['target']}{kind}"


def _reasons(said: Sequence[tuple[str, Sequence[str]]]) -> list[str]:
    """Each reason once, with all that it is about."""
    about: dict[str, list[str]] = {}
    for resource, reasons in said:
        for reason in reasons:
            about.setdefault(reason, []).append(resource)
    return [f"{', '.join(names)}: {reason}" for reason, names in about.items()]


def _waves(waves: Sequence[Json]) -> list[list[str]]:
    return [
        [
            str(wave["number"]),
            wave["stage"],
            data(wave["data_bytes"]) if wave["data_bytes"] else "",
            duration(wave["transfer_seconds"]) if wave["transfer_seconds"] else "",
            ", ".join(wave["resources"]),
        ]
        for wave in waves
    ]


def _back(waves: Sequence[Json]) -> list[str]:
    return _reasons([(f"wave {wave['number']}", wave["rollback"]) for wave in waves])


def _unknown(transfer: Json) -> list[str]:
    return [f"how much data is not known: {plain(item)}" for item in transfer["unknown"]]


def _costs(costs: Json) -> Iterator[RenderableType]:
    """A month before and after, as far as there are prices."""
    amounts = [costs["before"], costs["after"], costs["difference"]]
    if any(amount is not None for amount in amounts):
        row = [money(amount) if amount is not None else "not known" for amount in amounts]
        yield from tabled("A month", ["NOW", "THERE", "DIFFERENCE"], [row])
    yield from listed("Not in it", costs["uncounted"])


def _target_blueprint(result: Json) -> Iterator[RenderableType]:
    yield from heading("The blueprint there")
    yield blueprint_table(result["blueprint"])
    if result["support"]["reason"]:
        yield Text(result["support"]["reason"])
    yield Text(f"the blueprint ready to be saved: {MORE}", style="dim")


def _read(result: Json) -> Iterator[RenderableType]:
    """What became of a source that was no blueprint."""
    rows = [
        (
            item["address"],
            item["kind"],
            item["fate"],
            ", ".join(item["resources"]),
            item["reason"] or "",
        )
        for item in result["converted"]
    ]
    yield from tabled("What was read", ["OBJECT", "KIND", "FATE", "BECOMES", "WHY"], rows)
    yield from listed("What that left open", [_remark(item) for item in result["remarks"]])


def _remark(item: Json) -> str:
    place = f"{item['path']}: " if item.get("path") else ""
    hint = f" ({item['hint']})" if item.get("hint") else ""
    return f"{place}{item['message']}{hint}"
