"""Suggests designs for what is required: sized, priced, with their availability worked out and compared."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from alma.core.economics.designs import STANDBYS, Kind
from alma.core.economics.words import money
from alma.core.model.base import Frozen, slug
from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import InvalidInput
from alma.core.model.software import Catalogue
from alma.core.model.units import Size
from alma.core.services.designing import Design, Proposed, Required
from alma.core.services.estimates import ONPREM
from alma.core.tools.capacity_arguments import Users
from alma.core.tools.kit import Call
from alma.core.tools.tool import Answer, Arguments, Example, Tool

_USERS = 1_000
_MOST_DATA = 10**17
_NINES = {"standard": 0.99, "low": 0.99, "medium": 0.995, "high": 0.999, "critical": 0.9999}
_BUDGET = re.compile(
    r"^(?:usd|us\$|\$)?\s*([\d.,]{1,20})\s*(k|m)?\s*(?:usd|\$|dollars?)?\s*(?:(?:/|per|a)?\s*(month|mo|monthly|year|yr|yearly))?$"
)
_APPLICATIONS: tuple[tuple[str, str, frozenset[str]], ...] = (
    (r"commerce|shop|store\b|retail", "a shop: a cache in front of the catalogue, a queue for orders",
     frozenset({"cache", "queue"})),
    (r"micro-?services?|event|stream|iot", "services that talk through a queue, and a cache",
     frozenset({"cache", "queue"})),
    (r"analytic|warehouse|data|bi\b|report", "data is kept in an object store", frozenset({"object_store"})),
    (r"machine|\bml\b|\bai\b|model|training", "models and data are in an object store, work waits in a queue",
     frozenset({"object_store", "queue"})),
    (r"media|video|photo|image|file|upload", "files are kept in an object store, a cache in front",
     frozenset({"object_store", "cache"})),
    (r"social|chat|game|gaming|forum", "sessions and what is looked at often are in a cache", frozenset({"cache"})),
    (r"web|site|blog|api|app|saas|crm|erp|portal|backend", "", frozenset()),
)  # fmt: skip


def _share(value: Any) -> Any:
    """99.9, "99.9%", 0.999, and words."""
    text = str(value).strip().casefold().removesuffix("%").strip()
    word = text.removesuffix("availability").strip().removesuffix("ly").replace("highly", "high")
    try:
        number = _NINES.get(word) or float(text)
    except ValueError:
        number = 0.0
    if number > 1:
        number /= 100
    if isinstance(value, bool) or not 0.5 <= number < 1:
        hint = "write percent such as 99.9, or standard, high or critical; nothing is there 100 % of the time"
        raise PydanticCustomError("invalid_availability", "not an availability", {"hint": hint})
    return number


def _money(value: Any) -> Any:
    """USD a month, however it is written."""
    found = _BUDGET.match(str(value).strip().casefold())
    try:
        amount = Decimal(found[1].replace(",", "")) if found else Decimal(0)
    except InvalidOperation:
        amount = Decimal(0)
    if isinstance(value, bool) or not found or not 0 < amount < 10**12:
        hint = 'write USD a month such as 500, or "$6,000/year"'
        raise PydanticCustomError("invalid_budget", "not a budget", {"hint": hint})
    amount *= {"k": 1000, "m": 10**6}.get(found[2] or "", 1)
    return amount / 12 if (found[3] or "").startswith("y") else amount


def _texts(value: Any) -> Any:
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


class Requirements(Frozen):
    """What it has to do. What is left out is assumed, and said to be."""

    application_type: str = Field(
        default="web",
        min_length=1,
        max_length=100,
        description="Such as web, e-commerce, analytics.",
    )
    expected_users: Users | None = Field(default=None, description="Registered users.")
    data_size: Size | None = Field(default=None, description="What is to be kept, such as 500GB.")
    availability_requirement: Annotated[
        float | None, BeforeValidator(_share, json_schema_input_type=float | str)
    ] = Field(
        default=None, description="Percent of the time, such as 99.9; or standard, high, critical."
    )
    budget: Annotated[
        Decimal | None, BeforeValidator(_money, json_schema_input_type=float | str)
    ] = Field(default=None, description='USD a month, such as 500 or "$6,000/year".')


class Wishes(Frozen):
    """Where and with what."""

    preferred_provider: str | None = Field(
        default=None, description="proxmox (your own), aws, azure or gcp."
    )
    region: str | None = Field(default=None, max_length=64, description="A region of the provider.")
    technologies: Annotated[
        tuple[str, ...], BeforeValidator(_texts, json_schema_input_type=list[str] | str)
    ] = Field(default=(), max_length=20, description="Such as kubernetes, postgresql, django.")


class SuggestArguments(Arguments):
    """What is required, and what is preferred."""

    requirements: Requirements = Field(
        description="{application_type, expected_users, data_size, availability_requirement, budget}"
    )
    constraints: Wishes = Field(
        default=Wishes(), description="{preferred_provider, region, technologies}"
    )


class Suggestion(Answer):
    """The designs, the cheapest first."""

    recommended: str | None = Field(
        default=None, description="The cheapest that fits; null: none does."
    )
    designs: tuple[Design, ...]
    not_possible: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    working: tuple[str, ...] = Field(default=(), description="From users to sizes.")


async def run(given: SuggestArguments, call: Call) -> Suggestion:
    """Raises InvalidInput for a provider or a region without prices."""
    return await asyncio.to_thread(_suggested, given, call)


def _suggested(given: SuggestArguments, call: Call) -> Suggestion:
    wanted, wishes, kit = given.requirements, given.constraints, call.kit
    if wanted.data_size is not None and wanted.data_size.bytes > _MOST_DATA:
        raise InvalidInput(
            f"{wanted.data_size} is more than one store holds",
            hint="say what one of several stores holds",
        )
    provider = ONPREM
    if wishes.preferred_provider is not None:
        provider = kit.estimates.provider(wishes.preferred_provider)
    region = wishes.region
    if provider != ONPREM:
        region = kit.estimates.region(provider, wishes.region)
    chosen = _choice(wishes.technologies, kit.catalogue, tuple(kit.capacity.stations))
    about, extras = _application(wanted.application_type)
    required = Required(
        title=_title(wanted.application_type),
        users=wanted.expected_users or _USERS,
        data_gb=wanted.data_size.bytes / 1e9 if wanted.data_size else 0.0,
        availability=wanted.availability_requirement,
        budget=wanted.budget,
        extras=extras | chosen.extras,
        database=chosen.database,
        server=chosen.server,
        software=chosen.software,
        provider=provider,
        region=region,
        kinds=(Kind.CLUSTER,) if chosen.kubernetes else tuple(Kind),
    )
    found = kit.designing.propose(call.principal.project, required)
    return Suggestion(
        summary=_told(found),
        sources=found.sources,
        assumptions=(*_assumed(wanted, about, required), *found.assumptions),
        recommended=found.recommended,
        designs=found.designs,
        not_possible=found.not_possible,
        notes=chosen.notes,
        working=found.working,
    )


# ── what was asked for ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Choice:
    """What the technologies that are named come to."""

    database: str = "postgresql"
    server: str = "nginx"
    software: str | None = None
    extras: frozenset[str] = frozenset()
    kubernetes: bool = False
    notes: tuple[str, ...] = ()


_KUBERNETES = frozenset({"kubernetes", "k8s", "k3s", "container orchestration"})
_KINDS = {
    ResourceType.CACHE: "cache",
    ResourceType.QUEUE: "queue",
    ResourceType.OBJECT_STORE: "object_store",
}


def _choice(words: Sequence[str], catalogue: Catalogue, stations: Sequence[str]) -> _Choice:
    found: dict[str, Any] = {}
    extras: set[str] = set()
    notes: list[str] = []
    for word in words:
        plain = word.strip().casefold()
        known = catalogue.find(plain)
        types = set(known.types) if known else set()
        if plain in _KUBERNETES:
            found["kubernetes"] = True
        elif plain in stations:
            found["software"] = plain
        elif known and ResourceType.DATABASE in types:
            found["database"] = known.id
        elif known and (kinds := [_KINDS[kind] for kind in _KINDS if kind in types]):
            extras.add(kinds[0])
        elif known and types & {ResourceType.SERVICE, ResourceType.VM}:
            found["server"] = known.id
        else:
            notes.append(
                f"'{word[:60]}' changes nothing here: it is no software that designs are made of"
            )
    database = found.get("database", "postgresql")
    if database not in STANDBYS:
        notes.append(
            f"of {database} no standby can be set up, so it stays alone; of {', '.join(STANDBYS)} one can"
        )
    if found.get("kubernetes"):
        notes.append("only a cluster is shown, as Kubernetes was asked for")
    return _Choice(extras=frozenset(extras), notes=tuple(notes), **found)


def _application(said: str) -> tuple[str, frozenset[str]]:
    """What is known of a kind of application, and the parts that it has besides servers and a database."""
    for pattern, about, extras in _APPLICATIONS:
        if re.search(pattern, said.casefold()):
            return about, extras
    return f"nothing is known of '{said[:60]}', so it is taken for a web application", frozenset()


def _title(said: str) -> str:
    return slug(said)[:30].strip("-")


# ── words ────────────────────────────────────────────────────────────────────────────────────────


def _assumed(wanted: Requirements, about: str, required: Required) -> Iterator[str]:
    if about:
        yield about
    if wanted.expected_users is None:
        yield f"{_USERS:,} users, as nobody said how many"
    if wanted.data_size is None:
        yield "little data, as nobody said how much: the smallest disk"
    if wanted.availability_requirement is None and wanted.budget is None:
        yield "neither a budget nor an availability was said, so every design fits and the cheapest is named"
    if required.server == "nginx":
        yield "nginx stands for the application until its image is named"
    if required.provider == ONPREM and required.region:
        yield f"prices of one's own machines know no regions; {required.region} is kept as a constraint"


def _told(found: Proposed) -> str:
    shown = "; ".join(
        f"{design.title}: {money(design.monthly_cost)} a month, {design.availability.percent:.2f} % of the time"
        f"{'' if design.fits else ' (does not fit)'}"
        for design in found.designs
    )
    best = next((design for design in found.designs if design.kind == found.recommended), None)
    verdict = (
        f"'{best.title}' is the cheapest that fits." if best else "None of them fits everything."
    )
    more = f" {' '.join(f'{line}.' for line in found.not_possible)}" if found.not_possible else ""
    return f"{shown}. {verdict}{more}" if shown else f"No design can be made.{more}"


TOOL = Tool(
    name="suggest_architecture",
    title="Suggest an architecture",
    description=(
        "Suggests two or three designs for what is required, from one server to a cluster: with sizes for the load, "
        "the cost by a price book, the availability with its arithmetic, what each trades against the other, whether "
        "it keeps to the budget, and a blueprint that no rule stops."
    ),
    arguments=SuggestArguments,
    answer=Suggestion,
    run=run,
    words=(
        "suggest an architecture", "architecture for", "which design", "how should i build", "design for",
        "best practice",
    ),
    examples=(
        Example(
            "A shop for 50,000 people that should be there nearly always",
            {
                "requirements": {"application_type": "e-commerce", "expected_users": 50_000, "data_size": "200GB",
                                 "availability_requirement": "99.9%", "budget": 1000},
                "constraints": {"preferred_provider": "aws"},
            },
        ),
    ),
    tags=frozenset({"capacity", "costs"}),
)  # fmt: skip
