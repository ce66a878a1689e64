"""What a shipped file says, kept in the data directory in a form that is read a hundred times faster than YAML.

Every start reads a hundred kilobytes that only change with an upgrade: a third of a second, which a command that runs
for one second feels. What is kept is known by the digest of the very text it was made of, so it can't be out of date.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from alma import __version__
from alma.core.model.document import read_text


def parsed(name: str, content: bytes, folder: Path | None) -> Any:
    """The values in a YAML text: those kept in `folder` under that name if they were made of the same text by the same
    version, else newly read, and kept. A folder that can't be used only costs the time. Raises BlueprintInvalid."""
    if folder is None:
        return read_text(content, format="yaml")
    file, digest = folder / f"{name}.json", sha256(__version__.encode() + content).hexdigest()
    found = _kept(file)
    if isinstance(found, dict) and found.get("digest") == digest:
        return found.get("document")
    document = read_text(content, format="yaml")
    with suppress(OSError):
        _keep(file, {"digest": digest, "document": document})
    return document


def _kept(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _keep(file: Path, content: dict[str, Any]) -> None:
    """Nobody ever reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(file)
