from __future__ import annotations

from itertools import permutations, product

import pytest

from alma.config import load_catalogue, load_migration
from alma.core.migration.platforms import Fidelity, Way
from alma.core.migration.target import Move, Strategy, arrived
from alma.core.model.blueprint import Blueprint, Resource, ResourceType
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput

TABLE = load_migration()
PAIRS = list(permutations(TABLE.platforms, 2))


def blueprint(*resources: dict[str, object], **more: object) -> Blueprint:
    return parse_blueprint({"name": "shop", "resources": list(resources), **more})


def moved(
    document: Blueprint, source: str, target: str, strategy: Strategy = Strategy.LIFT
) -> Blueprint:
    return arrived(document, Move(source, target, strategy, TABLE, load_catalogue()))[0]


@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_every_type_has_an_answer_from_every_platform_to_every_other(
    source: str, target: str
) -> None:
    for kind, managed in product(ResourceType, (True, False)):
        found = TABLE.equivalent(Resource(name="x", type=kind), source, target, managed=managed)
        assert found.source
        assert found.target
        assert found.fidelity is Fidelity.EQUAL or found.reasons, (kind, source, target)


def test_every_change_of_form_that_can_come_up_is_explained() -> None:
    forms = [way for way in Way if way is not Way.NONE]
    told = {(change.source, change.target) for change in TABLE.changes}
    assert told == set(permutations(forms, 2)) & told
    for kind, (source, target) in product(ResourceType, PAIRS):
        there, here = (TABLE.service(kind, None, platform).form for platform in (source, target))
        same = there is here or Way.NONE in {there, here}
        assert same or (there, here) in told, (kind, source, target)


def test_the_software_of_the_table_is_in_the_catalogue() -> None:
    known = {
        f"{kind}/{name}"
        for name, entry in load_catalogue().software.items()
        for kind in entry.types
    }
    assert set(TABLE.software) <= known
    assert set(TABLE.replicates) <= set(load_catalogue().software)


def test_the_worse_of_platform_and_form_counts() -> None:
    database = Resource(name="db", type=ResourceType.DATABASE, engine="postgresql")
    found = TABLE.equivalent(database, "aws", "proxmox")
    assert (found.source, found.fidelity) == ("RDS for PostgreSQL", Fidelity.APPROXIMATED)
    wall = Resource(name="f", type=ResourceType.FIREWALL)
    assert TABLE.equivalent(wall, "aws", "docker").fidelity is Fidelity.UNSUPPORTED
    machine = Resource(name="vm", type=ResourceType.VM)
    assert TABLE.equivalent(machine, "vmware", "proxmox").fidelity is Fidelity.EQUAL


@pytest.mark.parametrize(
    ("word", "platform"),
    [("AWS", "aws"), ("Amazon Web Services", "aws"), ("Google Cloud", "gcp"), ("k8s", "kubernetes"),
     ("Bare Metal", "bare-metal"), ("bare_metal", "bare-metal"), ("vSphere", "vmware"), ("on-prem", "bare-metal"),
     ("Proxmox VE", "proxmox")],
)  # fmt: skip
def test_platforms_are_known_by_their_other_names(word: str, platform: str) -> None:
    assert TABLE.named(word) == platform


def test_an_unknown_platform_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="mars") as refused:
        TABLE.named("mars")
    assert refused.value.hint == f"known are {', '.join(TABLE.platforms)}"


FULL = blueprint(
    {"name": "net", "type": "network", "cidr": "10.0.0.0/24"},
    {"name": "wall", "type": "firewall", "rules": [{"source": "any", "target": "web", "ports": [80]}]},
    {"name": "disk", "type": "volume", "specs": {"disk": "10GB"}},
    {"name": "web", "type": "vm", "engine": "nginx", "image": "debian:12",
     "network": {"attach": ["net"], "public_ip": "1.2.3.4"},
     "options": {"proxmox": {"node": "a"}, "docker": {"x": 1}}, "metadata": {"purchase": {"type": "m5.large"}}},
    {"name": "app", "type": "container", "image": "app:1", "depends_on": ["db", "cluster"],
     "mounts": [{"volume": "disk", "path": "/d"}]},
    {"name": "db", "type": "database", "engine": "postgresql"},
    {"name": "cache", "type": "cache"},
    {"name": "queue", "type": "queue"},
    {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    {"name": "files", "type": "object_store"},
    {"name": "cluster", "type": "kubernetes_cluster", "specs": {"nodes": 3}},
    {"name": "svc", "type": "service", "engine": "nginx"},
    constraints={"region": "us-east-1"},
)  # fmt: skip


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize(("source", "target"), PAIRS)
def test_the_blueprint_for_the_target_is_valid_and_every_resource_has_an_account(
    source: str, target: str, strategy: Strategy
) -> None:
    made, accounts = arrived(FULL, Move(source, target, strategy, TABLE, load_catalogue()))
    assert parse_blueprint(made.dump()) == made
    assert [item.name for item in accounts] == [resource.name for resource in FULL.resources]
    kept = {item.name for item in accounts if item.becomes is not None}
    assert {resource.name for resource in made.resources} == kept
    for item in accounts:
        if item.becomes is None:
            assert item.equivalent.fidelity is Fidelity.UNSUPPORTED


def test_what_belongs_to_the_old_place_stays_there() -> None:
    web = moved(FULL, "aws", "proxmox").resource("web")
    assert web is not None
    assert web.network.public_ip is True
    assert web.options == {"proxmox": {"node": "a"}}
    assert web.metadata == {}
    made = moved(FULL, "aws", "proxmox")
    assert (made.name, made.engine, made.constraints) == ("shop-proxmox", "proxmox", None)


def test_what_there_is_nothing_for_leaves_no_reference_behind() -> None:
    made = moved(FULL, "aws", "docker")
    assert made.resource("wall") is None
    assert made.resource("cluster") is None
    app = made.resource("app")
    assert app is not None
    assert app.depends_on == ("db",)


def test_a_strategy_says_how_much_changes() -> None:
    kinds = {
        s: {r.name: r.type for r in moved(FULL, "vmware", "aws", s).resources} for s in Strategy
    }
    assert kinds[Strategy.LIFT]["web"] == kinds[Strategy.REPLATFORM]["web"] == "vm"
    assert kinds[Strategy.REFACTOR]["web"] == "container"
    managed = moved(FULL, "vmware", "aws", Strategy.REPLATFORM).resource("db")
    assert managed is not None
    assert managed.metadata == {"service": "RDS for PostgreSQL"}
