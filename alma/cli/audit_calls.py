"""The calls about what was done, and about the keys of secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx

from alma.cli.calls import API, Calls, Rows
from alma.cli.shapes import Json

_PATIENT = httpx.Timeout(900.0, connect=5.0)


class AuditCalls(Calls):
    """For those who answer for an installation."""

    def audit(self, *, limit: int | None, **wanted: Any) -> Rows:
        """Entries, newest first; all of them with None."""
        params = {name: value for name, value in wanted.items() if value is not None}
        return self._items("/audit", params={**params, "limit": limit})

    def audit_entry(self, seq: int) -> Json:
        """One entry."""
        return self._object("GET", f"/audit/{seq}")

    def audit_head(self) -> Json:
        """The end of the chain."""
        return self._object("GET", "/audit/head")

    def verify_audit(self, heads: list[Json]) -> Json:
        """What a check of the whole chain finds."""
        return self._object("POST", "/audit/verify", json={"heads": heads}, timeout=_PATIENT)

    def export_audit(self) -> Iterator[str]:
        """The chain, line by line."""
        with self._http.stream("GET", f"{API}/audit/export") as answer:
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                answer.read()
                self._refuse(answer)
            for line in answer.iter_lines():
                yield f"{line}\n"

    def prune_audit(self, before: str) -> Json:
        """How many entries went."""
        return self._object("POST", "/audit/prune", json={"before": before})

    def secrets_status(self) -> Json:
        """The keys, and what is under each."""
        return self._object("GET", "/secrets")

    def rotate_secrets(self, *, master: bool, data_key: bool) -> Json:
        """The keys after it."""
        body = {"master": master, "data_key": data_key}
        return self._object("POST", "/secrets/rotate", json=body)

    def reencrypt_secrets(self, *, limit: int, after: str | None) -> Json:
        """One batch."""
        body = {"limit": limit, "after": after}
        return self._object("POST", "/secrets/reencrypt", json=body)
