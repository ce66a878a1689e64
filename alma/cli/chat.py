"""`alma chat`: words in, a blueprint out; one sentence, or a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma chat "I need a simple web application with 2 servers and a database"
  alma chat "make it 3 servers" --conversation my-shop
  alma chat                        a conversation; /help lists its commands
  alma chat "a redis cache" --json | jq .blueprint > cache.json

Ctrl-C stops an answer. Nothing is deployed from here unless somebody approved its
plan: with /deploy, or by saying so of a request that was opened.
"""


@app.command(epilog=EPILOG)
def chat(
    message: Annotated[
        str | None,
        typer.Argument(
            metavar="MESSAGE", help="What you need; without it, a conversation.", show_default=False
        ),
    ] = None,
    conversation: Annotated[
        str | None,
        typer.Option(
            "--conversation", "-c", metavar="ID", help="Go on with that one.", show_default=False
        ),
    ] = None,
    engine: options.EngineOption = None,
    server: options.Server = None,
    as_json: options.Json = False,
    events: Annotated[
        bool, typer.Option("--events", help="Each event of the answer as a line of JSON.")
    ] = False,
    no_color: options.NoColor = False,
) -> None:
    """Say what you need and get a blueprint."""
    import sys

    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json or events, no_color=no_color)
    if message is None and not sys.stdin.isatty():
        message = sys.stdin.read().strip()
    if message is not None:
        _require_words(message)
    with connected(server, term, doing="alma chat") as client:
        if message is None:
            _converse(client, term, conversation, engine)
        else:
            _say_once(client, term, message, conversation, engine, events=events)


def _require_words(message: str) -> None:
    from alma.cli.errors import CliError

    if not message.strip():
        raise CliError(
            "there is nothing to understand",
            hint='say it in words: alma chat "a web server and a database"',
            code="invalid_input",
        )


def _say_once(
    client: Client,
    term: Terminal,
    message: str,
    conversation: str | None,
    engine: str | None,
    *,
    events: bool,
) -> None:
    from alma.cli.hearing import Hearing, answer_of
    from alma.cli.render.conversation import commands, render_answer

    heard = Hearing(client, term).hear(message, conversation, engine=engine, as_events=events)
    answer = answer_of(heard)
    if events:
        _see_through(client, term, answer)
        return
    steps = (*commands(answer), *_next_steps(answer))
    term.say(render_answer(answer, *steps, words=not term.live))
    if term.as_json:
        term.answer(answer)
    elif answer.get("conversation_id"):
        term.note(f'go on with: alma chat "…" --conversation {answer["conversation_id"]}')
    _see_through(client, term, answer)


def _see_through(client: Client, term: Terminal, answer: Json) -> None:
    """Without a server, what was started runs as long as this command does."""
    from alma.cli.watch import see_through

    started = answer.get("deployment_id")
    if started and client.embedded:
        raise typer.Exit(see_through(client, term, started))


def _next_steps(answer: Json) -> list[str]:
    if not answer.get("blueprint_id") or answer.get("ipr_id"):
        return []
    number = answer["blueprint_id"]
    return [f"alma plan --blueprint {number}", f"alma deploy --blueprint {number}"]


def _converse(client: Client, term: Terminal, conversation: str | None, engine: str | None) -> None:
    from alma.cli.conversing import Conversing

    Conversing(client, term, conversation_id=conversation, engine=engine).run()
