"""What `alma serve` sets up for many who watch: a descriptor for each, and no memory for packing what is short."""

from __future__ import annotations

import resource
from pathlib import Path

from websockets.sync.client import connect

from tests.e2e.server import serving


def test_what_goes_to_who_watches_is_not_packed(tmp_path: Path) -> None:
    with serving(tmp_path) as client:
        address = str(client.base_url).replace("http", "ws", 1).rstrip("/") + "/ws/deployments"
        with connect(address, compression="deflate") as watcher:
            assert watcher.protocol.extensions == []


def test_a_server_takes_as_many_descriptors_as_it_may(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        with serving(tmp_path) as client:
            found = client.get("/metrics").text
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    limits = [line for line in found.splitlines() if line.startswith("process_max_fds ")]
    assert [float(line.split()[1]) for line in limits] == [min(hard, 65_536)]
