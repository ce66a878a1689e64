"""Makes go wrong what the settings say goes wrong, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from alma.core.model.base import digest_of
from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.core.model.plan import Action
from alma.engines.simulation.pace import chance
from alma.engines.simulation.settings import Fault, FaultKind, FaultPoint
from alma.engines.simulation.store import Store

_HINT = "this fault is simulated: try again, or take it out of the simulation's faults"


@dataclass(frozen=True)
class Moment:
    """What is being done, to what. `scope` is what a fault's `times` are counted in."""

    point: FaultPoint
    scope: str
    address: str = ""
    action: Action | None = None

    def __str__(self) -> str:
        what = self.action or self.point
        return f"{what} of {self.address}" if self.address else what.value


@dataclass
class Met:
    """What strikes at one moment. `error` is to be raised before anything is done; `delay` is in simulated seconds; all
    files of `awaits` have to be there first."""

    error: EngineError | None = None
    lost: bool = False
    delay: float = 0.0
    awaits: list[Path] = field(default_factory=list)
    unhealthy: bool = False
    warnings: list[str] = field(default_factory=list)


class Faults:
    """The faults of one engine."""

    def __init__(self, faults: Iterable[Fault], store: Store, *, seed: int) -> None:
        self._faults = {_identity(number, fault): fault for number, fault in enumerate(faults)}
        self._store = store
        self._seed = seed

    def meet(self, moment: Moment) -> Met:
        """What goes wrong now. Blocks; counts."""
        met = Met()
        for identity, fault in self._faults.items():
            if met.error is None and _concerns(fault, moment) and self._strikes(identity, moment):
                _add(met, fault, moment)
        return met

    def _strikes(self, identity: str, moment: Moment) -> bool:
        fault = self._faults[identity]
        if fault.times is None and fault.probability is None:
            return True
        with self._store.transaction() as transaction:
            number = transaction.meet(identity, moment.scope)
        if fault.times is not None and number > fault.times:
            return False
        # Not the scope: it has the stack's id in it, and another stack must fare the same.
        drawn = chance(self._seed, identity, moment.address, moment.action, number)
        return drawn < (fault.probability or 1)


def _identity(number: int, fault: Fault) -> str:
    return f"{number}:{digest_of(fault.model_dump(mode='json'))}"


def _concerns(fault: Fault, moment: Moment) -> bool:
    return (
        fault.operation is moment.point
        and fault.action in {None, moment.action}
        and fnmatchcase(moment.address, fault.address)
    )


def _add(met: Met, fault: Fault, moment: Moment) -> None:
    match fault.kind:
        case FaultKind.WARNING:
            met.warnings.append(f"simulated: {fault.message or f'{moment} was not quite clean'}")
        case FaultKind.UNHEALTHY:
            met.unhealthy = True
        case FaultKind.LOST_REPLY:
            met.lost = True
        case FaultKind.SLOW:
            met.delay += fault.seconds or 0.0
            if fault.message:
                met.warnings.append(f"simulated: {fault.message} ({fault.seconds:g} s)")
        case FaultKind.HELD if fault.until is not None:
            met.awaits.append(fault.until.expanduser())
        case _:
            met.error = _error(fault, moment)


_ERRORS: Mapping[FaultKind, tuple[type[EngineError], str]] = {
    FaultKind.REJECTED: (ChangeRejected, "the engine refuses the {}"),
    FaultKind.STORAGE_FULL: (ChangeRejected, "no space left for the {}"),
    FaultKind.LOCKED: (ChangeRejected, "the {} has to wait: another task holds the lock"),
    FaultKind.AUTH: (EngineAuthFailed, "the engine refuses the credentials at the {}"),
    FaultKind.UNAVAILABLE: (EngineUnavailable, "the engine can't be reached for the {}"),
    FaultKind.TIMEOUT: (EngineUnavailable, "no answer in time to the {}"),
}


def _error(fault: Fault, moment: Moment) -> EngineError:
    type_, text = _ERRORS[fault.kind]
    if fault.kind is FaultKind.TIMEOUT and moment.point is FaultPoint.APPLY:
        type_ = OutcomeUnknown  # who gets no answer can't know that nothing was done
    error = type_(f"simulated: {fault.message or text.format(moment)}", hint=_HINT)
    if fault.kind is FaultKind.LOCKED:
        error.retryable = True
    return error


def lost_reply(moment: Moment) -> OutcomeUnknown:
    """What is raised after a change whose reply got lost."""
    return OutcomeUnknown(
        f"simulated: the reply to the {moment} was lost",
        hint="read the stack before trying again: it may have been done",
    )
