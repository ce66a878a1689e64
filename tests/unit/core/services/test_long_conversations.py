"""A conversation may be long: what a message costs does not grow with what was said before."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.ipr import IPRState
from alma.core.model.principal import LOCAL
from tests.talking import SHOP, Talk, talking

# More than are looked at for any message.
_MANY = 70


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


async def said_long_ago(talk: Talk, *, later: int) -> None:
    """A draft, many questions about it, and `later` changes; all but the latest turns are then out of anybody's reach:
    who reads one of them fails."""
    await talk.say(SHOP)
    first = talk.turns[-1]
    with talk.alma.database.write() as transaction:
        for number in range(_MANY):
            asked = {"id": uuid.uuid4().hex, "message": f"{number}?", "answer": {}}
            transaction.conversations.add_turn(
                talk.id, first.model_copy(update=asked), project=LOCAL.project, principal=LOCAL.id
            )
    for memory in range(later):
        await talk.say(f"give the database {memory + 8}GB of memory")
    with talk.alma.database.engine.begin() as connection:
        worn = "UPDATE turn SET blueprint = '{', context = '[]' WHERE number <= :last"
        connection.execute(text(worn), {"last": _MANY})


async def test_nothing_of_long_ago_is_read_for_a_message_or_for_where_it_stands(talk: Talk) -> None:
    await said_long_ago(talk, later=14)

    changed = await talk.say("give the database 64GB of memory")
    asked = await talk.say("how much does it cost?")
    opened = await talk.say("deploy it")
    await talk.say("approve")
    stands = talk.alma.standings.of(LOCAL, talk.id)

    assert changed.changed
    assert asked.data
    assert talk.requests[-1].id == opened.ipr_id
    assert talk.requests[-1].state is IPRState.APPROVED
    assert stands.node == "deploy"
    with pytest.raises(DatabaseUnavailable, match="can't be read"):
        talk.alma.conversations.get(LOCAL, talk.id)


async def test_undoing_again_and_again_reads_only_as_far_back_as_it_goes(talk: Talk) -> None:
    await said_long_ago(talk, later=14)

    for memory in ("20GB", "19GB", "18GB"):
        undone = await talk.say("undo that")
        assert undone.blueprint is not None
        database = next(r for r in undone.blueprint.resources if r.type == "database")
        assert str(database.specs.memory) == memory


async def test_undoing_goes_back_past_any_number_of_questions(talk: Talk) -> None:
    await talk.say(SHOP, "give the database 8GB of memory", "give the database 16GB of memory")
    asked = talk.turns[-1]
    with talk.alma.database.write() as transaction:
        for _ in range(_MANY):
            again = asked.model_copy(update={"id": uuid.uuid4().hex, "answer": {}})
            transaction.conversations.add_turn(
                talk.id, again, project=LOCAL.project, principal=LOCAL.id
            )

    undone = await talk.say("undo that")

    assert undone.blueprint is not None
    database = next(r for r in undone.blueprint.resources if r.type == "database")
    assert str(database.specs.memory) == "8GB"
