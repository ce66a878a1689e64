"""The command that the greeting offers works where it is read."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from alma.cli.serve import _command


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An `alma` of this interpreter's that the shell would not find."""
    own = tmp_path / "venv" / "bin" / "alma"
    own.parent.mkdir(parents=True)
    own.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(own.with_name("python")))
    monkeypatch.setenv("PATH", str(tmp_path))
    return own


def test_near_its_environment_the_path_is_a_short_one(
    own: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _command() == "venv/bin/alma"


def test_a_service_in_the_root_says_the_whole_path(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert _command() == str(own)


def test_what_the_shell_finds_needs_no_path(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(own.parent))
    assert _command() == "alma"
