"""Networks and volumes: who is in them, who may be moved, and who is somebody else's."""

from __future__ import annotations

import random

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import ChangeRejected
from alma.core.model.plan import Action
from alma.core.model.state import DesiredResource
from tests.contract.harness import network, volume
from tests.integration.engines.docker.conftest import DockerWorld
from tests.integration.engines.docker.resources import wish

pytestmark = pytest.mark.docker


def _lan(cidr: str | None) -> DesiredResource:
    desired = wish("lan", ResourceType.NETWORK, resource={"cidr": cidr})
    return desired.model_copy(update={"networks": (), "image": None})


def _range() -> str:
    return f"10.{random.randint(130, 254)}.{random.randint(0, 254)}"


async def test_a_fixed_address_is_kept_and_neighbours_are_found_by_name(world: DockerWorld) -> None:
    around = _range()
    await world.create(_lan(f"{around}.0/24"))
    private_ip = {"network": {"private_ip": f"{around}.10"}}
    first = wish("box-1", networks=("lan",), resource=private_ip)
    await world.create(first)
    await world.create(wish("box-2", networks=("network", "lan")))
    assert f"{around}.10" in await world.run("box-2", "ping", "-c", "1", "box-1")
    assert dict((await world.see("box-1")).properties) == world.shape(first)
    assert (await world.see("box-2")).properties["networks"] == ["lan", "network"]


async def test_a_fixed_address_outside_its_networks_is_given_up_with_a_warning(
    world: DockerWorld,
) -> None:
    desired = wish("box", resource={"network": {"private_ip": "10.1.2.3"}})
    outcome = await world.create(desired)
    assert any("10.1.2.3" in warning for warning in outcome.warnings)
    assert "network.private_ip" in {note.path for note in world.engine.support(desired)}


async def test_a_replaced_network_takes_its_members_along(world: DockerWorld) -> None:
    first, second = _range(), _range()
    await world.create(_lan(f"{first}.0/24"))
    await world.create(wish("box-1", networks=("lan",)))
    await world.create(wish("box-2", networks=("lan",)))
    started = (await world.inspect("box-1"))["State"]["StartedAt"]
    await world.apply(Action.REPLACE, _lan(f"{second}.0/24"))
    assert dict((await world.see("lan")).properties) == {"cidr": f"{second}.0/24"}
    assert second in await world.run("box-2", "ping", "-c", "1", "box-1")
    assert (await world.inspect("box-1"))["State"]["StartedAt"] == started


async def test_a_network_that_others_use_is_neither_replaced_nor_removed(
    world: DockerWorld,
) -> None:
    await world.create(_lan(None))
    stranger = await world.docker.containers.run(
        {
            "Image": "alpine:3.20",
            "Cmd": ["sleep", "60"],
            "HostConfig": {"NetworkMode": world.name("lan"), "Init": True},
        },
        name=world.name("stranger"),
    )
    try:
        for refused in (
            world.apply(Action.REPLACE, _lan(f"{_range()}.0/24")),
            world.delete("lan", ResourceType.NETWORK),
        ):
            with pytest.raises(ChangeRejected) as error:
                await refused
            assert world.name("stranger") in error.value.message
            assert error.value.hint
        assert "lan" in await world.read()
    finally:
        await stranger.delete(force=True)


async def test_an_address_range_that_is_taken_is_refused(world: DockerWorld) -> None:
    around = _range()
    await world.create(_lan(f"{around}.0/24"))
    other = _lan(f"{around}.0/25").model_copy(update={"address": "lan-2"})
    with pytest.raises(ChangeRejected, match="overlaps"):
        await world.create(other)
    assert await world.objects("lan-2") == 0


async def test_somebody_elses_network_or_volume_with_our_name_is_never_taken(
    world: DockerWorld,
) -> None:
    theirs = await world.docker.networks.create({"Name": world.name("lan")})
    their_volume = await world.docker.volumes.create({"Name": world.name("data")})
    try:
        for desired in (_lan(None), volume("data")):
            with pytest.raises(ChangeRejected) as error:
                await world.create(desired)
            assert world.name(desired.address) in error.value.message
            await world.delete(desired.address, desired.type)
        assert await theirs.show()
        assert await their_volume.show()
    finally:
        await theirs.delete()
        await their_volume.delete()


async def test_a_volume_in_use_is_not_removed(world: DockerWorld) -> None:
    await world.create(volume("data"))
    await world.create(wish("box", mounts=({"volume": "data", "path": "/data"},)))
    with pytest.raises(ChangeRejected) as error:
        await world.delete("data", ResourceType.VOLUME)
    assert world.name("box") in error.value.message
    assert "data" in await world.read()


async def test_two_networks_of_one_name_become_one(world: DockerWorld) -> None:
    """Docker lets them come to be when they are made at the same moment."""
    labels = (await (await world.docker.networks.get(world.name("network"))).show())["Labels"]
    await world.docker.networks.create({"Name": world.name("network"), "Labels": labels})
    assert await world.objects("network") == 2
    await world.create(network())
    assert await world.objects("network") == 1
