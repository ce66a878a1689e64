"""What operators are given, against a real Prometheus that scrapes a real ALMA on a real PostgreSQL."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.server import API, Server, serve
from tests.conftest import required
from tests.integration.monitoring.model import model
from tests.monitoring import ALERTS, RULES, queries
from tests.postgres import create_database, database_url, drop_database
from tests.waiting import wait_until

DOCUMENTED = (
    "rate(http_requests_total[5m])",
    "rate(llm_tokens_generated_total[1m])",
    "histogram_quantile(0.95, http_request_duration_seconds)",
)
QUERIES = [*queries(), *((query, query) for query in DOCUMENTED)]

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [{rules}, {alerts}]
scrape_configs:
  - job_name: alma
    static_configs: [{{targets: ["{target}"]}}]
"""


def needed(program: str) -> str:
    """Its path. Skips, or fails where it was promised."""
    found = shutil.which(program)
    if found is None:
        reason = f"{program} is not installed (apt-get install prometheus)"
        if "prometheus" in required():
            pytest.fail(f"ALMA_TEST_REQUIRE names prometheus, but {reason}", pytrace=False)
        pytest.skip(reason)
    return found


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    """A running one that scrapes the target every second."""
    program = needed("prometheus")
    file = folder / "prometheus.yml"
    file.write_text(CONFIGURATION.format(rules=RULES, alerts=ALERTS, target=target))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(
            [
                program,
                f"--config.file={file}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
            wait_until(lambda: _ready(client) or process.poll() is not None, interval=0.1)
            assert process.poll() is None, (folder / "prometheus.log").read_text()
            yield client
    finally:
        process.terminate()
        process.wait(timeout=30)


def _ready(client: httpx.Client) -> bool:
    with suppress(httpx.HTTPError):
        return client.get("/-/ready").status_code == 200
    return False


def drive(server: Server) -> None:
    """Something of everything that is measured."""
    server.deployed({"name": "shop", "resources": [{"name": "web", "type": "vm"}]})
    faulty = {"name": "x", "resources": [{"name": "a", "type": "vm", "specs": {"memory": "z"}}]}
    server.post("/blueprints", faulty, status=422)
    body = {"tool_name": "validate_blueprint", "parameters": {"blueprint_id": 1}}
    server.http.post(f"{API}/tools/execute", json=body)
    server.http.get("/nowhere")
    server.post(
        "/conversation/chat", {"message": "what would the weather need in production?"}, status=200
    )


@pytest.fixture(scope="module")
def watched(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: Path
) -> Iterator[tuple[Server, httpx.Client]]:
    needed("prometheus")
    folder = tmp_path_factory.mktemp("watched")
    name = create_database(postgres_server)
    try:
        with (
            model() as address,
            _alma(folder, database_url(postgres_server, name), address) as alma,
        ):
            drive(alma)
            with prometheus(folder, alma.url.removeprefix("http://")) as client:
                # A rate needs two looks, and what is counted between them.
                wait_until(lambda: _looks(client) >= 1, interval=0.1)
                drive(alma)
                wait_until(lambda: _looks(client) >= 3, interval=0.1)
                yield alma, client
    finally:
        drop_database(postgres_server, name)


@contextmanager
def _alma(folder: Path, url: str, address: str) -> Iterator[Server]:
    llm = {
        "provider": "openai-compatible",
        "model": "m",
        "base_url": address,
        "price_in": "1",
        "price_out": "2",
    }
    with serve(folder / "home", database_url=url, llm=llm) as server:
        yield server


def _looks(client: httpx.Client) -> float:
    found = _asked(client, "count_over_time(up[10m])")
    return float(found[0]["value"][1]) if found else 0


def _asked(client: httpx.Client, query: str) -> list[Any]:
    answer = client.get("/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", (query, answer)
    result: list[Any] = answer["data"]["result"]
    return result


@pytest.mark.parametrize(("panel", "query"), QUERIES, ids=[name for name, _ in QUERIES])
def test_every_query_returns_data(watched, panel, query) -> None:
    _, client = watched
    wait_until(lambda: _asked(client, query), interval=0.2)
    for series in _asked(client, query):
        assert float(series["value"][1]) >= 0 or "NaN" in series["value"][1]


def test_rules_are_loaded_and_no_alert_is_up_on_a_server_that_is_well(watched) -> None:
    _, client = watched
    groups = client.get("/api/v1/rules").json()["data"]["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    wait_until(
        lambda: all(
            rule["health"] == "ok"
            for group in client.get("/api/v1/rules").json()["data"]["groups"]
            for rule in group["rules"]
        ),
        interval=0.2,
    )
    assert len(rules) > 10
    firing = client.get("/api/v1/alerts").json()["data"]["alerts"]
    assert [alert["labels"]["alertname"] for alert in firing if alert["state"] == "firing"] == []


def test_what_prometheus_keeps_is_what_alma_says(watched) -> None:
    server, client = watched
    query = 'sum(deployment_operations_total{engine="simulation",status="succeeded"})'
    wait_until(lambda: _asked(client, query)[0]["value"][1] == "2", interval=0.2)
    summary = server.get("/monitoring/metrics/summary")
    assert summary["deployments"]["ended"]["simulation"]["succeeded"] == 2


def test_rules_and_alerts_are_valid() -> None:
    done = subprocess.run(
        [needed("promtool"), "check", "rules", str(ALERTS), str(RULES)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# An alert, and the series under which it is up after 20 minutes.
UP = [
    ("AlmaDown", {'up{job="alma", instance="a"}': "0x20"}),
    ("AlmaDatabaseAway", {'database_up{instance="a"}': "0x20"}),
    (
        "AlmaServerErrors",
        {
            'http_requests_total{instance="a", status="200"}': "0+90x20",
            'http_requests_total{instance="a", status="500"}': "0+10x20",
        },
    ),
    (
        "AlmaSlow",
        {
            'http_request_duration_seconds_bucket{instance="a", method="GET", le="1"}': "0+1x30",
            'http_request_duration_seconds_bucket{instance="a", method="GET", le="5"}': "0+9x30",
            'http_request_duration_seconds_bucket{instance="a", method="GET", le="+Inf"}': "0+9x30",
        },
    ),
    ("AlmaNoWorker", {"workflow_workers": "0x20"}),
    ("AlmaWorkerSilent", {"workflow_heartbeat_age_seconds": "0+60x20"}),
    ("AlmaDeploymentsWait", {'workflow_queue_oldest_seconds{queue="deployments"}': "0+60x20"}),
    (
        "AlmaDeploymentsFail",
        {
            'deployment_operations_total{engine="e", status="failed"}': "0+1x20",
            'deployment_operations_total{engine="e", status="succeeded"}': "0x20",
        },
    ),
    (
        "AlmaPoolExhausted",
        {
            'database_connections{instance="a", state="in_use"}': "30x20",
            'database_connections_limit{instance="a"}': "30x20",
        },
    ),
    (
        "AlmaModelFails",
        {
            'llm_requests_total{status="unreachable"}': "0+9x20",
            'llm_requests_total{status="success"}': "0+1x20",
        },
    ),
    ("AlmaManyRefused", {'rate_limit_hits_total{endpoint="/x"}': "0+600x20"}),
    ("AlmaAuditFails", {'audit_failures_total{instance="a"}': "0+1x20"}),
]


def test_every_alert_comes_up_when_what_it_warns_of_is_there(tmp_path) -> None:
    tests = [
        {
            "interval": "1m",
            "input_series": [{"series": s, "values": v} for s, v in series.items()],
            "promql_expr_test": [
                {
                    "expr": f'count(ALERTS{{alertname="{alert}", alertstate="firing"}})',
                    "eval_time": "20m",
                    "exp_samples": [{"value": 1}],
                }
            ],
        }
        for alert, series in UP
    ]
    file = tmp_path / "alerts_test.yml"
    file.write_text(json.dumps({"rule_files": [str(ALERTS)], "tests": tests}))
    done = subprocess.run(
        [needed("promtool"), "test", "rules", str(file)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
