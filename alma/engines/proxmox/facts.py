"""What is asked of a cluster before a plan is shown: everything at once, and only what the wishes need."""

from __future__ import annotations

import re
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.engines import base
from alma.engines.proxmox import datacenter
from alma.engines.proxmox.client import Api, Permissions
from alma.engines.proxmox.cluster import Cluster
from alma.engines.proxmox.datacenter import Datacenter
from alma.engines.proxmox.settings import ProxmoxSettings
from alma.engines.proxmox.shelf import read, shelf_for
from alma.engines.proxmox.sources import Asked, Shelf

ROOT = "root@pam"
LOCAL_ZONE = "localnetwork"
MINIMUM = 8
TOO_OLD = "Proxmox VE {} is older than ALMA knows"
TOO_OLD_HINT = f"upgrade the nodes: ALMA needs {MINIMUM}.0 or later"


@dataclass(frozen=True)
class Identity:
    """Who ALMA is there."""

    name: str
    token: bool

    @classmethod
    def of(cls, settings: ProxmoxSettings) -> Identity:
        """From the settings: a token's name goes without its secret."""
        if settings.token is not None:
            return cls(settings.token.get_secret_value().partition("=")[0], token=True)
        return cls(settings.user or "", token=False)

    @property
    def is_root(self) -> bool:
        """Whether Proxmox lets it do what it keeps for root: a token never, not even one of root's."""
        return self.name == ROOT

    @property
    def words(self) -> str:
        """For people."""
        return f"{'token' if self.token else 'user'} {self.name}"


@dataclass(frozen=True)
class Facts:
    """The answers. `bridges` are names by node, VNets included; `zones` tells VNets from bridges; None: not asked, or
    Proxmox will not say."""

    cluster: Cluster
    who: Identity
    permissions: Permissions
    version: str = ""
    shelf: Shelf = field(default_factory=Shelf)
    bridges: Mapping[str, frozenset[str]] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)
    pools: frozenset[str] | None = None
    ha_groups: frozenset[str] | None = None
    vnets: frozenset[str] = frozenset()
    datacenter: Datacenter = field(default_factory=Datacenter)

    @property
    def major(self) -> int | None:
        """The first number of the version."""
        found = re.match(r"\d+", self.version)
        return int(found[0]) if found else None

    @property
    def too_old(self) -> bool:
        """Whether nobody has thought of that version here."""
        return self.major is not None and self.major < MINIMUM

    def zone(self, bridge: str) -> str:
        """The SDN zone of a VNet; bridges of the nodes have one of their own."""
        return self.zones.get(bridge, LOCAL_ZONE)

    def is_unplaced(self, bridge: str) -> bool:
        """Whether it is a VNet that ALMA may see at the nodes, and whose zone it may not (SDN.Audit)."""
        return bridge in self.vnets and bridge not in self.zones


async def gather(
    api: Api,
    cluster: Cluster,
    *,
    asked: Sequence[Asked] = (),
    bridges: bool = True,
    pools: bool = False,
    ha: bool = False,
    rules: bool = False,
) -> Facts:
    """Everything at once: a call for each node and each storage at most, whatever the number of guests."""
    nodes = [node.name for node in cluster.online] if bridges else []
    work: dict[str, Coroutine[Any, Any, Any]] = {
        "permissions": api.permissions(),
        "version": api.get("/version"),
        "shelf": shelf_for(api, cluster, [*asked]) if asked else _no_shelf(),
        "zones": read(api, "/cluster/sdn/vnets") if bridges else _nothing(),
        "pools": read(api, "/pools") if pools else _nothing(),
        "ha": read(api, "/cluster/ha/groups") if ha else _nothing(),
        "datacenter": datacenter.look(api, rules=rules) if asked or rules else _no_datacenter(),
        **{f"node {n}": read(api, f"/nodes/{n}/network", type="any_bridge") for n in nodes},
    }
    found = dict(zip(work, await base.together([*work.values()]), strict=True))
    return Facts(
        cluster=cluster,
        who=Identity.of(api.settings),
        permissions=found["permissions"],
        version=str((found["version"] or {}).get("version", "")),
        shelf=found["shelf"],
        bridges={node: _names(found[f"node {node}"], "iface") or frozenset() for node in nodes},
        zones={str(e["vnet"]): str(e["zone"]) for e in found["zones"] or () if e.get("zone")},
        pools=_names(found["pools"], "poolid"),
        ha_groups=_names(found["ha"], "group"),
        vnets=frozenset(
            str(entry["iface"])
            for node in nodes
            for entry in found[f"node {node}"] or ()
            if entry.get("type") == "vnet"
        ),
        datacenter=found["datacenter"],
    )


def _names(entries: Sequence[Mapping[str, Any]] | None, key: str) -> frozenset[str] | None:
    return None if entries is None else frozenset(str(e[key]) for e in entries if key in e)


async def _nothing() -> None:
    return None


async def _no_shelf() -> Shelf:
    return Shelf()


async def _no_datacenter() -> Datacenter:
    return Datacenter()
