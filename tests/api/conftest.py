"""One server for each module: the workflow engine knows one application in a process at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api.server import Server, serve


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(tmp_path_factory.mktemp("home")) as running:
        yield running
