"""Blueprints: saved, revised, planned. A document is JSON, as over REST."""

from __future__ import annotations

import asyncio
from typing import Any

import strawberry
from strawberry.scalars import JSON

from alma.api.graphql.context import Context, Info, Root, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.iprs import IPR, PlanChoice, show_ipr
from alma.api.graphql.paging import USUAL, After, Connection, First, among, checked, paged
from alma.api.graphql.plans import Plan, show_plan
from alma.api.graphql.stacks import Stack, show_stack
from alma.api.paging import Order
from alma.api.schemas.blueprints import (
    BlueprintDeploy,
    BlueprintView,
    ConversionView,
    RevisionSummary,
    Validation,
    blueprint_body,
    conversion_view,
    revision_summary,
    validation,
)
from alma.api.schemas.iprs import EngineChoice
from alma.api.schemas.rendering import RenderingView, rendering_view
from alma.core.model import blueprint as core
from alma.core.model.document import blueprint_schema, diagnose, parse_blueprint
from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plain import check_values

ORDER = Order[core.Revision, int]("blueprints", lambda revision: revision.id, int)
REVISIONS = Order[core.Revision, int]("revisions", lambda revision: revision.number, int)


@noun(RevisionSummary)
class Revision:
    """One saved state of a blueprint."""

    @strawberry.field(description="The document as it was saved.")
    async def document(root: Root) -> JSON:
        return JSON(root.noun.blueprint.dump())


@noun(Validation)
class ValidationResult:
    """What is to be said about a document."""


@noun(ConversionView)
class Conversion:
    """What became of a foreign description."""


@noun(RenderingView)
class Rendering:
    """A blueprint as files for another tool."""


@taken(BlueprintDeploy, without=frozenset({"dry_run"}))
class DeployBlueprint:
    """Where, and with which words."""


@noun(BlueprintView)
class Blueprint:
    """What is wanted: one saved revision."""

    @strawberry.field(description="The document as a person would write it; can be sent back.")
    async def document(root: Root) -> JSON:
        return JSON(root.noun.blueprint.dump())

    @strawberry.field(description="Its last saved states, newest first.")
    async def revisions(root: Root, info: Info, first: First = USUAL) -> list[Revision]:
        found = await info.context.load.history(root["id"], checked(first))
        return [shown(Revision, revision_summary(item), item) for item in found]

    @strawberry.field(description="Where it lives.")
    async def stacks(root: Root, info: Info) -> list[Stack]:
        return [show_stack(item) for item in await info.context.load.stacks_of(root["id"])]


def show_blueprint(found: core.Revision) -> Blueprint:
    """A revision as it is shown in a list."""
    return shown(Blueprint, blueprint_body(found, warnings=False), found)


@strawberry.type
class Queries:
    """What is asked about blueprints."""

    @strawberry.field(description="The newest revision of each, newest blueprint first.")
    async def blueprints(
        self,
        info: Info,
        first: First = USUAL,
        after: After = None,
        name: str | None = None,
        search: str | None = None,
        engine: str | None = None,
    ) -> Connection[Blueprint]:
        return await paged(
            info.context,
            info.context.alma.blueprints.list,
            show_blueprint,
            order=ORDER,
            first=first,
            after=after,
            name=name,
            search=search or None,
            engine=engine or None,
        )

    @strawberry.field(description="One blueprint, with its warnings.")
    async def blueprint(
        self,
        info: Info,
        id: int,
        revision: int | None = None,
    ) -> Blueprint:
        return await _whole(
            info.context,
            await info.context.ask(info.context.alma.blueprints.get, id, revision=revision),
        )

    @strawberry.field(description="All saved states of a blueprint, newest first.")
    async def blueprint_revisions(
        self, info: Info, blueprint_id: int, first: First = USUAL, after: After = None
    ) -> Connection[Revision]:
        found = await info.context.ask(info.context.alma.blueprints.revisions, blueprint_id)
        return among(found, _revision, order=REVISIONS, first=first, after=after)

    @strawberry.field(description="Looks at a document without saving it.")
    async def validate_blueprint(self, info: Info, document: JSON) -> ValidationResult:
        return shown(ValidationResult, await asyncio.to_thread(_validated, info.context, document))

    @strawberry.field(description="A saved blueprint as files for another tool.")
    async def rendering(
        self,
        info: Info,
        blueprint_id: int,
        engine: str | None = None,
        format: str | None = None,
        revision: int | None = None,
    ) -> Rendering:
        made = await info.context.ask(
            info.context.alma.renderings.saved,
            blueprint_id,
            engine=engine,
            format=format,
            revision=revision,
        )
        return shown(Rendering, rendering_view(made))

    @strawberry.field(description="A document as files for another tool; saves nothing.")
    async def render_document(
        self, info: Info, document: JSON, engine: str | None = None, format: str | None = None
    ) -> Rendering:
        made = await asyncio.to_thread(
            lambda: info.context.alma.renderings.document(
                document_of(document), engine=engine, format=format
            )
        )
        return shown(Rendering, rendering_view(made))

    @strawberry.field(description="What a blueprint may contain: JSON Schema.")
    async def blueprint_schema(self) -> JSON:
        return JSON(blueprint_schema())


@strawberry.type
class Mutations:
    """What is done with blueprints."""

    @strawberry.mutation(description="Saves a new blueprint.")
    async def create_blueprint(self, info: Info, document: JSON) -> Blueprint:
        blueprint = await asyncio.to_thread(document_of, document)
        made = await info.context.ask(info.context.alma.blueprints.create, blueprint)
        return await _whole(info.context, made)

    @strawberry.mutation(description="Saves a further revision, if `expected` is still the newest.")
    async def update_blueprint(
        self,
        info: Info,
        id: int,
        document: JSON,
        expected: int | None = None,
    ) -> Blueprint:
        blueprint, change = (
            await asyncio.to_thread(document_of, document),
            info.context.alma.blueprints.update,
        )
        saved = await info.context.ask(change, id, blueprint, expected=expected)
        return await _whole(info.context, saved)

    @strawberry.mutation(description="Removes a blueprint of which nothing runs; answers its id.")
    async def delete_blueprint(
        self,
        info: Info,
        id: int,
        expected: int | None = None,
    ) -> int:
        await info.context.ask(info.context.alma.blueprints.delete, id, expected=expected)
        return id

    @strawberry.mutation(description="What deploying a document would do; saves nothing.")
    async def plan_document(
        self,
        info: Info,
        document: JSON,
        input: PlanChoice | None = None,
    ) -> Plan:
        body, alma = read(EngineChoice, input), info.context.alma
        blueprint = await asyncio.to_thread(document_of, document)
        plan = await alma.plans.preview(
            info.context.caller, blueprint, engine=body.engine, pace=body.pace
        )
        return show_plan(plan)

    @strawberry.mutation(description="What would make the newest revision true; changes nothing.")
    async def plan_blueprint(
        self,
        info: Info,
        id: int,
        input: PlanChoice | None = None,
    ) -> Plan:
        body, plans = read(EngineChoice, input), info.context.alma.plans
        target = await plans.target(info.context.caller, id, engine=body.engine, pace=body.pace)
        return show_plan(await plans.make(info.context.caller, target))

    @strawberry.mutation(description="Opens a request for the newest revision.")
    async def deploy_blueprint(
        self,
        info: Info,
        id: int,
        input: DeployBlueprint | None = None,
    ) -> IPR:
        body = read(BlueprintDeploy, input)
        ipr = await info.context.alma.iprs.open(
            info.context.caller,
            title=body.title or f"Deploy blueprint {id}",
            description=body.description,
            blueprint_id=id,
            engine=body.engine,
            pace=body.pace,
        )
        return show_ipr(ipr)

    @strawberry.mutation(description="Makes a blueprint of a foreign description; saves nothing.")
    async def convert_document(
        self, info: Info, content: str, source: str | None = None, name: str = ""
    ) -> Conversion:
        made = await asyncio.to_thread(
            info.context.alma.converting.convert,
            content.encode(),
            form=source,
            name=name,
            max_bytes=info.context.alma.settings.max_body_bytes,
        )
        return shown(Conversion, conversion_view(made))


def document_of(document: Any) -> core.Blueprint:
    """The blueprint of a JSON argument. Raises BlueprintInvalid with everything that is wrong."""
    check_values(document)
    return parse_blueprint(document)


def _validated(context: Context, document: Any) -> Validation:
    try:
        blueprint = document_of(document)
    except BlueprintInvalid as error:
        return validation(error.diagnostics, valid=False)
    landing = context.alma.plans.landing(context.caller.project, blueprint)
    return validation([*diagnose(blueprint), *landing], valid=True)


async def _whole(context: Context, found: core.Revision) -> Blueprint:
    """One revision with all its warnings, as REST shows it."""
    further = await asyncio.to_thread(
        context.alma.plans.landing, context.caller.project, found.blueprint
    )
    return shown(Blueprint, blueprint_body(found, further=further), found)


def _revision(found: core.Revision) -> Revision:
    return shown(Revision, revision_summary(found), found)
