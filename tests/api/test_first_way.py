"""A newcomer's way from a template to production, on a fresh installation, every command as typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.server import BASE, JSON, Server, good, serve


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("fresh")) as running:
        yield running


def test_from_a_template_to_production(fresh: Server) -> None:
    """The first use case: look, customize, save, ask, approve, deploy, and look at the log."""
    good(fresh.curl(f"curl {BASE}/templates/ha-web-app"))
    customized = fresh.curl(
        f"""curl -X POST {BASE}/templates/ha-web-app/customize \\
        {JSON} \\
        -d '{{
          "parameters": {{
            "instance_count": 3,
            "cpu_per_instance": 4,
            "memory_per_instance": "8GB",
            "database_size": "50GB",
            "backup_enabled": true,
            "environment": "production"
          }}
        }}'"""
    )
    saved = good(fresh.curl(f"curl -X POST {BASE}/blueprints {JSON} -d '{customized.text}'"))
    assert saved["id"] == 1

    ipr = good(
        fresh.curl(
            f"""curl -X POST {BASE}/iprs {JSON} -d '{{
              "title": "Production web app deployment",
              "description": "Initial deployment for product launch",
              "blueprint_id": 1
            }}'"""
        )
    )
    assert ipr["id"] == 1
    reviewed = good(
        fresh.curl(
            f"""curl -X POST {BASE}/iprs/1/review {JSON} -d '{{
              "action": "approve",
              "comments": "Looks good, cost is within budget",
              "reviewer": "jane.smith@company.com"
            }}'"""
        )
    )
    assert reviewed["status"] == "approved"

    # The guide's example wants a cluster, and none is configured: that is told, and nothing has happened.
    refused = fresh.curl(f'curl -X POST {BASE}/iprs/1/deploy -d \'{{"engine": "proxmox"}}\'')
    assert refused.status_code == 503
    assert "No Proxmox VE cluster is configured" in refused.json()["detail"]
    assert fresh.get("/iprs/1")["status"] == "approved"

    rehearsal = fresh.curl(
        f'curl -X POST {BASE}/iprs/1/deploy {JSON} -d \'{{"engine": "simulation", "dry_run": true}}\''
    )
    assert good(rehearsal)["plan"]["digest"] == ipr["plan_digest"]
    queued = fresh.curl(f'curl -X POST {BASE}/iprs/1/deploy -d \'{{"engine": "simulation"}}\'')
    assert queued.status_code == 202
    fresh.ended(queued.json()["deployment_id"])

    shown = good(fresh.curl(f"curl {BASE}/iprs/1"))
    assert shown["status"] == "deployed"
    assert shown["log"][-1]["message"] == "done"
    again = fresh.curl(f'curl -X POST {BASE}/iprs/1/deploy -d \'{{"engine": "simulation"}}\'')
    assert again.status_code == 409
    assert again.json()["deployment_id"] == queued.json()["deployment_id"]
