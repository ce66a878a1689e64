"""Templates over HTTP: found, and turned into a blueprint that can be saved as it is."""

from __future__ import annotations

import pytest

from tests.api.server import API, Server

COUNTS = {
    "simple-web-app": 3,
    "ha-web-app": 8,
    "postgres-ha": 6,
    "data-pipeline": 12,
    "ml-training": 10,
    "zero-trust-network": 9,
    "observability-stack": 7,
    "api-gateway": 4,
    "redis-cluster": 5,
}


def test_the_ten_templates_have_their_documented_sizes(server: Server) -> None:
    found = {item["id"]: item["resources"] for item in server.get("/templates")["items"]}

    assert found.pop("microservices-k8s") >= 15
    assert found == COUNTS


@pytest.mark.parametrize("complexity", ["low", "medium", "high"])
def test_a_list_is_filtered_by_complexity(server: Server, complexity: str) -> None:
    found = server.get(f"/templates?complexity={complexity}")

    assert found["total"] == len(found["items"]) > 0
    assert {item["complexity"] for item in found["items"]} == {complexity}


def test_a_list_is_filtered_by_category(server: Server) -> None:
    for category in server.get("/templates/categories")["items"]:
        found = server.get(f"/templates?category={category['name']}")
        assert found["total"] == category["templates"]


@pytest.mark.parametrize("path", ["/templates?", "/templates/search?query=web&"])
def test_a_list_has_the_blueprints_when_asked_for_them(server: Server, path: str) -> None:
    short = server.get(path)["items"]
    long = server.get(f"{path}blueprints=true")["items"]

    assert not any("blueprint" in item for item in short)
    for item in long:
        whole = server.get(f"/templates/{item['id']}")["blueprint"]
        assert item.pop("blueprint") == whole
    assert long == short


def test_words_find_templates(server: Server) -> None:
    found = server.get("/templates/search?query=postgres&limit=2")["items"]

    assert 1 <= len(found) <= 2
    assert found[0]["id"] == "postgres-ha"


@pytest.mark.parametrize("query", ["complexity=extreme", "limit=0"])
def test_a_filter_that_can_not_be_is_an_error(server: Server, query: str) -> None:
    path = "templates/search" if "limit" in query else "templates"

    assert server.http.get(f"{API}/{path}?{query}").status_code == 422


def test_an_unknown_template_is_not_found_and_the_nearest_is_named(server: Server) -> None:
    answer = server.http.get(f"{API}/templates/simple-web-ap")

    assert answer.status_code == 404
    assert "simple-web-app" in answer.json()["hint"]


@pytest.mark.parametrize("template", [*COUNTS, "microservices-k8s"])
def test_what_customize_answers_can_be_saved_planned_and_saved_again(
    server: Server, template: str
) -> None:
    shown = server.get(f"/templates/{template}")
    parameters = {name: item["default"] for name, item in shown["parameters"].items()}

    made = server.http.post(
        f"{API}/templates/{template}/customize", json={"parameters": parameters}
    )

    assert made.status_code == 200
    saved = server.http.post(f"{API}/blueprints", content=made.content)
    assert saved.status_code == 201
    id_ = saved.json()["id"]
    assert server.http.put(f"{API}/blueprints/{id_}", content=made.content).status_code == 200
    plan = server.post(f"/blueprints/{id_}/plan", status=200)
    assert plan["blocked"] is False


def test_parameters_are_turned_on_a_copy(server: Server) -> None:
    before = server.get("/templates/simple-web-app")

    made = server.curl(
        "curl -X POST http://localhost:8000/api/v1/templates/simple-web-app/customize "
        '-d \'{"parameters": {"instance_count": 3, "environment": "production"}}\''
    ).json()

    assert 3 in [resource.get("count") for resource in made["resources"]]
    assert made["metadata"]["environment"] == "production"
    assert server.get("/templates/simple-web-app") == before


def test_without_parameters_the_defaults_hold(server: Server) -> None:
    answer = server.http.post(f"{API}/templates/simple-web-app/customize")

    assert answer.status_code == 200
    assert answer.json() == server.get("/templates/simple-web-app")["blueprint"] | {
        "version": "1.0"
    }


@pytest.mark.parametrize(
    ("parameters", "named"),
    [({"instances": 3}, "instances"), ({"instance_count": "many"}, "instance_count")],
)
def test_a_parameter_that_does_not_fit_is_an_error_that_lists_those_that_do(
    server: Server, parameters: dict[str, object], named: str
) -> None:
    answer = server.http.post(
        f"{API}/templates/simple-web-app/customize", json={"parameters": parameters}
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0].startswith(f"{named}: ")
    assert "instance_count" in answer.json()["allowed"]
