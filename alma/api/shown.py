"""Keeps the bodies that were shown last: a saved revision never changes, and its JSON costs more to make than to read.

Kept with the application (`app.state.shown`): what is shown comes from one database.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi.responses import JSONResponse

from alma.api.schemas.blueprints import blueprint_body
from alma.core.model.blueprint import Revision
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.recent import Recent

_BYTES = 16_000_000


class Shown:
    """JSON of revisions, bounded by its bytes and by their number. Safe from any thread."""

    def __init__(self, limit: int = _BYTES) -> None:
        self._bodies = Recent[bytes](limit)

    def body(self, revision: Revision, further: Sequence[Diagnostic] = ()) -> bytes:
        """What `blueprint_body` says, encoded."""
        key = (
            revision.id,
            revision.number,
            revision.digest,
            revision.created_at,
            revision.created_by,
            tuple(further),
        )
        found = self._bodies.get(key)
        if found is None:
            found = bytes(JSONResponse(blueprint_body(revision, further=further)).body)
            self._bodies.put(key, found, length=len(found))
        return found
