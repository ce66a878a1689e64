"""How the simulated world behaves, as data: how long things take, and what goes wrong when.

Nothing here is random at run time: with the same seed the same change takes as long and fails as often, every time.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from alma.core.model.base import Frozen
from alma.core.model.document import read_text
from alma.core.model.errors import BlueprintInvalid, InvalidInput
from alma.core.model.plan import Action


class FaultPoint(StrEnum):
    """Where a fault strikes."""

    CHECK = "check"
    READ = "read"
    APPLY = "apply"
    VERIFY = "verify"


class FaultKind(StrEnum):
    """What goes wrong, and what the caller gets.

    - `rejected`, `storage_full`: ChangeRejected, nothing made; `locked`: the same, but worth another try
    - `unavailable`: EngineUnavailable, `auth`: EngineAuthFailed, nothing made
    - `timeout`: no answer and nothing made: OutcomeUnknown from an apply, EngineUnavailable elsewhere
    - `lost_reply`: made, and OutcomeUnknown all the same
    - `warning`: made, with a warning
    - `slow`: made, `seconds` of simulated time later
    - `held`: made once there is a file at `until`, however long that takes
    - `unhealthy`: made, and fails its checks until it is changed again; from a verify: fails this once
    """

    REJECTED = "rejected"
    UNAVAILABLE = "unavailable"
    LOST_REPLY = "lost_reply"
    TIMEOUT = "timeout"
    WARNING = "warning"
    SLOW = "slow"
    HELD = "held"
    STORAGE_FULL = "storage_full"
    LOCKED = "locked"
    UNHEALTHY = "unhealthy"
    AUTH = "auth"


_ANYWHERE = frozenset({FaultKind.UNAVAILABLE, FaultKind.TIMEOUT, FaultKind.AUTH, FaultKind.SLOW})
_LEGAL: Mapping[FaultPoint, frozenset[FaultKind]] = {
    FaultPoint.CHECK: _ANYWHERE,
    FaultPoint.READ: _ANYWHERE,
    FaultPoint.VERIFY: _ANYWHERE | {FaultKind.UNHEALTHY},
    FaultPoint.APPLY: frozenset(FaultKind),
}


class Fault(Frozen):
    """One thing that goes wrong: always, the first `times` times, or with a `probability`, or both.

    Times are counted for each change by itself (its attempts), for each resource that is verified, for each stack that
    is read; the count outlives the process, so a retry after a crash gets further. `address` is a glob.
    """

    kind: FaultKind
    operation: FaultPoint = FaultPoint.APPLY
    action: Action | None = None
    address: str = "*"
    times: int | None = Field(default=None, ge=1)
    probability: float | None = Field(default=None, gt=0, le=1)
    seconds: float | None = Field(default=None, gt=0, le=86_400, allow_inf_nan=False)
    until: Path | None = None
    message: str | None = Field(default=None, max_length=500)

    @model_validator(mode="after")
    def _can_happen(self) -> Fault:
        legal = _LEGAL[self.operation]
        if self.kind not in legal:
            problem = (
                f"'{self.kind}' can't happen in '{self.operation}': {', '.join(sorted(legal))} can"
            )
            raise PydanticCustomError("impossible_fault", "{problem}", {"problem": problem})
        if self.action is not None and self.operation is not FaultPoint.APPLY:
            raise PydanticCustomError("impossible_fault", "only an apply has an action")
        if self.address != "*" and self.operation in {FaultPoint.READ, FaultPoint.CHECK}:
            raise PydanticCustomError("impossible_fault", "a read or a check has no address")
        if (self.seconds is not None) != (self.kind is FaultKind.SLOW):
            raise PydanticCustomError("impossible_fault", "'slow' takes seconds, and only 'slow'")
        if (self.until is not None) != (self.kind is FaultKind.HELD):
            raise PydanticCustomError("impossible_fault", "'held' takes until, and only 'held'")
        return self


_FAULTS = TypeAdapter(tuple[Fault, ...])
_FILE_HINT = (
    "write a list of faults, such as: [{kind: lost_reply, action: create, address: 'web-*', times: 1}]; "
    "or name one that is there: proxmox-busy, proxmox-full"
)


def rehearsals() -> Mapping[str, Traversable]:
    """The files with faults that come with ALMA, by name."""
    there = resources.files("alma.engines.simulation") / "rehearsals"
    return {file.name.removesuffix(".yaml"): file for file in there.iterdir()}


def _content(file: Path) -> bytes:
    """Of a file, or of the rehearsal of that name where there is no such file."""
    path = file.expanduser()
    if not path.exists() and (known := rehearsals().get(str(file))) is not None:
        return known.read_bytes()
    return path.read_bytes()


def read_faults(file: Path) -> tuple[Fault, ...]:
    """The faults in a YAML or JSON file, or in the rehearsal of that name. Raises InvalidInput, naming all that is
    wrong, when it is no list of them."""
    try:
        found = read_text(_content(file)) or []
        return _FAULTS.validate_python(found)
    except OSError as error:
        problem = str(error.strerror)
    except BlueprintInvalid as error:  # its message speaks of blueprints
        problem = "; ".join(map(str, error.diagnostics))
    except InvalidInput as error:
        problem = error.message
    except ValidationError as error:
        places = error.errors(include_url=False, include_input=False)
        problem = "; ".join(f"{'.'.join(map(str, at['loc']))}: {at['msg']}" for at in places)
    raise InvalidInput(
        f"The simulation's faults in {file} can't be read: {problem}", hint=_FILE_HINT
    )


Kind = Literal["check", "read", "verify", "create", "update", "replace", "delete"]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]

DEFAULT_LATENCY: Mapping[Kind, float | tuple[float, float]] = {
    "check": 0,
    "read": 0.01,
    "verify": (0.05, 0.2),
    "create": (0.2, 0.8),
    "update": (0.1, 0.4),
    "replace": (0.3, 1.2),
    "delete": (0.1, 0.3),
}


class SimulationSettings(Frozen):
    """Settings of the simulation.

    `latency` is in simulated seconds by kind of operation, a number or (least, most); what is not given keeps its
    default. `time_scale` is real seconds for each simulated one: 1 is real time, 0 waits for nothing and only moves the
    simulated clock. `faults_file` is a YAML or JSON file with a list of faults, for rehearsing failures; they
    come after `faults`.
    """

    path: Path
    seed: int = 0
    latency: Mapping[Kind, Seconds | tuple[Seconds, Seconds]] = Field(default_factory=dict)
    time_scale: float = Field(default=1.0, ge=0, le=1000)
    faults: tuple[Fault, ...] = ()
    faults_file: Path | None = None

    @field_validator("latency")
    @classmethod
    def _least_first(
        cls, value: Mapping[Kind, float | tuple[float, float]]
    ) -> Mapping[Kind, float | tuple[float, float]]:
        for kind, seconds in value.items():
            if isinstance(seconds, tuple) and seconds[0] > seconds[1]:
                problem = f"{kind}: write the least first"
                raise PydanticCustomError("invalid_latency", "{problem}", {"problem": problem})
        return value

    def all_faults(self) -> tuple[Fault, ...]:
        """The faults given and those in the file. Raises InvalidInput when the file can't be read."""
        return self.faults + (read_faults(self.faults_file) if self.faults_file else ())

    def seconds(self, kind: Kind) -> tuple[float, float]:
        """The least and the most that one operation of that kind takes, in simulated seconds."""
        value = self.latency.get(kind, DEFAULT_LATENCY[kind])
        return value if isinstance(value, tuple) else (value, value)
