"""Projects: who works apart from whom, by which rules, and as what."""

from __future__ import annotations

import asyncio

import strawberry

from alma.api.graphql.context import Context, Expected, Info, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, among, paged
from alma.api.paging import Order
from alma.api.routes.projects import MEMBERS, ROLES, edited
from alma.api.schemas.projects import (
    ProjectCreate,
    ProjectEdit,
    ProjectView,
    RoleBody,
    RoleGrant,
    RoleView,
    project_view,
    role_view,
)
from alma.core.model import access as core
from alma.core.model.principal import Principal

ORDER = Order[core.Project, str]("projects", lambda project: project.id, str)


@noun(ProjectView)
class Project:
    """What nobody outside sees into, and how it decides."""


@noun(core.Membership)
class Member:
    """That somebody holds a role in a project."""


@noun(RoleView)
class Role:
    """What somebody who holds it may do; `builtin` are those that every project has."""


@taken(ProjectCreate)
class CreateProject:
    """A new project."""


@taken(ProjectEdit)
class EditProject:
    """Another name, or other rules in place of all there are."""


@taken(RoleGrant)
class GrantRole:
    """Who is to hold which role."""


@taken(RoleBody)
class SaveRole:
    """What a role allows."""


def show_project(found: core.Project) -> Project:
    """A project as it is shown."""
    return shown(Project, project_view(found))


@strawberry.type
class Queries:
    """What is asked about projects. Where none is named, the one at hand is meant."""

    @strawberry.field(description="The projects that the caller has a role in, by id.")
    async def projects(
        self, info: Info, first: First = USUAL, after: After = None
    ) -> Connection[Project]:
        alma = info.context.alma
        return await paged(
            info.context,
            lambda caller, *, limit, after: alma.projects.list(
                caller, after=after or "", limit=limit
            ),
            show_project,
            order=ORDER,
            first=first,
            after=after,
        )

    @strawberry.field(description="One project and how it decides.")
    async def project(self, info: Info, id: str) -> Project:
        return show_project(await info.context.ask(info.context.alma.projects.get, id))

    @strawberry.field(description="Who holds which role, by person.")
    async def members(
        self, info: Info, project: str | None = None, first: First = USUAL, after: After = None
    ) -> Connection[Member]:
        there = await _in(info.context, project)
        found = await asyncio.to_thread(info.context.alma.members.list, there)
        return among(found, _member, order=MEMBERS, first=first, after=after)

    @strawberry.field(description="The roles that every project has, then the project's own.")
    async def roles(
        self, info: Info, project: str | None = None, first: First = USUAL, after: After = None
    ) -> Connection[Role]:
        there = await _in(info.context, project)
        found = await asyncio.to_thread(info.context.alma.members.roles, there)
        return among(found, _role, order=ROLES, first=first, after=after)


@strawberry.type
class Mutations:
    """What is done with projects. Where none is named, the one at hand is meant."""

    @strawberry.mutation(description="Makes a project. For administrators of the installation.")
    async def create_project(self, info: Info, input: CreateProject) -> Project:
        body, create = read(ProjectCreate, input), info.context.alma.projects.create
        made = await info.context.ask(create, body.id, name=body.name, admin=body.admin)
        return show_project(made)

    @strawberry.mutation(description="Gives a project another name, or other rules.")
    async def edit_project(
        self, info: Info, id: str, input: EditProject, expected: Expected = None
    ) -> Project:
        body, alma, caller = read(ProjectEdit, input), info.context.alma, info.context.caller
        return show_project(await asyncio.to_thread(edited, alma, caller, id, body, expected))

    @strawberry.mutation(description="Closes a project of which nothing is deployed.")
    async def archive_project(self, info: Info, id: str, expected: Expected = None) -> Project:
        projects = info.context.alma.projects
        await info.context.ask(projects.get, id)
        return show_project(await info.context.ask(projects.archive, id, expected=expected))

    @strawberry.mutation(description="Gives somebody a role, from their next request on.")
    async def grant_role(self, info: Info, input: GrantRole, project: str | None = None) -> Member:
        body, grant = read(RoleGrant, input), info.context.alma.members.grant
        there = await _in(info.context, project)
        return shown(Member, await asyncio.to_thread(grant, there, body.principal, body.role))

    @strawberry.mutation(description="Takes a role back; answers whose it was.")
    async def revoke_role(
        self, info: Info, principal: str, role: str, project: str | None = None
    ) -> str:
        there = await _in(info.context, project)
        await asyncio.to_thread(info.context.alma.members.revoke, there, principal, role)
        return principal

    @strawberry.mutation(description="Makes a role of the project's own, or makes it another.")
    async def save_role(
        self, info: Info, name: str, input: SaveRole, project: str | None = None
    ) -> Role:
        body, save = read(RoleBody, input), info.context.alma.members.put_role
        named = named_role(name)
        there = await _in(info.context, project)
        return shown(Role, role_view(await asyncio.to_thread(save, there, named, body.permissions)))

    @strawberry.mutation(description="Removes a role that nobody holds; answers its name.")
    async def remove_role(self, info: Info, name: str, project: str | None = None) -> str:
        there = await _in(info.context, project)
        await asyncio.to_thread(info.context.alma.members.remove_role, there, name)
        return name


def _member(found: core.Membership) -> Member:
    return shown(Member, found)


def _role(found: core.Role) -> Role:
    return shown(Role, role_view(found))


def named_role(name: str) -> str:
    """A name that a role can have. Raises BodyInvalid."""
    return read(RoleGrant, {"principal": "nobody", "role": name}).role


async def _in(context: Context, project: str | None) -> Principal:
    """The caller as it is in that project."""
    if project is None:
        return context.caller
    return await context.ask(context.alma.projects.entered, project)
