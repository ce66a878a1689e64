"""Networks: user-defined bridges, one for each network of the stack."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from alma.core.model.engine import Outcome
from alma.core.model.errors import ChangeRejected
from alma.core.model.state import DesiredResource
from alma.engines import base
from alma.engines.docker import names, observe, shape, spec
from alma.engines.docker.client.daemon import CONFLICT
from alma.engines.docker.client.translate import Refused
from alma.engines.docker.work import Work

Found = Mapping[str, Any]


async def create(work: Work) -> Outcome:
    """Makes the network, or adopts the one that is there already."""
    desired = work.desired()
    found = await _find(work)
    adopted = found is not None
    if found is None:
        found = await _make(work, desired)
    elif (seen := observe.network(found)) is not None:
        work.require_same(desired, seen.properties)
    await _attach_members(work, found)
    return Outcome(resource=observe.network(found), adopted=adopted)


async def replace(work: Work) -> Outcome:
    """Makes the network anew. The stack's containers are taken off the old one and put on the new one; anybody else's
    in it is a reason to refuse."""
    desired = work.desired()
    found = await _find(work)
    adopted = found is not None and work.is_mine(found.get("Labels"))
    if found is not None and not adopted:
        await _refuse_strangers(work, found)
        for container in await _members(work, found):
            await work.session.daemon.disconnect(
                found["Id"], container["Id"], name=container["Labels"][base.ADDRESS]
            )
        await _remove(work, found)
    if found is None or not adopted:
        found = await _make(work, desired)
    await _attach_members(work, found)
    return Outcome(resource=observe.network(found), adopted=adopted)


async def delete(work: Work) -> Outcome:
    """Removes the network. Raises ChangeRejected naming who is still in it."""
    for found in await work.session.daemon.networks(work.labels()):
        await _remove(work, found)
    return Outcome()


async def _find(work: Work) -> Found | None:
    """The stack's network. Docker lets two of one name come to be when they are made at the same moment; the elder
    one counts then, for everybody, and the others go."""
    found = sorted(
        await work.session.daemon.networks(work.labels()),
        key=lambda network: (network["Created"], network["Id"]),
    )
    for surplus in found[1:]:
        await work.session.daemon.remove_network(surplus["Id"], name=work.name)
    return found[0] if found else None


async def _make(work: Work, desired: DesiredResource) -> Found:
    try:
        await work.session.daemon.create_network(config_of(work, desired))
    except Refused as error:
        # A name that is taken: by an attempt of ours that was thought lost, or by somebody else.
        if error.status == CONFLICT and await work.session.daemon.network(work.name):
            if found := await _find(work):
                return found
            raise work.taken("network") from error
        raise
    found = await _find(work)
    if found is None:
        raise ChangeRejected(f"Network {work.name} was made and is gone again", hint="deploy again")
    return found


def config_of(work: Work, desired: DesiredResource) -> dict[str, Any]:
    """The body of the create call."""
    declared = shape.declared_of(shape.shape_of(desired))
    config: dict[str, Any] = {
        "Name": work.name,
        "Driver": "bridge",
        "CheckDuplicate": True,
        "Labels": names.own_labels(desired)
        | names.labels_of(work.marker(desired), work.stack, declared),
    }
    if cidr := desired.resource.cidr:
        config["IPAM"] = {"Driver": "default", "Config": [{"Subnet": cidr}]}
        config["EnableIPv6"] = ipaddress.ip_network(cidr).version == 6
    return config


async def _remove(work: Work, found: Found) -> None:
    await _refuse_members(work, found)
    await work.session.daemon.remove_network(found["Id"], name=found["Name"])


async def _refuse_members(work: Work, found: Found) -> None:
    full = await work.session.daemon.network(found["Id"])
    members = [member["Name"] for member in ((full or {}).get("Containers") or {}).values()]
    if members:
        raise _in_use(found["Name"], members)


async def _refuse_strangers(work: Work, found: Found) -> None:
    full = await work.session.daemon.network(found["Id"])
    ours = {container["Id"] for container in await _members(work, found)}
    containers: Mapping[str, Any] = (full or {}).get("Containers") or {}
    strangers = [member["Name"] for id_, member in containers.items() if id_ not in ours]
    if strangers:
        raise _in_use(found["Name"], strangers)


def _in_use(name: str, members: list[str]) -> ChangeRejected:
    return ChangeRejected(
        f"Network {name} can't be removed: {', '.join(sorted(members))} still use it",
        hint=f"take them off it (`docker network disconnect {name} {min(members)}`), then try again",
    )


async def _members(work: Work, network: Found) -> list[Found]:
    """The stack's containers on that network, stopped ones too."""
    listed = await work.session.daemon.containers(names.stack_filter(work.stack))
    return [item for item in listed if network["Name"] in _attachments(item)]


def _attachments(listed: Found) -> Mapping[str, Any]:
    return (listed.get("NetworkSettings") or {}).get("Networks") or {}


async def _attach_members(work: Work, network: Found) -> None:
    """Puts every container on the network that was declared to be in it and is not, under its address, and at its
    fixed one where that fits. What a killed attempt left undone is done here by the next."""
    for item in await work.session.daemon.containers(names.stack_filter(work.stack)):
        declared = names.declared_in(item["Labels"])
        wanted = declared.get("networks")
        if not isinstance(wanted, list) or work.address not in wanted:
            continue
        there = _attachments(item).get(network["Name"])
        if there is not None and there.get("NetworkID") == network["Id"]:
            continue
        address = item["Labels"][base.ADDRESS]
        fixed = declared.get("network.private_ip")
        endpoint = spec.endpoint(address, fixed if isinstance(fixed, str) else None, network)
        await work.session.daemon.connect(network["Id"], item["Id"], endpoint, name=address)
