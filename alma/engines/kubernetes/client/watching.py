"""What changes in a cluster, told without gaps: a list, then what the server tells, then a list again when it must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Seen:
    """What a watch saw: `change` is ADDED, MODIFIED or DELETED."""

    change: str
    object: Manifest


@dataclass
class Known:
    """What a watch has told so far, by uid: so that a new list after a gap tells only what is new."""

    objects: dict[str, Manifest] = field(default_factory=dict)

    def noted(self, seen: Seen) -> Seen:
        """The same; remembered."""
        uid = str(seen.object["metadata"]["uid"])
        if seen.change == "DELETED":
            self.objects.pop(uid, None)
        else:
            self.objects[uid] = seen.object
        return seen

    def difference(self, now: Sequence[Manifest]) -> list[Seen]:
        """What a new list tells that was not known."""
        there = {str(item["metadata"]["uid"]) for item in now}
        gone = [Seen("DELETED", item) for uid, item in self.objects.items() if uid not in there]
        return gone + [Seen("ADDED", item) for item in now if not self._has(item)]

    def _has(self, item: Mapping[str, Any]) -> bool:
        before = self.objects.get(str(item["metadata"]["uid"]))
        version = item["metadata"].get("resourceVersion")
        return before is not None and before["metadata"].get("resourceVersion") == version
