"""What things cost and how that becomes less: a matrix of resources and providers, measures with their risk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.parts import (
    MORE,
    gib,
    heading,
    headline,
    listed,
    money,
    number,
    resting,
    tabled,
)
from alma.cli.render.tables import blueprint_table, state
from alma.cli.shapes import Json


def estimate(result: Json) -> Sequence[RenderableType]:
    """An answer of estimate_resources."""
    return list(_estimate(result))


def savings(result: Json) -> Sequence[RenderableType]:
    """An answer of optimize_costs."""
    return list(_savings(result))


def _estimate(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    if result.get("blueprint"):
        yield from heading("Blueprint")
        yield blueprint_table(result["blueprint"])
    tiers = [*result["tiers"], {**result["totals"], "name": "all", "resources": []}]
    yield from tabled("What it needs", _NEEDED, [_tier(tier) for tier in tiers])
    yield from _costs(result["costs"])
    yield from _sizing(result.get("sizing"))
    yield from listed("Not in it (+)", _shared(result["costs"], "uncounted"))
    yield from resting(
        {
            **result,
            "assumptions": [*result["assumptions"], *_shared(result["costs"], "assumptions")],
        }
    )


_NEEDED = [
    "TIER", "INSTANCES", "VCPU", "MEMORY", "DISK", "BACKUP", "GPU", "PUBLIC ADDRESSES", "PORTS", "RESOURCES",
]  # fmt: skip


def _tier(tier: Json) -> list[str]:
    return [
        tier["name"],
        number(tier["instances"]),
        number(tier["cpu"]),
        *(gib(tier[key]) for key in ("memory_gib", "disk_gib", "backup_gib")),
        *(number(tier[key]) if tier[key] else "" for key in ("gpu", "public_addresses", "ports")),
        ", ".join(tier["resources"]),
    ]


def _costs(costs: Sequence[Json]) -> Iterator[RenderableType]:
    """One provider with every line; several side by side, by resource."""
    if len(costs) == 1:
        yield from _lines(costs[0])
    else:
        yield from _side_by_side(costs)
    for cost in costs:
        told = f"{cost['provider']}: {cost['basis']}, book {cost['book']}"
        yield Text(
            told if cost["complete"] else f"{told}; not every resource has a price", style="dim"
        )


def _lines(cost: Json) -> Iterator[RenderableType]:
    rows = [
        (
            line["resource"], line["what"], f"{number(line['quantity'])} {line['unit']}",
            f"${number(line['unit_price'])}", money(line["monthly"], cost["currency"]), line["sku"] or "",
            line["date"] or "",
        )
        for line in cost["lines"]
    ]  # fmt: skip
    rows.append(("all", "", "", "", _total(cost), "", ""))
    yield from tabled(f"A month at {cost['provider']}", _LINE, rows)


_LINE = ["RESOURCE", "WHAT", "QUANTITY", "PRICE", "A MONTH", "TYPE", "PRICE OF"]


def _side_by_side(costs: Sequence[Json]) -> Iterator[RenderableType]:
    resources = dict.fromkeys(line["resource"] for cost in costs for line in cost["lines"])
    rows = [[name, *(_share(cost, name) for cost in costs)] for name in resources]
    rows.append(["all", *(_total(cost) for cost in costs)])
    yield from tabled("A month", ["RESOURCE", *(cost["provider"].upper() for cost in costs)], rows)
    if costs:
        yield Text(f"the price, source and date of every line: {MORE}", style="dim")


def _total(cost: Json) -> str:
    """The sum, with a mark where something is not in it."""
    return money(cost["monthly"], cost["currency"]) + (" +" if cost["uncounted"] else "")


def _share(cost: Json, resource: str) -> str:
    """What one resource costs there, and on which type of machine."""
    lines = [line for line in cost["lines"] if line["resource"] == resource]
    kinds = dict.fromkeys(
        line["sku"] for line in lines if line["what"] == "instance" and line["sku"]
    )
    total = money(sum(line["monthly"] for line in lines), cost["currency"]) if lines else "–"
    return " ".join([total, *kinds])


def _shared(costs: Sequence[Json], key: str) -> list[str]:
    """What providers say, each thing once, with who says it unless all do."""
    said: dict[str, list[str]] = {}
    for cost in costs:
        for text in cost[key]:
            said.setdefault(text, []).append(cost["provider"])
    return [
        text if len(who) == len(costs) else f"{', '.join(who)}: {text}"
        for text, who in said.items()
    ]


def _sizing(sizing: Json | None) -> Iterator[RenderableType]:
    if not sizing:
        return
    yield from listed("Working", sizing["working"])
    yield from listed("What would change it", sizing["sensitivity"])


def _savings(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    yield ""
    where = " ".join(filter(None, (result["provider"], result.get("region"))))
    yield (
        f"{money(result['original_cost'])} → {money(result['optimized_cost'])} a month at {where}: "
        f"{money(result['savings'])} less ({number(result['savings_percentage'])} %)"
    )
    if result.get("target_cost") is not None:
        met = "met" if result["target_met"] else "not met"
        yield f"target: {money(result['target_cost'])}, {met}"
    yield from _measures(result["measures"])
    yield from listed("Not done", result["not_done"])
    yield from listed("Not in it", result["uncounted"])
    if result["measures"]:
        yield from heading("The blueprint then")
        yield blueprint_table(result["blueprint"])
        yield Text(f"the edits, and the blueprint ready to be saved: {MORE}", style="dim")
    yield from resting(result)


def _measures(measures: Sequence[Json]) -> Iterator[RenderableType]:
    rows = [(money(item["saving"]), state(item["risk"]), item["title"]) for item in measures]
    yield from tabled("Measures", ["A MONTH LESS", "RISK", "MEASURE"], rows)
    told = (f"{item['title']}: {_because(item)}" for item in measures)
    yield from listed("Why, and what to look out for", list(told))


def _because(item: Json) -> str:
    return f"{item['why']} (look out: {item['danger']})" if item.get("danger") else str(item["why"])
