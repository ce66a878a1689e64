"""Rules, what they say, and who answers for what they say, as they are sent and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from pydantic import ConfigDict, Field

from alma.api.schemas.common import Listed
from alma.core.model.base import Frozen, Json
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.finding import Assessment, Finding, Result, Rule, Waiver


class RuleList(Listed):
    """Every rule of the project, those that are off among them. `problems` are faults of the files; the rules without
    a fault hold all the same."""

    bundle: str = Field(description="The rules that hold, with a digest of all they rest on.")
    items: Sequence[Rule]
    problems: Sequence[Diagnostic]


class PolicyCheck(Frozen):
    """What is to be checked: a blueprint, or the number of a saved one, whose newest revision is meant."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "blueprint": {
                    "name": "shop",
                    "resources": [
                        {"name": "db", "type": "database", "network": {"public_ip": True}}
                    ],
                }
            }
        }
    )

    blueprint: Mapping[str, Json] | None = None
    blueprint_id: int | None = Field(default=None, ge=1)
    frameworks: tuple[str, ...] = Field(
        default=(),
        max_length=20,
        description="Only rules that are evidence for one of these: nist, pci-dss. Empty: all.",
    )
    limit: int = Field(
        default=500, ge=1, le=100_000, description="Show at most so many findings of each result."
    )


class CheckResult(Assessment):
    """What the rules say of a blueprint. `blocked`: a mandatory rule is broken, and nobody answers for it. The counts
    and the score are of all findings, also of those that are not shown."""

    blocked: bool
    left_out: Mapping[Result, int] = Field(
        default_factory=dict, description="How many findings are beyond the limit, by result."
    )


class WaiverCreate(Frozen):
    """Who sends it answers for a broken rule, until the end of a day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "rule": "ALMA-NET-001",
                "resource": "db",
                "blueprint": "shop",
                "reason": "moves behind the VPN in March",
                "expires": "2027-03-31",
            }
        }
    )

    rule: str = Field(min_length=1, max_length=40)
    resource: str = Field(
        default="*",
        min_length=1,
        max_length=100,
        description="A resource's name; * stands for anything.",
    )
    blueprint: str | None = Field(
        default=None, max_length=100, description="A blueprint's name; of all, if unset."
    )
    reason: str = Field(min_length=3, max_length=500)
    expires: date = Field(description="The last day on which it holds.")

    def waiver(self) -> Waiver:
        """As the service takes it."""
        return Waiver(**self.model_dump())


class WaiverList(Listed):
    """Waivers, oldest first."""

    items: Sequence[Waiver]


def check_result(found: Assessment, *, limit: int) -> CheckResult:
    """The answer, with so many findings of each result; built of what was checked already, so that ten thousand
    findings are not checked again."""
    counted: Counter[Result] = Counter()
    shown: list[Finding] = []
    for item in found.findings:
        counted[item.result] += 1
        if counted[item.result] <= limit:
            shown.append(item)
    left_out = {result: number - limit for result, number in counted.items() if number > limit}
    parts = {**dict(found), "findings": tuple(shown)}
    return CheckResult.model_construct(**parts, blocked=bool(found.gating), left_out=left_out)
