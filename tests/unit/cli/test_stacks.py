"""A name means what lives; what a mere request made on another engine is not meant."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler

import pytest

from alma.cli.client import Client
from alma.cli.errors import CliError
from alma.cli.stacks import find_stacks
from tests.unit.cli.web import answering, send

STACKS = [
    {
        "id": "s-1",
        "name": "shop",
        "engine": "docker",
        "blueprint_id": 1,
        "revision": None,
        "resources": 0,
    },
    {
        "id": "s-2",
        "name": "shop",
        "engine": "simulation",
        "blueprint_id": 1,
        "revision": 2,
        "resources": 3,
    },
    {
        "id": "s-3",
        "name": "blog",
        "engine": "docker",
        "blueprint_id": 2,
        "revision": None,
        "resources": 0,
    },
]


def answer(handler: BaseHTTPRequestHandler) -> None:
    items = STACKS if "/stacks" in handler.path else []
    send(handler, json.dumps({"items": items}))


@pytest.mark.parametrize(
    ("name", "ids"),
    [("shop", ["s-2"]), ("1", ["s-2"]), ("s-1", ["s-1"]), ("blog", ["s-3"]), (None, ["s-2"])],
)
def test_a_name_means_what_lives_else_what_did(name: str | None, ids: list[str]) -> None:
    with answering(answer) as url, Client.at(url) as client:
        assert [stack["id"] for stack in find_stacks(client, name)] == ids


def test_a_name_that_nothing_has_comes_with_those_there_are() -> None:
    with answering(answer) as url, Client.at(url) as client, pytest.raises(CliError) as refused:
        find_stacks(client, "nonesuch")
    assert refused.value.hint == "deployed are: shop"
