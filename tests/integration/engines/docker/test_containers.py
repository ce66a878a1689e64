"""Containers as they really are on the host: limits, ports, files, and what stays when they are replaced."""

from __future__ import annotations

import socket

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import ChangeRejected, EngineError
from alma.core.model.plan import Action
from alma.core.model.state import Status
from tests.contract.harness import CANARY, volume
from tests.integration.engines.docker.conftest import DockerWorld
from tests.integration.engines.docker.resources import database, web, wish

pytestmark = pytest.mark.docker

_MEMORY_LIMIT = (
    "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes"
)
_CPU_LIMIT = (
    "set -- $(cat /sys/fs/cgroup/cpu.max 2>/dev/null || "
    "cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us); echo $1 $2"
)


async def test_limits_are_what_the_kernel_enforces_and_change_without_a_restart(
    world: DockerWorld,
) -> None:
    desired = wish("box", cpu=0.25, memory="64MiB")
    await world.create(desired)
    started = (await world.inspect("box"))["State"]["StartedAt"]
    assert int(await world.run("box", "sh", "-c", _MEMORY_LIMIT)) == 64 * 1024**2
    quota, period = map(int, (await world.run("box", "sh", "-c", _CPU_LIMIT)).split())
    assert quota / period == 0.25

    more = wish("box", cpu=0.5, memory="128MiB")
    await world.apply(Action.UPDATE, more)
    assert int(await world.run("box", "sh", "-c", _MEMORY_LIMIT)) == 128 * 1024**2
    quota, period = map(int, (await world.run("box", "sh", "-c", _CPU_LIMIT)).split())
    assert quota / period == 0.5
    assert (await world.inspect("box"))["State"]["StartedAt"] == started
    assert dict((await world.see("box")).properties) == world.shape(more)


async def test_more_cpus_than_the_host_has_are_all_it_has_and_the_plan_says_so(
    world: DockerWorld,
) -> None:
    desired = wish("box", cpu=500)
    await world.read()  # every plan reads first
    assert "specs.cpu" in {note.path for note in world.engine.support(desired)}
    await world.create(desired)
    assert dict((await world.see("box")).properties) == world.shape(desired)


async def test_an_operating_system_without_software_stays_up_under_its_name(
    world: DockerWorld,
) -> None:
    desired = wish("box", ResourceType.VM, image="alpine")
    await world.create(desired)
    assert await world.passes(desired) == ["running"]
    assert (await world.run("box", "hostname")).strip() == "box"
    inspected = await world.inspect("box")
    assert inspected["Config"]["Image"] == "alpine:3.20"
    assert inspected["HostConfig"]["Init"] is True
    assert inspected["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
    assert inspected["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
    assert dict((await world.see("box")).properties) == world.shape(desired)


async def test_a_database_finds_its_password_and_its_data_survive_a_replacement(
    world: DockerWorld,
) -> None:
    await world.create(volume("db-1-data"))
    desired = database()
    await world.create(desired)
    details = await world.passes(desired)
    assert any("accepting connections" in detail for detail in details)
    assert (await world.see("db-1")).status is Status.RUNNING, "Docker calls it healthy, too"

    login = 'PGPASSWORD="$(cat /run/secrets/password)" psql -h "$(hostname -i)" -U alma app -Atc '
    await world.run("db-1", "sh", "-c", f"{login} 'create table t as select 42 as x'")
    assert await world.run("db-1", "cat", "/run/secrets/password") == f"{CANARY}-db-1.password"
    inspected = await world.inspect("db-1")
    assert CANARY not in str(inspected), "a password in a file shows in no inspection"

    changed = database(cpu=1, env={**desired.env, "MODE": "b"})
    await world.apply(Action.REPLACE, changed)
    await world.passes(changed)
    assert (await world.inspect("db-1"))["Id"] != inspected["Id"]
    assert (await world.run("db-1", "sh", "-c", f"{login} 'select x from t'")).strip() == "42"


async def test_a_port_that_is_in_use_is_named_and_nothing_is_left(world: DockerWorld) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ChangeRejected) as refused:
            await world.create(web("web-1", ports=(f"{port}:80",)))
    assert f"port {port} is already in use" in refused.value.message
    assert refused.value.hint
    assert await world.objects("web-1") == 0


@pytest.mark.parametrize(("public", "address"), [(False, "127.0.0.1"), (True, "0.0.0.0")])
async def test_a_published_port_answers_where_it_was_asked_to(
    world: DockerWorld, public: bool, address: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    desired = web("web-1", ports=(f"{port}:80",), public=public)
    made = (await world.create(desired)).resource
    assert made is not None
    assert made.endpoints == (f"http://127.0.0.1:{port}",)
    details = await world.passes(desired)
    assert any(f"http://127.0.0.1:{port}/ answered 200" in detail for detail in details)
    (binding, *_) = (await world.inspect("web-1"))["NetworkSettings"]["Ports"]["80/tcp"]
    assert binding["HostIp"] == address


async def test_somebody_elses_container_with_our_name_is_never_touched(world: DockerWorld) -> None:
    theirs = await world.docker.containers.create(
        {"Image": "alpine:3.20", "Cmd": ["sleep", "60"]}, name=world.name("web-1")
    )
    try:
        for action in (Action.CREATE, Action.REPLACE):
            with pytest.raises(ChangeRejected) as refused:
                await world.apply(action, web("web-1"))
            assert world.name("web-1") in refused.value.message
        await world.delete("web-1", ResourceType.SERVICE)
        assert (await world.inspect("web-1"))["Id"] == theirs.id
    finally:
        await theirs.delete(force=True)


async def test_an_image_that_cannot_be_had_is_named_and_nothing_is_made(world: DockerWorld) -> None:
    with pytest.raises(EngineError) as refused:
        await world.create(wish("box", image="alma-test/no-such-image:1"))
    assert "alma-test/no-such-image:1" in refused.value.message
    assert refused.value.hint
    assert await world.objects("box") == 0


async def test_a_replacement_whose_image_cannot_be_had_leaves_the_old_one_running(
    world: DockerWorld,
) -> None:
    await world.create(wish("box"))
    before = await world.inspect("box")
    with pytest.raises(EngineError):
        await world.apply(Action.REPLACE, wish("box", image="alma-test/no-such-image:1"))
    after = await world.inspect("box")
    assert (after["Id"], after["State"]["StartedAt"]) == (
        before["Id"],
        before["State"]["StartedAt"],
    )


async def test_a_replacement_that_cannot_start_gives_way_to_the_old_one(world: DockerWorld) -> None:
    await world.create(wish("box"))
    before = await world.inspect("box")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ChangeRejected) as refused:
            await world.apply(Action.REPLACE, wish("box", ports=(f"{port}:80",)))
    assert f"port {port}" in refused.value.message
    assert "runs again" in refused.value.message
    after = await world.inspect("box")
    assert (after["Id"], after["State"]["Running"]) == (before["Id"], True)
    assert await world.names() == {world.name("box")}


async def test_a_command_its_image_does_not_have_fails_the_proof(world: DockerWorld) -> None:
    await world.create(wish("box"))
    desired = wish("box", command=("no-such-command",))
    await world.apply(Action.REPLACE, desired)
    (check,) = await world.engine.verify(desired, world.stack)
    assert not check.passed
    assert "exit code 127" in check.detail
    assert "no-such-command" in check.detail


async def test_anonymous_volumes_of_an_image_go_with_its_container(world: DockerWorld) -> None:
    await world.create(wish("cache-1", ResourceType.CACHE, image="redis:7"))
    (mount,) = (await world.inspect("cache-1"))["Mounts"]
    await world.delete("cache-1", ResourceType.CACHE)
    listed = await world.docker.volumes.list(filters={"name": mount["Name"]})
    assert not listed["Volumes"]


async def test_a_missing_volume_is_no_reason_to_make_a_nameless_one(world: DockerWorld) -> None:
    desired = wish("box", mounts=({"volume": "nowhere", "path": "/data"},))
    with pytest.raises(ChangeRejected, match="nowhere"):
        await world.create(desired)
    assert await world.objects("box") == 0


async def test_a_paused_container_is_resumed_by_an_update(world: DockerWorld) -> None:
    desired = wish("box")
    await world.create(desired)
    container = await world.docker.containers.get(world.name("box"))
    await container.pause()
    assert (await world.see("box")).status is Status.STOPPED
    await world.apply(Action.UPDATE, desired)
    assert (await world.see("box")).status is Status.RUNNING
