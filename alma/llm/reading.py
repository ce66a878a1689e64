"""The text of an answer, as it comes in, read as the JSON object it is going to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic_core import from_json

from alma.core.model.base import Json

# Far more than a bounded answer is: a server that does not stop is not read for ever.
LONGEST = 1_000_000


class Answer:
    """Grows with each piece of text. Models put words and fences around their JSON: these are passed over."""

    def __init__(self) -> None:
        self._text = ""
        self._last: Mapping[str, Json] | None = None

    @property
    def length(self) -> int:
        """Characters so far."""
        return len(self._text)

    def add(self, text: str) -> Mapping[str, Json] | None:
        """The object as far as it is known now; None when that is what it was before."""
        self._text += text
        start = self._text.find("{")
        if start < 0:
            return None
        found = _read(self._text[start:], partial=True)
        if found is None or found == self._last:
            return None
        self._last = found
        return found

    def whole(self) -> Mapping[str, Json] | None:
        """The object, now that nothing follows; None when the text is none."""
        start, end = self._text.find("{"), self._text.rfind("}")
        return _read(self._text[start : end + 1], partial=False) if 0 <= start < end else None


def _read(text: str, *, partial: bool) -> Mapping[str, Json] | None:
    try:
        found: Any = from_json(
            text, allow_inf_nan=False, allow_partial="trailing-strings" if partial else False
        )
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
