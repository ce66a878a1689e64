"""What stands for what on another platform: `config/migration.yaml`, and how a pair of platforms is read from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from alma.core.model.base import Frozen, digest_of
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.errors import InvalidInput


class Fidelity(StrEnum):
    """How well something is what it was, from best to worst."""

    EQUAL = "equal"
    APPROXIMATED = "approximated"
    UNSUPPORTED = "unsupported"


_WORSE = list(Fidelity)


class Way(StrEnum):
    """How a platform has something."""

    MACHINE = "machine"
    CONTAINER = "container"
    MANAGED = "managed"
    BUILTIN = "builtin"
    NONE = "none"


class Platform(Frozen):
    """A place to move from or to. `engine` is the one of ALMA's that works there, `prices` the book that counts."""

    title: str
    aliases: tuple[str, ...] = ()
    engine: str | None = None
    prices: str


class Service(Frozen):
    """What a platform has for a type."""

    name: str
    form: Way
    fidelity: Fidelity = Fidelity.EQUAL
    reason: str = ""

    @model_validator(mode="after")
    def _explained(self) -> Service:
        if self.fidelity is not Fidelity.EQUAL and not self.reason:
            raise ValueError(f"'{self.name}' is {self.fidelity}: say why under reason")
        return self


class Change(Frozen):
    """What it means to go from one form to another."""

    source: Way = Field(alias="from")
    target: Way = Field(alias="to")
    fidelity: Fidelity
    reason: str


Share = Annotated[Decimal, Field(gt=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]


class Assumed(Frozen):
    """What counts where nobody says."""

    bandwidth: str
    efficiency: Share
    change_per_day: Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
    restart_seconds: Seconds
    switch_seconds: Seconds
    promote_seconds: Seconds


class Equivalent(Frozen):
    """What stands for a resource on either side, and how near it is."""

    source: str
    target: str
    form: Way
    fidelity: Fidelity
    reasons: tuple[str, ...] = ()


class PlatformMap(Frozen):
    """The whole table."""

    platforms: Mapping[str, Platform]
    services: Mapping[ResourceType, Mapping[str, Service]]
    software: Mapping[str, Mapping[str, Service]] = Field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    assumed: Assumed
    replicates: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> PlatformMap:
        """Every type has an answer on every platform: none is missing when somebody asks."""
        if missing := next(self._missing(), None):
            raise ValueError(f"services.{missing[0]}: there is no answer for {missing[1]}")
        return self

    def _missing(self) -> Iterator[tuple[str, str]]:
        for kind in ResourceType:
            for platform in self.platforms:
                if platform not in self.services.get(kind, {}):
                    yield kind, platform

    @property
    def version(self) -> str:
        """`migration@` and the digest of everything in it."""
        return f"migration@{digest_of(self.model_dump(mode='json')).removeprefix('sha256:')[:12]}"

    def named(self, word: str) -> str:
        """The platform that is meant, in any case and by its other names. Raises InvalidInput naming all."""
        wanted = " ".join(word.casefold().replace("_", "-").split())
        for key, platform in self.platforms.items():
            words = {key, platform.title.casefold(), *platform.aliases}
            if {wanted, wanted.replace("-", " "), wanted.replace(" ", "-")} & words:
                return key
        raise InvalidInput(
            f"the platform '{word}' is not known", hint=f"known are {', '.join(self.platforms)}"
        )

    def service(self, kind: ResourceType, software: str | None, platform: str) -> Service:
        """What a platform has for a type, or for software of that type."""
        special = self.software.get(f"{kind}/{(software or '').casefold()}", {})
        return special.get(platform) or self.services[kind][platform]

    def equivalent(
        self,
        resource: Resource,
        source: str,
        target: str,
        *,
        managed: bool = True,
        software: str | None = None,
    ) -> Equivalent:
        """What stands for a resource on either side. Not `managed`: what the target would run is run by oneself there,
        on machines as at home."""
        engine = software or resource.engine
        there = self.service(resource.type, engine, source)
        here = self.service(resource.type, engine, target)
        if here.form is Way.MANAGED and not managed:
            machine = self.service(ResourceType.VM, None, target)
            here = machine.model_copy(update={"name": f"{machine.name} with the same software"})
        reasons = [here.reason] if here.reason and target != source else []
        fidelity = here.fidelity if target != source else Fidelity.EQUAL
        change = next(
            (c for c in self.changes if (c.source, c.target) == (there.form, here.form)), None
        )
        if change is not None:
            fidelity = max(fidelity, change.fidelity, key=_WORSE.index)
            reasons.append(change.reason)
        return Equivalent(
            source=there.name,
            target=here.name,
            form=here.form,
            fidelity=fidelity,
            reasons=tuple(dict.fromkeys(reasons)),
        )
