"""Says what is different between two blueprints, what that costs, and what it does to their safety."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.cost import Amount
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.finding import Finding, Gravity
from alma.core.planning.difference import BlueprintDifference, FieldDifference
from alma.core.services.comparing import Comparing, Comparison, CostDelta
from alma.core.tools.kit import Call, Subject
from alma.core.tools.tool import Answer, Arguments, Example, Tool

_NUMBERED = re.compile(
    r"^\s*(?:blueprint\s*)?#?(\d{1,9})(?:\s*(?:@|rev(?:ision)?)\s*(\d{1,9}))?\s*$"
)
_SAVED = frozenset({"id", "blueprint_id", "revision"})


def _whole(value: Any) -> Any:
    """A truth value is no number of a blueprint."""
    if isinstance(value, bool):
        raise ValueError("give a blueprint as a document, or its number")  # noqa: TRY004
    return value


Side = Annotated[
    Mapping[str, Json] | int | str,
    BeforeValidator(_whole, json_schema_input_type=dict[str, Any] | int | str),
]
_SIDES = "A blueprint as a document, its number, its name, or number@revision."


class CompareArguments(Arguments):
    """Which two, and how much is told."""

    blueprint_a: Side = Field(description=f"The one to start from. {_SIDES}")
    blueprint_b: Side = Field(description=f"The one to get to. {_SIDES}")
    show_details: bool = Field(
        default=True, description="The values of every field, and not only which ones differ."
    )
    provider: str | None = Field(
        default=None, description="Whose prices: proxmox (your own), aws, azure, gcp."
    )
    limit: int = Field(default=200, ge=1, le=10_000, description="At most so many of each kind.")


class Part(Frozen):
    """A resource that only one of them has."""

    name: str
    type: ResourceType
    software: str | None = None
    count: int
    monthly_cost: Amount = Field(description="USD a month, all its instances together.")


class Renamed(Frozen):
    """A resource that is called otherwise now. `fields` is how much else of it differs."""

    before: str
    after: str
    type: ResourceType
    fields: int


class Modified(Frozen):
    """A resource of which something differs."""

    name: str
    type: ResourceType
    fields: tuple[str, ...]
    cost_change: Amount | None = Field(default=None, description="USD a month.")


class Detail(FieldDifference):
    """One field of one resource; of the blueprint itself where there is no resource."""

    resource: str | None = None


class Issue(Frozen):
    """A rule that one of them breaks, and the other does not."""

    rule: str
    title: str
    severity: Gravity
    mandatory: bool
    path: str
    message: str


class Risk(Frozen):
    """What policy says of both."""

    score_a: float
    score_b: float
    change: float = Field(description="Above zero: the second does better.")
    new_issues: tuple[Issue, ...] = ()
    resolved_issues: tuple[Issue, ...] = ()
    remaining: int


class BlueprintComparison(Answer):
    """From the first to the second. What is private (variables, commands, passwords) is told to differ, and no more."""

    identical: bool
    added: tuple[Part, ...] = ()
    removed: tuple[Part, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    modified: tuple[Modified, ...] = ()
    unchanged: int
    differences: tuple[Detail, ...] = Field(default=(), description="With show_details only.")
    left_out: int = Field(default=0, description="Lines beyond the limit.")
    cost: CostDelta
    risk: Risk


async def run(given: CompareArguments, call: Call) -> BlueprintComparison:
    """The comparison. Raises NotFound, InvalidInput, and BlueprintInvalid whose paths begin with the side's name."""
    before = await _side("blueprint_a", given.blueprint_a, call)
    after = await _side("blueprint_b", given.blueprint_b, call)
    comparing = Comparing(estimates=call.kit.estimates, policies=call.kit.policies)
    call.progress("comparing fields, prices and rules", None)
    found = await asyncio.to_thread(
        comparing.compare,
        call.principal.project,
        before.blueprint,
        after.blueprint,
        provider=given.provider,
    )
    return _answer(found, given, names=(_called(before), _called(after)))


# ── which two ────────────────────────────────────────────────────────────────────────────────────


async def _side(name: str, value: Mapping[str, Json] | int | str, call: Call) -> Subject:
    if isinstance(value, Mapping):
        if value and value.keys() <= _SAVED:
            return await _saved(
                value.get("blueprint_id", value.get("id")), value.get("revision"), call
            )
        return await asyncio.to_thread(_document, name, value)
    numbered = _NUMBERED.match(str(value))
    if numbered:
        return await _saved(int(numbered[1]), int(numbered[2]) if numbered[2] else None, call)
    return await asyncio.to_thread(_named, name, str(value).strip(), call)


def _document(name: str, value: Mapping[str, Json]) -> Subject:
    try:
        return Subject(parse_blueprint(dict(value)))
    except BlueprintInvalid as error:
        placed = [
            item.model_copy(update={"path": f"{name}.{item.path}".rstrip(".")})
            for item in error.diagnostics
        ]
        raise BlueprintInvalid(placed, hint=error.hint) from None


async def _saved(id_: Json, revision: Json, call: Call) -> Subject:
    number = _number(id_)
    wanted = None if revision is None else _number(revision)
    blueprints = call.kit.blueprints
    found = await asyncio.to_thread(blueprints.get, call.principal, number, revision=wanted)
    return Subject(found.blueprint, found.id, found.number, found.origins)


def _number(value: Json) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9:
        return value
    raise InvalidInput(
        f"'{value}' is no number of a blueprint or revision", hint="write {id: 5, revision: 2}"
    )


def _named(side: str, name: str, call: Call) -> Subject:
    found, total = call.kit.blueprints.list(call.principal, name=name, limit=5)
    if total > 1:
        numbers = ", ".join(str(item.id) for item in found)
        raise InvalidInput(
            f"{total} blueprints are called '{name}'", hint=f"give a number: {numbers}"
        )
    if not found:
        raise InvalidInput(
            f"{side}: there is no blueprint '{name}'",
            hint="give a document, a number such as 5, a revision such as 5@2, or the exact name",
        )
    return Subject(found[0].blueprint, found[0].id, found[0].number, found[0].origins)


def _called(side: Subject) -> str:
    name = side.blueprint.name
    return f"{name} (blueprint {side.id}, revision {side.revision})" if side.id else name


# ── what is told ─────────────────────────────────────────────────────────────────────────────────


def _answer(
    found: Comparison, given: CompareArguments, *, names: tuple[str, str]
) -> BlueprintComparison:
    difference, most = found.difference, given.limit
    costs = found.cost.by_resource
    groups: dict[str, Sequence[Frozen]] = {
        "added": [_part(item, costs.get(item.name)) for item in difference.added],
        "removed": [_part(item, costs.get(item.name)) for item in difference.removed],
        "renamed": _renamed(difference),
        "modified": _modified(difference, costs),
        "differences": _details(difference) if given.show_details else (),
    }
    risk = _risk(found, most)
    beyond = sum(max(len(items) - most, 0) for items in groups.values())
    return BlueprintComparison(
        summary=_told(found, names),
        sources=(f"price book {found.cost.book}", f"policy bundle {found.risk.bundle}"),
        assumptions=_assumed(found),
        identical=difference.identical,
        unchanged=difference.same,
        left_out=beyond
        + len(found.risk.new)
        + len(found.risk.mended)
        - len(risk.new_issues)
        - len(risk.resolved_issues),
        cost=found.cost,
        risk=risk,
        **{name: tuple(items[:most]) for name, items in groups.items()},  # type: ignore[arg-type]
    )


def _part(item: Resource, cost: Decimal | None) -> Part:
    return Part(
        name=item.name,
        type=item.type,
        software=item.engine or item.image,
        count=item.count,
        monthly_cost=abs(cost) if cost is not None else Decimal(0),
    )


def _renamed(difference: BlueprintDifference) -> list[Renamed]:
    return [
        Renamed(before=item.before, after=item.name, type=item.type, fields=len(item.fields))
        for item in difference.resources
        if item.renamed
    ]


def _modified(difference: BlueprintDifference, costs: Mapping[str, Decimal]) -> list[Modified]:
    return [
        Modified(
            name=item.name,
            type=item.type,
            fields=tuple(field.path for field in item.fields),
            cost_change=costs.get(item.name),
        )
        for item in difference.changed
    ]


def _details(difference: BlueprintDifference) -> list[Detail]:
    own = [Detail(**field.model_dump()) for field in difference.own]
    return own + [
        Detail(resource=item.name, **field.model_dump())
        for item in difference.changed
        for field in item.fields
    ]


def _risk(found: Comparison, most: int) -> Risk:
    risk = found.risk
    return Risk(
        score_a=risk.score_before,
        score_b=risk.score_after,
        change=risk.delta,
        new_issues=tuple(_issue(item) for item in risk.new[:most]),
        resolved_issues=tuple(_issue(item) for item in risk.mended[:most]),
        remaining=risk.remaining,
    )


def _issue(item: Finding) -> Issue:
    return Issue(
        rule=item.rule,
        title=item.title,
        severity=item.severity,
        mandatory=item.level == "mandatory",
        path=item.path,
        message=item.message,
    )


def _assumed(found: Comparison) -> tuple[str, ...]:
    renamed = (
        "a resource that only one side has is taken for one of the other when at least half of what they say is equal",
    )
    unpriced = found.cost.unpriced
    left = (f"without a price, and in no sum: {', '.join(unpriced[:10])}",) if unpriced else ()
    return (*(renamed if found.difference.renames else ()), *left)


def _told(found: Comparison, names: tuple[str, str]) -> str:
    difference = found.difference
    if difference.identical:
        return f"{names[0]} and {names[1]} ask for the same."
    counted = (
        (len(difference.added), "new"),
        (len(difference.removed), "gone"),
        (len(difference.renames), "renamed"),
        (len(difference.changed), "changed"),
    )
    told = [f"{number} {word}" for number, word in counted if number]
    if difference.own:
        told.append(f"{len(difference.own)} of the blueprint's own fields")
    cost, risk = found.cost, found.risk
    return (
        f"From {names[0]} to {names[1]}: {', '.join(told)}; {difference.same} the same. "
        f"A month costs {_money(cost.after)} instead of {_money(cost.before)} "
        f"({'+' if cost.delta >= 0 else '-'}{_money(abs(cost.delta))}); the security score goes from "
        f"{risk.score_before} to {risk.score_after}, with {len(risk.new)} new and {len(risk.mended)} mended findings."
    )


def _money(amount: Decimal) -> str:
    return f"${amount:,.2f}"


_SMALL: dict[str, Json] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "count": 2, "specs": {"cpu": 2, "memory": "4GiB"}},
        {"name": "db", "type": "database", "engine": "postgresql", "version": "16"},
    ],
}

TOOL = Tool(
    name="compare_blueprints",
    title="Compare two blueprints",
    description=(
        "Says what is different between two blueprints or two revisions of one: what is new, gone, renamed or changed, "
        "field by field, with what it costs more or less a month and which security findings come and go."
    ),
    arguments=CompareArguments,
    answer=BlueprintComparison,
    run=run,
    words=("compare", "diff", "difference between", "what changed between"),
    examples=(
        Example(
            "A database that was renamed, backed up and given more memory",
            {
                "blueprint_a": _SMALL,
                "blueprint_b": {
                    "name": "shop",
                    "resources": [
                        {
                            "name": "web",
                            "type": "vm",
                            "count": 3,
                            "specs": {"cpu": 2, "memory": "4GiB"},
                        },
                        {
                            "name": "orders",
                            "type": "database",
                            "engine": "postgresql",
                            "version": "16",
                            "specs": {"memory": "8GiB"},
                            "backup": True,
                        },
                    ],
                },
            },
        ),
    ),
)
