"""What takes the place of what runs, told with a reason; the most that any may have; and what is only told, asked or
refused."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held, names_of, shop

_RUNNING = shop(
    {"name": "docs", "type": "vm", "image": "debian", "specs": {"cpu": 2, "memory": "4GB"}},
    {"name": "orders", "type": "database", "engine": "mysql", "specs": {"memory": "8GB"}},
    {"name": "bus", "type": "queue", "engine": "rabbitmq"},
    {"name": "films", "type": "service", "image": "plex"},
)
_PLANT = shop(
    {"name": "scada", "type": "vm", "image": "windows", "specs": {"cpu": 8}},
    {"name": "hist", "type": "vm", "image": "ubuntu", "specs": {"cpu": 2}},
    {"name": "opc", "type": "vm", "image": "ubuntu", "version": "22.04", "specs": {"cpu": 6}},
)


@pytest.mark.parametrize(
    ("said", "name", "runs"),
    [
        ("RabbitMQ won't cope with the volume, we're going with Kafka now.", "bus", "kafka"),
        ("The team doesn't trust RabbitMQ. Kafka it is.", "bus", "kafka"),
        ("rabbitmq out, kafka in", "bus", "kafka"),
        ("The broker is too weak. We decided on Kafka.", "bus", "kafka"),
        ("i dont like plex anymore lets have jellyfin", "films", "jellyfin"),
        ("plex sucks, give me jellyfin", "films", "jellyfin"),
        ("we're not keeping plex, jellyfin will take over", "films", "jellyfin"),
        ("oracle bought mysql, we'd rather be on postgres", "orders", "postgresql"),
        ("the new framework won't work with mysql, it has to be postgres", "orders", "postgresql"),
        ("Sorry, Ubuntu, not Debian.", "docs", "ubuntu"),
        ("for docs ubuntu over debian", "docs", "ubuntu"),
        ("debian won't run their agent, we'll go with ubuntu", "docs", "ubuntu"),
        ("Oops, wrong one, should be Ubuntu", "docs", "ubuntu"),
    ],
)
def test_what_is_wished_for_takes_the_place_of_what_is_spoken_against(
    interpreter: Interpreter, said: str, name: str, runs: str
) -> None:
    left, _ = held(interpreter, [said], _RUNNING)
    assert names_of(left) == names_of(_RUNNING)
    owner = left.resource(name)
    assert owner is not None
    assert runs in {owner.engine, owner.image}


@pytest.mark.parametrize(
    "said",
    [
        "RabbitMQ is too slow for us, would Kafka be better?",
        "why do people say rabbitmq won't cope and kafka does?",
        "my colleague wants to delete the orders database. please don't, we still need it",
        "Somebody said we could drop films. Don't.",
        "I only want to know whether docs could survive 500 viewers",
        "my friend runs two ubuntu servers and a nas",
    ],
)
def test_what_is_asked_told_or_refused_changes_nothing(interpreter: Interpreter, said: str) -> None:
    left, _ = held(interpreter, [said], _RUNNING)
    assert left.resources == _RUNNING.resources


@pytest.mark.parametrize(
    "said",
    [
        "apart from scada everything should run debian",
        "apart from scada, all run debian",
        "with the exception of scada, put debian on all of them",
        "except for scada we want debian everywhere",
        "scada aside, they should all run debian",
        "bar scada, all vms must run debian",
        "put debian on all vms except scada",
    ],
)
def test_what_is_left_out_before_all_keeps_its_system(interpreter: Interpreter, said: str) -> None:
    left, _ = held(interpreter, [said], _PLANT)
    assert [resource.image for resource in left.resources] == ["windows", "debian", "debian"]


@pytest.mark.parametrize(
    "said",
    [
        "no machine should have more than 4 cores",
        "none of the vms may have more than 4 CPUs",
        "not a single server gets over 4 cores",
        "cap all machines at 4 cores",
    ],
)
def test_who_has_more_than_the_most_gets_as_much_as_it_may(
    interpreter: Interpreter, said: str
) -> None:
    left, _ = held(interpreter, [said], _PLANT)
    assert [resource.specs.cpu for resource in left.resources] == [4, 2, 4]


def test_another_release_is_told_as_the_old_one_was(interpreter: Interpreter) -> None:
    left, _ = held(interpreter, ["upgrade opc to Ubuntu 24.04"], _PLANT)
    owner = left.resource("opc")
    assert owner is not None
    assert (owner.image, owner.version) == ("ubuntu", "24.04")


def test_a_question_for_what_something_is_makes_none(interpreter: Interpreter) -> None:
    asked = "What exactly is a load balancer and when does one need it?"
    assert interpreter.interpret(asked).edits == ()
