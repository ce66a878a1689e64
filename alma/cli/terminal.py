"""Where things are said: answers to standard output, everything else so that a script's pipe stays clean.

With `--json`, standard output carries JSON only and people's lines go to standard error. Colours and live tables appear
where a terminal is; a pipe or a log gets plain lines of any length.
"""

from __future__ import annotations

import getpass
import json
import os
import select
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import IO, Any

from rich.console import Console, RenderableType
from rich.text import Text

from alma.cli.errors import CliError, ExitCode, as_cli_error

# Lines in a pipe are for grep: they are not broken.
_PIPE_WIDTH = 10_000

_current: Terminal | None = None


class Terminal:
    """The two streams of one command."""

    def __init__(self, *, as_json: bool = False, no_color: bool = False) -> None:
        self.as_json = as_json
        self._no_color = no_color or bool(os.environ.get("NO_COLOR"))
        self.errors = self._console(stderr=True)
        self.console = self.errors if as_json else self._console(stderr=False)

    def _console(self, *, stderr: bool) -> Console:
        stream = sys.stderr if stderr else sys.stdout
        return Console(
            stderr=stderr,
            no_color=self._no_color,
            highlight=False,
            markup=False,
            emoji=False,
            width=None if stream.isatty() else _PIPE_WIDTH,
        )

    @property
    def live(self) -> bool:
        """Whether lines may be redrawn."""
        return self.console.is_terminal and not self.console.is_dumb_terminal

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer."""
        return sys.stdin.isatty() and self.console.is_terminal

    def say(self, *what: RenderableType) -> None:
        """Something for people."""
        for item in what:
            if self.console.is_terminal:
                self.console.print(item)
            else:
                self._plain(item)

    def _plain(self, item: RenderableType) -> None:
        """For pipes and logs: lines are not broken, and not filled up with spaces."""
        with self.console.capture() as capture:
            self.console.print(item, soft_wrap=isinstance(item, str | Text))
        lines = capture.get().removesuffix("\n").split("\n")
        self.console.file.write("".join(f"{line.rstrip()}\n" for line in lines))
        self.console.file.flush()

    def note(self, text: str) -> None:
        """An aside for people, never part of the answer."""
        self._tell(Text(text, style="dim"))

    def warn(self, text: str) -> None:
        """Something people should not miss."""
        self._tell(Text.assemble(("warning: ", "bold yellow"), text))

    def _tell(self, text: Text) -> None:
        self.errors.print(text, soft_wrap=not self.errors.is_terminal)

    def busy(self, doing: str) -> AbstractContextManager[object]:
        """Shows that something takes a while, where a terminal is."""
        if not self.errors.is_terminal or self.errors.is_dumb_terminal:
            return nullcontext()
        return self.errors.status(Text(f"{doing} …", style="dim"))

    def answer(self, document: Any) -> None:
        """The one JSON document of a `--json` command."""
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def line(self, document: Any) -> None:
        """One of a stream of JSON lines."""
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def raw(self, text: str) -> None:
        """A document for a file or a pipe, as it is."""
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()

    def fail(self, error: CliError) -> None:
        """Tells an error: to people, and with `--json` to the script, too."""
        self._tell(Text.assemble(("error: ", "bold red"), error.message))
        told = error.message
        for item in error.items:
            if item not in told:
                self._tell(Text(f"  - {item}"))
                told += item
        if error.hint and error.hint not in told:
            self._tell(Text.assemble(("  hint: ", "bold"), error.hint))
        if self.as_json:
            self.answer(error.body())

    def confirm(self, question: str, *, instead: str = "--yes") -> bool:
        """Asks, with no as the default. Raises CliError where nobody can answer."""
        if not self.asks:
            raise CliError(
                "nobody is there to answer, and nothing was approved",
                hint=f"add {instead} to approve without being asked",
                code="confirmation_required",
                exit_code=ExitCode.INVALID,
            )
        try:
            self.console.print(Text.assemble((question, "bold"), " [y/N] "), end="")
            with _interruptible(sys.stdin):
                answer = self.console.input()
        except EOFError:
            self.say("")
            return False
        return answer.strip().lower() in {"y", "yes"}

    def secret(self, question: str, *, option: str = "--secret-stdin") -> str:
        """Asks for what must not be seen. Raises CliError where nobody can answer."""
        if not self.asks:
            raise CliError(
                f"nobody is there to answer: {question}",
                hint=f"pipe it in and add {option}",
                code="secret_required",
                exit_code=ExitCode.INVALID,
            )
        try:
            # Not the console's own: that one asks before the echo is off.
            return getpass.getpass(f"{question}: ").strip()
        except EOFError:
            return ""


@contextmanager
def _interruptible(stdin: IO[str]) -> Iterator[None]:
    """Waits until there is a line to read. Python's own wait misses a Ctrl-C that comes just before it begins."""
    if os.name == "nt" or threading.current_thread() is not threading.main_thread():
        yield  # nothing but sockets can be waited for, or nobody is told of signals
        return
    told, tells = socket.socketpair()
    with told, tells:
        tells.setblocking(False)
        before = signal.set_wakeup_fd(tells.fileno(), warn_on_full_buffer=False)
        try:
            sources: list[Any] = [stdin, told]
            while stdin not in select.select(sources, [], [])[0]:
                told.recv(64)
        finally:
            signal.set_wakeup_fd(before)
        yield


def terminal(*, as_json: bool = False, no_color: bool = False) -> Terminal:
    """The terminal of this command, which errors are told on, too."""
    global _current  # noqa: PLW0603 - one command, one terminal
    _current = Terminal(as_json=as_json, no_color=no_color)
    return _current


def current() -> Terminal:
    """The terminal of the command that runs, or a plain one if it did not get so far."""
    return _current or Terminal()


def report(error: Exception) -> int:
    """Tells an error on standard error and answers the exit code to leave with."""
    told = as_cli_error(error)
    current().fail(told)
    return int(told.exit_code)
