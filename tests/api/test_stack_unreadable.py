"""A stack whose engine can't be read any more: unknown is shown as unknown, and what is recorded stays readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.server import serve

SHOP: dict[str, Any] = {
    "name": "shop",
    "resources": [{"name": "web", "type": "vm", "engine": "nginx"}],
}


def test_a_stack_that_can_not_be_read_is_shown_as_unknown_and_not_as_empty(tmp_path: Path) -> None:
    with serve(tmp_path) as working:
        working.deployed(SHOP)
    faults = tmp_path / "faults.json"
    faults.write_text('[{"kind": "unavailable", "operation": "read"}]')
    with serve(tmp_path, simulation_faults=faults) as unreadable:
        [stack] = unreadable.get("/stacks")["items"]

        shown = unreadable.get(f"/stacks/{stack['id']}")

    assert shown["observed"] is None
    assert "can't be reached" in shown["problem"]
    assert stack["resources"] == len(shown["recorded"]) > 0
