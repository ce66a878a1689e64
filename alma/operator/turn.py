"""One look at one Blueprint: what is said of it, gathered on the way, and at the end what is to be written down.

A condition that nothing is said of stays as it was. Whatever became another one since the last look is also an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alma.core.model.base import Frozen
from alma.core.model.errors import AlmaError, BlueprintInvalid
from alma.operator import names
from alma.operator.documents import (
    MOST_ITEMS,
    BlueprintStatus,
    Condition,
    DeploymentStatus,
    Fault,
    RequestStatus,
    clipped,
)
from alma.operator.names import Kind, Phase, Truth
from alma.operator.seen import SeenBlueprint, SeenRequest

_LONGEST_NAME = 253
# Said in an event and nothing to worry about, although they are not so (yet).
_CALM = frozenset(
    {
        "Planning",
        "AwaitingApproval",
        "Deploying",
        "Approved",
        "Removing",
        "Waiting",
        "NotLooked",
        "InStep",
    }
)
_MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def moment(now: datetime) -> str:
    """As Kubernetes writes times."""
    return now.strftime(_MOMENT)


def request_name(blueprint: str, ipr_id: int) -> str:
    """What the object of a request is called."""
    number = f"-{ipr_id}"
    return f"{blueprint[: _LONGEST_NAME - len(number)].rstrip('-.')}{number}"


class Notice(Frozen):
    """An event of Kubernetes: on the Blueprint, or on the request of that name."""

    reason: str
    message: str
    warning: bool = False
    request: str | None = None


class RequestObject(Frozen):
    """What the object of a request has to be."""

    name: str
    namespace: str
    ipr_id: int
    blueprint: str
    owner: str
    status: RequestStatus

    def manifest(self) -> dict[str, Any]:
        """The object without its status. The Blueprint owns it, but its removal doesn't wait for it: a request to
        remove something has to outlive the wish."""
        return {
            "apiVersion": names.API_VERSION,
            "kind": names.REQUEST,
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": self.labels,
                "ownerReferences": [
                    {
                        "apiVersion": names.API_VERSION,
                        "kind": names.BLUEPRINT,
                        "name": self.blueprint,
                        "uid": self.owner,
                        "controller": True,
                        "blockOwnerDeletion": False,
                    }
                ],
            },
            "spec": self.spec,
        }

    @property
    def labels(self) -> dict[str, str]:
        """By which it is found."""
        return {names.MANAGED_BY: names.MANAGER, names.OF_BLUEPRINT: self.owner}

    @property
    def spec(self) -> dict[str, Any]:
        """Which request it is."""
        return {"iprId": self.ipr_id, "blueprint": self.blueprint}


class Outcome(Frozen):
    """What one look comes to. `moving`: look again soon; `gone`: the Blueprint may go."""

    status: BlueprintStatus
    requests: tuple[RequestObject, ...] = ()
    remove: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    moving: bool = False
    gone: bool = False


class Turn:
    """What is gathered during a look."""

    def __init__(
        self, seen: SeenBlueprint, requests: Mapping[str, SeenRequest], now: datetime
    ) -> None:
        self.seen = seen
        self.requests = requests
        self.now = now
        self.moving = False
        self.gone = False
        self.held: AlmaError | None = None
        self.objects: list[RequestObject] = []
        self.remove: list[str] = []
        self._said: dict[Kind, tuple[Truth, str, str]] = {}
        self._facts: dict[str, Any] = {}
        self._notices: list[Notice] = []

    def say(self, kind: Kind, truth: Truth, reason: str, message: str = "") -> None:
        """The last word on a condition counts."""
        self._said[kind] = (truth, reason, clipped(message))

    def unsay(self, *kinds: Kind) -> None:
        """They stay as they were."""
        for kind in kinds:
            self._said.pop(kind, None)

    def note(self, **facts: Any) -> None:
        """Fields of the status."""
        self._facts |= facts

    def notice(
        self, reason: str, message: str, *, warning: bool = False, request: str | None = None
    ) -> None:
        """An event that no condition tells of."""
        self._notices.append(
            Notice(reason=reason, message=clipped(message), warning=warning, request=request)
        )

    @property
    def deployment(self) -> DeploymentStatus | None:
        """The deployment of which was told, or that of the last look."""
        found = self._facts.get("deployment", self.seen.status.deployment)
        return found if isinstance(found, DeploymentStatus) else None

    def condition(self, kind: Kind) -> Condition | None:
        """What was said of it at the last look."""
        return next((c for c in self.seen.status.conditions if c.type is kind), None)

    # ── what went wrong ──────────────────────────────────────────────────────────────────────────

    def invalid(self, error: BlueprintInvalid) -> None:
        """Nothing of this generation was saved; what was deployed before stays as it is."""
        faults = [
            Fault(
                path=clipped(item.path, 200),
                message=clipped(item.message),
                hint=None if item.hint is None else clipped(item.hint, 400),
            )
            for item in error.diagnostics[:MOST_ITEMS]
        ]
        told = "; ".join(str(item) for item in error.diagnostics[:MOST_ITEMS])
        left = len(error.diagnostics) - len(faults)
        more = f"; and {left} more" if left > 0 else ""
        message = f"{error.message}: {clipped(told, 900)}{more}"
        self.note(phase=Phase.INVALID, diagnostics=tuple(faults))
        self.say(Kind.PLANNED, Truth.FALSE, "InvalidBlueprint", message)
        self.say(Kind.READY, Truth.FALSE, "InvalidBlueprint", message)

    def refused(self, error: AlmaError, *, kind: Kind = Kind.PLANNED) -> None:
        """Something stands against it that waiting may or may not mend: it is tried again."""
        reason = type(error).__name__
        message = in_full(error)
        self.note(phase=Phase.PENDING if error.retryable else Phase.FAILED)
        self.say(kind, Truth.FALSE, reason, message)
        self.say(Kind.READY, Truth.FALSE, reason, message)

    # ── what is written down ─────────────────────────────────────────────────────────────────────

    def outcome(self) -> Outcome:
        """The status as it is to be, with every event that leads to it."""
        before = self.seen.status
        conditions = self.conditions()
        facts = {"diagnostics": (), **self._facts, "observed_generation": self.seen.generation}
        status = before.model_copy(update={**facts, "conditions": conditions})
        return Outcome(
            status=status,
            requests=tuple(self.objects),
            remove=tuple(self.remove),
            notices=(*self._changes(conditions), *self._notices),
            moving=self.moving,
            gone=self.gone,
        )

    def conditions(self) -> tuple[Condition, ...]:
        """What was said so far, and what stays as it was."""
        before = {condition.type: condition for condition in self.seen.status.conditions}
        found = (self._condition(kind, before.get(kind)) for kind in Kind)
        return tuple(condition for condition in found if condition is not None)

    def _condition(self, kind: Kind, before: Condition | None) -> Condition | None:
        if kind not in self._said:
            return before
        truth, reason, message = self._said[kind]
        same = before is not None and before.status is truth
        since = before.last_transition_time if before and same else moment(self.now)
        return Condition(
            type=kind,
            status=truth,
            reason=reason,
            message=message,
            observed_generation=self.seen.generation,
            last_transition_time=since,
        )

    def _changes(self, conditions: tuple[Condition, ...]) -> list[Notice]:
        """One event for each reason that is new, told by the condition that says most of it."""
        before = {(c.type, c.status, c.reason) for c in self.seen.status.conditions}
        told: dict[str, Notice] = {}
        for condition in conditions:
            if (condition.type, condition.status, condition.reason) in before:
                continue
            told.setdefault(
                condition.reason,
                Notice(
                    reason=condition.reason,
                    message=condition.message or condition.reason,
                    warning=_is_warning(condition),
                ),
            )
        return [notice for reason, notice in told.items() if reason != "NotLooked"]


def in_full(error: AlmaError) -> str:
    """What happened, and what to do next."""
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _is_warning(condition: Condition) -> bool:
    wanted = Truth.FALSE if condition.type is Kind.DRIFTED else Truth.TRUE
    return condition.status is not wanted and condition.reason not in _CALM
