"""`alma engines`: where blueprints can land, how that is reached, and what is missing where they can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.shapes import Engine
    from alma.cli.terminal import Terminal

EPILOG = """
\b
Examples:
  alma engines list
  alma engines check proxmox@lab
  alma engines configure proxmox@lab --url https://pve1:8006 --token-id 'alma@pve!alma'
  alma engines forget proxmox@lab

proxmox@lab is the engine proxmox by the connection called lab; proxmox alone is by its default one.
Exit codes of check and configure: 0 when it can be used, 5 when not, 2 for an unknown engine.
"""
CONFIGURE_EPILOG = """
\b
Examples:
  alma engines configure proxmox@lab --url https://pve1:8006 --url https://pve2:8006 \\
      --token-id 'alma@pve!alma' --fingerprint AB:CD:… --set storage=local-zfs
  alma engines configure proxmox --url https://pve1:8006 --user root@pam --totp
  alma engines configure docker@nas --set host=tcp://10.0.0.5:2375
  pass show pve/alma | alma engines configure proxmox --url … --token-id … --secret-stdin

Secrets are never given on the command line, where others can see them. They are kept encrypted.
"""
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="An engine's name, with a connection's: proxmox@lab.",
        show_default=False,
    ),
]

app = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    help="Where blueprints can land, and whether it answers.",
    epilog=EPILOG,
)


@app.command("list", epilog=EPILOG)
def list_engines(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """List the engines, each asked now."""
    from alma.cli.connect import connected
    from alma.cli.render.greeting import engine_line
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma engines list") as client:
        found = client.engines()
    for engine in found:
        term.say(engine_line(engine))
    if term.as_json:
        term.answer({"items": found})


@app.command("check", epilog=EPILOG)
def check(
    name: Name,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Ask one engine whether it can be used, and what is missing."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    with connected(server, term, doing="alma engines check") as client:
        engine = client.engine(name)
    _report(term, engine)


@app.command("configure", epilog=CONFIGURE_EPILOG)
def configure(
    name: Name,
    url: Annotated[
        list[str] | None,
        typer.Option("--url", metavar="URL", help="A node of the cluster; once for each."),
    ] = None,
    token_id: Annotated[
        str | None,
        typer.Option(
            "--token-id", metavar="ID", help="user@realm!name of an API token; asks for its secret."
        ),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            "--user", metavar="USER", help="user@realm, without a token; asks for the password."
        ),
    ] = None,
    totp: Annotated[
        bool, typer.Option("--totp", help="Asks for the seed of the user's second factor.")
    ] = False,
    fingerprint: Annotated[
        str | None,
        typer.Option("--fingerprint", metavar="SHA256", help="Of the server's certificate."),
    ] = None,
    ca_file: Annotated[
        str | None,
        typer.Option("--ca-file", metavar="FILE", help="The CA, as a file on ALMA's server."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any other setting of the engine."),
    ] = None,
    secret: Annotated[
        list[str] | None,
        typer.Option(
            "--secret", metavar="NAME", help="Any other secret of the engine; asks for it."
        ),
    ] = None,
    secret_stdin: Annotated[
        bool,
        typer.Option(
            "--secret-stdin",
            help="Secrets come from standard input, a line for each in this order.",
        ),
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Say how an engine is reached, then check it. What is not given is not set any more."""
    from alma.cli.connect import connected
    from alma.cli.connection import asked, settings_of
    from alma.cli.render.engines import connection_lines
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    given = settings_of(
        {"urls": url, "user": user, "fingerprint": fingerprint, "ca_file": ca_file}, set_ or ()
    )
    given |= asked(
        term,
        token_id=token_id,
        names=[*(["password"] if user else []), *(["totp"] if totp else []), *(secret or ())],
        stdin=secret_stdin,
    )
    with connected(server, term, doing="alma engines configure") as client:
        saved = client.save_connection(name, given)
        term.say(f"Saved how {saved['engine']} is reached:", *connection_lines(saved))
        engine = client.engine(saved["engine"])
    _report(term, engine)


@app.command("forget", epilog=EPILOG)
def forget(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Forget a connection that was configured. Refused while something is deployed there."""
    from alma.cli.connect import connected
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    if not yes and not term.confirm(f"Forget how {name} is reached, and its secrets?"):
        term.say("Nothing was changed.")
        return
    with connected(server, term, doing="alma engines forget") as client:
        client.forget_connection(name)
    term.say(f"Forgot how {name} is reached.")
    if term.as_json:
        term.answer({"engine": name, "forgotten": True})


def _report(term: Terminal, engine: Engine) -> None:
    """Tells a check, and leaves with its exit code."""
    from alma.cli.errors import ExitCode
    from alma.cli.render.engines import engine_report

    term.say(*engine_report(engine))
    if term.as_json:
        term.answer(engine)
    if not engine["available"]:
        raise typer.Exit(ExitCode.UNAVAILABLE)
