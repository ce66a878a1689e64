"""`alma serve`: the server, in the foreground, with its address left in the data directory for other commands."""

from __future__ import annotations

import contextlib
import errno
import importlib
import logging
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from alma.cli import options

if TYPE_CHECKING:
    from alma.cli.home import Home
    from alma.cli.terminal import Terminal
    from alma.settings import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

LOG_CONFIG = "alma.api.logs:log_config"
SENTENCE = "I need a simple web application with 2 servers and a database"
_HOST_WORDS = {
    "127.0.0.1": "localhost",
    "0.0.0.0": "localhost",  # noqa: S104 - a word for it, not a use of it
    "::": "localhost",
    "::1": "localhost",
}

EPILOG = """
\b
Examples:
  alma serve
  alma users create ada --administrator && alma serve --host 0.0.0.0 --port 9000
  ALMA_HOME=/srv/alma ALMA_DEFAULT_ENGINE=docker alma serve

\b
Settings are ALMA_* variables; the ones most used:
  ALMA_HOME             data directory (~/.local/share/alma)
  ALMA_DATABASE_URL     database (SQLite in the data directory)
  ALMA_DEFAULT_ENGINE   where blueprints land that name no engine (simulation)

Ctrl-C ends it cleanly; a deployment under way goes on at the next start.
"""


@app.command(epilog=EPILOG)
def serve(
    host: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Where to listen [ALMA_API_HOST, else 127.0.0.1].",
            show_default=False,
        ),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            metavar="PORT",
            min=0,
            max=65535,
            help="0 takes any free port [ALMA_API_PORT, else 8000].",
            show_default=False,
        ),
    ] = None,
    worker: Annotated[
        bool | None,
        typer.Option(
            "--worker/--no-worker",
            help="Run deployments here too, or leave them to workers [ALMA_WORKER, else here].",
            show_default=False,
        ),
    ] = None,
    no_auth: Annotated[
        bool,
        typer.Option(
            "--no-auth", help="Take everybody for the one who started it, whoever reaches it."
        ),
    ] = False,
    no_color: options.NoColor = False,
) -> None:
    """Run the server until Ctrl-C.

    It answers HTTP under /api/v1, describes itself under /docs, and runs deployments. Commands on the same data
    directory find it by themselves.
    """
    from alma.cli.connect import load_settings, running
    from alma.cli.home import Home
    from alma.cli.terminal import terminal

    term = terminal(no_color=no_color)
    settings = load_settings()
    if worker is not None:
        settings = settings.model_copy(update={"worker": worker})
    host, port = host or settings.api_host, settings.api_port if port is None else port
    home = Home(settings.home)
    _refuse_second(home, running)
    with _bound(host, port) as listening, home.owned("alma serve"):
        home.token_file.unlink(missing_ok=True)  # a new one for each start
        _run(_guarded(settings, term, listening, no_auth=no_auth), home, term, listening)


def _guarded(
    settings: Settings, term: Terminal, listening: socket.socket, *, no_auth: bool
) -> Settings:
    """What other machines can reach asks who is calling, unless the opposite was said. A container listens on all its
    addresses, and is as closed as the one that its port is published on."""
    enabled = False if no_auth else settings.auth_enabled
    within = not _loopback(listening.getsockname()[0].partition("%")[0])
    public = within and not _loopback(settings.published_on or "")
    if within and not public and enabled is None and not settings.configured_keys:
        term.note(
            "Until there is an account or a key, whoever reaches this host's loopback may do everything."
        )
    if public and enabled is False:
        term.warn("other machines can reach this server, and it does what anybody says")
    changed = {"auth_enabled": enabled, "auth_demanded": public or settings.auth_demanded}
    return settings.model_copy(update=changed)


def _loopback(address: str) -> bool:
    from ipaddress import ip_address

    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _refuse_second(home: Home, running: Callable[[Home], Any]) -> None:
    from alma.cli.errors import CliError

    if (found := running(home)) is None:
        return
    with found as client:
        address = home.address()
        raise CliError(
            f"a server runs on {home.path} already: {client.where}",
            hint=f"use that one, stop it (pid {address.pid if address else '?'}), or choose another ALMA_HOME",
            code="home_in_use",
        )


def _bound(host: str, port: int) -> socket.socket:
    """The listening socket: bound before anything else starts, so that a taken port costs nobody anything."""
    from alma.cli.errors import CliError, ExitCode

    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise CliError(
            f"'{host}' is no address to listen on: {error.strerror}",
            hint="127.0.0.1 is this machine only, 0.0.0.0 every network it is in",
            code="invalid_input",
        ) from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        listening.close()
        raise CliError(
            f"can't listen on {host} port {port}: {_reason(error, host, port)}",
            hint=_next_step(error, port),
            code="port_in_use" if error.errno == errno.EADDRINUSE else "invalid_input",
            exit_code=None if error.errno == errno.EADDRINUSE else ExitCode.INVALID,
        ) from error
    return listening


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno != errno.EADDRINUSE:
        return str(error.strerror).lower()
    from alma.cli.client import Client

    with Client.at(f"http://{_HOST_WORDS.get(host, host)}:{port}") as client:
        return (
            "another ALMA answers there" if client.alive(within=1.0) else "another program uses it"
        )


def _next_step(error: OSError, port: int) -> str:
    if error.errno == errno.EACCES:
        return (
            f"ports below 1024 are the system's: alma serve --port {8000 if port < 1024 else port}"
        )
    if error.errno == errno.EADDRINUSE:
        return f"stop that one, or take another port: alma serve --port {port + 1}"
    return "127.0.0.1 is this machine only, 0.0.0.0 every network it is in"


def _run(settings: Settings, home: Home, term: Terminal, listening: socket.socket) -> None:
    import uvicorn

    from alma.cli.bounds import bounded
    from alma.cli.descriptors import raise_limit
    from alma.cli.embedded import SHUTDOWN_SECONDS, Application, why
    from alma.cli.server import Server

    raise_limit()
    application = Application(settings)
    config = uvicorn.Config(
        application.create,
        factory=True,
        lifespan="on",
        log_config=log_config(settings, home.log_file),
        access_log=False,
        proxy_headers=False,  # who is believed about addresses is ALMA_TRUSTED_PROXIES' to say
        ws_max_size=65_536,
        # A line is some hundred bytes. Packing each one anew for each who watches takes longer than sending it, and the
        # dictionaries more memory than everything else of a connection.
        ws_per_message_deflate=False,
        http=bounded(
            most_head=settings.max_header_bytes,
            patience=settings.request_seconds,
            most_at_once=settings.max_connections,
        ),
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    urls = _urls(listening)
    server = Server(
        config,
        on_start=lambda: _started(settings, home, term, urls, application.warm_up),
        on_leave=application.leave,
    )
    try:
        with contextlib.suppress(SystemExit):
            server.run(sockets=[listening])
    finally:
        home.withdraw()
    if not server.started:
        raise why(application.error)
    term.note("Stopped.")


def log_config(settings: Settings, file: Path) -> dict[str, Any]:
    """What the API says about logging, to the terminal and to a file in the data directory."""
    module, _, name = LOG_CONFIG.partition(":")
    config: dict[str, Any] = getattr(importlib.import_module(module), name)(settings, file)
    return config


def _urls(listening: socket.socket) -> tuple[str, str]:
    """For people, and for commands on this machine."""
    host, port = listening.getsockname()[:2]
    for_people = _HOST_WORDS.get(host, host)
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://{_bracketed(for_people)}:{port}", f"http://{_bracketed(reachable)}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _started(
    settings: Settings,
    home: Home,
    term: Terminal,
    urls: tuple[str, str],
    warm_up: Callable[[], None],
) -> None:
    for_people, for_commands = urls
    home.publish(for_commands)

    def further() -> None:
        _greet(settings, home, term, for_people, for_commands)
        warm_up()

    # The rest needs answers of the server, which can't give any while it waits for this.
    threading.Thread(target=further, daemon=True).start()


def _greet(settings: Settings, home: Home, term: Terminal, url: str, for_commands: str) -> None:
    from alma import __version__
    from alma.cli.client import Client
    from alma.cli.errors import CliError
    from alma.cli.render.greeting import greeting

    engines = []
    own_requests = logging.getLogger("alma.access")
    own_requests.disabled = True  # what the server asks itself is no news
    try:
        with (
            contextlib.suppress(CliError),
            Client.at(for_commands, local=home.token_file) as client,
        ):
            engines = [engine for engine in client.engines() if engine["configured"]]
    finally:
        own_requests.disabled = False
    term.say(
        greeting(
            version=__version__,
            url=url,
            home=str(home.path),
            database=_without_password(settings),
            engines=engines,
            command=_command(),
            sentence=SENTENCE,
            pid=os.getpid(),
        )
    )


def _command() -> str:
    """How this `alma` is called from here: its path where the shell would not find it.

    In full for a service: that one runs in `/`, where nobody else stands.
    """
    own = Path(sys.executable).with_name("alma")
    found = shutil.which("alma")
    if (found and Path(found).samefile(own)) or not own.exists():
        return "alma"
    here = Path.cwd()
    near = here != Path(here.anchor) and own.is_relative_to(here)
    return os.path.relpath(own) if near else str(own)


def _without_password(settings: Settings) -> str | None:
    """The database's address, when it is not the usual one: without user and password."""
    if settings.database_url is None:
        return None
    scheme, _, rest = settings.database_url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0]}"
