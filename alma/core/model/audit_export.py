"""An audit log as lines of JSON: a first line that says where the chain begins, its entries, and a last one with its
end and the keys, each sealed under the secret key. Whoever has that can check the file without ALMA's database."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from alma.core.model.audit import AuditEntry, AuditHead
from alma.core.model.audit_check import AuditReport, KnownHead, check
from alma.core.model.base import canonical_json
from alma.core.model.errors import InvalidInput

FORMAT = "alma-audit/1"

OpenKey = Callable[[str, str], bytes | None]
"""The key of an id and its sealed text; None when it can't be opened."""


def header(head: AuditHead) -> str:
    """The first line."""
    first = {"format": FORMAT, "kept_from": head.kept_from, "kept_hash": head.kept_hash}
    return canonical_json(first) + "\n"


def line(entry: AuditEntry) -> str:
    """One entry's line."""
    return canonical_json(entry.model_dump(mode="json")) + "\n"


def footer(head: AuditHead, keys: Mapping[str, str | None]) -> str:
    """The last line. A file without it was cut off."""
    return canonical_json({"head": head.model_dump(mode="json"), "keys": dict(keys)}) + "\n"


def check_lines(
    lines: Iterable[str], open_key: OpenKey, known: Sequence[KnownHead] = ()
) -> AuditReport:
    """Checks an export. Raises InvalidInput for what is none, or is not whole."""
    rows = [_row(text) for text in lines if text.strip()]
    if not rows or rows[0].get("format") != FORMAT:
        raise InvalidInput("this is no export of an audit log", hint="make one first")
    if len(rows) < 2 or "head" not in rows[-1]:
        raise InvalidInput("the export is not whole: its last line is missing", hint="export again")
    try:
        head = AuditHead.model_validate(rows[-1]["head"])
    except ValidationError:
        raise InvalidInput("the export's last line can't be read", hint="export again") from None
    sealed: Mapping[str, Any] = rows[-1].get("keys", {})
    keys = {name: open_key(name, text) for name, text in sealed.items() if text}
    return check(_entries(rows[1:-1]), head, keys=keys.get, known=known)


def _row(text: str) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except ValueError:
        row = None
    if not isinstance(row, dict):
        raise InvalidInput("a line of the export is no JSON object", hint="export again")
    return row


def _entries(rows: Iterable[Mapping[str, Any]]) -> Iterator[AuditEntry | int]:
    for row in rows:
        try:
            yield AuditEntry.model_validate(row)
        except ValidationError:
            seq = row.get("seq")
            yield seq if isinstance(seq, int) else 0
