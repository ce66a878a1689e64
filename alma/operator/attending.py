"""Between an object that was seen and what is written back: whether to look, the looks themselves, what they cause.

Knows neither kopf nor the client: tests hand in what they do. A Blueprint at rest is looked at rarely, and at once when
somebody has changed something that counts.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from alma.operator.documents import BlueprintStatus, sent
from alma.operator.reconciling import Reconciling
from alma.operator.removing import Removing
from alma.operator.seen import SeenBlueprint, SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Notice, Outcome, RequestObject, request_name

Across = Callable[[Coroutine[Any, Any, Outcome]], Awaitable[Outcome]]
"""Runs a look where ALMA's services run, which may be another event loop."""
Post = Callable[[Notice, SeenRequest | None], None]
"""Makes an event of a notice, on the request or on the Blueprint."""


class Objects(Protocol):
    """What makes and removes the objects of requests, and writes what Blueprints are told."""

    async def keep(self, wanted: RequestObject, there: SeenRequest | None) -> None: ...

    async def remove(self, name: str, namespace: str) -> None: ...

    async def tell(self, name: str, namespace: str, status: dict[str, Any]) -> None: ...


@dataclass(frozen=True)
class _Rest:
    mark: tuple[str, ...]
    until: float


class Attending:
    """Attends to the Blueprints of one operator."""

    def __init__(
        self,
        reconciling: Reconciling,
        removing: Removing,
        *,
        objects: Objects,
        settings: OperatorSettings,
        across: Across,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reconciling = reconciling
        self._removing = removing
        self._objects = objects
        self._settings = settings
        self._across = across
        self._clock = clock
        self._resting: dict[str, _Rest] = {}

    async def attend(
        self, body: Mapping[str, Any], requests: Iterable[SeenRequest], post: Post
    ) -> None:
        """A look at a Blueprint, unless it rests. Raises AlmaError for what is to be tried again."""
        seen = SeenBlueprint.of(body)
        own = _own(seen, requests)
        mark = _mark(seen, own)
        rest = self._resting.get(seen.uid)
        if rest is not None and rest.mark == mark and self._clock() < rest.until:
            return
        outcome = await self._across(self._reconciling.look(seen, own))
        await self._carry_out(seen, own, outcome, post)
        self._rest(seen, mark, outcome)

    async def dismiss(
        self, body: Mapping[str, Any], requests: Iterable[SeenRequest], post: Post
    ) -> bool:
        """A look at a Blueprint that is being deleted: whether it may go. Raises AlmaError."""
        seen = SeenBlueprint.of(body)
        own = _own(seen, requests)
        outcome = await self._across(self._removing.look(seen, own))
        if not outcome.gone:
            await self._carry_out(seen, own, outcome, post)
        else:
            self._resting.pop(seen.uid, None)
            self._post(own, outcome, post)
        return outcome.gone

    async def _carry_out(
        self,
        seen: SeenBlueprint,
        own: Mapping[str, SeenRequest],
        outcome: Outcome,
        post: Post,
    ) -> None:
        for wanted in outcome.requests:
            await self._objects.keep(wanted, own.get(wanted.name))
        for name in outcome.remove:
            await self._objects.remove(name, seen.namespace)
        if told := changed(seen.status, outcome.status):
            await self._objects.tell(seen.name, seen.namespace, told)
        self._post(own, outcome, post)

    def _post(self, own: Mapping[str, SeenRequest], outcome: Outcome, post: Post) -> None:
        for notice in outcome.notices:
            post(notice, own.get(notice.request) if notice.request else None)

    def _rest(self, seen: SeenBlueprint, mark: tuple[str, ...], outcome: Outcome) -> None:
        if outcome.moving:
            self._resting.pop(seen.uid, None)
        else:
            self._resting[seen.uid] = _Rest(mark, self._clock() + self._settings.rest)


def _own(seen: SeenBlueprint, requests: Iterable[SeenRequest]) -> dict[str, SeenRequest]:
    """By their names; one whose label was taken away is known by the name that it has to have."""
    expected = request_name(seen.name, seen.status.ipr_id or 0)
    return {
        item.name: item
        for item in requests
        if item.of_blueprint == seen.uid
        or (item.namespace == seen.namespace and item.name == expected)
    }


def _mark(seen: SeenBlueprint, own: Mapping[str, SeenRequest]) -> tuple[str, ...]:
    return (seen.mark, *(own[name].mark for name in sorted(own)))


def changed(before: BlueprintStatus, after: BlueprintStatus) -> dict[str, Any]:
    """What is another one, as a merge patch: None takes away, also from within a mapping."""
    old, new = sent(before), sent(after)
    patch = {key: value for key, value in new.items() if value != old[key]}
    for key, value in patch.items():
        if isinstance(value, dict) and isinstance(old[key], dict):
            patch[key] = {**dict.fromkeys(old[key]), **value}
    return patch
