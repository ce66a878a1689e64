"""`alma login`: sign in to a server; what it answers is kept for the next commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.client import Client
    from alma.cli.shapes import Json
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma login --server https://alma.example.com               a code, for any browser
  alma login --provider company --server https://alma.example.com
  alma login ada --server https://alma.example.com           a password
  pass show alma | alma login ada --password-stdin --server https://alma.example.com
  alma whoami --server https://alma.example.com

Programs need no login: give them a key in ALMA_API_KEY (`alma keys create`).
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def login(
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME",
            help="The account, to sign in with its password; without it, a code is shown.",
            show_default=False,
        ),
    ] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    provider: Annotated[
        str | None,
        typer.Option(
            "--provider",
            metavar="NAME",
            help="An identity provider, to sign in to with a browser on this machine.",
            show_default=False,
        ),
    ] = None,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Sign in to a server: with a code for any browser, through a provider, or with a password."""
    from alma.cli.connect import connected
    from alma.cli.connection import password
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    if name is not None and provider is not None:
        raise typer.BadParameter("leave NAME out: the provider says who it is")
    with connected(server, term, doing="alma login") as client:
        _check(client)
        if client.where.startswith("http://") and not _is_here(client.where):
            term.warn(f"{client.where} is not encrypted: who listens gets what is sent")
        if name is None:
            found = _elsewhere(client, term, provider)
        else:
            found = client.login(name, password(term, f"password of {name}", stdin=password_stdin))
        _keep(client, found)
    account = found["account"]
    term.say(f"Signed in to {client.where} as {account['name']}.")
    if term.as_json:
        term.answer({"server": client.where, "account": account})


def _elsewhere(client: Client, term: Terminal, provider: str | None) -> Json:
    from alma.cli.login_elsewhere import by_device, by_provider

    return by_device(client, term) if provider is None else by_provider(client, term, provider)


def _check(client: Client) -> None:
    from alma.cli.errors import CliError

    if client.embedded:
        raise CliError(
            "no server runs on this data directory, and none is needed to be known here",
            hint="name the server to sign in to: alma login NAME --server URL",
            code="invalid_input",
        )


def _keep(client: Client, found: dict[str, object]) -> None:
    from alma.cli.connect import load_settings
    from alma.cli.credentials import SignIns

    SignIns(load_settings().home).keep(client.where, found)


def _is_here(url: str) -> bool:
    from urllib.parse import urlsplit

    return urlsplit(url).hostname in {"localhost", "127.0.0.1", "::1"}
