"""Every route by paths that nobody writes: never a fault of the server's, and never more than the caller may."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.api.server import Server, serve
from tests.api.test_every_route import CANARY, KEY, ROUTES, House, _nouns, _people

Trick = Callable[[str], str]
TRICKS: dict[str, Trick] = {
    "double slash in front": lambda path: f"/{path}",
    "double slashes": lambda path: path.replace("/", "//"),
    "double slash behind": lambda path: f"{path}//",
    "dot behind": lambda path: f"{path}/.",
    "dots behind": lambda path: f"{path}/..",
    "dot between": lambda path: path.replace("/v1/", "/v1/./"),
    "dots between": lambda path: path.replace("/v1/", "/v1/x/../"),
    "by a public path": lambda path: path.replace("/v1/", "/v1/auth/../"),
    "by a public path, encoded": lambda path: path.replace("/v1/", "/v1/auth/%2e%2e/"),
    "by a public path, its slash encoded": lambda path: path.replace("/v1/", "/v1/auth/..%2f"),
    "by health": lambda path: f"/api/v1/monitoring/health/..%2f..%2f..%2f..{path}",
    "by the pages": lambda path: f"/docs/..;{path}",
    "by static files": lambda path: f"/static-offline-docs/..{path}",
    "encoded slashes": lambda path: f"/{path[1:].replace('/', '%2f')}",
    "last slash encoded": lambda path: "%2F".join(path.rsplit("/", 1)),
    "slash encoded twice": lambda path: "%252f".join(path.rsplit("/", 1)),
    "backslash": lambda path: "\\".join(path.rsplit("/", 1)),
    "null byte": lambda path: f"{path}%00",
    "null byte and an ending": lambda path: f"{path}%00.json",
    "line ends": lambda path: f"{path}%0d%0aX-ALMA-Project:%20mill",
    "no UTF-8": lambda path: f"{path}%ff%c0%af",
    "matrix parameter": lambda path: f"{path};admin=true",
    "matrix parameter between": lambda path: path.replace("/v1/", "/v1;x=1/"),
    "upper case": str.upper,
    "dot at the end": lambda path: f"{path}.",
    "space at the end": lambda path: f"{path}%20",
    "an ending": lambda path: f"{path}.json",
    "a fragment": lambda path: f"{path}%23",
    "a question mark": lambda path: f"{path}%3fproject=theirs",
    "overlong": lambda path: f"{path}/{'a' * 20_000}",
    "many segments": lambda path: f"{path}{'/a' * 5_000}",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with serve(tmp_path_factory.mktemp("paths"), api_key=KEY) as server:
        server.http.headers["X-API-Key"] = KEY
        tokens = _people(server)
        server.http.headers["X-ALMA-Project"] = "mill"
        yield House(server, _nouns(server), tokens)


class Wire:
    """One connection that sends a path as it is written."""

    def __init__(self, server: Server) -> None:
        where = urlsplit(server.url)
        self._http = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)

    def ask(
        self, method: str, path: str, *, body: str | None = None, **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """The status, the headers and the body."""
        shown = {name.replace("_", "-"): value for name, value in headers.items()}
        self._http.request(method, path, body=body, headers=shown)
        answer = self._http.getresponse()
        told = {name.casefold(): value for name, value in answer.getheaders()}
        return answer.status, told, answer.read().decode("utf-8", "replace")

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def wire(house: House) -> Iterator[Wire]:
    made = Wire(house.server)
    yield made
    made.close()


def path_of(house: House, name: str) -> str:
    """The route's path with our nouns in it."""
    path = name.split(" ", 1)[1]
    for key, value in {**house.ours, **ROUTES[name].path}.items():
        path = path.replace(f"{{{key}}}", house.ours[value[1:]] if value[:1] == "$" else value)
    return path


def body_of(house: House, name: str) -> str | None:
    if name.startswith("GET "):
        return None
    body = json.dumps(ROUTES[name].body if ROUTES[name].body is not None else {})
    for key, value in house.ours.items():
        body = body.replace(f'"${key}"', value if value.isdecimal() else f'"{value}"')
    return body


@pytest.mark.parametrize("trick", TRICKS)
def test_no_way_of_writing_a_path_lets_nobody_in(house: House, wire: Wire, trick: str) -> None:
    for name, route in ROUTES.items():
        if route.public:
            continue
        path = TRICKS[trick](path_of(house, name))
        status, _, told = wire.ask(name.split(" ")[0], path, body=body_of(house, name))
        assert 400 <= status < 500, (name, path[:200], status)
        assert CANARY not in told.replace(house.ours["conversation_id"], ""), (name, path[:200])


@pytest.mark.parametrize("trick", TRICKS)
def test_no_way_of_writing_a_path_gives_a_right_that_the_caller_lacks(
    house: House, wire: Wire, trick: str
) -> None:
    shown = {"Authorization": f"Bearer {house.tokens['exact']}", "X_ALMA_Project": "mill"}
    for name, route in ROUTES.items():
        if not (route.needs or route.administrator) or "metrics:read" in route.needs:
            continue
        path = TRICKS[trick](path_of(house, name))
        status, _, told = wire.ask(name.split(" ")[0], path, body=body_of(house, name), **shown)
        assert 400 <= status < 500, (name, path[:200], status)
        assert CANARY not in told.replace(house.ours["conversation_id"], ""), (name, path[:200])
