"""Writes blueprints down for other tools, so that nobody is locked in: resolved as a deployment resolves them, with a
note on everything that the other tool can't be told."""

from __future__ import annotations

from collections.abc import Collection

from alma.core.economics.cloudbook import Arch
from alma.core.model.base import digest_of, slug
from alma.core.model.blueprint import Blueprint
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.principal import Principal
from alma.core.model.rendering import MachineType, Rendering, Subject
from alma.core.model.software import Catalogue
from alma.core.model.state import DesiredResource
from alma.core.planning.collector import without_collector
from alma.core.planning.resolve import resolve
from alma.core.ports.renderers import Renderer, Renderers
from alma.core.services.blueprints import Blueprints
from alma.core.services.estimates import Estimates

# What one kind of place can't hold is no fault of a blueprint: it is told, and the rest is written.
_LIMITS = {"shared_volume": "each gets one of its own"}


class Renderings:
    """Blueprints as files for other tools. Nothing is stored, and no engine is asked."""

    def __init__(
        self,
        *,
        renderers: Renderers,
        blueprints: Blueprints,
        catalogue: Catalogue,
        estimates: Estimates,
    ) -> None:
        self._renderers = renderers
        self._blueprints = blueprints
        self._catalogue = catalogue
        self._estimates = estimates

    @property
    def targets(self) -> dict[str, tuple[str, ...]]:
        """What can be rendered for, and in which formats; the first of each is the usual one."""
        return {name: self._renderers.get(name).formats for name in self._renderers.names()}

    def saved(
        self,
        principal: Principal,
        id_: int,
        *,
        engine: str | None = None,
        format: str | None = None,
        revision: int | None = None,
    ) -> Rendering:
        """A saved blueprint's newest revision, or the one asked for. Raises NotFound, and like `document`."""
        found = self._blueprints.get(principal, id_, revision=revision)
        return self._rendered(
            found.blueprint, engine, format, number=found.number, digest=found.digest
        )

    def document(
        self, blueprint: Blueprint, *, engine: str | None = None, format: str | None = None
    ) -> Rendering:
        """A blueprint that need not be saved; without an `engine`, the one that it names itself. Raises InvalidInput
        for an engine or a format that is not known, BlueprintInvalid for what could not be deployed either."""
        digest = digest_of(blueprint.dump())
        return self._rendered(blueprint, engine, format, number=None, digest=digest)

    @without_collector
    def _rendered(
        self,
        blueprint: Blueprint,
        engine: str | None,
        format: str | None,
        *,
        number: int | None,
        digest: str,
    ) -> Rendering:
        renderer = self._renderer(engine or blueprint.engine)
        known = _format(renderer, format)
        found = resolve(blueprint, self._catalogue, renderer.traits)
        faults = [d for d in found.diagnostics if d.severity is Severity.ERROR]
        if any(d.code not in _LIMITS for d in faults):
            raise BlueprintInvalid([d for d in faults if d.code not in _LIMITS])
        region = blueprint.constraints.region if blueprint.constraints else None
        subject = Subject(
            name=blueprint.name,
            stack=slug(blueprint.name),
            revision=number,
            digest=digest,
            region=region,
        )
        types = _Types(self._estimates, renderer.name, region)
        made = renderer.render(found.resources, subject, format=known, types=types)
        told = [_as_note(d) for d in found.diagnostics]
        return made.model_copy(update={"notes": (*told, *made.notes)})

    def _renderer(self, name: str | None) -> Renderer:
        if name is None:
            raise InvalidInput(
                "for what to render is not said", hint=f"name one of {self._listed()} as engine"
            )
        # A connection, as in proxmox@lab, says where; files can be taken anywhere.
        return self._renderers.get(name.partition("@")[0])

    def _listed(self) -> str:
        return ", ".join(self._renderers.names())


def _as_note(found: Diagnostic) -> Diagnostic:
    if found.code not in _LIMITS:
        return found
    message = f"{found.message}: {_LIMITS[found.code]}"
    return found.model_copy(
        update={"severity": Severity.WARNING, "code": "unsupported", "message": message}
    )


def _format(renderer: Renderer, asked: str | None) -> str:
    if asked is None:
        return renderer.formats[0]
    wanted = asked.strip().casefold()
    if wanted in renderer.formats:
        return wanted
    raise InvalidInput(
        f"'{asked}' is no format that {renderer.name} is rendered in",
        hint=f"use {' or '.join(renderer.formats)}",
    )


class _Types:
    """The machine types of one provider, chosen as an estimate of its prices chooses them."""

    def __init__(self, estimates: Estimates, provider: str, region: str | None) -> None:
        self._estimates = estimates
        self._provider = provider
        self._region = region

    def smallest(
        self, desired: DesiredResource, *, families: Collection[str] = ()
    ) -> MachineType | None:
        offer = self._estimates.machine(
            desired, self._provider, region=self._region, families=families
        )
        if offer is None:
            return None
        kind = offer.type
        return MachineType(
            name=offer.name,
            vcpu=kind.vcpu,
            memory_gib=kind.memory_gib,
            arm=kind.arch is Arch.ARM,
        )
