"""What processes leave behind that were killed at any moment harms nobody who comes after them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# In processes of their own: the client library takes the folder once and for all.
_ASKED = """
import logging, sys
from pathlib import Path
from alma.telemetry.prometheus import PrometheusMeters

logging.basicConfig(format="%(message)s")
meters = PrometheusMeters(folder=Path(sys.argv[1]))
meters.count("http_requests_total", method="GET", endpoint="/1", status="200")
print(meters.exposition("")[0].decode())
"""
_OF_THE_SAME_NUMBER = """
import os, sys
from pathlib import Path
from alma.telemetry.prometheus import PrometheusMeters

folder = Path(sys.argv[1])
left = folder / f"gauge_livesum_{os.getpid()}.db"
left.write_bytes(Path(sys.argv[2]).read_bytes())
(folder / f"counter_{os.getpid()}.db").write_bytes(b"\\x40\\0\\0\\0\\0\\0\\0\\0\\xff\\xff")
meters = PrometheusMeters(folder=folder)
meters.change("active_connections", 1)
meters.count("http_requests_total", method="GET", endpoint="/1", status="200")
print(meters.exposition("")[0].decode())
PrometheusMeters(folder=folder)
print("again", meters.exposition("")[0].decode())
"""
_KILLED = """
import os, signal, sys
from pathlib import Path
from alma.telemetry.prometheus import PrometheusMeters

meters = PrometheusMeters(folder=Path(sys.argv[1]))
meters.change("active_connections", 7)
meters.count("http_requests_total", method="GET", endpoint="/1", status="200")
print(os.getpid(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def run(program: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture
def killed(tmp_path: Path) -> int:
    """The number of a process that was killed with something open."""
    done = run(_KILLED, tmp_path)
    return int(done.stdout)


@pytest.mark.parametrize("content", [b"", b"\xff\xff\xff\x7f", b"\x40\0\0\0\0\0\0\0\xff\xff"])
def test_a_file_that_was_broken_off_keeps_no_figure_of_the_others_back(
    tmp_path: Path, killed: int, content: bytes
) -> None:
    (tmp_path / "counter_4194999.db").write_bytes(content)

    done = run(_ASKED, tmp_path)

    assert done.returncode == 0, done.stderr
    assert 'http_requests_total{endpoint="/1",method="GET",status="200"} 2.0' in done.stdout
    assert "counter_4194999.db" in done.stderr


def test_a_process_inherits_neither_what_one_of_the_same_number_had_open_nor_its_broken_files(
    tmp_path: Path, killed: int
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    left = tmp_path / f"gauge_livesum_{killed}.db"

    done = run(_OF_THE_SAME_NUMBER, folder, left)

    assert done.returncode == 0, done.stderr
    first, again = done.stdout.split("again ")
    assert "active_connections 1.0" in first
    assert 'http_requests_total{endpoint="/1",method="GET",status="200"} 1.0' in first
    # Its own are kept, however often it is asked for.
    assert "active_connections 1.0" in again


_SWEPT = """
import shutil, sys
from pathlib import Path
from alma.telemetry.prometheus import PrometheusMeters

folder = Path(sys.argv[1]) / "swept"
meters = PrometheusMeters(folder=folder)
meters.count("http_requests_total", method="GET", endpoint="/1", status="200")
shutil.rmtree(folder)
meters.count("http_requests_total", method="GET", endpoint="/2", status="200")
meters.samples()
print(meters.exposition("")[0].decode())
"""


def test_a_folder_that_was_swept_away_costs_figures_and_no_answer(tmp_path: Path) -> None:
    done = run(_SWEPT, tmp_path)

    assert done.returncode == 0, done.stderr
    assert "http_requests_total" not in done.stdout
