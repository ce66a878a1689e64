"""Policy: which rules hold, what they say of a blueprint, and who answers for a broken one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.status import HTTP_201_CREATED

from alma.api.bodies import BodyRoute
from alma.api.deps import Alma, Caller, Wired
from alma.api.paging import Order, Part
from alma.api.schemas.common import PREFIX, failures
from alma.api.schemas.policies import (
    CheckResult,
    PolicyCheck,
    RuleList,
    WaiverCreate,
    WaiverList,
    check_result,
)
from alma.core.model.blueprint import Blueprint
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput
from alma.core.model.finding import Rule, Waiver
from alma.core.model.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/policies", tags=["policies"], route_class=BodyRoute)

_RULES = Order[Rule, str]("rules", lambda rule: rule.id, str)
_WAIVERS = Order[Waiver, int]("waivers", lambda waiver: int(waiver.id), int, sorted="up")


@router.get("")
def list_rules(alma: Wired, caller: Caller, part: Part) -> RuleList:
    """Every rule of the project with its examples, and what is wrong with files of rules."""
    found = alma.policies.list(caller)
    rules = part.of(_RULES, found.rules)
    return RuleList(bundle=found.bundle, items=rules.items, problems=found.problems, **rules.ends)


@router.post(
    "/check",
    response_description="Findings with their evidence and what mends them, the gravest first.",
    responses=failures(404, 422),
)
def check_policies(alma: Wired, caller: Caller, body: PolicyCheck) -> CheckResult:
    """Asks every rule about a blueprint. Nothing is saved, and no engine is asked. Of many findings of one kind the
    gravest are shown, and how many are left out is said."""
    found = alma.policies.assess(
        caller, lambda: _meant(alma, caller, body), frameworks=body.frameworks
    )
    return check_result(found, limit=body.limit)


@router.get("/waivers")
def list_waivers(
    alma: Wired,
    caller: Caller,
    part: Part,
    past: Annotated[
        bool, Query(description="Also those that are over or were taken back.")
    ] = False,
) -> WaiverList:
    """Who answers for which broken rule, where, and until when."""
    found = part.of(_WAIVERS, alma.policies.waivers(caller, past=past))
    return WaiverList(items=found.items, **found.ends)


@router.post("/waivers", status_code=HTTP_201_CREATED, responses=failures(404, 422))
def waive_rule(alma: Wired, caller: Caller, body: WaiverCreate) -> Waiver:
    """Answers for a broken rule in the caller's name: until the day is over it is shown as waived and stops nothing."""
    return alma.policies.waive(caller, body.waiver())


@router.delete(
    "/waivers/{waiver_id}",
    response_description="The waiver, and who took it back when. It stays known.",
    responses=failures(404, 409),
)
def revoke_waiver(alma: Wired, caller: Caller, waiver_id: str) -> Waiver:
    """Takes a waiver back: the rule counts again."""
    return alma.policies.unwaive(caller, waiver_id)


@router.get("/{rule_id}", responses=failures(404))
def read_rule(alma: Wired, caller: Caller, rule_id: str) -> Rule:
    """One rule, by its id."""
    return alma.policies.rule(caller, rule_id)


def _meant(alma: Alma, caller: Principal, body: PolicyCheck) -> Blueprint:
    if (body.blueprint is None) == (body.blueprint_id is None):
        raise InvalidInput(
            "give either blueprint or blueprint_id", hint="a document, or the number of a saved one"
        )
    if body.blueprint is not None:
        return parse_blueprint(dict(body.blueprint))
    assert body.blueprint_id is not None
    return alma.blueprints.get(caller, body.blueprint_id).blueprint
