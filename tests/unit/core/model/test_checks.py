"""What only the whole document shows: every clash is named with its place, and nothing valid is complained about."""

from __future__ import annotations

import time
from typing import Any

import pytest

from alma.core.model.blueprint import Blueprint
from alma.core.model.checks import MAX_INSTANCES, diagnose
from alma.core.model.diagnostic import Diagnostic, Severity

Entry = dict[str, Any]


def said(*resources: Entry) -> list[Diagnostic]:
    return list(diagnose(Blueprint.model_validate({"name": "shop", "resources": resources})))


def codes(*resources: Entry) -> list[tuple[str, str]]:
    return [(item.code, item.path) for item in said(*resources)]


def vm(name: str, **fields: Any) -> Entry:
    return {"name": name, "type": "vm", **fields}


def net(name: str, cidr: str | None = None, **fields: Any) -> Entry:
    return {"name": name, "type": "network", **({"cidr": cidr} if cidr else {}), **fields}


FIREWALL = {"name": "fw", "type": "firewall"}


def test_a_sound_blueprint_has_nothing_to_say() -> None:
    assert (
        codes(
            net("front", "10.0.1.0/24"),
            net("back", "10.0.2.0/24", vlan=20),
            {"name": "files", "type": "volume", "specs": {"disk": "10GB"}},
            vm("web", count=3, network={"ports": [80], "attach": ["front", "back"]}),
            vm("db", network={"private_ip": "10.0.2.10", "attach": ["back"]}),
            {
                "name": "lb",
                "type": "load_balancer",
                "backends": ["web"],
                "network": {"public_ip": True, "ports": ["8080:80"]},
            },
            {
                "name": "app",
                "type": "service",
                "depends_on": ["db"],
                "env": {"PASSWORD": {"secret": "db.password"}, "KEY": {"secret": "given-key"}},
                "mounts": [{"volume": "files", "path": "/files"}],
            },
            {**FIREWALL, "rules": [{"source": "web-2", "target": "db"}, {"source": "10.9.0.0/16"}]},
            {
                "name": "k",
                "type": "kubernetes_cluster",
                "engine": "kubernetes",
                "specs": {"nodes": 5},
            },
        )
        == []
    )


# ── names ──


@pytest.mark.parametrize(
    ("resources", "index"),
    [
        ([vm("web"), vm("web")], 1),
        ([vm("web"), vm("WEB")], 1),
        ([vm("web", count=3), vm("web-2")], 1),
        ([vm("web-3"), vm("web", count=3)], 0),
        ([vm("web", count=3), vm("Web-3")], 1),
    ],
    ids=["same", "case", "instance", "instance first", "instance case"],
)
def test_a_name_is_given_once_instances_and_case_included(
    resources: list[Entry], index: int
) -> None:
    assert codes(*resources) == [("duplicate_name", f"resources.{index}.name")]


@pytest.mark.parametrize("other", ["web-1", "web-4", "web-02", "web-x"])
def test_names_beside_the_instances_are_free(other: str) -> None:
    assert codes(vm("web", count=3), vm(other)) == []


def test_instances_names_must_stay_within_what_hosts_take() -> None:
    assert codes(vm("w" * 62, count=2)) == [("name_too_long", "resources.0.name")]
    assert codes(vm("w" * 61, count=2)) == []


def test_the_number_of_instances_is_bounded() -> None:
    many = [vm(f"w{number}", count=1000) for number in range(MAX_INSTANCES // 1000 + 1)]
    assert codes(*many) == [("too_many_instances", "resources")]


# ── references ──


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"depends_on": ["wbe"]}, "depends_on.0"),
        ({"network": {"attach": ["wbe"]}}, "network.attach.0"),
        ({"mounts": [{"volume": "wbe", "path": "/x"}]}, "mounts.0.volume"),
        ({"env": {"A": {"secret": "wbe.password"}}}, "env.A.secret"),
        ({"type": "load_balancer", "backends": ["wbe"]}, "backends.0"),
        ({"type": "firewall", "rules": [{"source": "wbe"}]}, "rules.0.source"),
        ({"type": "firewall", "rules": [{}, {"target": "wbe"}]}, "rules.1.target"),
    ],
)
def test_a_reference_leads_somewhere(fields: Entry, path: str) -> None:
    assert codes(vm("web"), {**vm("x"), **fields}) == [("unknown_reference", f"resources.1.{path}")]


def test_an_unknown_reference_is_answered_with_the_nearest_name() -> None:
    (found,) = said(vm("database-1"), vm("x", depends_on=["databse-1"]))
    assert found.hint == "did you mean 'database-1'?"


def test_all_instances_are_meant_by_the_resources_own_name() -> None:
    (found,) = said(vm("web", count=2), vm("x", depends_on=["web-2"]))
    assert (found.code, found.hint) == ("unknown_reference", "refer to all instances as 'web'")


def test_a_secret_may_belong_to_one_instance() -> None:
    assert codes(vm("db", count=2), vm("x", env={"A": {"secret": "db-2.password"}})) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"network": {"attach": ["web"]}},
        {"mounts": [{"volume": "web", "path": "/x"}]},
    ],
)
def test_a_reference_leads_to_the_right_kind(fields: Entry) -> None:
    assert [code for code, _ in codes(vm("web"), vm("x", **fields))] == ["wrong_reference"]


def test_a_network_is_no_backend() -> None:
    lb = {"name": "lb", "type": "load_balancer", "backends": ["n"]}
    assert [code for code, _ in codes(net("n"), lb)] == ["wrong_reference"]


def test_listing_something_twice_is_a_warning() -> None:
    (found,) = said(vm("db"), vm("x", depends_on=["db", "db"]))
    assert (found.severity, found.path) == (Severity.WARNING, "resources.1.depends_on.1")


def test_nothing_depends_on_itself() -> None:
    assert codes(vm("x", depends_on=["x"])) == [("self_reference", "resources.0.depends_on.0")]


# ── cycles ──


def test_a_cycle_is_named_from_end_to_end() -> None:
    (found,) = said(
        vm("a", depends_on=["b"]), vm("b", depends_on=["c"]), vm("c", depends_on=["a"]), vm("d")
    )
    assert found.message == "dependency cycle: a → b → c → a"


def test_each_separate_cycle_is_found() -> None:
    found = said(
        vm("a", depends_on=["b"]),
        vm("b", depends_on=["a"]),
        vm("c", depends_on=["d"]),
        vm("d", depends_on=["c"]),
    )
    assert [item.message for item in found] == [
        "dependency cycle: a → b → a",
        "dependency cycle: c → d → c",
    ]


def test_a_load_balancer_comes_after_its_backends() -> None:
    lb = {"name": "lb", "type": "load_balancer", "backends": ["web"]}
    assert [code for code, _ in codes(vm("web", depends_on=["lb"]), lb)] == ["dependency_cycle"]


def test_a_chain_as_long_as_the_document_is_no_cycle_and_no_stack_overflow() -> None:
    chain = [vm(f"v{n}", depends_on=[f"v{n + 1}"]) for n in range(5000)]
    assert codes(*chain, vm("v5000")) == []


# ── networks ──


def test_an_address_belongs_to_one() -> None:
    two = [vm(name, network={"private_ip": "10.0.0.5"}) for name in ("a", "b")]
    assert codes(*two) == [("address_clash", "resources.1.network.private_ip")]
    two = [vm(name, network={"public_ip": "203.0.113.5"}) for name in ("a", "b")]
    assert codes(*two) == [("address_clash", "resources.1.network.public_ip")]


def test_a_fixed_address_is_for_one_instance() -> None:
    assert codes(vm("a", count=2, network={"private_ip": "10.0.0.5"})) == [
        ("address_clash", "resources.0.network.private_ip")
    ]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.0.1.20", []),
        ("10.0.2.20", ["address_outside"]),
        ("10.0.1.0", ["address_reserved"]),
        ("10.0.1.255", ["address_reserved"]),
    ],
)
def test_an_address_lies_in_a_network_that_is_joined(address: str, expected: list[str]) -> None:
    found = said(net("n", "10.0.1.0/24"), vm("a", network={"private_ip": address, "attach": ["n"]}))
    assert [item.code for item in found if item.severity is Severity.ERROR] == expected


def test_the_gateways_usual_address_is_a_warning() -> None:
    (found,) = said(
        net("n", "10.0.1.0/24"), vm("a", network={"private_ip": "10.0.1.1", "attach": ["n"]})
    )
    assert found.severity is Severity.WARNING


def test_networks_do_not_overlap() -> None:
    assert codes(
        net("a", "10.0.0.0/8"),
        net("b", "10.5.0.0/16"),
        net("c", "10.9.0.0/16"),
        net("d", "11.0.0.0/8"),
    ) == [("network_overlap", "resources.1.cidr"), ("network_overlap", "resources.2.cidr")]
    assert codes(net("a", "10.0.0.0/24"), net("b", "10.0.1.0/24"), net("c", "fd00::/64")) == []


def test_two_networks_on_one_vlan_are_a_warning() -> None:
    (found,) = said(net("a", vlan=7), net("b", vlan=7))
    assert (found.severity, found.path) == (Severity.WARNING, "resources.1.vlan")


@pytest.mark.parametrize(
    ("first", "second", "clashes"),
    [
        (["80:80"], ["80:8080"], True),
        (["53:53"], ["53:53/udp"], False),
        ([80], [80], False),
        (["80:80"], ["81:80"], False),
    ],
)
def test_a_published_port_is_one_door(
    first: list[object], second: list[object], clashes: bool
) -> None:
    found = codes(vm("a", network={"ports": first}), vm("b", network={"ports": second}))
    assert found == ([("port_clash", "resources.1.network.ports.0")] if clashes else [])


def test_resources_with_outside_addresses_of_their_own_each_have_the_door() -> None:
    doors = [
        vm(f"v{n}", network={"ports": ["80:80"], "public_ip": f"203.0.113.{n}"}) for n in (1, 2)
    ]
    assert codes(*doors) == []


def test_one_resource_cannot_publish_a_port_twice_nor_on_all_its_instances() -> None:
    assert [c for c, _ in codes(vm("a", network={"ports": ["80:80", "80:81"]}))] == ["port_clash"]
    assert [c for c, _ in codes(vm("a", count=2, network={"ports": ["80:80"]}))] == ["port_clash"]
    assert [c for c, _ in codes(vm("a", network={"ports": [80, 80]}))] == ["repeated"]


# ── fields and types ──


@pytest.mark.parametrize(
    ("resource", "path", "severity"),
    [
        (vm("x", backends=["y"]), "backends", Severity.ERROR),
        (vm("x", cidr="10.0.0.0/24"), "cidr", Severity.ERROR),
        (vm("x", vlan=5), "vlan", Severity.ERROR),
        (vm("x", rules=[{}]), "rules", Severity.ERROR),
        (vm("x", specs={"nodes": 3}), "specs.nodes", Severity.ERROR),
        (vm("x", specs={"workers": 3}), "specs.workers", Severity.ERROR),
        (vm("x", policies={"network": "open"}), "policies", Severity.ERROR),
        (net("x", mounts=[{"volume": "v", "path": "/x"}]), "mounts", Severity.ERROR),
        (net("x", specs={"cpu": 2}), "specs.cpu", Severity.WARNING),
        (net("x", image="nginx"), "image", Severity.WARNING),
        (net("x", backup=True), "backup", Severity.WARNING),
        ({**FIREWALL, "name": "x", "network": {"ports": [80]}}, "network.ports", Severity.WARNING),
    ],
)
def test_a_field_that_its_type_cannot_use_is_pointed_out(
    resource: Entry, path: str, severity: Severity
) -> None:
    found = said(resource, vm("y"), {"name": "v", "type": "volume"})
    assert [(item.code, item.path, item.severity) for item in found] == [
        ("misplaced_field", f"resources.0.{path}", severity)
    ]


def test_fields_that_are_written_but_say_nothing_are_let_be() -> None:
    assert (
        codes(net("x", specs={}, network={"public_ip": False, "ports": []}, env={}, policies={}))
        == []
    )


@pytest.mark.parametrize("engine", ["proxmox", "docker", "Kubernetes", "simulation"])
def test_a_place_to_deploy_to_is_no_software(engine: str) -> None:
    (found,) = said(vm("x", engine=engine))
    assert found.code == "engine_on_resource"
    assert found.hint
    assert f"engine: {engine.lower()} at the top" in found.hint


def test_backups_switched_off_with_a_retention_are_a_warning() -> None:
    (found,) = said(vm("x", backup={"enabled": False, "retention_days": 30}))
    assert (found.severity, found.path) == (Severity.WARNING, "resources.0.backup")
    assert codes(vm("x", backup={"retention_days": 30})) == []


def test_nodes_and_roles_must_agree() -> None:
    def cluster(**specs: int) -> Entry:
        return {"name": "k", "type": "kubernetes_cluster", "specs": specs}

    assert codes(cluster(nodes=3, control_plane=1, workers=2)) == []
    assert codes(cluster(nodes=5, control_plane=3)) == []
    assert codes(cluster(nodes=3, control_plane=3, workers=5)) == [
        ("contradiction", "resources.0.specs.nodes")
    ]


def test_a_network_exists_once_and_a_mount_path_is_used_once() -> None:
    assert codes(net("n", count=2)) == [("single_only", "resources.0.count")]
    mounts = [{"volume": "v", "path": "/a"}, {"volume": "v", "path": "/a/"}]
    assert codes({"name": "v", "type": "volume"}, vm("x", mounts=mounts)) == [
        ("mount_clash", "resources.1.mounts.1.path")
    ]


def test_an_empty_blueprint_is_a_warning() -> None:
    (found,) = said()
    assert (found.code, found.severity) == ("no_resources", Severity.WARNING)


# ── size ──


def test_ten_thousand_resources_full_of_mistakes_are_checked_in_seconds() -> None:
    resources = [
        vm(f"v{n}", depends_on=[f"v{n + 1}", f"gone{n}"], network={"private_ip": "10.0.0.5"})
        for n in range(10_000)
    ]
    blueprint = Blueprint.model_validate({"name": "big", "resources": resources})
    began = time.process_time()
    found = diagnose(blueprint)
    assert time.process_time() - began < 10
    assert len([item for item in found if item.code == "unknown_reference"]) == 10_001
