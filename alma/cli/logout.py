"""`alma logout`: end the sign-in at a server, here and there."""

from __future__ import annotations

from typing import Annotated

import typer

from alma.cli import options

EPILOG = """
\b
Examples:
  alma logout --server https://alma.example.com
  alma logout --everywhere      on every machine; keys are not touched
"""

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command(epilog=EPILOG)
def logout(
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Every sign-in of yours, on every machine.")
    ] = False,
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """End the sign-in that `alma login` has stored."""
    from alma.cli.connect import connected, load_settings
    from alma.cli.credentials import SignIns
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    sign_ins = SignIns(load_settings().home)
    with connected(server, term, doing="alma logout") as client:
        stored = sign_ins.of(client.where)
        if stored is not None or everywhere:
            client.logout((stored or {}).get("refresh_token"), everywhere=everywhere)
    sign_ins.forget(client.where)
    term.say(
        f"Signed out of {client.where}."
        if stored or everywhere
        else f"Nobody was signed in to {client.where}."
    )
    if term.as_json:
        term.answer({"server": client.where, "signed_out": bool(stored or everywhere)})
