"""A Proxmox VE cluster for tests: fakepve, and what real clusters do to clients that it does not.

Faults are asked for by a call's method and the end of its path, or by a task's type as UPIDs have it (`qmclone`,
`vzcreate`, `imgcopy`). Tests wait for tasks with a `Gate`, never with a sleep. To add a fault, add a rule here.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from fakepve import FakePve, PveError, TaskError
from fakepve.lxc import SIZE_UNITS, format_size
from fakepve.model import lock_timeout
from fakepve.qemu import join_drive, split_drive, volume_ref

from alma.engines.proxmox.client.auth import totp
from tests.integration.proxmox.estate import Estate
from tests.integration.proxmox.manners import Manners

TOKEN_ID = "alma@pve!deploy"
TOKEN_SECRET = "c0ffee00-cafe-4bad-babe-0123456789ab"
TOKEN = f"{TOKEN_ID}={TOKEN_SECRET}"

_CLONE_WAIT = 1  # seconds for which a clone waits for its source
_STEP = 30


@dataclass(frozen=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    peer: str  # the connection it came on

    @property
    def text(self) -> str:
        """Everything but the headers."""
        return f"{self.method} {self.path}?{self.query} {self.body.decode(errors='replace')}"


class Gate:
    """Holds tasks back until it is opened. Needs a `time_scale` above 0: else a call waits for its task."""

    def __init__(self) -> None:
        self._open = asyncio.Event()
        self._changed = asyncio.Condition()
        self._waiting = 0

    async def reached(self, number: int) -> None:
        """Until so many tasks have arrived in all."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._waiting >= number)

    def open(self) -> None:
        """Lets all go on, and those that come later."""
        self._open.set()

    async def __call__(self) -> None:
        async with self._changed:
            self._waiting += 1
            self._changed.notify_all()
        await self._open.wait()


@dataclass
class _TaskRule:
    """What happens to tasks of a type: lines they print, a gate, seconds they take, how they end."""

    lines: tuple[str, ...] = ()
    gate: Gate | None = None
    seconds: float = 0
    error: str | None = None
    warnings: int = 0
    left: int | None = 1


@dataclass
class _CallRule:
    method: str
    suffix: str
    left: int

    def takes(self, request: web.Request) -> bool:
        """Whether the rule is about this request; counts it when it is."""
        fits = request.method == self.method and request.path.endswith(self.suffix)
        if not fits or not self.left:
            return False
        self.left -= 1
        return True


@dataclass
class _Now:
    """How many tasks run at a time, and the most that ever did."""

    running: Counter[str] = field(default_factory=Counter)
    most: Counter[str] = field(default_factory=Counter)

    def enter(self, names: Iterable[str]) -> None:
        for name in names:
            self.running[name] += 1
            self.most[name] = max(self.most[name], self.running[name])

    def leave(self, names: Iterable[str]) -> None:
        self.running.subtract(names)


class Pve(Manners, Estate, FakePve):  # type: ignore[misc]  # fakepve has no types
    """fakepve with the faults it lacks. `seen` has every request that arrived, with its query string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.apitokens[TOKEN_ID] = TOKEN_SECRET
        self.seen: list[Seen] = []
        # The most tasks that ran at once, by node, by type, and by "type:id".
        self.now = _Now()
        self.closes_after_each_answer = False
        self._task_rules: dict[str, list[_TaskRule]] = {}
        self._lost: list[_CallRule] = []
        self._dropped: list[_CallRule] = []
        self._hung: list[_CallRule] = []
        self._stopping = asyncio.Event()
        self._source: Any = None
        self._upids: list[str] = []
        self.wall_clock: Callable[[], float] = time.time  # of TOTP
        self._seed: str | None = None
        self._challenges: set[str] = set()
        self._used_codes: set[str] = set()

    # ── faults ───────────────────────────────────────────────────────────────────────────────────

    def lose(self, method: str, suffix: str, *, times: int = 1) -> None:
        """Carries out the next calls whose path ends so, and breaks the connection instead of answering."""
        self._lost.append(_CallRule(method, suffix, times))

    def drop(self, method: str, suffix: str, *, times: int = 1) -> None:
        """Breaks the connection before the next calls whose path ends so do anything."""
        self._dropped.append(_CallRule(method, suffix, times))

    def hang(self, method: str, suffix: str, *, times: int = 1) -> None:
        """Never answers the next calls whose path ends so."""
        self._hung.append(_CallRule(method, suffix, times))

    def warn(self, type_: str, *lines: str, times: int | None = 1) -> None:
        """The next tasks of a type do their work and end with `WARNINGS: n`."""
        texts = tuple(f"WARN: {line}" for line in lines)
        self._rule(type_, _TaskRule(texts, warnings=max(1, len(lines)), left=times))

    def fail_task(self, type_: str, status: str, *lines: str, times: int | None = 1) -> None:
        """The next tasks of a type print the lines and end with this exit status, having done nothing."""
        self._rule(type_, _TaskRule(lines, error=status, left=times))

    def say(self, type_: str, *lines: str, times: int | None = 1) -> None:
        """The next tasks of a type print the lines first."""
        self._rule(type_, _TaskRule(lines, left=times))

    def slow(self, type_: str, seconds: float, *, times: int | None = None) -> None:
        """Tasks of a type take so many PVE seconds."""
        self._rule(type_, _TaskRule(seconds=seconds, left=times))

    def gate(self, type_: str, *lines: str, times: int | None = None) -> Gate:
        """Tasks of a type print the lines, then wait at the gate that is returned."""
        gate = Gate()
        self._rule(type_, _TaskRule(lines, gate=gate, left=times))
        return gate

    def second_factor(self, seed: str) -> None:
        """Logins need a TOTP code of this seed; each code is taken once."""
        self._seed = seed
        self.tfa = True

    def _rule(self, type_: str, rule: _TaskRule) -> None:
        self._task_rules.setdefault(type_, []).append(rule)

    # ── tasks ────────────────────────────────────────────────────────────────────────────────────

    def _upid(self, *args: Any) -> tuple[str, int, int]:
        made: tuple[str, int, int] = super()._upid(*args)
        self._upids.append(made[0])
        return made

    async def task(
        self,
        node: str,
        ttype: str,
        tid: Any,
        user: str,
        body: Callable[[], Awaitable[Any]],
        **more: Any,
    ) -> str:
        """Starts a task under the rules for its type."""
        rules = self._rules_for(ttype)
        source, self._source = self._source, None
        upids = self._upids = []  # `task` asks for one before it awaits anything
        names = [node, ttype, f"{ttype}:{tid}"]

        async def ruled() -> Any:
            record = self.tasks[upids[0]]
            self.now.enter(names)
            try:
                if source is not None:
                    await self._lock_source(source, more.get("vm"))
                for rule in rules:
                    await self._before(rule, record, more.get("vm"), ttype)
                note = await body()
            finally:
                self.now.leave(names)
            warnings = sum(rule.warnings for rule in rules)
            if warnings:
                raise TaskError(f"WARNINGS: {warnings}")
            return note

        return str(await super().task(node, ttype, tid, user, ruled, **more))

    def _rules_for(self, ttype: str) -> list[_TaskRule]:
        rules = [rule for rule in self._task_rules.get(ttype, ()) if rule.left != 0]
        for rule in rules:
            rule.left = None if rule.left is None else rule.left - 1
        return rules

    async def _before(self, rule: _TaskRule, record: Any, vm: Any, ttype: str) -> None:
        record["log"].extend(rule.lines)
        if rule.gate:
            await rule.gate()
        await self.pause(rule.seconds)
        if rule.error:
            self._undo(vm, ttype)
            raise TaskError(rule.error)

    def _undo(self, vm: Any, ttype: str) -> None:
        """A create or clone that fails leaves no guest, as in PVE."""
        if ttype in {"qmclone", "qmcreate", "vzcreate", "vzclone"}:
            self.vms[:] = [one for one in self.vms if one is not vm]
            self.cts[:] = [one for one in self.cts if one is not vm]

    async def _lock_source(self, source: Any, made: Any) -> None:
        """A clone takes its source's lock, which several clones may share and nobody else may hold."""
        try:
            await self.acquire(source, "clone", wait=_CLONE_WAIT)
        except TaskError:
            self._undo(made, "qmclone")
            raise TaskError(f"clone failed: {lock_timeout(source.vmid)}") from None
        self.release(source, "clone")

    async def _qm_clone(self, v: Any, user: str) -> Any:
        self._source = self.vm(int(v["vmid"]))
        try:
            return await super()._qm_clone(v, user)
        finally:
            self._source = None

    def _get_task(self, request: web.Request) -> Any:
        """The task, with the last line of its log as PVE writes it after warnings."""
        task = super()._get_task(request)
        status = str(task.get("exitstatus") or "")
        if status.startswith("WARNINGS"):
            task["log"] = [line for line in task["log"] if not line.endswith(status)]
            task["log"].append(f"TASK {status}")
        return task

    # ── requests ─────────────────────────────────────────────────────────────────────────────────

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        await self._note(request)
        if any(rule.takes(request) for rule in self._dropped):
            _break(request)
        if any(rule.takes(request) for rule in self._hung):
            await self._stopping.wait()
        if request.method == "DELETE" and request.can_read_body:
            return web.json_response(
                {"data": None}, status=501, reason="Unexpected content for method 'DELETE'"
            )
        answer: web.StreamResponse = await super()._middleware(request, handler)
        if any(rule.takes(request) for rule in self._lost):
            _break(request)
        if self.closes_after_each_answer:
            await answer.prepare(request)
            await answer.write_eof()
            assert request.transport
            request.transport.close()
        return answer

    async def stop(self) -> None:
        """Stops, and lets go of those who hang."""
        self._stopping.set()
        await super().stop()

    async def _note(self, request: web.Request) -> None:
        body = await self._read_body(request)
        assert request.transport
        peer = str(request.transport.get_extra_info("peername"))
        headers = dict(request.headers)
        self.seen.append(
            Seen(request.method, request.path, request.query_string, headers, body, peer)
        )

    def count(self, method: str, suffix: str = "") -> int:
        """How many requests of the method arrived whose path ends so."""
        return sum(seen.method == method and seen.path.endswith(suffix) for seen in self.seen)

    # ── logins ───────────────────────────────────────────────────────────────────────────────────

    def check_password(self, user: str, password: str) -> bool:
        """A ticket that has not expired serves as the password of its user."""
        ticket = self.tickets.get(password)
        if ticket is not None:
            return bool(ticket["user"] == user and ticket["expires"] > time.time())
        return bool(super().check_password(user, password))

    async def _ticket(self, request: web.Request) -> web.Response:
        form = await request.post()
        user, challenge = str(form.get("username")), str(form.get("tfa-challenge", ""))
        if challenge:
            return self._answer_to_challenge(user, challenge, str(form.get("password")))
        if str(form.get("password")) in self.tickets and self.check_password(
            user, str(form.get("password"))
        ):
            return self._logged_in(user)
        answer: web.Response = await super()._ticket(request)
        found = re.search(r'"ticket": "(PVE:!tfa![^"]*)"', answer.text or "")
        if found:
            self._challenges.add(found[1])
        return answer

    def _answer_to_challenge(self, user: str, challenge: str, given: str) -> web.Response:
        now = self.wall_clock()
        right = {f"totp:{totp(self._seed or '', at)}" for at in (now, now - _STEP)}
        if challenge not in self._challenges or given not in right or given in self._used_codes:
            raise PveError(401, "authentication failure")
        self._challenges.discard(challenge)
        self._used_codes.add(given)
        return self._logged_in(user)

    def _logged_in(self, user: str) -> web.Response:
        ticket, csrf = self.issue_ticket(user)
        return web.json_response(
            {"data": {"ticket": ticket, "CSRFPreventionToken": csrf, "username": user, "cap": {}}}
        )

    # ── QEMU ─────────────────────────────────────────────────────────────────────────────────────

    def _routes_world(self) -> list[tuple[str, str, Any]]:
        return [("PUT", "/nodes/{node}/qemu/{vmid}/resize", self._qm_resize)]

    async def _qm_resize(self, v: Any, user: str) -> str:
        """Grows a disk: the storage's volume and what the configuration says of it."""
        self.need_quorum()
        vm, key = self.find(v["node"], v["vmid"]), v["disk"]
        self.require(user, f"/vms/{vm.vmid}", "VM.Config.Disk")
        self._check_lock(vm)
        if v.get("digest") and v["digest"] != vm.digest():
            raise PveError(
                500,
                "detected modified configuration - file changed by other user? Try again.",
            )
        if key not in vm.config:
            raise PveError(500, f"disk '{key}' does not exist")
        volume, props = split_drive(vm.config[key])
        storage, name = volume_ref(volume)
        kept = self.storages.get(storage, {}).get("volumes", {}).get(name, {})
        old = int(kept.get("size") or 0) or _bytes(props.get("size", "0"))
        new = old + _bytes(v["size"][1:]) if v["size"].startswith("+") else _bytes(v["size"])
        if new < old:
            raise PveError(500, "shrinking disks is not supported")

        async def body() -> None:
            kept["size"] = new
            vm.config[key] = join_drive(volume, {**props, "size": format_size(new)})

        return await self.task(vm.node, "resize", vm.vmid, user, body, vm=vm)


def _bytes(text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([KMGT]?)", text)
    assert found, text
    return int(float(found[1]) * (SIZE_UNITS[found[2]] if found[2] else 1))


def _break(request: web.Request) -> None:
    assert request.transport
    request.transport.abort()
    raise ConnectionResetError("the connection was broken")
