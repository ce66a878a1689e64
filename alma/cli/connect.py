"""Finds the server a command talks to: the one named, one that runs on the data directory, or one in this process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from alma.cli.client import Client
from alma.cli.errors import CliError
from alma.cli.home import PATIENCE_SECONDS, Home
from alma.cli.terminal import Terminal

if TYPE_CHECKING:
    from alma.settings import Settings

_LOOK_AGAIN_SECONDS = 0.05


@contextmanager
def connected(server: str | None, terminal: Terminal, *, doing: str) -> Iterator[Client]:
    """A client for as long as the block runs. `doing` is the command, told to others that find the directory in use."""
    if server:
        with Client.at(server, home=load_settings().home) as client:
            yield client
        return
    settings = load_settings()
    home = Home(settings.home)
    if found := running(home):
        with found as client:
            yield client
        return
    yield from _own(settings, home, terminal, doing)


def load_settings() -> Settings:
    """The settings of this installation. Raises CliError naming each variable that is wrong, never its value."""
    from pydantic import ValidationError

    from alma.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        wrong = [
            f"ALMA_{'_'.join(map(str, item['loc'])).upper()}: {item['msg']}"
            for item in error.errors(include_input=False, include_url=False)
        ]
        raise CliError(
            "the settings are not valid",
            items=wrong,
            hint="mend them in the environment",
            code="invalid_input",
        ) from None


def running(home: Home) -> Client | None:
    """A client of the server that runs on a data directory, if one answers."""
    address = home.address()
    if address is None:
        return None
    client = Client.at(address.url, home=home.path, local=home.token_file)
    if client.alive():
        return client
    client.__exit__(None, None, None)
    return None


def _own(settings: Settings, home: Home, terminal: Terminal, doing: str) -> Iterator[Client]:
    with ExitStack() as stack:
        client = _take(stack, home, doing) or _start(stack, settings, home, terminal)
        yield client
        if client.embedded:
            _tell_unfinished(client, terminal)


def _take(stack: ExitStack, home: Home, doing: str) -> Client | None:
    """Owns the directory, waiting a little for whoever leaves; or finds the server that showed up meanwhile."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            stack.enter_context(home.owned(doing, patience=0))
        except CliError as error:
            if error.code != "home_in_use" or time.monotonic() >= deadline:
                raise
        else:
            return None
        if found := running(home):
            return stack.enter_context(found)
        time.sleep(_LOOK_AGAIN_SECONDS)


def _start(stack: ExitStack, settings: Settings, home: Home, terminal: Terminal) -> Client:
    with terminal.busy("starting ALMA for this command"):
        from alma.cli.embedded import embedded

        socket = stack.enter_context(embedded(settings, log_file=home.log_file))
    return stack.enter_context(Client.over(socket, local=home.token_file))


def _tell_unfinished(client: Client, terminal: Terminal) -> None:
    """Deployments stop with this process and go on with the next: whoever waits for one should know."""
    for item in client.unfinished():
        terminal.note(
            f"deployment {item['id'][:8]} of {item['stack']} is unfinished and goes on when ALMA runs again: "
            f"alma deployments logs {item['id'][:8]} --follow"
        )
