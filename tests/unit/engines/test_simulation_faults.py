"""Failures of real engines, rehearsed: each kind does what it says, where it says, as often as it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    InvalidInput,
    OutcomeUnknown,
)
from alma.core.model.plan import Action
from alma.core.model.state import Status
from alma.engines.simulation import (
    Fault,
    FaultKind,
    FaultPoint,
    SimulationEngine,
    SimulationSettings,
    read_faults,
    rehearsals,
)
from tests.contract.harness import NETWORK, World, network, new_key
from tests.contract.simulation_harness import SimulationHarness

Open = Callable[..., World]


@pytest.fixture
async def rehearse(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a new stack on an engine with these faults; all on the same file."""
    engines: list[SimulationEngine] = []

    def open_(*faults: Fault, **settings: Any) -> World:
        given = {"path": tmp_path / "simulation.db", "time_scale": 0, "faults": faults, **settings}
        engines.append(SimulationEngine(SimulationSettings.model_validate(given)))
        return World(SimulationHarness(tmp_path), engines[-1])

    yield open_
    for engine in engines:
        await engine.close()


async def _actions(world: World) -> list[str]:
    assert isinstance(world.engine, SimulationEngine)
    return [operation.action for operation in await world.engine.operations(world.stack)]


@pytest.mark.parametrize(
    ("kind", "error", "retryable"),
    [
        (FaultKind.REJECTED, ChangeRejected, False),
        (FaultKind.STORAGE_FULL, ChangeRejected, False),
        (FaultKind.LOCKED, ChangeRejected, True),
        (FaultKind.UNAVAILABLE, EngineUnavailable, True),
        (FaultKind.AUTH, EngineAuthFailed, False),
        (FaultKind.TIMEOUT, OutcomeUnknown, True),
    ],
)
async def test_a_fault_before_the_effect_raises_and_makes_nothing(
    rehearse: Open, kind: FaultKind, error: type[EngineError], retryable: bool
) -> None:
    world = rehearse(Fault(kind=kind))
    with pytest.raises(error) as raised:
        await world.create(network())
    assert raised.value.message.startswith("simulated: ")
    assert NETWORK in raised.value.message
    assert raised.value.hint
    assert raised.value.retryable is retryable
    assert await _actions(world) == []


async def test_a_lost_reply_is_raised_after_the_effect(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.LOST_REPLY))
    with pytest.raises(OutcomeUnknown):
        await world.create(network())
    assert await _actions(world) == ["create"]


async def test_a_warning_comes_with_the_outcome(rehearse: Open) -> None:
    world = rehearse(
        Fault(kind=FaultKind.WARNING, message="the disk is slow"), Fault(kind=FaultKind.WARNING)
    )
    outcome = await world.create(network())
    assert outcome.warnings == (
        "simulated: the disk is slow",
        "simulated: create of network was not quite clean",
    )
    assert await _actions(world) == ["create"]


async def test_what_was_made_unhealthy_fails_its_checks_until_it_is_changed(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.UNHEALTHY, action=Action.CREATE, address="web-*"))
    await world.create(network())
    desired = world.harness.workload()
    await world.create(desired)
    assert (await world.see("web-1")).status is Status.UNHEALTHY
    checks = await world.engine.verify(desired, world.stack)
    assert [check.passed for check in checks] == [False, False]
    assert checks[1].detail == "simulated: http :80/ answers 503"

    mended = world.harness.variants(desired)["env.MODE"]
    await world.apply(Action.UPDATE, mended)
    assert (await world.see("web-1")).status is Status.RUNNING
    assert all(check.passed for check in await world.engine.verify(mended, world.stack))


async def test_times_are_the_first_attempts_of_each_change(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.LOCKED, times=2))
    for _ in range(2):  # each change by itself
        key = new_key()
        for _ in range(2):
            with pytest.raises(ChangeRejected):
                await world.apply(Action.CREATE, network(), key=key)
        await world.apply(Action.CREATE, network(), key=key)
    assert await _actions(world) == ["create"]


async def test_times_outlive_the_process_so_that_a_retry_gets_further(rehearse: Open) -> None:
    fault, key = Fault(kind=FaultKind.LOCKED, times=1), new_key()
    world = rehearse(fault)
    with pytest.raises(ChangeRejected):
        await world.create(network(), key=key)
    world.engine = rehearse(fault).engine
    assert not (await world.create(network(), key=key)).adopted


async def test_a_fault_strikes_only_the_addresses_and_actions_it_names(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.REJECTED, address="web-*", action=Action.UPDATE))
    await world.create(network())
    first, other = world.harness.workload("web-1"), world.harness.workload("db-1")
    await world.create(first)
    await world.create(other)
    await world.apply(Action.UPDATE, other)
    with pytest.raises(ChangeRejected):
        await world.apply(Action.UPDATE, first)
    await world.delete("web-1", first.type)
    assert await _actions(world) == ["create", "create", "create", "update", "delete"]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        (FaultKind.UNAVAILABLE, EngineUnavailable),
        (FaultKind.TIMEOUT, EngineUnavailable),
        (FaultKind.AUTH, EngineAuthFailed),
    ],
)
async def test_a_read_can_fail_and_come_back(
    rehearse: Open, kind: FaultKind, error: type[EngineError]
) -> None:
    world = rehearse(Fault(kind=kind, operation=FaultPoint.READ, times=1))
    await world.create(network())
    with pytest.raises(error):
        await world.read()
    assert set(await world.read()) == {NETWORK}


async def test_a_check_that_is_struck_says_so_and_does_not_raise(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.AUTH, operation=FaultPoint.CHECK, times=1))
    health = await world.engine.check()
    assert (health.available, health.detail) == (
        False,
        "simulated: the engine refuses the credentials at the check",
    )
    assert (await world.engine.check()).available


async def test_a_verify_can_fail_the_first_times_and_then_pass(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.UNHEALTHY, operation=FaultPoint.VERIFY, times=2))
    await world.create(network())
    desired = world.harness.workload()
    await world.create(desired)
    passed = []
    for _ in range(3):
        checks = await world.engine.verify(desired, world.stack)
        passed.append(all(check.passed for check in checks))
    assert passed == [False, False, True]
    assert (await world.see("web-1")).status is Status.RUNNING, "nothing was changed by it"


async def test_a_verify_that_cannot_ask_raises(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.UNAVAILABLE, operation=FaultPoint.VERIFY))
    with pytest.raises(EngineUnavailable):
        await world.engine.verify(network(), world.stack)


async def _fate(world: World, *, count: int = 40) -> list[bool]:
    fate = []
    for number in range(count):
        try:
            await world.create(network(f"net-{number}"))
            fate.append(True)
        except ChangeRejected:
            fate.append(False)
    return fate


async def test_chance_depends_on_the_seed_and_nothing_else(rehearse: Open) -> None:
    fault = Fault(kind=FaultKind.REJECTED, probability=0.5)
    one, same = await _fate(rehearse(fault, seed=1)), await _fate(rehearse(fault, seed=1))
    other = await _fate(rehearse(fault, seed=2))
    assert one == same, "another stack with other keys fares the same"
    assert one != other
    assert 10 <= sum(one) <= 30, "about half of forty"


async def test_chance_is_drawn_anew_at_each_attempt(rehearse: Open) -> None:
    world, key = rehearse(Fault(kind=FaultKind.LOCKED, probability=0.5)), new_key()
    for _ in range(64):
        try:
            await world.create(network(), key=key)
            break
        except ChangeRejected:
            continue
    assert NETWORK in await world.read()


async def test_the_first_fault_that_strikes_decides(rehearse: Open) -> None:
    world = rehearse(
        Fault(kind=FaultKind.LOCKED, times=1),
        Fault(kind=FaultKind.AUTH),
        Fault(kind=FaultKind.REJECTED),
    )
    key = new_key()
    with pytest.raises(ChangeRejected, match="lock"):
        await world.create(network(), key=key)
    with pytest.raises(EngineAuthFailed):
        await world.create(network(), key=key)


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "lost_reply", "operation": "read"},
        {"kind": "storage_full", "operation": "verify"},
        {"kind": "unhealthy", "operation": "check"},
        {"kind": "unavailable", "operation": "read", "action": "create"},
        {"kind": "unavailable", "operation": "read", "address": "web-1"},
        {"kind": "locked", "times": 0},
        {"kind": "locked", "probability": 1.5},
        {"kind": "explode"},
        {"kind": "locked", "when": "monday"},
    ],
)
def test_a_fault_that_cannot_happen_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Fault.model_validate(fault)


@pytest.mark.parametrize(
    "text",
    [
        '[{"kind": "lost_reply", "action": "create", "address": "web-*", "times": 1}]',
        "- kind: lost_reply\n  action: create\n  address: web-*\n  times: 1\n",
    ],
)
async def test_faults_are_read_from_a_file_that_people_write(
    rehearse: Open, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    expected = Fault(kind=FaultKind.LOST_REPLY, action=Action.CREATE, address="web-*", times=1)
    assert read_faults(file) == (expected,)
    world = rehearse(Fault(kind=FaultKind.WARNING), faults_file=file)
    assert (await world.engine.check()).facts["faults"] == 2
    await world.create(network())
    with pytest.raises(OutcomeUnknown):
        await world.create(world.harness.workload())


def test_an_empty_file_of_faults_is_none(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text("# nothing goes wrong today\n")
    assert read_faults(file) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (None, "No such file"),
        ("kind: lost_reply\n", "tuple"),
        ("- kind: explode\n", "0.kind"),
        ("- kind: [\n", "line"),
    ],
)
def test_a_bad_file_of_faults_is_a_clear_error(
    tmp_path: Path, text: str | None, problem: str
) -> None:
    file = tmp_path / "faults.yaml"
    if text is not None:
        file.write_text(text)
    with pytest.raises(InvalidInput) as raised:
        SimulationEngine(SimulationSettings(path=tmp_path / "simulation.db", faults_file=file))
    assert "faults.yaml" in raised.value.message
    assert problem in raised.value.message
    assert "blueprint" not in raised.value.message.casefold()
    assert "lost_reply" in str(raised.value.hint)


async def test_a_slow_change_is_made_and_takes_as_much_longer(rehearse: Open) -> None:
    quick, slow = rehearse(), rehearse(Fault(kind=FaultKind.SLOW, seconds=90, message="it waits"))
    await quick.create(network())
    outcome = await slow.create(network())
    assert outcome.resource is not None
    assert outcome.warnings == ("simulated: it waits (90 s)",)
    assert isinstance(quick.engine, SimulationEngine)
    assert isinstance(slow.engine, SimulationEngine)
    assert slow.engine.elapsed == pytest.approx(quick.engine.elapsed + 90)


async def test_a_slow_read_takes_longer_and_answers(rehearse: Open) -> None:
    world = rehearse(Fault(kind=FaultKind.SLOW, operation=FaultPoint.READ, seconds=5))
    assert await world.read() == {}
    assert isinstance(world.engine, SimulationEngine)
    assert world.engine.elapsed > 5


async def test_a_held_change_waits_for_its_file_and_is_then_made(
    rehearse: Open, tmp_path: Path
) -> None:
    gate = tmp_path / "go"
    world = rehearse(Fault(kind=FaultKind.HELD, until=gate), latency={"create": 0}, time_scale=1)
    made = asyncio.ensure_future(world.create(network()))
    done, _ = await asyncio.wait({made}, timeout=0.2)
    assert not done
    assert await _actions(world) == []
    gate.touch()
    assert (await made).resource is not None
    assert await _actions(world) == ["create"]


async def test_a_held_change_can_be_cancelled_and_makes_nothing(
    rehearse: Open, tmp_path: Path
) -> None:
    world = rehearse(Fault(kind=FaultKind.HELD, until=tmp_path / "never"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await world.create(network())
    assert await _actions(world) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "held"},
        {"kind": "slow", "seconds": 1, "until": "go"},
        {"kind": "held", "until": "go", "operation": "read"},
    ],
)
def test_a_file_belongs_to_what_is_held_and_only_changes_are(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="held"):
        Fault.model_validate(fault)


@pytest.mark.parametrize("fault", [{"kind": "slow"}, {"kind": "locked", "seconds": 3}])
def test_seconds_belong_to_what_is_slow_and_to_nothing_else(fault: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="'slow' takes seconds"):
        Fault.model_validate(fault)


@pytest.mark.parametrize("name", sorted(rehearsals()))
def test_a_rehearsal_can_be_named_and_is_legal(name: str) -> None:
    assert read_faults(Path(name))


def test_a_file_goes_before_the_rehearsal_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "proxmox-busy").write_text("[]")
    assert read_faults(Path("proxmox-busy")) == ()


def test_an_unknown_rehearsal_is_refused_and_the_known_ones_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_faults(tmp_path / "proxmox-lazy")
    assert raised.value.hint
    assert all(name in raised.value.hint for name in rehearsals())
