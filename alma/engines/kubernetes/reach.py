"""How a resource is reached from outside of its stack. Pure."""

from __future__ import annotations

from typing import Final

from alma.core.model.blueprint import DATA, ResourceType
from alma.core.model.state import DesiredResource
from alma.core.model.units import Port
from alma.engines.kubernetes import kinds
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.options import options_of
from alma.engines.kubernetes.settings import KubernetesSettings

INGRESS: Final = "Ingress"
ROUTE: Final = "HTTPRoute"
_HTTPS_PORTS: Final = frozenset({443, 8443})


def exposed(desired: DesiredResource) -> list[Port]:
    """The ports that are reached from outside: all of what is public, else those with a place of their own."""
    found = [port for port in desired.ports if desired.public or port.published]
    return sorted(set(found), key=lambda port: (port.target, port.protocol, port.published or 0))


def allowed(desired: DesiredResource) -> list[str]:
    """Who reaches it by its policy, in words: of a network, of what is reached from outside of its networks, and of a
    Service that spreads over others. Rules say it themselves."""
    if desired.type is ResourceType.NETWORK:
        return ["its members"]
    open_ = exposed(desired)
    if kinds.kind_of(desired, None) == kinds.SERVICE:
        return [f"everyone on {desired.backends[0].port}/tcp"] if open_ else []
    if desired.rules or not desired.networks:
        return []
    return [*dict.fromkeys(f"everyone on {port.target}/{port.protocol}" for port in open_)]


def speaks(desired: DesiredResource) -> str:
    """What a client of its ports speaks, as far as can be told: `http` or `tcp`."""
    health = desired.health
    if desired.type is ResourceType.LOAD_BALANCER:
        return "tcp" if health is not None and health.kind == "tcp" else "http"
    return "tcp" if desired.type in DATA - {ResourceType.OBJECT_STORE} else "http"


def door_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> str | None:
    """The kind of object that its HTTP port is reached through: a Gateway's route, if the resource names one, or an
    Ingress, if there is a class for it; None: its ports are published as they are."""
    if http_port(desired) is None:
        return None
    if options_of(desired).gateway is not None and _is_there(ROUTE, served):
        return ROUTE
    return INGRESS if settings.ingress_class is not None and _is_there(INGRESS, served) else None


def http_port(desired: DesiredResource) -> Port | None:
    """The first port that is reached from outside and speaks HTTP without TLS."""
    if speaks(desired) != "http" or not desired.public:
        return None
    plain = (p for p in exposed(desired) if p.protocol == "tcp" and p.target not in _HTTPS_PORTS)
    return next(plain, None)


def published(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> list[Port]:
    """The ports that a Service of its own publishes: what is exposed, and has no other door."""
    door = door_of(desired, settings, served)
    behind = http_port(desired) if door else None
    return [port for port in exposed(desired) if port != behind]


def scheme(target: int, protocol: str, spoken: str) -> str:
    """How an address of that port begins."""
    if protocol.lower() == "udp":
        return "udp"
    return "https" if spoken == "http" and target in _HTTPS_PORTS else spoken


def _is_there(kind: str, served: Served | None) -> bool:
    return served is None or served.serves(kind)
