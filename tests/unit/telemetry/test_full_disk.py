"""A disk without room loses figures, and neither requests nor the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# In a process of its own: the client library takes the folder once and for all.
_FILLING = """
import logging, os, resource, sys
from pathlib import Path
from alma.telemetry.prometheus import PrometheusMeters

logging.basicConfig(format="%(message)s")
folder = Path(sys.argv[1])
meters = PrometheusMeters(folder=folder)
def ask(number):
    meters.count("http_requests_total", method="GET", endpoint=f"/{number}", status="200")
    meters.observe("http_request_duration_seconds", 0.1, method="GET", endpoint=f"/{number}")
for number in range(200):
    ask(number)
for file in folder.iterdir():
    there = file.stat()
    assert there.st_blocks * 512 >= there.st_size, f"{file.name} has holes"
largest = max(file.stat().st_size for file in folder.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
for number in range(200, 290):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        meters.observe("http_request_duration_seconds", 0.1, method=method, endpoint=f"/{number}")
meters.count("http_requests_total", method="GET", endpoint="/1", status="200")
print(meters.exposition("")[0].decode())
"""


def test_figures_that_find_no_room_are_lost_and_nothing_else(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FILLING, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    # Said once, and what was counted before goes on.
    assert done.stderr.count("some figures are lost") == 1
    assert 'http_requests_total{endpoint="/1",method="GET",status="200"} 2.0' in done.stdout
