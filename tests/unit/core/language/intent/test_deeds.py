"""Only a plain order acts: whatever else a message does with the words of one is asked about."""

from __future__ import annotations

from itertools import product

import pytest

from alma.core.language.intent.deeds import DEEDS
from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {"name": "web-1", "type": "vm"},
            {"name": "web-2", "type": "vm"},
            {"name": "db", "type": "database", "engine": "postgresql"},
        ],
    }
)
ORDERS = {
    Intent.APPROVE: ["approve it", "approve request 3", "approve", "sign off on it", "approve #3"],
    Intent.REJECT: ["reject it", "reject request 3", "decline the request"],
    Intent.DEPLOY: ["deploy it", "deploy", "roll it out", "push it live"],
    Intent.DESTROY: ["destroy everything", "tear it down", "delete everything", "nuke it"],
    Intent.ROLLBACK: ["roll back", "roll it back", "roll back to revision 2"],
}
PLAIN = [
    "{}", "{}!", "please {}", "ok, {}", "yes, {}", "great, {} please", "I want to {}", "{} now", "let's {}",
    "{}, thanks", "looks good, {}", "I checked the plan, {}", "The price is fine. {}.",
]  # fmt: skip
REPORTED = [
    "my boss says {}", "my boss told me to {}", "Bob wants to {}", "Alice said: {}", "he said {}",
    "they asked us to {}", "the tutorial says {}", "{}, said Bob", "{} is what my boss wants", "> {}", "Bob: {}",
    "FW: {}", "Subject: {}", "TODO: {}", "-----\n{}\n-----", "Please summarise the following.\n\n{}",
    "I read that you can {}", "step 3: {}", "the plan: 1. add a cache 2. {}", "e.g. {}", "for example, {}",
]  # fmt: skip
ASKED = [
    "should I {}?", "should we {}", "can I {}?", "could I {}", "how would I {}", "why would I {}", "when should I {}",
    "will you {}?", "am I allowed to {}", "{}?", "{}, right?", "{} or not?", "what if we {}", "is it safe to {}?",
    "explain {}", "tell me how to {}", "what would {} do", "do you want me to {}", "{} y/n",
]  # fmt: skip
FORBIDDEN = [
    "don't {}", "don’t {}", "dont {}", "never {}", "let's not {}", "under no circumstances {}", "I refuse to {}",
    "avoid: {}", "nobody should {}", "no need to {}", "{} not", "{}... no, don't", "{}, no wait", "{}. Wait, no.",
    "{} - just kidding", "{} was a mistake", "abort, {} was a mistake", "it would be wrong to {}", "{}. Just kidding.",
    "add a cache but don't {}",
]  # fmt: skip
PUT_OFF = [
    "{} tomorrow", "{} later", "{} at 5pm", "{} next week", "at midnight {}", "when the meeting is over, {}",
    "as soon as Bob agrees {}", "{} unless it fails", "{} when the tests pass", "{} if it is healthy", "maybe {}",
    "perhaps {}", "maybe we should {}", "I plan to {}", "I'm about to {}", "suppose I {}", "hypothetically, {}",
    "imagine we {}", "{} in theory", "{}, I think", "{} --dry-run", "let Bob {}", "wait for Bob to {}",
]  # fmt: skip


def acts(interpreter: Interpreter, message: str) -> set[Intent]:
    """What a message would do: nothing, where it is asked about."""
    read = interpreter.interpret(message, blueprint=SHOP)
    return set() if read.question else {*(read.acts or (read.intent,))} & set(DEEDS)


@pytest.mark.parametrize(
    ("act", "order"), [(act, order) for act, orders in ORDERS.items() for order in orders]
)
def test_a_plain_order_acts(interpreter: Interpreter, act: Intent, order: str) -> None:
    for way in PLAIN:
        said = way.format(order)
        assert acts(interpreter, said) == {act}, said


@pytest.mark.parametrize("way", [*REPORTED, *ASKED, *FORBIDDEN, *PUT_OFF])
def test_what_reports_asks_forbids_or_puts_off_does_not(interpreter: Interpreter, way: str) -> None:
    deeds = [*(order for orders in ORDERS.values() for order in orders), "approve and deploy it"]
    said = [way.format(order) for order in deeds]
    assert [message for message in said if acts(interpreter, message)] == []


@pytest.mark.parametrize(
    "message",
    [
        "approve everything", "approve all requests", "approve requests 3 and 4", "approve 3 4", "approve 3 servers",
        "approve the database change and whatever else there is", "bring the thing on air", "you have my blessing",
        "could I approve it", "approve Anna's",
    ],
)  # fmt: skip
def test_an_approval_that_has_to_be_guessed_is_asked_about(
    interpreter: Interpreter, message: str
) -> None:
    assert Intent.APPROVE not in acts(interpreter, message)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("approve and deploy", {Intent.APPROVE, Intent.DEPLOY}),
        ("approve request 3 and deploy it", {Intent.APPROVE, Intent.DEPLOY}),
        ("add a redis cache and deploy it", {Intent.DEPLOY}),
        ("scale web to 4 and ship it", {Intent.DEPLOY}),
        ("three web servers without public ip, then deploy them", {Intent.DEPLOY}),
        ("deploy two web servers that are not public", {Intent.DEPLOY}),
        ("reject 5, it opens ssh to the world", {Intent.REJECT}),
        ("no way, decline #5", {Intent.REJECT}),
        ("oops, undo that, it was a mistake", {Intent.UNDO}),
        ("never mind", {Intent.UNDO}),
        ("put it back the way it was", {Intent.UNDO}),
        ("destroy the stack early-bird", {Intent.DESTROY}),
        ("can you deploy it?", {Intent.DEPLOY}),
    ],
)
def test_what_belongs_to_an_order_does_not_hold_it_back(
    interpreter: Interpreter, message: str, wanted: set[Intent]
) -> None:
    assert acts(interpreter, message) == wanted


def test_what_is_held_back_says_how_to_have_it_done(interpreter: Interpreter) -> None:
    read = interpreter.interpret("maybe approve it", blueprint=SHOP)

    assert read.question is not None
    assert "'approve request 3'" in read.question
    assert read.edits == ()


def test_no_deed_is_a_mended_word(interpreter: Interpreter) -> None:
    words = [
        "improve",
        "disprove",
        "deprive",
        "destroyer",
        "employ",
        "depot",
        "eject",
        "project",
        "swipe",
        "callback",
    ]
    for word, rest in product(words, ["", " it", " request 3", " everything"]):
        assert not acts(interpreter, f"{word}{rest}"), f"{word}{rest}"
