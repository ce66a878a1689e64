"""What an object on the Docker host says about itself, as an observed resource. Pure.

A label tells *which* properties ALMA set; their values come from the object as it really is, so that a change made
behind ALMA's back shows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.base import Json
from alma.core.model.state import ObservedResource, Status
from alma.core.model.units import Port, Size
from alma.engines import base
from alma.engines.docker import names, shape
from alma.engines.docker.spec import SHARES_PER_CPU, Surroundings

_SECOND = 1_000_000_000
_HTTPS_PORTS = frozenset({443, 8443})
_EVERY_ADDRESS = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  # compared, not bound
Inspected = Mapping[str, Any]
Kept = Mapping[str, Json]


def container(
    inspected: Inspected,
    *,
    around: Surroundings,
    cpus: int,
    kept: Kept | None = None,
    files: Mapping[str, str] | None = None,
    leftovers: Sequence[str] = (),
    hostname: str | None = None,
) -> ObservedResource | None:
    """One container; None when it carries no marker.

    `kept` is what the manifest inside it says, if it has one, and `files` the hashes of its files as they are now.
    `hostname` is the Docker host's name when it is another machine.
    """
    labels: Mapping[str, str] = inspected["Config"].get("Labels") or {}
    marker = base.Marker.from_labels(labels)
    if marker is None:
        return None
    kept = kept or {}
    properties = _properties(inspected, declared_of(names.declared_in(labels), kept), around, cpus)
    properties.update({f"files.{path}": value for path, value in (files or {}).items()})
    if leftovers:
        properties[shape.LEFTOVERS] = [*sorted(leftovers)]
    depends_on = kept.get("depends_on")
    return ObservedResource(
        address=marker.address,
        type=marker.type,
        object_id=inspected["Id"],
        name=inspected["Name"].lstrip("/"),
        key=marker.key,
        properties=dict(sorted(properties.items())),
        depends_on=tuple(map(str, depends_on))
        if isinstance(depends_on, list)
        else marker.depends_on,
        retain=marker.retain,
        status=status_of(inspected["State"]),
        endpoints=endpoints_of(inspected, labels.get(names.SPEAKS, "tcp"), hostname=hostname),
        extra=_extra(inspected),
    )


def declared_of(labelled: Mapping[str, Json], kept: Kept) -> dict[str, Json]:
    """What was declared last: by the manifest inside, which follows changes in place, or by the label."""
    properties = kept.get("properties")
    return dict(properties) if isinstance(properties, dict) else dict(labelled)


def _properties(
    inspected: Inspected, declared: Mapping[str, Json], around: Surroundings, cpus: int
) -> dict[str, Json]:
    env = _environment(inspected)
    labels = inspected["Config"].get("Labels") or {}
    actual: dict[str, Callable[[Json], Json]] = {
        "image": lambda _: str(inspected["Config"]["Image"]),
        "command": lambda _: [*(inspected["Config"].get("Cmd") or ())],
        "specs.cpu": lambda said: _cpu(inspected["HostConfig"], cpus, said),
        "specs.memory": lambda _: _memory(inspected["HostConfig"]),
        "ports": lambda said: _ports(inspected["HostConfig"], said),
        "networks": lambda _: _networks(inspected, around),
        "mounts": lambda _: _mounts(inspected, around),
        "network.private_ip": lambda said: _fixed_address(inspected, said),
    }
    found: dict[str, Json] = {}
    for path, said in declared.items():
        group, _, name = path.partition(".")
        if group == "env":
            value = env.get(name) if said is None else (said if name in env else None)
        elif group == "labels":
            value = labels.get(name)
        else:
            value = actual[path](said) if path in actual else said
        if value is not None and value != []:
            found[path] = value
    return found


def _environment(inspected: Inspected) -> dict[str, str]:
    pairs = (text.partition("=") for text in inspected["Config"].get("Env") or ())
    return {name: value for name, _, value in pairs}


def _cpu(config: Mapping[str, Any], cpus: int, said: Json) -> Json:
    nano = config.get("NanoCpus") or 0
    if nano <= 0:
        return None
    asked = (config.get("CpuShares") or 0) / SHARES_PER_CPU
    amount = nano / _SECOND
    if (
        amount >= cpus and asked > cpus
    ):  # more was asked than the host has: the weight remembers how much
        amount = asked
        if isinstance(said, int | float) and said > asked:  # more than a weight can say
            return said
    return int(amount) if amount == int(amount) else amount


def _memory(config: Mapping[str, Any]) -> Json:
    amount = config.get("Memory") or 0
    return str(Size.of_bytes(amount)) if amount > 0 else None


def _ports(config: Mapping[str, Any], said: Json) -> Json:
    """The declared ports with the published ones as they are. Where Docker chose, only the inner port was declared."""
    bindings: Mapping[str, Any] = config.get("PortBindings") or {}
    found: list[Json] = []
    for text in said if isinstance(said, list) else ():
        port = Port(str(text))
        bound = (bindings.get(f"{port.target}/{port.protocol}") or [{}])[0].get("HostPort", "")
        published = f"{bound}:" if port.published and bound else ""
        found.append(f"{published}{port.target}{'/udp' if port.protocol == 'udp' else ''}")
    return sorted(found, key=str)


def _networks(inspected: Inspected, around: Surroundings) -> Json:
    attached = inspected["NetworkSettings"].get("Networks") or {}
    known = around.networks.items()
    return [*sorted(address for address, network in known if network["Name"] in attached)]


def _mounts(inspected: Inspected, around: Surroundings) -> Json:
    addresses = {volume["Name"]: address for address, volume in around.volumes.items()}
    found = sorted(
        f"{addresses[mount['Name']]}:{mount['Destination']}{'' if mount['RW'] else ':ro'}"
        for mount in inspected.get("Mounts") or ()
        if mount.get("Type") == "volume" and mount.get("Name") in addresses
    )
    return [*found]


def _fixed_address(inspected: Inspected, said: Json) -> Json:
    for network in (inspected["NetworkSettings"].get("Networks") or {}).values():
        config = network.get("IPAMConfig") or {}
        if fixed := config.get("IPv4Address") or config.get("IPv6Address"):
            return str(fixed)
    return said  # none of its networks could give it; the plan said so


def status_of(state: Mapping[str, Any]) -> Status:
    """A container's state in ALMA's words. One that Docker starts again and again is unhealthy, not stopped."""
    match state.get("Status"):
        case "running":
            return _health_of(state)
        case "restarting":
            return Status.UNHEALTHY
        case "created" | "paused":
            return Status.STOPPED
        case "exited":
            return Status.FAILED if state.get("ExitCode") else Status.STOPPED
        case "dead":
            return Status.FAILED
        case _:
            return Status.UNKNOWN


def _health_of(state: Mapping[str, Any]) -> Status:
    health = (state.get("Health") or {}).get("Status")
    return {"starting": Status.STARTING, "unhealthy": Status.UNHEALTHY}.get(
        health or "", Status.RUNNING
    )


def endpoints_of(
    inspected: Inspected, speaks: str, *, hostname: str | None = None
) -> tuple[str, ...]:
    """The published ports as addresses to try, such as `http://127.0.0.1:32768`."""
    found: list[str] = []
    ports = inspected["NetworkSettings"].get("Ports") or {}
    for inner, bindings in sorted(ports.items(), key=lambda item: int(item[0].partition("/")[0])):
        target, _, protocol = inner.partition("/")
        for host, port in _one_family(bindings or ()):
            address = hostname or ("127.0.0.1" if host in _EVERY_ADDRESS else host)
            found.append(f"{_scheme(int(target), protocol, speaks)}://{_bracketed(address)}:{port}")
    return tuple(found)


def _one_family(bindings: Iterable[Mapping[str, str]]) -> list[tuple[str, str]]:
    """A port that is published on every address is listed for IPv4 and IPv6: once is enough."""
    pairs = [(binding["HostIp"], binding["HostPort"]) for binding in bindings]
    kept: dict[tuple[bool, str], tuple[str, str]] = {}
    for host, port in pairs:
        kept.setdefault((host in _EVERY_ADDRESS, port), (host, port))
    return list(kept.values())


def _scheme(target: int, protocol: str, speaks: str) -> str:
    if protocol == "udp":
        return "udp"
    return "https" if speaks == "http" and target in _HTTPS_PORTS else speaks


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def _extra(inspected: Inspected) -> dict[str, Json]:
    state = inspected["State"]
    addresses = {
        name: network["IPAddress"]
        for name, network in (inspected["NetworkSettings"].get("Networks") or {}).items()
        if network.get("IPAddress")
    }
    return {
        "state": state.get("Status"),
        "health": (state.get("Health") or {}).get("Status"),
        "restarts": inspected.get("RestartCount", 0),
        "addresses": addresses,
        "image_id": inspected.get("Image"),
    }


def network(found: Mapping[str, Any]) -> ObservedResource | None:
    """One network; None when it carries no marker."""
    labels: Mapping[str, str] = found.get("Labels") or {}
    marker = base.Marker.from_labels(labels)
    if marker is None:
        return None
    subnets = [
        entry["Subnet"]
        for entry in (found.get("IPAM") or {}).get("Config") or ()
        if entry.get("Subnet")
    ]
    properties: dict[str, Json] = {}
    for path, said in names.declared_in(labels).items():
        if path == "cidr":
            properties[path] = said if said in subnets else ",".join(subnets)
        elif (text := labels.get(path.removeprefix("labels."))) is not None:
            properties[path] = text
    return ObservedResource(
        address=marker.address,
        type=marker.type,
        object_id=found["Id"],
        name=found["Name"],
        key=marker.key,
        properties=dict(sorted(properties.items())),
        depends_on=marker.depends_on,
        retain=marker.retain,
        status=Status.PRESENT,
        extra={"subnets": [*subnets]},
    )


def volume(found: Mapping[str, Any]) -> ObservedResource | None:
    """One volume; None when it carries no marker."""
    marker = base.Marker.from_labels(found.get("Labels") or {})
    if marker is None:
        return None
    return ObservedResource(
        address=marker.address,
        type=marker.type,
        object_id=found["Name"],
        name=found["Name"],
        key=marker.key,
        depends_on=marker.depends_on,
        retain=marker.retain,
        status=Status.PRESENT,
        extra={"driver": found.get("Driver")},
    )
