"""Blueprints over HTTP: saved and revised, as JSON or YAML, whatever the header; nobody's change lost unseen."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.api.server import API, Server

SHOP: dict[str, Any] = {
    "version": "1.0",
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "db-1", "type": "database", "engine": "postgresql", "version": "15"},
    ],
    "metadata": {"environment": "production"},
}
SHOP_YAML = """\
# what the shop runs on
name: shop
resources:
  - name: web
    type: vm
    specs: {cpu: 2, memory: 4GB}
"""
OWN_FIELDS = ("version", "name", "resources", "metadata")


def test_a_created_blueprint_has_an_id_and_its_fields_on_top(server: Server) -> None:
    answer = server.http.post(f"{API}/blueprints", json=SHOP)

    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["Location"] == f"{API}/blueprints/{body['id']}"
    assert body["revision"] == 1
    assert {field: body[field] for field in OWN_FIELDS} == SHOP
    assert server.get(f"/blueprints/{body['id']}") == body


def test_an_answer_can_be_sent_back_as_it_is(server: Server) -> None:
    made = server.post("/blueprints", SHOP)

    again = server.post("/blueprints", made)

    assert again["id"] != made["id"]
    assert again["digest"] == made["digest"]


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",
        "text/plain",
        "application/yaml",
        None,
    ],
)
def test_json_is_read_whatever_the_content_type_says(
    server: Server, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}

    answer = server.http.post(f"{API}/blueprints", content=json.dumps(SHOP), headers=headers)

    assert answer.status_code == 201
    assert answer.json()["resources"] == SHOP["resources"]


@pytest.mark.parametrize("content_type", ["application/yaml", "text/yaml", "text/x-yaml"])
def test_yaml_is_read_where_it_says_so(server: Server, content_type: str) -> None:
    answer = server.http.post(
        f"{API}/blueprints", content=SHOP_YAML, headers={"Content-Type": content_type}
    )

    assert answer.status_code == 201
    assert answer.json()["resources"][0]["specs"] == {"cpu": 2, "memory": "4GB"}


def test_a_yaml_file_sent_by_plain_curl_is_read_too(server: Server) -> None:
    answer = server.curl(
        f"curl http://localhost:8000/api/v1/blueprints --data-binary '{SHOP_YAML}'"
    )

    assert answer.status_code == 201
    assert answer.json()["name"] == "shop"


@pytest.mark.parametrize(
    ("query", "accept", "yaml"),
    [
        ("", "*/*", False),
        ("", "application/json", False),
        ("", "application/yaml", True),
        ("?format=yaml", "application/json", True),
        ("?format=json", "application/yaml", False),
        ("", "application/json, application/yaml;q=0.5", False),
    ],
)
def test_an_answer_is_json_unless_yaml_is_asked_for(
    server: Server, query: str, accept: str, *, yaml: bool
) -> None:
    made = server.post("/blueprints", SHOP)

    answer = server.http.get(f"{API}/blueprints/{made['id']}{query}", headers={"Accept": accept})

    kind = "application/yaml" if yaml else "application/json"
    assert answer.headers["content-type"].startswith(kind)
    assert answer.text.startswith("version:" if yaml else "{")


def test_exported_yaml_says_the_same_when_it_is_imported(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    exported = server.http.get(f"{API}/blueprints/{made['id']}?format=yaml").text

    again = server.http.post(
        f"{API}/blueprints", content=exported, headers={"Content-Type": "application/yaml"}
    )

    assert again.json()["digest"] == made["digest"]


def test_every_save_is_a_revision_and_old_ones_stay_readable(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"

    changed = server.http.put(url, json=SHOP | {"description": "now with words"})

    assert changed.status_code == 200
    assert changed.headers["ETag"] == '"2"'
    numbers = [item["revision"] for item in server.http.get(f"{url}/revisions").json()["items"]]
    assert numbers == [2, 1]
    for old in (f"{url}?revision=1", f"{url}/revisions/1"):
        assert "description" not in server.http.get(old).json()
    assert server.http.get(url).json()["description"] == "now with words"


@pytest.mark.parametrize("etag", ['"1"', "1", 'W/"1"'])
def test_a_change_made_on_an_older_revision_is_refused(server: Server, etag: str) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"
    server.http.put(url, json=SHOP | {"description": "somebody was faster"})

    late = server.http.put(url, json=SHOP | {"description": "late"}, headers={"If-Match": etag})

    assert late.status_code == 412
    assert (late.json()["revision"], late.json()["expected"]) == (2, 1)
    assert server.http.get(url).json()["description"] == "somebody was faster"


def test_an_answer_sent_back_after_somebody_elses_change_is_refused_too(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"
    server.http.put(url, json=SHOP | {"description": "somebody was faster"})

    late = server.http.put(url, json=made | {"description": "late"})

    assert late.status_code == 409
    assert late.json()["code"] == "conflict"


@pytest.mark.parametrize("etag", ['"1"', "*"])
def test_a_change_made_on_the_newest_revision_is_saved(server: Server, etag: str) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"

    answer = server.http.put(url, json=SHOP | {"description": "x"}, headers={"If-Match": etag})

    assert answer.json()["revision"] == 2


def test_an_if_match_that_names_no_revision_is_an_error(server: Server) -> None:
    made = server.post("/blueprints", SHOP)

    answer = server.http.put(
        f"{API}/blueprints/{made['id']}", json=SHOP, headers={"If-Match": '"new"'}
    )

    assert answer.status_code == 422


def test_a_deleted_blueprint_is_gone(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"

    assert server.http.delete(url).status_code == 204

    assert server.http.get(url).status_code == 404
    assert server.http.delete(url).status_code == 404


def test_an_engine_that_is_not_here_is_kept_and_warned_of(server: Server) -> None:
    document = SHOP | {"engine": "mars"}

    made = server.post("/blueprints", document)

    for warnings in (made["warnings"], server.get(f"/blueprints/{made['id']}")["warnings"]):
        (found,) = [item for item in warnings if item["path"] == "engine"]
        assert "Unknown engine" in found["message"]
        assert "simulation" in found["hint"]
    checked = server.post("/blueprints/validate", document, status=200)
    assert checked["valid"]
    assert any(line.startswith("engine: ") for line in checked["warnings"])


def test_what_somebody_changed_meanwhile_is_not_deleted(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}"
    server.http.put(url, json=SHOP | {"description": "somebody was faster"})

    late = server.http.delete(url, headers={"If-Match": '"1"'})

    assert (late.status_code, late.json()["revision"]) == (412, 2)
    assert server.http.get(url).json()["description"] == "somebody was faster"
    assert server.http.delete(url, headers={"If-Match": '"2"'}).status_code == 204


def test_lists_page_and_filter_by_name(server: Server) -> None:
    for number in range(3):
        server.post("/blueprints", SHOP | {"name": "listed", "description": str(number)})

    page = server.get("/blueprints?name=listed&skip=1&limit=1")

    assert (page["total"], page["skip"], page["limit"]) == (3, 1, 1)
    assert [item["description"] for item in page["items"]] == ["1"]


def test_a_part_of_the_name_and_the_engine_find_blueprints(server: Server) -> None:
    made = server.post("/blueprints", SHOP | {"name": "Wanted one", "engine": "docker"})
    server.post("/blueprints", SHOP | {"name": "wanted two"})

    both = server.get("/blueprints?search=WANTED&limit=1")
    one = server.get("/blueprints?search=wanted&engine=docker")

    assert (both["total"], len(both["items"])) == (2, 1)
    assert (
        "search=WANTED"
        in server.http.get(f"{API}/blueprints?search=WANTED&limit=1").headers["Link"]
    )
    assert [item["id"] for item in one["items"]] == [made["id"]]


@pytest.mark.parametrize("query", ["skip=-1", "limit=0", "limit=501", "limit=many"])
def test_a_page_out_of_bounds_is_an_error(server: Server, query: str) -> None:
    answer = server.http.get(f"{API}/blueprints?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0].startswith("query.")


def test_all_mistakes_are_told_at_once_with_their_places(server: Server) -> None:
    faulty = {
        "name": "shop",
        "resources": [
            {"name": "web", "type": "vm", "specs": {"memory": "lots", "cpu": -1}},
            {"name": "db", "type": "databse"},
        ],
        "colour": "red",
    }

    answer = server.http.post(f"{API}/blueprints", json=faulty)

    assert answer.status_code == 422
    body = answer.json()
    assert body["detail"] == "Invalid blueprint format"
    assert "resources.0.specs.memory: invalid format" in body["errors"]
    paths = {item["path"] for item in body["diagnostics"]}
    assert paths == {
        "colour",
        "resources.0.specs.cpu",
        "resources.0.specs.memory",
        "resources.1.type",
    }


def test_a_mistake_in_yaml_has_its_line(server: Server) -> None:
    answer = server.http.post(
        f"{API}/blueprints",
        content=SHOP_YAML.replace("4GB", "lots"),
        headers={"Content-Type": "application/yaml"},
    )

    [found] = answer.json()["diagnostics"]
    assert (found["path"], found["line"]) == ("resources.0.specs.memory", 6)


def test_validation_answers_without_saving(server: Server) -> None:
    before = server.get("/blueprints")["total"]

    good = server.post("/blueprints/validate", SHOP, status=200)
    bad = server.post("/blueprints/validate", {"name": "x", "resources": [{}]}, status=200)

    assert good["valid"] is True
    assert bad["valid"] is False
    assert "resources.0.name: required field is missing" in bad["errors"]
    assert server.get("/blueprints")["total"] == before


def test_the_schema_is_published(server: Server) -> None:
    schema = server.get("/blueprints/schema")

    assert schema["title"] == "ALMA blueprint"
    assert "resources" in schema["properties"]


def test_many_saves_at_once_all_get_ids_of_their_own(server: Server) -> None:
    def save(number: int) -> httpx.Response:
        return server.http.post(f"{API}/blueprints", json=SHOP | {"name": f"at-once-{number}"})

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(save, range(64)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 64


def test_a_plan_says_what_would_be_done_and_does_nothing(server: Server) -> None:
    made = server.post("/blueprints", SHOP)

    plan = server.post(f"/blueprints/{made['id']}/plan", {"engine": "simulation"}, status=200)

    assert plan["engine"] == "simulation"
    assert plan["summary"]["create"] == len(plan["changes"]) > 2
    assert plan["waves"][0] == ["db-1-data", "network"]
    assert server.get(f"/stacks?blueprint_id={made['id']}")["items"] == []


def test_deploying_a_blueprint_plans_it_or_opens_a_request(server: Server) -> None:
    made = server.post("/blueprints", SHOP)
    url = f"{API}/blueprints/{made['id']}/deploy"

    rehearsal = server.http.post(url, json={"dry_run": True, "engine": "simulation"})
    opened = server.http.post(url, json={"engine": "fake"})

    assert rehearsal.status_code == 200
    assert rehearsal.json()["dry_run"] is True
    assert rehearsal.json()["plan"]["summary"]["create"] > 0
    assert opened.status_code == 201
    assert opened.json()["status"] == "pending"
    assert opened.json()["engine"] == "simulation"
    assert opened.headers["Location"] == f"{API}/iprs/{opened.json()['id']}"
