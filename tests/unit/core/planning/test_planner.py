"""The plan says exactly what would be done and why, and equal worlds give equal digests."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.plan import Action, Effect, PlanKind
from alma.core.model.software import HealthCheck
from alma.core.model.state import StateRecord, Status
from alma.core.planning.compare import differences
from tests.unit.core.planning.worlds import STACK, PaperEngine, built, desired, plan

WEB = {"name": "web", "type": "vm", "engine": "nginx", "specs": {"memory": "1GB"}}
DB = {"name": "db", "type": "database"}


def actions(found):
    return {change.address: change.action.value for change in found.changes}


def change_of(found, address):
    return next(change for change in found.changes if change.address == address)


def record(item):
    return StateRecord(
        address=item.address,
        type=item.type,
        object_id=f"id-{item.address}",
        properties=PaperEngine().shape(item, STACK),
        deployment_id="d",
        updated_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_everything_is_created_in_an_empty_world():
    assert actions(plan(desired(WEB, DB))) == {
        "network": "create",
        "web": "create",
        "db-data": "create",
        "db": "create",
    }


def test_a_second_plan_after_the_first_is_a_no_op():
    wanted = desired(WEB, DB)
    again = plan(wanted, built(wanted))
    assert again.effective == ()


def test_an_in_place_change_names_before_and_after():
    old = desired(WEB)
    found = change_of(plan(desired(WEB | {"specs": {"memory": "2GB"}}), built(old)), "web")
    assert (found.action, found.reboots) == (Action.UPDATE, True)
    assert [(f.path, f.before, f.after) for f in found.fields] == [("specs.memory", "1GB", "2GB")]


def test_a_replacement_says_which_field_forces_it():
    old = desired(WEB)
    found = change_of(plan(desired(WEB | {"version": "1.26"}), built(old)), "web")
    assert (found.action, found.destructive) == (Action.REPLACE, True)
    assert found.reason == "image can't be changed on what exists"


def test_another_type_under_the_same_name_is_a_replacement():
    old = desired(WEB)
    found = change_of(plan(desired(WEB | {"type": "container"}), built(old)), "web")
    assert found.action is Action.REPLACE


def test_what_the_blueprint_no_longer_names_is_deleted_and_its_data_kept():
    old = desired(WEB, DB)
    found = plan(desired(WEB), built(old))
    assert actions(found) == {
        "network": "no-op",
        "web": "no-op",
        "db": "delete",
        "db-data": "no-op",
    }
    assert change_of(found, "db-data").reason.startswith("kept")


@pytest.mark.parametrize(("volumes", "kept"), [(False, {"db-data"}), (True, set())])
def test_destroy_removes_everything_but_data_unless_volumes_are_asked_for(volumes, kept):
    found = plan((), built(desired(WEB, DB)), kind=PlanKind.DESTROY, volumes=volumes)
    assert {c.address for c in found.changes if c.action is Action.NO_OP} == kept


def test_a_change_made_outside_is_told_from_a_changed_wish():
    wanted = desired(WEB)
    seen = built(wanted)
    drifted = [
        o
        if o.address != "web"
        else o.model_copy(update={"properties": {**o.properties, "specs.memory": "9GB"}})
        for o in seen
    ]
    found = change_of(plan(wanted, drifted, records=[record(w) for w in wanted]), "web")
    assert found.reason == "it was changed outside of ALMA"
    assert [f.drift for f in found.fields] == [True]


def test_what_vanished_is_created_again_and_says_so():
    wanted = desired(WEB)
    found = plan(wanted, (), records=[record(w) for w in wanted])
    assert change_of(found, "web").reason == "it was there after the last deployment and is gone"


def test_what_stopped_is_started_again():
    wanted = desired(WEB)
    seen = [
        o.model_copy(update={"status": Status.STOPPED}) if o.address == "web" else o
        for o in built(wanted)
    ]
    found = change_of(plan(wanted, seen), "web")
    assert found.action is Action.UPDATE
    assert [(f.path, f.before, f.after) for f in found.fields] == [("status", "stopped", "running")]


def test_a_property_that_is_no_longer_wanted_is_a_difference():
    wanted = desired(WEB)
    seen = [
        o.model_copy(update={"properties": {**o.properties, "env.OLD": "1"}}) for o in built(wanted)
    ]
    assert ("env.OLD", "1", None) in [
        (f.path, f.before, f.after) for f in change_of(plan(wanted, seen), "web").fields
    ]


def test_what_an_engine_can_t_make_stops_the_plan():
    found = plan(desired({"name": "wall", "type": "firewall"}))
    assert found.blocked
    assert [(d.path, d.message) for d in found.diagnostics] == [
        ("wall.type", "paper does not burn")
    ]


def test_two_objects_with_one_address_stop_the_plan():
    wanted = desired(WEB)
    seen = built(wanted)
    found = plan(
        wanted, [*seen, seen[-1].model_copy(update={"object_id": "other", "name": "twin"})]
    )
    assert found.blocked
    assert "twin" in found.diagnostics[0].message


def test_what_the_engine_says_of_what_it_saw_stands_in_the_plan_once():
    wanted = desired(WEB)
    known = Diagnostic(severity=Severity.WARNING, code="off", path="", message="node 2 is off")
    found = plan(wanted, remarks=["one is a copy", "node 2 is off"], diagnostics=[known])
    assert [item.message for item in found.diagnostics].count("node 2 is off") == 1
    assert "one is a copy" in [item.message for item in found.diagnostics]
    assert not found.blocked


def test_equal_worlds_give_equal_digests_whatever_the_order_seen():
    wanted = desired(WEB, DB)
    seen = built(wanted)
    assert plan(wanted, seen).digest == plan(wanted, tuple(reversed(seen))).digest


def test_the_moment_s_health_is_no_part_of_the_digest_but_a_stop_is():
    wanted = desired(WEB)
    running, starting = (
        plan(wanted, built(wanted)),
        plan(wanted, built(wanted, status=Status.STARTING)),
    )
    stopped = plan(wanted, built(wanted, status=Status.STOPPED))
    assert running.digest == starting.digest != stopped.digest


@given(st.sampled_from(["object_id", "properties"]), st.integers(0, 3))
def test_any_change_of_what_was_seen_moves_the_digest(what, which):
    wanted = desired(WEB, DB)
    seen = list(built(wanted))
    changed = {"object_id": "other"} if what == "object_id" else {"properties": {"image": "other"}}
    seen[which] = seen[which].model_copy(update=changed)
    assert plan(wanted, seen).digest != plan(wanted, built(wanted)).digest


def test_a_second_object_at_an_address_moves_the_digest_whichever_is_seen_first():
    wanted = desired(WEB)
    seen = built(wanted)
    twin = seen[-1].model_copy(update={"object_id": "other"})
    digests = {plan(wanted, found).digest for found in (seen, [twin, *seen], [*seen, twin])}
    assert len(digests) == 2


@pytest.mark.parametrize(
    "update",
    [
        {"health": HealthCheck(kind="tcp", port=81)},
        {"secrets": {"password": 64}},
        {"depends_on": ()},
        {"retain": True},
        {"command": ("sleep", "1")},
    ],
)
def test_whatever_an_engine_is_told_is_part_of_the_digest_also_what_it_can_t_compare(update):
    wanted = desired(WEB)
    other = [*wanted[:-1], wanted[-1].model_copy(update=update)]
    assert plan(wanted).digest != plan(other).digest


@pytest.mark.parametrize("update", [{"retain": True}, {"depends_on": ("network",)}])
def test_what_a_marker_says_of_keeping_and_order_is_part_of_the_digest(update):
    seen = built(desired(WEB | {"network": {"attach": []}}))
    other = [seen[0].model_copy(update={"retain": False}), seen[1].model_copy(update=update)]
    before = [seen[0], seen[1].model_copy(update={"depends_on": ()})]
    assert plan((), before).digest != plan((), other).digest


def test_an_approval_for_one_host_is_none_for_another():
    wanted = desired(WEB)
    here, there = plan(wanted, place="here"), plan(wanted, place="there")
    assert here.digest != there.digest
    assert [item for item in differences(here, there) if "host" in item]


def test_how_a_change_is_done_is_part_of_the_digest(monkeypatch):
    old, new = desired(WEB), desired(WEB | {"specs": {"memory": "2GB"}})
    before = plan(new, built(old))
    monkeypatch.setattr(PaperEngine, "effect", lambda self, desired, path: Effect.IN_PLACE)
    assert plan(new, built(old)).digest != before.digest


def test_data_is_never_replaced_unless_volumes_are_asked_for():
    old = desired({"name": "data", "type": "volume"})
    new = desired({"name": "data", "type": "container", "image": "x:1"})
    found = plan(new, built(old))
    assert found.blocked
    assert [(d.code, d.path) for d in found.diagnostics] == [("data_would_be_lost", "data.type")]
    assert not plan(new, built(old), volumes=True).blocked
