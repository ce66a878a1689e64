"""A message goes in, events come out, and the answer is kept: at once or durably, whole or not at all."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from alma.core.agent.dialogue import Dialogue
from alma.core.agent.live import LiveTurn
from alma.core.agent.parts import Given, Parts, read_offline
from alma.core.agent.turns import TurnWork
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    ChatEvent,
    ChatEventType,
    Drafted,
    Interpretation,
    TurnContext,
    TurnState,
)
from alma.core.model.errors import (
    AlmaError,
    Conflict,
    InvalidInput,
    LanguageModelError,
    NotFound,
    Unauthenticated,
)
from alma.core.model.principal import LOCAL
from alma.core.services.drafting import Draft, Drafting, Edited
from alma.llm.scripted import Document, Scripted, ScriptedModel
from tests.people import somebody
from tests.talking import SHOP, Talk, talking, words_of

BOB = somebody("bob")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    """Drafts only: nothing is deployed here."""
    async with talking(tmp_path, started=False) as made:
        yield made


async def ended(turn_id: str) -> None:
    """Waits for the durable run of a turn, without following it."""
    handle: Any = await DBOS.retrieve_workflow_async(turn_id)
    await handle.get_result()


def parts(talk: Talk) -> Parts:
    return talk.alma.dialogue._parts


def being_read(talk: Talk, message: str) -> TurnWork:
    """A message that was read, and whose draft is not saved yet."""
    turn = talk.alma.conversations.new_turn(message, f"turn-{message}")
    begun = talk.alma.conversations.quiet_draft(talk.who, talk.id)
    offline, draft = read_offline(parts(talk).interpreter, message, begun)
    given = Given(begun=begun, draft=draft, offline=offline)
    return TurnWork(parts(talk), talk.who, talk.id, turn, given=given)


async def saved(work: TurnWork) -> None:
    await work.draft(await work.interpret())


# ── events ───────────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_is_told_from_the_first_thought_to_its_one_end(talk: Talk) -> None:
    events = await talk.events(SHOP)

    kinds = [event.type for event in events]
    assert kinds[0] is ChatEventType.THINKING
    assert kinds[-1] is ChatEventType.COMPLETE
    assert sum(kind in {ChatEventType.COMPLETE, ChatEventType.ERROR} for kind in kinds) == 1
    order = (
        ChatEventType.PROGRESS,
        ChatEventType.RESOURCE,
        ChatEventType.BLUEPRINT,
        ChatEventType.TOKEN,
    )
    first = [kinds.index(kind) for kind in order]
    assert first == sorted(first)
    assert words_of(events) == talk.turns[-1].response == events[-1].content
    resources = {event.content for event in events if event.type is ChatEventType.RESOURCE}
    blueprint = talk.turns[-1].blueprint
    assert blueprint is not None
    assert resources == {resource.name for resource in blueprint.resources}


async def test_who_comes_back_hears_what_follows(talk: Talk) -> None:
    begun = await talk.alma.dialogue.begin(talk.who, SHOP, talk.id)
    events = await talk.heard(begun.turn_id)

    assert await talk.heard(begun.turn_id, after=3) == events[3:]


async def test_of_a_turn_that_another_process_told_the_end_is_told_from_the_database(
    talk: Talk, tmp_path: Path
) -> None:
    answer = await talk.say(SHOP)
    async with talking(tmp_path, started=False) as elsewhere:
        events = await elsewhere.heard(answer.turn_id)

    assert words_of(events) == answer.response
    assert events[-1].type is ChatEventType.COMPLETE


async def test_only_what_is_new_or_different_is_told_of_a_draft(talk: Talk) -> None:
    await talk.say(SHOP)

    events = await talk.events("add a redis cache")

    told = [event.content for event in events if event.type is ChatEventType.RESOURCE]
    assert told == ["cache-1"]


async def test_a_question_tells_no_draft(talk: Talk) -> None:
    await talk.say(SHOP)

    events = await talk.events("how much does it cost?")

    assert not {event.type for event in events} & {ChatEventType.RESOURCE, ChatEventType.BLUEPRINT}


async def test_a_description_without_a_conversation_is_told_in_the_same_way(talk: Talk) -> None:
    told = [event async for event in talk.alma.generating.events(talk.who, SHOP)]

    events, drafted = [event for event in told if isinstance(event, ChatEvent)], told[-1]
    assert isinstance(drafted, Drafted)
    assert events[0].type is ChatEventType.THINKING
    assert words_of(events) == drafted.response
    assert talk.revisions == []


async def test_an_end_found_in_the_database_does_not_overtake_what_goes_before_it(
    talk: Talk,
) -> None:
    """The answer is saved before it is told: whoever looks in between leaves the telling to who saved it."""
    answer = await talk.say(SHOP)
    place = talk.alma.conversations.turn(answer.turn_id)
    live = LiveTurn()

    with live.telling():
        talk.alma.dialogue._tell_end(live, place)
        assert live.events == []

    talk.alma.dialogue._tell_end(live, place)
    assert words_of(live.events) == answer.response
    assert live.ended


# ── whole or not at all ──────────────────────────────────────────────────────────────────────────


async def test_a_draft_that_a_colleague_changed_meanwhile_is_not_overwritten(talk: Talk) -> None:
    first = await talk.say(SHOP)
    assert first.blueprint is not None
    assert first.blueprint_id is not None
    work = being_read(talk, "add a redis cache")
    mended = first.blueprint.model_copy(update={"description": "mended"})
    talk.alma.blueprints.update(BOB, first.blueprint_id, mended)

    with pytest.raises(Conflict):
        await saved(work)

    assert len(talk.turns) == 1
    assert talk.alma.blueprints.get(LOCAL, first.blueprint_id).blueprint == mended
    again = await talk.say("add a redis cache")
    assert again.blueprint is not None
    assert again.blueprint.description == "mended"
    assert again.blueprint.resource("cache-1") is not None


async def test_of_two_messages_at_once_one_is_answered_and_the_other_refused(talk: Talk) -> None:
    first, second = being_read(talk, SHOP), being_read(talk, "3 redis caches")

    await saved(first)
    with pytest.raises(Conflict, match="came between"):
        await saved(second)

    assert [turn.message for turn in talk.turns] == [SHOP]
    assert talk.revisions == [1]


async def test_two_questions_at_once_keep_their_order_too(talk: Talk) -> None:
    await talk.say(SHOP)
    first, second = being_read(talk, "what does it cost?"), being_read(talk, "what is a cache?")

    await saved(first)
    with pytest.raises(Conflict, match="came between"):
        await saved(second)

    assert [turn.message for turn in talk.turns] == [SHOP, "what does it cost?"]


async def test_a_conversation_that_is_deleted_meanwhile_stays_deleted(talk: Talk) -> None:
    await talk.say(SHOP)
    work = being_read(talk, "add a redis cache")
    talk.alma.conversations.delete(talk.who, talk.id)

    with pytest.raises(NotFound):
        await saved(work)

    with pytest.raises(NotFound):
        talk.alma.conversations.get(talk.who, talk.id)
    assert talk.revisions == [1]


async def test_an_id_that_somebody_else_takes_meanwhile_is_theirs(talk: Talk) -> None:
    work = being_read(talk, SHOP)
    theirs = await replace(talk, who=BOB).say("3 redis caches")

    with pytest.raises(NotFound):
        await saved(work)

    assert [turn.id for turn in replace(talk, who=BOB).turns] == [theirs.turn_id]
    assert talk.revisions == [1]


async def test_a_blueprint_that_was_deleted_comes_back_with_the_next_change_and_with_no_question(
    talk: Talk,
) -> None:
    first = await talk.say(SHOP)
    assert first.blueprint_id is not None
    talk.alma.blueprints.delete(LOCAL, first.blueprint_id)

    asked = await talk.say("how much does it cost?")
    assert asked.blueprint == first.blueprint
    assert talk.revisions == []

    changed = await talk.say("add a redis cache")
    assert changed.blueprint is not None
    assert {item.name for item in changed.blueprint.resources} >= {"db-1", "web-1", "cache-1"}
    assert changed.blueprint_id not in {None, first.blueprint_id}


async def test_somebody_elses_turn_is_not_there(talk: Talk) -> None:
    answer = await talk.say(SHOP)

    for other in (BOB, somebody(LOCAL.id, project="elsewhere")):
        with pytest.raises(NotFound):
            await talk.alma.dialogue.answer(other, answer.turn_id)
        with pytest.raises(NotFound):
            await replace(talk, who=other).heard(answer.turn_id)


@pytest.mark.parametrize("message", ["", "   \n", "a" * 200_000])
async def test_a_message_that_cant_be_taken_leaves_nothing_behind(talk: Talk, message: str) -> None:
    with pytest.raises(InvalidInput):
        await talk.say(message)

    assert talk.alma.conversations.list(LOCAL) == ([], 0)
    assert not parts(talk).live._turns


class Broken(Drafting):
    """As if ALMA had a fault."""

    def __init__(self) -> None:
        pass

    def edited(
        self, draft: Draft, reading: Interpretation, context: TurnContext | None = None
    ) -> Edited:
        raise ZeroDivisionError


async def test_a_fault_of_almas_own_ends_the_turn_with_an_error_and_is_in_the_log(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    faulty = Dialogue(replace(parts(talk), drafting=Broken()), queue=talk.alma.queue)

    with pytest.raises(AlmaError) as caught:
        await faulty.chat(talk.who, SHOP, talk.id)

    assert caught.value.code == "internal_error"
    assert "ZeroDivisionError" in caplog.text
    assert caplog.records[-1].levelno == logging.ERROR
    assert talk.alma.conversations.list(LOCAL) == ([], 0)
    assert (await talk.say(SHOP)).state is TurnState.ANSWERED


async def test_what_is_answered_at_once_is_answered_before_the_end(tmp_path: Path) -> None:
    async with talking(tmp_path, started=False) as talk:
        begun = await talk.alma.dialogue.begin(talk.who, SHOP, talk.id)

    async with talking(tmp_path, started=False) as later:
        assert later.turns[-1].id == begun.turn_id
        assert later.turns[-1].state is TurnState.ANSWERED


def test_starting_and_drafting_load_no_graph_library(tmp_path: Path) -> None:
    """It takes most of a second, which nobody has to wait who only drafts."""
    script = (
        "import asyncio, pathlib, sys\n"
        "from tests.talking import SHOP, talking\n"
        "async def main():\n"
        "    async with talking(pathlib.Path(sys.argv[1])) as talk:\n"
        "        await talk.say(SHOP, 'add a redis cache', 'what does it cost?')\n"
        "asyncio.run(main())\n"
        "print(sorted(name for name in sys.modules if name.startswith('langgraph')))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[4],
    )
    assert done.stdout.strip() == "[]"


# ── with a model: durably ────────────────────────────────────────────────────────────────────────

SAID: Document = {"say": "Here is a start.", "edits": []}


async def test_a_models_words_and_almas_figures_are_one_text(tmp_path: Path) -> None:
    said: Document = {"say": "I added a cache.", "edits": []}
    partials: tuple[Document, ...] = ({"say": "I added"}, said)
    async with talking(tmp_path, model=ScriptedModel([Scripted(said, partials)])) as talk:
        events = await talk.events("add a redis cache")

        response = talk.turns[-1].response
        assert words_of(events) == response
        assert response.startswith("I added a cache. ")
        assert "a month" in response
        assert events[-1].type is ChatEventType.COMPLETE


async def test_an_answer_that_takes_longer_goes_on_and_is_there_later(tmp_path: Path) -> None:
    go = asyncio.Event()
    async with talking(
        tmp_path, model=ScriptedModel([Scripted(SAID, until=go)]), grace=0.0
    ) as talk:
        answer = await talk.alma.dialogue.chat(talk.who, SHOP, talk.id, patience=0.0)
        assert answer.state is TurnState.ANSWERING
        with pytest.raises(Conflict, match="still being answered"):
            await talk.say("add a redis cache")
        with pytest.raises(Conflict, match="still being answered"):
            talk.alma.conversations.delete(talk.who, talk.id)

        go.set()
        events = await talk.heard(answer.turn_id)

        assert events[-1].type is ChatEventType.COMPLETE
        later = await talk.alma.dialogue.answer(talk.who, answer.turn_id)
        assert later.state is TurnState.ANSWERED
        assert later.blueprint is not None


async def test_a_model_is_stopped_when_nobody_listens_any_more_and_the_conversation_goes_on(
    tmp_path: Path,
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    def first(_: object) -> Scripted:
        asked.set()
        return Scripted(SAID, until=never)

    model = ScriptedModel([first, SAID])
    async with talking(tmp_path, model=model, grace=0.0) as talk:
        leaving = asyncio.create_task(talk.say(SHOP))
        await asked.wait()
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        (turn,) = talk.turns
        await ended(turn.id)  # whoever followed sooner would keep it going
        events = await talk.heard(turn.id)

        assert events[-1].data["code"] == "turn_stopped"
        assert model.stopped == 1
        assert talk.turns[0].state is TurnState.STOPPED
        assert talk.revisions == []
        assert (await talk.say(SHOP)).state is TurnState.ANSWERED


async def test_who_goes_away_while_the_message_is_taken_leaves_no_model_at_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, gone, never = threading.Event(), threading.Event(), asyncio.Event()
    model = ScriptedModel([Scripted(SAID, until=never)])
    async with talking(tmp_path, model=model, grace=0.0) as talk:
        real = talk.alma.dialogue._queue.enqueue_turn

        def enqueue_turn(*given: Any) -> None:
            real(*given)
            taken.set()
            gone.wait()

        monkeypatch.setattr(talk.alma.dialogue._queue, "enqueue_turn", enqueue_turn)
        leaving = asyncio.create_task(talk.say(SHOP))
        await asyncio.to_thread(taken.wait)
        leaving.cancel()
        await asyncio.gather(leaving, return_exceptions=True)
        gone.set()
        (watch,) = talk.alma.dialogue._watches
        await watch
        await ended(talk.turns[0].id)

        assert talk.turns[0].state is TurnState.STOPPED
        assert talk.revisions == []


async def test_a_model_is_not_asked_for_a_turn_that_was_stopped_before_it_began(
    tmp_path: Path,
) -> None:
    model = ScriptedModel([SAID])
    async with talking(tmp_path):
        pass  # makes the queue's tables
    async with talking(tmp_path, model=model, started=False) as talk:
        begun = await talk.alma.dialogue.begin(talk.who, SHOP, talk.id)
        talk.alma.dialogue._stop(begun.turn_id)

    async with talking(tmp_path, model=model) as talk:
        await ended(begun.turn_id)

        assert model.asks == []
        assert talk.turns[0].state is TurnState.STOPPED


async def test_a_model_that_fails_leaves_the_offline_answer_and_says_so(tmp_path: Path) -> None:
    model = ScriptedModel([LanguageModelError("the model is away")], forever=True)
    async with talking(tmp_path, model=model) as talk:
        events = await talk.events(SHOP)

        assert any(
            event.type is ChatEventType.WARNING and "away" in event.content for event in events
        )
        blueprint = talk.turns[-1].blueprint
        assert isinstance(blueprint, Blueprint)
        assert blueprint.resource("db-1") is not None
        assert words_of(events) == talk.turns[-1].response


async def test_a_message_that_waited_is_answered_with_what_its_author_may_do_now(
    talk: Talk,
) -> None:
    once = somebody("who has left since")  # an account that is not there (any more)

    with pytest.raises(Unauthenticated, match="the access of who has left since has ended"):
        await talk.alma.dialogue.work(once, "t-1")
