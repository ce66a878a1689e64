"""A server with something of everything, for whoever sends it what nobody would think of.

`ALMA_FUZZ_EXAMPLES` says how many requests each operation gets (`make fuzz` sends many); without it they are few, and
the same at every run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.api.server import Server, serve

KEY = "fuzz-administrator-key-0123456789abcdef"
EXAMPLES = int(os.environ.get("ALMA_FUZZ_EXAMPLES", "0"))
BOUNDED = settings(
    max_examples=EXAMPLES or 6,
    deadline=None,
    derandomize=not EXAMPLES,
    database=None,
    print_blob=True,
    suppress_health_check=[*HealthCheck],
)


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Authenticated as its administrator, without limits on rates, with a deployed stack and a talk about it. Not for
    longer than one file's tests: of two servers in one process, one has the other's threads and workflows."""
    home = tmp_path_factory.mktemp("fuzzed")
    with serve(home, api_key=KEY, rate_limit_enabled=False, default_engine="simulation") as running:
        running.http.headers["X-API-Key"] = KEY
        running.deployed({"name": "seed", "resources": [{"name": "web", "type": "vm"}]})
        running.post("/iprs", {"title": "second", "blueprint_id": 1})
        message = {"message": "a web server", "context": {"conversation_id": "seed"}}
        running.post("/conversation/chat", message, status=200)
        yield running
