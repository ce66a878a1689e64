"""Drift is told in three kinds: changed outside, gone, moved; by what was recorded after the last deployment."""

from __future__ import annotations

from datetime import UTC, datetime

from alma.core.model.plan import PlanKind
from alma.core.model.state import StateRecord, Status
from alma.core.planning.drift import drift_of
from tests.unit.core.planning.worlds import STACK, PaperEngine, built, desired, plan

WANTED = desired({"name": "web", "type": "vm", "engine": "nginx", "specs": {"memory": "1GB"}})
HERE, THERE = {"node": "pve1"}, {"node": "pve2"}


def records(**more):
    return [
        StateRecord(
            address=item.address,
            type=item.type,
            object_id=f"id-{item.address}",
            properties=PaperEngine().shape(item, STACK),
            site=HERE,
            deployment_id="d",
            updated_at=datetime(2026, 1, 1, tzinfo=UTC),
        ).model_copy(update=more)
        for item in WANTED
    ]


def told(drift):
    return [(item.address, item.kind, item.paths) for item in drift]


def test_what_is_as_it_was_left_has_not_drifted():
    assert drift_of(records(), built(WANTED, site=HERE)) == ()


def test_the_three_kinds_are_told_apart():
    _, web = built(WANTED, site=HERE)
    bigger = web.model_copy(
        update={"properties": {**web.properties, "specs.memory": "9GB"}, "site": THERE}
    )
    found = drift_of(records(), [bigger])
    assert told(found) == [
        ("web", "changed", ("specs.memory",)),
        ("network", "gone", ()),
        ("web", "moved", ("node",)),
    ]
    assert [item.detail for item in found] == [
        "'web' was changed outside of ALMA: specs.memory",
        "'network' was there after the last deployment and is gone",
        "'web' is on node pve2 now (was pve1)",
    ]


def test_what_was_stopped_outside_was_changed():
    found = drift_of(records(), built(WANTED, site=HERE, status=Status.STOPPED))
    assert told(found)[0] == ("network", "changed", ("status",))


def test_another_object_in_the_place_of_the_one_that_was_made_is_pointed_out():
    """Whoever may write a marker can put a guest of their own there, and be given the secrets of the resource."""
    network, web = built(WANTED, site=HERE)
    other = web.model_copy(update={"object_id": "id-of-somebody"})
    found = plan(WANTED, [network, other], records=records())
    assert told(found.drift) == [("web", "changed", ("object",))]
    ((severity, code, message),) = [(d.severity, d.code, d.message) for d in found.diagnostics]
    assert (severity, code) == ("warning", "another_object")
    assert "id-of-somebody instead of id-web" in message


def test_a_place_that_was_never_recorded_is_no_move():
    assert drift_of(records(site={}), built(WANTED, site=HERE)) == ()


def test_a_plan_tells_drift_and_a_move_is_a_remark_that_needs_no_change():
    found = plan(WANTED, built(WANTED, site=THERE), records=records())
    assert found.effective == ()
    assert {item.kind for item in found.drift} == {"moved"}
    assert [(d.severity, d.code, d.path) for d in found.diagnostics] == [
        ("info", "moved", "network"),
        ("info", "moved", "web"),
    ]


def test_where_it_runs_is_no_part_of_the_digest():
    here, there = (plan(WANTED, built(WANTED, site=site)) for site in (HERE, THERE))
    assert here.digest == there.digest


def test_a_destroy_does_not_speak_of_drift():
    found = plan((), built(WANTED, site=THERE), records=records(), kind=PlanKind.DESTROY)
    assert found.drift == ()
