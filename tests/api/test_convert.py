"""Somebody else's file goes in as it is, whatever its header says, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from alma.core.model.document import parse_blueprint, parse_text
from tests.api.server import Server

FILES = Path(__file__).parents[1] / "unit" / "core" / "migration" / "files"
COMPOSE = (FILES / "shop.compose.yaml").read_bytes()


def sent(server: Server, content: bytes, *, query: str = "", **headers: str) -> httpx.Response:
    return server.http.post(f"/api/v1/blueprints/convert{query}", content=content, headers=headers)


@pytest.mark.parametrize(
    "kind", ["application/yaml", "application/x-www-form-urlencoded", "text/plain"]
)
def test_a_compose_file_is_converted_and_accounted_for(server: Server, kind: str) -> None:
    answer = sent(server, COMPOSE, **{"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["form"], body["platform"]) == ("compose", "docker")
    made = parse_blueprint(body["blueprint"])
    assert parse_text(body["yaml"]) == made
    assert len(body["objects"]) == 8
    assert body["origins"]["resources.web.image"] == "imported"
    assert "example-pw-1" not in answer.text
    assert server.get("/blueprints?name=shop")["total"] == 0


def test_the_blueprint_alone_comes_as_yaml(server: Server) -> None:
    for answer in (
        sent(server, COMPOSE, query="?format=yaml"),
        sent(server, COMPOSE, Accept="application/yaml"),
    ):
        assert answer.headers["content-type"].startswith("application/yaml")
        assert parse_text(answer.text).name == "shop"


def test_what_was_converted_can_be_saved(server: Server) -> None:
    body = sent(
        server, (FILES / "shop.kubernetes.yaml").read_bytes(), query="?from=k8s&name=moved"
    ).json()
    assert body["blueprint"]["name"] == "moved"
    assert server.post("/blueprints", body["blueprint"], status=201)["name"] == "moved"


@pytest.mark.parametrize(
    ("content", "query"),
    [
        (b"", ""),
        (b"just words", ""),
        (b"services: {}", "?from=pulumi"),
        (b"services: []", "?from=compose"),
        (b"{", ""),
        (b"\xff\xfe", ""),
        (b'resource "aws_instance" "web" {}\n', ""),
    ],
)
def test_what_can_not_be_converted_is_422_and_says_what_to_do(
    server: Server, content: bytes, query: str
) -> None:
    answer = sent(server, content, query=query)
    assert answer.status_code == 422, answer.text
    assert answer.json()["detail"]
