"""What engines say is somebody else's text: a run tells it, in bounds, and never fails because of it."""

from __future__ import annotations

import random
import string

import pytest

from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import ChangeRejected
from tests.integration.workflow.meddling import applying
from tests.integration.workflow.test_runs import objects
from tests.postgres import create_database, database_url, postgres_server
from tests.world import SHOP_ADDRESSES, world

__all__ = ["postgres_server"]

NUL, HALF = "no \0 room", "no \ud800 room"
# Nothing that a database could make short.
HUGE = "no room" + "".join(random.Random(1).choices(string.ascii_letters, k=3_000_000))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, postgres_server):
    """None, which is SQLite, or a PostgreSQL database: they differ in which texts they take."""
    if request.param == "sqlite":
        return None
    return database_url(postgres_server, create_database(postgres_server))


@pytest.mark.parametrize("said", [NUL, HALF, HUGE], ids=["nul", "half", "huge"])
async def test_a_refusal_is_told_whatever_its_words_are(tmp_path, monkeypatch, url, said):
    async with world(tmp_path, url=url) as here:

        async def refuse(address):
            if address == "lb":
                raise ChangeRejected(said, hint=said)

        applying(here, monkeypatch, refuse)
        ended = await here.run(await here.request())
        assert (ended.state, ended.error["code"]) == (
            DeploymentState.ROLLED_BACK,
            "change_rejected",
        )
        assert ended.error["message"].startswith("no ")
        assert await objects(here, ended) == set()
        assert len(ended.model_dump_json()) < 100_000
        assert all(len(event.model_dump_json()) < 20_000 for event in here.log(ended.id))


@pytest.mark.parametrize("said", [NUL, HALF, HUGE], ids=["nul", "half", "huge"])
async def test_what_was_done_stays_done_whatever_an_engine_says_of_it(
    tmp_path, monkeypatch, url, said
):
    async with world(tmp_path, url=url) as here:
        real, proof = here.simulation.apply, here.simulation.verify

        async def apply(change, key, context):
            context.log(said)
            return (await real(change, key, context)).model_copy(update={"warnings": (said,)})

        async def verify(desired, stack):
            checks = await proof(desired, stack)
            return [check.model_copy(update={"detail": said}) for check in checks]

        monkeypatch.setattr(here.simulation, "apply", apply)
        monkeypatch.setattr(here.simulation, "verify", verify)
        ended = await here.run(await here.request())
        assert (ended.state, ended.error) == (DeploymentState.SUCCEEDED, None)
        assert await objects(here, ended) == SHOP_ADDRESSES
        assert all(check.detail.startswith("no ") for check in ended.checks)
        assert all(len(event.model_dump_json()) < 20_000 for event in here.log(ended.id))


async def test_checks_that_fail_tell_their_words_too(tmp_path, monkeypatch, url):
    async with world(tmp_path, url=url) as here:
        proof, asked = here.simulation.verify, 0

        async def verify(desired, stack):
            nonlocal asked
            asked += 1
            checks = await proof(desired, stack)
            failed = {"passed": False, "detail": NUL + HALF + HUGE}
            # Every change is proved once by itself; then all of them are, once more.
            return [
                c.model_copy(update=failed if asked > len(SHOP_ADDRESSES) else {}) for c in checks
            ]

        monkeypatch.setattr(here.simulation, "verify", verify)
        ended = await here.run(await here.request())
        assert ended.error["code"] == "verification_failed"
        assert ended.state is DeploymentState.ROLLED_BACK
        assert len(ended.model_dump_json()) < 100_000
