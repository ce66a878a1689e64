"""A check is a proof: it asks the thing itself, and says what it asked and what came back."""

from __future__ import annotations

import pytest

from alma.core.model.errors import EngineAuthFailed, EngineUnavailable
from tests.contract.harness import Harness, World, network


async def test_a_working_workload_passes_with_a_proof(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    checks = await world.engine.verify(desired, world.stack)
    assert checks, "at least one check for a workload"
    assert {check.address for check in checks} == {desired.address}
    assert [check for check in checks if not check.passed] == []
    assert all(check.name and check.detail for check in checks)


async def test_a_broken_workload_fails_with_what_came_back(world: World) -> None:
    desired = world.harness.broken()
    await world.create(desired)
    failed = [
        check for check in await world.engine.verify(desired, world.stack) if not check.passed
    ]
    assert failed
    assert all(check.detail for check in failed)


async def test_a_stopped_workload_fails(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    await world.harness.halt(world.stack, desired.address)
    checks = await world.engine.verify(desired, world.stack)
    assert any(not check.passed for check in checks)


async def test_what_is_not_there_fails(world: World) -> None:
    checks = await world.engine.verify(world.harness.workload("nobody-1"), world.stack)
    assert any(not check.passed and check.detail for check in checks)


async def test_a_network_is_verified_by_being_there(world: World) -> None:
    if not world.engine.traits.separate_networks:
        pytest.skip("this engine has no networks of their own")
    checks = await world.engine.verify(network(), world.stack)
    assert all(check.passed for check in checks)
    assert any(
        not check.passed for check in await world.engine.verify(network("other"), world.stack)
    )


async def test_verifying_changes_nothing(world: World) -> None:
    desired = world.harness.workload()
    await world.create(desired)
    before = await world.read()
    await world.engine.verify(desired, world.stack)
    after = await world.read()
    assert {address: (seen.object_id, seen.properties) for address, seen in before.items()} == {
        address: (seen.object_id, seen.properties) for address, seen in after.items()
    }


async def test_a_verify_that_cannot_ask_raises_and_is_no_failed_check(harness: Harness) -> None:
    engine = await harness.down()
    with pytest.raises((EngineUnavailable, EngineAuthFailed)):
        await engine.verify(harness.workload(), harness.stack())
