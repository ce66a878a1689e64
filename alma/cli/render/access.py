"""Callers, keys and accounts as people read them."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from alma.cli.shapes import Json


def render_caller(caller: Json, *, where: str) -> Table:
    """Who one is."""
    facts = Table.grid(padding=(0, 2))
    facts.add_row("server", where)
    facts.add_row("you are", Text(caller["id"], style="bold"))
    if caller["owner"]:
        facts.add_row("key of", caller["owner"])
    facts.add_row("project", caller["project"])
    if caller["administrator"]:
        facts.add_row("rights", "everything, in every project")
        return facts
    if caller["roles"]:
        facts.add_row("roles", ", ".join(caller["roles"]))
    facts.add_row("rights", ", ".join(caller["permissions"]) or "none in this project")
    if caller["projects"]:
        facts.add_row("projects", ", ".join(caller["projects"]))
    return facts


def render_keys(keys: Sequence[Json]) -> RenderableType:
    """A line for each."""
    if not keys:
        return Text("There are no keys. `alma keys create NAME` makes one.")
    table = _table("id", "name", "project", "may", "state", "last used")
    for key in keys:
        table.add_row(
            key["id"],
            key["name"],
            key["project"] or "all",
            "everything" if key["administrator"] else _count(len(key["permissions"])),
            _state(key),
            _day(key["last_used_at"]) or "never",
        )
    return table


def render_accounts(accounts: Sequence[Json]) -> RenderableType:
    """A line for each."""
    if not accounts:
        return Text(
            "There are no accounts. `alma users create NAME --administrator` makes the first."
        )
    table = _table("name", "shown as", "rights", "signs in by", "state")
    for account in accounts:
        ways = [
            *(["password"] if account["has_password"] else []),
            *([account["provider"]] if account["provider"] else []),
        ]
        table.add_row(
            account["name"],
            account["display"] or "",
            "administrator" if account["administrator"] else "by role",
            " or ".join(ways) or "nothing yet",
            f"disabled {_day(account['disabled_at'])}" if account["disabled_at"] else "enabled",
        )
    return table


def _table(*titles: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for title in titles:
        table.add_column(title)
    return table


def _state(key: Json) -> str:
    if key["revoked_at"]:
        return f"revoked {_day(key['revoked_at'])}"
    return f"until {_day(key['expires_at'])}" if key["expires_at"] else "holds"


def _count(number: int) -> str:
    return "1 thing" if number == 1 else f"{number} things"


def _day(moment: str | None) -> str:
    return (moment or "")[:10]
