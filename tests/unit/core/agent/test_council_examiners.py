"""What each of the council finds: in rules, in plans, in costs; and what a finding calls for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from alma.core.agent.council import verdict_of
from alma.core.agent.examiners import EXAMINATIONS
from alma.core.agent.exhibits import resolves
from alma.core.economics.measures import Use
from alma.core.model.council import Agent, CouncilFinding, CouncilVerdict
from alma.core.model.finding import Gravity, Waiver
from alma.core.model.plan import Plan, PlanKind, Strategy
from alma.core.model.state import Placement
from alma.core.planning.planner import placed
from alma.core.services.dossiers import Dossier
from tests.unit.core.agent.dossiers import DB, OPEN_DB, WEB, dossier, rules
from tests.unit.core.planning.worlds import built, desired, plan

A, S, F = Agent.ARCHITECT, Agent.SECOPS, Agent.FINOPS
BLOCK, CHANGES = CouncilVerdict.BLOCK, CouncilVerdict.REQUEST_CHANGES
COMMENT, APPROVE = CouncilVerdict.COMMENT, CouncilVerdict.APPROVE
WEBS = {"name": "web", "type": "vm", "count": 3, "engine": "nginx", "specs": {"memory": "1GB"}}
BIGGER = {**WEBS, "specs": {"memory": "2GB"}}


def found(agent: Agent, given: Dossier) -> dict[str, CouncilFinding]:
    return {item.code: item for item in EXAMINATIONS[agent](given)}


def verdict(agent: Agent, given: Dossier) -> CouncilVerdict:
    return verdict_of(agent, given, [*EXAMINATIONS[agent](given)])


def changed(before: list[dict[str, Any]], after: list[dict[str, Any]], **more: Any) -> Plan:
    return plan(desired(*after), built(desired(*before)), **more)


# ── rules ────────────────────────────────────────────────────────────────────────────────────────


def test_a_broken_mandatory_rule_blocks_and_shuts_the_gate() -> None:
    finding = found(S, dossier(OPEN_DB))["ALMA-NET-001"]
    assert finding.verdict is BLOCK
    assert finding.gating
    assert finding.path == "resources.db.network.public_ip"
    assert [c.ref for c in finding.citations] == ["ALMA-NET-001", "r.network.public_ip"]
    assert verdict(S, dossier(OPEN_DB)) is BLOCK


def test_a_waived_rule_is_a_remark_that_names_who_answers_for_it() -> None:
    waiver = Waiver(
        rule="ALMA-NET-001", reason="moves in March", expires=date(2027, 3, 31), by="ada"
    )
    finding = found(S, dossier(OPEN_DB, waivers=(waiver,)))["ALMA-NET-001"]
    assert finding.verdict is COMMENT
    assert not finding.gating
    assert "waived until 2027-03-31 by ada: moves in March" in finding.message


@pytest.mark.parametrize(
    ("code", "severity", "calls_for"),
    [("ALMA-BCK-001", Gravity.HIGH, CHANGES), ("ALMA-SIZ-002", Gravity.MEDIUM, COMMENT)],
)
def test_what_an_advisory_rule_calls_for_follows_from_its_severity(
    code: str, severity: Gravity, calls_for: CouncilVerdict
) -> None:
    finding = found(A, dossier(DB))[code]
    assert (finding.severity, finding.verdict) == (severity, calls_for)


def test_each_rule_is_somebodys_concern_and_mandatory_ones_are_secops_too() -> None:
    assert "ALMA-BCK-001" in found(A, dossier(DB))
    assert "ALMA-BCK-001" in found(S, dossier(DB))
    spent = dossier(DB, metadata={"environment": "production"})
    assert "ALMA-GOV-005" in found(F, spent)
    assert "ALMA-GOV-005" not in found(S, spent)
    assert "ALMA-NET-001" not in found(A, dossier(OPEN_DB))


def test_rules_that_could_not_be_asked_are_no_pass() -> None:
    given = dossier(DB, failure="the rules could not be asked")
    assert verdict(S, given) is BLOCK
    assert found(S, given) == {}


def test_every_citation_leads_to_something_that_is_there() -> None:
    ids = {item.rule.id for item in rules().rules}
    given = dossier(
        OPEN_DB, WEB, plan=changed([DB, WEB], [OPEN_DB, {**WEB, "image": "nginx:1.1"}]),
        before=("revision 1", 10), constraints={"max_monthly_cost": 5},
    )  # fmt: skip
    cited = [c for agent in Agent for item in EXAMINATIONS[agent](given) for c in item.citations]
    assert len(cited) > 20
    assert all(resolves(citation, given, ids) for citation in cited)


# ── plans ────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_that_can_not_run_is_blocked_without_any_rule() -> None:
    firewall: dict[str, Any] = {"name": "edge", "type": "firewall"}
    given = dossier(firewall, plan=plan(desired(firewall)))
    finding = found(A, given)["PLAN-ERROR"]
    assert (finding.verdict, finding.gating) == (BLOCK, False)
    assert "paper does not burn" in finding.message


def test_all_instances_restarting_at_once_is_an_outage_and_one_after_the_other_is_none() -> None:
    at_once = dossier(BIGGER, plan=changed([WEBS], [BIGGER]))
    rolling = dossier(BIGGER, plan=changed([WEBS], [BIGGER], strategy=Strategy.ROLLING))
    finding = found(A, at_once)["PLAN-OUTAGE"]
    assert finding.severity is Gravity.MEDIUM
    assert "every instance of web restarts at once" in finding.message
    assert "PLAN-OUTAGE" not in found(A, rolling)
    assert "PLAN-RESTART" in found(A, rolling)


def test_an_outage_of_production_asks_for_changes() -> None:
    given = dossier(BIGGER, plan=changed([WEBS], [BIGGER]), metadata={"environment": "production"})
    assert found(A, given)["PLAN-OUTAGE"].verdict is CHANGES


def test_an_outage_names_who_depends_on_it() -> None:
    web = {"name": "web", "type": "vm", "engine": "nginx", "depends_on": ["cache"]}
    cache = {"name": "cache", "type": "vm", "engine": "nginx", "specs": {"memory": "1GB"}}
    more = {**cache, "specs": {"memory": "2GB"}}
    given = dossier(more, web, plan=changed([cache, web], [more, web]))
    assert "web depend on it" in found(A, given)["PLAN-OUTAGE"].message


def test_data_that_goes_away_asks_for_changes_and_a_removal_only_says_so() -> None:
    kept = dossier(WEBS, plan=changed([DB, WEBS], [WEBS], volumes=True))
    assert found(A, kept)["PLAN-DATA-LOSS"].verdict is CHANGES
    gone = plan((), built(desired(DB)), kind=PlanKind.DESTROY, volumes=True)
    removal = dossier(DB, plan=gone)
    assert {item.verdict for item in EXAMINATIONS[A](removal) if item.code == "PLAN-DATA-LOSS"} == {
        COMMENT
    }


def test_a_plan_that_disturbs_half_of_what_runs_says_how_much() -> None:
    quiet = {"name": "job", "type": "vm", "engine": "nginx"}
    given = dossier(BIGGER, quiet, plan=changed([WEBS, quiet], [BIGGER, quiet]))
    finding = found(A, given)["PLAN-BLAST-RADIUS"]
    assert [c.value for c in finding.citations] == [3, 5]  # the network counts, too


def test_all_instances_on_one_node_are_told_and_spread_ones_are_not() -> None:
    wanted = desired(WEBS)
    names = [item.address for item in wanted if item.address.startswith("web")]
    one = {name: Placement(site={"node": "pve1"}) for name in names}
    two = {**one, names[0]: Placement(site={"node": "pve2"})}
    crowded = dossier(WEBS, plan=plan(placed(wanted, one)))
    assert "all 3 instances of web go to pve1" in found(A, crowded)["PLAN-ONE-NODE"].message
    assert "PLAN-ONE-NODE" not in found(A, dossier(WEBS, plan=plan(placed(wanted, two))))


def test_an_instance_on_which_several_hang_is_a_single_point() -> None:
    other = {**WEB, "name": "api"}
    assert "ARCH-SINGLE-POINT" in found(A, dossier(DB, WEB, other))
    assert "ARCH-SINGLE-POINT" not in found(A, dossier(DB, WEB))


# ── costs ────────────────────────────────────────────────────────────────────────────────────────


def test_costs_over_the_limit_ask_for_changes_and_near_it_are_a_remark() -> None:
    monthly = float(dossier(WEB, DB).estimate.monthly)  # type: ignore[union-attr]
    over = dossier(WEB, DB, constraints={"max_monthly_cost": monthly - 1})
    near = dossier(WEB, DB, constraints={"max_monthly_cost": monthly + 1})
    far = dossier(WEB, DB, constraints={"max_monthly_cost": 10 * monthly})
    assert found(F, over)["COST-OVER-LIMIT"].verdict is CHANGES
    assert found(F, near)["COST-NEAR-LIMIT"].verdict is COMMENT
    assert not {"COST-OVER-LIMIT", "COST-NEAR-LIMIT"} & set(found(F, far))


def test_growth_is_told_from_a_quarter_more_on() -> None:
    monthly = float(dossier(WEB, DB).estimate.monthly)  # type: ignore[union-attr]
    much = found(F, dossier(WEB, DB, before=("what is deployed", monthly / 3)))
    little = found(F, dossier(WEB, DB, before=("what is deployed", monthly * 0.9)))
    assert "of what is deployed" in much["COST-GROWTH"].message
    assert "COST-GROWTH" not in little


def test_ways_to_pay_less_are_hints_with_their_figure() -> None:
    big = {**WEB, "depends_on": [], "specs": {"cpu": 8, "memory": "32GB"}}
    idle = dossier(big, use={"web": Use(cpu_peak=Decimal(5), memory_peak=Decimal(5))})
    hint = found(F, idle)["COST-RIGHT-SIZE"]
    assert idle.optimisation is not None
    assert hint.citations[0].value == float(idle.optimisation.measures[0].saving)
    assert hint.verdict is COMMENT
    assert "COST-RIGHT-SIZE" not in found(F, dossier(big))


def test_costs_over_the_limit_come_with_the_nearest_form_that_keeps_to_it() -> None:
    big = {**WEB, "depends_on": [], "specs": {"cpu": 8, "memory": "32GB"}}
    monthly = float(dossier(big).estimate.monthly)  # type: ignore[union-attr]
    finding = found(F, dossier(big, constraints={"max_monthly_cost": monthly / 2}))[
        "COST-OVER-LIMIT"
    ]
    assert finding.fix
    assert "Or raise the limit" in finding.remediation


def test_costs_that_nobody_knows_are_no_approval() -> None:
    good = dossier(WEB, DB, unpriced=True)
    assert verdict_of(F, good, []) is COMMENT
