"""What is named in a first message that nothing else could be made of is drafted, and said to be assumed."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Intent
from alma.core.model.units import Size
from tests.unit.core.language.conversing import held


@pytest.mark.parametrize(
    ("message", "engines"),
    [
        ("we'd like to self host our passwords. vaultwarden? 1 gig ram is plenty", {"vaultwarden"}),
        (
            "we are moving off heroku: rails app, sidekiq worker, postgres and redis",
            {"postgresql", "redis"},
        ),
        (
            "Customers upload photos (300 GB) which we must keep in object storage; the shop is WooCommerce with MySQL",
            {"woocommerce", "mysql"},
        ),
        ("monitoring please (prometheus+grafana), retention 30 days", {"prometheus", "grafana"}),
        ("Because of the audit we need a log server. Use Graylog, 500GB.", {"graylog"}),
    ],
)
def test_what_is_named_is_made_rather_than_nothing(
    interpreter: Interpreter, message: str, engines: set[str]
) -> None:
    draft, read = held(interpreter, [message])
    assert read.intent is Intent.CREATE
    assert read.question is None
    assert engines <= {r.engine for r in draft.resources}


def test_amounts_next_to_what_is_named_are_kept_and_the_guess_is_told(
    interpreter: Interpreter,
) -> None:
    said = "we'd like to self host our passwords. vaultwarden? 1 gig ram is plenty"
    draft, read = held(interpreter, [said])
    (made,) = draft.resources
    assert made.specs.memory == Size("1GB")
    assert any("did not follow" in said for said in read.assumptions)


@pytest.mark.parametrize(
    "message",
    [
        "our postgres is slow",
        "we already have postgres on hetzner and it works",
        "we run postgres today",
        "my mysql keeps crashing, please help",
        "I want to know how redis works",
        "do not create a database",
        "please no database",
        "I am looking for somebody who knows postgres",
        "tell me about kubernetes",
        "what about mongodb",
    ],
)
def test_what_is_only_spoken_of_is_not_made(interpreter: Interpreter, message: str) -> None:
    assert interpreter.interpret(message).edits == ()


@pytest.mark.parametrize("engine", ["docker", "proxmox"])
@pytest.mark.parametrize("said", ["is fine", "would be good", "is ok"])
def test_a_place_that_suits_is_where_it_goes(
    interpreter: Interpreter, engine: str, said: str
) -> None:
    assert held(interpreter, [f"a grafana with 2GB, {engine} {said}"])[0].engine == engine
