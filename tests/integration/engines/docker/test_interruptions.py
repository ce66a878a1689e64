"""Killed at any point: the next attempt recognises what is there and completes it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from alma.core.model.errors import OutcomeUnknown
from alma.core.model.plan import Action
from alma.core.model.state import Status
from alma.engines.docker import DockerEngine
from tests.contract.docker_proxy import Proxy
from tests.contract.harness import new_key, volume
from tests.integration.engines.docker.conftest import DockerWorld
from tests.integration.engines.docker.resources import database, wish

pytestmark = pytest.mark.docker

CREATE = "POST /containers/create"
FILES = "PUT /containers/[0-9a-f]+/archive"
START = "POST /containers/[0-9a-f]+/start"
STOP = "POST /containers/[0-9a-f]+/stop"
REMOVE = "DELETE /containers/"
RENAME = "POST /containers/[0-9a-f]+/rename"
LAST_RENAME = r"POST /containers/[0-9a-f]+/rename\?name=[^.]+$"


@pytest.mark.parametrize("moment", [CREATE, FILES, START])
async def test_a_create_that_died_is_completed_by_its_repeat(
    world: DockerWorld, proxy: Proxy, broken_engine: DockerEngine, moment: str
) -> None:
    await world.create(volume("db-1-data"))
    desired, key, whole = database(), new_key(), world.engine
    world.engine = broken_engine
    proxy.drop(moment)
    with pytest.raises(OutcomeUnknown):
        await world.create(desired, key=key)
    assert await world.objects("db-1") == (0 if moment == CREATE else 1)

    world.engine = whole
    if moment != CREATE:
        assert (await world.see("db-1")).status is Status.STOPPED, "what never ran is seen as such"
    outcome = await world.create(desired, key=key)
    assert outcome.adopted is (moment != CREATE)
    await world.passes(desired)
    assert await world.objects("db-1") == 1
    assert dict((await world.see("db-1")).properties) == world.shape(desired)


@pytest.mark.parametrize("moment", [CREATE, START, STOP, REMOVE, RENAME])
async def test_a_replacement_that_died_is_completed_by_its_repeat(
    world: DockerWorld, proxy: Proxy, broken_engine: DockerEngine, moment: str
) -> None:
    await world.create(wish("box"))
    old = await world.inspect("box")
    desired, key, whole = wish("box", env={"MODE": "b"}), new_key(), world.engine
    world.engine = broken_engine
    proxy.drop(moment)
    with pytest.raises(OutcomeUnknown):
        await world.apply(Action.REPLACE, desired, key=key)

    world.engine = whole
    assert "box" in await world.read(), "one entry for the address, whatever there is"
    await world.apply(Action.REPLACE, desired, key=key)
    assert await world.names() == {world.name("box")}
    new = await world.inspect("box")
    assert new["Id"] != old["Id"]
    assert new["State"]["Running"]
    assert dict((await world.see("box")).properties) == world.shape(desired)


async def test_what_an_abandoned_replacement_left_is_seen_and_removed_by_the_next_change(
    world: DockerWorld, proxy: Proxy, broken_engine: DockerEngine
) -> None:
    desired, whole = wish("box"), world.engine
    await world.create(desired)
    world.engine = broken_engine
    proxy.drop(STOP)
    with pytest.raises(OutcomeUnknown):
        await world.apply(Action.REPLACE, wish("box", env={"MODE": "b"}))

    world.engine = whole
    assert len(await world.names()) == 2
    observation = await world.engine.read(world.stack)
    assert any("left over" in line for line in observation.diagnostics)
    seen = {item.address: item for item in observation.resources}["box"]
    assert set(seen.properties) - set(world.shape(desired)) == {"leftovers"}
    assert world.engine.effect(desired, "leftovers") == "in-place"

    await world.apply(Action.UPDATE, desired)
    assert await world.names() == {world.name("box")}
    assert dict((await world.see("box")).properties) == world.shape(desired)


@pytest.mark.parametrize("again", [LAST_RENAME, START, REMOVE])
@pytest.mark.parametrize("moment", [STOP, RENAME, LAST_RENAME, START, REMOVE])
async def test_a_replacement_that_was_given_up_is_undone_by_another_however_often_that_one_dies(
    world: DockerWorld, proxy: Proxy, broken_engine: DockerEngine, moment: str, again: str
) -> None:
    desired, other, whole = wish("box"), wish("box", env={"MODE": "b"}), world.engine
    await world.create(desired)
    world.engine = broken_engine
    proxy.drop(moment)
    with pytest.raises(OutcomeUnknown):
        await world.apply(Action.REPLACE, other)
    undo = new_key()
    proxy.drop(again)
    with suppress(OutcomeUnknown):  # one that needs no such call succeeds
        await world.apply(Action.REPLACE, desired, key=undo)

    world.engine = whole
    await world.apply(Action.REPLACE, desired, key=undo)
    assert await world.names() == {world.name("box")}
    assert (await world.inspect("box"))["State"]["Running"]
    assert dict((await world.see("box")).properties) == world.shape(desired)


async def test_reading_costs_three_lists_and_one_look_at_each_container(
    world: DockerWorld, proxy: Proxy, broken_engine: DockerEngine
) -> None:
    for number in range(3):
        await world.create(wish(f"box-{number}"))
    await broken_engine.read(world.stack)
    proxy.requests.clear()
    await broken_engine.read(world.stack)
    paths = sorted(request.partition("?")[0] for request in proxy.requests)
    looks = [path for path in paths if path.endswith("/json") and path != "GET /containers/json"]
    assert len(looks) == 3
    assert [path for path in paths if path not in looks] == [
        "GET /containers/json",
        "GET /networks",
        "GET /volumes",
    ]
