"""Reads `models.yaml`: the language models of single projects, where they differ from the installation's.

    projects:
      shop:
        provider: anthropic
        model: claude-sonnet-5-5
        api_key_env: SHOP_ANTHROPIC_KEY
        budget: 20

What belongs into a section is the adapters' to say, and checked when they are built.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from alma.core.model.document import read_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput

FILE = "models.yaml"


def load_models(folder: Path) -> dict[str, dict[str, Any]]:
    """The sections of `folder/models.yaml` by project; none when there is no such file.

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
    top = _mapping(document, file, "the file")
    other = sorted(top.keys() - {"projects"})
    if other:
        raise _invalid(file, f"{', '.join(other)} is not known at the top")
    projects = _mapping(top.get("projects") or {}, file, "projects")
    return {name: _mapping(section, file, name) for name, section in projects.items()}


def _mapping(given: Any, file: Path, where: str) -> dict[str, Any]:
    if not isinstance(given, Mapping):
        raise _invalid(file, f"{where} must be a mapping")
    return {str(key): value for key, value in given.items()}


def _invalid(file: Path, problem: str) -> InvalidInput:
    return InvalidInput(
        f"{file}: {problem}",
        hint="write it as projects: {name: {setting: value}}, or move the file away",
        details={"errors": [problem]},
    )
