"""Price lists are taken into the books of the data directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alma.cli.app import app
from alma.cli.errors import CliError
from alma.config import load_clouds
from alma.core.model.errors import InvalidInput

LIST = """\
cloud,region,instance_type,vcpu,memory_gib,arch,gpu,ondemand_usd_hour,price_date
aws,us-east-1,m9.large,2,8,x86_64,0,0.11,2026-10-01
aws,us-east-1,free,2,8,x86_64,0,0,2026-10-01
"""


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), prog_name="alma")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALMA_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_list_is_taken_in_and_what_is_left_out_is_said(home: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    told = run("prices", "import", str(tmp_path / "list.csv"), "--json")
    assert json.loads(told.stdout) == {
        "taken": 1,
        "files": [str(home / "config" / "prices" / "aws.yaml")],
        "left_out": {"no price, or zero": 1},
    }
    book = load_clouds(home / "config")["aws"]
    assert book.types["m9.large"].vcpu == 2
    assert "imported from list.csv (csv)" in (home / "config/prices/aws.yaml").read_text()


def test_an_unknown_format_is_told_with_those_there_are(home: Path, tmp_path: Path) -> None:
    told = run("prices", "import", "x.csv", "--format", "xls")
    assert isinstance(told.exception, CliError)
    assert told.exception.hint == "known are csv, skypilot, libcloud, focus"


def test_a_file_of_another_form_changes_nothing(home: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    told = run("prices", "import", str(tmp_path / "list.csv"))
    assert isinstance(told.exception, InvalidInput)
    assert not (home / "config" / "prices").exists()
