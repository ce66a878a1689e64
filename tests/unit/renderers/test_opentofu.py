"""An OpenTofu file holds together: documented arguments, references to what is there, and scripts that a shell reads.

There is no provider to ask here, so what OpenTofu itself would check is checked on the file.
"""

from __future__ import annotations

import ipaddress
import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.renderers import arguments
from tests.unit.renderers.arguments import ANY, DATA, META, REQUIRED, TAGS
from tests.unit.renderers.rendering import TEMPLATES, everything, notes, rendered, tofu

ENGINES = ("aws", "proxmox")
KNOWN = {**arguments.AWS, **arguments.PROXMOX}
CASES = [(engine, name) for engine in ENGINES for name in TEMPLATES]
# `$${` is a text; anything else between braces is an expression.
EXPRESSION = re.compile(r"(?<!\$)\$\{((?:[^{}\"]|\"(?:[^\"\\]|\\.)*\")*)\}")
TEXT = re.compile(r"\"(?:[^\"\\]|\\.)*\"")
REFERENCE = re.compile(r"\b(var|local|data\.[a-z0-9_]+|[a-z]+(?:_[a-z0-9]+)+)\.([a-z_][a-z0-9_]*)")
FUNCTIONS = {"base64gzip", "replace", "split", "jsonencode"}


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "//":
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


def references(found: dict[str, Any]) -> set[tuple[str, str]]:
    said: set[tuple[str, str]] = set()
    for text in texts(found):
        for expression in EXPRESSION.findall(text):
            plain = TEXT.sub("", expression)
            said |= {*REFERENCE.findall(plain)}
            assert {*re.findall(r"\b([a-z]+)\(", plain)} <= FUNCTIONS
    for kinds in found.get("resource", {}).values():
        for block in kinds.values():
            said |= {tuple(address.split(".")) for address in block.get("depends_on", ())}
    return said


def declared(found: dict[str, Any]) -> set[tuple[str, str]]:
    there = {("var", name) for name in found.get("variable", {})}
    there |= {("local", name) for name in found.get("locals", {})}
    for kind, named in found.get("data", {}).items():
        there |= {(f"data.{kind}", name) for name in named}
    for kind, named in found.get("resource", {}).items():
        there |= {(kind, name) for name in named}
    return there


def unknown(block: dict[str, Any], known: dict[str, Any], at: str) -> Iterator[str]:
    for name, value in block.items():
        if name == "//":
            continue
        if name not in known:
            yield f"{at}.{name}"
        elif known[name] is TAGS:
            assert all(isinstance(text, str) for text in value.values())
        elif known[name] is not ANY:
            for inner in value if isinstance(value, list) else [value]:
                yield from unknown(inner, known[name], f"{at}.{name}")
        else:
            assert not isinstance(value, dict), f"{at}.{name}"


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_every_argument_is_documented(engine: str, name: str) -> None:
    found = tofu(rendered(name, engine))
    for kind, named in found.get("resource", {}).items():
        for word, block in named.items():
            assert [*unknown(block, {**KNOWN[kind], **META}, f"{kind}.{word}")] == []
            assert {*REQUIRED.get(kind, "").split()} <= block.keys(), f"{kind}.{word}"
    for kind, named in found.get("data", {}).items():
        for word, block in named.items():
            assert [*unknown(block, DATA[kind], f"data.{kind}.{word}")] == []


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_every_reference_is_to_something_that_is_declared(engine: str, name: str) -> None:
    found = tofu(rendered(name, engine))
    assert references(found)
    assert references(found) - declared(found) == set()


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_nothing_is_asked_for_that_nobody_uses(engine: str, name: str) -> None:
    found = tofu(rendered(name, engine))
    used = references(found)
    assert [v for v in found.get("variable", {}) if ("var", v) not in used] == []
    assert [v for v in found.get("locals", {}) if ("local", v) not in used] == []


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_what_holds_a_secret_is_sensitive_and_has_no_value(engine: str, name: str) -> None:
    made = rendered(name, engine)
    variables = tofu(made).get("variable", {})
    asked = {n.path.removeprefix("variable.") for n in made.notes if "secret '" in n.message}
    for word in asked:
        assert variables[word]["sensitive"] is True
        assert "default" not in variables[word]
    secret = [v for v in variables.values() if v["description"].startswith("The secret")]
    assert len(secret) == len(asked)


def waits(found: dict[str, Any]) -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for kind, named in {**found.get("resource", {})}.items():
        for word, block in named.items():
            inner = references({"resource": {kind: {word: block}}, "x": {}})
            local = {("local", n) for k, n in inner if k == "local"}
            for _, local_name in local:
                inner |= references({"locals": found["locals"][local_name]})
            graph[f"{kind}.{word}"] = {f"{k}.{n}" for k, n in inner if k in found["resource"]}
    return graph


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_nothing_waits_for_itself(engine: str, name: str) -> None:
    graph = waits(tofu(rendered(name, engine)))
    done: set[str] = set()
    while ready := {node for node, needs in graph.items() if needs <= done} - done:
        done |= ready
    assert graph.keys() - done == set()


def scripts(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What machines run at their first start, as OpenTofu hands it out."""
    configs = {k: v for k, v in found.get("locals", {}).items() if isinstance(v, dict)}
    for name, config in configs.items():
        for file in config.get("write_files", ()):
            if file["content"].startswith("#!/bin/sh"):
                text = EXPRESSION.sub("value", file["content"])
                yield f"{name}:{file['path']}", text.replace("$${", "${").replace("%%{", "%{")


@pytest.mark.parametrize(("engine", "name"), CASES)
def test_a_shell_can_read_every_script(engine: str, name: str) -> None:
    for path, text in scripts(tofu(rendered(name, engine))):
        done = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)
        assert done.returncode == 0, f"{path}: {done.stderr}"


HOSTILE = "${var.region} %{ if true } $${x}"


@pytest.mark.parametrize("engine", ENGINES)
def test_what_a_blueprint_says_is_never_taken_for_an_expression(engine: str) -> None:
    made = rendered(
        [
            {
                "name": "app",
                "type": "vm",
                "engine": "nginx",
                "description": HOSTILE,
                "env": {"WORDS": HOSTILE},
                "labels": {"words": HOSTILE},
            },
            {"name": "bare", "type": "vm", "image": "debian-12", "env": {"WORDS": HOSTILE}},
        ],
        engine,
    )
    found = tofu(made)
    assert ("var", "region") not in {
        reference
        for text in texts({k: v for k, v in found.items() if k != "provider"})
        for expression in EXPRESSION.findall(text)
        for reference in REFERENCE.findall(expression)
    }
    assert "$${var.region}" in everything(made)
    assert references(found) <= declared(found)


def test_a_secret_in_a_file_of_variables_is_quoted_for_a_shell() -> None:
    found = tofu(rendered("simple-web-app", "proxmox"))
    files = {file["path"]: file for file in found["locals"]["web_cloud_init"]["write_files"]}
    text = files["/etc/alma/env"]["content"]
    assert 'DATABASE_PASSWORD="${replace(' in text
    assert files["/etc/alma/env"]["permissions"] == "0600"
    for special in ("\\\\", '\\"', "$", "`"):
        assert f'"{special}"' in text


# ── what becomes of what at AWS ──────────────────────────────────────────────────────────────────


def kinds(what: Any) -> set[str]:
    return {*tofu(rendered(what, "aws"))["resource"]}


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        ({"type": "database", "engine": "postgresql"}, "aws_db_instance"),
        ({"type": "database", "engine": "mysql"}, "aws_db_instance"),
        ({"type": "database", "engine": "mongodb"}, "aws_instance"),
        ({"type": "database", "engine": "postgresql", "image": "own/postgres:1"}, "aws_instance"),
        ({"type": "cache", "engine": "redis"}, "aws_elasticache_replication_group"),
        ({"type": "cache", "engine": "memcached"}, "aws_elasticache_cluster"),
        ({"type": "queue", "engine": "rabbitmq"}, "aws_mq_broker"),
        ({"type": "queue", "engine": "kafka"}, "aws_instance"),
        ({"type": "object_store"}, "aws_s3_bucket"),
        ({"type": "kubernetes_cluster", "version": "1.31"}, "aws_eks_cluster"),
        ({"type": "load_balancer", "engine": "kong"}, "aws_instance"),
        ({"type": "vm"}, "aws_instance"),
        ({"type": "container", "image": "app:1"}, "aws_instance"),
    ],
)
def test_a_resource_becomes_what_aws_has_for_it(resource: dict[str, Any], kind: str) -> None:
    found = kinds([{"name": "it", **resource}])
    assert kind in found
    others = {"aws_db_instance", "aws_instance", "aws_s3_bucket", "aws_eks_cluster"} - {kind}
    assert not found & others


def test_the_type_is_the_cheapest_that_fits_and_says_why() -> None:
    found = tofu(
        rendered([{"name": "a", "type": "vm", "specs": {"cpu": 2, "memory": "8GiB"}}], "aws")
    )
    machine = found["resource"]["aws_instance"]["a"]
    assert machine["instance_type"] == "m5.large"
    assert "2 vCPU, 8 GiB" in machine["//"]


def test_where_no_type_fits_it_is_a_variable_and_said() -> None:
    made = rendered([{"name": "a", "type": "vm", "specs": {"cpu": 4000, "memory": "8GiB"}}], "aws")
    assert tofu(made)["resource"]["aws_instance"]["a"]["instance_type"] == "${var.a_type}"
    assert [note.code for note in notes(made, "a.specs")] == ["unsupported"]


def test_an_instance_is_found_by_its_address() -> None:
    found = tofu(rendered("simple-web-app", "aws"))["resource"]
    records = {r["name"]: r for r in found["aws_route53_record"].values()}
    assert {*records} == {"database", "web", "web-2", "load-balancer"}
    assert records["database"]["records"] == ["${aws_db_instance.database.address}"]
    zone = found["aws_route53_zone"]["main"]["name"]
    assert found["aws_vpc_dhcp_options"]["main"]["domain_name"] == zone


def test_subnets_don_t_overlap_and_keep_the_networks_of_the_blueprint() -> None:
    found = tofu(rendered("zero-trust-network", "aws"))["resource"]
    ranges = [ipaddress.ip_network(s["cidr_block"]) for s in found["aws_subnet"].values()]
    vpc = ipaddress.ip_network(found["aws_vpc"]["main"]["cidr_block"])
    assert all(one.subnet_of(vpc) for one in ranges)  # type: ignore[arg-type]
    for number, one in enumerate(ranges):
        assert not any(one.overlaps(other) for other in ranges[:number])


RULED = [
    {"name": "lan", "type": "network", "cidr": "10.4.1.0/24"},
    {"name": "web", "type": "service", "engine": "nginx", "network": {"ports": [80], "attach": ["lan"]}},
    {"name": "db", "type": "database", "engine": "postgresql", "network": {"attach": ["lan"]}},
]  # fmt: skip


def walls(rules: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], Any]:
    made = rendered([*RULED, {"name": "walls", "type": "firewall", "rules": rules}], "aws")
    group = "${aws_security_group.group_db.id}"
    found = tofu(made)["resource"]["aws_vpc_security_group_ingress_rule"].values()
    return [rule for rule in found if rule["security_group_id"] == group], made


def test_without_rules_the_members_of_a_network_reach_each_other() -> None:
    rules, _ = walls([{"action": "allow", "source": "any", "target": "web", "ports": [80]}])
    member = "${aws_security_group.network_lan.id}"
    assert [rule["referenced_security_group_id"] for rule in rules] == [member]


def test_rules_that_allow_are_all_that_is_allowed() -> None:
    rules, _ = walls([{"action": "allow", "source": "web", "target": "db", "ports": [5432]}])
    assert [(r["referenced_security_group_id"], r["from_port"]) for r in rules] == [
        ("${aws_security_group.group_web.id}", 5432)
    ]


def test_a_rule_that_denies_is_told_unless_it_is_what_a_group_does_anyway() -> None:
    allow = {"action": "allow", "source": "web", "target": "db", "ports": [5432]}
    last = {"action": "deny", "source": "any", "target": "any"}
    _, fine = walls([allow, last])
    assert notes(fine, "db.rules") == []
    _, lost = walls([{"action": "deny", "source": "10.4.1.9", "target": "db"}, allow])
    assert [note.code for note in notes(lost, "db.rules")] == ["unsupported"]


# ── what becomes of what on Proxmox ──────────────────────────────────────────────────────────────


def test_a_guest_with_software_is_a_machine_and_one_without_what_it_was() -> None:
    made = rendered(
        [
            {"name": "web", "type": "container", "engine": "nginx"},
            {"name": "bare", "type": "container", "image": "debian-12"},
            {"name": "own", "type": "container", "engine": "nginx", "options": {"proxmox": {"kind": "lxc"}}},
        ],
        "proxmox",
    )  # fmt: skip
    found = tofu(made)["resource"]
    assert {*found["proxmox_virtual_environment_vm"]} == {"web"}
    assert {*found["proxmox_virtual_environment_container"]} == {"bare", "own"}
    assert [note.code for note in notes(made, "own.engine")] == ["unsupported"]


def test_addresses_disks_and_rules_are_those_of_the_engine() -> None:
    made = rendered(
        [
            {
                "name": "lan",
                "type": "network",
                "cidr": "10.9.0.0/24",
                "vlan": 7,
                "options": {"proxmox": {"bridge": "vmbr1", "gateway": "10.9.0.1"}},
            },
            {"name": "data", "type": "volume", "specs": {"disk": "20GiB"}},
            {
                "name": "db",
                "type": "vm",
                "image": "debian-12",
                "network": {"private_ip": "10.9.0.5", "attach": ["lan"]},
                "mounts": [{"volume": "data", "path": "/data"}],
            },
            {
                "name": "walls",
                "type": "firewall",
                "rules": [{"source": "10.9.0.0/24", "target": "db", "ports": [22]}],
            },
        ],
        "proxmox",
    )
    found = tofu(made)["resource"]
    machine = found["proxmox_virtual_environment_vm"]["db"]
    assert machine["network_device"] == [
        {"model": "virtio", "bridge": "vmbr1", "vlan_id": 7, "firewall": True}
    ]
    assert machine["initialization"]["ip_config"] == [
        {"ipv4": {"address": "10.9.0.5/24", "gateway": "10.9.0.1"}}
    ]
    assert [disk["size"] for disk in machine["disk"]] == [10, 20]
    rule = found["proxmox_virtual_environment_firewall_rules"]["db"]["rule"][0]
    assert (rule["action"], rule["source"], rule["dport"]) == ("ACCEPT", "10.9.0.0/24", "22")
    options = found["proxmox_virtual_environment_firewall_options"]["db"]
    assert options["input_policy"] == "DROP"


def test_the_file_is_json_that_says_where_it_is_from() -> None:
    made = rendered("simple-web-app", "proxmox")
    assert [file.path for file in made.files] == ["main.tf.json"]
    head = next(iter(json.loads(made.files[0].content)))
    assert head == "//"
