"""The documentation says what is so: its examples are valid, its files exist, its tables leave nothing out."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Network, Resource, ResourceType, Specs
from alma.core.model.checks import diagnose
from alma.core.model.document import parse_text
from alma.engines.simulation.settings import FaultKind, read_faults
from alma.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
EXAMPLE = DOCS / "examples" / "alma-engine-files"
PAGES = sorted([*DOCS.rglob("*.md"), ROOT / "README.md"])


def _blocks(kind: str) -> list[tuple[str, str]]:
    """Each fenced block that is marked so, under the name of its page and line."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in re.finditer(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
            line = text[: match.start()].count("\n") + 1
            found.append((f"{page.relative_to(ROOT)}:{line}", match[1]))
    return found


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _named(pattern: str, text: str) -> set[str]:
    return set(re.findall(pattern, text, re.MULTILINE))


# ── examples ─────────────────────────────────────────────────────────────────────────────────────


def test_there_are_blueprints_in_the_documentation() -> None:
    assert _blocks("yaml blueprint")


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in _blocks("yaml blueprint")]
)
def test_a_blueprint_in_the_documentation_is_valid_without_a_warning(text: str) -> None:
    assert diagnose(parse_text(text)) == ()


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in _blocks("yaml faults")]
)
def test_faults_in_the_documentation_can_be_rehearsed(text: str, tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    assert len(read_faults(file)) == len(text.splitlines())


@pytest.mark.slow
def test_the_example_of_an_engine_keeps_the_contract() -> None:
    """As its page says: an engine from elsewhere, under the contract suite."""
    environment = {
        **os.environ,
        "ALMA_TEST_HARNESSES": "files=files_harness:FilesHarness",
        "PYTHONPATH": str(EXAMPLE),
    }
    command = [sys.executable, "-m", "pytest", "tests/contract", "-k", "[files", "-q", "-n0"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " skipped" not in done.stdout


# ── what is named is there ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_that_a_page_names_exist(page: Path) -> None:
    named = _named(r"`((?:alma|docs|tests|benchmarks)/[\w./-]*)`", page.read_text(encoding="utf-8"))
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in _named(r"\]\((?!https?:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        other = page.parent / path if path else page
        assert other.exists(), target
        if anchor:
            assert anchor in _anchors(other), target


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_decision_is_in_the_list_and_dated() -> None:
    files = sorted((DOCS / "decisions").glob("0*.md"))
    listed = _named(r"\((\d{4}-[\w-]+\.md)\)", _page("decisions/README.md"))
    assert {file.name for file in files} == listed
    for number, file in enumerate(files, start=1):
        title, _, date, *_ = file.read_text(encoding="utf-8").splitlines()
        assert title.startswith(f"# {number:04} ")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", date)


# ── the architecture is the code's ───────────────────────────────────────────────────────────────


def test_the_drawn_state_machine_is_the_one_that_runs() -> None:
    from alma.core.agent.graph import drawing

    edge = r"^\s*(\w+) (-->|-\.->) (\w+);"
    drawn = set(re.findall(edge, drawing(), re.MULTILINE))
    assert drawn
    assert set(re.findall(edge, _page("architecture.md"), re.MULTILINE)) == drawn


def test_every_import_contract_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {item["name"] for item in project["tool"]["importlinter"]["contracts"]}
    page = _page("architecture.md")
    assert sorted(name for name in names if f"| {name} |" not in page) == []


# ── the tables are complete ──────────────────────────────────────────────────────────────────────


def test_every_route_is_in_the_reference_and_the_other_way_round() -> None:
    from alma.api.app import create_app

    described = create_app(settings=Settings()).openapi()["paths"]
    routes = {f"{verb.upper()} {path}" for path, verbs in described.items() for verb in verbs}
    listed = _named(r"^\| `([A-Z]+ /[^`]*)` \|", _page("api-reference.md"))
    assert listed == routes


def test_every_status_of_a_failure_is_in_the_reference() -> None:
    from alma.api.errors import STATUS

    listed = {int(number) for number in _named(r"^\| (\d{3}) \|", _page("api-reference.md"))}
    unused = {401, 429}  # nobody is asked who they are yet, and nobody is slowed down
    assert listed == {status.value for status in STATUS.values()} - unused | {412}


def test_every_setting_is_in_the_guide_and_the_other_way_round() -> None:
    listed = _named(r"^\| `(ALMA_\w+?)(?:_<NAME>)?` \|", _page("user-guide.md"))
    assert listed == {f"ALMA_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_in_the_guide_and_the_other_way_round() -> None:
    from alma.cli.app import Alma

    listed = _named(r"^\| `alma (\w+)", _page("user-guide.md"))
    assert listed == {verb for group in Alma.verbs.values() for verb in group}


@pytest.mark.parametrize("group", ["templates", "deployments", "engines", "iprs"])
def test_every_command_of_a_group_is_in_the_guide(group: str) -> None:
    module = importlib.import_module(f"alma.cli.{group}")
    names = {
        command.name or command.callback.__name__ for command in module.app.registered_commands
    }
    row = re.search(rf"^\| `alma {group} (.+?)` \|", _page("user-guide.md"), re.MULTILINE)
    assert row is not None
    assert set(row[1].replace("\\", "").split(" | ")) == {name.rstrip("_") for name in names}


def test_every_exit_code_is_in_the_guide() -> None:
    from alma.cli.errors import ExitCode

    table = _page("user-guide.md").partition("| exit code |")[2].partition("\n\n")[0]
    listed = {int(number) for number in _named(r"^\| (\d+) \|", table)}
    assert listed == {code.value for code in ExitCode}


def test_every_field_of_a_resource_is_in_the_guide() -> None:
    fields = set(Resource.model_fields) | set(Blueprint.model_fields)
    nested: dict[str, type[Frozen]] = {"specs": Specs, "network": Network}
    fields |= {f"{name}.{field}" for name, model in nested.items() for field in model.model_fields}
    words = set(re.findall(r"`([\w.]+)`", _page("user-guide.md")))
    storage = {"specs.storage"}  # told as another name of disk
    assert sorted(fields - words - set(nested) - storage) == []


def test_every_type_and_every_fault_is_in_the_guide() -> None:
    words = set(re.findall(r"`([\w.]+)`", _page("user-guide.md")))
    assert sorted({*ResourceType, *FaultKind} - words) == []
