"""What is told of what runs, waits and failed: every figure and name is what the database has at that moment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alma.core.model.conversation import Intent
from alma.core.model.deployment import DeploymentState
from alma.core.model.ipr import ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.diagnosing import Issue
from tests.people import somebody
from tests.unit.core.services.asking import WEB_AND_DB, Desk, desk, diagnosing
from tests.world import SHOP, SHOP_ADDRESSES

_FAILING: dict[str, Any] = {
    "faults": [
        {"kind": "rejected", "action": "create", "address": "web-2", "message": "no room left"}
    ]
}


_PUBLIC: dict[str, Any] = {
    "name": "shop",
    "resources": [
        {"name": "web", "type": "service", "engine": "nginx", "network": {"public_ip": True}}
    ],
}


@pytest.fixture
async def quiet(tmp_path: Path) -> AsyncIterator[Desk]:
    """Nothing is deployed, and nothing can be."""
    async with desk(tmp_path) as made:
        yield made


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Desk]:
    """Takes deployments off the queue."""
    async with desk(tmp_path, started=True) as made:
        yield made


async def test_without_a_deployment_nothing_is_said_to_run(quiet: Desk) -> None:
    draft = quiet.save(WEB_AND_DB)

    told = quiet.told(Intent.STATUS, "what is running?", draft=draft)

    assert told.text == "Nothing is deployed."
    assert told.data["stacks"] == []


async def test_what_runs_is_told_with_its_addresses_its_revision_and_the_last_run(
    running: Desk,
) -> None:
    ipr = await running.world.request()
    run = await running.world.run(ipr)
    assert run.state is DeploymentState.SUCCEEDED

    told = running.told(Intent.STATUS, "what is running?")

    assert set(told.data["stacks"][0]["resources"]) == SHOP_ADDRESSES
    assert f"{len(SHOP_ADDRESSES)} resources recorded of revision 1" in told.text
    assert "The last deployment was deploying shop on simulation: succeeded just now" in told.text


async def test_it_is_told_where_what_runs_is_reached(running: Desk) -> None:
    run = await running.world.run(await running.world.request(_PUBLIC))
    (endpoint,) = [found for addresses in run.endpoints.values() for found in addresses]

    whole = running.told(Intent.STATUS, "what is running?")
    part = running.told(Intent.STATUS, "what is on shop?")

    assert f"reached at {endpoint}" in whole.text
    assert f"web is deployed, reached at {endpoint}" in part.text


async def test_of_a_resource_it_is_told_where_it_runs_and_since_when(running: Desk) -> None:
    ipr = await running.world.request()
    run = await running.world.run(ipr)
    draft = running.world.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)
    running.clock.later = timedelta(hours=3, minutes=5)

    told = running.told(Intent.STATUS, "is the database up?", draft=draft)

    assert told.data == {"deployed": ["db"], "missing": []}
    assert "On simulation: db is deployed" in told.text
    assert "last written 3 hours ago" in told.text
    passed = [check for check in run.checks if check.address == "db" and check.passed]
    assert f"{len(passed)} of {len(passed)} check" in told.text
    assert "web" not in told.text.split("The last deployment")[0]


async def test_a_blueprint_is_told_by_its_name_whether_it_runs_or_not(running: Desk) -> None:
    await running.world.run(await running.world.request())
    running.save({**WEB_AND_DB, "name": "wiki"})

    there = running.told(Intent.STATUS, "what is the status of shop?")
    elsewhere = running.told(Intent.STATUS, "what is the status of wiki?")
    unknown = running.told(Intent.STATUS, "what is the status of blueprint 99?")

    assert set(there.data["resources"]) == SHOP_ADDRESSES
    assert elsewhere.text == "Nothing of wiki is deployed."
    assert unknown.text == "Blueprint 99 does not exist."


async def test_one_deployment_is_told_by_its_id(running: Desk) -> None:
    run = await running.world.run(await running.world.request())

    told = running.told(Intent.STATUS, "how did it go?", deployment_id=run.id)
    missing = running.told(Intent.STATUS, "how did it go?", deployment_id="dep-nowhere")

    assert f"Deployment {run.id} by local, of request {run.ipr_id}" in told.text
    assert f"{len(run.checks)} of {len(run.checks)} checks passed" in told.text
    assert told.data["create"] == len(SHOP_ADDRESSES)
    assert "does not exist" in missing.text
    assert running.told(Intent.EXPLAIN, "explain that deployment", deployment_id=run.id) == told


async def test_what_is_only_in_the_draft_is_said_not_to_run(running: Desk) -> None:
    ipr = await running.world.request()
    await running.world.run(ipr)
    document = SHOP | {"resources": [*SHOP["resources"], {"name": "cache", "type": "cache"}]}
    draft = running.world.blueprints.update(LOCAL, ipr.plan.target.blueprint_id, document)

    told = running.told(Intent.STATUS, "is the cache running?", draft=draft)

    assert told.data["missing"] == ["cache"]
    assert "cache is in the draft, and not deployed" in told.text


async def test_another_projects_things_are_never_told(running: Desk) -> None:
    await running.world.run(await running.world.request())
    stranger = somebody("eve", project="elsewhere")

    told = running.told(Intent.STATUS, "what is running on shop?", principal=stranger)

    assert told.text == "Nothing is deployed."


async def test_after_a_destroy_nothing_is_left_to_tell(running: Desk) -> None:
    ipr = await running.world.request()
    await running.world.run(ipr)
    gone = await running.world.request(
        blueprint_id=ipr.plan.target.blueprint_id, kind=PlanKind.DESTROY, volumes=True
    )
    await running.world.run(gone)

    told = running.told(Intent.STATUS, "status")

    assert told.text.startswith("Nothing is deployed. The last deployment was removing shop")


async def test_a_deployment_under_way_is_told_with_how_far_it_is(running: Desk) -> None:
    await running.world.worker.stop()
    ipr = await running.world.request()
    queued = await running.world.iprs.deploy(LOCAL, ipr.id)

    told = running.told(Intent.STATUS, "how far is it?")

    assert f"Deployment {queued.id} is queued (deploying shop on simulation)" in told.text
    assert f"0 of {len(queued.steps)} steps done" in told.text


async def test_requests_that_wait_are_told_with_number_title_author_and_age(quiet: Desk) -> None:
    blueprint = quiet.save(SHOP)
    first = await quiet.world.iprs.open(LOCAL, title="shop goes live", blueprint_id=blueprint.id)
    second = await quiet.world.iprs.open(
        somebody("bob"), title="once more", blueprint_id=blueprint.id
    )
    quiet.clock.later = timedelta(minutes=12)

    both = quiet.told(Intent.APPROVE, "approve")
    quiet.world.iprs.review(LOCAL, second.id, action=ReviewAction.REJECT)
    one = quiet.told(Intent.APPROVE, "approve")

    assert f"request {second.id} 'once more' by bob, 12 minutes ago" in both.text
    assert both.data["total"] == 2
    assert one.data["waiting"] == [
        {"ipr_id": first.id, "plan_digest": first.plan.digest, **first.plan.count()}
    ]
    assert first.plan.digest.removeprefix("sha256:")[:12] in one.text
    assert f"create {len(SHOP_ADDRESSES)}" in one.text
    assert "1 request waits for a review" in quiet.told(Intent.STATUS, "status").text


async def test_a_request_is_explained_by_its_own_plan(quiet: Desk) -> None:
    ipr = await quiet.world.request()

    told = quiet.told(Intent.EXPLAIN, f"explain IPR {ipr.id}")
    by_reading = quiet.told(Intent.EXPLAIN, "explain that one", ipr_id=ipr.id)
    missing = quiet.told(Intent.EXPLAIN, "explain IPR 77")

    assert told == by_reading
    assert f"its plan: create {len(SHOP_ADDRESSES)}" in told.text
    assert "is approved" in told.text
    assert told.data["plan_digest"] == ipr.plan.digest
    assert "IPR 77 does not exist" in missing.text


# ── what went wrong ──────────────────────────────────────────────────────────────────────────────


async def test_a_failure_is_told_with_its_step_its_message_and_the_logs_own_lines(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path, started=True, simulation=_FAILING) as here:
        ipr = await here.world.request()
        run = await here.world.run(ipr)
        draft = here.world.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)

        told = here.told(Intent.TROUBLESHOOT, "why did it fail?", draft=draft)
        asked = here.told(Intent.EXPLAIN, "why did the deployment fail?", draft=draft)
        status = here.told(Intent.STATUS, "status", draft=draft)
        lines = {event.seq: event.message for event in here.world.log(run.id)}

    assert run.state is DeploymentState.ROLLED_BACK
    assert "rolled back" in told.text
    assert "at web-2: " in told.text
    assert "no room left" in told.text
    assert told.data["address"] == "web-2"
    assert told.data["evidence"]
    assert all(lines[item["seq"]] == item["message"] for item in told.data["evidence"])
    assert asked == told
    assert "at web-2: " in status.text


async def test_the_cause_of_a_failure_is_the_one_that_the_tool_names(tmp_path: Path) -> None:
    full = {"faults": [{"kind": "storage_full", "action": "create", "address": "web-2"}]}
    async with desk(tmp_path, started=True, simulation=full) as here:
        ipr = await here.world.request()
        await here.world.run(ipr)
        draft = here.world.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)

        told = here.told(Intent.TROUBLESHOOT, "why did it fail?", draft=draft)
        issue = Issue(description="why did it fail?", blueprint_id=draft.id)
        found = await diagnosing(here.world).investigate(LOCAL, issue)

    assert told.data["causes"][0]["id"] == found.causes[0].id == "pve-storage-full"
    assert f"Most likely (92%): {found.causes[0].title}. {found.causes[0].means}" in told.text
    assert f"What mends it: {found.causes[0].fix[0]}" in told.text


async def test_what_is_described_is_recognised_before_anything_is_deployed(quiet: Desk) -> None:
    told = quiet.told(Intent.TROUBLESHOOT, "why do I get 502 bad gateway?")

    assert "Perhaps (42%): The proxy reaches no backend (502)." in told.text
    assert told.data["causes"][0]["evidence"][0]["place"] == "issue description"


async def test_what_was_undone_is_told_step_by_step(tmp_path: Path) -> None:
    async with desk(tmp_path, started=True, simulation=_FAILING) as here:
        ipr = await here.world.request()
        run = await here.world.run(ipr)
        told = here.told(Intent.TROUBLESHOOT, "what went wrong?")

    undone = [step.address for step in run.steps if step.state == "rolled_back"]
    assert undone
    sentence = told.text.split("rolled back: ")[1].split(".")[0]
    assert all(address in sentence for address in undone)


async def test_of_what_is_deployed_well_no_cause_is_invented(running: Desk) -> None:
    ipr = await running.world.request()
    run = await running.world.run(ipr)
    draft = running.world.blueprints.get(LOCAL, ipr.plan.target.blueprint_id)

    told = running.told(Intent.TROUBLESHOOT, "why is my database slow?", draft=draft)

    checks = [check for check in run.checks if check.address == "db"]
    assert told.text.startswith("Nothing that is recorded says what is wrong with db.")
    assert (told.data["checks"], told.data["passed"]) == (len(checks), len(checks))
    assert "not measured" in told.text


async def test_of_what_was_never_deployed_nothing_is_known(quiet: Desk) -> None:
    draft = quiet.save(WEB_AND_DB)

    told = quiet.told(Intent.TROUBLESHOOT, "the database is down", draft=draft)

    assert told.text.startswith("Nothing of shop was deployed yet")


# ── lists ────────────────────────────────────────────────────────────────────────────────────────


async def test_lists_hold_what_there_is_and_say_how_much_more(quiet: Desk) -> None:
    for number in range(1, 9):
        quiet.save({**WEB_AND_DB, "name": f"shop-{number}"})

    told = quiet.told(Intent.LIST, "list the blueprints")

    assert told.data["total"] == 8
    assert told.text.startswith("8 blueprints, newest first: shop-8 (8, revision 1, 4 resources)")
    assert told.text.endswith("and 2 more.")


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("list the templates", "microservices-k8s"),
        ("which templates for kubernetes?", "microservices-k8s: "),
        ("which engines are there?", "simulation"),
        ("list my requests", "There are no requests yet"),
        ("show the deployments", "There were no deployments yet"),
        ("list the stacks", "Nothing is deployed"),
        ("list my conversations", "first conversation"),
        ("which resources do I have?", "db-1 (database, postgresql, "),
    ],
)
async def test_what_is_asked_for_is_what_is_listed(quiet: Desk, message: str, says: str) -> None:
    draft = quiet.save(WEB_AND_DB)
    assert says in quiet.told(Intent.LIST, message, draft=draft).text


async def test_requests_and_deployments_are_listed_with_where_they_stand(running: Desk) -> None:
    await running.world.worker.stop()
    ipr = await running.world.request()
    await running.world.iprs.deploy(LOCAL, ipr.id)

    assert f"{ipr.id} 'a change' (deploying" in running.told(Intent.LIST, "list requests").text
    assert "deploying shop on simulation (queued" in running.told(Intent.LIST, "deployments?").text


async def test_requests_that_wait_and_runs_that_failed_are_not_mere_lists(quiet: Desk) -> None:
    draft = quiet.save(WEB_AND_DB)
    ipr = await quiet.world.iprs.open(LOCAL, title="goes live", blueprint_id=draft.id)

    waiting = quiet.told(Intent.LIST, "Which requests wait for a review?", draft=draft)
    failed = quiet.told(Intent.LIST, "Why did the last deployment fail?", draft=draft)
    blueprint = quiet.told(Intent.LIST, "Show the blueprint", draft=draft)

    assert waiting.data["waiting"][0]["plan_digest"] == ipr.plan.digest
    assert failed.data == {"evidence": []}
    assert blueprint.data["resources"] == ["web-1", "web-2", "db-1", "lb-1"]


async def test_templates_are_found_by_what_they_are_for(quiet: Desk) -> None:
    found = quiet.told(Intent.LIST, "which templates are there for a message queue?")
    none = quiet.told(Intent.LIST, "templates for zeppelins")

    assert found.data["templates"]
    assert none.data["templates"] == []
    assert "zeppelins" in none.text


async def test_one_alone_is_told_without_an_order(running: Desk) -> None:
    await running.world.run(await running.world.request())

    told = running.told(Intent.LIST, "list the deployments")

    assert told.text.startswith("1 deployment: ")
