"""What operators ask a running server."""

from __future__ import annotations

import pytest

from tests.api.server import API, Server, serve

MONITORING = f"{API}/monitoring"


def lines(server: Server) -> dict[str, float]:
    answer = server.http.get("/metrics")
    assert answer.status_code == 200
    found = (line.rpartition(" ") for line in answer.text.splitlines() if line[0] != "#")
    return {name: float(value) for name, _, value in found}


def test_the_documented_grep_finds_something(server: Server) -> None:
    server.http.get(f"{API}/blueprints")
    text = server.curl("curl http://localhost:8000/metrics").text
    assert [line for line in text.splitlines() if "http_requests_total" in line]


def test_requests_are_counted_by_route_whatever_the_path(server: Server) -> None:
    for id_ in (4711, 4712):
        server.http.get(f"{API}/blueprints/{id_}/")
    server.http.get("/nowhere/at-all")
    found = lines(server)
    key = 'http_requests_total{endpoint="/api/v1/blueprints/{id}",method="GET",status="404"}'
    assert found[key] == 2
    assert found['http_requests_total{endpoint="unmatched",method="GET",status="404"}'] >= 1
    assert not [name for name in found if "4711" in name or "nowhere" in name]


def test_a_deployment_shows_when_it_is_queued_and_when_it_ends(server: Server) -> None:
    before = lines(server)
    server.deployed({"name": "counted", "resources": [{"name": "web", "type": "vm"}]})
    found = lines(server)
    for status in ("queued", "succeeded"):
        key = f'deployment_operations_total{{engine="simulation",status="{status}"}}'
        assert found[key] - before[key] == 1
    assert found['active_deployments{engine="simulation"}'] == 0
    assert found['deployment_duration_seconds_count{engine="simulation"}'] >= 1


def test_faults_of_refused_blueprints_are_counted(server: Server) -> None:
    before = lines(server)["blueprint_validation_errors_total"]
    faulty = {"name": "x", "resources": [{"name": "a", "type": "vm", "specs": {"memory": "zz"}}]}
    errors = server.post("/blueprints", faulty, status=422)["errors"]
    assert lines(server)["blueprint_validation_errors_total"] - before == len(errors)


def test_tools_are_counted_by_name_and_made_up_names_make_none(server: Server) -> None:
    body = {"tool_name": "validate_blueprint", "parameters": {"blueprint": {"name": "x"}}}
    server.http.post(f"{API}/tools/execute", json=body)
    for name in ("made_up_1", "made_up_2"):
        server.http.post(f"{API}/tools/execute", json={"tool_name": name, "parameters": {}})
    found = lines(server)
    assert not [name for name in found if "made_up" in name]
    assert found['tool_execution_duration_seconds_count{tool_name="validate_blueprint"}'] >= 1


def test_a_stream_is_open_while_somebody_listens(server: Server) -> None:
    with server.http.stream(
        "POST", f"{API}/conversation/chat-stream", json={"message": "a redis cache"}
    ) as answer:
        for _ in answer.iter_lines():
            pass
    found = lines(server)
    key = 'http_requests_total{endpoint="/api/v1/conversation/chat-stream",method="POST",status="200"}'
    assert found[key] >= 1
    assert found["active_streams"] == 0


def test_the_summary_says_what_it_covers_and_adds_up(server: Server) -> None:
    server.http.get(f"{API}/blueprints")
    summary = server.curl(f"curl http://localhost:8000{MONITORING}/metrics/summary").json()
    assert summary["window"]["whose"] == "this process"
    assert summary["window"]["seconds"] > 0
    assert sum(summary["requests"]["by_class"].values()) == summary["requests"]["total"]
    assert summary["requests"]["latency"]["p50_ms"] <= summary["requests"]["latency"]["p99_ms"]


@pytest.mark.parametrize("path", ["/health", "/health/", f"{MONITORING}/health/ready"])
def test_machines_learn_from_the_status_whether_to_come(server: Server, path: str) -> None:
    answer = server.http.get(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "healthy")


def test_openmetrics_is_there_for_who_wants_it(server: Server) -> None:
    answer = server.http.get("/metrics", headers={"Accept": "application/openmetrics-text"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text")


def test_without_metrics_nothing_is_counted_and_it_is_said(tmp_path) -> None:
    with serve(tmp_path, metrics_enabled=False) as server:
        answer = server.http.get("/metrics")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_who_uses_up_a_limit_is_counted_and_so_are_the_clients(tmp_path) -> None:
    # Templates are not exempt from the overall limit, of which little is left here.
    with serve(tmp_path, rate_limit_enabled=True, rate_limit_rpm=1, rate_limit_burst=1) as server:
        statuses = [server.http.get(f"{API}/templates").status_code for _ in range(3)]
        found = lines(server)
    assert statuses.count(429) == found['rate_limit_hits_total{endpoint="/api/v1/templates"}'] > 0
    assert found["rate_limit_clients"] == 1


def test_metrics_and_details_are_not_for_strangers(tmp_path) -> None:
    with serve(tmp_path, api_key="k" * 40) as server:
        assert server.http.get("/metrics").status_code == 401
        assert server.http.get(f"{MONITORING}/metrics/summary").status_code == 401
        health = server.http.get(f"{MONITORING}/health/detailed").json()
        known = {"Authorization": f"Bearer {'k' * 40}"}
        assert server.http.get("/metrics", headers=known).status_code == 200
        told = server.http.get(f"{MONITORING}/health/detailed", headers=known).json()
        assert server.http.get("/health").status_code == 200
    assert set(health["components"]) == {"database", "workflow"}
    assert {part["detail"] for part in health["components"].values()} == {""}
    assert "engine:simulation" in told["components"]


def test_metrics_may_be_opened(tmp_path) -> None:
    with serve(tmp_path, api_key="k" * 40, metrics_open=True) as server:
        assert server.http.get("/metrics").status_code == 200
        assert server.http.get(f"{API}/blueprints").status_code == 401
