"""Puts files into a folder that somebody named: all of them or, when one is in the way, none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from alma.cli.errors import CliError
from alma.cli.shapes import Json


def check_free(folder: Path, files: Sequence[Json], *, force: bool) -> None:
    """Raises CliError, before anything is written, for a path that leaves the folder or, unless forced, one where
    there is something already."""
    root = folder.resolve()
    for item in files:
        if not (root / item["path"]).resolve().is_relative_to(root):
            raise CliError(f"{item['path']} is outside of {folder}", code="invalid_input")
    there = [str(folder / item["path"]) for item in files if os.path.lexists(folder / item["path"])]
    if there and not force:
        raise CliError(
            f"{len(there)} files are there already"
            if len(there) > 1
            else f"{there[0]} is there already",
            items=there if len(there) > 1 else (),
            hint="choose another folder, or write over them with --force",
            code="invalid_input",
        )


def write_files(folder: Path, files: Sequence[Json]) -> None:
    """Writes each with its permissions, and the folders that they take. Raises CliError when one can't be written."""
    for item in files:
        path = folder / item["path"]
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(item["content"], encoding="utf-8")
            path.chmod(int(item["mode"], 8))
        except OSError as error:
            raise CliError(
                f"{path} can't be written: {error.strerror}",
                hint="choose a folder that you may write to",
                code="invalid_input",
            ) from error
