"""`alma conversations`: what was said before. Look, rename, forget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client

EPILOG = """
\b
Examples:
  alma conversations list
  alma conversations show                the one that moved last
  alma conversations graph my-shop       where it stands on the way to what runs
  alma conversations rename my-shop "The web shop"
  alma chat --conversation my-shop       go on with it

\b
The beginning of an ID is enough.
"""

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="What was said before: list, show, rename and forget conversations.",
    epilog=EPILOG,
)

MaybeId = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="The one that moved last without it.", show_default=False),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="Or its beginning.", show_default=False)]


@app.command("list", epilog=EPILOG)
def list_conversations(
    limit: options.Limit = 20,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List conversations, the one that moved last first."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.conversation import render_conversations
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma conversations list") as client:
        found = client.conversations(limit=most(limit, everything=everything))
    tell(term, found, render_conversations(found))


@app.command("show", epilog=EPILOG)
def show(
    id_: MaybeId = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show what was said, from the first message on."""
    from alma.cli.connect import connected
    from alma.cli.render.conversation import render_history
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma conversations show") as client:
        found = client.conversation(resolve(client, id_))
    term.say(f"conversation {found['id']}: {found['title']}", "", render_history(found["turns"]))
    if term.as_json:
        term.answer(found)


@app.command("graph", epilog=EPILOG)
def graph(
    id_: MaybeId = None,
    mermaid: Annotated[
        bool, typer.Option("--mermaid", help="The drawing itself, for a Mermaid renderer.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Show where a conversation stands on the way from words to what runs."""
    from alma.cli.connect import connected
    from alma.cli.render.conversation import render_standing
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma conversations graph") as client:
        found = client.standing(resolve(client, id_))
    if mermaid:
        term.raw(found["mermaid"])
        return
    term.say(render_standing(found))
    if term.as_json:
        term.answer(found)


@app.command("rename", epilog=EPILOG)
def rename(
    id_: Id,
    title: Annotated[str, typer.Argument(metavar="TITLE", show_default=False)],
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Give a conversation another title."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma conversations rename") as client:
        found = client.rename_conversation(resolve(client, id_), title)
    term.say(f"conversation {found['id']} is '{found['title']}' now")
    if term.as_json:
        term.answer(found)


@app.command("delete", epilog=EPILOG)
def delete(
    id_: Id,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Forget what was said. Blueprints, requests and what runs stay."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma conversations delete") as client:
        whole = resolve(client, id_)
        client.forget_conversation(whole)
    term.say(f"conversation {whole} is forgotten; its blueprints and what runs are not")
    if term.as_json:
        term.answer({"deleted": whole})


def resolve(client: Client, beginning: str | None) -> str:
    """The whole id; the one that moved last for None. Raises CliError when none or several begin like that."""
    from alma.cli.errors import CliError

    found: list[str] = [
        item["id"] for item in client.conversations(limit=1 if beginning is None else 1_000_000)
    ]
    if beginning is not None and beginning in found:
        return beginning
    matching = [id_ for id_ in found if id_.startswith(beginning or "")]
    if len(matching) == 1:
        return matching[0]
    what = f"{len(matching)} conversations begin" if matching else "no conversation begins"
    raise CliError(
        f"{what} with '{beginning}'" if beginning else "there are no conversations yet",
        hint="alma conversations list shows them",
        code="not_found",
    )
