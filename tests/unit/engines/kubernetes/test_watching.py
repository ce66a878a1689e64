"""A watch that had to start over tells what is new, and nothing twice."""

from __future__ import annotations

from typing import Any

from alma.engines.kubernetes.client.watching import Known, Seen


def thing(uid: str, version: int) -> dict[str, Any]:
    return {"metadata": {"uid": uid, "resourceVersion": str(version)}}


def test_after_a_gap_only_the_difference_is_told() -> None:
    known = Known()
    for item in (thing("same", 1), thing("changed", 1), thing("gone", 1)):
        known.noted(Seen("ADDED", item))
    known.noted(Seen("ADDED", thing("left", 1)))
    known.noted(Seen("DELETED", thing("left", 2)))

    told = known.difference([thing("same", 1), thing("changed", 2), thing("new", 3)])

    assert [(seen.change, seen.object["metadata"]["uid"]) for seen in told] == [
        ("DELETED", "gone"),
        ("ADDED", "changed"),
        ("ADDED", "new"),
    ]
