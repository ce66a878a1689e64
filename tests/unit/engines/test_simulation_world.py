"""The simulated world keeps real limits, tells what was done to it, and spends time that nobody has to wait for."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alma.core.model.blueprint import Backup, Resource, ResourceType
from alma.core.model.errors import ChangeRejected, EngineUnavailable, NotFound
from alma.core.model.plan import Action, Change, Effect, SupportLevel
from alma.core.model.software import HealthCheck
from alma.core.model.state import Backend, DesiredResource, ResolvedMount, Status
from alma.core.model.units import Port
from alma.core.ports import ReadsLogs, Undoes
from alma.engines.simulation import SimulationEngine, SimulationSettings
from tests.contract.harness import NETWORK, World, network, new_key, volume
from tests.contract.simulation_harness import SimulationHarness

Open = Callable[..., SimulationEngine]


@pytest.fixture
async def open_(tmp_path: Path) -> AsyncIterator[Open]:
    engines: list[SimulationEngine] = []

    def make(**settings: Any) -> SimulationEngine:
        given = {"path": tmp_path / "home" / "simulation.db", "time_scale": 0, **settings}
        engines.append(SimulationEngine(SimulationSettings.model_validate(given)))
        return engines[-1]

    yield make
    for engine in engines:
        await engine.close()


@pytest.fixture
async def world(open_: Open, tmp_path: Path) -> World:
    made = World(SimulationHarness(tmp_path), open_())
    await made.create(network())
    return made


def _engine(world: World) -> SimulationEngine:
    assert isinstance(world.engine, SimulationEngine)
    return world.engine


# ── limits ──


@pytest.mark.parametrize(
    ("wish", "missing"),
    [
        ({"networks": ("backstage",)}, "network backstage"),
        ({"mounts": (ResolvedMount(volume="data", path="/data"),)}, "volume data"),
        ({"mounts": (ResolvedMount(volume=NETWORK, path="/data"),)}, f"volume {NETWORK}"),
    ],
)
async def test_a_workload_needs_its_networks_and_volumes_first(
    world: World, wish: dict[str, Any], missing: str
) -> None:
    desired = world.harness.workload().model_copy(update=wish)
    with pytest.raises(ChangeRejected, match=missing):
        await world.create(desired)
    assert set(await world.read()) == {NETWORK}


async def test_what_others_stand_on_can_not_be_deleted(world: World) -> None:
    await world.create(volume())
    mount = ResolvedMount(volume="data", path="/data")
    desired = world.harness.workload().model_copy(update={"mounts": (mount,)})
    await world.create(desired)
    for address, type_ in ((NETWORK, ResourceType.NETWORK), ("data", ResourceType.VOLUME)):
        with pytest.raises(ChangeRejected, match=f"{address} is still used by web-1"):
            await world.delete(address, type_)
    await world.delete("web-1", desired.type)
    await world.delete("data", ResourceType.VOLUME)
    await world.delete(NETWORK, ResourceType.NETWORK)
    assert await world.read() == {}


async def test_a_replace_that_can_not_be_made_keeps_the_old(world: World) -> None:
    desired = world.harness.workload()
    made = (await world.create(desired)).resource
    with pytest.raises(ChangeRejected):
        await world.apply(
            Action.REPLACE, desired.model_copy(update={"image": "x", "networks": ("gone",)})
        )
    assert made is not None
    assert (await world.see("web-1")).object_id == made.object_id


async def test_a_repeat_over_its_own_object_brings_it_back_to_its_shape(world: World) -> None:
    desired, key = world.harness.workload(), new_key()
    await world.create(desired, key=key)
    await _engine(world).tamper(world.stack, "web-1", properties={"env.MODE": "tampered"})
    assert (await world.create(desired, key=key)).adopted
    assert dict((await world.see("web-1")).properties) == world.shape(desired)


async def test_a_no_op_answers_with_what_is_there(world: World) -> None:
    change = Change(
        address=NETWORK, type=ResourceType.NETWORK, action=Action.NO_OP, reason="nothing to do"
    )
    outcome = await world.engine.apply(change, new_key(), world.context)
    assert outcome.resource == (await world.read())[NETWORK]
    assert len(await _engine(world).operations(world.stack)) == 1, "only its create"


# ── what it promises ──


async def test_only_what_is_pretended_is_not_equal(world: World) -> None:
    plain = world.harness.workload()
    assert world.engine.support(plain) == []
    resource = Resource(name="web-1", type=ResourceType.SERVICE, backup=Backup())
    rich = plain.model_copy(update={"public": True, "resource": resource})
    said = world.engine.support(rich)
    assert {item.path for item in said} == {"network.public_ip", "backup"}
    assert {item.level for item in said} == {SupportLevel.APPROXIMATED}
    assert all(item.reason.startswith("simulated: ") for item in said)


@pytest.mark.parametrize(
    ("type_", "path", "effect"),
    [
        (ResourceType.CONTAINER, "specs.memory", Effect.IN_PLACE),
        (ResourceType.VM, "specs.memory", Effect.REBOOT),
        (ResourceType.VM, "specs.cpu", Effect.REBOOT),
        (ResourceType.CONTAINER, "env.MODE", Effect.REBOOT),
        (ResourceType.CONTAINER, "labels.team", Effect.IN_PLACE),
        (ResourceType.KUBERNETES_CLUSTER, "policies.pod_security", Effect.IN_PLACE),
        (ResourceType.CONTAINER, "image", Effect.REPLACE),
        (ResourceType.NETWORK, "cidr", Effect.REPLACE),
    ],
)
def test_effects_are_of_all_three_kinds(
    open_: Open, type_: ResourceType, path: str, effect: Effect
) -> None:
    desired = DesiredResource(address="a", type=type_, resource=Resource(name="a", type=type_))
    assert open_().effect(desired, path) is effect


# ── what it shows ──


@pytest.mark.parametrize(
    ("public", "ports", "endpoints"),
    [
        (False, (Port(80),), []),
        (True, (Port(80), Port(443)), ["443", "80"]),
        (False, (Port("8080:80"), Port(443)), ["8080"]),
    ],
)
async def test_published_ports_have_pretended_addresses(
    world: World, public: bool, ports: tuple[Port, ...], endpoints: list[str]
) -> None:
    desired = world.harness.workload().model_copy(update={"public": public, "ports": ports})
    await world.create(desired)
    base = f"simulation://{world.stack.name}/web-1"
    assert list((await world.see("web-1")).endpoints) == [f"{base}:{port}" for port in endpoints]


async def test_a_load_balancer_is_as_well_as_its_backends(world: World) -> None:
    backends = (Backend(address="web-1", port=80), Backend(address="web-2", port=80))
    balancer = world.harness.workload("lb-1").model_copy(
        update={"type": ResourceType.LOAD_BALANCER, "backends": backends}
    )
    for address in ("web-1", "web-2"):
        await world.create(world.harness.workload(address))
    await world.create(balancer)
    checks = await world.engine.verify(balancer, world.stack)
    assert [check.name for check in checks] == [
        "running",
        "http :80/",
        "backend web-1",
        "backend web-2",
    ]
    assert all(check.passed and check.detail.startswith("simulated: ") for check in checks)

    await _engine(world).tamper(world.stack, "web-2", status=Status.STOPPED)
    failed = [c for c in await world.engine.verify(balancer, world.stack) if not c.passed]
    assert [check.detail for check in failed] == ["simulated: backend web-2 is stopped"]


@pytest.mark.parametrize(
    ("health", "detail"),
    [
        (HealthCheck(kind="http", port=80, path="/up"), "simulated: http :80/up answers 200"),
        (HealthCheck(kind="tcp", port=6379), "simulated: tcp :6379 accepts connections"),
        (
            HealthCheck(kind="command", command=("pg_isready", "-q")),
            "simulated: pg_isready -q ends with exit code 0",
        ),
    ],
)
async def test_a_check_says_what_it_pretends_to_ask(
    world: World, health: HealthCheck, detail: str
) -> None:
    desired = world.harness.workload().model_copy(update={"health": health})
    await world.create(desired)
    assert detail in [check.detail for check in await world.engine.verify(desired, world.stack)]


async def test_logs_are_what_was_done_to_the_object(world: World) -> None:
    engine = _engine(world)
    assert isinstance(engine, ReadsLogs)
    desired = world.harness.workload()
    await world.create(desired)
    await engine.tamper(world.stack, "web-1", properties={"env.MODE": "b"})
    lines = await engine.logs(await world.see("web-1"))
    assert [line.split(" ", 1)[1] for line in lines] == [
        "simulated: web-1 created",
        "simulated: web-1 changed",
    ]
    assert await engine.logs(await world.see("web-1"), lines=1) == lines[-1:]
    assert await engine.logs(await world.see("web-1"), lines=0) == []


async def test_wiping_removes_a_stack_and_no_other(world: World) -> None:
    engine, other = _engine(world), World(world.harness, world.engine)
    assert isinstance(engine, Undoes)
    await other.create(network())
    await world.create(world.harness.workload())
    await engine.wipe(world.stack)
    assert await world.read() == {}
    assert set(await other.read()) == {NETWORK}


# ── for tests and rehearsals ──


async def test_operations_prove_what_was_done_and_by_which_change(world: World) -> None:
    desired, keys = world.harness.workload(), [new_key() for _ in range(3)]
    await world.create(desired, key=keys[0])
    await world.create(desired, key=keys[0])
    await world.apply(Action.REPLACE, desired.model_copy(update={"image": "x"}), key=keys[1])
    await world.delete("web-1", desired.type, key=keys[2])
    done = [
        (operation.address, operation.action, operation.key)
        for operation in await _engine(world).operations(world.stack)
        if operation.address == "web-1"
    ]
    assert done == [
        ("web-1", "create", keys[0]),
        ("web-1", "delete", keys[1]),
        ("web-1", "create", keys[1]),
        ("web-1", "delete", keys[2]),
    ]


async def test_objects_show_the_marker(world: World) -> None:
    desired, key = world.harness.workload(), new_key()
    await world.create(desired, key=key)
    found = {thing.address: thing for thing in await _engine(world).objects(world.stack)}
    assert (found["web-1"].stack, found["web-1"].key) == (world.stack.id, key)


async def test_tampering_is_drift_and_of_what_is_not_there_an_error(world: World) -> None:
    engine = _engine(world)
    await engine.tamper(world.stack, NETWORK, properties={"cidr": "10.9.0.0/16", "vlan": None})
    assert (await world.see(NETWORK)).properties == {"cidr": "10.9.0.0/16"}
    await engine.tamper(world.stack, NETWORK, remove=True)
    assert await world.read() == {}
    with pytest.raises(NotFound):
        await engine.tamper(world.stack, NETWORK, remove=True)


async def test_the_same_run_gives_the_same_ids(world: World, open_: Open, tmp_path: Path) -> None:
    other = World(world.harness, open_(path=tmp_path / "other.db"))
    other.stack, other.context = world.stack, world.context
    ids = []
    for each in (world, other):
        made = (await each.create(network("again"), key="k1")).resource
        assert made is not None
        ids.append(made.object_id)
    assert ids[0] == ids[1]


# ── time ──


async def test_virtual_time_goes_by_and_nobody_waits(open_: Open, tmp_path: Path) -> None:
    engine = open_(latency={"create": 3600, "read": 60})
    world, began = World(SimulationHarness(tmp_path), engine), time.monotonic()
    await world.create(network())
    await world.read()
    assert engine.elapsed == pytest.approx(3660)
    assert (await engine.check()).facts["simulated_seconds"] == pytest.approx(3660)
    assert time.monotonic() - began < 60
    assert "3600.00 s" in world.context.lines[0]


async def test_what_runs_at_once_takes_its_time_once(open_: Open, tmp_path: Path) -> None:
    engine = open_(latency={"read": 100})
    await asyncio.gather(*(engine.read(SimulationHarness(tmp_path).stack()) for _ in range(10)))
    assert 100 <= engine.elapsed < 1000


async def test_real_time_is_really_spent(open_: Open, tmp_path: Path) -> None:
    engine, began = open_(latency={"read": 2}, time_scale=0.01), time.monotonic()
    await engine.read(SimulationHarness(tmp_path).stack())
    assert time.monotonic() - began >= 0.02
    assert engine.elapsed == pytest.approx(2)


async def test_a_distribution_is_drawn_by_the_seed(open_: Open, tmp_path: Path) -> None:
    async def took(seed: int, address: str) -> float:
        engine = open_(seed=seed, latency={"create": (10, 20)})
        await World(SimulationHarness(tmp_path), engine).create(network(address))
        return engine.elapsed

    first = await took(1, "a")
    assert 10 <= first <= 20
    assert await took(1, "a") == first
    assert len({first, await took(2, "a"), await took(1, "b")}) == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"latency": {"create": -1}},
        {"latency": {"create": (2, 1)}},
        {"latency": {"dream": 1}},
        {"time_scale": -1},
        {"colour": "blue"},
    ],
)
def test_settings_that_make_no_sense_are_refused(tmp_path: Path, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SimulationSettings.model_validate({"path": tmp_path / "x.db", **settings})


# ── the file ──


async def test_the_file_and_its_directory_are_made_when_first_needed(
    open_: Open, tmp_path: Path
) -> None:
    engine = open_()
    assert not (tmp_path / "home").exists()
    assert (await engine.check()).facts["objects"] == 0
    assert (tmp_path / "home" / "simulation.db").exists()


async def test_a_file_that_is_no_database_is_unavailable_and_not_overwritten(
    open_: Open, tmp_path: Path
) -> None:
    file = tmp_path / "letter.txt"
    file.write_text("Dear reader, this is a letter and not a database. " * 100)
    engine = open_(path=file)
    assert not (await engine.check()).available
    with pytest.raises(EngineUnavailable, match=r"letter\.txt can't be used"):
        await engine.read(SimulationHarness(tmp_path).stack())
    assert file.read_text().startswith("Dear reader")


async def test_a_file_of_a_newer_version_is_left_alone(open_: Open, tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    health = await open_(path=file).check()
    assert not health.available
    assert "newer ALMA" in health.detail


async def test_a_full_disk_leaves_the_world_as_it_was(world: World) -> None:
    def fill() -> None:
        with _engine(world)._store.transaction() as transaction:
            connection = transaction._connection
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

    fill()
    desired = world.harness.workload()
    huge = desired.model_copy(update={"env": {"BIG": "x" * 1_000_000}})
    with pytest.raises(EngineUnavailable, match="full"):
        await world.create(huge)
    assert set(await world.read()) == {NETWORK}
    assert [o.address for o in await _engine(world).operations(world.stack)] == [NETWORK]
