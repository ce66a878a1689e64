from __future__ import annotations

import re
from typing import Any

import pytest

from alma.core.migration.conversion import Fate
from alma.core.migration.reading.terraform import known_types
from alma.core.model.blueprint import Origin
from alma.core.model.document import dump_yaml, parse_text
from alma.core.model.errors import InvalidInput
from tests.unit.core.migration.reading import at, converted, everything, resource
from tests.unit.core.migration.states import AWS, STATES, counted, instance, state


@pytest.mark.parametrize("platform", sorted(STATES))
def test_the_platform_is_known_by_its_provider_and_the_blueprint_can_be_read_again(
    platform: str,
) -> None:
    made = converted(STATES[platform])
    assert (made.form, made.platform) == ("terraform", platform)
    assert parse_text(dump_yaml(made.blueprint)) == made.blueprint


@pytest.mark.parametrize("platform", sorted(STATES))
def test_no_secret_of_a_state_is_anywhere_in_the_answer(platform: str) -> None:
    source = str(STATES[platform])
    planted = set(re.findall(r"(?:state|tag|azure|google|pve|docker)-secret-\d", source))
    assert planted
    told = everything(converted(STATES[platform]))
    assert [secret for secret in planted if secret in told] == []


def test_a_machine_of_aws_has_the_size_of_its_type() -> None:
    made = converted(AWS)
    web = resource(made, "web")
    assert (web["type"], web["specs"]) == ("vm", {"cpu": 2, "memory": "8GiB", "disk": "40GiB"})
    assert web["network"] == {"private_ip": "10.0.1.10", "ports": [8080], "attach": ["a"]}
    assert "ami-0abc" in at(made, "aws_instance.web[0].ami")[0].message


def test_rules_of_a_group_hold_for_what_is_in_it() -> None:
    made = converted(AWS)
    assert resource(made, "web-firewall")["rules"] == [
        {"action": "allow", "source": "any", "target": name, "ports": [80], "description": "http"}
        for name in ("web", "web-2")
    ]
    assert resource(made, "db-firewall")["rules"] == [
        {"action": "allow", "source": name, "target": "db", "ports": [5432]}
        for name in ("web", "web-2")
    ]


def grouped(number: int, *rules: dict[str, Any]) -> Any:
    machines = [
        instance("aws_instance", f"m{n}", {"id": f"i{n}", "vpc_security_group_ids": ["sg"]})
        for n in range(number)
    ]
    return converted(
        state(*machines, instance("aws_security_group", "g", {"id": "sg", "ingress": list(rules)}))
    )


def test_members_of_a_group_that_lets_itself_in_reach_each_other() -> None:
    made = grouped(2, {"from_port": 0, "to_port": 0, "protocol": "-1", "self": True})
    assert resource(made, "g")["rules"] == [
        {"action": "allow", "source": "m1", "target": "m0"},
        {"action": "allow", "source": "m0", "target": "m1"},
    ]


def test_rules_that_would_be_too_many_or_let_nobody_known_in_are_told() -> None:
    many = grouped(80, {"from_port": 0, "to_port": 0, "protocol": "-1", "self": True})
    assert "more than 5000 rules" in at(many, "aws_security_group.g.ingress")[0].message
    unknown = grouped(
        1, {"from_port": 80, "to_port": 80, "protocol": "tcp", "prefix_list_ids": ["pl-1"]}
    )
    messages = [
        item.message for item in unknown.remarks if item.path.startswith("aws_security_group.g")
    ]
    assert any("lets in is not in the state" in text for text in messages)


def test_a_balancer_finds_its_backends_through_groups_of_targets() -> None:
    front = resource(converted(AWS), "front")
    assert front["backends"] == ["web", "web-2"]
    assert front["network"] == {"public_ip": True, "ports": [80], "attach": ["a"]}


def test_a_database_of_aws_keeps_version_size_and_backups() -> None:
    db = resource(converted(AWS), "db")
    assert (db["engine"], db["version"]) == ("postgresql", "16.4")
    assert db["specs"] == {"cpu": 2, "memory": "8GiB", "disk": "100GiB"}
    assert db["backup"] == {"schedule": "daily", "retention_days": 7}


def test_a_disk_is_mounted_where_nobody_said_and_that_is_marked() -> None:
    made = converted(AWS)
    assert resource(made, "web")["mounts"] == [{"volume": "files", "path": "/mnt/files"}]
    assert made.origins["resources.web.mounts"] is Origin.INFERRED


def test_what_is_only_looked_up_or_unknown_is_left_out_by_name() -> None:
    left = {i.address for i in converted(AWS).objects if i.fate is Fate.LEFT_OUT}
    assert left == {"aws_iam_role.web", "data.aws_ami.debian"}


def test_equal_instances_become_one_resource_with_a_count() -> None:
    several = [
        {"id": f"i-{n}", "instance_type": "m5.large", "private_ip": f"10.0.0.{n + 10}"}
        for n in range(3)
    ]
    made = converted(state(counted("aws_instance", "web", several)))
    assert [(r.name, r.count) for r in made.blueprint.resources] == [("web", 3)]
    assert resource(made, "web")["specs"] == {"cpu": 2, "memory": "8GiB"}
    assert {item.resources for item in made.objects} == {("web",)}


def test_show_json_is_read_with_its_modules() -> None:
    child = {"resources": [{"address": "module.a.docker_volume.x", "mode": "managed", "type": "docker_volume",
                            "name": "x", "values": {"id": "x", "name": "x"}}]}  # fmt: skip
    shown = {"format_version": "1.0", "values": {"root_module": {"child_modules": [child]}}}
    assert [item.address for item in converted(shown).objects] == ["module.a.docker_volume.x"]


def test_azure_orders_rules_by_their_priority() -> None:
    rules = resource(converted(STATES["azure"]), "app-firewall")["rules"]
    assert [(rule["action"], rule["ports"]) for rule in rules] == [("allow", [443]), ("deny", [22])]


def test_azure_reads_a_machine_through_its_interface() -> None:
    machine = resource(converted(STATES["azure"]), "app-vm")
    assert machine["network"] == {"private_ip": "10.1.1.10", "public_ip": True, "attach": ["app"]}
    assert (machine["image"], machine["specs"]) == (
        "ubuntu:22.04",
        {"cpu": 2, "memory": "8GiB", "disk": "64GiB"},
    )


def test_google_reads_custom_sizes_and_tags_of_rules() -> None:
    made = converted(STATES["gcp"])
    assert resource(made, "db")["specs"] == {"cpu": 2, "memory": "7680MiB", "disk": "50GiB"}
    assert resource(made, "web")["rules"] == [
        {"action": "allow", "source": "any", "target": "app-vm", "ports": [80, 443]}
    ]
    assert "icmp" in at(made, "google_compute_firewall.web.allow.1")[0].message


def test_both_providers_of_proxmox_are_read() -> None:
    made = converted(STATES["proxmox"])
    web = resource(made, "web")
    assert web["specs"] == {"cpu": 4, "memory": "4GiB", "disk": "32GiB"}
    assert web["options"] == {"proxmox": {"storage": "local-lvm", "node": "pve2"}}
    assert resource(made, "vmbr0-vlan20")["vlan"] == 20
    assert resource(made, "old")["specs"] == {"cpu": 2, "memory": "2GiB", "disk": "20GiB"}
    assert resource(made, "old")["network"]["private_ip"] == "10.4.0.5"
    assert resource(made, "cache")["image"] == "alpine:3.20"


def test_containers_of_docker_are_read() -> None:
    made = converted(STATES["docker"])
    db = resource(made, "db")
    assert (db["engine"], db["version"], db["env"]) == ("postgresql", "16", {"POSTGRES_DB": "shop"})
    assert resource(made, "web")["network"] == {
        "public_ip": True,
        "ports": ["80:8080"],
        "attach": ["back"],
    }
    assert at(made, "docker_container.web.privileged")


def test_a_type_that_no_price_book_knows_is_told() -> None:
    made = converted(state(instance("aws_instance", "x", {"id": "i", "instance_type": "zz9.huge"})))
    assert "zz9.huge" in at(made, "aws_instance.x.instance_type")[0].message
    assert "specs" not in resource(made, "x")


@pytest.mark.parametrize("kind", known_types())
@pytest.mark.parametrize(
    "values",
    [{}, {"id": "x", "name": "x", "tags": ["a"], "settings": 7, "ports": "?", "disk": [None]}],
)
def test_every_known_type_takes_whatever_stands_in_a_state(
    kind: str, values: dict[str, Any]
) -> None:
    made = converted(
        state(instance(kind, "x", values), instance("docker_volume", "v", {"id": "v"}))
    )
    assert [item.address for item in made.objects] == [f"{kind}.x", "docker_volume.v"]


def test_a_state_without_resources_is_refused() -> None:
    with pytest.raises(InvalidInput, match="no resources"):
        converted(state())
