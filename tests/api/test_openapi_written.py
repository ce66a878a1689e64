"""The dashboard's client is made of what the API is."""

from __future__ import annotations

from pathlib import Path

from alma.api.openapi import document

WRITTEN = Path(__file__).parents[2] / "alma-web" / "openapi.json"


def test_the_written_document_is_the_document() -> None:
    """After a change: `make web-api`."""
    assert WRITTEN.read_text(encoding="utf-8") == document()
