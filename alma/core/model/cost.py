"""What things cost: lines that anyone can check, and the nearest variant that keeps to a budget.

A figure nobody can trace is an opinion. So every line carries quantity, price, kind and source, and an estimate names
the price book, with its digest, that it was made from.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import Field, PlainSerializer

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Edit

Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """Rounded to whole cents, halves up: once for each line, so that lines add up to the total exactly."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)


class PriceKind(StrEnum):
    """How far a figure can be trusted: `list` is published by who sells it, `derived` is computed from what the user
    entered or from other figures, `estimate` was true at one moment and moves (spot), or binds to a term
    (commitments), `assumption` is a guess that has to be shown as one."""

    LIST = "list"
    DERIVED = "derived"
    ESTIMATE = "estimate"
    ASSUMPTION = "assumption"


class Item(StrEnum):
    """What is paid for."""

    CPU = "cpu"
    MEMORY = "memory"
    DISK = "disk"
    BACKUP = "backup"
    GPU = "gpu"
    INSTANCE = "instance"
    OBJECT = "object"
    ADDRESS = "address"
    TRAFFIC = "traffic"


class CostLine(Frozen):
    """One thing that is paid for, for all instances of one resource of the blueprint. `quantity` is in `unit`s;
    `unit_price` is for one of them for a month; `monthly` is their product in whole cents."""

    resource: str
    what: Item
    quantity: Amount
    unit: str
    unit_price: Amount
    monthly: Amount
    kind: PriceKind
    source: str
    sku: str | None = Field(default=None, description="What the provider calls it: m7i.large.")
    date: dt.date | None = Field(default=None, description="The day the price is from.")


class Estimate(Frozen):
    """What a blueprint costs a month, as it would be deployed. The lines add up to `monthly` exactly.

    `book` is the price book as `id@digest`; `basis` says in half a sentence whose prices these are. `assumptions` went
    into the figure; `uncounted` is what costs money and is not in it, and `unpriced` names the resources that the book
    has no type for.
    """

    lines: tuple[CostLine, ...] = ()
    monthly: Amount = Decimal(0)
    currency: str = "USD"
    book: str = ""
    basis: str = ""
    assumptions: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()
    provider: str | None = None
    region: str | None = None
    unpriced: tuple[str, ...] = ()

    def of(self, name: str) -> Decimal:
        """What one resource of the blueprint costs a month, all its instances together; 0 for what costs nothing."""
        return self.by_resource.get(name, Decimal(0))

    @cached_property
    def by_resource(self) -> Mapping[str, Decimal]:
        """What each resource costs a month; looked through once, for there may be ten thousand."""
        found: dict[str, list[CostLine]] = defaultdict(list)
        for line in self.lines:
            found[line.resource].append(line)
        return {name: total(lines) for name, lines in found.items()}

    def amount(self, what: Item) -> Decimal:
        """How much of it is paid for, in the unit of its lines."""
        return sum((line.quantity for line in self.lines if line.what is what), Decimal(0))


class Variant(Frozen):
    """A cheaper form of a blueprint: the edits that lead there, what it costs then, and each change in words.

    `within` says whether it keeps to the limit. If not, it is the cheapest that is still sensible: nothing that was
    asked for is dropped, and nothing gets smaller than it can run with.
    """

    edits: tuple[Edit, ...] = ()
    estimate: Estimate
    changes: tuple[str, ...] = ()
    within: bool
    limit: Amount
    before: Amount


class Risk(StrEnum):
    """What a measure may cost besides money; the least first. HIGH: nothing has been observed that says it is safe, or
    it binds for years."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class MeasureKind(StrEnum):
    """The ways to pay less, in the order in which they are tried."""

    RIGHT_SIZE = "right_size"
    STORAGE = "storage_tier"
    SCHEDULE = "schedule"
    CONSOLIDATE = "consolidate"
    CLASS = "cheaper_class"
    SPOT = "spot"
    COMMIT = "commitment"
    SMALLER = "smaller"


class Measure(Frozen):
    """One thing that makes a blueprint cheaper. `saving` is what it saves a month after those before it in the list:
    savings add up. `why` is what it rests on, `danger` what may go wrong."""

    kind: MeasureKind
    resources: tuple[str, ...]
    title: str
    saving: Amount
    risk: Risk
    why: str
    danger: str
    edits: tuple[Edit, ...] = ()


class Optimisation(Frozen):
    """A cheaper form of a blueprint. `before.monthly` less the savings of the measures is `after.monthly`, to the
    cent. `target` is what it was meant to cost at most; `met` is None where nothing was meant. `not_done` says which
    ways were left out, and why."""

    before: Estimate
    after: Estimate
    blueprint: Blueprint
    measures: tuple[Measure, ...] = ()
    target: Amount | None = None
    met: bool | None = None
    not_done: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def savings(self) -> Decimal:
        """USD a month, exact."""
        return self.before.monthly - self.after.monthly


def total(lines: Iterable[CostLine]) -> Decimal:
    """The sum of the lines, exact to the cent."""
    return sum((line.monthly for line in lines), Decimal(0))
