"""Who is calling is asked where it matters, and nowhere else."""

from enum import Enum

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from alma.api.errors import answer_to
from alma.api.public import is_public
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.principal import Principal, Source
from alma.middleware.auth import Authentication

LIVE = "/api/v1/monitoring/health/live"
READY = "/api/v1/monitoring/health/ready"


class Asked(Enum):
    """Says to look up."""

    LATER = "later"


class Unanswered:
    """Callers that only a database could tell, which does not answer; counts who asked for them."""

    def __init__(self) -> None:
        self.asked = 0

    def at_once(self, credential: str | None, project: str | None, source: Source) -> Enum:
        return Asked.LATER

    def look_up(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | None:
        self.asked += 1
        raise DatabaseUnavailable("the database does not answer", hint="wait")


def guarded(callers: Unanswered) -> ASGIApp:
    return Authentication(
        PlainTextResponse("here"), callers=lambda: callers, answer=answer_to, public=is_public
    )


async def test_whether_the_process_lives_is_answered_without_asking_a_database_who_asks() -> None:
    callers = Unanswered()
    transport = httpx.ASGITransport(app=guarded(callers))
    async with httpx.AsyncClient(transport=transport, base_url="http://alma") as client:
        assert (await client.get(LIVE, headers={"X-API-Key": "one"})).status_code == 200
        assert callers.asked == 0
        assert (await client.get(READY)).status_code == 200
        assert callers.asked == 1
        assert (await client.get(f"/elsewhere{LIVE}")).status_code == 503


class Shown(Unanswered):
    """Callers who are whoever they say, in whichever project."""

    def at_once(self, credential: str | None, project: str | None, source: Source) -> Enum:
        return Asked.LATER

    def look_up(
        self, credential: str | None, project: str | None, source: Source
    ) -> Principal | None:
        return Principal(id=str(credential), project=str(project))


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer one"), ("Authorization", "Bearer two")],
        [("X-API-Key", "one"), ("X-API-Key", "two")],
        [("X-API-Key", "one"), ("X-ALMA-Project", "mine"), ("X-ALMA-Project", "theirs")],
    ],
)
async def test_a_request_that_says_twice_who_it_is_of_is_of_nobody(
    headers: list[tuple[str, str]],
) -> None:
    """What stands in front of the server may have looked at the other one."""
    transport = httpx.ASGITransport(app=guarded(Shown()))
    async with httpx.AsyncClient(transport=transport, base_url="http://alma") as client:
        assert (await client.get("/api/v1/blueprints", headers=headers)).status_code == 422
        assert (await client.get("/api/v1/blueprints", headers=headers[:1])).status_code == 200
