"""A blueprint becomes exactly the instances an engine makes, and everything implied is visible."""

from __future__ import annotations

import pytest

from alma.core.model.blueprint import ResourceType
from alma.core.planning.resolve import resolve
from tests.unit.core.planning.worlds import CATALOGUE, TRAITS, blueprint, desired

WEB = {"name": "web", "type": "vm", "engine": "nginx"}
DB = {"name": "db", "type": "database"}


def by_address(*resources):
    return {item.address: item for item in desired(*resources)}


def test_the_stack_gets_a_network_of_its_own_when_the_blueprint_names_none():
    made = by_address(WEB)
    assert made["network"].implied
    assert made["web"].networks == ("network",)
    assert made["web"].depends_on == ("network",)


def test_a_network_of_the_blueprint_is_used_instead_of_an_implied_one():
    made = by_address(WEB, {"name": "dmz", "type": "network", "cidr": "10.0.1.0/24"})
    assert set(made) == {"web", "dmz"}
    assert made["web"].networks == ("dmz",)


def test_an_implied_name_never_clashes_with_a_resource():
    made = by_address({"name": "network", "type": "vm", "engine": "nginx"})
    assert made["network-1"].type is ResourceType.NETWORK
    assert made["network"].networks == ("network-1",)


def test_the_network_of_a_fixed_address_is_the_one_that_holds_it():
    made = by_address(
        {"name": "a", "type": "network", "cidr": "10.0.1.0/24"},
        {"name": "b", "type": "network", "cidr": "10.0.2.0/24"},
        WEB | {"network": {"private_ip": "10.0.2.7"}},
    )
    assert made["web"].networks == ("b",)


@pytest.mark.parametrize(
    ("addresses", "cidr"),
    [(["10.0.1.10", "10.0.1.11"], "10.0.1.0/24"), (["10.0.1.10", "10.0.2.10"], "10.0.0.0/16")],
)
def test_the_implied_network_is_wide_enough_for_all_fixed_addresses(addresses, cidr):
    webs = [
        {"name": f"w{n}", "type": "vm", "engine": "nginx", "network": {"private_ip": address}}
        for n, address in enumerate(addresses)
    ]
    assert by_address(*webs)["network"].resource.cidr == cidr


def test_scaling_up_keeps_the_first_instance_s_name():
    assert set(by_address(WEB)) <= set(by_address(WEB | {"count": 3}))
    assert {"web", "web-2", "web-3"} <= set(by_address(WEB | {"count": 3}))


def test_data_gets_a_volume_that_is_kept():
    made = by_address(DB | {"specs": {"storage": "50GB"}})
    volume = made["db-data"]
    assert (volume.implied, volume.retain, str(volume.disk)) == (True, True, "50GB")
    assert [(mount.volume, mount.path) for mount in made["db"].mounts] == [("db-data", "/data")]
    assert "db-data" in made["db"].depends_on


def test_a_mount_at_the_data_directory_replaces_the_implied_volume():
    made = by_address(
        DB | {"mounts": [{"volume": "disk", "path": "/data"}]}, {"name": "disk", "type": "volume"}
    )
    assert "db-data" not in made
    assert [mount.volume for mount in made["db"].mounts] == ["disk"]


def test_the_default_software_of_a_type_is_used_when_none_is_named():
    database = by_address(DB)["db"]
    assert (database.software, database.image) == ("postgresql", "postgres:16")


def test_a_version_becomes_the_image_s_tag():
    assert by_address(DB | {"engine": "postgres", "version": "15"})["db"].image == "postgres:15"


def test_an_own_image_wins_over_the_catalogue_except_a_vm_s_operating_system():
    service = by_address({"name": "s", "type": "service", "engine": "nginx", "image": "me/x:1"})[
        "s"
    ]
    vm = by_address(WEB | {"image": "debian-12"})["web"]
    assert (service.image, vm.image) == ("me/x:1", "nginx:1.27")


def test_generated_secrets_are_files_by_reference_never_by_value():
    database = by_address(DB)["db"]
    assert database.secrets == {"password": 32}
    assert [(f.path, f.secret, f.content) for f in database.files] == [
        ("/run/secrets/password", "db.password", "")
    ]


def test_a_load_balancer_spreads_over_every_instance_of_its_backends():
    made = by_address(
        WEB | {"count": 2}, {"name": "lb", "type": "load_balancer", "backends": ["web"]}
    )
    assert [(b.address, b.port) for b in made["lb"].backends] == [("web", 80), ("web-2", 80)]
    assert made["lb"].files[0].content == "server web:80\nserver web-2:80\n"
    assert {"web", "web-2"} <= set(made["lb"].depends_on)


def test_a_load_balancer_that_names_none_takes_what_listens():
    made = by_address(WEB, DB, {"name": "lb", "type": "load_balancer"})
    assert [b.address for b in made["lb"].backends] == ["web"]


def test_a_load_balancer_with_nothing_behind_it_is_warned_about():
    found = resolve(blueprint({"name": "lb", "type": "load_balancer"}), CATALOGUE, TRAITS)
    assert [(d.code, d.severity, d.path) for d in found.diagnostics] == [
        ("no_backends", "warning", "resources.0.backends")
    ]


def test_unknown_software_is_an_error_that_names_the_known_ones():
    found = resolve(blueprint(DB | {"engine": "postgrex"}), CATALOGUE, TRAITS)
    (error,) = found.diagnostics
    assert (error.severity, error.path) == ("error", "resources.0.engine")
    assert "postgresql" in (error.hint or "")


def test_a_secret_in_the_environment_makes_its_owner_come_first():
    made = by_address(DB, WEB | {"env": {"PW": {"secret": "db.password"}}})
    assert "db" in made["web"].depends_on


def test_plain_environment_values_become_texts():
    made = by_address(WEB | {"env": {"N": 3, "ON": True}})
    assert made["web"].env == {"N": "3", "ON": "true"}


def faults(*resources):
    found = resolve(blueprint(*resources), CATALOGUE, TRAITS)
    return [(d.code, d.path) for d in found.diagnostics if d.severity == "error"]


def test_a_name_that_an_implied_volume_needs_is_an_error_and_never_two_of_one_address():
    taken = {"name": "db-data", "type": "container", "image": "x:1"}
    assert faults(DB, taken) == [("duplicate_name", "resources.1.name")]
    addresses = [item.address for item in desired(DB, taken)]
    assert len(addresses) == len(set(addresses))


def test_an_implied_volume_has_a_legal_name_however_long_its_owner_s_is():
    one, other = "d" * 62 + "1", "d" * 62 + "2"
    made = by_address({"name": one, "type": "database"}, {"name": other, "type": "database"})
    volumes = [item for item in made.values() if item.type is ResourceType.VOLUME]
    assert [len(volume.address) for volume in volumes] == [63, 63]
    assert len(made) == 5


def test_waiting_for_each_other_through_a_load_balancer_s_default_is_an_error():
    web = WEB | {"depends_on": ["lb"]}
    assert faults(web, {"name": "lb", "type": "load_balancer"}) == [
        ("dependency_cycle", "resources.0.depends_on")
    ]


def test_a_network_can_t_wait_for_who_joins_it_without_saying_so():
    network = {"name": "dmz", "type": "network", "cidr": "10.0.1.0/24", "depends_on": ["web"]}
    assert faults(WEB, network) == [("dependency_cycle", "resources.0.depends_on")]


def test_the_secret_of_an_instance_makes_that_instance_come_first():
    made = by_address(DB | {"count": 2}, WEB | {"env": {"PW": {"secret": "db-2.password"}}})
    assert "db-2" in made["web"].depends_on


def test_an_instance_never_waits_for_its_siblings_secrets():
    web = WEB | {"count": 2, "env": {"A": {"secret": "web.x"}, "B": {"secret": "web-2.x"}}}
    assert faults(web) == []


def test_whom_a_program_runs_as_is_known_of_the_catalogue_s_image_alone():
    known = CATALOGUE.software["nginx"].model_copy(update={"user": 101, "writable": ("/var/run",)})
    catalogue = CATALOGUE.model_copy(update={"software": {**CATALOGUE.software, "nginx": known}})

    def made(**more):
        (item,) = (
            item
            for item in resolve(blueprint(WEB | more), catalogue, TRAITS).resources
            if item.address == "web"
        )
        return item.user, item.writable

    assert made() == (101, ("/var/run",))
    assert made(image="debian-12") == (101, ("/var/run",)), "a machine's system is not the image"
    assert made(type="service", image="registry.example/web:1") == (None, ())


def test_what_was_there_before_joins_no_network_of_the_stack_and_is_one_object():
    old = {
        "name": "old",
        "type": "container",
        "image": "x",
        "count": 3,
        "mounts": [{"volume": "data", "path": "/data"}],
        "options": {"kubernetes": {"existing": "Deployment/prod/old"}},
    }
    traits = TRAITS.model_copy(update={"replicates": True, "apart": "existing"})
    alone = blueprint({"name": "data", "type": "volume"}, old)
    found = {item.address: item for item in resolve(alone, CATALOGUE, traits).resources}
    assert found.keys() == {"data", "old"}
    assert (found["old"].replicas, found["old"].networks) == (3, ())
    beside = blueprint({"name": "data", "type": "volume"}, old, WEB)
    found = {item.address: item for item in resolve(beside, CATALOGUE, traits).resources}
    assert found["web"].networks == ("network",)
    assert found["old"].networks == ()
