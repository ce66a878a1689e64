"""A cluster in which things go wrong at chosen calls, and what must be true of it after every deployment.

A `Blow` falls on the n-th call that asks for a change: on the call itself (its reply is lost, it is refused by a proxy,
it arrives late), or on the cluster (quorum lost, a node away, the token revoked) for some calls or until `calm`.
"""

from __future__ import annotations

import asyncio
import collections
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NoReturn

from aiohttp import web

from alma.core.model.deployment import Deployment, DeploymentState, StepState
from alma.core.model.event import Event
from alma.core.model.principal import LOCAL
from alma.core.model.state import StackRef
from alma.engines.base import until
from alma.engines.proxmox import marker
from tests.integration.proxmox.world import TOKEN_ID, TOKEN_SECRET, Gate, Pve
from tests.world import World

FULL = (
    "lvcreate error: Volume group has insufficient free space (0 extents): no space left on device"
)
LOCK = "can't lock file '/run/lock/qemu-server/lock-100.conf' - got timeout"
TASKS = (
    *("qmclone", "qmcreate", "qmconfig", "qmstart", "qmshutdown", "qmdestroy"),
    *("vzcreate", "vzstart", "vzshutdown", "vzdestroy", "resize"),
)


class Blow(StrEnum):
    """What goes wrong. The first ones fall on a call, the others on what it is about or on everything."""

    REPLY_LOST = "reply lost"
    NEVER_ARRIVED = "never arrived"
    REFUSED_596 = "596, nothing done"
    DONE_599 = "599, and done"
    ARRIVES_LATE = "arrives late"
    REFUSED = "refused"
    TASK_FAILS = "task fails"
    STORAGE_FULL = "storage full"
    LOCK_FILE = "lock file held"
    TASK_HANGS = "task never ends"
    WARNINGS = "warnings"
    HELD = "guest locked by a backup"
    NO_QUORUM = "quorum lost"
    OFFLINE = "node offline"
    REVOKED = "token revoked"
    CANCEL = "cancelled"


LASTING = frozenset({Blow.NO_QUORUM, Blow.OFFLINE, Blow.REVOKED, Blow.HELD})


@dataclass(frozen=True)
class Planned:
    """A blow, the number of the change that it falls on, and how many requests what lasts goes on for (None: on)."""

    blow: Blow
    at: int
    requests: int | None = None


@dataclass
class _Lasting:
    end: Callable[[], None]
    requests: int | None


class Storm(Pve):
    """`arm` says what is to go wrong; `calm` ends it all and waits for the tasks that still run."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.cancel: Callable[[], None] = lambda: None
        self.fell: list[str] = []
        self._planned: list[Planned] = []
        self._number = 0
        self._lasting: list[_Lasting] = []
        self._gates: list[Gate] = []
        self._late: set[asyncio.Task[Any]] = set()

    def arm(self, *planned: Planned) -> None:
        """Counts changes from now on."""
        self._planned, self._number, self.fell = [*planned], 0, []

    async def calm(self) -> None:
        """Nothing goes wrong any more, and everything that was begun has ended."""
        self._planned.clear()
        for lasting in self._lasting:
            lasting.end()
        self._lasting.clear()
        for gate in self._gates:
            gate.open()
        self._gates.clear()
        self._task_rules.clear()
        if self._late:
            await asyncio.gather(*self._late, return_exceptions=True)
        assert await until(self._idle, within=120, every=0.002, at_most=0.01)

    async def _idle(self) -> bool | None:
        return all(record["status"] != "running" for record in self.tasks.values()) or None

    # ── requests ──

    @web.middleware
    async def _middleware(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self._grow_old()
        parent: Any = super()._middleware
        if request.method == "GET":
            answer: web.StreamResponse = await parent(request, handler)
            return answer
        number, self._number = self._number, self._number + 1
        falling = [planned for planned in self._planned if planned.at == number]
        for planned in falling:
            self.fell.append(f"{planned.blow} on {request.method} {request.path}")
            self._strike(planned, request)
        blows = {planned.blow for planned in falling}
        if Blow.NEVER_ARRIVED in blows:
            self._sever(request)
        if Blow.REFUSED_596 in blows:
            return web.json_response({"data": None}, status=596, reason="Broken pipe")
        if Blow.REFUSED in blows:
            return web.json_response({"data": None}, status=500, reason="internal trouble")
        if Blow.ARRIVES_LATE in blows:
            return await self._later(request, handler, parent)
        answer = await parent(request, handler)
        if Blow.REPLY_LOST in blows:
            self._sever(request)
        if Blow.DONE_599 in blows:
            return web.json_response({"data": None}, status=599, reason="Too many redirections")
        return answer

    async def _later(self, request: web.Request, handler: Any, parent: Any) -> web.StreamResponse:
        """The client has given up when the call is carried out."""
        await request.read()

        async def carry_out() -> None:
            await asyncio.sleep(0.02)
            await parent(request, handler)

        self._late.add(asyncio.create_task(carry_out()))
        self._sever(request)

    def _sever(self, request: web.Request) -> NoReturn:
        assert request.transport
        request.transport.abort()
        raise ConnectionResetError("the connection was broken")

    def _grow_old(self) -> None:
        for lasting in [*self._lasting]:
            if lasting.requests is not None:
                lasting.requests -= 1
                if lasting.requests <= 0:
                    lasting.end()
                    self._lasting.remove(lasting)

    # ── blows ──

    def _strike(self, planned: Planned, request: web.Request) -> None:
        if (rule := self._of_a_task(planned.blow)) is not None:
            for type_ in TASKS:  # the first one that is met takes the others with it
                rule(type_)
        match planned.blow:
            case Blow.CANCEL:
                self.cancel()
            case Blow.NO_QUORUM:
                self.quorate = False
                self._last(planned, lambda: setattr(self, "quorate", True))
            case Blow.OFFLINE:
                node = self.nodes["pve2"]
                node["online"] = False
                self._last(planned, lambda: node.__setitem__("online", True))
            case Blow.REVOKED:
                self.apitokens.pop(TOKEN_ID, None)
                self._last(planned, lambda: self.apitokens.__setitem__(TOKEN_ID, TOKEN_SECRET))
            case Blow.HELD:
                self._hold(planned, request)
            case _:
                pass

    def _of_a_task(self, blow: Blow) -> Callable[[str], None] | None:
        rules: dict[Blow, Callable[[str], None]] = {
            Blow.TASK_FAILS: lambda type_: self.fail_task(type_, "unexpected trouble"),
            Blow.STORAGE_FULL: lambda type_: self.fail_task(type_, FULL),
            Blow.LOCK_FILE: lambda type_: self.fail_task(type_, LOCK),
            Blow.WARNINGS: lambda type_: self.warn(type_, "something is odd"),
            Blow.TASK_HANGS: lambda type_: self._gates.append(self.gate(type_, times=1)),
        }
        return rules.get(blow)

    def _rules_for(self, ttype: str) -> list[Any]:
        rules = super()._rules_for(ttype)
        if rules:
            self._task_rules.clear()
        return rules

    def _last(self, planned: Planned, end: Callable[[], None]) -> None:
        self._lasting.append(_Lasting(end, planned.requests))

    def _hold(self, planned: Planned, request: web.Request) -> None:
        found = re.search(r"/(?:qemu|lxc)/(\d+)/", f"{request.path}/")
        guest = self.guest(int(found[1])) if found else None
        if guest is None or guest.template or guest.lock:
            return
        self._set_lock(guest, "backup")
        self._last(planned, lambda: self._release(guest))

    def _release(self, guest: Any) -> None:
        if guest.lock == "backup":
            self._set_lock(guest, None)

    def _set_lock(self, guest: Any, lock: str | None) -> None:
        if guest in self.vms:
            guest.lock = lock
        if lock:
            guest.config["lock"] = lock
        else:
            guest.config.pop("lock", None)


# ── what must be true ────────────────────────────────────────────────────────────────────────────


@dataclass
class Audit:
    """Looks at the cluster itself, and at what ALMA says of it."""

    here: World
    pve: Storm
    foreign: dict[int, dict[str, Any]] = field(default_factory=dict)

    def remember(self) -> None:
        """What is on the cluster now is not ALMA's."""
        self.foreign = {guest.vmid: dict(guest.config) for guest in self._all()}

    def _all(self) -> list[Any]:
        return [*self.pve.vms, *self.pve.cts]

    def own(self, stack: StackRef) -> dict[str, list[Any]]:
        """The guests that carry the stack's marker, by address. Everything else must be as it was."""
        found = collections.defaultdict(list)
        for guest in self._all():
            if guest.vmid in self.foreign:
                assert guest.config == self.foreign[guest.vmid], "a foreign guest was changed"
                continue
            notes = marker.read(guest.config.get("description"))
            assert notes is not None, f"guest {guest.vmid} has no marker: {guest.config}"
            assert notes.vmid == guest.vmid
            if notes.marker.stack == stack.id:
                found[notes.marker.address].append(guest)
        gone = self.foreign.keys() - {guest.vmid for guest in self._all()}
        assert not gone, f"foreign guests were removed: {gone}"
        return dict(found)

    def volumes(self) -> list[str]:
        """The volumes of guests that are not there."""
        there = {guest.vmid for guest in self._all()}
        return [
            f"{storage}:{name}"
            for storage, facts in self.pve.storages.items()
            for name, volume in facts.get("volumes", {}).items()
            if volume.get("content") in {"images", "rootdir"} and volume.get("vmid") not in there
        ]

    def _log(self, id_: str) -> list[Event]:
        found: list[Event] = []
        while page := self.here.deployments.events(LOCAL, id_, after=len(found), limit=500):
            found += page
        return found

    async def after(self, ended: Deployment, *, wanted: Sequence[str], before: set[str]) -> None:
        """`wanted` are the addresses that are there after a success, `before` those after a rollback."""
        log = self._log(ended.id)
        said = " ".join([event.model_dump_json() for event in log] + [ended.model_dump_json()])
        assert TOKEN_SECRET not in said
        assert [event.seq for event in log] == list(range(1, len(log) + 1))
        assert log[-1].type == "complete", [event.message for event in log[-10:]]
        own = self.own(ended.plan.stack)
        twice = {address: [g.vmid for g in many] for address, many in own.items() if len(many) > 1}
        seen = await self.here.engines.get("proxmox").read(ended.plan.stack)
        for volume in self.volumes():
            assert volume in said, f"{volume} was left behind, and nobody said so"
        self._is_told(seen, own)
        match ended.state:
            case DeploymentState.SUCCEEDED:
                assert not twice
                assert own.keys() == set(wanted)
                assert all(many[0].status == "running" for many in own.values())
                assert all(step.state is StepState.SUCCEEDED for step in ended.steps)
                self._is_recorded(ended, seen)
            case DeploymentState.ROLLED_BACK | DeploymentState.CANCELLED:
                assert not twice
                assert own.keys() == before
                self._is_recorded(ended, seen)
            case _:
                assert ended.error

    def _is_told(self, seen: Any, own: dict[str, list[Any]]) -> None:
        """ALMA sees each guest: as the one that counts, or as what is left over beside it."""
        told = {item.address: item for item in seen.resources}
        assert told.keys() == own.keys()
        for address, many in own.items():
            left = " ".join(map(str, told[address].properties.get("leftovers", ())))
            for guest in many:
                assert str(guest.vmid) == told[address].object_id or str(guest.vmid) in left

    def _is_recorded(self, ended: Deployment, seen: Any) -> None:
        with self.here.database.read() as transaction:
            stack = transaction.stacks.get(ended.plan.stack.id, project=LOCAL.project)
        recorded = {record.address: record.object_id for record in stack.records}
        assert recorded == {item.address: item.object_id for item in seen.resources}


def chosen(chance: random.Random) -> list[Planned]:
    """One blow, or two, in the first dozen changes."""
    found = []
    for _ in range(chance.choice((1, 1, 2))):
        blow = chance.choice(list(Blow))
        lasts = chance.choice((2, 10, 40, None)) if blow in LASTING else None
        found.append(Planned(blow, chance.randrange(14), lasts))
    return found
