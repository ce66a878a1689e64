"""The runbook of a real plan: waves, checks, measured times and the way back, on the simulation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alma.core.model.errors import AlmaError, ArgumentsInvalid, InvalidInput, NotFound
from alma.core.model.ipr import ReviewAction
from alma.core.model.principal import LOCAL
from alma.core.planning.durations import ASSUMED
from tests.unit.core.tools.kit import SHOP, Calls, calling

SITE: dict[str, Any] = {
    "name": "site",
    "resources": [
        {"name": "web", "type": "vm", "engine": "nginx", "count": 4, "version": "1.27"},
        {"name": "db", "type": "database", "engine": "postgresql"},
        {"name": "lb", "type": "load_balancer", "backends": ["web"]},
    ],
}
NEWER = {
    "name": "site",
    "resources": [SITE["resources"][0] | {"version": "1.28"}, *SITE["resources"][1:]],
}
WEBS = ["web", "web-2", "web-3", "web-4"]


async def planned(calls: Calls, document: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    return await calls.use("generate_deployment_plan", blueprint=document, **arguments)


def waves(found: dict[str, Any]) -> list[list[str]]:
    return [wave["addresses"] for wave in found["waves"]]


async def test_what_does_not_run_yet_is_made_in_the_order_it_depends_on(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await planned(calls, SHOP)
    order = {step["address"]: step["wave"] for step in found["steps"]}
    for step in found["steps"]:
        assert all(order[name] < step["wave"] for name in step["after"])
    assert order["db"] < order["web"] < order["lb"]
    assert found["changes"]["create"] == len(found["steps"]) == 7
    assert found["ready"] is True
    assert {step["duration"]["basis"] for step in found["steps"]} == {"assumed"}
    assert {step["duration"]["median"] for step in found["steps"]} == {ASSUMED["create"][0]}  # type: ignore[index]
    assert any("assumed" in text for text in found["assumptions"])
    # network and volume, then the database, then three servers beside each other, then the balancer: four times 60 s
    assert found["estimated_duration"]["median"] == 4 * 60
    assert {check["name"]: check["standing"] for check in found["pre_checks"]} == {
        "engine": "pass",
        "plan": "pass",
        "support": "pass",
        "lock": "pass",
        "policy": "pass",
    }
    assert all(step["rollback"].startswith("removed again") for step in found["steps"])


async def test_a_saved_blueprint_has_the_plan_that_a_request_would_have(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        number = calls.saved(SITE)
        ipr = await calls.alma.iprs.open(LOCAL, title="x", blueprint_id=number)
        found = await calls.use("generate_deployment_plan", blueprint_id=number)
    assert found["plan_digest"] == ipr.plan.digest


async def test_strategies_hold_back_what_runs_and_times_are_learned(tmp_path: Path) -> None:
    async with calling(tmp_path, started=True) as calls:
        done = await calls.deployed(SITE)
        at_once = await planned(calls, NEWER)
        rolling = await planned(calls, NEWER, strategy="Rolling", batch=2)
        canary = await planned(calls, NEWER, strategy="CANARY")
        again = await planned(calls, SITE)
        grown = await planned(
            calls,
            {**SITE, "resources": [SITE["resources"][0] | {"count": 6}, *SITE["resources"][1:]]},
        )
    assert waves(at_once) == [WEBS]
    assert waves(rolling) == [WEBS[:2], WEBS[2:]]
    assert waves(canary) == [["web"], WEBS[1:]]
    assert (rolling["batch"], canary["batch"]) == (2, None)
    assert again["steps"] == []
    assert "nothing to do" in again["summary"]
    assert again["estimated_duration"]["median"] == 0
    # Four servers were made: the estimate for a fifth is the middle of what they took.
    took = sorted(
        (step.finished_at - step.started_at).total_seconds()
        for step in done.steps
        if step.address in WEBS and step.started_at and step.finished_at
    )
    learned = next(s["duration"] for s in grown["steps"] if s["address"] == "web-5")
    assert (learned["samples"], learned["basis"]) == (4, "learned")
    assert learned["median"] == round((took[1] + took[2]) / 2, 3)
    assert learned["p90"] == round(took[3], 3)


async def test_what_a_step_does_to_others_and_how_it_is_proven_is_told(tmp_path: Path) -> None:
    async with calling(tmp_path, started=True) as calls:
        await calls.deployed(SITE)
        found = await planned(calls, NEWER, strategy="rolling")
    first = found["steps"][0]
    assert (first["address"], first["action"], first["destructive"]) == ("web", "replace", True)
    assert "lb" in first["takes_down"]
    assert first["fields"] == ["image"] or "image" in first["fields"]
    assert any("GET :80/" in check for check in first["post_checks"])
    assert first["rollback"] == "made anew as it was deployed before"
    undone = [step["address"] for step in found["rollback"]["steps"]]
    assert undone == [step["address"] for step in reversed(found["steps"])]
    assert found["rollback"]["not_restored"] == []


async def test_what_is_lost_for_good_is_said(tmp_path: Path) -> None:
    async with calling(tmp_path, started=True) as calls:
        await calls.deployed(SITE)
        found = await planned(calls, {"name": "site", "resources": [SITE["resources"][0]]})
    backups = [check for check in found["pre_checks"] if check["name"] == "backups"]
    assert backups
    assert backups[0]["standing"] == "fail"
    assert "db" in backups[0]["addresses"]
    assert set(found["destructive"]) >= {"db", "lb"}
    assert any("must be gone" in check for check in found["post_checks"])


async def test_without_rollback_nothing_is_undone(tmp_path: Path) -> None:
    async with calling(tmp_path) as calls:
        found = await planned(calls, SHOP, rollback_enabled=False)
    assert found["rollback"]["enabled"] is False
    assert found["rollback"]["steps"] == []
    assert {step["rollback"] for step in found["steps"]} == {None}


async def test_blue_green_is_stages_with_plans_of_their_own(tmp_path: Path) -> None:
    async with calling(tmp_path, started=True) as calls:
        await calls.deployed(SITE)
        found = await planned(calls, NEWER, strategy="blue_green", runbook=True)
        stages = found["stages"]
        # Each stage can really be planned by itself.
        real = await planned(calls, stages[0]["blueprint"])
    assert [stage["title"] for stage in stages] == ["green beside blue", "switch", "remove blue"]
    greens = ["web-green", "web-green-2", "web-green-3", "web-green-4"]
    assert [(s["address"], s["action"]) for s in stages[0]["steps"]] == [
        (n, "create") for n in greens
    ]
    assert [(s["address"], s["action"]) for s in stages[1]["steps"]] == [
        ("lb", stages[1]["steps"][0]["action"])
    ]
    assert [(s["address"], s["action"]) for s in stages[2]["steps"]] == [
        (n, "delete") for n in WEBS
    ]
    assert [len(stage["destructive"]) for stage in stages] == [0, 0, 4]
    assert [(s["address"], s["action"]) for s in real["steps"]] == [(n, "create") for n in greens]
    assert all(stage["approve_when"] and stage["go_back"] for stage in stages)
    assert "## Stage 3: remove blue" in found["runbook"]


async def test_blue_green_without_anything_that_runs_says_why_it_is_one_deployment(
    tmp_path: Path,
) -> None:
    async with calling(tmp_path) as calls:
        found = await planned(calls, SITE, strategy="blue-green")
    assert found["stages"] == []
    assert "needs something that runs" in found["notes"][0]
    assert found["notes"][0] in found["summary"]
    assert len(found["steps"]) == 8


async def test_the_stages_can_be_deployed_one_after_the_other(tmp_path: Path) -> None:
    async with calling(tmp_path, started=True) as calls:
        first = await calls.deployed(SITE)
        stages = (await planned(calls, NEWER, strategy="blue-green"))["stages"]
        number = first.plan.target.blueprint_id
        for stage in stages:
            calls.alma.blueprints.update(LOCAL, number, stage["blueprint"])
            ipr = await calls.alma.iprs.open(LOCAL, title=stage["title"], blueprint_id=number)
            told = [(s["address"], s["action"]) for s in stage["steps"]]
            assert sorted((c.address, c.action.value) for c in ipr.plan.effective) == sorted(told)
            calls.alma.iprs.review(LOCAL, ipr.id, action=ReviewAction.APPROVE)
            queued = await calls.alma.iprs.deploy(LOCAL, ipr.id)
            async for _ in calls.alma.deployments.follow(LOCAL, queued.id):
                pass
            assert calls.alma.deployments.get(LOCAL, queued.id).state.value == "succeeded"


async def test_a_thousand_changes_stay_readable(tmp_path: Path) -> None:
    many = {
        "name": "many",
        "resources": [{"name": "web", "type": "vm", "engine": "nginx", "count": 1000}],
    }
    async with calling(tmp_path) as calls:
        found = await planned(calls, many, runbook=True, limit=50)
    assert len(found["steps"]) == len(found["rollback"]["steps"]) == 50
    assert found["left_out"] >= 2 * 950
    assert found["waves"][-1]["changes"] == 1000
    assert len(found["waves"][-1]["addresses"]) <= 20
    assert "and 992 more" in found["runbook"]
    assert len(found["runbook"].splitlines()) < 60


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"strategy": "slowly"}, ArgumentsInvalid),
        ({"strategy": 5}, ArgumentsInvalid),
        ({"batch": 0, "strategy": "rolling"}, ArgumentsInvalid),
        ({"batch": 2}, InvalidInput),
        ({"engine": "abacus"}, InvalidInput),
        ({"blueprint": None}, InvalidInput),
        ({"blueprint": None, "blueprint_id": 4711}, NotFound),
    ],
)
async def test_what_makes_no_sense_is_refused(
    tmp_path: Path, arguments: dict[str, Any], error: type[AlmaError]
) -> None:
    async with calling(tmp_path) as calls:
        with pytest.raises(error):
            await calls.use("generate_deployment_plan", **{"blueprint": SHOP, **arguments})


async def test_a_broken_mandatory_rule_keeps_it_from_running(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "policies"
    folder.mkdir(parents=True)
    (folder / "own.yaml").write_text(
        "rules:\n  - {id: ALMA-BCK-001, level: mandatory}\n", encoding="utf-8"
    )
    async with calling(tmp_path) as calls:
        found = await planned(calls, SITE)
    policy = next(check for check in found["pre_checks"] if check["name"] == "policy")
    assert (policy["standing"], policy["blocking"], policy["addresses"]) == ("fail", True, ["db"])
    assert found["ready"] is False
    assert "can't run as it is: policy" in found["summary"]
