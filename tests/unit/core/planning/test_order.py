"""Changes run in an order that never leaves something standing on nothing."""

from __future__ import annotations

from alma.core.model.plan import PlanKind
from alma.core.planning.compare import differences
from alma.core.planning.order import blast_radius, waves
from tests.unit.core.planning.worlds import built, desired, plan

WEB = {"name": "web", "type": "vm", "engine": "nginx", "depends_on": ["db"]}
DB = {"name": "db", "type": "database"}
LB = {"name": "lb", "type": "load_balancer", "backends": ["web"], "network": {"ports": ["8080:80"]}}


def test_creation_follows_dependencies():
    assert waves(plan(desired(WEB, DB, LB))) == [["db-data", "network"], ["db"], ["web"], ["lb"]]


def test_destruction_goes_the_other_way():
    found = plan((), built(desired(WEB, DB, LB)), kind=PlanKind.DESTROY, volumes=True)
    assert waves(found) == [["lb"], ["web"], ["db"], ["db-data", "network"]]


def test_what_is_removed_waits_for_those_who_used_it():
    old = desired(WEB, DB)
    new = desired(WEB | {"depends_on": [], "version": "1.26"})
    found = plan(new, built(old))
    assert waves(found) == [["web"], ["db"]]


def test_a_published_port_is_freed_before_it_is_taken_again():
    web = WEB | {"depends_on": []}
    found = plan(desired(web, LB | {"name": "front"}), built(desired(web, LB)))
    assert waves(found) == [["lb"], ["front"]]


def test_a_replacement_names_everyone_it_may_disturb():
    found = plan(desired(WEB, DB | {"version": "15"}, LB), built(desired(WEB, DB, LB)))
    assert blast_radius(found) == {"db": ("lb", "web")}


def test_a_moved_plan_is_explained_address_by_address():
    approved = plan(desired(WEB, DB))
    now = plan(desired(WEB, DB), built(desired(WEB, DB))[:2])
    told = differences(approved, now)
    assert any(line.startswith("network: create became no-op") for line in told)
    assert "changed since: what runs now" in told
    assert differences(approved, approved) == ()


def test_a_port_that_another_gives_up_is_free_before_it_is_taken():
    web = {"name": "web", "type": "vm", "engine": "nginx", "network": {"ports": ["8080:80"]}}
    api = {"name": "api", "type": "vm", "engine": "nginx", "network": {"ports": ["8080:80"]}}
    moved = web | {"network": {"ports": ["9090:80"]}}
    assert waves(plan(desired(api, moved), built(desired(web)))) == [["web"], ["api"]]


def test_two_that_swap_their_ports_are_not_made_to_wait_for_each_other():
    web = {"name": "web", "type": "vm", "engine": "nginx", "network": {"ports": ["8080:80"]}}
    api = {"name": "api", "type": "vm", "engine": "nginx", "network": {"ports": ["9090:80"]}}
    swapped = desired(web | {"network": api["network"]}, api | {"network": web["network"]})
    assert waves(plan(swapped, built(desired(web, api)))) == [["api", "web"]]


def test_an_address_is_freed_before_it_is_taken_again():
    fixed = {"type": "vm", "engine": "nginx", "network": {"private_ip": "10.0.0.5"}}
    seen = [
        item.model_copy(update={"properties": {"network.private_ip": "10.0.0.5"}})
        if item.address == "old"
        else item
        for item in built(desired({"name": "old", **fixed}))
    ]
    assert waves(plan(desired({"name": "new", **fixed}), seen))[-2:] == [["old"], ["new"]]


def test_what_says_to_depend_on_each_other_can_still_be_removed():
    names = {"a": ("b",), "b": ("a",)}
    seen = [
        item.model_copy(update={"depends_on": names.get(item.address, item.depends_on)})
        for item in built(desired({"name": "a", "type": "vm"}, {"name": "b", "type": "vm"}))
    ]
    found = plan((), seen, kind=PlanKind.DESTROY)
    assert sorted(name for wave in waves(found) for name in wave) == ["a", "b", "network"]


def test_a_plan_that_can_t_be_ordered_is_blocked_and_shown_all_the_same():
    wanted = desired(WEB | {"depends_on": ["lb"]}, LB | {"backends": []})
    assert sum(map(len, waves(plan(wanted)))) == 3
