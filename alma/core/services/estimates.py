"""What a blueprint would cost, before anything runs, and how to keep it within a budget.

Priced is what would be deployed: instances are resolved as a plan resolves them, with the catalogue's sizes, and a
cluster counts by its nodes. The figure is the same wherever it lands: no engine is asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from alma.core.economics.cheaper import cheaper
from alma.core.economics.cost import estimate
from alma.core.economics.pricebook import PriceBook
from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType
from alma.core.model.cost import Estimate, Variant
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Catalogue
from alma.core.model.state import DesiredResource
from alma.core.planning.resolve import resolve

# Volumes apart, so that each has its own line; clusters by their nodes.
_TRAITS = EngineTraits(resource_types=frozenset(ResourceType), clusters=False)


class Estimates:
    """Estimates by one price book."""

    def __init__(self, catalogue: Catalogue, book: PriceBook) -> None:
        self._catalogue = catalogue
        self._book = book

    @property
    def book(self) -> str:
        """The price book, as `id@digest`: what a plan that relies on its prices has to name."""
        return self._book.version

    def estimate(self, blueprint: Blueprint) -> Estimate:
        """What it costs a month, line by line."""
        return self.of_instances(resolve(blueprint, self._catalogue, _TRAITS).resources)

    def of_instances(self, desired: Sequence[DesiredResource]) -> Estimate:
        """What resolved instances cost a month; where they are placed already, at the prices of their hosts."""
        return estimate(desired, self._book)

    def cheaper(
        self,
        blueprint: Blueprint,
        limit: Decimal | float,
        *,
        origins: Mapping[str, Origin] | None = None,
    ) -> Variant:
        """The nearest variant that costs at most `limit` a month; else the cheapest sensible one, not `within`. What
        people asked for, by `origins`, is touched last; without an origin a value counts as asked for."""
        return cheaper(
            blueprint,
            Decimal(str(limit)),
            price=self.estimate,
            unit_price=self._of_one,
            catalogue=self._catalogue,
            origins=origins or {},
        )

    def _of_one(self, resource: Resource) -> Decimal:
        """One instance by itself, unrounded."""
        found = self.estimate(Blueprint(name="one", resources=(resource,)))
        return sum((line.quantity * line.unit_price for line in found.lines), Decimal(0))
