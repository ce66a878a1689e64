"""The controls of public frameworks, as they are shipped."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from alma.config.parsed import parsed
from alma.core.policy.controls import Frameworks, frameworks_of


@cache
def load_controls(*, kept: Path | None = None) -> Frameworks:
    """Every framework of `controls.yaml`. `kept` is a folder for what makes the next process read it sooner."""
    content = files("alma.config").joinpath("controls.yaml").read_bytes()
    return frameworks_of(parsed("controls", content, kept))
