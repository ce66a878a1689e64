"""A compose file means what the Docker engine would make, and reading it back gives the same."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from alma.config import load_catalogue
from tests.unit.core.migration.reading import converting
from tests.unit.renderers.rendering import (
    TEMPLATES,
    compose,
    everything,
    notes,
    rendered,
    template,
)

TEXTS = {"type": "array", "items": {"type": "string"}}
PAIRS = {"type": "object", "additionalProperties": {"type": "string"}}
CONDITION = {"enum": ["service_started", "service_healthy"]}


def closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties}


def each(schema: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": schema}


TEXT = {"type": "string"}
MOUNT = closed(
    type={"enum": ["volume", "bind"]}, source=TEXT, target=TEXT, read_only={"type": "boolean"}
)
HEALTH = closed(
    test=TEXTS, interval=TEXT, timeout=TEXT, start_period=TEXT, retries={"type": "integer"}
)
SUBNETS = closed(config={"type": "array", "items": closed(subnet=TEXT)})
SIZE = {"type": "string", "pattern": "^[0-9]+[bmg]$"}
# What of the Compose specification is written; a key that is not in it is most likely misspelt.
SERVICE = closed(
    image=TEXT,
    hostname={"type": "string", "maxLength": 63},
    command=TEXTS,
    environment=PAIRS,
    cpus={"type": "number", "exclusiveMinimum": 0},
    mem_limit=SIZE,
    memswap_limit=SIZE,
    ports=TEXTS,
    expose=TEXTS,
    networks={"oneOf": [TEXTS, each(closed(ipv4_address=TEXT, ipv6_address=TEXT))]},
    volumes={"type": "array", "items": MOUNT | {"required": ["type", "source", "target"]}},
    configs={"type": "array", "items": closed(source=TEXT, target=TEXT, mode={"type": "integer"})},
    secrets={"type": "array", "items": closed(source=TEXT, target=TEXT)},
    depends_on=each(closed(condition=CONDITION)),
    healthcheck=HEALTH,
    labels=PAIRS,
    init={"const": True},
    security_opt=TEXTS,
    restart={"const": "unless-stopped"},
)
SCHEMA = {
    "required": ["name", "services"],
    **closed(
        name={"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
        services=each(SERVICE | {"required": ["image"]}),
        networks=each(closed(labels=PAIRS, enable_ipv6={"type": "boolean"}, ipam=SUBNETS)),
        volumes=each(closed(labels=PAIRS)),
        configs=each(closed(content=TEXT)),
        secrets=each(closed(file=TEXT)),
    ),
}


@pytest.mark.parametrize("format", ["compose", "compose-inline"])
@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_keeps_to_the_specification(name: str, format: str) -> None:
    found = compose(rendered(name, "docker", format))
    jsonschema.validate(found, SCHEMA)
    for service in found["services"].values():
        assert {*service.get("depends_on", {})} <= {*found["services"]}
        assert {*service["networks"]} <= {*found["networks"]}
        named = {v["source"] for v in service.get("volumes", ()) if v["type"] == "volume"}
        assert named <= {*found.get("volumes", {})}
        assert {s["source"] for s in service.get("secrets", ())} <= {*found.get("secrets", {})}
        assert {s["source"] for s in service.get("configs", ())} <= {*found.get("configs", {})}


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_file_that_is_mounted_lies_beside(name: str) -> None:
    made = rendered(name, "docker")
    mounted = {
        volume["source"].removeprefix("./")
        for service in compose(made)["services"].values()
        for volume in service.get("volumes", ())
        if volume["type"] == "bind"
    }
    assert mounted == {file.path for file in made.files[1:]}


def test_inline_is_one_file_with_the_same_content() -> None:
    beside, inline = (rendered("ha-web-app", "docker", f) for f in ("compose", "compose-inline"))
    assert len(inline.files) == 1
    content = {c["content"].replace("$$", "$") for c in compose(inline)["configs"].values()}
    assert content == {file.content for file in beside.files[1:]}


def test_a_dollar_of_the_blueprint_is_no_variable() -> None:
    made = rendered(
        [
            {
                "name": "app",
                "type": "container",
                "image": "app:1",
                "env": {"PRICE": "${HOME} $5"},
                "command": ["sh", "-c", "echo $PRICE"],
                "labels": {"note": "$x"},
            }
        ],
        "docker",
    )
    service = compose(made)["services"]["app"]
    assert service["environment"] == {"PRICE": "$${HOME} $$5"}
    assert service["command"] == ["sh", "-c", "echo $$PRICE"]
    assert service["labels"] == {"note": "$$x"}


def test_amounts_are_exact() -> None:
    made = rendered(
        [
            {"name": "a", "type": "container", "image": "a:1", "specs": {"cpu": 0.5, "memory": "512MiB"}},
            {"name": "b", "type": "container", "image": "a:1", "specs": {"cpu": 2, "memory": "1GB"}},
        ],
        "docker",
    )  # fmt: skip
    services = compose(made)["services"]
    assert (services["a"]["cpus"], services["a"]["mem_limit"]) == (0.5, "512m")
    assert (services["b"]["cpus"], services["b"]["mem_limit"]) == (2, "1000000000b")


def test_ports_are_for_this_machine_unless_the_blueprint_says_public() -> None:
    made = rendered(
        [
            {"name": "in", "type": "container", "image": "a:1", "network": {"ports": [80, "53/udp"]}},
            {"name": "here", "type": "container", "image": "a:1", "network": {"ports": ["8080:80"]}},
            {"name": "out", "type": "container", "image": "a:1", "network": {"ports": ["8081:80"], "public_ip": True}},
        ],
        "docker",
    )  # fmt: skip
    services = compose(made)["services"]
    assert "ports" not in services["in"]
    assert services["in"]["expose"] == ["80", "53/udp"]
    assert services["here"]["ports"] == ["127.0.0.1:8080:80"]
    assert services["out"]["ports"] == ["8081:80"]


def test_a_fixed_address_is_kept_where_the_network_holds_it() -> None:
    made = rendered(
        [
            {"name": "lan", "type": "network", "cidr": "10.9.0.0/24"},
            {"name": "six", "type": "network", "cidr": "fd00:9::/64"},
            {"name": "a", "type": "vm", "network": {"private_ip": "10.9.0.7", "attach": ["lan", "six"]}},
            {"name": "any", "type": "network"},
            {"name": "b", "type": "vm", "network": {"private_ip": "10.8.0.7", "attach": ["any"]}},
        ],
        "docker",
    )  # fmt: skip
    found = compose(made)
    assert found["services"]["a"]["networks"] == {"lan": {"ipv4_address": "10.9.0.7"}, "six": {}}
    assert found["services"]["b"]["networks"] == ["any"]
    assert found["networks"]["six"]["enable_ipv6"] is True
    assert notes(made, "b.network.private_ip")


def test_a_secret_in_a_file_and_in_a_variable_is_asked_for_twice_and_said_to_be_one() -> None:
    made = rendered("simple-web-app", "docker")
    found = compose(made)
    assert found["secrets"] == {"database.password": {"file": "./secrets/database.password"}}
    variable = found["services"]["web"]["environment"]["DATABASE_PASSWORD"]
    assert variable.startswith("${DATABASE_PASSWORD:?")
    head = made.files[0].content.partition("\nname:")[0]
    assert "the same value as ./secrets/database.password" in head
    asked = {note.path for note in made.notes if note.code == "left_to_you"}
    assert asked == {"secrets/database.password", "DATABASE_PASSWORD"}


# ── reading it back ──────────────────────────────────────────────────────────────────────────────


def again(text: str) -> Any:
    made = converting().convert(text, form="compose")
    return rendered(made.blueprint, "docker")


KEPT = ("image", "command", "cpus", "mem_limit", "networks", "labels", "hostname")


def essence(found: dict[str, Any]) -> dict[str, Any]:
    """What says what runs, where its data is, and who reaches it: published ports of this machine alone are read back
    as ports inside, and secrets under names of their own."""
    services = {}
    for name, service in found["services"].items():
        ports = [p.removeprefix("127.0.0.1:").rpartition(":")[2] for p in service.get("ports", ())]
        services[name] = {key: service.get(key) for key in KEPT} | {
            "waits": sorted(service.get("depends_on", {})),
            "ports": sorted([*ports, *service.get("expose", ())]),
            "volumes": [v for v in service.get("volumes", ()) if v["type"] == "volume"],
        }  # fmt: skip
    return {
        "services": services,
        "networks": found["networks"],
        "volumes": found.get("volumes", {}),
    }


def is_plain(name: str) -> bool:
    """Whether each image of it is that of one kind of software: of several, reading takes the first."""
    catalogue = load_catalogue()
    images = Counter(entry.image for entry in catalogue.software.values())
    used = (catalogue.find(one.engine) for one in template(name).resources if one.engine)
    return all(entry is None or images[entry.image] == 1 or entry.id in FIRST for entry in used)


FIRST = {"postgresql", "redis"}


@pytest.mark.parametrize("name", [name for name in TEMPLATES if is_plain(name)])
def test_reading_it_back_and_rendering_it_again_gives_the_same(name: str) -> None:
    first = rendered(name, "docker")
    second = again(first.files[0].content)
    one, other = compose(first), compose(second)
    assert essence(other) == essence(one)
    for service, settings in one["services"].items():
        assert plain(settings) == plain(other["services"][service])


def plain(service: dict[str, Any]) -> dict[str, str]:
    """The variables without those that hold a secret."""
    found = service.get("environment", {})
    return {key: text for key, text in found.items() if "${" not in text.replace("$$", "")}


# ── Compose itself ───────────────────────────────────────────────────────────────────────────────

COMMANDS = (["docker", "compose"], ["docker-compose"])


@cache
def compose_command() -> list[str] | None:
    """How Compose is started here; None where it is not."""
    for command in COMMANDS:
        if shutil.which(command[0]) is None:
            continue
        probe = subprocess.run(
            [*command, "version"], capture_output=True, text=True, check=False, timeout=60
        )
        if probe.returncode == 0:
            return command
    return None


@pytest.mark.parametrize("name", TEMPLATES)
def test_compose_takes_it(name: str, tmp_path: Path) -> None:
    command = compose_command()
    if command is None:
        pytest.skip("neither docker compose nor docker-compose is here")
    made = rendered(name, "docker")
    for file in made.files:
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        # Compose 1 takes the project's name from its folder alone.
        path.write_text(file.content.replace(f"\nname: {name}\n", "\n"), encoding="utf-8")
    wanted = [note.path for note in made.notes if note.code == "left_to_you"]
    (tmp_path / ".env").write_text("".join(f"{one}=x\n" for one in wanted if "/" not in one))
    for one in wanted:
        if "/" in one:
            (tmp_path / one).parent.mkdir(exist_ok=True)
            (tmp_path / one).write_text("x")
    done = subprocess.run(
        [*command, "-f", "compose.yaml", "config", "--quiet"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "not set" not in done.stderr
    assert everything(made)
