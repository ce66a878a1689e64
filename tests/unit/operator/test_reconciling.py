"""From a Blueprint to what runs, look by look: what is asked for, what is deployed, and what people are told."""

from __future__ import annotations

import asyncio

import pytest

from alma.core.model.access import ApprovalRule, ProjectRules
from alma.core.model.declaration import keeper
from alma.core.model.errors import DatabaseUnavailable
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.principal import LOCAL
from alma.core.model.state import StackRef
from alma.operator.names import Phase
from alma.operator.settings import OperatorSettings
from tests.unit.operator.desk import WEB, Desk
from tests.world import World

LARGER = {**WEB, "specs": {"cpu": 2}}


def stack_of(alma: World) -> StackRef:
    with alma.database.read() as transaction:
        return transaction.stacks.list(project="default")[0].ref


def requests_of(alma: World) -> list[tuple[int, IPRState]]:
    return [(ipr.id, ipr.state) for ipr in alma.iprs.list(LOCAL)[0]]


async def test_a_blueprint_is_planned_and_waits_for_whom_it_says(desk: Desk) -> None:
    outcome = await desk.look()
    assert outcome.moving
    assert desk.status.phase is Phase.AWAITING_APPROVAL
    assert desk.condition("Planned") == ("True", "Planned")
    assert desk.condition("Approved") == ("False", "AwaitingApproval")
    assert desk.condition("Deployed") == ("False", "AwaitingApproval")
    assert desk.condition("Ready") == ("False", "AwaitingApproval")
    request = desk.requests["shop-1"].status
    assert request is not None
    assert (request.counts.create, request.state) == (2, "pending")
    assert request.digest in desk.message("Approved")
    assert "RequestOpened" in desk.told


async def test_looking_again_makes_nothing_and_tells_nothing(desk: Desk) -> None:
    first = await desk.look()
    desk.notices.clear()
    again = await desk.look()
    assert again.status == first.status
    assert desk.notices == []
    assert len(requests_of(desk.alma)) == 1


async def test_what_is_approved_by_annotation_is_deployed_and_proved(desk: Desk) -> None:
    await desk.look()
    desk.approve()
    await desk.look()
    assert desk.condition("Approved") == ("True", "Approved")
    assert "kubernetes-approvers:team" in desk.message("Approved")
    await desk.ran()
    assert desk.status.phase is Phase.DEPLOYED
    assert desk.condition("Deployed") == ("True", "Deployed")
    assert desk.condition("Ready") == ("True", "Deployed")
    assert desk.condition("Drifted") == ("False", "InStep")
    assert desk.status.deployment is not None
    assert (desk.status.deployment.done, desk.status.deployment.state) == (2, "succeeded")
    assert not (await desk.look()).moving


async def test_what_is_approved_in_alma_is_deployed_just_so(desk: Desk) -> None:
    await desk.look()
    desk.alma.iprs.review(LOCAL, 1, action=ReviewAction.APPROVE)
    await desk.look()
    await desk.ran()
    assert desk.condition("Ready") == ("True", "Deployed")


async def test_an_approval_of_another_plan_is_refused_and_told_on_both(desk: Desk) -> None:
    await desk.look()
    desk.decide("approve", "sha256:another")
    outcome = await desk.look()
    assert desk.condition("Approved") == ("False", "WrongDigest")
    assert desk.status.phase is Phase.AWAITING_APPROVAL
    request = desk.requests["shop-1"].status
    assert request is not None
    assert request.decision is not None
    assert not request.decision.accepted
    about = {(notice.request, notice.reason, notice.warning) for notice in outcome.notices}
    assert ("shop-1", "RefusedWrongDigest", True) in about
    assert (None, "WrongDigest", True) in about
    assert (await desk.look()).notices == ()


async def test_an_approval_counts_for_the_plan_it_names_and_for_no_later_one(desk: Desk) -> None:
    await desk.look()
    desk.approve()
    desk.edit(LARGER)
    await desk.look()
    assert desk.status.request == "shop-2"
    assert desk.condition("Approved") == ("False", "AwaitingApproval")
    assert requests_of(desk.alma) == [(2, IPRState.PENDING), (1, IPRState.CANCELLED)]
    earlier = desk.requests["shop-1"].status
    assert earlier is not None
    assert earlier.state is IPRState.CANCELLED


async def test_a_plan_that_moved_after_its_approval_is_planned_again_and_not_run(
    desk: Desk,
) -> None:
    await desk.deployed()
    desk.edit(LARGER)
    await desk.look()
    approved = desk.requests["shop-2"].status
    desk.approve()
    await desk.alma.simulation.tamper(stack_of(desk.alma), "web", remove=True)
    await desk.look()
    replanned = desk.requests["shop-2"].status
    assert approved is not None
    assert replanned is not None
    assert replanned.digest != approved.digest
    assert replanned.state is IPRState.PENDING
    assert "PlanStale" in desk.told
    await desk.look()
    assert desk.condition("Approved") == ("False", "WrongDigest")


async def test_where_approvals_are_alma_s_annotations_decide_nothing(alma: World) -> None:
    desk = Desk(alma, settings=OperatorSettings(approvals=False))
    await desk.look()
    desk.approve()
    await desk.look()
    assert desk.condition("Approved") == ("False", "ApprovalsOff")
    assert requests_of(alma) == [(1, IPRState.PENDING)]


async def test_a_project_s_rules_for_approvals_hold_for_annotations(desk: Desk) -> None:
    named = ProjectRules(approvals=(ApprovalRule(approvers=("role:approver",)),))
    with desk.alma.database.write() as transaction:
        project = transaction.projects.get("default")
        transaction.projects.update(project.model_copy(update={"rules": named}))
    await desk.look()
    desk.approve()
    await desk.look()
    assert desk.condition("Approved") == ("False", "AwaitingApproval")
    assert "role" in desk.message("Approved")
    assert requests_of(desk.alma)[0][1] is IPRState.PENDING


async def test_what_is_rejected_waits_for_another_word(desk: Desk) -> None:
    await desk.look()
    desk.decide("reject", "too dear")
    await desk.look()
    assert desk.status.phase is Phase.REJECTED
    assert "too dear" in desk.message("Approved")
    await desk.look()
    assert len(requests_of(desk.alma)) == 1
    desk.annotate("request-again", "cheaper now")
    await desk.look()
    await desk.look()
    assert requests_of(desk.alma) == [(2, IPRState.PENDING), (1, IPRState.REJECTED)]


async def test_faults_of_a_blueprint_leave_what_is_deployed_alone(desk: Desk) -> None:
    await desk.deployed()
    desk.edit({**WEB, "depends_on": ["nobody"]}, {**WEB, "name": "other", "count": 0})
    await desk.look()
    assert desk.status.phase is Phase.INVALID
    assert {fault.path for fault in desk.status.diagnostics} == {
        "resources.0.depends_on.0", "resources.1.count",
    }  # fmt: skip
    assert desk.condition("Planned") == ("False", "InvalidBlueprint")
    assert desk.condition("Deployed") == ("True", "Deployed")
    assert len(desk.alma.blueprints.revisions(LOCAL, 1)) == 1
    desk.edit(WEB)
    await desk.look()
    assert desk.status.diagnostics == ()
    assert desk.condition("Ready") == ("True", "Deployed")


async def test_words_that_change_nothing_need_no_approval(desk: Desk) -> None:
    await desk.deployed()
    desk.edit({**WEB, "description": "what people come for"})
    await desk.look()
    assert desk.status.revision == 2
    assert desk.condition("Approved") == ("True", "NothingToDo")
    assert desk.condition("Ready") == ("True", "Deployed")
    assert len(requests_of(desk.alma)) == 1


async def test_a_blueprint_edited_while_it_deploys_is_asked_for_when_that_has_ended(
    desk: Desk,
) -> None:
    await desk.look()
    desk.approve()
    with desk.alma.database.write() as transaction:
        moved = transaction.iprs.get(1, project="default")
        transaction.iprs.update(moved.model_copy(update={"state": IPRState.DEPLOYING}))
    desk.edit(LARGER)
    outcome = await desk.look()
    assert outcome.moving
    assert desk.status.request == "shop-1"
    assert desk.condition("Deployed") == ("False", "Deploying")
    with desk.alma.database.write() as transaction:
        transaction.iprs.update(moved.model_copy(update={"state": IPRState.FAILED}))
    await desk.look()
    assert desk.status.request == "shop-2"


async def test_a_request_whose_object_is_gone_is_shown_again(desk: Desk) -> None:
    await desk.look()
    desk.requests.clear()
    await desk.look()
    assert set(desk.requests) == {"shop-1"}


async def test_drift_is_looked_for_now_and_then_and_told(desk: Desk) -> None:
    await desk.deployed()
    await desk.alma.simulation.tamper(stack_of(desk.alma), "web", remove=True)
    await desk.look()
    assert desk.condition("Drifted") == ("False", "InStep")
    desk.time.ahead = 301
    await desk.look()
    assert desk.condition("Drifted") == ("True", "Drifted")
    assert desk.status.phase is Phase.DRIFTED
    assert desk.status.drift[0].startswith("web:")
    assert len(requests_of(desk.alma)) == 1
    await desk.look()
    assert desk.status.phase is Phase.DRIFTED


async def test_drift_may_ask_to_be_mended_once_and_is_mended_when_approved(desk: Desk) -> None:
    desk.deploy["onDrift"] = "request"
    await desk.deployed()
    await desk.alma.simulation.tamper(stack_of(desk.alma), "web", remove=True)
    desk.time.ahead = 301
    await desk.look()
    await desk.look()
    assert desk.status.request == "shop-2"
    assert desk.condition("Ready")[1] != "AwaitingApproval"
    desk.time.ahead = 900
    await desk.look()
    assert len(requests_of(desk.alma)) == 2
    desk.approve()
    await desk.look()
    await desk.ran()
    assert desk.condition("Drifted") == ("False", "InStep")
    assert desk.condition("Ready") == ("True", "Deployed")
    assert desk.status.phase is Phase.DEPLOYED


async def test_a_namespace_gets_into_no_project_that_it_was_not_granted(desk: Desk) -> None:
    desk.deploy["project"] = "prod"
    await desk.look()
    assert desk.condition("Planned") == ("False", "Forbidden")
    assert desk.alma.blueprints.list(LOCAL)[1] == 0


async def test_an_engine_that_is_not_there_is_told_and_tried_again(desk: Desk) -> None:
    desk.deploy["engine"] = "nowhere"
    await desk.look()
    assert desk.condition("Planned")[0] == "False"
    assert "nowhere" in desk.message("Planned")
    desk.edit(engine="simulation")
    await desk.look()
    assert desk.condition("Planned") == ("True", "Planned")


async def test_what_runs_is_not_left_behind_by_naming_another_engine(alma: World) -> None:
    desk = Desk(alma)
    await desk.deployed()
    desk.edit(engine="docker")
    await desk.look()
    assert desk.condition("Planned")[0] == "False"
    assert len(requests_of(alma)) == 1


async def test_a_database_that_is_away_is_no_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.look()

    def away() -> None:
        raise DatabaseUnavailable("the database does not answer")

    monkeypatch.setattr(desk.alma.database, "read", away)
    with pytest.raises(DatabaseUnavailable):
        await desk.look()
    monkeypatch.undo()
    await desk.look()
    assert len(requests_of(desk.alma)) == 1


async def test_of_two_operators_that_look_at_once_one_asks_and_neither_fails(desk: Desk) -> None:
    twin = Desk(desk.alma)
    for _ in range(3):
        await asyncio.gather(desk.look(), twin.look())
    assert requests_of(desk.alma) == [(1, IPRState.PENDING)]
    assert len(desk.alma.blueprints.revisions(LOCAL, 1)) == 1
    assert desk.status.ipr_id == twin.status.ipr_id == 1
    desk.approve()
    twin.approve()
    await asyncio.gather(desk.look(), twin.look())
    await desk.look()
    await desk.ran()
    assert desk.condition("Ready") == ("True", "Deployed")
    assert desk.alma.deployments.list(LOCAL)[1] == 1


async def test_ended_requests_stay_as_objects_up_to_a_limit(desk: Desk) -> None:
    desk.deploy["historyLimit"] = 1
    for cpu in (1, 2, 3, 4):
        desk.edit({**WEB, "specs": {"cpu": cpu}})
        await desk.look()
    assert set(desk.requests) == {"shop-3", "shop-4"}


async def test_its_revisions_are_written_in_the_name_of_the_object(desk: Desk) -> None:
    await desk.look()
    revision = desk.alma.blueprints.get(LOCAL, 1)
    assert revision.created_by == keeper("team", "shop", project="default").id
    assert revision.blueprint.name == "shop"


# ── letting go ───────────────────────────────────────────────────────────────────────────────────


async def test_what_is_retained_goes_at_once_and_is_taken_up_again(desk: Desk) -> None:
    await desk.deployed()
    desk.deleting = True
    assert (await desk.look()).gone
    assert "Retained" in desk.told
    again = Desk(desk.alma, uid="u-2")
    await again.look()
    assert again.status.blueprint_id == 1
    assert again.condition("Ready") == ("True", "Deployed")
    assert len(requests_of(desk.alma)) == 1


async def test_what_is_destroyed_waits_for_its_approval_and_then_goes_with_its_blueprint(
    desk: Desk,
) -> None:
    desk.deploy |= {"deletionPolicy": "destroy", "destroyVolumes": True}
    await desk.deployed()
    desk.deleting = True
    waits = await desk.look()
    assert not waits.gone
    assert desk.status.phase is Phase.DELETING
    request = desk.requests["shop-2"].status
    assert request is not None
    assert (request.kind, request.counts.delete) == ("destroy", 2)
    assert not (await desk.look()).gone
    desk.approve()
    await desk.look()
    await desk.alma.ended(desk.status.deployment.id)  # type: ignore[union-attr]
    assert (await desk.look()).gone
    assert desk.alma.blueprints.list(LOCAL)[1] == 0
    assert "Removed" in desk.told


async def test_a_removal_that_is_rejected_is_not_pressed_and_may_be_forgotten(desk: Desk) -> None:
    desk.deploy["deletionPolicy"] = "destroy"
    await desk.deployed()
    desk.deleting = True
    await desk.look()
    desk.decide("reject", "it is needed")
    for _ in range(3):
        assert not (await desk.look()).gone
    assert len(requests_of(desk.alma)) == 2
    desk.annotate("forget", "true")
    assert (await desk.look()).gone


async def test_what_never_ran_goes_without_asking(desk: Desk) -> None:
    desk.deploy["deletionPolicy"] = "destroy"
    await desk.look()
    desk.deleting = True
    assert (await desk.look()).gone
    assert requests_of(desk.alma) == [(1, IPRState.CANCELLED)]


async def test_one_that_was_never_taken_in_goes_at_once(desk: Desk) -> None:
    desk.deleting = True
    assert (await desk.look()).gone


async def test_one_deleted_while_it_deploys_is_broken_off_before_it_is_removed(
    alma: World,
) -> None:
    desk = Desk(alma)
    desk.deploy["deletionPolicy"] = "destroy"
    await desk.look()
    desk.approve()
    await desk.look()
    run = desk.status.deployment
    assert run is not None
    desk.deleting = True
    while not (outcome := await desk.look()).gone:
        if outcome.status.ipr_id == 2:
            break
        await alma.ended(run.id)
    ended = alma.deployments.get(LOCAL, run.id)
    assert ended.ended
    assert outcome.gone or ended.state == "succeeded"
