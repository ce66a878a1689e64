"""A list is asked for in as many statements as it has kinds of things, however long it is; and never on the loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError
from sqlalchemy import event
from sqlalchemy.engine import Engine

from alma.api.graphql.context import Context
from alma.api.graphql.schema import schema
from alma.bootstrap import Alma, build
from alma.core.model.ipr import ReviewAction
from alma.core.model.principal import LOCAL, Principal
from alma.settings import Settings
from tests.people import somebody

NESTED = """query ($first: Int!) { iprs(first: $first) { total nodes {
  id reviews { action } plan { digest }
  blueprint { name revisions(first: 3) { revision } stacks { name } }
  stack { name recorded { address } }
  deployment { status steps { address } events(first: 5) { seq } stack { id } ipr { id } }
} } }"""


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[Alma]:
    made = build(Settings(home=tmp_path, default_engine="simulation"))
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def _requests(alma: Alma, number: int) -> None:
    for one in range(number):
        document = {"name": f"stack-{one}", "resources": [{"name": "web", "type": "vm"}]}
        made = await asyncio.to_thread(alma.blueprints.create, LOCAL, document)
        ipr = await alma.iprs.open(LOCAL, title="a change", blueprint_id=made.id)
        await asyncio.to_thread(alma.iprs.review, LOCAL, ipr.id, action=ReviewAction.APPROVE)
        queued = await alma.iprs.deploy(LOCAL, ipr.id)
        async for _ in alma.deployments.follow(LOCAL, queued.id):
            pass


async def _asked(alma: Alma, query: str, caller: Principal = LOCAL, **variables: Any) -> Any:
    return await schema().execute(
        query, variable_values=variables, context_value=Context(alma, caller)
    )


@contextmanager
def _statements() -> Iterator[list[str]]:
    """What is sent to databases meanwhile, with the thread it is sent from."""
    sent: list[str] = []

    def said(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "workflow" not in statement:
            sent.append(threading.current_thread().name)

    event.listen(Engine, "before_cursor_execute", said)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", said)


async def test_a_longer_list_takes_no_more_statements(alma: Alma) -> None:
    await _requests(alma, 4)
    counts = []
    for first in (1, 4):
        with _statements() as sent:
            found = await _asked(alma, NESTED, first=first)
        assert found.errors is None
        assert len(found.data["iprs"]["nodes"]) == first
        counts.append(len(sent))

    # The pulse of the worker and the queue may look in between.
    assert counts[1] <= counts[0] + 2, counts
    assert counts[0] < 40


async def test_nothing_is_asked_of_the_database_on_the_event_loop(alma: Alma) -> None:
    await _requests(alma, 1)
    with _statements() as sent:
        await _asked(alma, NESTED, first=1)

    assert sent
    assert threading.current_thread().name not in sent


async def test_what_belongs_to_another_project_is_not_there(alma: Alma) -> None:
    await _requests(alma, 1)
    stranger = somebody("eve", project="other")
    found = await _asked(alma, NESTED, stranger, first=10)
    one = await _asked(alma, "{ ipr(id: 1) { id } }", stranger)

    assert found.data == {"iprs": {"total": 0, "nodes": []}}
    assert one.data is None
    assert one.errors[0].extensions["code"] == "not_found"


async def test_a_query_that_takes_too_long_is_given_up(alma: Alma) -> None:
    context = Context(alma, LOCAL, patience=0.0)
    found = await schema().execute("{ health { status } }", context_value=context)

    (error,) = found.errors or []
    assert isinstance(error, GraphQLError)
    assert error.extensions is not None
    assert error.extensions["code"] == "timeout"
