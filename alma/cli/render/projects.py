"""Projects, members, roles and rules as people read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alma.cli.render.tables import table
from alma.cli.shapes import Json

PERMISSIONS: Mapping[str, str] = {
    "blueprint:read": "look at blueprints",
    "blueprint:write": "make and change blueprints",
    "blueprint:delete": "delete blueprints",
    "plan:make": "make plans",
    "ipr:read": "look at requests",
    "ipr:open": "open and edit requests",
    "ipr:approve": "review requests",
    "ipr:cancel": "withdraw requests",
    "deployment:read": "look at deployments",
    "deployment:start": "start deployments",
    "deployment:cancel": "cancel deployments",
    "stack:read": "see what runs",
    "stack:verify": "check that what runs does its work",
    "conversation:use": "talk",
    "tool:run": "use tools",
    "engine:read": "see engines and whether they answer",
    "engine:configure": "say how engines are reached",
    "policy:read": "look at rules and waivers",
    "policy:waive": "waive rules",
    "audit:read": "read the audit log",
    "metrics:read": "read metrics",
    "member:read": "see who is a member, and the roles",
    "member:manage": "grant, take back and make roles",
    "key:manage": "make and revoke keys of programs",
    "project:manage": "rename the project and say how it decides",
}
"""What each permission lets one do."""


def render_projects(projects: Sequence[Json]) -> RenderableType:
    """A line for each."""
    rows = [
        (p["id"], p["name"], _approvals(p["rules"]), "archived" if p["archived_at"] else "open")
        for p in projects
    ]
    if not rows:
        return "You have a role in no project. Whoever administers one can grant you a role."
    return table(["ID", "NAME", "APPROVALS", "STATE"], rows)


def render_project(project: Json) -> RenderableType:
    """One project and how it decides."""
    heading = Text.assemble((project["id"], "bold"), f" · {project['name']}")
    if project["archived_at"]:
        heading.append(f" · archived {project['archived_at'][:10]}", style="yellow")
    since = f"made by {project['created_by']} on {project['created_at'][:10]}"
    return Group(heading, Text(since, style="dim"), Text(""), render_rules(project["rules"]))


def render_rules(rules: Json) -> RenderableType:
    """Each rule in words."""
    facts = Table.grid(padding=(0, 2))
    for number, line in enumerate(_entries(rules["approvals"])):
        facts.add_row("" if number else "approvals", line)
    facts.add_row("authors", _author(rules["author_may_approve"]))
    facts.add_row("without rule", _without(rules["auto_approve"]))
    facts.add_row(
        "deploying",
        "who approved may deploy, too"
        if rules["approver_may_deploy"]
        else "who approved is not the one who deploys",
    )
    engines = rules["engines"]
    facts.add_row("engines", "every one" if engines is None else f"only {_list(engines)}")
    return facts


def render_members(members: Sequence[Json], project: str) -> RenderableType:
    """A line for each role of each person."""
    if not members:
        return f"Nobody holds a role in project {project}. alma members grant NAME ROLE gives one."
    rows = [(m["principal"], m["role"], m["granted_by"], m["granted_at"][:10]) for m in members]
    return table(["WHO", "ROLE", "GRANTED BY", "ON"], rows)


def render_roles(roles: Sequence[Json]) -> RenderableType:
    """A line for each, with what it allows in words."""
    looking = _everywhere(roles)
    rows = [(r["name"], "built in" if r["builtin"] else "own", _allows(r, looking)) for r in roles]
    return table(["ROLE", "KIND", "ALLOWS"], rows)


def render_role(role: Json) -> RenderableType:
    """One role, permission by permission."""
    heading = Text.assemble((role["name"], "bold"), " · ")
    heading.append("every project has it" if role["builtin"] else "this project's own")
    rows = [(name, PERMISSIONS.get(name, "")) for name in role["permissions"]]
    return Group(heading, Text(""), table(["PERMISSION", "LETS ONE"], rows))


def _entries(entries: Sequence[Json]) -> Iterator[str]:
    if not entries:
        yield "one approval of anybody who may approve is enough"
    for entry in entries:
        number = entry["approvals"]
        people = "1 person" if number == 1 else f"{number} different people"
        whose = f", of {_list(entry['approvers'])}" if entry["approvers"] else ""
        yield f"{_place(entry) or 'everything'}: {people}{whose}"


def _place(entry: Json) -> str:
    engine, environment = entry.get("engine"), entry.get("environment")
    parts = [f"on {engine}" if engine else "", f"in {environment}" if environment else ""]
    return " ".join(part for part in parts if part)


def _author(said: bool | None) -> str:
    if said is None:
        return "as the installation says (ALMA_IPR_REQUIRE_REVIEW)"
    return f"an author's own approval {'counts' if said else 'does not count'}"


def _without(said: bool | None) -> str:
    if said is None:
        return "as the installation says (ALMA_IPR_AUTO_APPROVE)"
    return f"a request that no rule above fits needs {'nobody' if said else 'one approval'}"


def _approvals(rules: Json) -> str:
    most = max((entry["approvals"] for entry in rules["approvals"]), default=1)
    return f"up to {most}" if most > 1 else "1"


def _everywhere(roles: Sequence[Json]) -> frozenset[str]:
    """What the least of the built-in roles allows: named once, not in each line."""
    return frozenset(next((r["permissions"] for r in roles if r["name"] == "viewer"), ()))


def _allows(role: Json, looking: frozenset[str]) -> str:
    allowed = role["permissions"]
    if set(allowed) >= set(PERMISSIONS):
        return "everything in the project"
    more = [PERMISSIONS.get(name, name) for name in allowed if name not in looking]
    if role["name"] == "viewer" or not looking.issubset(allowed):
        return ", ".join(PERMISSIONS.get(name, name) for name in allowed)
    return f"all that a viewer may; {', '.join(more)}"


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)
