"""The composition that people start with one command: every file it names is there, and it is as closed as it says."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from packaging.requirements import Requirement
from ruamel.yaml import YAML

from alma.settings import Settings

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.metrics.yml"
COMPOSE: dict[str, Any] = YAML(typ="safe").load(FILE)
SERVICES: dict[str, Any] = COMPOSE["services"]

_TEXTS = {"type": "array", "items": {"type": "string"}, "uniqueItems": True, "minItems": 1}
_CONDITION = {"condition": {"enum": ["service_started", "service_healthy"]}}
# What of the Compose Specification is used here; a key that is not in it is most likely misspelt.
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["services"],
    "properties": {
        "services": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": False,
                "required": ["image"],
                "properties": {
                    "image": {"type": "string"},
                    "build": {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "context": {"type": "string"},
                            "dockerfile": {"type": "string"},
                        },
                    },
                    "restart": {"enum": ["no", "always", "on-failure", "unless-stopped"]},
                    "depends_on": {
                        "oneOf": [
                            _TEXTS,
                            {
                                "type": "object",
                                "additionalProperties": {
                                    "type": "object",
                                    "additionalProperties": False,
                                    "properties": _CONDITION,
                                },
                            },
                        ]
                    },
                    "environment": {
                        "type": "object",
                        "additionalProperties": {"type": ["string", "number"]},
                    },
                    "command": {"type": "array", "items": {"type": "string"}},
                    "ports": _TEXTS,
                    "volumes": _TEXTS,
                    "stop_grace_period": {"type": "string", "pattern": r"^\d+s$"},
                    "healthcheck": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["test"],
                        "properties": {
                            "test": {**_TEXTS, "minItems": 2},
                            "interval": {"type": "string", "pattern": r"^\d+s$"},
                            "timeout": {"type": "string", "pattern": r"^\d+s$"},
                            "retries": {"type": "integer"},
                        },
                    },
                },
            },
        },
        "volumes": {"type": "object", "additionalProperties": {"type": "null"}},
    },
}


def test_it_is_a_composition() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(COMPOSE)


def test_what_documents_promise_is_in_it_at_its_address() -> None:
    ports = {name: service.get("ports", []) for name, service in SERVICES.items()}
    assert ports == {
        "alma": ["${ALMA_PUBLISH:-127.0.0.1}:8000:8000"],
        "postgres": [],
        "redis": [],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert SERVICES["postgres"]["image"].startswith("postgres:15")
    assert SERVICES["redis"]["image"].startswith("redis:7")


def test_every_file_that_is_mounted_or_built_from_is_there() -> None:
    volumes = [v for service in SERVICES.values() for v in service.get("volumes", ())]
    files = {v.split(":")[0] for v in volumes if v.startswith("./")}
    named = {v.split(":")[0] for v in volumes if not v.startswith("./")}
    assert named == set(COMPOSE["volumes"])
    for file in (*files, SERVICES["alma"]["build"]["dockerfile"]):
        assert (ROOT / file).is_file(), file


def test_what_the_image_copies_is_there_and_is_sent_to_the_builder() -> None:
    sent = [
        line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
    ]
    text = (ROOT / "docker" / "Dockerfile").read_text()
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", text, re.MULTILINE)
        for word in line.split()[:-1]
        if not word.startswith("--")
    ]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert name.partition("/")[0] in sent, name


def test_the_image_runs_as_nobody_special() -> None:
    text = (ROOT / "docker" / "Dockerfile").read_text()
    last = text.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER 10001:10001$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last


@pytest.fixture(scope="module")
def versions() -> list[Requirement]:
    """What the image's build takes out of the lock, to hold pip to it."""
    command = re.search(r"sed -nE '[^']+'", (ROOT / "docker" / "Dockerfile").read_text())
    assert command is not None
    done = subprocess.run(
        ["sh", "-c", f"{command[0]} requirements.lock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [Requirement(line) for line in done.stdout.splitlines()]


def test_versions_for_the_image_are_taken_from_the_lock(versions: list[Requirement]) -> None:
    lock = (ROOT / "requirements.lock").read_text()
    locked = re.findall(r"^[A-Za-z0-9._-]+==[^\s;\\]+", lock, re.MULTILINE)
    assert [f"{one.name}{one.specifier}" for one in versions] == locked
    assert len(locked) > 50


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
def test_no_package_of_the_image_has_two_versions_on_one_python(
    versions: list[Requirement], python: str
) -> None:
    there = {
        "python_version": python,
        "python_full_version": f"{python}.5",
        "sys_platform": "linux",
    }
    held = [one.name for one in versions if one.marker is None or one.marker.evaluate(there)]
    assert [name for name in set(held) if held.count(name) > 1] == []


def test_every_setting_that_alma_is_given_is_one() -> None:
    given = set(SERVICES["alma"]["environment"])
    known = {f"ALMA_{name.upper()}" for name in Settings.model_fields}
    assert given <= known


def test_no_key_is_built_in() -> None:
    environment = SERVICES["alma"]["environment"]
    assert environment["ALMA_API_KEY"] == "${ALMA_API_KEY:-}"
    assert environment["ALMA_API_KEYS"] == "${ALMA_API_KEYS:-}"


def test_prometheus_asks_by_a_name_that_alma_answers_to() -> None:
    scrape = YAML(typ="safe").load(ROOT / "docker" / "prometheus" / "prometheus.yml")
    [target] = scrape["scrape_configs"][0]["static_configs"][0]["targets"]
    trusted = SERVICES["alma"]["environment"]["ALMA_TRUSTED_HOSTS"].split(",")
    assert target == "alma:8000"
    assert "alma" in trusted
    mounted = {v.split(":")[1] for v in SERVICES["prometheus"]["volumes"]}
    assert set(scrape["rule_files"]) <= mounted


def test_grafana_finds_its_data_and_the_dashboard() -> None:
    folder = ROOT / "docker" / "grafana"
    [source] = YAML(typ="safe").load(folder / "datasources.yml")["datasources"]
    [provider] = YAML(typ="safe").load(folder / "dashboards.yml")["providers"]
    assert source["url"] == "http://prometheus:9090"
    mounted = {v.split(":")[1] for v in SERVICES["grafana"]["volumes"]}
    assert f"{provider['options']['path']}/alma.json" in mounted


def test_alma_knows_on_which_address_its_port_is_published() -> None:
    alma = SERVICES["alma"]
    [port] = alma["ports"]
    assert port.removesuffix(":8000:8000") == alma["environment"]["ALMA_PUBLISHED_ON"]
    # Nothing else decides over who is let in: neither a setting nor what is run before ALMA.
    assert alma["environment"]["ALMA_AUTH_ENABLED"] == "${ALMA_AUTH_ENABLED:-}"
    assert "ENTRYPOINT" not in (ROOT / "docker" / "Dockerfile").read_text()


COMMANDS = (["docker", "compose"], ["docker-compose"])


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_compose_itself_takes_it(command: list[str]) -> None:
    # The plug-in is a package of its own, which not every Docker brings along.
    if shutil.which(command[0]) is None or _said(*command, "version").returncode:
        pytest.skip(f"{' '.join(command)} is not installed")
    done = _said(*command, "-f", str(FILE), "config", "--services")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == set(SERVICES)


def _said(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
