from datetime import timedelta
from uuid import uuid4

import pytest

from alma.core.model.blueprint import Origin, Resource, ResourceType, dump_plain
from alma.core.model.conversation import (
    AddResource,
    Conversation,
    Intent,
    Mention,
    Said,
    Turn,
    TurnContext,
    TurnState,
)
from alma.core.model.errors import NotFound
from alma.db.database import Database
from tests.unit.db.conftest import START
from tests.unit.db.samples import OTHER, PROJECT, web


def turn(message: str, seconds: int = 0, **more: object) -> Turn:
    return Turn.model_validate(
        {
            "id": uuid4().hex,
            "message": message,
            "response": "Understood.",
            "intent": Intent.CREATE,
            "created_at": START + timedelta(seconds=seconds),
            **more,
        }
    )


def add(
    database: Database, id_: str, said: Turn, *, project: str = PROJECT, principal: str = "ada"
) -> Conversation:
    with database.write() as transaction:
        transaction.conversations.add_turn(id_, said, project=project, principal=principal)
        found = transaction.conversations.get(id_, project=project)
        assert found is not None
        return found


def test_the_first_turn_starts_a_conversation(database: Database) -> None:
    said = turn(
        "two servers\n and a database",
        blueprint=web(),
        origins={"name": Origin.WORDS},
        blueprint_id=3,
        suggested_actions=("deploy", "change"),
    )

    started = add(database, "c-1", said)

    assert started == Conversation(
        id="c-1",
        principal="ada",
        title="two servers and a database",
        turns=(said,),
        created_at=START,
        updated_at=START,
    )
    with database.read() as transaction:
        found = transaction.conversations.get("c-1", project=PROJECT)
    assert found == started
    assert found is not None
    assert found.last is not None
    assert found.last.blueprint is not None
    assert found.last.blueprint.dump() == web().dump()


def test_turns_follow_in_order_and_the_title_stays(database: Database) -> None:
    add(database, "c-1", turn("first"))

    grown = add(database, "c-1", turn("second", 9))

    assert [item.message for item in grown.turns] == ["first", "second"]
    assert (grown.title, grown.updated_at) == ("first", START + timedelta(seconds=9))


def test_a_long_first_message_makes_a_short_title(database: Database) -> None:
    title = add(database, "c-1", turn("a server " * 40)).title

    assert len(title) <= 80
    assert title.endswith("…")


def test_lists_show_ones_own_and_begin_with_what_moved_last(database: Database) -> None:
    for seconds, id_ in enumerate(("c-1", "c-2", "c-3", "c-1")):
        add(database, id_, turn(id_, seconds))
    add(database, "c-4", turn("bob's"), principal="bob")

    with database.read() as transaction:
        conversations = transaction.conversations
        found = conversations.list(project=PROJECT, principal="ada")
        assert [(item.id, item.turns) for item in found] == [
            ("c-1", 2),
            ("c-3", 1),
            ("c-2", 1),
        ]
        latest = found[0]
        assert (latest.blueprint_id, latest.state) == (None, TurnState.ANSWERED)
        page = conversations.list(project=PROJECT, principal="ada", skip=1, limit=1)
        assert [item.id for item in page] == ["c-3"]
        assert conversations.count(project=PROJECT, principal="ada") == 3
        assert conversations.count(project=PROJECT, principal="bob") == 1


def test_an_id_belongs_to_its_project_only(database: Database) -> None:
    add(database, "c-1", turn("ours"))

    with database.read() as transaction:
        assert transaction.conversations.get("c-1", project=OTHER) is None
        assert transaction.conversations.list(project=OTHER, principal="ada") == []
        assert transaction.conversations.count(project=OTHER, principal="ada") == 0

    theirs = add(database, "c-1", turn("theirs"), project=OTHER)

    assert [item.message for item in theirs.turns] == ["theirs"]
    with database.read() as transaction:
        ours = transaction.conversations.get("c-1", project=PROJECT)
    assert ours is not None
    assert [item.message for item in ours.turns] == ["ours"]


def test_a_turn_is_found_and_replaced_by_its_id_alone(database: Database) -> None:
    asked = turn("a cache", state=TurnState.ANSWERING)
    with database.write() as transaction:
        transaction.conversations.add_turn("c-1", asked, project=PROJECT, principal="ada")

    with database.write() as transaction:
        place = transaction.conversations.turn(asked.id, lock=True)
        ended = place.turn.model_copy(
            update={"state": TurnState.ANSWERED, "ipr_id": 7, "response": "Done."}
        )
        transaction.conversations.update_turn(ended)

    with database.read() as transaction:
        found = transaction.conversations.turn(asked.id)
        assert (found.project, found.conversation_id, found.turn) == (PROJECT, "c-1", ended)
        with pytest.raises(NotFound):
            transaction.conversations.turn("nobody's")


def test_turns_without_an_answer_are_known_for_one_conversation_and_for_all(
    database: Database,
) -> None:
    waiting = [turn("one", 1, state=TurnState.ANSWERING), turn("two", 2, state=TurnState.ANSWERING)]
    with database.write() as transaction:
        for id_, asked in zip(("c-1", "c-2"), waiting, strict=True):
            transaction.conversations.add_turn(id_, asked, project=PROJECT, principal="ada")
        transaction.conversations.add_turn("c-1", turn("three"), project=PROJECT, principal="ada")

    with database.read() as transaction:
        assert transaction.conversations.answering() == [asked.id for asked in waiting]
        here = transaction.conversations.answering(project=PROJECT, id_="c-2")
        assert here == [waiting[1].id]


def test_what_an_answer_offered_comes_back_as_it_was_said(database: Database) -> None:
    offered = AddResource(resource=Resource(name="cache", type=ResourceType.CACHE))
    asked = turn("cheaper?", offer=(offered,), context=TurnContext(engine="docker"))
    with database.write() as transaction:
        transaction.conversations.add_turn("c-1", asked, project=PROJECT, principal="ada")

    with database.read() as transaction:
        found = transaction.conversations.turn(asked.id).turn
    assert found == asked
    assert isinstance(found.offer[0], AddResource)
    assert dump_plain(found.offer[0].resource) == {"name": "cache", "type": "cache"}


def test_a_conversation_gets_a_title_and_is_forgotten_with_its_turns(database: Database) -> None:
    with database.write() as transaction:
        for id_ in ("c-1", "c-2"):
            transaction.conversations.add_turn(id_, turn(id_), project=PROJECT, principal="ada")
        transaction.conversations.rename("c-1", "The shop", project=PROJECT)
        transaction.conversations.delete("c-2", project=PROJECT)

    with database.read() as transaction:
        found = transaction.conversations.list(project=PROJECT)
    assert [(item.id, item.title) for item in found] == [("c-1", "The shop")]
    with database.write() as transaction, pytest.raises(NotFound):
        transaction.conversations.delete("c-2", project=PROJECT)


def test_a_list_says_what_the_latest_turn_left_behind(database: Database) -> None:
    add(database, "c-1", turn("a server", 1, blueprint_id=4, blueprint=web()))
    add(database, "c-1", turn("and a cache", 2, blueprint_id=5, state=TurnState.ANSWERING))

    with database.read() as transaction:
        [found] = transaction.conversations.list(project=PROJECT)

    assert (found.turns, found.blueprint_id, found.state) == (2, 5, TurnState.ANSWERING)


def test_a_long_conversation_need_not_be_read_whole(database: Database) -> None:
    for number in range(5):
        add(database, "c-1", turn(f"message {number}", number))

    with database.read() as transaction:
        found = transaction.conversations.get("c-1", project=PROJECT, last=2)
        assert found is not None
        assert [item.message for item in found.turns] == ["message 3", "message 4"]
        assert transaction.conversations.length("c-1", project=PROJECT) == 5
        assert transaction.conversations.length("c-2", project=PROJECT) == 0


def test_nobody_adds_to_somebody_elses_conversation(database: Database) -> None:
    add(database, "c-1", turn("ada's"))

    with pytest.raises(NotFound), database.write() as transaction:
        transaction.conversations.add_turn("c-1", turn("bob's"), project=PROJECT, principal="bob")

    with database.read() as transaction:
        assert transaction.conversations.length("c-1", project=PROJECT) == 1


def test_a_turn_is_told_its_number(database: Database) -> None:
    with database.write() as transaction:
        numbers = [
            transaction.conversations.add_turn("c-1", turn(words), project=PROJECT, principal="ada")
            for words in ("first", "second")
        ]

    assert numbers == [1, 2]


def test_the_latest_messages_are_read_without_their_drafts_and_those_that_left_none_are_passed_over(
    database: Database,
) -> None:
    kept = turn("kept", 1, blueprint=web(), blueprint_id=3)
    for said in (
        turn("first"),
        kept,
        turn("stopped", 2, state=TurnState.STOPPED),
        turn("failed", 3, state=TurnState.FAILED),
        turn("failed later", 4, state=TurnState.FAILED, answer={"drafted": {"revision": 2}}),
        turn("under way", 5, state=TurnState.ANSWERING),
    ):
        add(database, "c-1", said)

    with database.read() as transaction:
        said_last = transaction.conversations.said("c-1", project=PROJECT, last=2)
        drafted = transaction.conversations.drafted("c-1", project=PROJECT, last=9)
        elsewhere = transaction.conversations.said("c-1", project=OTHER, last=2)

    assert [item.message for item in said_last] == ["kept", "failed later"]
    assert said_last[0] == Said(
        message="kept", response="Understood.", intent=Intent.CREATE, offer=(), blueprint_id=3
    )
    assert [item.message for item in drafted] == ["first", "kept", "failed later"]
    assert drafted[1] == kept
    assert elsewhere == []


def test_the_messages_that_a_request_belongs_to_are_found_and_what_came_after(
    database: Database,
) -> None:
    opened = turn("deploy it", 1, ipr_id=7, plan_digest="sha256:1")
    changed = turn("bigger", 2, answer={"changed": True})
    approved = turn("approve", 3, ipr_id=7, answer={"changed": False})
    for said in (turn("first"), opened, changed, approved):
        add(database, "c-1", said)

    with database.read() as transaction:
        mentions = transaction.conversations.mentions("c-1", project=PROJECT)
        after = transaction.conversations.after("c-1", 1, project=PROJECT)
        none = transaction.conversations.after("c-1", 4, project=PROJECT)

    assert mentions == [
        Mention(number=2, turn_id=opened.id, ipr_id=7, plan_digest="sha256:1"),
        Mention(number=4, turn_id=approved.id, ipr_id=7, plan_digest=None),
    ]
    assert list(after.items()) == [(opened.id, False), (changed.id, True), (approved.id, False)]
    assert none == {}


def test_a_conversation_without_its_turns_is_who_and_when(database: Database) -> None:
    whole = add(database, "c-1", turn("first"))

    with database.read() as transaction:
        found = transaction.conversations.get("c-1", project=PROJECT, last=0)

    assert found == whole.model_copy(update={"turns": ()})
