"""Fields that a resource of its type can't use. A field that would be ignored in silence is a mistake worth showing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.model.blueprint import WORKLOADS, ClusterPolicies, Resource, ResourceType
from alma.core.model.diagnostic import Diagnostic, Severity

_T = ResourceType
_RUNS = WORKLOADS | {_T.KUBERNETES_CLUSTER}
_ENGINES = {"proxmox", "docker", "kubernetes", "simulation", "fake"}

# Fields with one meaning for few types: elsewhere they are an error.
_ONLY = {
    "backends": frozenset({_T.LOAD_BALANCER}),
    "cidr": frozenset({_T.NETWORK}),
    "vlan": frozenset({_T.NETWORK}),
    "rules": frozenset({_T.FIREWALL}),
    "mounts": WORKLOADS,
    "policies": frozenset({_T.KUBERNETES_CLUSTER}),
    "specs.nodes": frozenset({_T.KUBERNETES_CLUSTER}),
    "specs.control_plane": frozenset({_T.KUBERNETES_CLUSTER}),
    "specs.workers": frozenset({_T.KUBERNETES_CLUSTER}),
}
# Fields that do nothing outside these types, harmlessly: a warning.
_IDLE = {
    "engine": _RUNS,
    "version": _RUNS,
    "image": _RUNS,
    "command": WORKLOADS,
    "env": WORKLOADS,
    "specs.cpu": _RUNS,
    "specs.memory": _RUNS,
    "specs.gpu": _RUNS,
    "specs.disk": _RUNS | {_T.VOLUME},
    "specs.storage": _RUNS | {_T.VOLUME},
    "network.private_ip": _RUNS,
    "network.public_ip": _RUNS,
    "network.ports": _RUNS,
    "network.attach": _RUNS,
    "backup": _RUNS | {_T.VOLUME},
}
_SINGLE = {_T.NETWORK, _T.FIREWALL}


def check_fields(resources: Sequence[tuple[int, Resource]]) -> Iterator[Diagnostic]:
    """Everything about one resource that its type decides."""
    for index, resource in resources:
        yield from _wrong_type(index, resource)
        yield from _engine(index, resource)
        yield from _cluster(index, resource)
        yield from _backup(index, resource)
        yield from _count(index, resource)
        yield from _mounts(index, resource)


def _wrong_type(index: int, resource: Resource) -> Iterator[Diagnostic]:
    for path in _written(resource):
        allowed, severity = _ONLY.get(path), Severity.ERROR
        if allowed is None:
            allowed, severity = _IDLE.get(path), Severity.WARNING
        if allowed is None or resource.type in allowed:
            continue
        owners = " or ".join(sorted(allowed)) if len(allowed) <= 2 else "what runs"
        yield Diagnostic(
            severity=severity,
            code="misplaced_field",
            path=f"resources.{index}.{path}",
            message=f"a {resource.type} has no {path.rpartition('.')[2]}",
            hint=f"remove it: it belongs to {owners}",
        )


def _written(resource: Resource) -> Iterator[str]:
    """The paths that say something: set, and neither empty nor off."""
    for name in resource.model_fields_set:
        if name in {"specs", "network"}:
            part = getattr(resource, name)
            yield from (
                f"{name}.{inner}" for inner in part.model_fields_set if getattr(part, inner)
            )
        elif (value := getattr(resource, name)) and value != ClusterPolicies():
            yield name


def _engine(index: int, resource: Resource) -> Iterator[Diagnostic]:
    name = (resource.engine or "").casefold()
    if name not in _ENGINES or (name, resource.type) == ("kubernetes", _T.KUBERNETES_CLUSTER):
        return
    yield Diagnostic(
        code="engine_on_resource",
        path=f"resources.{index}.engine",
        message=f"'{resource.engine}' is a place to deploy to, not software to run",
        hint=f"write engine: {name} at the top of the blueprint; here, name software or nothing",
    )


def _cluster(index: int, resource: Resource) -> Iterator[Diagnostic]:
    specs = resource.specs
    roles = [number for number in (specs.control_plane, specs.workers) if number is not None]
    if specs.nodes is None or not roles:
        return
    both = len(roles) == 2
    if sum(roles) > specs.nodes or (both and sum(roles) != specs.nodes):
        yield Diagnostic(
            code="contradiction",
            path=f"resources.{index}.specs.nodes",
            message=f"{specs.nodes} nodes, but the roles add up to {sum(roles)}",
            hint="give the number of nodes, or control_plane and workers",
        )


def _backup(index: int, resource: Resource) -> Iterator[Diagnostic]:
    backup = resource.backup
    if backup is None or backup.enabled or not (backup.retention_days or backup.schedule):
        return
    yield Diagnostic(
        severity=Severity.WARNING,
        code="backup_disabled",
        path=f"resources.{index}.backup",
        message="backups are switched off, yet a schedule or retention is given",
        hint="write enabled: true, or remove the rest",
    )


def _count(index: int, resource: Resource) -> Iterator[Diagnostic]:
    if resource.count > 1 and resource.type in _SINGLE:
        yield Diagnostic(
            code="single_only",
            path=f"resources.{index}.count",
            message=f"a {resource.type} exists once",
            hint="write one resource for each, with a name of its own",
        )


def _mounts(index: int, resource: Resource) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for number, mount in enumerate(resource.mounts):
        path = mount.path.rstrip("/") or "/"
        if path in seen:
            yield Diagnostic(
                code="mount_clash",
                path=f"resources.{index}.mounts.{number}.path",
                message=f"two volumes are mounted at {path}",
                hint="mount one of them elsewhere",
            )
        seen.add(path)
