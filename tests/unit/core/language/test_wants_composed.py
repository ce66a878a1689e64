"""What people want, in words of their own: questions in no form of a question, remarks, acts whose verb comes apart.

No sentence here is among those that the recogniser learned from.
"""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {"name": "web", "type": "vm", "image": "ubuntu", "count": 2},
            {"name": "api", "type": "service", "image": "node:20", "count": 3},
            {"name": "orders-db", "type": "database", "engine": "postgresql"},
            {"name": "mq", "type": "queue", "engine": "rabbitmq"},
        ],
    }
)


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("short health check for orders-db please", Intent.STATUS),
        ("pls give state of the api", Intent.STATUS),
        ("table of every service with its size", Intent.LIST),
        ("rundown of the servers", Intent.LIST),
        ("web-1 doesnt boot anymore", Intent.TROUBLESHOOT),
        ("messages keep piling up on mq", Intent.TROUBLESHOOT),
        ("cant ssh into web, connection timed out", Intent.TROUBLESHOOT),
        ("mysql or postgres, which should i take", Intent.SUGGEST),
        ("thanks buddy, you're a real lifesaver", Intent.SMALLTALK),
    ],
)
def test_what_orders_nothing_is_no_order_even_if_it_names_things(
    interpreter: Interpreter, message: str, intent: Intent
) -> None:
    read = interpreter.interpret(message, blueprint=SHOP)

    assert read.intent is intent
    assert read.edits == ()


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("are all of our policies respected here", Intent.COMPLIANCE),
        ("how pricey is the whole thing", Intent.COST),
        ("is it ready for 30,000 visitors at once", Intent.CAPACITY),
        ("where could an attacker break in", Intent.AUDIT),
        ("would the box survive a spike on launch day", Intent.CAPACITY),
        ("have we forgotten anything", Intent.SUGGEST),
        ("how would we get it all over to proxmox", Intent.MIGRATE),
        ("nodes are NotReady again, what to check", Intent.TROUBLESHOOT),
    ],
)
def test_a_question_with_no_word_of_a_known_topic_is_told_by_how_people_ask(
    interpreter: Interpreter, message: str, intent: Intent
) -> None:
    assert interpreter.interpret(message, blueprint=SHOP).intent is intent


@pytest.mark.parametrize(
    ("misspelled", "intent"),
    [
        ("curent helth of the web servers pls", Intent.STATUS),
        ("wich resorces do we hav", Intent.LIST),
        ("are we complient with gdpr", Intent.COMPLIANCE),
        ("any vulnerabilties in this", Intent.AUDIT),
        ("the deploymnt failled, why", Intent.TROUBLESHOOT),
        ("sugest some improvments", Intent.SUGGEST),
    ],
)
def test_misspelled_questions_are_told_by_the_letters_they_share(
    interpreter: Interpreter, misspelled: str, intent: Intent
) -> None:
    assert interpreter.interpret(misspelled, blueprint=SHOP).intent is intent


@pytest.mark.parametrize("limit", ["under $800 a month", "max 300 euros", "at most $50 monthly"])
def test_a_bare_limit_stays_a_limit(interpreter: Interpreter, limit: str) -> None:
    assert interpreter.interpret(limit, blueprint=SHOP).intent is Intent.CHANGE
