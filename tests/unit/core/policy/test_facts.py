"""Facts are what follows from a blueprint, not what a flag says; every path is there, null where nobody said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from alma.config import load_catalogue
from alma.core.model.document import parse_blueprint
from alma.core.policy.facts import Facts
from alma.core.policy.lifecycle import Lifecycle, Product
from alma.core.policy.vocabulary import FACTS, Kind

TODAY = date(2026, 11, 22)
LIFE = Lifecycle(
    as_of=TODAY,
    software={
        "postgresql": Product(
            source="test", ends={"12": date(2026, 11, 12), "16": date(2026, 12, 2)}
        )
    },
    systems={"debian": Product(source="test", ends={"12": date(2026, 12, 22)})},
)


def facts(*resources: dict[str, Any], **more: Any) -> Facts:
    document = {"version": "1.0", "name": "shop", "resources": [*resources], **more}
    blueprint = parse_blueprint(document)
    return Facts(blueprint, lifecycle=LIFE, today=TODAY, catalogue=load_catalogue())


def rows(*resources: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    found = facts(*resources, **more)
    return {resource.name: dict(row) for resource, row in found.rows()}


def row(name: str, *resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return rows(*resources, **more)[name]


def firewall(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"name": "fw", "type": "firewall", "rules": [*rules]}


PUBLIC = {"public_ip": True}


# ── the table ────────────────────────────────────────────────────────────────────────────────────


def test_every_fact_of_the_table_is_there_for_every_type_of_resource() -> None:
    every: list[dict[str, Any]] = [
        {"name": "vm", "type": "vm"},
        {"name": "box", "type": "container"},
        {"name": "web", "type": "service"},
        {"name": "db", "type": "database"},
        {"name": "mem", "type": "cache"},
        {"name": "mq", "type": "queue"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
        {"name": "net", "type": "network", "cidr": "10.0.0.0/24"},
        {"name": "vol", "type": "volume", "specs": {"disk": "1GB"}},
        {"name": "files", "type": "object_store"},
        {"name": "k8s", "type": "kubernetes_cluster"},
        firewall({"target": "web", "ports": [80]}),
    ]
    for found in rows(*every).values():
        assert set(FACTS) <= set(found)
        for name, fact in FACTS.items():
            if not fact.nullable:
                assert found[name] is not None, name


def test_every_fact_is_of_the_kind_that_the_table_says() -> None:
    kinds: dict[Kind, Any] = {
        Kind.BOOL: bool,
        Kind.NUMBER: (int, float),
        Kind.TEXT: str,
        Kind.LIST: tuple,
    }
    said = {
        "name": "db",
        "type": "database",
        "engine": "postgresql",
        "version": "16",
        "image": "postgres:16@sha256:ab",
        "specs": {"cpu": 2, "memory": "4GiB", "disk": "10GiB"},
        "backup": {"schedule": "daily", "retention_days": 7},
        "network": {"private_ip": "10.0.0.5", "ports": [5432]},
        "metadata": {
            "tls": {"enabled": True, "min_version": 1.2},
            "data": {"classes": ["personal"]},
            "backup": {"last_restore_test": "2026-11-01"},
            "location": {"region": "eu-west-1"},
        },
    }
    for name, value in row("db", said).items():
        if value is not None:
            assert isinstance(value, kinds[FACTS[name].kind]), name


# ── exposure ─────────────────────────────────────────────────────────────────────────────────────


def test_without_an_address_outside_nothing_is_exposed() -> None:
    found = row("web", {"name": "web", "type": "vm", "network": {"ports": [80]}})
    assert not found["d.internet_exposed"]
    assert found["d.exposed_ports"] == ()


def test_a_flag_an_address_and_a_public_network_all_expose() -> None:
    found = rows(
        {"name": "out", "type": "network", "cidr": "203.0.113.0/24"},
        {"name": "lan", "type": "network", "cidr": "10.0.0.0/24"},
        {
            "name": "a",
            "type": "vm",
            "network": {"public_ip": True, "attach": ["lan"], "ports": [80]},
        },
        {"name": "b", "type": "vm", "network": {"attach": ["out"], "ports": [80]}},
        {"name": "c", "type": "vm", "network": {"private_ip": "203.0.113.9", "ports": [80]}},
        {"name": "d", "type": "vm", "network": {"attach": ["lan"], "ports": [80]}},
    )
    exposed = {name: found[name]["d.exposed_directly"] for name in "abcd"}
    assert exposed == {"a": True, "b": True, "c": True, "d": False}


def test_a_published_port_exposes_that_port_and_no_other() -> None:
    found = row("web", {"name": "web", "type": "service", "network": {"ports": ["8080:80", 9000]}})
    assert found["d.exposed_ports"] == (80,)
    assert found["d.exposed_directly"]


def test_a_published_port_on_a_host_that_is_declared_internal_exposes_nothing() -> None:
    web = {"name": "web", "type": "service", "network": {"ports": ["8080:80"]}}
    assert row("web", web, metadata={"exposure": "internal"})["d.exposed_ports"] == ()
    public = {**web, "network": {"ports": ["8080:80"], "public_ip": True}}
    assert row("web", public, metadata={"exposure": "internal"})["d.exposed_ports"] == (80,)


def test_what_is_behind_an_exposed_load_balancer_is_exposed_on_the_port_it_sends_to() -> None:
    found = rows(
        {
            "name": "lb",
            "type": "load_balancer",
            "network": {**PUBLIC, "ports": [5432]},
            "backends": ["db"],
        },
        {"name": "db", "type": "database", "network": {"ports": [5432, 9187]}},
    )["db"]
    assert found["d.internet_exposed"]
    assert not found["d.exposed_directly"]
    assert found["d.exposed_via"] == ("lb",)
    assert found["d.data_ports_open"] == (5432,)


def test_exposure_goes_through_load_balancers_behind_load_balancers() -> None:
    found = rows(
        {
            "name": "edge",
            "type": "load_balancer",
            "network": {**PUBLIC, "ports": [80]},
            "backends": ["inner"],
        },
        {"name": "inner", "type": "load_balancer", "network": {"ports": [80]}, "backends": ["web"]},
        {"name": "web", "type": "vm", "network": {"ports": [8080]}},
        {"name": "other", "type": "vm", "network": {"ports": [8080]}},
    )
    assert found["web"]["d.exposed_via"] == ("edge", "inner")
    assert not found["other"]["d.internet_exposed"]


def test_load_balancers_in_a_ring_end() -> None:
    found = rows(
        {
            "name": "a",
            "type": "load_balancer",
            "network": {**PUBLIC, "ports": [80]},
            "backends": ["b"],
        },
        {"name": "b", "type": "load_balancer", "network": {"ports": [80]}, "backends": ["c"]},
        {"name": "c", "type": "load_balancer", "network": {"ports": [80]}, "backends": ["d"]},
        {"name": "d", "type": "vm", "network": {"ports": [80]}},
    )
    assert found["d"]["d.exposed_via"] == ("a", "b", "c")


def test_a_load_balancer_that_names_nothing_spreads_over_every_machine_with_a_port() -> None:
    found = rows(
        {"name": "lb", "type": "load_balancer", "network": {**PUBLIC, "ports": [80]}},
        {"name": "web", "type": "vm", "count": 3, "network": {"ports": [80]}},
        {"name": "job", "type": "vm"},
    )
    assert found["web"]["d.exposed_via"] == ("lb",)
    assert not found["job"]["d.internet_exposed"]
    assert found["lb"]["d.backend_instances"] == 3


# ── firewalls ────────────────────────────────────────────────────────────────────────────────────

DB = {"name": "db", "type": "database", "network": {**PUBLIC, "ports": [5432]}}


@pytest.mark.parametrize(
    ("rules", "open_"),
    [
        ([], (5432,)),
        ([{"source": "any", "target": "db", "ports": [5432]}], (5432,)),
        ([{"source": "10.0.0.0/8", "target": "db", "ports": [5432]}], ()),
        ([{"source": "0.0.0.0/0", "target": "db", "ports": [5432]}], (5432,)),
        ([{"source": "0.0.0.0/1", "target": "db", "ports": [5432]}], (5432,)),
        ([{"action": "deny", "source": "any", "target": "db", "ports": [5432]}], ()),
        ([{"action": "deny", "source": "any", "target": "db", "ports": [22]}], (5432,)),
        (
            [
                {"action": "deny", "source": "any", "target": "any", "ports": [5432]},
                {"source": "any", "target": "db", "ports": [5432]},
            ],
            (),
        ),
        (
            [
                {"source": "any", "target": "db", "ports": [5432]},
                {"action": "deny", "source": "any", "target": "any"},
            ],
            (5432,),
        ),
        ([{"source": "any", "target": "web", "ports": [80]}], (5432,)),
        ([{"source": "any", "target": "any", "ports": [443]}], ()),
        ([{"source": "any", "target": "lan"}], (5432,)),
        ([{"source": "web", "target": "lan"}], ()),
    ],
)
def test_rules_decide_in_their_order_as_engines_read_them(
    rules: list[dict[str, Any]], open_: tuple[int, ...]
) -> None:
    lan = {"name": "lan", "type": "network", "cidr": "10.0.0.0/24"}
    web = {"name": "web", "type": "vm"}
    extra = [firewall(*rules)] if rules else []
    found = row("db", DB, web, lan, *extra)
    assert found["d.exposed_ports"] == open_
    assert found["d.data_ports_open"] == open_


def test_a_rule_that_lets_anybody_in_counts_without_an_address_outside() -> None:
    rule = {"source": "any", "target": "db", "ports": [5432, 22]}
    found = row("db", {"name": "db", "type": "vm"}, firewall(rule))
    assert not found["d.internet_exposed"]
    assert found["d.data_ports_open"] == (5432,)
    assert found["d.admin_ports_open"] == (22,)
    assert found["d.default_deny"]


def test_a_firewall_may_keep_a_load_balancer_from_its_backend() -> None:
    lb = {
        "name": "lb",
        "type": "load_balancer",
        "network": {**PUBLIC, "ports": [80]},
        "backends": ["web"],
    }
    web = {"name": "web", "type": "vm", "network": {"ports": [80]}}
    allowed = firewall({"source": "lb", "target": "web", "ports": [80]})
    refused = firewall({"source": "10.9.0.0/16", "target": "web", "ports": [80]})
    assert row("web", lb, web, allowed)["d.exposed_via"] == ("lb",)
    assert row("web", lb, web, refused)["d.exposed_via"] == ()


def test_any_port_is_open_where_nothing_limits_them() -> None:
    vm = {"name": "vm", "type": "vm", "network": {**PUBLIC, "ports": [443]}}
    assert row("vm", vm)["d.any_port_open"]
    narrow = firewall({"source": "any", "target": "vm", "ports": [443]})
    assert not row("vm", vm, narrow)["d.any_port_open"]
    wide = firewall({"source": "any", "target": "vm"})
    assert row("vm", vm, wide)["d.any_port_open"]


# ── neighbours, tiers, copies ────────────────────────────────────────────────────────────────────


def test_a_store_next_to_something_public_shares_its_network() -> None:
    found = rows(
        {"name": "front", "type": "network", "cidr": "10.0.0.0/24"},
        {"name": "back", "type": "network", "cidr": "10.0.1.0/24"},
        {"name": "web", "type": "vm", "network": {**PUBLIC, "ports": [80], "attach": ["front"]}},
        {"name": "db", "type": "database", "network": {"private_ip": "10.0.0.9"}},
        {"name": "safe", "type": "database", "network": {"attach": ["back"]}},
    )
    assert found["db"]["d.public_neighbours"] == ("web",)
    assert not found["safe"]["d.shares_subnet_with_public"]
    assert not found["web"]["d.shares_subnet_with_public"]


def test_instances_behind_one_load_balancer_are_one_tier() -> None:
    found = rows(
        {
            "name": "lb",
            "type": "load_balancer",
            "backends": ["red", "blue"],
            "network": {"ports": [80]},
        },
        {
            "name": "red",
            "type": "vm",
            "count": 2,
            "network": {"ports": [80]},
            "metadata": {"location": {"host": "pve1"}},
        },
        {
            "name": "blue",
            "type": "vm",
            "network": {"ports": [80]},
            "options": {"proxmox": {"node": "pve2"}},
        },
        {"name": "alone", "type": "vm"},
    )
    assert found["red"]["d.tier_size"] == found["blue"]["d.tier_size"] == 3
    assert found["red"]["d.tier_hosts"] == 2
    assert (found["alone"]["d.tier_size"], found["alone"]["d.tier_hosts"]) == (1, None)


def test_names_that_differ_by_a_number_are_one_tier_and_others_are_not() -> None:
    found = rows(
        {"name": "web-1", "type": "vm"},
        {"name": "web-2", "type": "vm"},
        {"name": "mail-1", "type": "vm"},
    )
    assert [found[name]["d.tier_size"] for name in ("web-1", "web-2", "mail-1")] == [2, 2, 1]


def test_a_standby_that_depends_on_a_store_is_a_copy_of_it() -> None:
    found = rows(
        {"name": "main", "type": "database", "engine": "postgresql"},
        {
            "name": "spare",
            "type": "database",
            "engine": "postgresql-replica",
            "depends_on": ["main"],
        },
        {"name": "other", "type": "database", "engine": "mysql", "depends_on": ["main"]},
    )
    assert found["main"]["d.replicas"] == 2
    assert found["other"]["d.replicas"] == 1


def test_a_backup_service_that_depends_on_a_store_backs_it_up() -> None:
    store = {"name": "db", "type": "database", "engine": "postgresql"}
    saver = {
        "name": "saver",
        "type": "service",
        "engine": "postgresql-backup",
        "depends_on": ["db"],
    }
    assert not row("db", store)["d.backed_up"]
    assert row("db", store, saver)["d.backed_up"]
    assert not row("db", {**store, "backup": False}, saver)["d.backed_up"]


# ── what is said and declared ────────────────────────────────────────────────────────────────────


def test_the_names_of_secrets_are_facts_and_their_values_are_not() -> None:
    env = {
        "DB_PASSWORD": "hunter2-plain",
        "API_URL": "https://bob:s3cret@example.com",
        "PASSWORD_FILE": "/run/secrets/x",
        "TOKEN_URL": "https://example.com/token",
        "FROM_ELSEWHERE": {"secret": "db.password"},
        "SESSION_SECRET": "${SESSION_SECRET}",
        "MODE": "fast",
    }
    shown = row(
        "web", {"name": "web", "type": "service", "env": env}, {"name": "db", "type": "database"}
    )
    assert shown["r.secrets.inline"] == ("DB_PASSWORD", "API_URL")
    assert shown["r.secrets.referenced"] == ("db.password",)
    assert "hunter2" not in str(shown)
    assert "s3cret" not in str(shown)


def test_what_a_resource_declares_counts_before_what_the_blueprint_declares() -> None:
    found = rows(
        {"name": "a", "type": "vm", "metadata": {"logging": {"enabled": False}}},
        {"name": "b", "type": "vm"},
        metadata={"logging": {"enabled": True, "retention_days": 90}},
    )
    assert (found["a"]["r.logging.enabled"], found["b"]["r.logging.enabled"]) == (False, True)
    assert found["a"]["r.logging.retention_days"] == 90


@pytest.mark.parametrize("value", ["yes", 1, [True], {"on": True}])
def test_a_declaration_of_another_kind_is_none(value: Any) -> None:
    found = row("a", {"name": "a", "type": "vm", "metadata": {"tls": {"enabled": value}}})
    assert found["r.tls.enabled"] is None


def test_a_date_that_is_yet_to_come_has_shown_nothing() -> None:
    def declared(day: str) -> dict[str, Any]:
        return {"name": "a", "type": "vm", "metadata": {"backup": {"last_restore_test": day}}}

    assert row("a", declared("2026-11-12"))["r.backup.last_restore_test_days"] == 10
    assert row("a", declared("2027-01-01"))["r.backup.last_restore_test_days"] is None


@pytest.mark.parametrize(
    ("schedule", "hours"),
    [
        ("daily", 24),
        ("0 3 * * *", 24),
        ("0 */6 * * *", 6),
        ("*/15 * * * *", 0.25),
        ("0 3 * * 0", 168),
        ("0 3 1 1 *", None),
    ],
)
def test_the_hours_between_two_backups_are_read_off_the_schedule(
    schedule: str, hours: float | None
) -> None:
    store = {"name": "db", "type": "database", "backup": {"schedule": schedule}}
    assert row("db", store)["r.backup.frequency_hours"] == hours


def test_days_left_are_counted_to_the_end_of_maintenance() -> None:
    found = rows(
        {"name": "old", "type": "database", "engine": "postgres", "version": "12.4"},
        {"name": "new", "type": "database", "engine": "postgresql", "version": "16"},
        {"name": "odd", "type": "database", "engine": "postgresql", "version": "99"},
        {"name": "vm", "type": "vm", "image": "debian-12"},
    )
    assert found["old"]["d.engine_eol_days"] == -10
    assert found["new"]["d.engine_eol_days"] == 10
    assert found["odd"]["d.engine_eol_days"] is None
    assert found["vm"]["d.os_eol_days"] == 30


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-22", "end today, 2026-11-22"),
        ("2026-11-23", "end on 2026-11-23, in 1 day"),
        ("2026-12-22", "end on 2026-12-22, in 30 days"),
        ("2027-02-20", "end on 2027-02-20, in 3 months"),
        ("2026-11-12", "ended on 2026-11-12, 10 days ago"),
        ("2023-11-09", "ended on 2023-11-09, 3 years ago"),
    ],
)
def test_the_end_of_updates_is_told_as_a_day_and_how_far_it_is_away(day: str, said: str) -> None:
    life = Lifecycle.model_validate(
        {"as_of": "2026-11-22", "software": {"x": {"source": "s", "ends": {"1": day}}}}
    )
    assert life.told("x", "1", today=date(2026, 11, 22)) == said
    assert life.told("x", "9", today=date(2026, 11, 22)) is None


@pytest.mark.parametrize(
    ("region", "inside"),
    [
        ("eu-central-1", True),
        ("eu-west-2", False),
        ("us-east-1", False),
        ("Frankfurt", True),
        ("de", True),
        ("rack 7", None),
    ],
)
def test_a_region_is_inside_outside_or_unknown(region: str, inside: bool | None) -> None:
    found = row("a", {"name": "a", "type": "vm"}, constraints={"region": region})
    assert found["d.region_in_eea"] is inside


def test_facts_of_the_whole_blueprint() -> None:
    found = facts(
        {"name": "lan", "type": "network", "cidr": "10.0.0.0/24", "vlan": 7},
        {"name": "web", "type": "vm", "network": {**PUBLIC, "ports": [80]}},
        {"name": "watch", "type": "service", "engine": "prometheus"},
        {"name": "spare", "type": "volume", "specs": {"disk": "1GB"}},
        metadata={"environment": "prod", "logging": {"remote": True}},
    ).whole
    assert found["g.exposed"] == ("web",)
    assert found["g.has_monitoring"]
    assert found["g.has_log_sink"]
    assert not found["g.has_backup_target"]
    assert found["g.unused_volumes"] == ("spare",)
    assert found["g.environments"] == ("production",)
    assert found["bp.environment"] == "prod"
