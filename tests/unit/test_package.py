"""What everybody meets first: the version, a cheap import, and the data files that must be shipped."""

import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

import alma

ROOT = Path(__file__).parents[2]


def test_the_version_is_stated_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert alma.__version__ == project["version"]


def test_an_unknown_attribute_is_named() -> None:
    with pytest.raises(AttributeError, match="'alma' has no attribute 'nonsense'"):
        _ = alma.nonsense  # type: ignore[attr-defined]


def test_importing_alma_imports_no_dependency() -> None:
    code = "import sys; before = set(sys.modules); import alma; print(*set(sys.modules) - before)"
    answer = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split() == ["alma"]


def test_the_command_is_installed() -> None:
    (command,) = entry_points(group="console_scripts", name="alma")
    assert command.value == "alma.cli.app:main"


def test_the_lock_names_no_index_and_no_path() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "--hash=sha256:" in lock
    for foreign in ("://", "--index-url", "--extra-index-url", "--find-links", "-e ", "@ "):
        assert foreign not in lock


@pytest.mark.parametrize("layer", ["core", "engines", "db", "workflow", "config"])
def test_only_the_edges_know_how_they_are_called(layer: str) -> None:
    """What the core says is read in terminals and in programs: calls and commands are for the edges to name."""
    for file in (ROOT / "alma" / layer).rglob("*.py"):
        code = "".join(line for line in file.read_text().splitlines(True) if "#" not in line)
        assert "/api/v1" not in code, file
        assert "`alma " not in code, file
