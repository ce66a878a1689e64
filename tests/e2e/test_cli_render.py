"""`alma render` as people and scripts use it: files on standard output or in a folder, notes on standard error."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.test_cli_simulation import alma

PLAIN = """
version: "1.0"
name: plain
resources:
  - name: app
    type: container
    image: example.org/app:1
  - name: db
    type: database
    engine: postgresql
    backup: true
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plain.yaml"
    path.write_text(PLAIN)
    return path


def run(home: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    return alma(home, "render", *words, stdin=stdin)


def test_one_file_goes_to_standard_output_and_notes_beside_it(home: Path, file: Path) -> None:
    done = run(home, str(file), "--engine", "kubernetes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("# Rendered by ALMA from the blueprint 'plain' (sha256:")
    assert "kind: StatefulSet" in done.stdout
    assert "unsupported: db.backup" in done.stderr
    assert "to do: Secret/db--secret" in done.stderr


def test_several_files_need_a_folder_and_are_not_written_over(home: Path, file: Path) -> None:
    refused = run(home, str(file), "-e", "docker")
    assert refused.returncode == 2
    assert "--output" in refused.stderr
    assert refused.stdout == ""
    folder = file.parent / "out"
    made = run(home, str(file), "-e", "docker", "-o", str(folder))
    assert made.returncode == 0, made.stderr
    assert str(folder / "compose.yaml") in made.stdout.splitlines()
    (folder / "compose.yaml").write_text("mine")
    again = run(home, str(file), "-e", "docker", "-o", str(folder))
    assert again.returncode == 2
    assert (folder / "compose.yaml").read_text() == "mine"
    forced = run(home, str(file), "-e", "docker", "-o", str(folder), "--force")
    assert forced.returncode == 0
    assert (folder / "compose.yaml").read_text() != "mine"


def test_a_script_gets_files_and_notes_as_one_document(home: Path) -> None:
    done = run(home, "-", "-e", "aws", "--json", stdin=PLAIN)
    found = json.loads(done.stdout)
    assert [item["path"] for item in found["files"]] == ["main.tf.json"]
    assert json.loads(found["files"][0]["content"])["resource"]["aws_db_instance"]
    assert found["notes"]


def test_what_can_t_be_rendered_is_an_invalid_input(home: Path, file: Path) -> None:
    unknown = run(home, str(file), "-e", "kubernets")
    assert unknown.returncode == 2
    assert "did you mean 'kubernetes'?" in unknown.stderr
    faulty = run(home, "-", "-e", "docker", stdin=PLAIN.replace("postgresql", "oracle"))
    assert faulty.returncode == 2
    assert "unknown software 'oracle'" in faulty.stderr
