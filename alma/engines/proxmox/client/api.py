"""The API of one Proxmox VE cluster, as the rest of the engine uses it.

`get`, `post`, `put` and `delete` are single calls; `run` starts a task and sees it through, within the cluster's
limits. Locks are waited for here, and nowhere else: a call that meets one did nothing and may be sent again.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from pydantic import SecretStr

from alma.core.model.errors import ChangeRejected, EngineError
from alma.engines.proxmox.client.auth import Login, TicketLogin, TokenLogin
from alma.engines.proxmox.client.errors import Locked, lost, of_answer
from alma.engines.proxmox.client.form import node_of, secrets_in
from alma.engines.proxmox.client.limits import Limits
from alma.engines.proxmox.client.permissions import Permissions
from alma.engines.proxmox.client.tasks import Clock, Log, Sleep, TaskResult, Tasks, Upid
from alma.engines.proxmox.client.transport import Answer, Call, Transport
from alma.engines.proxmox.client.upload import Multipart
from alma.engines.proxmox.settings import ProxmoxSettings

T = TypeVar("T")
HIDDEN = "•••"
_SHORTEST_SECRET = 4


class Api:
    """A connection to one cluster. Belongs to one event loop; within it any number of calls may run at once.

    Every error is an EngineError, `client.errors` says which; none carries a secret. A change whose answer was lost
    raises OutcomeUnknown and is never sent again.
    """

    def __init__(
        self,
        settings: ProxmoxSettings,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.monotonic,
        wall_clock: Clock = time.time,
    ) -> None:
        self.settings = settings
        self.limits = Limits(settings)
        self._sleep = sleep
        self._clock = clock
        self._transport = Transport(settings, sleep=sleep)
        self._login = self._way_in(wall_clock)
        self._tasks = Tasks(self._look, settings, hide=self._hide, sleep=sleep, clock=clock)

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """How many calls were answered, by method and path: `("GET", "/nodes/{node}/lxc/{vmid}/config")`."""
        return self._transport.calls

    # ── single calls ─────────────────────────────────────────────────────────────────────────────

    async def get(self, path: str, /, **query: Any) -> Any:
        """The answer's data. What was reset on the way is asked again. Raises EngineUnavailable when it can't know."""
        return (await self._look(path, query)).get("data")

    async def post(
        self, path: str, data: Mapping[str, Any] | None = None, *, doing: str | None = None
    ) -> Any:
        """The answer's data: the UPID of a task that was started, or nothing. Waits for locks."""
        return await self._change("POST", path, data, doing=doing)

    async def put(
        self, path: str, data: Mapping[str, Any] | None = None, *, doing: str | None = None
    ) -> Any:
        """As `post`."""
        return await self._change("PUT", path, data, doing=doing)

    async def delete(self, path: str, /, *, doing: str | None = None, **query: Any) -> Any:
        """As `post`; the parameters travel in the query string, as Proxmox takes no body here."""
        return await self._change("DELETE", path, query, doing=doing)

    async def permissions(self, path: str | None = None) -> Permissions:
        """What ALMA's user or token may do, at every path that has an entry, or at this one."""
        found = await self.get("/access/permissions", path=path) or {}
        return Permissions(
            {at: {name: bool(below) for name, below in held.items()} for at, held in found.items()}
        )

    # ── tasks ────────────────────────────────────────────────────────────────────────────────────

    async def run(  # all by name; each is a limit or a wish of its own
        self,
        method: str,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        doing: str,
        node: str | None = None,
        storage: str | None = None,
        source: int | None = None,
        log: Log | None = None,
        strict: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109  # the task's, which goes on without us
    ) -> TaskResult:
        """Starts a task and waits for its end, within the limits of the node (by default the one in the path), the
        storage it writes to and the guest it clones.

        A lock, in the answer or as the task's end, is waited for, at most `lock_timeout` seconds, with the places
        given back meanwhile. So a caller that creates may meet Exists after all, when the cluster kept something of
        an attempt that met a lock. `doing` opens every message ("Cloning web-1"); `log` gets the task's lines while
        it runs; with `strict` warnings are a failure. Raises Refused (its `log_tail` tells why), or OutcomeUnknown
        when the answer was lost or the task outlived `timeout` seconds (`task_timeout`): it is never stopped.
        """
        call = Call(method, path, doing, data or {})
        at = node or node_of(path)
        container = "/lxc/" in path

        async def attempt() -> TaskResult:
            async with self.limits.hold(
                node=at, storage=storage, source=source, container=container
            ):
                answer = await self._send(call)
                return await self._end_of(answer, call, log=log, strict=strict, within=timeout)

        return await self._patiently(attempt, log=log)

    async def wait(
        self,
        upid: str,
        *,
        doing: str | None = None,
        log: Log | None = None,
        strict: bool = False,
        timeout: float | None = None,  # noqa: ASYNC109  # the task's, which goes on without us
    ) -> TaskResult:
        """Waits for a task that was started before, perhaps by another process. As `run`, without the limits."""
        parsed = _upid(upid)
        return await self._tasks.follow(
            parsed,
            doing=doing or f"Task {parsed.type} {parsed.id}".rstrip(),
            log=log,
            strict=strict,
            within=self.settings.task_timeout if timeout is None else timeout,
        )

    async def upload(  # all by name
        self,
        node: str,
        storage: str,
        *,
        content: str,
        filename: str,
        file: Path,
        checksum: str | None = None,
        doing: str | None = None,
        log: Log | None = None,
    ) -> TaskResult:
        """Sends a file to a storage, read from disk in pieces, of any size. `content` is iso, vztmpl or import;
        `checksum` is `sha256:<hex>` (or another algorithm) and is checked by Proxmox."""
        fields = {"content": content, **_checksum(checksum)}
        call = Call(
            "POST",
            f"/nodes/{node}/storage/{storage}/upload",
            doing or f"Uploading {filename} to {storage} on {node}",
            upload=Multipart(file, filename, fields),
            patience=self.settings.task_timeout,
        )

        async def attempt() -> TaskResult:
            async with self.limits.hold(node=node, storage=storage):
                answer = await self._send(call)
                return await self._end_of(answer, call, log=log, strict=False, within=None)

        return await self._patiently(attempt, log=log)

    # ── life ─────────────────────────────────────────────────────────────────────────────────────

    async def close(self) -> None:
        """Gives back the connections. May be called twice."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # ── inside ───────────────────────────────────────────────────────────────────────────────────

    async def _look(self, path: str, query: Mapping[str, Any]) -> Mapping[str, Any]:
        call = Call("GET", path, f"Reading {path}", query, repeatable=True)
        return await self._send(call)

    async def _change(
        self, method: str, path: str, data: Mapping[str, Any] | None, *, doing: str | None
    ) -> Any:
        call = Call(method, path, doing or f"{method} {path}", data or {})
        answer = await self._patiently(lambda: self._send(call))
        return answer.get("data")

    async def _send(self, call: Call) -> Mapping[str, Any]:
        """The whole answer to a call that Proxmox agreed to. On 401 there is one more login and one more try: a call
        that was refused so did nothing."""
        headers = await self._login.headers(change=call.method != "GET")
        answer = await self._transport.exchange(call, headers)
        if answer.status == 401 and await self._login.refused(headers):
            headers = await self._login.headers(change=call.method != "GET")
            answer = await self._transport.exchange(call, headers)
        return self._agreed(answer, call)

    def _agreed(self, answer: Answer, call: Call) -> Mapping[str, Any]:
        change = not call.repeatable
        if answer.status == 401:
            raise self._login.problem(self._hide(answer.reason, *secrets_in(call.values)))
        if answer.status >= 400:
            raise self._refusal(answer, call, change=change)
        if answer.body is None or answer.status >= 300:
            why = "the answer is not that of a Proxmox VE node; is the address right?"
            raise lost(call.doing, why, change=change)
        return answer.body

    def _refusal(self, answer: Answer, call: Call, *, change: bool) -> EngineError:
        own = secrets_in(call.values)
        return of_answer(
            call.doing,
            status=answer.status,
            reason=self._hide(answer.reason, *own),
            fields={name: self._hide(text, *own) for name, text in answer.fields.items()},
            node=node_of(call.path),
            change=change,
        )

    async def _end_of(
        self,
        answer: Mapping[str, Any],
        call: Call,
        *,
        log: Log | None,
        strict: bool,
        within: float | None,
    ) -> TaskResult:
        upid = answer.get("data")
        if not Upid.is_one(upid):
            return TaskResult(None, node_of(call.path) or "")
        return await self.wait(str(upid), doing=call.doing, log=log, strict=strict, timeout=within)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]], *, log: Log | None = None) -> T:
        """Tries again while there is a lock, for `lock_timeout` seconds after the first one."""
        settings = self.settings
        give_up: float | None = None
        pause, most = 4 * settings.poll_least, 2 * settings.poll_most
        while True:
            try:
                return await attempt()
            except Locked as error:
                now = self._clock()
                if give_up is None and log:
                    log(f"Waiting: {error.reason}")
                give_up = now + settings.lock_timeout if give_up is None else give_up
                if now >= give_up:
                    raise _gave_up(error, settings.lock_timeout) from error
                left = give_up - now
            await self._sleep(min(pause * random.uniform(0.5, 1.0), left))  # noqa: S311  # keeps retries apart
            pause = min(pause * 1.6, most)

    def _way_in(self, wall_clock: Clock) -> Login:
        settings = self.settings
        if settings.token is not None:
            return TokenLogin(settings.token.get_secret_value())
        return TicketLogin(
            settings, self._ticket, clock=self._clock, wall_clock=wall_clock, sleep=self._sleep
        )

    async def _ticket(self, form: Mapping[str, Any]) -> Mapping[str, Any]:
        call = Call("POST", "/access/ticket", "Logging in", form, repeatable=True)
        body = self._agreed(await self._transport.exchange(call, {}), call)
        data: Mapping[str, Any] = body.get("data") or {}
        return data

    def _hide(self, text: str, *more: str) -> str:
        """The text without ALMA's own secrets and without `more`."""
        for secret in (*_own_secrets(self.settings), *more):
            text = text.replace(secret, HIDDEN)
        return text


def _own_secrets(settings: ProxmoxSettings) -> list[str]:
    token = settings.token.get_secret_value().partition("=")[2] if settings.token else ""
    given = [value.get_secret_value() for value in _given(settings)]
    return [secret for secret in (token, *given) if len(secret) >= _SHORTEST_SECRET]


def _given(settings: ProxmoxSettings) -> list[SecretStr]:
    return [value for value in (settings.password, settings.totp) if value is not None]


def _gave_up(error: Locked, seconds: float) -> Locked:
    return Locked(
        error.message,
        hint=f"ALMA waited {seconds:g} s; {error.hint}",
        status=error.status,
        fields=error.fields,
        reason=error.reason,
        upid=error.upid,
        log_tail=error.log_tail,
    )


def _upid(text: str) -> Upid:
    try:
        return Upid.parse(text)
    except ValueError as error:
        raise ChangeRejected(str(error)) from error


def _checksum(checksum: str | None) -> dict[str, str]:
    if checksum is None:
        return {}
    algorithm, _, digest = checksum.rpartition(":")
    return {"checksum": digest, "checksum-algorithm": algorithm or "sha256"}
