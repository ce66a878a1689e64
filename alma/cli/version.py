"""`alma version`: this program's version, and that of the server it would talk to, if one runs."""

from __future__ import annotations

import typer

from alma.cli import options

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  alma version
  alma version --server http://localhost:8000 --json
"""


@app.command(epilog=EPILOG)
def version(
    server: options.Server = None,
    as_json: options.Json = False,
    no_color: options.NoColor = False,
) -> None:
    """Print the version; of the server, too, if one runs. Starts none."""
    import platform

    from alma import __version__
    from alma.cli.client import Client
    from alma.cli.connect import load_settings, running
    from alma.cli.home import Home
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    answer: dict[str, object] = {
        "version": __version__,
        "python": platform.python_version(),
        "server": None,
    }
    term.say(f"alma {__version__} (Python {answer['python']})")
    found = Client.at(server) if server else running(Home(load_settings().home))
    if found is not None:
        with found as client:
            there = client.welcome()
            answer["server"] = {"url": client.where, "version": there.get("version")}
            term.say(f"server {there.get('version')} at {client.where}")
    if term.as_json:
        term.answer(answer)
