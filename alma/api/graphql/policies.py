"""Policy: which rules hold, what they say of a blueprint, and who answers for a broken one."""

from __future__ import annotations

import asyncio

import strawberry
from strawberry.scalars import JSON

from alma.api.graphql.blueprints import document_of
from alma.api.graphql.context import Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, among
from alma.api.paging import Order
from alma.api.schemas.policies import CheckResult, RuleList, WaiverCreate, check_result
from alma.core.model import finding as core
from alma.core.model.errors import InvalidInput

RULES = Order[core.Rule, str]("rules", lambda rule: rule.id, str)
WAIVERS = Order[core.Waiver, str]("waivers", lambda waiver: waiver.id or "", str)
_SHOWN = 500


@noun(core.Rule)
class Rule:
    """What has to hold, and why."""


@noun(RuleList, without=frozenset({"items", "total", "next_cursor"}))
class RuleBook:
    """Which rules hold, and what is wrong with files of rules."""


@noun(core.Waiver)
class Waiver:
    """Who answers for a broken rule, where, and until when."""


@noun(CheckResult)
class PolicyCheck:
    """What the rules say of a blueprint."""


@taken(WaiverCreate)
class WaiveRule:
    """Who sends it answers for a broken rule, until the end of a day."""


@strawberry.type
class Queries:
    """What is asked about rules."""

    @strawberry.field(description="Every rule of the project.")
    async def rules(
        self, info: Info, first: First = USUAL, after: After = None
    ) -> Connection[Rule]:
        found = await info.context.ask(info.context.alma.policies.list)
        return among(
            found.rules, lambda item: shown(Rule, item), order=RULES, first=first, after=after
        )

    @strawberry.field(description="Which rules hold, and what is wrong with files of rules.")
    async def rule_book(self, info: Info) -> RuleBook:
        found = await info.context.ask(info.context.alma.policies.list)
        return shown(
            RuleBook, RuleList(bundle=found.bundle, items=(), problems=found.problems, total=0)
        )

    @strawberry.field(description="One rule.")
    async def rule(self, info: Info, id: str) -> Rule:
        return shown(Rule, await info.context.ask(info.context.alma.policies.rule, id))

    @strawberry.field(description="Waivers, oldest first; with `past` also those that are over.")
    async def waivers(
        self, info: Info, first: First = USUAL, after: After = None, past: bool = False
    ) -> Connection[Waiver]:
        found = await info.context.ask(info.context.alma.policies.waivers, past=past)
        return among(
            found, lambda item: shown(Waiver, item), order=WAIVERS, first=first, after=after
        )

    @strawberry.field(description="What the rules say of a document, or of a saved blueprint.")
    async def check_policies(
        self,
        info: Info,
        document: JSON | None = None,
        blueprint_id: int | None = None,
        frameworks: list[str] | None = None,
    ) -> PolicyCheck:
        alma = info.context.alma
        if (document is None) == (blueprint_id is None):
            raise InvalidInput("give either document or blueprint_id", hint="one of them, not both")
        if document is not None:
            blueprint = await asyncio.to_thread(document_of, document)
        else:
            blueprint = (await info.context.ask(alma.blueprints.get, blueprint_id)).blueprint
        found = await info.context.ask(
            alma.policies.assess, blueprint, frameworks=tuple(frameworks or ())
        )
        return shown(PolicyCheck, check_result(found, limit=_SHOWN))


@strawberry.type
class Mutations:
    """What is done about rules."""

    @strawberry.mutation(description="Answers for a broken rule in the caller's name.")
    async def waive_rule(self, info: Info, input: WaiveRule) -> Waiver:
        body = read(WaiverCreate, input)
        made = await info.context.ask(info.context.alma.policies.waive, body.waiver())
        return shown(Waiver, made)

    @strawberry.mutation(description="Takes a waiver back: the rule counts again.")
    async def revoke_waiver(self, info: Info, id: str) -> Waiver:
        return shown(Waiver, await info.context.ask(info.context.alma.policies.unwaive, id))
