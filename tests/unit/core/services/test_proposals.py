"""What a person's words do with requests: what they would do by hand, under the same rules, with no other rights."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alma.core.model.conversation import ChatAnswer, TurnState
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.plan import Action, PlanKind
from alma.core.model.principal import LOCAL, Principal
from alma.engines.simulation import SimulationEngine
from tests.people import somebody
from tests.talking import SHOP, Talk, talking

BOB = somebody("bob")


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


def states(talk: Talk) -> list[IPRState]:
    return [ipr.state for ipr in talk.requests]


async def deployed(talk: Talk, *messages: str) -> None:
    await talk.say(*messages, "deploy it", "approve and deploy")
    await talk.runs_end()
    assert talk.requests[-1].state is IPRState.DEPLOYED


async def joined(talk: Talk, name: str, *, role: str) -> Principal:
    """Somebody with an account and a role: what a message that waits for its answer is answered by."""
    account = await talk.alma.accounts.create(LOCAL, name)
    talk.alma.members.grant(LOCAL, account.id, role)
    return somebody(account.id, role=role)


async def by_hand(talk: Talk, *, who: Principal = BOB) -> IPR:
    """A request that was opened outside of the conversation."""
    blueprint_id = talk.turns[-1].blueprint_id
    assert blueprint_id is not None
    return await talk.alma.iprs.open(who, title="by hand", blueprint_id=blueprint_id)


# ── deploy ───────────────────────────────────────────────────────────────────────────────────────


async def test_deploy_opens_a_request_and_shows_its_plan(talk: Talk) -> None:
    answer = await talk.say(SHOP, "deploy it")

    (ipr,) = talk.requests
    assert (ipr.state, ipr.author) == (IPRState.PENDING, LOCAL.id)
    assert (answer.ipr_id, answer.plan_digest) == (ipr.id, ipr.plan.digest)
    assert f"{len(ipr.plan.changes)} to create" in answer.response
    assert answer.deployment_id is None


async def test_deploy_said_again_opens_no_second_request(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it")

    answer = await talk.say("deploy it")

    assert states(talk) == [IPRState.PENDING]
    assert answer.ipr_id == talk.requests[0].id
    assert "waits for approval" in answer.response


async def test_opening_again_for_the_same_turn_finds_the_same_request(talk: Talk) -> None:
    """As after a crash between the request and the memory of it."""
    await talk.say(SHOP, "deploy it")
    changed = await talk.say("add a redis cache and deploy it")
    first, second = talk.requests
    proposals = talk.alma.dialogue._parts.proposals
    with talk.alma.database.read() as transaction:
        place = transaction.conversations.turn(changed.turn_id)
    reading = talk.alma.dialogue._parts.interpreter.interpret("deploy it")
    planned = await proposals.plan(LOCAL, place, reading.intent, reading)

    again = await proposals.open(LOCAL, changed.turn_id, replace(planned, plan=second.plan))

    assert [ipr.id for ipr in talk.requests] == [first.id, second.id]
    assert again.request == second
    assert f"in place of {first.id}" in again.text


async def test_deploy_without_a_draft_says_so(talk: Talk) -> None:
    answer = await talk.say("deploy it")

    assert talk.requests == []
    assert "no draft" in answer.response


async def test_what_runs_as_drafted_needs_no_request(talk: Talk) -> None:
    await deployed(talk, SHOP)

    answer = await talk.say("deploy it")

    assert len(talk.requests) == 1
    assert "nothing to do" in answer.response


async def test_a_plan_that_cant_run_is_no_request(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        await talk.say("a postgres database")
        blueprint = talk.turns[-1].blueprint
        assert blueprint is not None
        assert talk.turns[-1].blueprint_id is not None
        document = blueprint.dump()
        document["resources"][0]["type"] = "vm"
        document["resources"][0]["engine"] = "no-such-software"
        talk.alma.blueprints.update(LOCAL, talk.turns[-1].blueprint_id, document)

        answer = await talk.say("deploy it")

        assert talk.requests == []
        assert "can't be" in answer.response


async def test_a_change_and_its_deployment_in_one_message_is_about_the_changed_draft(
    talk: Talk,
) -> None:
    await deployed(talk, SHOP)

    answer = await talk.say("add a redis cache and deploy it")

    created = {
        change.address
        for change in talk.requests[-1].plan.changes
        if change.action is Action.CREATE
    }
    assert "cache-1" in created
    assert answer.changed
    assert answer.ipr_id == talk.requests[-1].id


async def test_a_changed_draft_takes_the_place_of_its_open_request(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "add a redis cache")

    answer = await talk.say("deploy it")

    assert states(talk) == [IPRState.CANCELLED, IPRState.PENDING]
    assert f"in place of {talk.requests[0].id}, which is withdrawn" in answer.response


async def test_somebody_elses_request_is_not_withdrawn(talk: Talk) -> None:
    await talk.say(SHOP)
    theirs = await by_hand(talk)
    await talk.say(f"approve request {theirs.id}", "add a redis cache", "deploy it")

    assert states(talk) == [IPRState.PENDING, IPRState.PENDING]


@pytest.mark.parametrize(
    "message",
    [
        "make it bigger and deploy",
        "add the thing we spoke of and deploy it",
        "give it what it needs and deploy it",
    ],
)
async def test_a_change_that_was_not_understood_stops_the_act(talk: Talk, message: str) -> None:
    first = await talk.say(SHOP)

    answer = await talk.say(message)

    assert answer.state is TurnState.ANSWERED
    assert answer.question is not None or "was not understood" in answer.response
    assert answer.blueprint == first.blueprint
    assert talk.requests == []


async def test_a_draft_over_its_limit_is_not_even_asked_for(talk: Talk) -> None:
    answer = await talk.say(SHOP, "keep it under $20 a month and deploy it")

    assert talk.requests == []
    assert "$20" in answer.response


async def test_a_draft_that_grew_over_its_limit_elsewhere_is_not_asked_for(talk: Talk) -> None:
    first = await talk.say(SHOP, "keep it under $200 a month")
    assert first.blueprint is not None
    assert first.blueprint_id is not None
    document = first.blueprint.dump()
    document["resources"][0]["specs"] = {"cpu": 64, "memory": "512GB"}
    talk.alma.blueprints.update(BOB, first.blueprint_id, document)

    answer = await talk.say("deploy it")

    assert talk.requests == []
    assert "limit is $200" in answer.response


# ── approve and reject ───────────────────────────────────────────────────────────────────────────


async def test_an_approval_is_the_persons_and_of_the_plan_that_was_shown(talk: Talk) -> None:
    shown = await talk.say(SHOP, "deploy it")

    await talk.say("approve")

    (review,) = talk.requests[0].reviews
    assert (review.action, review.principal) == (ReviewAction.APPROVE, LOCAL.id)
    assert review.plan_digest == shown.plan_digest
    assert review.self_review
    assert states(talk) == [IPRState.APPROVED]
    assert talk.alma.deployments.list(LOCAL)[1] == 0


async def test_a_request_from_elsewhere_is_shown_before_it_can_be_approved(talk: Talk) -> None:
    await talk.say(SHOP)
    ipr = await by_hand(talk)

    first = await talk.say(f"approve request {ipr.id}")
    assert states(talk) == [IPRState.PENDING]
    assert f"{len(ipr.plan.changes)} to create" in first.response
    assert first.plan_digest == ipr.plan.digest

    await talk.say(f"approve {ipr.id}")
    assert states(talk) == [IPRState.APPROVED]


async def test_a_plan_that_moved_is_shown_anew_and_asked_for_again(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it")
    (ipr,) = talk.requests
    blueprint = talk.turns[0].blueprint
    assert blueprint is not None
    document = blueprint.dump()
    document["resources"] = document["resources"][:1]
    talk.alma.blueprints.update(BOB, ipr.plan.target.blueprint_id, document)
    moved = await talk.alma.iprs.replan(BOB, ipr.id)

    answer = await talk.say("approve and deploy")

    assert states(talk) == [IPRState.PENDING]
    assert "has another plan now" in answer.response
    assert answer.plan_digest == moved.plan.digest != ipr.plan.digest
    assert answer.response.count("to create") == 1

    await talk.say("approve")
    assert states(talk) == [IPRState.APPROVED]


async def test_what_was_shown_to_somebody_else_was_not_shown_here(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it")
    ipr = talk.requests[0]
    other = replace(talk, who=await joined(talk, "bob", role="admin"), id="bobs")

    await other.say(f"approve request {ipr.id}")

    assert states(talk) == [IPRState.PENDING]


async def test_who_may_not_approve_is_told_and_nothing_changes(talk: Talk) -> None:
    reader = replace(talk, who=await joined(talk, "reader", role="editor"))
    await reader.say(SHOP, "deploy it")

    answer = await reader.say("approve and deploy")

    assert "lacks the permission ipr:approve" in answer.response
    assert states(talk) == [IPRState.PENDING]
    assert talk.requests[0].reviews == ()
    assert answer.deployment_id is None


async def test_where_others_must_review_the_authors_word_is_not_enough(tmp_path: Path) -> None:
    async with talking(tmp_path, ipr_require_review=True) as talk:
        await talk.say(SHOP, "deploy it")

        answer = await talk.say("approve")

        assert "can't approve it" in answer.response
        assert states(talk) == [IPRState.PENDING]
        # An approval counts for as long as somebody stands behind it.
        other = replace(talk, who=await joined(talk, "bob", role="approver"), id="bobs")
        await other.say("approve request 1", "approve request 1")
        assert states(talk) == [IPRState.APPROVED]
        assert (await talk.say("deploy")).deployment_id is not None


async def test_a_model_less_yes_is_no_approval(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it")

    await talk.say("yes", "ok", "sure, sounds good")

    assert states(talk) == [IPRState.PENDING]


@pytest.mark.parametrize(
    "message",
    [
        "approve if it costs less than $100",
        "approve it but not the cache",
        "should I approve this?",
        "do not approve it",
        "what happens if I approve?",
    ],
)
async def test_an_approval_with_a_condition_or_a_doubt_is_none(talk: Talk, message: str) -> None:
    await talk.say(SHOP, "deploy it")

    await talk.say(message)

    assert states(talk) == [IPRState.PENDING]


async def test_approve_without_any_request_lists_what_waits(talk: Talk) -> None:
    await talk.say(SHOP)
    assert "No request waits" in (await talk.say("approve")).response
    ipr = await by_hand(talk)

    answer = await talk.say("approve")

    assert f"{ipr.id} (by hand)" in answer.response
    assert states(talk) == [IPRState.PENDING]


async def test_reject_ends_the_request_and_deploy_opens_another(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "reject")
    assert states(talk) == [IPRState.REJECTED]

    await talk.say("deploy it")

    assert states(talk) == [IPRState.REJECTED, IPRState.PENDING]


# ── run ──────────────────────────────────────────────────────────────────────────────────────────


async def test_approve_and_deploy_runs_what_was_approved(talk: Talk) -> None:
    answer = await talk.say(SHOP, "deploy it", "approve and deploy")
    await talk.runs_end()

    assert states(talk) == [IPRState.DEPLOYED]
    assert answer.deployment_id == talk.requests[0].deployment_id
    assert "Say deploy" not in answer.response


async def test_approve_and_deploy_runs_the_named_request_not_the_draft(talk: Talk) -> None:
    await talk.say(SHOP)
    ipr = await by_hand(talk)
    await talk.say(f"approve request {ipr.id}", "add a redis cache")

    answer = await talk.say(f"approve request {ipr.id} and deploy it")
    await talk.runs_end()

    assert states(talk) == [IPRState.DEPLOYED]
    assert answer.ipr_id == ipr.id


async def test_deploy_twice_is_one_run(talk: Talk) -> None:
    first = await talk.say(SHOP, "deploy it", "approve", "deploy")
    await talk.say("deploy")
    await talk.runs_end()

    assert talk.alma.deployments.list(LOCAL)[1] == 1
    assert first.deployment_id == talk.requests[0].deployment_id


async def test_starting_a_run_again_for_the_same_message_finds_the_same_run(talk: Talk) -> None:
    """As after a crash between the run and the memory of it: it may have ended meanwhile."""
    answer = await talk.say(SHOP, "deploy it", "approve and deploy")
    await talk.runs_end()
    assert answer.ipr_id is not None
    deploy = talk.alma.dialogue._parts.proposals.deploy

    again = await deploy(LOCAL, answer.ipr_id, ran=None)
    later = await deploy(LOCAL, answer.ipr_id, ran=answer.deployment_id)

    assert again.deployment_id == later.deployment_id == answer.deployment_id
    assert talk.alma.deployments.list(LOCAL)[1] == 1


async def test_a_run_that_failed_is_not_started_again_by_itself(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text("- {kind: rejected, action: create, address: db-1}\n")
    async with talking(tmp_path, simulation_faults=faults) as talk:
        answer = await talk.say(SHOP, "deploy it", "approve and deploy")
        await talk.runs_end()
        assert states(talk) == [IPRState.FAILED]
        assert answer.ipr_id is not None

        again = await talk.alma.dialogue._parts.proposals.deploy(LOCAL, answer.ipr_id, ran=None)

        assert again.deployment_id == answer.deployment_id
        assert talk.alma.deployments.list(LOCAL)[1] == 1


async def test_what_moved_since_its_approval_is_planned_again_and_asked_for(talk: Talk) -> None:
    await deployed(talk, SHOP)
    await talk.say("add a redis cache", "deploy it", "approve")
    engine = talk.alma.engines.get("simulation")
    stack = talk.requests[-1].plan.stack
    assert isinstance(engine, SimulationEngine)
    await engine.tamper(stack, "web-1", remove=True)

    answer = await talk.say("deploy")

    assert "has changed since it was approved" in answer.response
    assert states(talk)[-1] is IPRState.PENDING
    assert answer.plan_digest == talk.requests[-1].plan.digest
    assert answer.deployment_id is None
    await talk.say("approve and deploy")
    await talk.runs_end()
    assert states(talk)[-1] is IPRState.DEPLOYED


async def test_where_requests_approve_themselves_deploy_deploys(tmp_path: Path) -> None:
    async with talking(tmp_path, ipr_auto_approve=True) as talk:
        answer = await talk.say(SHOP, "deploy it")
        await talk.runs_end()

        assert answer.deployment_id is not None
        assert states(talk) == [IPRState.DEPLOYED]


async def test_deploy_of_a_request_that_has_ended_says_so(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "reject")

    answer = await talk.say("deploy request 1")

    assert "can't run any more" in answer.response
    assert states(talk) == [IPRState.REJECTED]


# ── destroy and roll back ────────────────────────────────────────────────────────────────────────


async def test_destroy_is_a_request_like_others(talk: Talk) -> None:
    await deployed(talk, SHOP)

    answer = await talk.say("destroy it")
    assert talk.requests[-1].plan.target.kind is PlanKind.DESTROY
    assert "This destroys" in answer.response
    assert states(talk)[-1] is IPRState.PENDING
    await talk.say("destroy it")
    assert len(talk.requests) == 2

    await talk.say("approve", "deploy")
    await talk.runs_end()
    assert states(talk) == [IPRState.DEPLOYED, IPRState.DEPLOYED]
    assert "left to remove" in (await talk.say("destroy it")).response


async def test_a_draft_over_its_limit_may_be_removed(talk: Talk) -> None:
    await deployed(talk, SHOP)
    await talk.say("keep it under $20 a month")

    await talk.say("destroy it")

    assert talk.requests[-1].plan.target.kind is PlanKind.DESTROY


async def test_destroy_of_what_never_ran_opens_nothing(talk: Talk) -> None:
    answer = await talk.say(SHOP, "destroy it")

    assert "Nothing of it is deployed" in answer.response
    assert talk.requests == []


async def test_rolling_back_goes_to_what_ran_before(talk: Talk) -> None:
    await deployed(talk, SHOP)
    await deployed(talk, "add a redis cache")

    answer = await talk.say("roll back")
    assert answer.blueprint is not None
    assert answer.blueprint.resource("cache-1") is None
    assert "revision 1" in answer.response
    await talk.say("approve and deploy")
    await talk.runs_end()

    stack = talk.requests[-1].plan.stack
    engine = talk.alma.engines.get("simulation")
    assert isinstance(engine, SimulationEngine)
    there = await engine.objects(stack)
    assert "cache-1" not in {item.address for item in there}


async def test_a_draft_that_differs_from_what_runs_goes_back_to_that_first(talk: Talk) -> None:
    await deployed(talk, SHOP)
    await deployed(talk, "add a redis cache")
    await talk.say("remove the cache", "name the blueprint other")

    back = await talk.say("roll back")
    assert back.blueprint is not None
    assert back.blueprint.resource("cache-1") is not None
    assert "nothing to do" in back.response

    further = await talk.say("roll back")
    assert further.blueprint is not None
    assert further.blueprint.resource("cache-1") is None
    assert talk.requests[-1].state is IPRState.PENDING


async def test_rolling_back_to_a_revision_by_its_number(talk: Talk) -> None:
    await talk.say(SHOP, "add a redis cache", "add a load balancer")

    answer = await talk.say("roll back to revision 2")

    assert answer.blueprint is not None
    assert answer.blueprint.resource("cache-1") is not None
    assert "revision 2" in answer.response


async def test_a_revision_that_there_is_not_changes_nothing(talk: Talk) -> None:
    first = await talk.say(SHOP)

    answer = await talk.say("roll back to revision 99")

    assert answer.state is TurnState.ANSWERED
    assert "revision 99" in answer.response
    assert answer.blueprint == first.blueprint
    assert talk.requests == []


async def test_where_nothing_ran_there_is_nothing_to_go_back_to(talk: Talk) -> None:
    answer = await talk.say(SHOP, "roll back")

    assert "Nothing ran before" in answer.response
    assert talk.requests == []


async def test_what_a_conversation_asked_for_is_said_in_the_request(talk: Talk) -> None:
    answer: ChatAnswer = await talk.say(SHOP, "deploy it")

    assert answer.conversation_id in talk.requests[0].description
