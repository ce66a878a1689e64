"""Conversations belong to who holds them: for anybody else they do not exist, over HTTP as everywhere."""

from __future__ import annotations

import asyncio
from pathlib import Path

from alma.bootstrap import build
from alma.settings import Settings
from tests.api.server import API, WORDS, serve
from tests.people import somebody


def test_somebody_elses_conversation_is_not_found(tmp_path: Path) -> None:
    turn_id = asyncio.run(said_by_bob(tmp_path))
    with serve(tmp_path) as server:
        answers = [
            server.http.get(f"{API}/conversation/bobs"),
            server.http.get(f"{API}/conversation/bobs/graph"),
            server.http.delete(f"{API}/conversation/bobs"),
            server.http.patch(f"{API}/conversation/bobs", json={"title": "mine"}),
            server.http.get(f"{API}/conversation/turns/{turn_id}/events"),
            *(
                server.http.post(
                    f"{API}/conversation/{way}",
                    json={"message": "hi", "context": {"conversation_id": "bobs"}},
                )
                for way in ("chat", "chat-stream")
            ),
        ]
        assert server.get("/conversation")["total"] == 0

    assert [answer.status_code for answer in answers] == [404] * len(answers)


async def said_by_bob(home: Path) -> str:
    alma = build(Settings(home=home))
    alma.database.migrate()
    answer = await alma.dialogue.chat(somebody("bob"), WORDS, "bobs")
    await alma.stop()
    return answer.turn_id
