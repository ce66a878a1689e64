"""What is suggested makes sense as things stand, and whatever is suggested is understood when it is said."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alma.core.model.conversation import ChatAnswer, Intent, NextStep
from tests.talking import SHOP, Talk, talking

# Calls, not words.
_CALLS = {NextStep.OPEN_REQUEST.value, NextStep.LOOK_AT_PLAN.value}
_TALKS = (
    ("hi",),
    ("what can you do?",),
    ("list the templates",),
    (SHOP,),
    (SHOP, "how much does it cost?", "make it cheaper"),
    (SHOP, "suggest improvements"),
    (SHOP, "is this secure?"),
    (SHOP, "what is running?", "show the blueprint"),
    (SHOP, "add a redis cache", "undo"),
    (SHOP, "keep it under $20 a month"),
    (SHOP, "can it take 5000 requests per second?"),
    (SHOP, "what is a cache?"),
    (SHOP, "hmm", "help"),
    (SHOP, "make it cost nothing at all please", "blargh"),
    ("a kubernetes cluster with 5 nodes under $200",),
    (SHOP, "deploy it"),
    (SHOP, "deploy it", "show the plan"),
    (SHOP, "deploy it", "reject"),
    (SHOP, "deploy it", "approve"),
    (SHOP, "deploy it", "approve", "thanks"),
    (SHOP, "approve"),
    (SHOP, "status"),
    (SHOP, "reject"),
    ("a web server", "make it have 5000 cores"),
    (SHOP, "deploy it", "status"),
    (SHOP, "deploy it", "explain request 1"),
    (SHOP, "deploy it", "approve", "status"),
    ("approve",),
    ("deploy",),
    ("destroy it",),
)


@pytest.fixture
async def talk(tmp_path: Path) -> AsyncIterator[Talk]:
    async with talking(tmp_path) as made:
        yield made


# What fixed phrases ask for.
_MEAN = {
    "Which requests wait for approval?": {Intent.LIST, Intent.STATUS},
    "Show the blueprint": {Intent.LIST},
    "Show the deployments": {Intent.LIST},
    "List the templates": {Intent.LIST},
    "What is running?": {Intent.STATUS},
    "Show the status": {Intent.STATUS},
    "Show the plan": {Intent.STATUS, Intent.EXPLAIN, Intent.LIST},
    "How much does it cost?": {Intent.COST},
    "Make it cheaper": {Intent.COST},
    "Suggest improvements": {Intent.SUGGEST},
    "What can you do?": {Intent.HELP},
    "Deploy it": {Intent.DEPLOY},
    "Approve it": {Intent.APPROVE},
    "Reject it": {Intent.REJECT},
    "Create a simple web application": {Intent.CREATE},
}


def phrases(answer: ChatAnswer) -> list[str]:
    return [words for words in answer.suggested_actions if words not in _CALLS]


@pytest.mark.parametrize("said", _TALKS, ids=" / ".join)
async def test_whatever_is_suggested_is_understood_when_it_is_said(
    talk: Talk, said: tuple[str, ...]
) -> None:
    suggested = phrases(await talk.say(*said))

    assert suggested or said[-1] == SHOP
    for number, phrase in enumerate(suggested):
        again = Talk(talk.alma, id=f"{number}")
        await again.say(*said)
        answer = await again.say(phrase)
        assert answer.intent is not Intent.UNKNOWN, phrase
        assert answer.intent in _MEAN.get(phrase, {answer.intent}), phrase
        assert answer.question is None, phrase
        assert "did not understand" not in answer.response, phrase
        assert "did not find" not in answer.response, phrase
        assert "can't be done" not in answer.response, phrase


async def test_a_draft_over_its_limit_leads_to_the_limit_and_not_to_a_request(talk: Talk) -> None:
    answer = await talk.say(SHOP, "keep it under $20 a month")
    assert answer.cost is not None
    assert answer.cost["within_limit"] is False
    assert not _CALLS & set(answer.suggested_actions)
    assert "Make it cheaper" in answer.suggested_actions

    refused = await talk.say("deploy it")
    assert "That can't be done" in refused.response
    assert not _CALLS & set(refused.suggested_actions)

    raised = next(words for words in refused.suggested_actions if words.startswith("Raise"))
    await talk.say(raised)
    assert "I opened request" in (await talk.say("deploy it")).response


async def test_what_waits_for_approval_is_approved_or_rejected_and_nothing_else(talk: Talk) -> None:
    for said in ("deploy it", "deploy it", "ok", "show the plan"):
        answer = await (talk.say(SHOP, said) if not talk_begun(talk) else talk.say(said))
        assert {"Approve it", "Reject it"} <= set(answer.suggested_actions), said
        assert "Deploy it" not in answer.suggested_actions, said


def talk_begun(talk: Talk) -> bool:
    return bool(talk.alma.blueprints.list(talk.who)[0])


async def test_small_talk_says_what_a_request_waits_for(talk: Talk) -> None:
    waiting = await talk.say(SHOP, "deploy it", "thanks")
    assert "Request 1 (Deploy " in waiting.response
    assert "waits for approval" in waiting.response
    approved = await talk.say("approve", "thanks")
    assert "is approved: say deploy" in approved.response
    assert approved.suggested_actions[0] == "Deploy it"


@pytest.mark.parametrize(
    "question", ["show me the plan", "what will happen exactly?", "what will be destroyed?"]
)
async def test_the_plan_that_waits_can_be_looked_at_by_asking(talk: Talk, question: str) -> None:
    opened = await talk.say(SHOP, "deploy it")
    told = await talk.say(question)
    plan = opened.response[opened.response.index("On simulation") : opened.response.index(" It wa")]
    assert plan in told.response
    assert told.data["plan_digest"] == opened.plan_digest


async def test_without_a_request_the_plan_is_said_to_come_with_deploy(talk: Talk) -> None:
    told = await talk.say(SHOP, "show me the plan")
    assert "There is no plan" in told.response
    assert told.suggested_actions[0] == "Deploy it"


async def test_undo_says_what_it_costs_again(talk: Talk) -> None:
    first = await talk.say(SHOP)
    await talk.say("add a redis cache")
    answer = await talk.say("undo")
    assert first.cost is not None
    assert f"about ${first.cost['monthly']:,.0f} a month" in answer.response


async def test_small_talk_after_a_deployment_does_not_offer_another_one(talk: Talk) -> None:
    await talk.say(SHOP, "deploy it", "approve and deploy")
    await talk.runs_end()

    answer = await talk.say("thanks")

    assert "was deployed on simulation as it is drafted" in answer.response
    assert "Deploy it" not in answer.suggested_actions


async def test_the_status_says_what_waits_for_whom_and_suggests_that(talk: Talk) -> None:
    nothing = await talk.say(SHOP, "status")
    assert nothing.suggested_actions[0] == "Deploy it"
    waiting = await talk.say("deploy it", "status")
    assert {"Approve it", "Reject it"} <= set(waiting.suggested_actions)
    approved = await talk.say("approve it", "status")
    assert "is approved: say deploy to start it" in approved.response
    assert approved.suggested_actions[0] == "Deploy it"


async def test_what_was_refused_does_not_lead_to_a_deployment(talk: Talk) -> None:
    answer = await talk.say(SHOP, "rename web-1 to web-2")
    assert not answer.changed
    assert not {"Deploy it", *_CALLS} & set(answer.suggested_actions)


async def test_a_taken_offer_is_told_by_what_it_does(talk: Talk) -> None:
    offered = await talk.say("a kubernetes cluster with 5 nodes under $200")
    assert offered.offers
    taken = await talk.say("yes")
    assert "1 Kubernetes cluster (k8s-1)" in taken.response
    assert "nodes of k8s-1 to 3" in taken.response
    assert "The draft is called" in taken.response
    assert "what was offered" not in taken.response
