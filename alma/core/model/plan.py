"""What would be done, and why: the document that people approve.

A plan is data. It is made by `core/planning`, stored, shown, approved by its digest and executed by the workflow.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.state import DesiredResource, StackRef


class Action(StrEnum):
    """What happens to one address. ADOPT: what is there already gets the stack's marker, and nothing else of it
    changes; RELEASE takes that marker away again, and undoes an adoption."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    RELEASE = "release"
    NO_OP = "no-op"


class Effect(StrEnum):
    """What changing one property costs on an engine."""

    IN_PLACE = "in-place"
    REBOOT = "reboot"
    REPLACE = "replace"


class SupportLevel(StrEnum):
    """How well an engine honours a property."""

    EQUAL = "equal"
    APPROXIMATED = "approximated"
    UNSUPPORTED = "unsupported"


class Support(Frozen):
    """How an engine treats one property of one resource, when it is not exactly as asked."""

    path: str
    level: SupportLevel
    reason: str


class FieldChange(Frozen):
    """One property before and after. `drift` means: the blueprint did not change, the world did."""

    path: str
    before: Json = None
    after: Json = None
    effect: Effect = Effect.IN_PLACE
    drift: bool = False


class Change(Frozen):
    """What one address goes through, in one call to the engine.

    `after` names the addresses whose changes come first. `destructive` means data or a running service goes away.
    """

    address: str
    type: ResourceType
    action: Action
    reason: str
    fields: tuple[FieldChange, ...] = ()
    support: tuple[Support, ...] = ()
    after: tuple[str, ...] = ()
    destructive: bool = False
    reboots: bool = False
    desired: DesiredResource | None = None
    object_id: str | None = None


class PlanKind(StrEnum):
    """Towards a blueprint's revision, or towards nothing."""

    DEPLOY = "deploy"
    DESTROY = "destroy"


class Strategy(StrEnum):
    """How fast a plan goes through the instances that run already. BLUE_GREEN is no order of one plan: it is made of
    several blueprints after each other."""

    ALL_AT_ONCE = "all-at-once"
    ROLLING = "rolling"
    CANARY = "canary"
    BLUE_GREEN = "blue-green"

    @classmethod
    def _missing_(cls, value: object) -> Strategy | None:
        """However it is written: `Rolling`, `blue_green`, `all at once`, `bluegreen`."""
        letters = "".join(filter(str.isalpha, str(value).casefold()))
        found = {member.value.replace("-", ""): member for member in cls}
        return found.get(letters.removesuffix("update").removesuffix("deployment"))


class Pace(Frozen):
    """How fast a plan is to go through what runs already, as somebody asks for it; None is as it was before."""

    strategy: Strategy | None = None
    batch: int | None = Field(default=None, ge=1, le=1000)


class Target(Frozen):
    """What is planned for where: all that a plan needs to be made again."""

    blueprint_id: int
    revision: int
    engine: str
    kind: PlanKind = PlanKind.DEPLOY
    volumes: bool = Field(default=False, description="destroy: volumes too.")
    adopt: Mapping[str, str] = Field(
        default_factory=dict,
        description="What is there already and becomes part of the stack: addresses, and the engine's ids.",
    )
    strategy: Strategy = Field(
        default=Strategy.ALL_AT_ONCE, description="How instances that run are changed."
    )
    batch: int = Field(
        default=1,
        ge=1,
        le=1000,
        description="rolling: how many of one resource are changed at once.",
    )

    @property
    def kind_of_engine(self) -> str:
        """`proxmox` for `proxmox@lab`."""
        return self.engine.partition("@")[0]


class DriftKind(StrEnum):
    """How the world moved since the last deployment, without ALMA."""

    CHANGED = "changed"
    GONE = "gone"
    MOVED = "moved"


class Drift(Frozen):
    """One address that is not as it was left. `paths` are what changed: properties, or facts of the place."""

    address: str
    kind: DriftKind
    detail: str
    paths: tuple[str, ...] = ()


class Plan(Frozen):
    """Every address with its action, in the order of the blueprint. `digest` covers all inputs of the plan."""

    target: Target
    stack: StackRef
    blueprint_name: str
    changes: tuple[Change, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    drift: tuple[Drift, ...] = ()
    digest: str
    inputs: Mapping[str, str] = Field(
        default_factory=dict, description="The digest of each input by itself."
    )
    # Left out where it says nothing: servers of the version before, which read the same database while one is
    # replaced by the other, refuse what they don't know rather than lose it.
    steered_by: tuple[str, ...] = Field(
        default=(),
        exclude_if=lambda names: not names,
        description="Who had a request planned for another engine or at another pace than it was opened for.",
    )

    @property
    def effective(self) -> tuple[Change, ...]:
        """The changes that do something."""
        return tuple(change for change in self.changes if change.action is not Action.NO_OP)

    @property
    def destructive(self) -> tuple[Change, ...]:
        """The changes after which something is gone."""
        return tuple(change for change in self.changes if change.destructive)

    @property
    def blocked(self) -> bool:
        """Whether an error forbids to run this plan at all."""
        return any(item.severity == "error" for item in self.diagnostics)

    def count(self) -> dict[str, int]:
        """How many addresses go through each action."""
        counts = dict.fromkeys(Action, 0)
        for change in self.changes:
            counts[change.action] += 1
        return {action.value: number for action, number in counts.items()}
