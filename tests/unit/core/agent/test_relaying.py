"""What is carried of a turn to other processes: all that fits, in pieces that fit, to those who follow there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from alma.core.agent.live import LiveTurn
from alma.core.agent.relaying import MOST_BYTES, Piece, Relay, pieces
from alma.core.model.conversation import ChatEvent, ChatEventType
from tests.talking import words_of
from tests.unit.core.agent.test_live import answered, token


def carried(texts: Sequence[str], elsewhere: LiveTurn) -> None:
    for text in texts:
        piece = Piece.read(text)
        assert piece is not None
        elsewhere.hear(piece.before, piece.first, piece.events)


def test_a_long_answer_arrives_whole_in_pieces_that_are_short_enough() -> None:
    here, there = LiveTurn(before=1000), LiveTurn()
    words = [f"wörd{number} " for number in range(1_500)]
    for word in words:
        here.say(token(word))
    texts = list(pieces("t", here, 0))

    carried(texts, there)

    assert len(texts) > 1
    assert max(len(text.encode()) for text in texts) < MOST_BYTES + 100
    assert words_of(there.events) == "".join(words)


def test_what_is_too_large_leaves_its_place_empty() -> None:
    here, there = LiveTurn(), LiveTurn()
    here.say(ChatEvent(type=ChatEventType.BLUEPRINT, content="shop", data={"x": "y" * 9_000}))
    here.say(ChatEvent(type=ChatEventType.WARNING, content="mind"))

    carried(list(pieces("t", here, 0)), there)

    assert [event.content for event in there.events] == ["mind"]


def test_an_answer_longer_than_a_piece_has_an_end_all_the_same() -> None:
    here, there = LiveTurn(), LiveTurn()
    here.complete("c", answered("word. " * 3_000))

    carried(list(pieces("t", here, 0)), there)

    assert there.heard_end.is_set()


def test_a_text_of_another_version_is_not_heard() -> None:
    for text in ("", "{}", "[1]", '["t",1,0,[{"type":"song"}]]', '["t","x",0,[]]', "7"):
        assert Piece.read(text) is None


async def test_who_comes_later_hears_all_of_it_and_nobody_anything_twice() -> None:
    here, first, second = LiveTurn(before=9), LiveTurn(), LiveTurn()
    told: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def tell(texts: Sequence[str]) -> None:
        for text in texts:
            loop.call_soon_threadsafe(told.put_nowait, text)

    relay = Relay("t", here, tell)
    here.say(token("one "))
    relay.follow({"a"})
    carried([await told.get()], first)
    relay.follow({"a", "b"})
    text = await told.get()
    carried([text], first)
    carried([text], second)
    here.say(token("two"))
    here.complete("c", answered("one two"))
    text = await told.get()
    carried([text], first)
    carried([text], second)

    assert words_of(first.events) == words_of(second.events) == "one two"
    assert [event.content for event in first.events] == ["one ", "two"]


async def test_nothing_is_told_while_nobody_follows_elsewhere() -> None:
    here, told = LiveTurn(), list[str]()
    relay = Relay("t", here, told.extend)
    relay.follow(())
    here.say(token("one"))
    here.complete("c", answered("one"))
    await asyncio.sleep(0)

    assert told == []
