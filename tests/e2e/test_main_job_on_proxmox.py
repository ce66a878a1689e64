"""The main job on Proxmox VE: a sentence in, guests that serve, and nothing left at the end.

The cluster's API is imitated, its guests are real: ALMA gets in with its key, installs packages and proves them.
"""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.e2e.inhabited import cluster, reachable
from tests.e2e.server import serving
from tests.e2e.test_main_job import SENTENCE, approve, both, deploy, destroy
from tests.integration.proxmox.world import Pve
from tests.waiting import wait_until


def test_an_alpine_lxc_asked_for_by_name_ends_running(tmp_path: Path) -> None:
    pve = Pve(host="127.0.0.1", port=0)
    with (
        reachable(tmp_path / "cluster", pve) as settings,
        serving(tmp_path / "home", **settings) as client,
    ):
        order = {"message": "Deploy an Alpine LXC named web-01"}
        said = client.post("/api/v1/conversation/chat", json=order).json()
        assert said["engine"] == "proxmox"
        ipr = client.post(
            "/api/v1/iprs", json={"title": "one", "blueprint_id": said["blueprint_id"]}
        ).json()
        approve(client, ipr["id"])
        ended = deploy(client, ipr["id"])
        assert ended["status"] == "succeeded", json.dumps(ended["error"])
        (guest,) = pve.cts
        assert (guest.config["hostname"], guest.status) == ("web-01", "running")
        assert len(pve.downloads) == 1, "its template was not there, and is now"


@pytest.mark.docker
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_from_a_sentence_to_guests_that_serve_and_back(tmp_path: Path) -> None:
    with (
        cluster(tmp_path / "cluster") as (pve, settings),
        serving(tmp_path / "home", **settings) as client,
    ):
        said = client.post("/api/v1/conversation/chat", json={"message": SENTENCE}).json()
        order = {"title": "Launch", "blueprint_id": said["blueprint_id"], "engine": "proxmox"}
        ipr = client.post("/api/v1/iprs", json=order).json()
        assert not ipr["plan"]["blocked"], ipr["plan"]["diagnostics"]
        places = {c["address"]: c["placement"] for c in ipr["plan"]["changes"]}
        assert {place["site"]["kind"] for place in places.values()} == {"qemu", "lxc"}
        assert all(place["reason"] for place in places.values())
        approve(client, ipr["id"])
        first = deploy(client, ipr["id"])
        assert first["status"] == "succeeded", json.dumps(first["error"])
        assert all(check["passed"] for check in first["checks"])
        (stack,) = client.get("/api/v1/stacks").json()["items"]
        at = {name.removeprefix(f"{stack['name']}-"): ip for name, ip in pve.names().items()}
        assert set(at) == {"web-1", "web-2", "db-1", "lb-1"}
        served = wait_until(
            lambda: both(
                {httpx.get(f"http://{at['lb-1']}").headers["X-Served-By"] for _ in range(6)}
            )
        )
        assert served == {"web-1", "web-2"}

        second = client.post("/api/v1/iprs", json=order).json()
        assert second["changes_summary"] == {"added": [], "modified": [], "removed": []}

        proofs = client.post(f"/api/v1/stacks/{stack['id']}/verify").json()
        assert proofs["passed"], proofs

        assert destroy(client, stack["id"], volumes=False)["status"] == "succeeded"
        left = [name for name in pve.names() if name.endswith("-db-1")]
        assert list(pve.names()) == left, "what holds data stays until it is asked for"
        assert destroy(client, stack["id"], volumes=True)["status"] == "succeeded"
        assert pve.names() == {}
