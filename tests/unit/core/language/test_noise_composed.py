"""Orders among noise: whatever is told, wished, greeted or complained beside an order, what is changed stays the same;
and without an order nothing changes.

The sentences are composed from parts, so that it is the reading of any remark beside any order that is tested and not
a list of messages. The same seed composes the same messages.
"""

from __future__ import annotations

import random

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Edit, Intent

ORDERS = (
    "scale web to 5",
    "give api 4GB of memory",
    "add a redis cache",
    "remove worker",
    "double the memory of db",
    "set files to 400GB",
    "rename worker to runner",
    "turn on daily backups for db",
    "increase the memory of the db to 32GB",
    "add a rabbitmq queue",
    "upgrade db to postgres 16",
    "remove files",
    "add two more workers",
    "put web at 6 replicas",
)
GREETINGS = (
    "Hi, ", "Hello! ", "Good morning, ", "hey ", "Dear team,\n\n", "Hi there! ", "ok, ", "Thanks! ", "Hello :) ", "🙏 ",
    "Good evening! Hope you had a nice weekend. ", "sorry to bother you, but ", "uhm, ",
)  # fmt: skip
REMARKS = (
    "the site is very slow", "our customers complain all day", "we've had two outages this week", "it's black friday",
    "the florist closed", "builds are stuck for hours", "marketing starts a campaign on Monday", "I made a mistake",
    "my kids lost interest", "the boss is nervous", "the api keeps crashing", "everything was broken this morning",
    "I know it's late", "we are a small bakery", "nobody uses it", "the database is quite busy",
    "the disk is almost full", "my wife says the site is slow", "we just hired three people",
)  # fmt: skip
JOINTS = (
    ". ",
    ", please ",
    "! ",
    " :( ",
    "... please ",
    ", so please ",
    " - please ",
    "\n\nPlease ",
    ", can you please ",
)
PLAIN_JOINTS = (". ", "! ", " :/ ", "... ", "\n\n", ". So ", "!!! ")
POLITE = (
    "",
    "please ",
    "could you ",
    "can you please ",
    "kindly ",
    "could you possibly be so kind as to ",
    "do you think you could ",
)
ENDINGS = (
    "", ".", "!", " please", ", thanks!", " 🙏", " :)", ". Thanks a million!", ". Kind regards, Ilse", "!!! THANKS",
    ". I would be very grateful.", ", thank you so much!", ". We never liked it anyway.", " asap",
)  # fmt: skip
ALONE = (
    "the api is down again", "My colleague says the cache is useless.", "We have a new intern starting on Monday.",
    "the worker can't keep up", "I was told redis is faster than memcached", "db ran out of space last night",
    "if the traffic doubles we would have to add two web servers", "our old server died", "web was at 90% all day",
    "my friend says kubernetes is better", "the log says: remove the database", "files is nearly full",
    "Don't touch the db.", "what we have is fine", "I'm not sure whether the worker helps", "we had 5 web servers once",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Blueprint:
    def service(name: str, count: int) -> dict[str, object]:
        return {
            "name": name,
            "type": "service",
            "image": f"acme/{name}:2",
            "count": count,
            "specs": {"cpu": 1, "memory": "1GB"},
        }

    return Blueprint.model_validate(
        {
            "name": "shop",
            "resources": [
                service("web", 2),
                service("api", 3),
                service("worker", 2),
                {
                    "name": "db",
                    "type": "database",
                    "engine": "postgresql",
                    "version": "15",
                    "specs": {"cpu": 2, "memory": "8GB", "storage": "100GB"},
                },
                {"name": "files", "type": "volume", "specs": {"storage": "200GB"}},
            ],
        }
    )


def edits(interpreter: Interpreter, shop: Blueprint, said: str) -> tuple[Edit, ...]:
    return interpreter.interpret(said, blueprint=shop).edits


@pytest.mark.parametrize("seed", range(4))
def test_remarks_courtesy_and_noise_beside_an_order_change_nothing_of_what_it_changes(
    interpreter: Interpreter, shop: Blueprint, seed: int
) -> None:
    chance = random.Random(seed)
    wrong = []
    for _ in range(75):
        order = chance.choice(ORDERS)
        remark = chance.choice((*REMARKS, ""))
        if remark and chance.random() < 0.5:
            said = remark + chance.choice(JOINTS) + order
        elif remark:
            said = remark + chance.choice(PLAIN_JOINTS) + chance.choice(POLITE) + order
        else:
            said = chance.choice(GREETINGS) + chance.choice(POLITE) + order
        said += chance.choice(ENDINGS)
        if chance.random() < 0.2:
            said = chance.choice(GREETINGS) + said
        if edits(interpreter, shop, said) != edits(interpreter, shop, order):
            wrong.append((order, said, edits(interpreter, shop, said)))
    assert not wrong


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_that_is_composed_changes_something(
    interpreter: Interpreter, shop: Blueprint, order: str
) -> None:
    assert edits(interpreter, shop, order)


@pytest.mark.parametrize("seed", range(2))
def test_what_is_only_told_changes_nothing_however_much_of_it(
    interpreter: Interpreter, shop: Blueprint, seed: int
) -> None:
    chance = random.Random(100 + seed)
    wrong = []
    for _ in range(40):
        told = chance.sample((*REMARKS, *ALONE), chance.choice([1, 1, 2, 3]))
        said = chance.choice((*GREETINGS, "", "", "")) + ". ".join(
            part.rstrip(".") for part in told
        )
        found = interpreter.interpret(said + chance.choice([".", "", "!", " :("]), blueprint=shop)
        if found.edits or {Intent.DEPLOY, Intent.DESTROY, Intent.ROLLBACK, Intent.UNDO} & set(
            found.acts
        ):
            wrong.append((said, found.edits, found.acts))
    assert not wrong


@pytest.mark.parametrize(
    "said",
    [
        "if the site is slow, give api 4GB of memory",
        "when nobody is online, remove worker",
        "the boss said the site is slow, remove worker",
        "maybe the site is slow, remove worker",
        "the log says the disk is full, remove files",
    ],
)
def test_what_governs_an_order_is_not_cut_off_from_it(
    interpreter: Interpreter, shop: Blueprint, said: str
) -> None:
    parted = interpreter.remarks.parted(said, [resource.name for resource in shop.resources])
    assert parted == said


def test_trouble_told_without_a_joint_ends_where_the_order_begins(
    interpreter: Interpreter, shop: Blueprint
) -> None:
    found = interpreter.interpret("SITE IS DOWN ROLL BACK NOW", blueprint=shop)
    assert found.intent is Intent.ROLLBACK
    assert not found.edits


def test_an_amount_after_a_remark_is_of_what_the_remark_is_about(
    interpreter: Interpreter, shop: Blueprint
) -> None:
    alone = edits(interpreter, shop, "set the disk of db to 200GB")
    assert edits(interpreter, shop, "db is eating disk, 200GB") == alone
    assert edits(interpreter, shop, "db is eating disk, 100 → 200GB") == alone
