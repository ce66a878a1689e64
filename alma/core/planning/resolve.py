"""From a blueprint to the instances an engine makes: counted, with software, networks and volumes filled in.

After this step nothing is left to look up: an engine sees one desired resource at a time and needs neither blueprint
nor catalogue. What was implied is a resource of its own, so that the plan shows it and people approve it.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

from alma.core.model.base import Frozen
from alma.core.model.blueprint import (
    COMPUTE,
    WORKLOADS,
    Blueprint,
    EnvValue,
    Resource,
    ResourceType,
    SecretRef,
)
from alma.core.model.cycles import find_cycles
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Catalogue, HealthCheck, Software
from alma.core.model.state import Backend, DesiredResource, RenderedFile, ResolvedMount
from alma.core.model.units import Port
from alma.core.planning.collector import without_collector
from alma.core.planning.fold import fold
from alma.core.planning.guests import (
    ACCESS,
    cluster_names,
    cluster_nodes,
    guest_files,
    is_guest,
    secrets_of,
)
from alma.core.planning.templates import render

_REPLICATED = frozenset({ResourceType.SERVICE, ResourceType.CONTAINER})


class Resolution(Frozen):
    """All instances in the order in which people read them, and what was noticed on the way."""

    resources: tuple[DesiredResource, ...]
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass
class _Resolver:
    blueprint: Blueprint
    catalogue: Catalogue
    traits: EngineTraits
    by_name: dict[str, tuple[int, Resource]]
    networks: tuple[str, ...]
    instances: dict[str, tuple[str, ...]] = field(init=False)
    owners: dict[str, str] = field(init=False)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    # Many resources share software and ports; their checks are one object then.
    checks: dict[tuple[str, tuple[Port, ...]], HealthCheck | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        resources = self.blueprint.resources
        self.instances = {r.name: self._addresses_of(r) for r in resources}
        self.owners = {a: name for name, addresses in self.instances.items() for a in addresses}

    def _addresses_of(self, resource: Resource) -> tuple[str, ...]:
        if _is_made_of_guests(resource, self.traits):
            return tuple(address for address, _ in cluster_names(resource))
        return (resource.name,) if self.replicates(resource) else resource.instance_names()

    def replicates(self, resource: Resource) -> bool:
        """Whether its instances are one object here. How many there are makes no difference: scaling renames nothing.

        Those that write data need each its own, and so do those that mount one of several volumes each.
        """
        if not self.traits.replicates or resource.type not in _REPLICATED:
            return False
        if is_apart(resource, self.traits):
            return True  # it is one object, whatever it does
        software = self.software_of(resource)
        if software is not None and software.data is not None:
            return False
        return all(mount.read_only and self._is_one(mount.volume) for mount in resource.mounts)

    def _is_one(self, volume: str) -> bool:
        return volume not in self.by_name or self.by_name[volume][1].count == 1

    def address_of(self, name: str) -> str:
        """The address at which an instance is, by the name that a blueprint may call it."""
        if name in self.owners:
            return name
        owner = self.by_name.get(name.rpartition("-")[0])
        together = owner is not None and self.replicates(owner[1])
        return owner[1].name if owner and together and name in owner[1].instance_names() else name

    def software_of(self, resource: Resource) -> Software | None:
        if resource.engine is not None:
            return self.catalogue.find(resource.engine)
        default = self.catalogue.defaults.get(resource.type)
        return self.catalogue.find(default) if default and resource.image is None else None

    def check_software(self, index: int, resource: Resource) -> None:
        if (
            resource.engine is None
            or resource.image is not None
            or self.catalogue.find(resource.engine)
        ):
            return
        known = ", ".join(self.catalogue.names(resource.type)) or ", ".join(self.catalogue.names())
        self.diagnostics.append(
            Diagnostic(
                code="unknown_software",
                path=f"resources.{index}.engine",
                message=f"unknown software '{resource.engine}'",
                hint=f"use one of: {known}; or give an image",
            )
        )

    def packaged(self, resource: Resource, software: Software | None) -> str | None:
        """The catalogue's own image."""
        if software is None or software.image is None or not self.traits.images:
            return None
        return f"{software.image}:{resource.version or software.default_version}"

    def image_of(self, resource: Resource, software: Software | None) -> str | None:
        packaged = self.packaged(resource, software)
        # A VM's image is an operating system; where software comes as an image, that image is the better answer.
        if resource.type is ResourceType.VM and packaged:
            return packaged
        return resource.image or packaged

    def networks_of(self, resource: Resource) -> tuple[str, ...]:
        if resource.type not in WORKLOADS:
            return ()
        if is_apart(resource, self.traits):
            return ()
        if resource.network.attach:
            return tuple(name for name in resource.network.attach if name in self.by_name)
        if resource.network.private_ip:
            address = ipaddress.ip_address(resource.network.private_ip)
            for name in self.networks:
                cidr = self.by_name[name][1].cidr if name in self.by_name else None
                if cidr and address in ipaddress.ip_network(cidr):
                    return (name,)
        return self.networks[:1]

    def backends_of(self, resource: Resource) -> tuple[Backend, ...]:
        if resource.type is not ResourceType.LOAD_BALANCER:
            return ()
        names: Iterable[str] = resource.backends
        if not names:
            names = [name for name in resource.depends_on if self._is_compute(name)]
        if not names:
            names = [
                name
                for name in self.by_name
                if self._is_compute(name) and self.ports_of(self.by_name[name][1])
            ]
        found: list[Backend] = []
        for name in names:
            if name in self.by_name and (ports := self.ports_of(self.by_name[name][1])):
                found.extend(
                    Backend(address=address, port=ports[0].target)
                    for address in self.instances[name]
                )
        return tuple(found)

    def _is_compute(self, name: str) -> bool:
        return name in self.by_name and self.by_name[name][1].type in COMPUTE

    def ports_of(self, resource: Resource) -> tuple[Port, ...]:
        if resource.network.ports:
            return resource.network.ports
        software = self.software_of(resource)
        return software.ports if software else ()

    def health_of(self, software: Software | None, ports: tuple[Port, ...]) -> HealthCheck | None:
        key = (software.id if software else "", ports)
        if key not in self.checks:
            self.checks[key] = _health(software, self._own_check(software), ports)
        return self.checks[key]

    def _own_check(self, software: Software | None) -> HealthCheck | None:
        if software is None:
            return None
        return software.health if self.traits.images else software.packages.health

    def mounts_of(
        self, resource: Resource, index: int, volume: str | None, data: str | None
    ) -> tuple[ResolvedMount, ...]:
        mounts = [ResolvedMount(volume=volume, path=data)] if volume and data else []
        for mount in resource.mounts:
            if mount.volume in self.instances:
                volumes = self.instances[mount.volume]
                name = volumes[index] if index < len(volumes) else volumes[0]
                mounts.append(
                    ResolvedMount(volume=name, path=mount.path, read_only=mount.read_only)
                )
        return tuple(mounts)


@without_collector
def resolve(blueprint: Blueprint, catalogue: Catalogue, traits: EngineTraits) -> Resolution:
    """Every instance of the blueprint for an engine with these traits. Deterministic; needs no I/O.

    Faults that stop a deployment come back as error diagnostics, with paths into the blueprint.
    """
    by_name = {
        resource.name: (index, resource) for index, resource in enumerate(blueprint.resources)
    }
    own_networks = tuple(r.name for r in blueprint.resources if r.type is ResourceType.NETWORK)
    implied = (
        _implied_network(blueprint, own_networks, traits) if traits.separate_networks else None
    )
    resolver = _Resolver(
        blueprint=blueprint,
        catalogue=catalogue,
        traits=traits,
        by_name=by_name,
        networks=(implied.name,) if implied else own_networks,
    )
    resources: list[DesiredResource] = []
    if implied:
        resources.append(
            DesiredResource(address=implied.name, type=implied.type, resource=implied, implied=True)
        )
    for index, resource in enumerate(blueprint.resources):
        resolver.check_software(index, resource)
        resources.extend(_instances_of(resolver, index, resource))
    folded, faults = fold(resources, blueprint, traits)
    resolver.diagnostics.extend([*faults, *_doubles(resolver, folded)])
    _check_order(resolver, folded)
    return Resolution(resources=tuple(folded), diagnostics=tuple(resolver.diagnostics))


def _doubles(resolver: _Resolver, resources: Sequence[DesiredResource]) -> list[Diagnostic]:
    """The nodes of a cluster have names that the blueprint does not show, and another resource may have one of them."""
    counted = Counter(item.address for item in resources)
    return [
        Diagnostic(
            code="duplicate_name",
            path=f"resources.{_place(resolver, address)}.name",
            message=f"name '{address}' is that of a cluster's node, too",
            hint="give the other one another name",
        )
        for address, times in counted.items()
        if times > 1
    ]


def _check_order(resolver: _Resolver, resources: Sequence[DesiredResource]) -> None:
    """What is implied can close a circle that the blueprint as written does not show."""
    cycle = next(find_cycles({item.address: item.depends_on for item in resources}), None)
    if cycle is None:
        return
    # Told from its first in the document on: whoever reads it looks there first.
    start = min(range(len(cycle)), key=lambda at: _place(resolver, cycle[at]))
    first, *others = (*cycle[start:], *cycle[:start])
    resolver.diagnostics.append(
        Diagnostic(
            code="dependency_cycle",
            path=f"resources.{_place(resolver, first)}.depends_on",
            message=f"'{first}' waits for itself, by way of {', '.join(others)}",
            hint="name a load balancer's backends, or remove one of the dependencies",
        )
    )


def _place(resolver: _Resolver, address: str) -> int:
    index, _ = resolver.by_name[resolver.owners[address]]
    return index


def is_apart(resource: Resource, traits: EngineTraits) -> bool:
    """Whether it was there before, in networks that are nobody's of the stack."""
    return traits.apart is not None and any(
        options.get(traits.apart) for options in resource.options.values()
    )


def _implied_network(
    blueprint: Blueprint, own: tuple[str, ...], traits: EngineTraits
) -> Resource | None:
    """The stack's own network, when there is something to connect and the blueprint names none."""
    joining = (r for r in blueprint.resources if r.type in WORKLOADS and not is_apart(r, traits))
    if own or next(joining, None) is None:
        return None
    taken = {name for resource in blueprint.resources for name in resource.instance_names()}
    names = chain(["network"], (f"network-{n}" for n in count(1)))
    name = next(name for name in names if name not in taken)
    return Resource(name=name, type=ResourceType.NETWORK, cidr=_common_network(blueprint))


def _common_network(blueprint: Blueprint) -> str | None:
    """A network around all fixed addresses: their /24, or the /16 when they are farther apart."""
    fixed = [r.network.private_ip for r in blueprint.resources if r.network.private_ip]
    addresses = [address for text in fixed if (address := ipaddress.ip_address(text)).version == 4]
    for length in (24, 16):
        around = {
            ipaddress.ip_network(f"{address}/{length}", strict=False) for address in addresses
        }
        if len(around) == 1:
            return str(around.pop())
    return None


def _instances_of(resolver: _Resolver, index: int, resource: Resource) -> list[DesiredResource]:
    software = resolver.software_of(resource)
    shared = _shared_fields(resolver, index, resource, software)
    if _is_made_of_guests(resource, resolver.traits):
        first = _dependencies(resolver, shared, address=shared.address, mounts=(), env=shared.env)
        shared = shared.model_copy(update={"depends_on": first})
        return [*cluster_nodes(shared, resolver.catalogue)]
    made: list[DesiredResource] = []
    for number, address in enumerate(resolver.instances[resource.name]):
        volume = _implied_volume(resolver, resource, software, address)
        if volume is not None:
            made.append(volume)
        made.append(_instance(resolver, software, shared, (number, address, volume)))
    return made


def _is_made_of_guests(resource: Resource, traits: EngineTraits) -> bool:
    return resource.type is ResourceType.KUBERNETES_CLUSTER and not traits.clusters


def _implied_volume(
    resolver: _Resolver, resource: Resource, software: Software | None, address: str
) -> DesiredResource | None:
    """The volume for data that must outlive the instance, unless a mount of the blueprint already covers it."""
    if software is None or software.data is None or not resolver.traits.separate_volumes:
        return None
    if any(mount.path.rstrip("/") == software.data.rstrip("/") for mount in resource.mounts):
        return None
    name = _name_of_volume(address)
    if name in resolver.owners:
        _refuse_name(resolver, name, address)
        return None
    return DesiredResource(
        address=name,
        type=ResourceType.VOLUME,
        resource=Resource(name=name, type=ResourceType.VOLUME),
        disk=resource.specs.disk_size or software.storage,
        implied=True,
        retain=True,
    )


def _name_of_volume(owner: str) -> str:
    """Names have at most 63 characters, and the owner's may have all of them."""
    if len(owner) <= 58:
        return f"{owner}-data"
    return f"{owner[:49]}-{hashlib.sha256(owner.encode()).hexdigest()[:8]}-data"


def _refuse_name(resolver: _Resolver, name: str, owner: str) -> None:
    """Not another name, as for a network: the data would be looked for under it once the name is taken."""
    index, _ = resolver.by_name[resolver.owners[name]]
    resolver.diagnostics.append(
        Diagnostic(
            code="duplicate_name",
            path=f"resources.{index}.name",
            message=f"name '{name}' is taken by the volume for the data of '{owner}'",
            hint=f"give it another name; or mount it in '{owner}', where the data is, if it is that volume",
        )
    )


def _shared_fields(
    resolver: _Resolver, index: int, resource: Resource, software: Software | None
) -> DesiredResource:
    """What is the same for every instance of one resource."""
    backends = resolver.backends_of(resource)
    if resource.type is ResourceType.LOAD_BALANCER and not backends:
        resolver.diagnostics.append(
            Diagnostic(
                severity=Severity.WARNING,
                code="no_backends",
                path=f"resources.{index}.backends",
                message=f"load balancer '{resource.name}' has nothing to spread over",
                hint="list the resources in backends; they need a port",
            )
        )
    # What the catalogue says of command and environment belongs to the image.
    packed = software if resolver.traits.images else None
    env: dict[str, str | SecretRef] = dict(packed.env) if packed else {}
    env.update({key: _env_value(resolver, value) for key, value in resource.env.items()})
    ports = resolver.ports_of(resource)
    image, packaged = resolver.image_of(resource, software), resolver.packaged(resource, software)
    return DesiredResource(
        address=resource.name,
        type=resource.type,
        resource=resource,
        software=software.id if software else None,
        image=image,
        user=packed.user if packed and image == packaged else None,
        writable=packed.writable if packed and image == packaged else (),
        command=resource.command or (packed.command if packed else ()),
        cpu=resource.specs.cpu or (software.cpu if software else None),
        memory=resource.specs.memory or (software.memory if software else None),
        disk=resource.specs.disk_size or (software.storage if software else None),
        ports=ports,
        public=bool(resource.network.public_ip),
        networks=resolver.networks_of(resource),
        backends=backends,
        replicas=resource.count if resolver.replicates(resource) else 1,
        env=env,
        health=resolver.health_of(software, ports),
        secrets=secrets_of(resource, software, resolver.traits),
        recipe=software.packages if software and not resolver.traits.images else None,
        retain=resource.type is ResourceType.VOLUME,
    )


def _env_value(resolver: _Resolver, value: EnvValue) -> str | SecretRef:
    if isinstance(value, SecretRef):
        owner, _, name = value.secret.rpartition(".")
        address = resolver.address_of(owner)
        return value if address == owner else SecretRef(secret=f"{address}.{name}")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _health(
    software: Software | None, check: HealthCheck | None, ports: tuple[Port, ...]
) -> HealthCheck | None:
    if software is not None and check is not None:
        if (
            check.kind != "command"
            and ports
            and check.port in (None, *(p.target for p in software.ports))
        ):
            check = check.model_copy(update={"port": ports[0].target})
        inside = (part.replace("{port}", str(check.port)) for part in check.inside)
        return check.model_copy(update={"inside": tuple(inside)})
    tcp = next((port for port in ports if port.protocol == "tcp"), None)
    return HealthCheck(kind="tcp", port=tcp.target) if tcp else None


def _instance(
    resolver: _Resolver,
    software: Software | None,
    shared: DesiredResource,
    instance: tuple[int, str, DesiredResource | None],
) -> DesiredResource:
    number, address, volume = instance
    data = software.data if software else None
    mounts = resolver.mounts_of(shared.resource, number, volume.address if volume else None, data)
    generated = software.secret_env if software and resolver.traits.images else {}
    own = {key: SecretRef(secret=f"{address}.{name}") for key, name in generated.items()}
    # What the blueprint sets wins over what the catalogue would generate.
    env = {**own, **shared.env}
    own_fields: dict[str, object] = {
        "address": address,
        "index": number,
        "mounts": mounts,
        "env": env,
        "depends_on": _dependencies(resolver, shared, address=address, mounts=mounts, env=env),
    }
    if is_guest(shared.resource, resolver.traits):
        own_fields["access_secret"] = f"{address}.{ACCESS}"
    desired = shared.model_copy(update=own_fields)
    if software is None:
        return desired
    files = _files(desired, software) if resolver.traits.images else guest_files(desired, software)
    return desired.model_copy(update={"files": files}) if files else desired


def _files(desired: DesiredResource, software: Software) -> tuple[RenderedFile, ...]:
    """What software that comes as an image finds in its file system."""
    files = [
        RenderedFile(path=secret.path, secret=f"{desired.address}.{name}", mode=0o444)
        for name, secret in software.secrets.items()
        if secret.path is not None
    ]
    files += [
        RenderedFile(path=file.path, content=render(file.template, desired), mode=file.mode)
        for file in software.files
    ]
    return tuple(files)


def _dependencies(
    resolver: _Resolver,
    shared: DesiredResource,
    *,
    address: str,
    mounts: Sequence[ResolvedMount],
    env: Mapping[str, str | SecretRef],
) -> tuple[str, ...]:
    """Addresses that must be there first, in a stable order and without the instance itself."""
    names: dict[str, None] = dict.fromkeys(shared.networks)
    names.update(dict.fromkeys(mount.volume for mount in mounts))
    for name in shared.resource.depends_on:
        names.update(dict.fromkeys(resolver.instances.get(name, ())))
    names.update(dict.fromkeys(backend.address for backend in shared.backends))
    for value in env.values():
        if isinstance(value, SecretRef):
            owner = value.secret.rpartition(".")[0]
            # Its siblings' secrets are made with the first of them that needs one: they don't wait for each other.
            if resolver.owners.get(owner, shared.resource.name) != shared.resource.name:
                names[owner] = None
    names.pop(address, None)
    return tuple(names)
