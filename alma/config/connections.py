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

from alma.config.sections import SectionFile

FILE = "engines.yaml"
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?")

Settings = Mapping[str, Any]


def load_connections(folder: Path) -> dict[str, dict[str, Settings]]:
    """The connections in `folder/engines.yaml`, by engine and name; none when there is no such file.

    Raises InvalidInput for one that can't be read or has another shape.
    """
    file = SectionFile(folder / FILE, "engine: {name: {setting: value}}")
    engines = file.read()
    return {engine: _connections(engines[engine], file, engine) for engine in engines}


def _connections(given: Any, file: SectionFile, engine: str) -> dict[str, Settings]:
    named = file.mapping(given, engine)
    for name in named:
        if not _NAME.fullmatch(name):
            raise file.invalid(
                f"{engine}.{name}: a name has lower case letters, digits, '-' and '.', at most 40"
            )
    return {name: file.mapping(named[name], f"{engine}.{name}") for name in named}
