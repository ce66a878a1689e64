"""What policy says: rules, findings with their evidence, waivers, and a score that anyone can compute again.

A finding without a path and a fact is an opinion. So each names the rule, the place, and the values it was computed
from; and what a blueprint can't show is `unknown`, never passed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import ResourceType
from alma.core.model.conversation import Edit
from alma.core.model.diagnostic import Diagnostic


class Gravity(StrEnum):
    """How bad it is when a rule is broken; the gravest first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Level(StrEnum):
    """What a broken rule does: a mandatory one stops the request until it is mended or waived, an advisory one is
    shown, one that is off is not looked at."""

    MANDATORY = "mandatory"
    ADVISORY = "advisory"
    OFF = "off"


class Scope(StrEnum):
    """What a rule is asked about: every resource by itself, or the blueprint once."""

    RESOURCE = "resource"
    BLUEPRINT = "blueprint"


class Result(StrEnum):
    """What a rule says of one resource or blueprint. UNKNOWN: the blueprint does not say; WAIVED: broken, and somebody
    answers for it."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"
    WAIVED = "waived"


class RuleExample(Frozen):
    """A blueprint that shows what a rule means, and what the rule has to say of it."""

    blueprint: Mapping[str, Json]
    result: Result


class Rule(Frozen):
    """One rule as a pack has it. `applies` and `holds` are CEL expressions over the facts of one resource (`r`, `d`) or
    of the blueprint (`bp`, `g`); docs/policies.md lists the facts. Where a path of `needs` is not said, the result is
    `on_missing` and `holds` is not asked."""

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$", max_length=40)
    title: str
    severity: Gravity
    level: Level = Level.ADVISORY
    scope: Scope = Scope.RESOURCE
    types: tuple[ResourceType, ...] = Field(default=(), description="Empty: every type.")
    applies: str = "true"
    needs: tuple[str, ...] = ()
    on_missing: Result = Result.UNKNOWN
    holds: str = Field(alias="assert", description="True when all is well.")
    message: str = Field(description="What is wrong; {name} and {path} of facts are filled in.")
    path: str = Field(default="", description="Where, inside the resource: `network.public_ip`.")
    remediation: str = ""
    fix: tuple[Mapping[str, Json], ...] = Field(
        default=(), description="Values that mend it: {path, value}, inside the resource."
    )
    controls: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Ids of controls it is evidence for, by framework."
    )
    examples: tuple[RuleExample, ...] = ()
    pack: str = Field(default="", description="The file it stands in.")


class Waiver(Frozen):
    """Somebody answers for a broken rule, for a while. `resource` is a name or a pattern with `*`; `blueprint` is a
    blueprint's name, and None means every blueprint of the project. What was taken back waives nothing any more."""

    id: str = ""
    rule: str
    resource: str = "*"
    blueprint: str | None = None
    reason: str = Field(min_length=3, max_length=500)
    expires: date
    by: str = ""
    created_at: datetime | None = None
    revoked_by: str | None = None
    revoked_at: datetime | None = None


class Finding(Frozen):
    """A rule that is broken, waived, or can't be judged, at one place. `evidence` are the facts the result was computed
    from, by path; `fix` are edits that mend it, and nothing else."""

    rule: str
    title: str
    severity: Gravity
    level: Level
    result: Result
    resource: str | None = None
    path: str = Field(description="In the blueprint: `resources.db.network.public_ip`.")
    message: str
    remediation: str = ""
    evidence: Mapping[str, Json] = Field(default_factory=dict)
    fix: tuple[Edit, ...] = ()
    controls: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    waiver: Waiver | None = None


class Score(Frozen):
    """0 (worst) to 10. `formula` is the arithmetic with this blueprint's numbers; `coverage` the share of the questions
    asked that the blueprint answers, 0 to 1."""

    value: float
    formula: str
    coverage: float
    capped_by: str | None = None


class RuleCount(Frozen):
    """What one rule said, counted over the places it was asked about."""

    passed: int = 0
    failed: int = 0
    unknown: int = 0
    waived: int = 0


class Assessment(Frozen):
    """Everything the rules say of one blueprint. `bundle` names the rules with their digest: what a plan relies on.
    `problems` are faults of the policy files themselves; the rules without a fault were asked all the same."""

    bundle: str
    findings: tuple[Finding, ...] = ()
    counts: Mapping[str, RuleCount] = Field(
        default_factory=dict, description="By rule, those that applied nowhere left out."
    )
    score: Score
    problems: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What is broken and not waived, the gravest first."""
        return tuple(item for item in self.findings if item.result is Result.FAIL)

    @property
    def self_waived(self) -> tuple[Finding, ...]:
        """Broken mandatory rules that the blueprint itself answers for: whoever wrote it has lifted them alone."""
        return tuple(
            item
            for item in self.findings
            if item.result is Result.WAIVED
            and item.level is Level.MANDATORY
            and item.waiver is not None
            and item.waiver.created_at is None
        )

    @property
    def gating(self) -> tuple[Finding, ...]:
        """What stops a request: broken mandatory rules that nobody answers for."""
        return tuple(item for item in self.failed if item.level is Level.MANDATORY)
