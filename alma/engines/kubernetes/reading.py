"""The properties of one address as its objects have them now. Pure; the counterpart of `shape`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from alma.core.model.base import Json
from alma.core.model.state import is_among
from alma.core.model.units import Port
from alma.engines import base
from alma.engines.kubernetes import (
    adopted,
    kinds,
    labels,
    levels,
    marker,
    names,
    probes,
    quantities,
    reach,
    scaling,
    shape,
)
from alma.engines.kubernetes.group import Group
from alma.engines.kubernetes.manifests import files, machines, pods, policies, scale, services

Object = Mapping[str, Any]
Kept = Mapping[str, Json]
# What an operator decides by itself, so that nothing of its resource says it. `support` names them.
_NOT_OPERATED = ("command", "env.", "files.", "mounts", "image", "specs.gpu", "options.", "health")


def properties_of(group: Group) -> dict[str, Json]:
    """Every property that was declared, with the value that it has now. What is gone has no key."""
    kept = adopted.kept_of(group.primary)
    if kept is not None:
        return adopted.properties_of(group.primary, kept)
    found: dict[str, Json] = {}
    for path, said in group.declared.items():
        value = _value(group, path, said)
        if value is not None and value != []:
            found[path] = value
    return found | _scaled(group)


def _scaled(group: Group) -> dict[str, Json]:
    """How many there are of what is one unless somebody says otherwise. Of none, the status tells."""
    if {"count", shape.AUTOSCALE} & group.declared.keys():
        return {}
    count = _count(group, None)
    return {} if count in {None, 0, 1} else {"count": count}


def _value(group: Group, path: str, said: Json) -> Json:
    part, _, name = path.partition(".")
    if group.is_operated and is_among(path, _NOT_OPERATED):
        return said
    if part == "labels":
        own = group.primary["metadata"].get("labels") or {}
        return own.get(name) if said is None else said
    if part == "env":
        return _variable(group, name, said)
    if part == "files":
        return _file(group, name, said)
    reader = _READERS.get(path)
    return said if reader is None else reader(group, said)


# ── in the pods ──────────────────────────────────────────────────────────────────────────────────


def _variable(group: Group, name: str, said: Json) -> Json:
    entry = next((v for v in group.container.get("env") or () if v.get("name") == name), None)
    if entry is None:
        return None
    reference = (entry.get("valueFrom") or {}).get("secretKeyRef")
    if said is None:
        return pods.unescaped(str(entry.get("value", ""))) if reference is None else "a secret"
    kept = names.companion_name(group.address, pods.SECRETS)
    expected = {"name": kept, "key": pods.secret_key(name)}
    is_that = reference is not None and {**reference, **expected} == reference
    return said if is_that and _is_there(group, pods.secret_key(name)) else "another value"


def _is_there(group: Group, key: str) -> bool:
    secret = group.companion(files.SECRET, names.companion_name(group.address, pods.SECRETS))
    return secret is not None and key in (secret.get("data") or {})


def _file(group: Group, path: str, said: Json) -> Json:
    """A file as it is kept, with the mode and at the place that the pods are told."""
    key, secret = names.data_key(path), str(said).startswith("secret:")
    volume = pods.SECRETS if secret else pods.FILES
    mounts = group.container.get("volumeMounts") or ()
    if not any((m.get("mountPath"), m.get("name")) == (path, volume) for m in mounts):
        return None
    mode = _mode(group, volume, key)
    if secret:
        content: str | None = str(said).partition(" ")[0] if _is_there(group, key) else None
    else:
        content = _hash(group, key)
    if content is None or mode is None:
        return "missing"
    return content if mode == 0o644 else f"{content} {mode:04o}"


def _hash(group: Group, key: str) -> str | None:
    config = group.companion(files.CONFIG, names.companion_name(group.address, pods.FILES))
    content = ((config or {}).get("data") or {}).get(key)
    return None if content is None else base.hash_of_content(content)


def _mode(group: Group, volume: str, key: str) -> int | None:
    volumes: Sequence[Object] = group.pod.get("volumes") or ()
    found: Object = next((v for v in volumes if v.get("name") == volume), {})
    source: Object = found.get("secret") or found.get("configMap") or {}
    items: Sequence[Object] = [i for i in source.get("items") or () if i.get("key") == key]
    mode = items[0].get("mode", source.get("defaultMode")) if items else None
    return mode if isinstance(mode, int) else None


def _image(group: Group, _: Json) -> Json:
    if group.kind == kinds.MACHINE:
        disks = (v.get("containerDisk") for v in group.pod.get("volumes") or ())
        return next((disk.get("image") for disk in disks if disk), None)
    return group.container.get("image")


def _command(group: Group, _: Json) -> Json:
    return [pods.unescaped(str(part)) for part in group.container.get("args") or ()]


def _limit(group: Group, name: str) -> Any:
    resources = group.container.get("resources") or {}
    if group.is_operated:
        inner = group.spec.get("kubernetesConfig") or {}
        resources = group.spec.get("resources") or inner.get("resources") or {}
    return (resources.get("limits") or {}).get(name)


def _cpu(group: Group, said: Json) -> Json:
    if group.kind == kinds.MACHINE:
        cores = ((group.pod.get("domain") or {}).get("cpu") or {}).get("cores")
        return said if isinstance(said, int | float) and cores == machines.cores(said) else cores
    return quantities.cpu_property(_limit(group, "cpu"), said)


def _memory(group: Group, _: Json) -> Json:
    if group.kind == kinds.MACHINE:
        guest = ((group.pod.get("domain") or {}).get("memory") or {}).get("guest")
        return quantities.size_property(guest)
    return quantities.size_property(_limit(group, "memory"))


def _gpu(group: Group, _: Json) -> Json:
    return quantities.cpu_property(_limit(group, pods.GPU))


def _networks(group: Group, said: Json) -> Json:
    own = (group.template.get("metadata") or {}).get("labels") or {}
    if group.kind == kinds.short(kinds.POSTGRES):
        own = (group.spec.get("inheritedMetadata") or {}).get("labels") or {}
    elif group.kind == kinds.short(kinds.REDIS):
        own = group.primary["metadata"].get("labels") or {}
    return [name for name in _texts(said) if labels.network_label(name) in own]


def _mounts(group: Group, said: Json) -> Json:
    """The declared mounts of those that are there. Which volume is behind is told by the claim."""
    claims = {
        volume.get("name"): (volume.get("persistentVolumeClaim") or {}).get("claimName")
        for volume in group.pod.get("volumes") or ()
    }
    if group.kind == kinds.MACHINE:
        return [
            t for t in _texts(said) if names.object_name(t.partition(":")[0]) in claims.values()
        ]
    there = {
        (claims.get(mount.get("name")), mount.get("mountPath"), bool(mount.get("readOnly")))
        for mount in group.container.get("volumeMounts") or ()
    }
    return [text for text in _texts(said) if _mounted(text) in there]


def _mounted(text: str) -> tuple[str, str, bool]:
    volume, _, rest = text.partition(":")
    read_only = rest.endswith(":ro")
    return names.object_name(volume), rest.removesuffix(":ro"), read_only


def _texts(said: Json) -> list[str]:
    return [str(text) for text in said] if isinstance(said, list) else []


def _level(group: Group, said: Json) -> Json:
    context = group.pod.get("securityContext") or {}
    own = group.container.get("securityContext") or {}
    if context.get("runAsNonRoot") and (own.get("capabilities") or {}).get("drop") == ["ALL"]:
        return levels.RESTRICTED
    if own.get("allowPrivilegeEscalation") is False:
        return levels.BASELINE
    return "privileged"


def _user(group: Group, _: Json) -> Json:
    user = (group.pod.get("securityContext") or {}).get("runAsUser")
    return user if isinstance(user, int) else None


def _nodes(group: Group, _: Json) -> Json:
    return [*sorted(f"{k}={v}" for k, v in (group.pod.get("nodeSelector") or {}).items())]


# ── around them ──────────────────────────────────────────────────────────────────────────────────


def _ports(group: Group, said: Json) -> Json:
    """The declared ports of those that a Service still offers. Where one is published tells what publishes it."""
    inner = _offered(_inner(group))
    outer = [_offered(group.companion(kinds.SERVICE, name)) for name in _public_names(group)]
    return [text for text in _texts(said) if _is_offered(group, Port(text), inner, outer)]


def _public_names(group: Group) -> tuple[str, ...]:
    return tuple(services.public_name(group.address, protocol) for protocol in ("tcp", "udp"))


def _inner(group: Group) -> Object | None:
    if group.kind == kinds.SERVICE:
        return group.primary
    return group.companion(kinds.SERVICE, names.object_name(group.address))


def _offered(service: Object | None) -> set[tuple[int, int, str]]:
    ports = ((service or {}).get("spec") or {}).get("ports") or ()
    return {
        (p["port"], int(p.get("targetPort", p["port"])), p.get("protocol", "TCP")) for p in ports
    }


def _is_offered(
    group: Group,
    port: Port,
    inner: set[tuple[int, int, str]],
    outer: Sequence[set[tuple[int, int, str]]],
) -> bool:
    if group.kind == kinds.short(kinds.REDIS):  # its operator makes the Service
        return True
    protocol = port.protocol.upper()
    if not any((number, proto) == (port.target, protocol) for number, _, proto in inner):
        return False
    doors = any(group.companion(kind, names.object_name(group.address)) for kind in _DOORS)
    if port.published is None or doors:
        return True
    wanted = {port.published, port.target}
    return any(
        number in wanted and proto == protocol for some in outer for number, _, proto in some
    )


_DOORS = (reach.INGRESS, reach.ROUTE)


def _public(group: Group, said: Json) -> Json:
    if group.kind == kinds.short(kinds.REDIS) or not group.declared.get("ports"):
        return said
    at = [*((kinds.SERVICE, name) for name in _public_names(group))]
    at += [(kind, names.object_name(group.address)) for kind in _DOORS]
    return said if any(group.companion(kind, name) for kind, name in at) else None


def _count(group: Group, _: Json) -> Json:
    count = group.spec.get("replicas", group.spec.get("instances"))
    return count if isinstance(count, int) else None


def _autoscale(group: Group, _: Json) -> Json:
    found = group.companion(scale.AUTOSCALER, names.object_name(group.address))
    spec = (found or {}).get("spec")
    if not spec:
        return None
    cpu = spec.get("targetCPUUtilizationPercentage")
    for metric in spec.get("metrics") or ():
        resource = metric.get("resource") or {}
        if resource.get("name") == "cpu":
            cpu = (resource.get("target") or {}).get("averageUtilization")
    return scaling.words_of(spec.get("minReplicas"), spec.get("maxReplicas"), cpu)


def _rules(group: Group, said: Json) -> Json:
    name = names.companion_name(group.address, policies.RULES)
    return _policed(group.companion(kinds.POLICY, name), said)


def _reach(group: Group, said: Json) -> Json:
    if group.kind == kinds.POLICY:
        return _policed(group.primary, said)
    name = names.companion_name(group.address, policies.PUBLIC)
    return _policed(group.companion(kinds.POLICY, name), said)


def _policed(policy: Object | None, said: Json) -> Json:
    """What was declared, if there is a policy that still says it; else what it says instead."""
    if policy is None:
        return None
    return said if policies.is_as_made(policy) else [*policies.words_of(policy)]


def _health(group: Group, _: Json) -> Json:
    return [*probes.words_of(group.container)]


def _host(group: Group, _: Json) -> Json:
    name = names.object_name(group.address)
    ingress = ((group.companion(reach.INGRESS, name) or {}).get("spec") or {}).get("rules") or ()
    route = ((group.companion(reach.ROUTE, name) or {}).get("spec") or {}).get("hostnames") or ()
    return next((rule["host"] for rule in ingress if rule.get("host")), next(iter(route), None))


def _gateway(group: Group, _: Json) -> Json:
    found = group.companion(reach.ROUTE, names.object_name(group.address))
    for parent in ((found or {}).get("spec") or {}).get("parentRefs") or ():
        return "/".join(filter(None, (parent.get("namespace"), str(parent.get("name")))))
    return None


# ── claims ───────────────────────────────────────────────────────────────────────────────────────


def _disk(group: Group, _: Json) -> Json:
    asked = (group.spec.get("resources") or {}).get("requests") or {}
    return quantities.size_property(asked.get("storage"))


def _access(group: Group, _: Json) -> Json:
    return next(iter(group.spec.get("accessModes") or ()), None)


def _backends(group: Group, said: Json) -> Json:
    """Of a Service: whose pods it chooses. A proxy's are in its files."""
    if group.kind != kinds.SERVICE:
        return said
    chosen = (group.spec.get("selector") or {}).get(marker.ADDRESS)
    targets = {target for _, target, _ in _offered(group.primary)}
    return [text for text in _texts(said) if _is_chosen(text, chosen, targets)]


def _is_chosen(text: str, chosen: object, targets: set[int]) -> bool:
    address, _, port = text.rpartition(":")
    return names.label_value(address) == chosen and int(port) in targets


_READERS: Mapping[str, Callable[[Group, Json], Json]] = {
    shape.KIND: lambda group, _: group.kind,
    "image": _image,
    "command": _command,
    "specs.cpu": _cpu,
    "specs.memory": _memory,
    "specs.gpu": _gpu,
    "specs.disk": _disk,
    "networks": _networks,
    "mounts": _mounts,
    "ports": _ports,
    "public": _public,
    "count": _count,
    "rules": _rules,
    shape.REACH: _reach,
    shape.HEALTH: _health,
    "backends": _backends,
    shape.LEVEL: _level,
    shape.USER: _user,
    shape.NODES: _nodes,
    shape.AUTOSCALE: _autoscale,
    shape.HOST: _host,
    shape.GATEWAY: _gateway,
    shape.ACCESS: _access,
    shape.STORAGE_CLASS: lambda group, _: group.spec.get("storageClassName"),
}
