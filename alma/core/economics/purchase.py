"""How something is bought, as a blueprint says it: on the spot market, for some hours, on a burstable type, together.

It changes nothing on an engine, so it stands in the `metadata` of a resource, under `purchase`. An estimate by the
prices of a cloud follows it, and what an optimisation suggests is written there, so that the figure can be computed
again from the blueprint alone.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, ValidationError

from alma.core.economics.cloudbook import Arch, Market
from alma.core.economics.figures import Positive
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Resource

KEY = "purchase"


class Disk(StrEnum):
    """Which class of disk."""

    SSD = "ssd"
    HDD = "hdd"


class Store(StrEnum):
    """Which class of object storage."""

    HOT = "hot"
    COOL = "cool"
    ARCHIVE = "archive"


class Purchase(Frozen):
    """How a resource is bought. What is left out is the plain case: on demand, all month, all vCPU all the time."""

    market: Market = Market.ON_DEMAND
    spot: Annotated[int, Field(ge=0)] = Field(
        default=0, description="How many of its instances are bought on the spot market."
    )
    hours: Positive | None = Field(default=None, le=Decimal(730), description="Hours a month.")
    sustained: Positive | None = Field(
        default=None,
        description="vCPU that have to be there all the time; without it all, so that few burstable types will do.",
    )
    arch: Arch = Arch.X86
    disk: Disk = Disk.SSD
    backups: Store = Store.HOT
    objects: Store = Store.HOT
    egress_gb: Positive | None = Field(
        default=None, description="GB a month to the internet, all its instances together."
    )
    pool: str | None = Field(default=None, max_length=63, description="Shares machines with these.")
    type: str | None = Field(default=None, description="A type by its name, instead of a choice.")


def purchase_of(resource: Resource) -> tuple[Purchase, str | None]:
    """How a resource is bought, and what is wrong with what it says, if it can't be read."""
    said = resource.metadata.get(KEY)
    if said is None:
        return _PLAIN, None
    try:
        return Purchase.model_validate(said), None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in ("metadata", KEY, *first["loc"]))
        return (
            _PLAIN,
            f"{place} can't be read ({first['msg'].lower()}), so it is bought plainly",
        )


def bought(resource: Resource, **changes: Json) -> Resource:
    """The same resource, bought otherwise; what it says already stays."""
    said = resource.metadata.get(KEY)
    known = dict(said) if isinstance(said, dict) else {}
    metadata = {**resource.metadata, KEY: {**known, **changes}}
    return resource.model_copy(update={"metadata": metadata})


_PLAIN = Purchase()
