"""`alma migrate`: the database brought up to date and nothing started, where that is to be a step of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.settings import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma migrate
  ALMA_DATABASE_URL=postgresql://alma:…@db/alma alma migrate --json

\b
Servers and workers do the same when they start, so nobody has to. It is for
those who want to see it done, or failed, before the first of them is replaced.
"""


@app.command(epilog=EPILOG)
def migrate(as_json: options.Json = False, no_color: options.NoColor = False) -> None:
    """Bring the database up to date, and leave.

    In one transaction; others that do it meanwhile wait. A database that is up to date stays as it is. Servers of the
    version before go on, for only something is added.
    """
    from alma.cli.connect import load_settings
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    before, after = asyncio.run(_migrated(load_settings()))
    if before == after:
        term.say(f"The database is up to date, at version {after}.")
    else:
        term.say(f"The database is at version {after} now; it was {before or 'empty'}.")
    if term.as_json:
        term.answer({"before": before, "after": after})


async def _migrated(settings: Settings) -> tuple[str | None, str | None]:
    """The versions before and after."""
    from alma.bootstrap import build

    alma = await asyncio.to_thread(build, settings)
    try:
        before = await asyncio.to_thread(alma.database.version)
        await alma.upgrade()
        return before, await asyncio.to_thread(alma.database.version)
    finally:
        await alma.stop()
