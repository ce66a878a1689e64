"""What breaks a mandatory rule can't be approved or deployed, and what was not judged has not passed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alma.config import load_prices
from alma.core.model.council import CouncilVerdict
from alma.core.model.deployment import DeploymentState
from alma.core.model.errors import PlanStale, PolicyViolation
from alma.core.model.finding import Waiver
from alma.core.model.ipr import IPR, IPRState, ReviewAction
from alma.core.model.plan import PlanKind
from alma.core.model.principal import LOCAL
from alma.core.services.dossiers import Dossiers
from alma.core.services.estimates import Estimates
from alma.core.services.gate import Gate
from alma.core.services.reviewing import ReviewRules
from tests.unit.core.planning.worlds import CATALOGUE
from tests.world import World, world

WEB: dict[str, Any] = {"name": "web", "type": "vm", "engine": "nginx"}
DB: dict[str, Any] = {"name": "db", "type": "database"}
GOOD: dict[str, Any] = {"name": "shop", "resources": [WEB, DB]}
OPEN: dict[str, Any] = {"name": "shop", "resources": [WEB, {**DB, "network": {"public_ip": True}}]}
RULES = ("ALMA-NET-001", "ALMA-NET-002")
APPROVE = ReviewAction.APPROVE


class Day:
    """A clock that can be moved on. It starts now: leases are counted by it."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC)

    def now(self) -> datetime:
        return self.moment

    @property
    def today(self) -> date:
        return self.moment.date()


@pytest.fixture
def clock() -> Day:
    return Day()


@pytest.fixture
async def here(tmp_path: Path, clock: Day) -> AsyncIterator[World]:
    async with world(tmp_path, clock=clock) as made:
        yield made


async def opened(here: World, document: dict[str, Any] = OPEN) -> IPR:
    made = here.blueprints.create(LOCAL, document)
    return await here.iprs.open(LOCAL, title="a change", blueprint_id=made.id)


def approved(here: World, ipr: IPR) -> IPR:
    return here.iprs.review(LOCAL, ipr.id, action=APPROVE)


def waive(here: World, clock: Day, *rules: str, days: int = 1, **more: Any) -> list[Waiver]:
    last = clock.today + timedelta(days=days)
    return [
        here.policies.waive(LOCAL, Waiver(rule=rule, reason="moves soon", expires=last, **more))
        for rule in rules
    ]


def own_rules(home: Path, text: str) -> Path:
    file = home / "config" / "policies" / "own.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"rules:\n{text}")
    return file


# ── approval ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_broken_mandatory_rule_can_not_be_approved_and_the_refusal_says_what_to_do(
    here: World,
) -> None:
    ipr = await opened(here)

    with pytest.raises(PolicyViolation) as refused:
        approved(here, ipr)

    assert refused.value.details["rules"] == [*RULES]
    assert "ALMA-NET-001 at resources.db.network.public_ip" in refused.value.message
    assert refused.value.hint is not None
    assert "mend the blueprint (Take the address away" in refused.value.hint
    assert "or waive the rule" in refused.value.hint
    assert here.iprs.get(LOCAL, ipr.id).state is IPRState.PENDING


@pytest.mark.parametrize("action", [ReviewAction.REJECT, ReviewAction.REQUEST_CHANGES])
async def test_the_gate_stands_in_the_way_of_approvals_only(
    here: World, action: ReviewAction
) -> None:
    ipr = await opened(here)
    assert here.iprs.review(LOCAL, ipr.id, action=action).reviews[-1].action is action


async def test_a_mended_blueprint_passes(here: World) -> None:
    ipr = await opened(here)
    here.blueprints.update(LOCAL, ipr.plan.target.blueprint_id, GOOD)
    again = await here.iprs.replan(LOCAL, ipr.id)
    assert approved(here, again).state is IPRState.APPROVED
    assert (await here.run(again)).state is DeploymentState.SUCCEEDED


async def test_approval_by_configuration_stops_at_the_gate(tmp_path: Path) -> None:
    async with world(tmp_path, rules=ReviewRules(auto_approve=True)) as here:
        assert (await opened(here)).state is IPRState.PENDING
        assert (await opened(here, GOOD)).state is IPRState.APPROVED


async def test_approval_by_configuration_agrees_to_no_waiver_of_the_blueprints_own(
    tmp_path: Path,
) -> None:
    own = [{"rule": rule, "reason": "we know", "expires": "2099-01-01"} for rule in RULES]
    excused = {**OPEN, "metadata": {"policy": {"waivers": own}}}
    async with world(tmp_path, rules=ReviewRules(auto_approve=True)) as here:
        ipr = await opened(here, excused)
        assert ipr.state is IPRState.PENDING
        assert ipr.council is not None
        assert (ipr.council.shut, ipr.council.self_waived) == (False, len(RULES))
        assert approved(here, ipr).state is IPRState.APPROVED


# ── waivers ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_waiver_makes_another_plan_that_has_to_be_looked_at(
    here: World, clock: Day
) -> None:
    ipr = await opened(here)
    waive(here, clock, *RULES)

    with pytest.raises(PlanStale, match="the rules changed since the plan"):
        approved(here, ipr)

    again = await here.iprs.replan(LOCAL, ipr.id)
    assert again.plan.digest != ipr.plan.digest
    assert again.council is not None
    assert again.council.waived == 2
    assert approved(here, again).state is IPRState.APPROVED
    assert (await here.run(again)).state is DeploymentState.SUCCEEDED


async def test_a_waiver_that_is_over_by_then_stops_the_deployment(here: World, clock: Day) -> None:
    waive(here, clock, *RULES, days=1)
    ipr = approved(here, await opened(here))
    clock.moment += timedelta(days=2)

    with pytest.raises(PolicyViolation, match="ALMA-NET-001"):
        await here.iprs.deploy(LOCAL, ipr.id)
    assert here.deployments.list(LOCAL)[1] == 0


async def test_a_waiver_that_was_taken_back_stops_the_deployment(here: World, clock: Day) -> None:
    granted = waive(here, clock, *RULES)
    ipr = approved(here, await opened(here))
    here.policies.unwaive(LOCAL, granted[0].id)

    with pytest.raises(PolicyViolation, match="ALMA-NET-001"):
        await here.iprs.deploy(LOCAL, ipr.id)


async def test_waivers_that_do_not_matter_here_leave_an_approval_alone(
    here: World, clock: Day
) -> None:
    ipr = approved(here, await opened(here, GOOD))
    waive(here, clock, *RULES)
    waive(here, clock, "ALMA-BCK-001", blueprint="shop")
    assert (await here.run(ipr)).state is DeploymentState.SUCCEEDED


# ── what a plan rests on ─────────────────────────────────────────────────────────────────────────


async def test_rules_that_changed_since_the_approval_are_named(here: World, tmp_path: Path) -> None:
    ipr = approved(here, await opened(here, GOOD))
    own_rules(tmp_path, "  - {id: ALMA-GOV-001, level: off}\n")

    with pytest.raises(PlanStale) as stale:
        await here.iprs.deploy(LOCAL, ipr.id)
    assert stale.value.details["differences"] == ["the rules changed"]


async def test_a_rule_that_became_mandatory_stops_what_was_approved_before(
    here: World, tmp_path: Path
) -> None:
    ipr = approved(here, await opened(here, GOOD))
    own_rules(tmp_path, "  - {id: ALMA-BCK-001, level: mandatory}\n")

    with pytest.raises(PolicyViolation, match=r"ALMA-BCK-001 at resources\.db\.backup"):
        await here.iprs.deploy(LOCAL, ipr.id)


async def test_other_prices_make_another_plan(here: World) -> None:
    ipr = await opened(here, GOOD)
    book = load_prices()
    dearer = book.model_copy(update={"version": "onprem@dearer"})
    gate = Gate(here.policies, Estimates(CATALOGUE, dearer))
    blueprint = here.blueprints.get(LOCAL, ipr.plan.target.blueprint_id).blueprint

    with pytest.raises(PlanStale, match="the prices changed since the plan of IPR 1 was made"):
        gate.require("default", blueprint, ipr.plan, ipr_id=ipr.id)


async def test_a_removal_needs_no_rules_and_outlives_their_change(
    here: World, tmp_path: Path
) -> None:
    ipr = approved(here, await opened(here, GOOD))
    await here.run(ipr)
    removal = await here.iprs.open(
        LOCAL,
        title="away",
        blueprint_id=ipr.plan.target.blueprint_id,
        kind=PlanKind.DESTROY,
    )
    own_rules(tmp_path, "  - {id: ALMA-BCK-001, level: mandatory}\n")

    assert (removal.plan.inputs["policy"], removal.plan.inputs["prices"]) == ("none", "none")
    assert (await here.run(approved(here, removal))).state is DeploymentState.SUCCEEDED


# ── what could not be judged ─────────────────────────────────────────────────────────────────────


async def test_rules_that_can_not_be_read_keep_the_gate_shut_and_the_request_is_there(
    here: World, tmp_path: Path
) -> None:
    file = own_rules(tmp_path, "  - {id: OWN-ONE-001, level: mandatory, title: [}\n")
    ipr = await opened(here, GOOD)
    assert ipr.council is not None
    assert ipr.council.shut
    assert ipr.council.verdict is CouncilVerdict.BLOCK
    assert "own.yaml" in ipr.council.unexamined[0]

    with pytest.raises(PolicyViolation, match=r"not every rule could be asked: policies/own\.yaml"):
        approved(here, ipr)

    file.unlink()
    assert approved(here, ipr).state is IPRState.APPROVED


@pytest.mark.parametrize(("level", "shut"), [("mandatory", True), ("advisory", False)])
async def test_a_rule_that_fails_over_a_blueprint_stops_it_if_it_is_mandatory(
    here: World, tmp_path: Path, level: str, shut: bool
) -> None:
    rule = (
        f"  - {{id: OWN-ONE-001, title: T, severity: low, level: {level}, types: [vm], "
        "assert: 'r.metadata.size > 3', message: M}\n"
    )
    own_rules(tmp_path, rule)
    ipr = await opened(here, {"name": "shop", "resources": [{**WEB, "metadata": {"size": "big"}}]})
    assert ipr.council is not None
    assert ipr.council.shut is shut


class BrokenBook(Estimates):
    """Prices that can't be computed."""

    def estimate(self, *given: Any, **more: Any) -> Any:
        raise PlanStale("the book of prices can't be read")


async def test_costs_that_can_not_be_computed_are_said_and_lose_nothing(here: World) -> None:
    ipr = await opened(here, GOOD)
    broken = BrokenBook(CATALOGUE, load_prices())
    gate = Gate(here.policies, broken)
    dossiers = Dossiers(repositories=here.database, gate=gate, estimates=broken)

    dossier = await dossiers.of_plan(LOCAL, ipr.plan)

    assert "costs: the book of prices can't be read" in dossier.unexamined
    assert dossier.estimate is None
    assert dossier.judgement is not None
    assert dossier.judgement.open


# ── what is kept ─────────────────────────────────────────────────────────────────────────────────


async def test_what_the_council_says_is_kept_with_the_request_and_renewed_with_its_plan(
    here: World,
) -> None:
    ipr = await opened(here)
    kept = here.iprs.get(LOCAL, ipr.id).council
    assert kept == ipr.council
    assert kept is not None
    assert kept.plan_digest == ipr.plan.digest
    assert {finding.code for finding in kept.gating} == {*RULES}

    here.blueprints.update(LOCAL, ipr.plan.target.blueprint_id, GOOD)
    again = (await here.iprs.replan(LOCAL, ipr.id)).council
    assert again is not None
    assert again.gating == ()


async def test_costs_are_compared_with_what_is_deployed(here: World) -> None:
    first = approved(here, await opened(here, GOOD))
    await here.run(first)
    more = {**GOOD, "resources": [{**WEB, "count": 3}, DB]}
    here.blueprints.update(LOCAL, first.plan.target.blueprint_id, more)
    second = await here.iprs.open(LOCAL, title="more", blueprint_id=first.plan.target.blueprint_id)

    assert first.council is not None
    assert second.council is not None
    assert first.council.compared_with is None
    assert second.council.compared_with == "what is deployed"
    assert first.council.estimate is not None
    assert second.council.estimate is not None
    delta = second.council.estimate.monthly - first.council.estimate.monthly
    assert Decimal(str(second.council.delta)) == delta > 0
