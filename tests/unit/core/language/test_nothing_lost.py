"""A message takes away only what it names: what is left out of all, what something leaves, what a property is of."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import RemoveResource
from tests.unit.core.language.conversing import held

_DRAFT = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {"name": "web-1", "type": "vm", "engine": "nginx", "depends_on": ["orders"]},
            {"name": "web-2", "type": "vm", "engine": "nginx", "depends_on": ["orders"]},
            {"name": "batch", "type": "vm", "network": {"public_ip": True, "ports": [25, 993]}},
            {"name": "orders", "type": "database", "engine": "postgresql",
             "backup": {"schedule": "daily"}, "network": {"public_ip": True}},
            {"name": "events", "type": "queue", "engine": "rabbitmq"},
            {"name": "edge", "type": "load_balancer", "backends": ["web-1", "web-2"]},
        ],
    }
)  # fmt: skip


def _gone(interpreter: Interpreter, message: str) -> set[str]:
    read = interpreter.interpret(message, blueprint=_DRAFT)
    return {edit.name for edit in read.edits if isinstance(edit, RemoveResource)}


def _after(interpreter: Interpreter, message: str) -> Blueprint:
    return held(interpreter, [message], _DRAFT)[0]


@pytest.mark.parametrize(
    ("message", "gone"),
    [
        ("remove all web servers except web-1", {"web-2"}),
        ("remove all the web servers but web-1", {"web-2"}),
        ("delete the lot apart from the database", {"web-1", "web-2", "batch", "events", "edge"}),
        ("drop everything other than orders and events", {"web-1", "web-2", "batch", "edge"}),
        ("remove web-2, we do not need the cache", {"web-2"}),
    ],
)
def test_what_is_excepted_stays(interpreter: Interpreter, message: str, gone: set[str]) -> None:
    assert _gone(interpreter, message) == gone


@pytest.mark.parametrize(
    "message",
    [
        "remove web-2 from the load balancer",
        "take web-2 out of the load balancer",
        "pull web-2 out of edge",
    ],
)
def test_what_leaves_a_balancer_is_not_removed(interpreter: Interpreter, message: str) -> None:
    after = _after(interpreter, message)

    assert {r.name for r in after.resources} == {r.name for r in _DRAFT.resources}
    edge = after.resource("edge")
    assert edge is not None
    assert edge.backends == ("web-1",)


@pytest.mark.parametrize(
    "message",
    [
        "why does orders have a public ip?! take it away",
        "orders has a public ip, remove that",
    ],
)
def test_the_property_that_was_spoken_of_goes_and_not_its_owner(
    interpreter: Interpreter, message: str
) -> None:
    after = _after(interpreter, message).resource("orders")

    assert after is not None
    assert after.network.public_ip is False


def test_only_the_port_that_was_named_is_closed(interpreter: Interpreter) -> None:
    batch = _after(interpreter, "drop port 25 on batch").resource("batch")

    assert batch is not None
    assert [port.target for port in batch.network.ports] == [993]


@pytest.mark.parametrize("message", ["remove a server", "delete one of the vms", "drop a ReCAP VM"])
def test_which_of_several_kinds_should_go_is_asked(interpreter: Interpreter, message: str) -> None:
    read = interpreter.interpret(message, blueprint=_DRAFT)

    assert not read.edits
    assert read.question is not None


@pytest.mark.parametrize(
    "message",
    [
        "the batch box should go by the name of jobs",
        "batch should go on docker",
        "remove everything except the kraken",
    ],
)
def test_going_somewhere_is_no_removal(interpreter: Interpreter, message: str) -> None:
    assert not _gone(interpreter, message)


def test_what_something_no_longer_uses_is_what_it_means_next(interpreter: Interpreter) -> None:
    draft = _after(interpreter, "connect batch to events")
    read = interpreter.interpret("batch no longer uses events, remove it", blueprint=draft)

    assert {edit.name for edit in read.edits if isinstance(edit, RemoveResource)} == {"events"}


def test_a_name_is_mended_only_where_no_other_may_be_meant(interpreter: Interpreter) -> None:
    read = interpreter.interpret("remove edgy-1", blueprint=_DRAFT)

    assert not read.edits
