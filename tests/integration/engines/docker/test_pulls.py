"""Images come from a registry when they are missing: once, with progress, and with a reason when they don't."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from alma.core.model.errors import ChangeRejected, EngineAuthFailed, EngineError
from alma.engines.docker.session import Session
from alma.engines.docker.settings import DockerSettings
from tests.contract.harness import Context, new_stack
from tests.integration.engines.docker.registry import Registry

pytestmark = pytest.mark.docker


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    made = Registry()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    made = Session(DockerSettings())
    yield made
    await made.daemon.close()


async def test_changes_that_want_one_image_pull_it_once_and_say_how_far_it_is(
    registry: Registry, session: Session
) -> None:
    image = f"{registry.address}/alma-test/small:1"
    contexts = [Context(new_stack("docker")) for _ in range(4)]
    try:
        await asyncio.gather(*(session.image(image, context) for context in contexts))
        assert registry.asked["layer"] == 1
        said = [line for context in contexts for line in context.lines]
        assert said[0].startswith(f"Pulling {image}")
        assert said[-1].startswith(f"Pulled {image}")
        percents = [line.partition(": ")[2].split("%")[0] for line in said if "%" in line]
        assert percents == sorted(set(percents), key=int), "each once, and growing"

        await session.image(image, contexts[0])
        assert registry.asked["layer"] == 1, "what is there is not pulled"
    finally:
        await session.daemon._ask("DELETE", f"images/{image}", what="Removing an image")


@pytest.mark.parametrize(
    ("name", "kind"), [("small:2", ChangeRejected), ("private:1", EngineAuthFailed)]
)
async def test_a_registrys_refusal_has_a_name(
    registry: Registry, session: Session, name: str, kind: type[EngineError]
) -> None:
    image = f"{registry.address}/alma-test/{name}"
    with pytest.raises(EngineError) as refused:
        await session.image(image, Context(new_stack("docker")))
    assert type(refused.value) is kind
    assert image in refused.value.message
    assert refused.value.hint


async def test_a_registry_that_does_not_answer_is_called_that(session: Session) -> None:
    registry = Registry()
    await registry.start()
    await registry.stop()
    with pytest.raises(EngineError, match="can't be reached"):
        await session.image(f"{registry.address}/small:1", Context(new_stack("docker")))
