"""Tools on the command line, as people and scripts use them: without a server, each command by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from alma.core.tools import TOOLS
from tests.e2e.test_cli_simulation import alma, done

SHOP = """
name: shop
resources:
  - {name: web, type: service, engine: nginx, network: {ports: [80]}}
"""
BROKEN = SHOP.replace("ports: [80]", "ports: [none]")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


def test_every_tool_is_listed_and_shown(home: Path) -> None:
    listed = json.loads(done(alma(home, "tools", "list", "--json")))
    assert [tool["name"] for tool in listed["tools"]] == list(TOOLS)
    assert "alma tools run validate_blueprint" in done(
        alma(home, "tools", "show", "validate-blueprint")
    )


def test_a_tool_is_run_on_a_file_on_standard_input_and_with_parameters_of_a_document(
    home: Path, tmp_path: Path
) -> None:
    file, given = tmp_path / "shop.yaml", tmp_path / "given.json"
    file.write_text(SHOP)
    run = ("tools", "run", "validate_blueprint")
    assert "The blueprint is valid" in done(alma(home, *run, "--blueprint", str(file)))
    answer = json.loads(done(alma(home, *run, "--json", "-b", "-", stdin=BROKEN)))
    assert (answer["success"], answer["result"]["valid"]) == (True, False)
    given.write_text(json.dumps({"strict": True}))
    strict = alma(home, *run, "--json", "--file", str(given), "-p", f"blueprint=@{file}")
    assert json.loads(done(strict))["result"]["valid"] is True


def test_words_are_enough_and_unclear_ones_are_answered_with_what_may_be_meant(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SHOP)
    asked = ("tools", "ask", "validate", "my", "blueprint", "--blueprint", str(file))
    assert "The blueprint is valid" in done(alma(home, *asked))
    unclear = done(alma(home, "tools", "ask", "hm", "the", "whatsit"), 2)
    assert "validate_blueprint" in unclear


def test_what_is_wrong_is_told_with_the_parameter_and_exit_code_2(home: Path) -> None:
    wrong = alma(home, "tools", "run", "validate_blueprint", "-p", "strict=very")
    done(wrong, 2)
    assert "strict: " in wrong.stderr
    unknown = alma(home, "tools", "run", "validate_bluprint")
    done(unknown, 2)
    assert "validate_blueprint" in unknown.stderr
