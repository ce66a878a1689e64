"""`alma keys`: keys for programs. Make, list, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from alma.cli import options

if TYPE_CHECKING:
    from datetime import datetime

EPILOG = """
\b
Examples:
  alma keys create ci --allow blueprint:read --allow plan:make --days 90
  alma keys create ops --administrator       may do everything, in every project
  alma keys list
  alma keys revoke 54259be2c315

\b
A key belongs to one project (--project), can never do more than whoever made it, and ends
with that one. It is shown once. Programs give it in ALMA_API_KEY or a header:
  curl -H "Authorization: Bearer $ALMA_API_KEY" http://localhost:8000/api/v1/blueprints
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Keys for programs: create, list, revoke.",
    epilog=EPILOG,
)


@app.command("create", epilog=EPILOG)
def create(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What it is for.", show_default=False)
    ],
    allow: Annotated[
        list[str] | None,
        typer.Option(
            "--allow",
            metavar="PERMISSION",
            help="What it may do, once for each; all that you may without it.",
        ),
    ] = None,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May do everything, in every project.")
    ] = False,
    days: Annotated[
        float | None,
        typer.Option(
            "--days", metavar="N", min=0.0001, help="How long it holds; else until revoked."
        ),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Make a key and show it, this once."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    body: dict[str, Any] = {"name": name, "administrator": administrator}
    if allow:
        body["permissions"] = allow
    if days is not None:
        body["expires_at"] = _moment(days).isoformat()
    with connected(server, term, doing="alma keys create") as client:
        made = client.create_key(body)
    term.note(f"key {made['id']} ('{made['name']}'); it is shown this once, and kept nowhere")
    term.say(made["secret"])
    if term.as_json:
        term.answer(made)


@app.command("list", epilog=EPILOG)
def list_keys(
    limit: options.Limit = 100,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List keys, those that are over among them."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.access import render_keys
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma keys list") as client:
        found = client.keys(limit=most(limit, everything=everything))
    tell(term, found, render_keys(found))


@app.command("revoke", epilog=EPILOG)
def revoke(
    id_: Annotated[str, typer.Argument(metavar="ID", show_default=False)],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Take a key back: it opens nothing any more, and neither do the keys that it made."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma keys revoke") as client:
        found = client.revoke_key(id_)
    term.say(f"key {found['id']} ('{found['name']}') opens nothing any more")
    if term.as_json:
        term.answer(found)


def _moment(days: float) -> datetime:
    from datetime import UTC, datetime, timedelta

    return datetime.now(UTC) + timedelta(days=days)
