"""Reads the blueprint a command was given: a file, or standard input. Whether it is one is for the server to say."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alma.cli.errors import CliError

YAML, JSON = "application/yaml", "application/json"
# Enough for any blueprint; a mistaken name of a disk image is not sent anywhere.
_MAX_BYTES = 50_000_000


@dataclass(frozen=True)
class Document:
    """A blueprint's text and where it came from."""

    content: bytes
    media_type: str
    source: str

    @classmethod
    def of(cls, blueprint: Any, *, source: str) -> Document:
        """A blueprint that the server gave."""
        text = json.dumps(blueprint, ensure_ascii=False)
        return cls(content=text.encode(), media_type=JSON, source=source)

    def values(self) -> Any:
        """The plain values it holds. Raises InvalidInput saying where it can't be read."""
        from alma.core.model.document import read_text

        return read_text(self.content, format="json" if self.media_type == JSON else "yaml")

    @property
    def name(self) -> str | None:
        """The blueprint's name, if the text can be read; what is wrong with it is for the server to say."""
        from alma.core.model.errors import InvalidInput

        try:
            value = self.values()
        except InvalidInput:
            return None
        name = value.get("name") if isinstance(value, dict) else None
        return name if isinstance(name, str) else None


def read_document(file: str) -> Document:
    """The document in a file, or on standard input for `-`. Raises CliError when it can't be read."""
    content = sys.stdin.buffer.read(_MAX_BYTES + 1) if file == "-" else _read(Path(file))
    source = "standard input" if file == "-" else file
    if not content.strip():
        raise CliError(f"{source} is empty", hint=_HINT, code="invalid_input")
    if len(content) > _MAX_BYTES:
        raise CliError(
            f"{source} has more than {_MAX_BYTES // 1_000_000} MB",
            hint="is it a blueprint?",
            code="document_too_large",
        )
    return Document(content=content, media_type=_media_type(file, content), source=source)


def _read(path: Path) -> bytes:
    try:
        with path.expanduser().open("rb") as stream:
            return stream.read(_MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise CliError(f"there is no file {path}", hint=_HINT, code="not_found") from error
    except OSError as error:
        raise CliError(
            f"{path} can't be read: {error.strerror}", hint=_HINT, code="invalid_input"
        ) from error


def _media_type(file: str, content: bytes) -> str:
    suffix = Path(file).suffix.lower()
    if suffix in {".yaml", ".yml"}:
        return YAML
    if suffix == ".json":
        return JSON
    return JSON if content.lstrip()[:1] in {b"{", b"["} else YAML


_HINT = "make one with: alma templates customize simple-web-app > app.yaml"
