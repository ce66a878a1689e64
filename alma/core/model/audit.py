"""Who did what to what, from where, and what came of it: entries that are bound to each other.

Each entry carries a keyed hash over itself and over the hash of the one before. Whoever can write to the database and
has not the key can neither change an entry nor take one out without the chain showing it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import Field

from alma.core.model.base import Frozen, Json, canonical_json
from alma.core.model.principal import Principal

GENESIS = ""
"""What the first entry of all is bound to."""

END_CHANGED = "audit.end_changed"
"""The action of an entry that ALMA adds when it finds the record of the chain's end changed."""

LONGEST = 300
"""Characters of a text in an entry: names and addresses come from callers."""
LARGEST_FACTS = 4000
"""Characters of the facts before or after, as JSON."""


class Outcome(StrEnum):
    """What came of it."""

    ALLOWED = "allowed"
    DENIED = "denied"
    FAILED = "failed"


class AuditEntry(Frozen):
    """One thing that was done, or was refused. It never holds a secret."""

    seq: int = Field(ge=1)
    at: datetime
    principal: str
    kind: str = Field(
        description="How the principal was known: local, user, key, system, anonymous."
    )
    project: str | None
    action: str = Field(description="`<noun>.<verb>`")
    target: str | None
    outcome: Outcome
    address: str | None
    request_id: str | None
    client: str | None
    before: dict[str, Json] | None
    after: dict[str, Json] | None
    key: str = Field(description="The key that `hash` was made with.")
    previous: str = Field(description="The hash of the entry before.")
    hash: str


class AuditFilter(Frozen):
    """Which entries somebody wants to see. What is None fits everything."""

    project: str | None = None
    principal: str | None = None
    action: str | None = Field(default=None, description="`ipr.approve`, or all of `ipr.`")
    target: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


class AuditDraft(Frozen):
    """An entry before it has its place in the chain."""

    at: datetime
    principal: str
    kind: str
    project: str | None
    action: str
    target: str | None = None
    outcome: Outcome = Outcome.ALLOWED
    address: str | None = None
    request_id: str | None = None
    client: str | None = None
    before: dict[str, Json] | None = None
    after: dict[str, Json] | None = None

    def bound(self, seq: int, previous: str, *, key_id: str, key: bytes) -> AuditEntry:
        """The entry at that place of the chain."""
        fields = {name: getattr(self, name) for name in AuditDraft.model_fields}
        entry = AuditEntry.model_construct(
            seq=seq, previous=previous, key=key_id, hash="", **fields
        )
        return entry.model_copy(update={"hash": hash_of(entry, key)})


class AuditHead(Frozen):
    """The end of the chain, and where it begins since retention has taken away what was before."""

    seq: int = Field(ge=0, description="The newest entry; 0: there is none yet.")
    hash: str
    kept_from: int = Field(ge=1, description="The oldest entry that is still there.")
    kept_hash: str = Field(description="The hash of the entry before that one.")
    key: str | None = Field(description="The key that `mac` was made with.")
    mac: str = Field(description="Keyed hash over the rest.")

    def sealed(self, *, key_id: str, key: bytes) -> AuditHead:
        """The same head, with its keyed hash."""
        bare = self.model_copy(update={"key": key_id, "mac": ""})
        return bare.model_copy(update={"mac": mac_of(bare, key)})

    def holds(self, key: bytes) -> bool:
        """Whether it is as ALMA left it."""
        return hmac.compare_digest(mac_of(self, key), self.mac)


def draft(
    principal: Principal,
    *,
    at: datetime,
    action: str,
    target: str | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    outcome: Outcome = Outcome.ALLOWED,
    installation: bool = False,
) -> AuditDraft:
    """What a principal did: in its project, or to the `installation`. Texts that callers choose are cut to `LONGEST`
    and freed of control characters."""
    source = principal.source
    return AuditDraft.model_construct(
        at=at.astimezone(UTC),
        principal=plain_text(principal.id),
        kind=principal.kind.value,
        project=None if installation else plain_text(principal.project),
        action=action,
        target=_optional(target),
        outcome=outcome,
        address=_optional(source.address),
        request_id=_optional(source.request_id),
        client=_optional(source.client),
        before=_facts(before),
        after=_facts(after),
    )


def hash_of(entry: AuditEntry, key: bytes) -> str:
    """HMAC-SHA256 over the canonical JSON of everything but the hash itself."""
    values = {name: getattr(entry, name) for name in _HASHED}
    values["at"] = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _mac(values, key)


def mac_of(head: AuditHead, key: bytes) -> str:
    """HMAC-SHA256 over the canonical JSON of everything but the hash itself."""
    values = {name: getattr(head, name) for name in AuditHead.model_fields if name != "mac"}
    return _mac({"head": values}, key)


def plain_text(text: str) -> str:
    """A text as an entry can hold it: no control characters, no halves of characters, not too long."""
    shortened = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
    if shortened.isprintable():
        return shortened
    return "".join(char if char.isprintable() else "�" for char in shortened)


_HASHED = tuple(name for name in AuditEntry.model_fields if name not in {"hash", "at"})


def _mac(values: Mapping[str, Any], key: bytes) -> str:
    return hmac.new(key, canonical_json(values).encode(), hashlib.sha256).hexdigest()


def _optional(text: str | None) -> str | None:
    return None if text is None else plain_text(text)


def _facts(facts: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The facts as they are, their texts made plain; of too many, only that there were."""
    if facts is None:
        return None
    kept = {plain_text(str(name)): _fact(value) for name, value in facts.items()}
    if (size := len(canonical_json(kept))) > LARGEST_FACTS:
        return {"left_out": size}
    return kept


def _fact(value: Any) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, Mapping):
        return {plain_text(str(name)): _fact(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
        return [_fact(item) for item in items]
    return (
        value if value is None or isinstance(value, bool | int | float) else plain_text(str(value))
    )
