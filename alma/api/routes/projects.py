"""Projects: who works apart from whom, by which rules, and as what."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as FromPath
from starlette.status import HTTP_201_CREATED, HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.conditional import IfMatch, expected_version, name_state
from alma.api.deps import Alma, Caller, Limit, Wired
from alma.api.paging import Asked, Cursor, Order, Part
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.projects import (
    MemberList,
    ProjectCreate,
    ProjectEdit,
    ProjectView,
    RoleBody,
    RoleGrant,
    RoleList,
    RoleView,
    project_view,
    role_view,
)
from alma.core.model.access import ROLES as BUILTIN
from alma.core.model.access import Membership, Project, Role
from alma.core.model.principal import Principal

router = APIRouter(prefix=f"{PREFIX}/projects", tags=["projects"], route_class=BodyRoute)

_BY_ID = Order[Project, str]("projects", lambda project: project.id, str)
MEMBERS = Order[Membership, tuple[str, str]](
    "members", lambda member: (member.principal, member.role), tuple[str, str], sorted="up"
)
# Those that every project has come first.
_RANKS = {name: rank for rank, name in enumerate(BUILTIN)}
ROLES = Order[Role, tuple[int, str]](
    "roles",
    lambda role: (_RANKS.get(role.name, len(_RANKS)), role.name),
    tuple[int, str],
    sorted="up",
)

Name = Annotated[str, FromPath(pattern=r"^[a-z][a-z0-9-]{0,62}$")]


@router.post(
    "",
    status_code=HTTP_201_CREATED,
    response_description="The project; Location names it.",
    responses=failures(403, 404, 409, 422),
)
def create_project(
    response: Response, alma: Wired, caller: Caller, body: ProjectCreate
) -> ProjectView:
    """Makes a project. For administrators of the installation."""
    made = alma.projects.create(caller, body.id, name=body.name, admin=body.admin)
    response.headers["Location"] = f"{PREFIX}/projects/{made.id}"
    return project_view(made)


@router.get("", response_description="By id.", responses=failures(422))
def list_projects(
    alma: Wired,
    caller: Caller,
    request: Request,
    response: Response,
    after: Annotated[str, Query(max_length=63, description="Only ids after this one.")] = "",
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Page[ProjectView]:
    """The projects that the caller has a role in; for administrators of the installation, all."""
    paging = Asked(request, response, skip=0, limit=limit, cursor=cursor)
    begin = paging.after(_BY_ID) or after
    found, total = alma.projects.list(caller, after=begin, limit=paging.most)
    return paging.page(_BY_ID, found, total, project_view)


@router.get("/{project_id}", responses=failures(404))
def read_project(response: Response, alma: Wired, caller: Caller, project_id: str) -> ProjectView:
    """One project and how it decides. ETag is its version."""
    return _shown(response, alma.projects.get(caller, project_id))


@router.patch("/{project_id}", responses=failures(403, 404, 412, 422))
def edit_project(
    response: Response,
    alma: Wired,
    caller: Caller,
    project_id: str,
    body: ProjectEdit,
    if_match: IfMatch = None,
) -> ProjectView:
    """Gives a project another name, or other rules in place of all it had. Refused when `If-Match` names another
    version than it has."""
    expected = expected_version(if_match)
    return _shown(response, edited(alma, caller, project_id, body, expected))


def edited(
    alma: Alma, caller: Principal, project_id: str, body: ProjectEdit, expected: str | None
) -> Project:
    """The project with what was sent in place of what there was. Raises NotFound, Forbidden, Overtaken."""
    there = alma.projects.entered(caller, project_id)
    return alma.projects.change(
        there, project_id, name=body.name, rules=body.rules, expected=expected
    )


@router.delete(
    "/{project_id}",
    response_description="The project, archived: closed to its members, and nothing of it removed.",
    responses=failures(403, 404, 409, 412, 422),
)
def archive_project(
    response: Response, alma: Wired, caller: Caller, project_id: str, if_match: IfMatch = None
) -> ProjectView:
    """Closes a project of which nothing is deployed. For administrators of the installation. Refused when `If-Match`
    names another version than it has."""
    expected = expected_version(if_match)
    alma.projects.get(caller, project_id)
    return _shown(response, alma.projects.archive(caller, project_id, expected=expected))


def _shown(response: Response, project: Project) -> ProjectView:
    name_state(response, project.version)
    return project_view(project)


# ── members ──────────────────────────────────────────────────────────────────────────────────────────


@router.get("/{project_id}/members", responses=failures(403, 404))
def list_members(alma: Wired, caller: Caller, project_id: str, part: Part) -> MemberList:
    """Who holds which role."""
    there = alma.projects.entered(caller, project_id)
    found = part.of(MEMBERS, alma.members.list(there))
    return MemberList(items=found.items, **found.ends)


@router.post(
    "/{project_id}/members",
    status_code=HTTP_201_CREATED,
    responses=failures(403, 404, 409, 422),
)
def grant_role(alma: Wired, caller: Caller, project_id: str, body: RoleGrant) -> Membership:
    """Gives somebody a role, from their next request on. Nobody grants what they do not hold."""
    there = alma.projects.entered(caller, project_id)
    return alma.members.grant(there, body.principal, body.role)


@router.delete(
    "/{project_id}/members/{principal}/{role}",
    status_code=HTTP_204_NO_CONTENT,
    responses=failures(403, 404, 409),
)
def revoke_role(alma: Wired, caller: Caller, project_id: str, principal: str, role: str) -> None:
    """Takes a role back, from the next request on. The last administrator of a project stays."""
    alma.members.revoke(alma.projects.entered(caller, project_id), principal, role)


# ── roles ────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/{project_id}/roles", responses=failures(403, 404))
def list_roles(alma: Wired, caller: Caller, project_id: str, part: Part) -> RoleList:
    """The roles that every project has, then this one's own."""
    there = alma.projects.entered(caller, project_id)
    found = part.of(ROLES, alma.members.roles(there))
    return RoleList(items=[role_view(role) for role in found.items], **found.ends)


@router.put("/{project_id}/roles/{name}", responses=failures(403, 404, 409, 422))
def save_role(alma: Wired, caller: Caller, project_id: str, name: Name, body: RoleBody) -> RoleView:
    """Makes a role of the project's own, or makes it allow something else for all who hold it."""
    there = alma.projects.entered(caller, project_id)
    return role_view(alma.members.put_role(there, name, body.permissions))


@router.delete(
    "/{project_id}/roles/{name}",
    status_code=HTTP_204_NO_CONTENT,
    responses=failures(403, 404, 409),
)
def remove_role(alma: Wired, caller: Caller, project_id: str, name: str) -> None:
    """Removes a role of the project's own that nobody holds."""
    alma.members.remove_role(alma.projects.entered(caller, project_id), name)
