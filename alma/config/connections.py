"""Reads `engines.yaml`: how engines are reached, by name, for those who keep their configuration in files.

    proxmox:
      lab:
        urls: [https://pve1.example.org:8006]
        token_file: /run/secrets/proxmox-token

What belongs into a connection is the engine's to say, and checked when it is opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alma.core.model.document import read_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput

FILE = "engines.yaml"
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?")

Settings = Mapping[str, Any]


def load_connections(folder: Path) -> dict[str, dict[str, Settings]]:
    """The connections in `folder/engines.yaml`, by engine and name; none when there is no such file.

    Raises InvalidInput for one that can't be read or has another shape.
    """
    file = folder / FILE
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _invalid(file, str(error.strerror)) from error
    try:
        document = read_text(content, format="yaml") or {}
    except BlueprintInvalid as error:
        raise _invalid(file, "; ".join(map(str, error.diagnostics))) from None
    engines = _mapping(document, file, "the file")
    return {engine: _connections(engines[engine], file, engine) for engine in engines}


def _connections(given: Any, file: Path, engine: str) -> dict[str, Settings]:
    named = _mapping(given, file, engine)
    for name in named:
        if not _NAME.fullmatch(name):
            raise _invalid(
                file,
                f"{engine}.{name}: a name has lower case letters, digits, '-' and '.', at most 40",
            )
    return {name: _mapping(named[name], file, f"{engine}.{name}") for name in named}


def _mapping(given: Any, file: Path, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _invalid(file, f"{where} must be a mapping")
    return {str(key): value for key, value in given.items()}


def _invalid(file: Path, problem: str) -> InvalidInput:
    return InvalidInput(
        f"{file}: {problem}",
        hint="write it as engine: {name: {setting: value}}, or move the file away",
        details={"errors": [problem]},
    )
