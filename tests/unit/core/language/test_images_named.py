"""Images of programs, told by their publisher or with a tag: they are run as they are named, by containers."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import drafted


@pytest.mark.parametrize(
    ("said", "image", "kind", "count"),
    [
        ("one api, image python:3.12", "python:3.12", "container", 1),
        ("a server running node:20", "node:20", "container", 1),
        ("run an instance of linuxserver/calibre-web:latest", "linuxserver/calibre-web:latest", "container", 1),
        ("spin up linuxserver/jellyfin", "linuxserver/jellyfin", "container", 1),
        ("searxng/searxng container, private search for the house", "searxng/searxng", "container", 1),
        ("run acme/api three times", "acme/api", "container", 3),
        ("I need the acme/web image twice", "acme/web", "container", 2),
        ("vaultwarden/server with 512MB", "vaultwarden/server", "container", 1),
        ("firefly iii on docker (fireflyiii/core)", "fireflyiii/core", "service", 1),
        ("home assistant on docker, image acme/home-assistant:stable", "acme/home-assistant:stable", "service", 1),
    ],
)  # fmt: skip
def test_an_image_is_run_as_it_is_named(
    interpreter: Interpreter, said: str, image: str, kind: str, count: int
) -> None:
    draft = drafted(interpreter, said)

    assert {(str(r.type), r.image) for r in draft.resources} == {(kind, image)}
    assert sum(r.count for r in draft.resources) == count


def test_a_container_without_a_name_is_called_after_its_image(interpreter: Interpreter) -> None:
    draft = drafted(interpreter, "run ghcr.io/acme/billing-api:2.1")

    assert [r.name for r in draft.resources] == ["billing-api-1"]


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("run redis as sessions", "sessions"),
        ("run nginx:1.27 as front", "front"),
        ("with docker I'd run immich/server as photos", "photos"),
        ("deploy memcached as pages", "pages"),
        ("install mariadb 11 as customers", "customers"),
    ],
)
def test_what_is_run_as_something_is_called_so(
    interpreter: Interpreter, said: str, name: str
) -> None:
    draft = drafted(interpreter, said)

    assert [r.name for r in draft.resources] == [name]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("deploy nginx as a proxy", ["nginx-1"]),
        ("run nginx as before", ["nginx-1"]),
        ("use redis as sessions", ["cache-1"]),
        ("run postgres as planned", ["db-1"]),
        ("a VM for dev/staging", ["vm-dev", "vm-staging"]),
    ],
)
def test_what_it_is_for_is_no_name(interpreter: Interpreter, said: str, names: list[str]) -> None:
    draft = drafted(interpreter, said)

    assert [r.name for r in draft.resources] == names
