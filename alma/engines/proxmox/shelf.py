"""Looks at what a cluster has to make guests from: files on its storages, Proxmox's list, template machines."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from alma.engines import base
from alma.engines.proxmox.client import Api, NodeOffline, Refused
from alma.engines.proxmox.cluster import Cluster, Content
from alma.engines.proxmox.options import Kind
from alma.engines.proxmox.sources import Asked, Shelf, Template, template_of, wanted_templates


async def shelf_for(
    api: Api, cluster: Cluster, asked: list[Asked], *, nodes: list[str] | None = None
) -> Shelf:
    """What there is to make these from: one call for each storage with such files, one for Proxmox's list of
    templates, one for each template machine that may be meant. What can't be read counts as not there."""
    here = [n.name for n in cluster.online if nodes is None or n.name in nodes]
    guests = {g.vmid: g for one in asked for g in wanted_templates(one, cluster)}
    able = [g for _, g in sorted(guests.items()) if g.node not in cluster.offline]
    lost = [g for _, g in sorted(guests.items()) if g.node in cluster.offline]
    listed, files, configs = await asyncio.gather(
        _listed(api, here) if any(one.kind is Kind.LXC for one in asked) else _nothing(),
        _files(api, cluster, here, contents=_contents(asked)),
        base.together([read(api, f"{g.path}/config") for g in able]),
    )
    templates = [
        template_of(guest, config or {}, cluster)
        for guest, config in zip(able, configs, strict=True)
    ]
    templates += [Template(guest=guest) for guest in lost]
    return Shelf(files=files, listed=listed, templates=tuple(templates))


def _contents(asked: list[Asked]) -> list[Content]:
    kinds = {one.kind for one in asked}
    return [
        content
        for kind, content in ((Kind.LXC, Content.VZTMPL), (Kind.VM, Content.IMPORT))
        if kind in kinds
    ]


async def _nothing() -> tuple[str, ...]:
    return ()


async def _listed(api: Api, nodes: list[str]) -> tuple[str, ...]:
    """Proxmox's own list, which is the same on every node; the first node that has one is asked."""
    for node in sorted(nodes):
        found = await read(api, f"/nodes/{node}/aplinfo") or ()
        names = [str(entry["template"]) for entry in found if entry.get("template")]
        if names:
            return tuple(sorted(names))
    return ()


async def _files(
    api: Api, cluster: Cluster, nodes: list[str], *, contents: list[Content]
) -> Mapping[tuple[str, str, str], frozenset[str]]:
    """The files on storages by node. A shared storage is asked once."""
    wanted = [(s, c) for node in nodes for c in contents for s in cluster.storages_for(node, c)]
    asked = {(storage.place, content): storage for storage, content in reversed(wanted)}
    answers = await base.together(
        [_names(api, s.node, s.name, content) for (_, content), s in asked.items()]
    )
    by_place = dict(zip(asked, answers, strict=True))
    return {(s.node, s.name, str(c)): by_place[s.place, c] for s, c in wanted}


async def _names(api: Api, node: str, storage: str, content: Content) -> frozenset[str]:
    found = await read(api, f"/nodes/{node}/storage/{storage}/content", content=str(content))
    return frozenset(str(entry["volid"]).partition("/")[2] for entry in found or ())


async def read(api: Api, path: str, **query: Any) -> Any:
    """None for what Proxmox will not say, for want of privileges or because a node has gone: both are told apart."""
    try:
        return await api.get(path, **query)
    except (Refused, NodeOffline):
        return None
