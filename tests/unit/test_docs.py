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
    from alma.core.agent.ways import drawing

    assert f"```mermaid\n{drawing()}```" in _page("architecture.md")


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
    assert listed == {status.value for status in STATUS.values()} | {412}


def test_every_setting_is_in_the_guide_and_the_other_way_round() -> None:
    listed = _named(r"^\| `(ALMA_\w+?)(?:_<NAME>)?` \|", _page("user-guide.md"))
    assert listed == {f"ALMA_{name.upper()}" for name in Settings.model_fields}


def test_every_command_is_in_the_guide_and_the_other_way_round() -> None:
    from alma.cli.app import Alma

    listed = _named(r"^\| `alma (\w+)", _page("user-guide.md"))
    assert listed == {verb for group in Alma.verbs.values() for verb in group}


@pytest.mark.parametrize("group", ["templates", "deployments", "engines", "iprs", "keys", "users"])
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


# ── Proxmox VE ───────────────────────────────────────────────────────────────────────────────────

PROXMOX = "engines/proxmox.md"
CELL = re.compile(r"(?<!\\)\|")


def _rows(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    text = _page(page).partition(f"{heading}\n")[2]
    assert text, heading
    lines = text[text.index("\n|") + 1 :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in CELL.split(line)[1:-1]] for line in lines[2:]]


def _code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_the_privileges_on_the_page_are_those_that_are_asked_for() -> None:
    from alma.engines.proxmox.privileges import TABLE

    def version(since: int | None, before: int | None) -> str:
        return f"from {since}" if since else f"before {before}" if before else ""

    asked = [
        [
            str(rule.task),
            " ".join(rule.privileges),
            f"`{rule.path}`",
            f"`{rule.instead}`" if rule.instead else "",
            version(rule.since, rule.before),
        ]
        for rule in TABLE
    ]
    assert _rows(PROXMOX, "### Privileges") == asked


@pytest.mark.parametrize("version", [8, 9])
def test_the_commands_on_the_page_give_all_that_is_needed(version: int) -> None:
    from alma.engines.proxmox.client import Permissions
    from alma.engines.proxmox.privileges import Task, lacking, may_fetch

    text = _page(PROXMOX).partition("### A user and a token")[2].partition("```\n")[0]
    agent = "VM.Monitor" if version == 8 else "VM.GuestAgent.Audit"
    text = text.partition("```sh")[2].replace("VM.GuestAgent.Audit", agent)
    roles = dict(re.findall(r"role add (\S+) --privs '([^']+)'", text))
    given = re.findall(r"acl modify (\S+) --users alma@pve --roles (\S+)", text)
    permissions = Permissions({path: dict.fromkeys(roles[r].split(), True) for path, r in given})
    places = {"vmid": "100", "template": "9000", "node": "pve1", "storage": "local"}
    places |= {"zone": "localnetwork", "bridge": "vmbr0"}
    said_apart = {Task.POOL, Task.HA, Task.FETCH, Task.ORDER}
    for task in set(Task) - said_apart:
        assert lacking(permissions, task, version=version, **places) == []
    assert may_fetch(permissions, "pve1")


def test_every_setting_of_proxmox_is_on_the_page_with_its_default() -> None:
    from alma.engines.proxmox.settings import ProxmoxSettings

    def words(default: object) -> str:
        if default is None or default == ():
            return "none"
        return "no" if default is False else f"{default}"

    fields = ProxmoxSettings.model_fields.items()
    asked = {
        (f"`ALMA_PROXMOX_{name.upper()}`", words(field.default))
        for name, field in fields
        if name != "state_dir"  # where ALMA keeps what is its own
    }
    rows = _rows(PROXMOX, "### Telling ALMA")
    assert {(row[0], row[1]) for row in rows} == asked
    assert len(rows) == len(asked)


def test_every_setting_of_models_is_on_the_page_with_its_default() -> None:
    from alma.llm.settings import Endpoint, ModelSettings

    limits = ModelSettings.model_fields
    rows = {row[0].strip("`"): row[1].strip("`") for row in _rows("models.md", "## Every setting")}
    keys = {"api_key_file", "api_key_env", "api_key_<provider>"}
    assert rows.keys() == {*Endpoint.model_fields, *limits, *keys, "fallbacks"} - {"endpoints"}
    for name in limits.keys() - {"endpoints"}:
        default = limits[name].default
        shown = f"{default:g}" if isinstance(default, float | int) else str(default)
        assert rows[name] == ("none" if default is None else shown)


def test_every_setting_of_identity_providers_is_on_the_page() -> None:
    from alma.oidc.settings import ProviderSettings, RoleSettings

    roles = {f"roles.{name}" for name in RoleSettings.model_fields}
    secrets = {"client_secret_file", "client_secret_env"}
    rows = _rows("signing-in.md", "## What can be said of a provider")
    listed = {name.strip("` ") for row in rows for name in row[0].split(",")} - {"its key"}
    assert listed == {*ProviderSettings.model_fields, *roles, *secrets} - {"roles"}


def test_every_provider_of_models_is_on_the_page() -> None:
    from alma.llm import PROVIDERS

    assert {row[0].strip("`") for row in _rows("models.md", "## Setting one up")} == set(PROVIDERS)


def _flat(model: type[Frozen]) -> set[str]:
    """The fields of a model, those of nested ones after a dot."""
    found = set()
    for name, field in model.model_fields.items():
        annotations = [field.annotation, *getattr(field.annotation, "__args__", ())]
        nested = [a for a in annotations if isinstance(a, type) and issubclass(a, Frozen)]
        found |= {f"{name}.{inner}" for n in nested for inner in _flat(n)} or {name}
    return found


@pytest.mark.parametrize("what", ["guest", "network", "volume"])
def test_every_option_of_proxmox_is_on_the_page(what: str) -> None:
    from alma.engines.proxmox.options import NetworkOptions, ProxmoxOptions, VolumeOptions

    models: dict[str, type[Frozen]] = {
        "guest": ProxmoxOptions,
        "network": NetworkOptions,
        "volume": VolumeOptions,
    }
    listed = [_code(row[0])[0] for row in _rows(PROXMOX, f"### Options of a {what}")]
    assert sorted(listed) == sorted(_flat(models[what]))


def test_options_of_one_kind_of_guest_are_marked_so() -> None:
    from alma.engines.proxmox import spec

    rows = _rows(PROXMOX, "### Options of a guest")
    marked: dict[str, set[str]] = {"VM": set(), "LXC": set(), "": set()}
    for name, kind, _ in rows:
        marked[kind].add(_code(name)[0].partition(".")[0])
    assert marked["VM"] == set(spec.VM_ONLY)
    assert marked["LXC"] == set(spec.LXC_ONLY)


EFFECTS = {"in place": "in_place", "reboot": "reboot", "replace": "replace"}


def _effects() -> list[tuple[str, str, str, str]]:
    """What the page says a change costs: property, container or machine, effect, and in which direction."""
    return [
        (path, kind, said, "smaller" if "smaller" in changed else "")
        for changed, *both in _rows(PROXMOX, "## What a change costs")
        for kind, said in zip(("lxc", "vm"), both, strict=True)
        for path in _code(changed)
        if said != "–"
    ]


@pytest.mark.parametrize(("path", "kind", "said", "direction"), _effects())
def test_a_change_costs_what_the_page_says(path: str, kind: str, said: str, direction: str) -> None:
    from alma.core.model.blueprint import Resource
    from alma.core.model.plan import Effect
    from alma.core.model.state import DesiredResource
    from alma.engines.proxmox import shape

    resource = Resource(
        name="web", type=ResourceType.CONTAINER, options={"proxmox": {"kind": kind}}
    )
    desired = DesiredResource.model_validate(
        {"address": "web", "type": resource.type, "resource": resource}
    )
    sizes = ("20GiB", "10GiB") if direction else ("10GiB", "20GiB")
    found = shape.effect_between(desired, path, *sizes)
    assert found is Effect(said.replace(" ", "-"))


def test_every_property_that_can_change_is_on_the_page() -> None:
    from alma.engines.proxmox import observe, shape

    own = {shape.LEFTOVERS, shape.PENDING, shape.UNFINISHED}
    known = {*observe._READERS, *(path for kind in shape._EFFECTS.values() for path in kind)}
    assert sorted(known - own - {path for path, *_ in _effects()}) == []


def test_all_that_is_not_exactly_as_asked_is_on_the_page() -> None:
    from alma.engines.proxmox import shape

    source = Path(shape.__file__).read_text(encoding="utf-8")
    found = re.findall(r"yield (approximated|unsupported)\(\s*f?\"([^\"]+)\"", source)
    said = {(re.sub(r"\{[^}]+\}", "*", path), level) for level, path in found}
    rows = _rows(PROXMOX, "## What is not exactly as asked")
    assert {(_code(row[0])[0], row[1]) for row in rows} == said


def test_troubleshooting_quotes_what_people_see() -> None:
    engines = ROOT / "alma" / "engines"
    files = [engines / "base.py", *(engines / "proxmox").rglob("*.py")]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    text = re.sub(r"\"\s*\n\s*f?\"", "", sources)  # texts that go on in the next line
    text = re.sub(r"\{[^}]*\}", "…", text)
    for row in _rows(PROXMOX, "## Troubleshooting"):
        for part in re.split(r"\s*…\s*", row[0]):
            assert part in text, row[0]


def test_each_behaviour_is_on_the_page_with_a_test_that_there_is() -> None:
    rows = _rows(PROXMOX, "## The behaviours, and the tests that show them")
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("*.py"))
    there = _named(r"def (test_b\d\d_\w+)", sources)
    assert [row[0] for row in rows] == [f"b{number:02}" for number in range(1, 45)]
    for number, _, test in rows:
        assert _code(test)[0].startswith(f"test_{number}_")
        assert _code(test)[0] in there
