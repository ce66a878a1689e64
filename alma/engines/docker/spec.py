"""The request that makes a container: everything about it that is known before it exists. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.blueprint import DATA, ResourceType, SecretRef
from alma.core.model.software import HealthCheck
from alma.core.model.state import DesiredResource, StackRef
from alma.core.model.units import Port
from alma.engines import base
from alma.engines.docker import names, shape
from alma.engines.docker.images import ImageFacts
from alma.engines.systems import IDLE, image_of

_SECOND = 1_000_000_000
_START_INTERVAL_API = (1, 44)
_RETRIES = 3
SHARES_PER_CPU = 1000
_SHARES = range(2, 262_145)


@dataclass(frozen=True)
class Host:
    """What counts of the machine below: its CPUs, the API's version, the daemon's own id, and where ports go."""

    cpus: int
    api: tuple[int, int]
    publish_address: str = "127.0.0.1"
    id: str = ""

    @property
    def place(self) -> str:
        """See `Observation.place`."""
        return f"{self.id} publishes on {self.publish_address}"


@dataclass(frozen=True)
class Surroundings:
    """The stack's networks and volumes as they are now, by address."""

    networks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    volumes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def container_config(
    desired: DesiredResource,
    marker: base.Marker,
    *,
    stack: StackRef,
    host: Host,
    image: ImageFacts,
    around: Surroundings,
    secret: Callable[[str], str],
    ports: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The body of the create call. `ports` asks for certain published ports (by "80/tcp") where the blueprint leaves
    the choice to Docker, so that a replaced load balancer stays where it was."""
    declared = shape.declared_of(shape.shape_of(desired))
    config: dict[str, Any] = {
        "Image": image_of(desired),
        "Hostname": names.host_name(desired.address),
        "Env": environment(desired, secret),
        "Labels": {
            **names.own_labels(desired),
            **names.labels_of(marker, stack, declared),
            names.SPEAKS: speaks(desired),
        },
        "ExposedPorts": {_port_key(port): {} for port in desired.ports},
        "HostConfig": _host_config(desired, host, image, around, ports or {}),
    }
    if desired.command or image.idles:
        config["Cmd"] = [*(desired.command or IDLE)]
    if (health := health_config(desired.health, host.api)) is not None:
        config["Healthcheck"] = health
    if desired.networks:
        first = around.networks[desired.networks[0]]
        fixed = desired.resource.network.private_ip
        config["NetworkingConfig"] = {
            "EndpointsConfig": {str(first["Name"]): endpoint(desired.address, fixed, first)}
        }
    return config


def speaks(desired: DesiredResource) -> str:
    """What a client of its ports speaks, as far as can be told: `http` or `tcp`. It is for people, to click on."""
    health = desired.health
    if desired.type is ResourceType.LOAD_BALANCER:
        return "tcp" if health is not None and health.kind == "tcp" else "http"
    return "tcp" if desired.type in DATA - {ResourceType.OBJECT_STORE} else "http"


def environment(desired: DesiredResource, secret: Callable[[str], str]) -> list[str]:
    """The variables as Docker takes them. A secret that is asked for as a variable can be seen by `docker inspect`."""
    return [
        f"{name}={secret(value.secret) if isinstance(value, SecretRef) else value}"
        for name, value in sorted(desired.env.items())
    ]


def _host_config(
    desired: DesiredResource,
    host: Host,
    image: ImageFacts,
    around: Surroundings,
    ports: Mapping[str, str],
) -> dict[str, Any]:
    config: dict[str, Any] = {
        **limits(desired, cpus=host.cpus),
        "RestartPolicy": {"Name": "unless-stopped"},
        "Init": not image.init,
        "SecurityOpt": ["no-new-privileges:true"],
        "PortBindings": port_bindings(desired, host.publish_address, ports),
        "Mounts": [
            {
                "Type": "volume",
                "Source": str(around.volumes[mount.volume]["Name"]),
                "Target": mount.path,
                "ReadOnly": mount.read_only,
            }
            for mount in desired.mounts
        ],
    }
    if desired.networks:
        config["NetworkMode"] = str(around.networks[desired.networks[0]]["Name"])
    return config


def limits(desired: DesiredResource, *, cpus: int) -> dict[str, int]:
    """CPU and memory as Docker takes them.

    Docker refuses more CPUs than the host has; then all of them are the limit. What was asked stays readable as the
    container's weight, and is the right weight too. Without swap of its own the memory limit is exact.
    """
    found: dict[str, int] = {}
    if desired.cpu is not None:
        found["NanoCpus"] = round(min(desired.cpu, cpus) * _SECOND)
        shares = round(desired.cpu * SHARES_PER_CPU)
        found["CpuShares"] = min(max(shares, _SHARES.start), _SHARES.stop - 1)
    if desired.memory is not None:
        found["Memory"] = found["MemorySwap"] = desired.memory.bytes
    return found


def port_bindings(
    desired: DesiredResource, publish_address: str, ports: Mapping[str, str]
) -> dict[str, list[dict[str, str]]]:
    """Which ports are published where. A load balancer is there to be reached: all of its ports are published."""
    address = "0.0.0.0" if desired.public else publish_address  # noqa: S104  # asked for by the blueprint
    return {
        _port_key(port): [
            {"HostIp": address, "HostPort": str(port.published or ports.get(_port_key(port), ""))}
        ]
        for port in desired.ports
        if port.published or desired.type is ResourceType.LOAD_BALANCER
    }


def _port_key(port: Port) -> str:
    return f"{port.target}/{port.protocol}"


def health_config(health: HealthCheck | None, api: tuple[int, int]) -> dict[str, Any] | None:
    """Docker's own health check; None when nothing can be asked from inside (the image's own one then stays)."""
    command = inside_command(health)
    if health is None or not command:
        return None
    config: dict[str, Any] = {
        "Test": ["CMD", *command],
        "Interval": round(health.interval * _SECOND),
        "Timeout": round(health.timeout * _SECOND),
        "StartPeriod": round(health.start_period * _SECOND),
        "Retries": _RETRIES,
    }
    if api >= _START_INTERVAL_API:
        config["StartInterval"] = round(min(health.interval, 0.5) * _SECOND)
    return config


def inside_command(health: HealthCheck | None) -> tuple[str, ...]:
    """The command that checks health from inside the container, if there is one."""
    if health is None:
        return ()
    return health.command if health.kind == "command" else health.inside


def endpoint(address: str, fixed: str | None, network: Mapping[str, Any]) -> dict[str, Any]:
    """How a container appears in one network: under its address, and at its fixed IP address where that fits."""
    config: dict[str, Any] = {"Aliases": [address]}
    if fixed is not None and in_network(fixed, network):
        version = ipaddress.ip_address(fixed).version
        config["IPAMConfig"] = {f"IPv{version}Address": fixed}
    return config


def in_network(address: str, network: Mapping[str, Any]) -> bool:
    """Whether the network has an address range of ALMA's choosing with that address in it: Docker gives fixed
    addresses in such networks only."""
    wanted = names.declared_in(network.get("Labels") or {}).get("cidr")
    return isinstance(wanted, str) and ipaddress.ip_address(address) in ipaddress.ip_network(wanted)


def misplaced(desired: DesiredResource, around: Surroundings) -> Sequence[str]:
    """Warnings about what can't be kept in these surroundings."""
    wanted = desired.resource.network.private_ip
    if wanted is None or any(in_network(wanted, around.networks[n]) for n in desired.networks):
        return ()
    return (
        f"{desired.address} does not get the address {wanted}: none of its networks has a cidr that contains it",
    )
