"""`make web` builds the dashboard where there is a Node for it, and says so where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What make and the script need besides Node.
TOOLS = ("sh", "make", "find", "touch", "mkdir", "awk", "cat")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A checkout with nothing but what `make web` looks at, and a PATH with nothing but what it needs."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"there is no {', '.join(missing)}")
    (tmp_path / "alma-web" / "src").mkdir(parents=True)
    (tmp_path / "alma").mkdir()
    (tmp_path / "bin").mkdir()
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "alma-web" / "node-problem", tmp_path / "alma-web")
    (tmp_path / "alma-web" / "package.json").write_text("{}")
    (tmp_path / "alma-web" / "package-lock.json").write_text("{}")
    (tmp_path / "alma-web" / "src" / "main.tsx").write_text("")
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def node(house: Path, version: str, *, npm: str = "") -> None:
    program(house, "node", f"echo {version}")
    program(
        house, "npm", npm or 'echo "npm $*"; mkdir -p ../alma/web; touch ../alma/web/index.html'
    )


def program(house: Path, name: str, text: str) -> None:
    path = house / "bin" / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def make(house: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *words],
        cwd=house,
        env=kept | {"PATH": str(house / "bin")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("version", ["v20.19.0", "v22.13.1", "v24.0.0", "v26.1.0"])
def test_a_new_enough_node_builds_it(house: Path, version: str) -> None:
    node(house, version)
    made = make(house, "web")
    assert made.returncode == 0, made.stderr
    assert "npm ci" in made.stdout
    assert "run --silent build" in made.stdout


def test_what_is_built_is_not_built_again(house: Path) -> None:
    node(house, "v24.0.0")
    make(house, "web")
    assert "npm" not in make(house, "web").stdout


@pytest.mark.parametrize("other", ["e2e/a.spec.ts", "src/a.test.ts", "reports/e2e.json"])
def test_tests_and_reports_are_no_reason_to_build_again(house: Path, other: str) -> None:
    node(house, "v24.0.0")
    make(house, "web")
    path = house / "alma-web" / other
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    later = (house / "alma" / "web" / "index.html").stat().st_mtime + 60
    os.utime(path, (later, later))
    assert "npm" not in make(house, "web").stdout


@pytest.mark.parametrize("version", ["v18.19.0", "v20.18.3", "v21.7.0", "v22.12.0", "v23.1.0"])
def test_a_node_too_old_is_named_and_fails_nothing(house: Path, version: str) -> None:
    node(house, version)
    for target in ("web", "web-check"):
        made = make(house, target)
        assert made.returncode == 0, made.stderr
        assert f"Node {version} is too old (needed: 20.19 or newer" in made.stderr
        assert "npm" not in made.stdout


def test_without_node_it_says_so_and_fails_nothing(house: Path) -> None:
    made = make(house, "web")
    assert made.returncode == 0, made.stderr
    assert "there is no Node with npm in PATH" in made.stderr
    assert "the server runs without it" in made.stderr


def test_without_node_what_was_built_before_is_kept(house: Path) -> None:
    (house / "alma" / "web").mkdir()
    (house / "alma" / "web" / "index.html").write_text("")
    assert "with the one that was built before" in make(house, "web").stderr


def test_a_node_that_does_not_start_is_as_none(house: Path) -> None:
    program(house, "node", "exit 127")
    program(house, "npm", "exit 127")
    made = make(house, "web")
    assert made.returncode == 0, made.stderr
    assert "does not start" in made.stderr


def test_a_failed_build_fails_and_says_how_to_go_on_without(house: Path) -> None:
    node(house, "v24.0.0", npm="exit 1")
    made = make(house, "web")
    assert made.returncode != 0
    assert "make run WEB= starts without it" in made.stderr


def test_a_half_built_page_is_not_taken_for_a_whole_one(house: Path) -> None:
    node(house, "v24.0.0", npm="mkdir -p ../alma/web; touch ../alma/web/index.html; [ $1 = ci ]")
    assert make(house, "web").returncode != 0
    assert not (house / "alma" / "web" / "index.html").exists()
