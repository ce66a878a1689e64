"""What is told of a turn: in order, to its one end, to whoever comes back, and no more than fits."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime

from alma.core.agent import live
from alma.core.agent.live import LiveTurn, LiveTurns
from alma.core.model.conversation import ChatEvent, ChatEventType, Turn
from alma.core.model.errors import Conflict
from tests.talking import words_of


def token(text: str) -> ChatEvent:
    return ChatEvent(type=ChatEventType.TOKEN, content=text)


def answered(response: str) -> Turn:
    return Turn(id="t", message="hello", response=response, created_at=datetime.now(UTC))


async def heard(turn: LiveTurn, after: int = 0) -> list[tuple[int, ChatEvent]]:
    async with aclosing(turn.follow(after)) as events:
        return [numbered async for numbered in events]


async def test_events_are_numbered_and_somebody_who_comes_back_gets_those_after_his_last() -> None:
    turn = LiveTurn()
    for word in ("one ", "two ", "three"):
        turn.say(token(word))
    turn.complete("c", answered("one two three"))

    everything = await heard(turn)

    assert [number for number, _ in everything] == [1, 2, 3, 4]
    assert await heard(turn, after=2) == everything[2:]
    assert await heard(turn, after=4) == []


async def test_who_listens_from_the_beginning_hears_what_comes_later() -> None:
    turn = LiveTurn()
    listening = asyncio.create_task(heard(turn))
    for word in ("one ", "two"):
        await asyncio.sleep(0)
        turn.say(token(word))
    turn.complete("c", answered("one two"))

    events = [event for _, event in await listening]

    assert [event.type for event in events] == ["token", "token", "complete"]


async def test_a_turn_has_one_end() -> None:
    turn = LiveTurn()
    turn.complete("c", answered("done"))
    turn.fail(Conflict("too late"))
    turn.complete("c", answered("again"))
    turn.say(token("more"))

    assert [event.type for event in turn.events] == ["token", "complete"]
    assert turn.error is None


async def test_the_end_speaks_the_words_that_were_not_spoken_yet() -> None:
    turn = LiveTurn()
    turn.say(token("I will set up "))

    turn.complete("c", answered("I will set up a database. It costs $12."))

    assert words_of(turn.events) == "I will set up a database. It costs $12."
    assert [event.content for event in turn.events[:2]] == ["I will set up ", "a database. "]


async def test_words_that_turn_out_otherwise_are_taken_back() -> None:
    turn = LiveTurn()
    turn.say(token("I will set up a"))

    turn.complete("c", answered("That can't be done."))

    assert words_of(turn.events) == "That can't be done."
    assert any(event.data.get("restart") for event in turn.events)


async def test_a_turn_that_nobody_follows_any_more_is_deserted() -> None:
    turn = LiveTurn()
    first, second = turn.follow(grace=0.0), turn.follow(grace=0.0)
    turn.say(token("word"))
    await anext(first)
    await anext(second)

    await first.aclose()
    await asyncio.sleep(0)
    assert not turn.deserted.is_set()
    await second.aclose()

    await asyncio.wait_for(turn.deserted.wait(), timeout=10)


async def test_who_comes_back_in_time_keeps_the_turn_going() -> None:
    turn = LiveTurn()
    turn.say(token("word"))
    first = turn.follow(grace=0.0)
    await anext(first)
    await first.aclose()
    again = turn.follow(grace=0.0)
    await anext(again)

    # Whatever is due by now has been called when this one is.
    due = asyncio.Event()
    asyncio.get_running_loop().call_later(0.001, due.set)
    await due.wait()
    assert not turn.deserted.is_set()
    await again.aclose()


async def test_who_has_waited_long_enough_lets_the_turn_go_on() -> None:
    turn = LiveTurn()

    await turn.until_end(0.0)

    assert turn._leaving is None
    assert not turn.deserted.is_set()


async def test_who_breaks_off_waiting_deserts_the_turn() -> None:
    turn = LiveTurn()
    waiting = asyncio.create_task(turn.until_end(None))
    await asyncio.sleep(0)
    waiting.cancel()

    await asyncio.wait_for(turn.deserted.wait(), timeout=10)


async def test_a_model_that_goes_on_and_on_fills_no_memory_with_events_and_loses_no_word() -> None:
    turn = LiveTurn()
    words = [f"word{number} " for number in range(100_000)]
    for word in words:
        turn.say(token(word))
    text = "".join(words)
    turn.complete("c", answered(text))

    assert words_of(turn.events) == text
    assert len(turn.events) <= live.MANY_EVENTS + len(text) / live.LARGE_PIECE + 2


async def test_turns_that_ended_are_forgotten_in_time_and_those_under_way_are_not() -> None:
    turns = LiveTurns()
    working = turns.begin("working")
    for number in range(2 * live.KEPT_TURNS):
        turns.begin(f"t{number}").complete("c", answered("done"))
    turns.begin("last")

    assert turns.find("working") is working
    assert turns.find("t0") is None
    kept = [number for number in range(2 * live.KEPT_TURNS) if turns.find(f"t{number}")]
    assert kept == list(range(live.KEPT_TURNS, 2 * live.KEPT_TURNS))


async def test_what_another_process_tells_has_its_numbers_and_is_told_once_and_in_order() -> None:
    turn = LiveTurn()
    turn.say(token("here "))
    turn.hear(1000, 0, [token("one "), token("two ")])
    turn.hear(1000, 1, [token("two "), token("three")])
    turn.complete("c", answered("one two three"))

    everything = await heard(turn)

    assert [number for number, _ in everything[2:5]] == [1001, 1002, 1003]
    assert words_of([event for _, event in everything]) == "one two three"
    assert await heard(turn, after=1002) == everything[4:]


async def test_after_a_gap_no_word_is_told_before_the_end_tells_them_all() -> None:
    turn = LiveTurn()
    turn.hear(1000, 0, [token("one ")])
    turn.hear(1000, 2, [token("three ")])
    turn.hear(1000, 3, [None, ChatEvent(type=ChatEventType.WARNING, content="mind"), token("x")])
    assert words_of(turn.events) == "one "
    assert turn.events[-1].content == "mind"

    turn.complete("c", answered("one two three four"))

    assert words_of(turn.events) == "one two three four"
    assert not any(event.data.get("restart") for event in turn.events)


async def test_a_process_that_takes_over_takes_back_what_the_dead_one_had_said() -> None:
    turn = LiveTurn()
    turn.hear(1000, 0, [token("I will "), token("set")])
    turn.hear(5000, 0, [token("It is ")])
    turn.hear(1000, 2, [token(" up")])
    assert words_of(turn.events) == "It is "

    turn.answer_here()
    turn.say(token("done"))
    turn.hear(5000, 1, [token("late")])
    assert words_of(turn.events) == "done"


async def test_the_end_is_told_from_the_database_and_not_by_another_process() -> None:
    turn = LiveTurn()
    turn.hear(1000, 0, [token("one"), ChatEvent(type=ChatEventType.COMPLETE)])

    assert not turn.ended
    assert turn.heard_end.is_set()


async def test_who_has_heard_what_is_not_known_here_hears_everything_anew() -> None:
    turn = LiveTurn(before=7000)
    turn.say(token("one "))
    turn.complete("c", answered("one two"))

    told = [event for _, event in await heard(turn, after=3)]

    assert words_of([token("one t"), *told]) == "one two"
