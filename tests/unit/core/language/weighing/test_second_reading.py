"""Wishes about what is there, however they are put together: whole messages in, plain orders out."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.weighing.marks import Marker
from alma.core.language.weighing.parts import statements
from alma.core.language.weighing.second import in_plain_orders
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint

SHOP = Blueprint.model_validate(
    {
        "name": "shop",
        "resources": [
            {"name": "web", "type": "vm", "count": 2, "specs": {"cpu": 2, "memory": "4GB"}},
            {"name": "api", "type": "service", "image": "node", "count": 2, "specs": {"cpu": 1, "memory": "1GB"}},
            {"name": "orders-db", "type": "database", "engine": "postgresql", "specs": {"cpu": 2, "memory": "8GB"}},
            {"name": "cache", "type": "cache", "engine": "redis", "specs": {"cpu": 1, "memory": "1GB"}},
            {"name": "lb", "type": "load_balancer", "backends": ["web"]},
        ],
    }
)  # fmt: skip


def orders(text: str, gazetteer: Gazetteer) -> str | None:
    names = [resource.name for resource in SHOP.resources]
    items = gazetteer.tag(gazetteer.prepare(tokenize(text), names).tokens, names)
    marks = Marker(SHOP.resources, gazetteer).marks(items)
    return in_plain_orders(text, statements(marks, names), SHOP)


@pytest.mark.parametrize(
    ("said", "plainly"),
    [
        ("give web 4 and api 2 cores", ["set the cpu of web to 4", "set the cpu of api to 2"]),
        (
            "web and api should have 4 and 8 cores respectively",
            ["set the cpu of web to 4", "set the cpu of api to 8"],
        ),
        (
            "memory of the cache to 4GB, of the database to 16GB",
            ["set the memory of cache to 4GB", "set the memory of orders-db to 16GB"],
        ),
        ("8GB for web and 2GB for api", ["set web to 8GB", "set api to 2GB"]),
        (
            "web and the orders database both need another 2 cores",
            ["increase the cpu of web by 2", "increase the cpu of orders-db by 2"],
        ),
        ("web +1, api +2", ["scale web up by 1", "scale api up by 2"]),
        ("drop api to a single replica", ["scale api to 1"]),
        ("api from 2 to 5 replicas", ["scale api to 5"]),
        (
            "reduce the redis memory from 8GB to 3GB, for cost reasons",
            ["set the memory of cache to 3GB"],
        ),
        (
            "cut the database's RAM by half and cpu to 6",
            ["decrease the memory of orders-db by 50%", "set the cpu of orders-db to 6"],
        ),
        ("postgres is still on 15, go to 17", ["set orders-db to 17"]),
        (
            "- pg to v16\n- api to 4 replicas\n- cache: gone",
            ["upgrade orders-db to version 16", "scale api to 4", "remove cache"],
        ),
        ("remove the cache please, the others stay", ["remove cache"]),
        ("kill cache. lb too.", ["remove cache", "remove lb"]),
        ("drop the cache, the lb stays", ["remove cache"]),
        ("kill the load balancer, cloudflare does that for us now", ["remove lb"]),
        ("everything but the cache stays; the cache goes", ["remove cache"]),
        ("keep the database but drop the cache and the lb", ["remove cache", "remove lb"]),
        ("api: rename to gateway", ["rename api to gateway"]),
        (
            "We looked at the graphs on monday. It was fine. The cache is hardly used and can go.",
            ["remove cache"],
        ),
    ],
)
def test_wishes_are_shared_out_by_where_they_stand(
    said: str, plainly: list[str], gazetteer: Gazetteer
) -> None:
    assert orders(said, gazetteer) == ". ".join(plainly)


@pytest.mark.parametrize(
    "said",
    [
        "add an ubuntu vm with 8GB",
        "a redis with 2GB",
        "vm signage 1 core",
        "remove the first web server",
        "web keeps 30 days of logs",
        "the database is at 92% cpu",
        "web needs 80 and 443 open",
        "tag everything with cost-center 42",
        "swap the memory of web and api",
        "don't give web 8GB",
    ],
)
def test_what_is_about_something_else_is_left_to_others(said: str, gazetteer: Gazetteer) -> None:
    assert orders(said, gazetteer) is None


def test_sentences_that_are_not_clear_stay_as_they_were_said(gazetteer: Gazetteer) -> None:
    said = "add a rabbitmq queue. web 4 and api 2 cores."
    assert (
        orders(said, gazetteer)
        == "add a rabbitmq queue. set the cpu of web to 4. set the cpu of api to 2"
    )


_PAIRS = ("{a} {x} and {b} {y}", "{a} to {x}, {b} to {y}", "{x} for {a} and {y} for {b}", "{a}: {x}\n{b}: {y}",
          "please give {a} {x} and {b} {y}", "{a} should have {x} while {b} needs {y}", "set {a} to {x} and {b} to {y}",
          "{a} gets {x}; {b} gets {y}", "{a} and {b} get {x} and {y} respectively")  # fmt: skip
_WAYS = {"web": ("web", "the web servers"), "api": ("api", "the api"),
         "cache": ("the cache", "redis", "the redis cache"),
         "orders-db": ("the database", "orders-db", "the orders database", "postgres")}  # fmt: skip


@pytest.mark.parametrize("pattern", _PAIRS)
def test_two_things_get_their_own_amounts_in_every_wording(
    pattern: str, interpreter: Interpreter
) -> None:
    chance = Random(pattern)
    for first, second in product(_WAYS, _WAYS):
        if first == second:
            continue
        a, b = chance.choice(_WAYS[first]), chance.choice(_WAYS[second])
        said = pattern.format(a=a, b=b, x="12 cores", y="16 cores")
        edits = interpreter.interpret(said, blueprint=SHOP).edits
        changed = apply_edits(SHOP, edits)[0]
        cores = {r.name: r.specs.cpu for r in changed.resources}
        untouched = {r.name: r.specs.cpu for r in SHOP.resources} | {first: 12, second: 16}
        assert cores == untouched, said


@pytest.mark.parametrize(
    "asked",
    [
        "is 8GB enough for the database?",
        "if web gets 8GB and api 2GB, what does that cost?",
    ],
)
def test_what_is_asked_changes_nothing(asked: str, interpreter: Interpreter) -> None:
    assert not interpreter.interpret(asked, blueprint=SHOP).edits
