"""A secret goes in and never comes back out: every value begins with a canary that must not sing."""

from __future__ import annotations

import logging

import pytest

from alma.core.model.blueprint import SecretRef
from alma.core.model.errors import AlmaError
from alma.core.model.plan import Action
from alma.core.model.state import DesiredResource, RenderedFile
from alma.core.ports import ReadsLogs
from tests.contract.harness import CANARY, World, new_key


def _with_secrets(desired: DesiredResource) -> DesiredResource:
    return desired.model_copy(
        update={
            "env": {**desired.env, "PASSWORD": SecretRef(secret="web-1.password")},
            "files": (RenderedFile(path="/etc/alma-token", secret="web-1.token", mode=0o600),),
            "secrets": {"password": 32, "token": 32},
        }
    )


async def test_secrets_never_come_back_in_properties_outcomes_checks_or_logs(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    desired, key = _with_secrets(world.harness.workload()), new_key()
    said = [(await world.create(desired, key=key)).model_dump_json()]
    said.append((await world.create(desired, key=key)).model_dump_json())
    assert set(world.context.asked) == {"web-1.password", "web-1.token"}, "they were really used"
    said.append((await world.engine.read(world.stack)).model_dump_json())
    checks = await world.engine.verify(desired, world.stack)
    said += [check.model_dump_json() for check in checks]
    if isinstance(world.engine, ReadsLogs):
        said += await world.engine.logs(await world.see(desired.address))
    said += [*world.context.lines, caplog.text, repr(world.shape(desired))]
    assert CANARY not in "\n".join(said)


async def test_a_shape_names_the_secret_and_not_its_value(world: World) -> None:
    shape = world.shape(_with_secrets(world.harness.workload()))
    assert shape["env.PASSWORD"] == "secret:web-1.password"
    assert str(shape["files./etc/alma-token"]).startswith("secret:web-1.token")


async def test_secrets_never_show_in_the_error_of_a_refused_change(world: World) -> None:
    desired = _with_secrets(world.harness.workload())
    errors: list[AlmaError] = []
    with pytest.raises(AlmaError) as refused:
        await world.apply(Action.UPDATE, desired)
    errors.append(refused.value)
    await world.create(world.harness.workload())
    with pytest.raises(AlmaError) as different:
        await world.create(desired)
    errors.append(different.value)
    for error in errors:
        chain: BaseException | None = error
        while chain is not None:
            assert CANARY not in f"{chain!r} {vars(chain)}"
            chain = chain.__cause__ or chain.__context__
