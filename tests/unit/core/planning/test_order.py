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
