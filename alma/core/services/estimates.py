"""What a blueprint would cost, before anything runs, and how to keep it within a budget.

Priced is what would be deployed: instances are resolved as a plan resolves them, with the catalogue's sizes, and a
cluster counts by its nodes. Without a provider the book of one's own machines counts, and the figure is the same
wherever it lands: no engine is asked. With one, each instance is taken to the cheapest type there that fits.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cached_property

from alma.core.economics.cheaper import cheaper
from alma.core.economics.cloudbook import CloudBook
from alma.core.economics.cloudcost import CloudTariff, need_of
from alma.core.economics.cost import OwnTariff
from alma.core.economics.fitting import Offer, Shelf
from alma.core.economics.measures import Aims, Use
from alma.core.economics.optimise import optimise
from alma.core.economics.parts import Pricing, Tariff
from alma.core.economics.pricebook import PriceBook
from alma.core.economics.purchase import purchase_of
from alma.core.model.blueprint import Blueprint, Origin, ResourceType
from alma.core.model.cost import Estimate, Optimisation, Variant
from alma.core.model.engine import EngineTraits
from alma.core.model.errors import InvalidInput
from alma.core.model.software import Catalogue
from alma.core.model.state import DesiredResource
from alma.core.planning.collector import without_collector
from alma.core.planning.resolve import resolve

ONPREM = "proxmox"
_OWN = frozenset({ONPREM, "onprem", "on-prem", "on-premises", "own", "pve", "proxmox ve"})
# Volumes apart, so that each has its own line; clusters by their nodes.
_TRAITS = EngineTraits(resource_types=frozenset(ResourceType), clusters=False)


def _none() -> Mapping[str, CloudBook]:
    """No book but one's own."""
    return {}


class Estimates:
    """Estimates by the book of one's own machines and by those of clouds, which are read when they are first asked
    for."""

    def __init__(
        self,
        catalogue: Catalogue,
        book: PriceBook,
        *,
        clouds: Callable[[], Mapping[str, CloudBook]] = _none,
    ) -> None:
        self._catalogue = catalogue
        self._book = book
        self._read = clouds
        self._shelves: dict[tuple[str, str], Shelf] = {}

    # ── books ────────────────────────────────────────────────────────────────────────────────────

    @property
    def book(self) -> str:
        """The book of one's own machines, as `id@digest`: what a plan that relies on its prices has to name."""
        return self._book.version

    def books(self, project: str, *, provider: str = ONPREM) -> str:
        """The book, as `id@digest`, that prices what runs at a provider: an input of a plan's digest. The same for
        every project: books belong to the installation. Raises InvalidInput for an unknown provider."""
        name = self.provider(provider)
        return self._book.version if name == ONPREM else self.clouds[name].version

    @property
    def own(self) -> PriceBook:
        """The book of one's own machines."""
        return self._book

    @cached_property
    def clouds(self) -> Mapping[str, CloudBook]:
        """The books of clouds, by provider."""
        return self._read()

    @property
    def providers(self) -> tuple[str, ...]:
        """Everybody whose prices are known; one's own machines first."""
        return (ONPREM, *self.clouds)

    def provider(self, name: str) -> str:
        """The provider that is meant, whatever the case and by its other names too. Raises InvalidInput that names
        those there are."""
        wanted = name.strip().casefold()
        if wanted in _OWN:
            return ONPREM
        for key, book in self.clouds.items():
            if wanted in {key, book.title.casefold(), *(word.casefold() for word in book.aliases)}:
                return key
        raise InvalidInput(
            f"there are no prices of '{name}'", hint=f"known are {', '.join(self.providers)}"
        )

    def region(self, provider: str, name: str | None) -> str:
        """The region that is meant: the book's usual one when none is named. Raises InvalidInput that names those there
        are."""
        book = self.clouds[provider]
        if name is None:
            return book.usual_region
        found = next(
            (key for key in book.regions if key.casefold() == name.strip().casefold()), None
        )
        if found is None:
            raise InvalidInput(
                f"there are no prices of {book.title} in '{name}'",
                hint=f"known are {', '.join(book.regions)}",
            )
        return found

    # ── estimates ────────────────────────────────────────────────────────────────────────────────

    @without_collector
    def estimate(
        self, blueprint: Blueprint, provider: str | None = None, *, region: str | None = None
    ) -> Estimate:
        """What it costs a month, line by line: on one's own machines, or at a provider. Raises InvalidInput for a
        provider or a region without prices."""
        return self._pricing(provider, region).estimate(blueprint)

    def of_instances(
        self,
        desired: Sequence[DesiredResource],
        *,
        provider: str | None = None,
        region: str | None = None,
    ) -> Estimate:
        """What resolved instances cost a month; where they are placed already, at the prices of their hosts."""
        return self._tariff(provider, region).of(desired)

    def _pricing(self, provider: str | None, region: str | None) -> Pricing:
        return Pricing(self._tariff(provider, region), self._resolved)

    def _resolved(self, blueprint: Blueprint) -> Sequence[DesiredResource]:
        return resolve(blueprint, self._catalogue, _TRAITS).resources

    def _tariff(self, provider: str | None, region: str | None) -> Tariff:
        name = ONPREM if provider is None else self.provider(provider)
        if name == ONPREM:
            return OwnTariff(self._book)
        return CloudTariff(self._shelf(name, self.region(name, region)), self._book)

    def _shelf(self, provider: str, region: str) -> Shelf:
        key = (provider, region)
        if key not in self._shelves:
            self._shelves[key] = Shelf(self.clouds[provider], region)
        return self._shelves[key]

    def machine(
        self,
        item: DesiredResource,
        provider: str,
        *,
        region: str | None = None,
        families: Collection[str] = (),
    ) -> Offer | None:
        """The type that an instance is priced on, in that region or, where the book has no prices of it, in its usual
        one; of some families only, when any are given. None when none fits. Raises InvalidInput like `provider`."""
        name = self.provider(provider)
        if name == ONPREM:
            return None
        way, _ = purchase_of(item.resource)
        need = replace(need_of(item, way, self._book), families=frozenset(families))
        known = region if region in self.clouds[name].regions else None
        return self._shelf(name, self.region(name, known)).cheapest(need, way.market)

    # ── cheaper ──────────────────────────────────────────────────────────────────────────────────

    @without_collector
    def cheaper(
        self,
        blueprint: Blueprint,
        limit: Decimal | float,
        *,
        origins: Mapping[str, Origin] | None = None,
        provider: str | None = None,
        region: str | None = None,
        keep: Collection[str] = (),
        keep_data: bool = False,
    ) -> Variant:
        """The nearest variant that costs at most `limit` a month; else the cheapest sensible one, not `within`. What
        people asked for, by `origins`, is touched last; without an origin a value counts as asked for. `keep` names
        resources that stay as they are; with `keep_data` all disks that hold data do."""

        return self._nearest(
            self._pricing(provider, region),
            blueprint,
            Decimal(str(limit)),
            origins=origins,
            keep=keep,
            keep_data=keep_data,
        )

    def _nearest(
        self,
        pricing: Pricing,
        blueprint: Blueprint,
        limit: Decimal,
        *,
        origins: Mapping[str, Origin] | None,
        keep: Collection[str],
        keep_data: bool,
    ) -> Variant:
        return cheaper(
            blueprint,
            limit,
            pricing=pricing,
            catalogue=self._catalogue,
            origins=origins or {},
            keep=keep,
            keep_data=keep_data,
        )

    @without_collector
    def optimise(
        self,
        blueprint: Blueprint,
        aims: Aims,
        *,
        provider: str | None = None,
        region: str | None = None,
        use: Mapping[str, Use] | None = None,
        origins: Mapping[str, Origin] | None = None,
    ) -> Optimisation:
        """A cheaper form of a blueprint, measure by measure, each with what it saves and what it risks. `use` is what
        has been observed, by resource. Raises InvalidInput for a provider or a region without prices."""
        pricing = self._pricing(provider, region)

        def smaller(changed: Blueprint, limit: Decimal) -> Variant:
            return self._nearest(
                pricing, changed, limit, origins=origins, keep=use or (), keep_data=True
            )

        return optimise(
            blueprint,
            aims,
            price=pricing.estimate,
            smaller=smaller,
            catalogue=self._catalogue,
            use=use or {},
        )
