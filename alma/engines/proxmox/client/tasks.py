"""Follows a task to its end: Proxmox does most things in the background and answers with a task's id, the UPID."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.errors import EngineAuthFailed, EngineUnavailable, OutcomeUnknown
from alma.engines.proxmox.client.errors import Refused, TaskUnknown, of_task
from alma.engines.proxmox.settings import ProxmoxSettings

Log = Callable[[str], None]
Ask = Callable[..., Awaitable[Mapping[str, Any]]]
Sleep = Callable[[float], Awaitable[object]]
Clock = Callable[[], float]

TAIL = 20
_PAGE = 500
_LINE = 1000
_WARNINGS = re.compile(r"WARNINGS: \d+")
_WARNING = re.compile(r"\s*warn(ing)?\b", re.IGNORECASE)
_CANT_LOOK = (EngineUnavailable, EngineAuthFailed, Refused)
_BLANKS = 3  # a worker that has just gone may not have written its last line yet
_OPEN_ENDS = frozenset({"", "unexpected status", "unable to read tail (got 0 bytes)"})


@dataclass(frozen=True)
class Upid:
    """A task's id, which says where it runs and what it does."""

    text: str
    node: str
    type: str
    id: str
    user: str

    @classmethod
    def parse(cls, text: str) -> Upid:
        """Raises ValueError for what is no UPID."""
        parts = text.split(":")
        if len(parts) < 8 or parts[0] != "UPID" or not parts[1]:
            raise ValueError(f"'{text}' is no task id")
        return cls(text, node=parts[1], type=parts[5], id=parts[6], user=parts[7])

    @classmethod
    def is_one(cls, value: object) -> bool:
        """Whether an answer is a task's id."""
        return isinstance(value, str) and value.startswith("UPID:")


@dataclass(frozen=True)
class TaskResult:
    """How a task ended well. `upid` is None when Proxmox did it at once and started none."""

    upid: str | None
    node: str
    exit_status: str = "OK"
    warnings: tuple[str, ...] = ()
    log_tail: tuple[str, ...] = ()


@dataclass
class _Reader:
    """Reads a task's log from where it stopped before. Keeps the last lines and the warnings, never the whole."""

    path: str
    ask: Ask
    say: Log | None
    hide: Callable[[str], str]
    seen: int = 0
    tail: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL))
    warnings: deque[str] = field(default_factory=lambda: deque(maxlen=TAIL))

    async def read(self) -> None:
        while True:
            answer = await self.ask(f"{self.path}/log", {"start": self.seen, "limit": _PAGE})
            lines = [line for line in answer.get("data") or () if int(line["n"]) > self.seen]
            if self.seen == 0 and [line.get("t") for line in lines] == ["no content"]:
                return  # said of an empty log, and not by the task
            for line in lines:
                self._take(str(line.get("t") or ""))
            self.seen += len(lines)
            if len(lines) < _PAGE:
                return

    def _take(self, text: str) -> None:
        line = self.hide(text)[:_LINE]
        self.tail.append(line)
        if _WARNING.match(line):
            self.warnings.append(line)
        if self.say and line != "TASK OK":
            self.say(line)


class Tasks:
    """Waits for tasks. `ask` sends a GET and gives the whole answer."""

    def __init__(
        self,
        ask: Ask,
        settings: ProxmoxSettings,
        *,
        hide: Callable[[str], str] = str,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
    ) -> None:
        self._ask = ask
        self._settings = settings
        self._hide = hide
        self._sleep = sleep
        self._clock = clock

    async def follow(
        self, upid: Upid, *, doing: str, log: Log | None, strict: bool, within: float
    ) -> TaskResult:
        """Asks the task's own node until it is over, at once and then less and less often.

        Lines of the log go to `log` while it runs; a task that is over well at the first look is not asked for its
        log. Exit status `WARNINGS: n` is success unless `strict`. Raises what `of_task` says when it failed, and
        TaskUnknown when it outlived `within` seconds or could not be watched any more: it is never stopped.
        """
        path = f"/nodes/{upid.node}/tasks/{upid.text}"
        reader = _Reader(path, self._ask, log, self._hide)
        try:
            exit_status = await self._ended(path, reader, within=within)
        except _CANT_LOOK as error:
            raise _unseen(doing, upid, f"can't be watched any more: {error.message}") from error
        if exit_status is None:
            raise _unseen(doing, upid, f"still runs after {within:g} s")
        if exit_status == "OK":
            return _result(upid, reader, "OK")
        if reader.say is None:
            await self._read(reader)
        if exit_status in _OPEN_ENDS:
            raise _unseen(doing, upid, "ended without saying how")
        if not _WARNINGS.fullmatch(exit_status) or strict:
            tail = tuple(reader.tail)
            raise of_task(doing, self._hide(exit_status), upid=upid.text, log_tail=tail)
        return _result(upid, reader, exit_status)

    async def _ended(self, path: str, reader: _Reader, *, within: float) -> str | None:
        """The exit status, or None when the time is over."""
        deadline = self._clock() + within
        pause, looks, blanks = self._settings.poll_least, 0, 0
        while True:
            status = await self._status(path, deadline)
            looks += 1
            over = status.get("status") != "running"
            exit_status = str(status.get("exitstatus") or "")
            if reader.say and not (over and looks == 1 and exit_status == "OK"):
                await self._read(reader)
            blanks += over and exit_status in _OPEN_ENDS
            if over and (exit_status not in _OPEN_ENDS or blanks > _BLANKS):
                return exit_status
            left = deadline - self._clock()
            if left <= 0:
                return None
            await self._sleep(min(pause, left))
            pause = min(pause * 1.5, self._settings.poll_most)

    async def _status(self, path: str, deadline: float) -> Mapping[str, Any]:
        """One look. A node that does not answer for a moment does not end the task: it is asked again for as long as
        a request may take."""
        patience = min(self._clock() + self._settings.request_timeout, deadline)
        while True:
            try:
                answer = await self._ask(f"{path}/status", {})
                return answer.get("data") or {}
            except EngineUnavailable:
                if self._clock() >= patience:
                    raise
            await self._sleep(self._settings.poll_most)

    async def _read(self, reader: _Reader) -> None:
        """What is new in the log. Without it the exit status still tells the story."""
        try:
            await reader.read()
        except _CANT_LOOK:
            return


def _result(upid: Upid, reader: _Reader, exit_status: str) -> TaskResult:
    return TaskResult(
        upid.text,
        upid.node,
        exit_status,
        warnings=tuple(reader.warnings),
        log_tail=tuple(reader.tail),
    )


def _unseen(doing: str, upid: Upid, what: str) -> OutcomeUnknown:
    return TaskUnknown(
        f"{doing}: the task {upid.text} on {upid.node} {what}",
        upid=upid.text,
        hint=f"it was not stopped: look at it in the task list of {upid.node}, and go on when it is over",
    )
