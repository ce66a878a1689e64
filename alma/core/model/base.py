"""What all nouns share: frozen, strict about unknown fields, and one canonical JSON for digests."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue, WithJsonSchema

Json = JsonValue

NAME_PATTERN = r"^[a-zA-Z0-9]([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?$"
_NAME = re.compile(NAME_PATTERN)


class Frozen(BaseModel):
    """Base of every noun: immutable, and an unknown field is an error rather than silently lost."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


def canonical_json(value: Any) -> str:
    """The one text for a JSON value: sorted keys, no spaces, UTF-8. Equal values give equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(value: Any) -> str:
    """SHA-256 over the canonical JSON, as `sha256:<hex>`."""
    return "sha256:" + hashlib.sha256(canonical_json(value).encode()).hexdigest()


def _check_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(
            "invalid name: letters, digits, '-', '_' and '.' only, at most 63, "
            "starting and ending with a letter or a digit"
        )
    return value


def slug(text: str) -> str:
    """A name that every engine takes: lower case letters, digits and single hyphens, at most 48 characters."""
    cleaned = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:48].strip("-")
    return cleaned or "blueprint"


Name = Annotated[
    str,
    AfterValidator(_check_name),
    WithJsonSchema({"type": "string", "pattern": NAME_PATTERN, "examples": ["web-1"]}),
]
