"""A blueprint is taken along over HTTP: saved or not, newest or older, with what has to be known about the files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.server import Server

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "db", "type": "database", "engine": "postgresql"},
        {"name": "web", "type": "service", "engine": "nginx", "depends_on": ["db"]},
    ],
}


def test_a_saved_blueprint_says_its_revision_and_an_older_one_can_be_had(server: Server) -> None:
    made = server.post("/blueprints", SHOP, status=201)
    newer = {**SHOP, "resources": [*SHOP["resources"], {"name": "cache", "type": "cache"}]}
    server.put(f"/blueprints/{made['id']}", newer)
    newest = server.get(f"/blueprints/{made['id']}/render?engine=docker")
    older = server.get(f"/blueprints/{made['id']}/render?engine=docker&revision=1")
    assert "revision 2" in newest["files"][0]["content"]
    assert "revision 1" in older["files"][0]["content"]
    assert "\n  cache:\n" in newest["files"][0]["content"]
    assert "\n  cache:\n" not in older["files"][0]["content"]


def test_a_document_is_rendered_and_not_saved(server: Server) -> None:
    body = server.post(
        "/blueprints/render?engine=k8s&format=files", {**SHOP, "name": "kept-nowhere"}, status=200
    )
    assert (body["engine"], body["format"]) == ("kubernetes", "files")
    assert body["files"][0]["path"].endswith("namespace-kept-nowhere.yaml")
    assert {file["mode"] for file in body["files"]} == {"0644"}
    assert {note["code"] for note in body["notes"]} >= {"left_to_you"}
    assert server.get("/blueprints?name=kept-nowhere")["total"] == 0


def test_a_file_that_runs_says_so(server: Server) -> None:
    body = server.post("/blueprints/render?engine=docker", SHOP, status=200)
    modes = {file["path"]: file["mode"] for file in body["files"]}
    assert modes["compose.yaml"] == "0644"
    assert "0755" in modes.values()


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("?engine=dokcer", "did you mean 'docker'?"),
        ("?engine=aws&format=compose", "use opentofu"),
        ("", "name one of aws, docker, kubernetes, proxmox as engine"),
    ],
)
def test_what_can_t_be_rendered_is_refused_with_what_can(
    server: Server, query: str, hint: str
) -> None:
    answer = server.http.post(f"/api/v1/blueprints/render{query}", json=SHOP)
    assert answer.status_code == 422
    assert answer.json()["hint"] == hint


def test_a_blueprint_with_faults_is_refused_with_all_of_them(server: Server) -> None:
    wrong = {"name": "shop", "resources": [{"name": "db", "type": "database", "engine": "oracle"}]}
    answer = server.http.post("/api/v1/blueprints/render?engine=docker", json=wrong)
    assert answer.status_code == 422
    assert answer.json()["diagnostics"][0]["code"] == "unknown_software"


def test_a_blueprint_that_is_not_there_is_not_found(server: Server) -> None:
    assert server.http.get("/api/v1/blueprints/987654/render?engine=aws").status_code == 404


def test_graphql_answers_the_same_as_rest(server: Server) -> None:
    made = server.post("/blueprints", {**SHOP, "name": "asked-twice"}, status=201)
    rest = server.get(f"/blueprints/{made['id']}/render?engine=aws")
    fields = "engine format files { path content mode } notes { code path message }"
    query = f'{{ rendering(blueprint_id: {made["id"]}, engine: "aws") {{ {fields} }} }}'
    answer = server.http.post("/graphql", json={"query": query}).json()
    found = answer["data"]["rendering"]
    assert found["files"] == rest["files"]
    assert [note["message"] for note in found["notes"]] == [n["message"] for n in rest["notes"]]
