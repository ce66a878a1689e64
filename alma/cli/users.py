"""`alma users`: people who may sign in. Create, list, disable, enable, set passwords."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alma.cli import options

EPILOG = """
\b
Examples:
  alma users create ada --administrator      the first one, on the machine of the data directory
  alma users create bob --display "Bob"
  alma users list
  alma users disable bob                     ends sign-ins and keys at once
  alma users password bob                    a new one; `alma users password` changes your own

Passwords have 12 characters or more, and are asked for.
"""
Name = Annotated[str, typer.Argument(metavar="NAME", help="The account.", show_default=False)]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input.")
]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="People who may sign in: create, list, disable, enable, password.",
    epilog=EPILOG,
)


@app.command("create", epilog=EPILOG)
def create(
    name: Name,
    administrator: Annotated[
        bool, typer.Option("--administrator", help="May do everything, in every project.")
    ] = False,
    display: Annotated[
        str | None, typer.Option(metavar="TEXT", help="The name to show.", show_default=False)
    ] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", show_default=False)] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Signs in by a provider only.")
    ] = False,
    password_stdin: Stdin = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Make an account. From the first one on, callers have to be known."""
    from alma.cli.connect import connected
    from alma.cli.connection import password
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    body: dict[str, Any] = {
        "name": name,
        "administrator": administrator,
        "display": display,
        "email": email,
    }
    if not no_password:
        body["password"] = password(term, f"password for {name}", stdin=password_stdin, twice=True)
    with connected(server, term, doing="alma users create") as client:
        found = client.create_account(body)
    what = "may do everything" if administrator else "may do nothing until it has a role"
    term.say(f"account {found['name']} is there; it {what}")
    if term.as_json:
        term.answer(found)


@app.command("list", epilog=EPILOG)
def list_users(
    limit: options.Limit = 100,
    everything: options.All = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List accounts by name."""
    from alma.cli.connect import connected
    from alma.cli.listing import most, tell
    from alma.cli.render.access import render_accounts
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma users list") as client:
        found = client.accounts(limit=most(limit, everything=everything))
    tell(term, found, render_accounts(found))


@app.command("disable", epilog=EPILOG)
def disable(
    name: Name,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """End every sign-in and every key of an account until it is enabled again."""
    _change(name, server, as_json=as_json, no_color=no_color, disabled=True)


@app.command("enable", epilog=EPILOG)
def enable(
    name: Name,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Let an account sign in again."""
    _change(name, server, as_json=as_json, no_color=no_color, disabled=False)


@app.command("password", epilog=EPILOG)
def set_password(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="Your own without it.", show_default=False),
    ] = None,
    password_stdin: Stdin = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Give an account a new password; every sign-in of it ends."""
    from alma.cli.connect import connected
    from alma.cli.connection import password
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma users password") as client:
        if name is None:
            old = password(term, "present password", stdin=password_stdin)
            new = password(term, "new password", stdin=password_stdin, twice=True)
            client.change_password(old, new)
        else:
            asked = password(term, f"new password for {name}", stdin=password_stdin, twice=True)
            client.set_password(name, asked)
    term.say(f"{name or 'you'}: the password is changed, and every sign-in has ended")
    if term.as_json:
        term.answer({"account": name, "changed": True})


def _change(
    name: str, server: str | None, *, as_json: bool, no_color: bool, disabled: bool
) -> None:
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    doing = f"alma users {'disable' if disabled else 'enable'}"
    with connected(server, term, doing=doing) as client:
        found = client.change_account(name, disabled=disabled)
    term.say(f"account {name} {'opens nothing any more' if disabled else 'may sign in again'}")
    if term.as_json:
        term.answer(found)
