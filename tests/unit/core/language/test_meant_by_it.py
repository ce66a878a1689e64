"""What is meant is told beside it: the thing that a place is for, how often a program runs, where it goes."""

from __future__ import annotations

from collections import Counter

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import SetBlueprint
from tests.unit.core.language.conversing import held, kinds_of


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (
            "I need somewhere S3-compatible to keep our nightly dumps, so an object store basically",
            "object_store",
        ),
        ("I need a place to put images, basically an object store", "object_store"),
        ("I need something to keep sessions in, so a cache really", "cache"),
        (
            "I need a place to put images, an object store, a redis cache and a vm",
            "object_store cache vm",
        ),
        ("The data team needs Kafka for event streaming, can you create that?", "queue"),
        ("Our backend needs Redis for sessions, could you set that up?", "cache"),
        ("The shop needs a Postgres database, can you make that?", "database"),
        ("Deploy three nginx replicas on kubernetes", "service service service"),
        ("run 2 grafana replicas", "service service"),
    ],
)
def test_what_is_meant_is_made_once(interpreter: Interpreter, said: str, expected: str) -> None:
    assert kinds_of(held(interpreter, [said])[0]) == Counter(expected.split())


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("hey I just got a NUC with proxmox on it, can you make a vm with 4 cores", "proxmox"),
        ("I've got a proxmox box at home, create a vm with 2 cores", "proxmox"),
        ("I have proxmox experience, can you make a vm with 4 cores", None),
    ],
)
def test_what_is_at_hand_is_where_it_goes(
    interpreter: Interpreter, said: str, engine: str | None
) -> None:
    edits = interpreter.interpret(said).edits
    engines = [edit.engine for edit in edits if isinstance(edit, SetBlueprint) and edit.engine]
    assert engines == ([engine] if engine else [])
    assert kinds_of(held(interpreter, [said])[0]) == {"vm": 1}
