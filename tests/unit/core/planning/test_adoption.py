"""An import changes nothing: a plan adopts what the blueprint describes exactly, and says where it does not."""

from __future__ import annotations

from alma.core.model.base import digest_of
from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.engine import Candidate
from alma.core.model.plan import Action, PlanKind, Target
from alma.core.model.state import Observation, Status
from alma.core.planning.compare import differences
from alma.core.planning.planner import make_plan
from tests.unit.core.planning.worlds import STACK, PaperEngine, built, desired

WEB: dict[str, object] = {
    "name": "web",
    "type": "vm",
    "image": "debian",
    "specs": {"memory": "1GB"},
}
NET: dict[str, object] = {"name": "net", "type": "network"}
WANTED = desired(NET, WEB)
NETWORK, SERVER = WANTED


def candidate(**more):
    facts = {
        "object_id": "105",
        "name": "old-web",
        "type": ResourceType.VM,
        "status": Status.RUNNING,
        "resource": Resource.model_validate(WEB),
        "properties": PaperEngine().shape(SERVER, STACK),
    }
    return Candidate(**{**facts, **more})


def plan(*candidates, wanted=WANTED, adopt=None, seen=None):
    return make_plan(
        target=Target(
            blueprint_id=1,
            revision=1,
            engine="paper",
            kind=PlanKind.DEPLOY,
            adopt={"web": "105"} if adopt is None else adopt,
        ),
        blueprint_name="shop",
        revision_digest="sha256:1",
        desired=wanted,
        observation=Observation(
            stack=STACK, place="mill", resources=built([NETWORK]) if seen is None else seen
        ),
        records=(),
        engine=PaperEngine(),
        candidates={item.object_id: item for item in candidates},
    )


def errors(found):
    return [(d.code, d.path) for d in found.diagnostics if d.severity == "error"]


def test_what_is_described_exactly_is_adopted_and_nothing_else_is_done():
    found = plan(candidate())
    assert [(c.address, c.action, c.object_id) for c in found.effective] == [
        ("web", Action.ADOPT, "105")
    ]
    assert found.effective[0].reason == "it is there as 'old-web' and stays as it is"
    assert not found.blocked
    assert found.count()["adopt"] == 1


def test_every_difference_stops_the_plan_and_is_named_with_both_values():
    other = {**PaperEngine().shape(SERVER, STACK), "specs.memory": "2GB", "image": "alpine"}
    found = plan(candidate(properties=other))
    assert errors(found) == [("adopt_differs", "web.image"), ("adopt_differs", "web.specs.memory")]
    assert "'old-web' has 2GB, the blueprint says 1GB" in found.diagnostics[1].message
    assert [f.path for f in found.effective[0].fields] == ["image", "specs.memory"]


def test_another_type_is_a_difference():
    assert errors(plan(candidate(type=ResourceType.CONTAINER))) == [("adopt_differs", "web.type")]


def test_the_blueprints_word_is_taken_for_what_nothing_on_the_object_tells():
    shape = dict(PaperEngine().shape(SERVER, STACK))
    del shape["image"]
    assert errors(plan(candidate(properties=shape, unread=("image",)))) == []
    assert errors(plan(candidate(properties=shape, unread=("ima.",)))) != []
    below = {**shape, "env.A": "1"}
    assert errors(plan(candidate(properties=below, unread=("image", "env.")))) == []


def test_what_is_gone_or_belongs_to_a_stack_stops_the_plan():
    assert errors(plan()) == [("nothing_to_adopt", "web")]


def test_what_can_t_be_adopted_or_does_not_run_stops_the_plan_with_its_reason():
    found = plan(candidate(obstacle="it is a template"))
    assert errors(found) == [("not_adoptable", "web")]
    assert "it is a template" in found.diagnostics[0].message
    assert errors(plan(candidate(status=Status.STOPPED))) == [("not_running", "web")]


def test_an_address_that_is_not_in_the_blueprint_or_is_taken_stops_the_plan():
    assert errors(plan(candidate(), adopt={"nobody": "105"}, seen=built(WANTED))) == [
        ("adopt_nowhere", "nobody")
    ]
    assert errors(plan(candidate(), seen=built(WANTED))) == [("address_taken", "web")]


def test_what_was_adopted_before_is_compared_like_anything_else():
    seen = [item.model_copy(update={"object_id": "105"}) for item in built(WANTED)]
    found = plan(seen=seen)
    assert (found.effective, errors(found)) == ((), [])


def test_what_the_blueprint_can_t_say_of_it_is_told_before_the_approval():
    found = plan(candidate(notes=("its USB stick can't be described",)))
    assert [(d.code, d.severity, d.path) for d in found.diagnostics] == [
        ("not_described", "info", "web")
    ]


def test_any_change_of_the_object_before_it_is_adopted_moves_the_digest():
    first = plan(candidate())
    assert plan(candidate()).digest == first.digest
    assert plan(candidate(name="renamed", notes=("x",))).digest == first.digest
    for more in (
        {"properties": {}},
        {"status": Status.STOPPED},
        {"obstacle": "locked"},
        {"unread": ("image",)},
    ):
        assert plan(candidate(**more)).digest != first.digest
    other = plan(candidate(object_id="106"), adopt={"web": "106"})
    assert "web: it is another object now" in differences(first, other)


def test_without_an_import_nothing_is_said_of_one_so_earlier_approvals_hold():
    target = Target(blueprint_id=1, revision=1, engine="paper")
    before = target.model_dump(mode="json", exclude={"adopt", "strategy", "batch"})
    assert plan(adopt={}).inputs["target"] == digest_of(before | {"stack": STACK.id})
    assert plan(candidate()).inputs["target"] != plan(adopt={}).inputs["target"]
