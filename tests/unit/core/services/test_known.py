"""What was worked out about a blueprint is worked out again only for another document."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint
from alma.core.services.known import Known


def named(name: str, *resources: str) -> Blueprint:
    found = [{"name": resource, "type": "vm"} for resource in resources]
    return parse_blueprint({"name": name, "resources": found})


class Worker:
    """Says how many resources there are, and remembers of what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def count(self, blueprint: Blueprint) -> int:
        self.asked.append(blueprint.name)
        return len(blueprint.resources)


def test_the_same_document_is_worked_on_once_whichever_object_it_is() -> None:
    worker = Worker()
    known = Known(worker.count)

    assert [known.of(named("a", "x", "y")), known.of(named("a", "x", "y"))] == [2, 2]
    assert worker.asked == ["a"]


def test_any_difference_makes_another_document() -> None:
    worker = Worker()
    known = Known(worker.count)

    assert known.of(named("a", "x")) == 1
    assert known.of(named("a", "x", "y")) == 2
    assert worker.asked == ["a", "a"]


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    worker = Worker()
    known = Known(worker.count, most=2)

    for name in ("a", "b", "a", "c", "a", "b"):
        known.of(named(name, "x"))

    assert worker.asked == ["a", "b", "c", "b"]


def test_what_failed_is_tried_again() -> None:
    tried: list[str] = []

    def fail(blueprint: Blueprint) -> int:
        tried.append(blueprint.name)
        raise ValueError(blueprint.name)

    known = Known(fail)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            known.of(named("a", "x"))

    assert tried == ["a", "a"]
