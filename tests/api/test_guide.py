"""What the user guide types: every command that is served already, as it is typed."""

from __future__ import annotations

import pytest

from tests.api.server import BASE, JSON, Server, good

PRODUCTION = """\
version: "1.0"
name: web-app-production
description: Production web application

resources:
  - name: web-server-1
    type: vm
    specs:
      cpu: 4
      memory: 8GB
      disk: 100GB
    network:
      private_ip: 10.0.1.10
      public_ip: true

  - name: database-1
    type: database
    engine: postgresql
    version: "15"
    specs:
      cpu: 8
      memory: 16GB
      storage: 500GB
    backup:
      enabled: true
      retention_days: 30

metadata:
  environment: production
  owner: devops-team
  cost_center: engineering
"""


def test_an_engine_named_at_deployment_gets_a_plan_of_its_own(server: Server) -> None:
    """`fake` is how older callers call the simulation; it is the planned engine here, so nothing moves."""
    saved = good(server.curl(f"curl {BASE}/blueprints --data-binary '{PRODUCTION}'"))
    ipr = server.post("/iprs", {"title": "x", "blueprint_id": saved["id"]})
    server.post(f"/iprs/{ipr['id']}/review", {"action": "approve"}, status=200)

    queued = server.curl(f'curl {BASE}/iprs/{ipr["id"]}/deploy -d \'{{"engine": "fake"}}\'')

    assert good(queued)["engine"] == "simulation"
    assert server.ended(queued.json()["deployment_id"])["status"] == "succeeded"


def test_the_sample_blueprint_is_valid_as_printed(server: Server) -> None:
    saved = server.http.post(
        "/api/v1/blueprints",
        content=PRODUCTION,
        headers={"Content-Type": "application/yaml"},
    )

    body = good(saved)
    assert body["resources"][0]["network"] == {"private_ip": "10.0.1.10", "public_ip": True}
    assert body["resources"][1]["specs"] == {"cpu": 8, "memory": "16GB", "storage": "500GB"}
    assert body["resources"][1]["backup"] == {"enabled": True, "retention_days": 30}
    assert body["metadata"]["cost_center"] == "engineering"


def test_words_first(server: Server) -> None:
    answer = good(
        server.curl(
            f"""curl -X POST {BASE}/conversation/chat {JSON} \\
            -d '{{"message": "I need a simple web application with 2 servers and a database"}}'"""
        )
    )

    kinds = [(item["type"], item.get("engine")) for item in answer["blueprint"]["resources"]]
    assert [kind for kind, _ in kinds].count("database") == 1
    assert ("database", "postgresql") in kinds
    assert [kind for kind, _ in kinds].count("load_balancer") == 1
    assert len(kinds) == 4
    assert {"response", "conversation_id", "suggested_actions"} <= answer.keys()


def test_refining_over_four_rounds(server: Server) -> None:
    """The first message names no conversation; the later ones name one of their own."""
    good(
        server.curl(
            f"curl -X POST {BASE}/conversation/chat "
            '-d \'{"message": "I need a Kubernetes cluster"}\''
        )
    )
    rounds = [
        "Make it highly available with 5 nodes",
        "Keep monthly cost under $800",
        "Add network policies and pod security standards",
    ]
    for message in rounds:
        answer = good(
            server.curl(
                f"curl -X POST {BASE}/conversation/chat -d "
                f'\'{{"message": "{message}", "context": {{"conversation_id": "conv-123"}}}}\''
            )
        )
        assert answer["conversation_id"] == "conv-123"
    assert len(server.get("/conversation/conv-123")["turns"]) == 3


def test_a_burst_of_reads(server: Server) -> None:
    for _ in range(70):
        assert server.curl(f"curl {BASE}/blueprints").status_code == 200


@pytest.mark.parametrize(
    "command",
    [
        f"curl {BASE}/templates",
        f"curl {BASE}/templates/",
        f"curl {BASE}/templates/simple-web-app",
        f"curl {BASE}/monitoring/health/detailed",
        f"curl {BASE}/blueprints/",
        f"curl '{BASE}/templates/search?query=web&limit=3'",
        f"curl '{BASE}/templates?category=web&complexity=low'",
        f"curl {BASE}/templates/categories",
        f"curl '{BASE}/iprs?status=pending&skip=0&limit=10'",
        "curl http://localhost:8000/docs",
    ],
)
def test_what_is_only_looked_at(server: Server, command: str) -> None:
    assert server.curl(command).status_code == 200
