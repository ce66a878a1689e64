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

from pathlib import Path
from typing import Any

from alma.config.sections import SectionFile

FILE = "models.yaml"


def load_models(folder: Path) -> dict[str, dict[str, Any]]:
    """The sections of `folder/models.yaml` by project; none when there is no such file.

    Raises InvalidInput for one that can't be read or has another shape.
    """
    file = SectionFile(folder / FILE, "projects: {name: {setting: value}}")
    top = file.read()
    other = sorted(top.keys() - {"projects"})
    if other:
        raise file.invalid(f"{', '.join(other)} is not known at the top")
    projects = file.mapping(top.get("projects") or {}, "projects")
    return {name: file.mapping(section, name) for name, section in projects.items()}
