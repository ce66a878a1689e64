"""ALMA's server inside the command's own process: the same application, on a unix socket that nobody else may open.

It lives as long as the command. Its log goes to the data directory, not among the command's lines.
"""

from __future__ import annotations

import importlib
import logging.config
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma.cli.errors import CliError
from alma.core.model.errors import AlmaError

if TYPE_CHECKING:
    from alma.cli.server import PrivateServer
    from alma.settings import Settings

APPLICATION = "alma.api.app:create_app"
# Not longer than a terminal's user waits after a command is done; what is open then is cut.
SHUTDOWN_SECONDS = 5
_SOCKET_NAME_LIMIT = 100  # of a unix socket's path: 104 bytes on some systems

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Application:
    """The ASGI application, and why it could not start: a server only logs that."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._inner: Any = None
        self.error: BaseException | None = None

    def create(self) -> Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]:
        """The factory that the server calls. The API is named, not imported: the command line is no part of it."""
        module, _, factory = APPLICATION.partition(":")
        inner = getattr(importlib.import_module(module), factory)(settings=self._settings)
        self._inner = inner

        async def watched(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
            if scope["type"] != "lifespan":
                await inner(scope, receive, send)
                return
            try:
                await inner(scope, receive, _without_traceback(send))
            except BaseException as error:
                self.error = error
                if not isinstance(error, AlmaError):
                    raise

        return watched

    async def leave(self) -> None:
        """What the application does before its server closes: hands its work over and ends its streams."""
        await self._inner.state.leaving.leave(self._inner.state.alma)

    def warm_up(self) -> None:
        """Once it runs: what takes a while when it is used first is done beforehand."""
        self._inner.state.alma.warm_up()


def _without_traceback(send: Send) -> Send:
    """For the log: what ALMA can explain is told in words, and where it came from is of no use."""

    async def told(message: Message) -> None:
        if message["type"] == "lifespan.startup.failed" and isinstance(sys.exception(), AlmaError):
            message = {**message, "message": ""}
        await send(message)

    return told


@contextmanager
def embedded(settings: Settings, *, log_file: Path) -> Iterator[str]:
    """Starts the application; the path of its socket. Raises AlmaError or CliError for what kept it from starting."""
    folder = _private_folder()
    try:
        _log_to(log_file, settings)
        with _terminable():
            yield from _serve(settings, str(folder / "alma.sock"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(settings: Settings, socket: str) -> Iterator[str]:
    import uvicorn

    from alma.cli.server import PrivateServer

    # Nobody asks a command for its metrics.
    application = Application(settings.model_copy(update={"metrics_enabled": False}))
    config = uvicorn.Config(
        application.create,
        factory=True,
        uds=socket,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = PrivateServer(config)
    broken: list[BaseException] = []
    thread = threading.Thread(target=_run, args=(server, broken), name="alma-server")
    thread.start()
    try:
        server.settled.wait()
        if not server.started:
            raise why(application.error or (broken[0] if broken else None))
        yield socket
    finally:
        server.end()
        thread.join()


def _run(server: PrivateServer, broken: list[BaseException]) -> None:
    try:
        server.run()
    except BaseException as error:
        broken.append(error)
        if not isinstance(error, Exception | SystemExit):
            raise
    finally:
        server.settled.set()


def why(error: BaseException | None) -> Exception:
    """What kept the application from starting, as an error to raise."""
    if isinstance(error, AlmaError | CliError):
        return error
    detail = f": {type(error).__name__}: {error}" if error is not None else ""
    return CliError(f"ALMA could not start{detail}", hint="the log in the data directory says more")


def _private_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="alma-"))  # mode 0700
    if len(os.fsencode(folder)) <= _SOCKET_NAME_LIMIT - len("/alma.sock"):
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix="alma-", dir="/tmp"))


@contextmanager
def _terminable() -> Iterator[None]:
    """Leaves through the `finally` blocks when the process is asked to end."""
    before = signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _log_to(file: Path, settings: Settings) -> None:
    """The same log as a server's, without the terminal: there the command's own lines are."""
    from alma.cli.serve import LOG_CONFIG

    module, _, name = LOG_CONFIG.partition(":")
    make = getattr(importlib.import_module(module), name)
    logging.config.dictConfig(make(settings, file, console=False))
