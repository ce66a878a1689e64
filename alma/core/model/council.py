"""What a council says of a plan before a person does: findings that anyone can look up, verdicts by a table, and words.

An opinion is cheap and a finding is not: each cites a place and the rule, fact or figure that it rests on, as the
server can find it again. What a model says beside that is kept apart as claims, and no verdict is made of those.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Edit
from alma.core.model.cost import Estimate
from alma.core.model.finding import Gravity


class Agent(StrEnum):
    """Who sits in the council."""

    ARCHITECT = "architect"
    SECOPS = "secops"
    FINOPS = "finops"


class CouncilVerdict(StrEnum):
    """What is to become of a request, the mildest first. Only BLOCK stops it: it says that the gate is shut."""

    APPROVE = "approve"
    COMMENT = "comment"
    REQUEST_CHANGES = "request_changes"
    BLOCK = "block"


def worst(*verdicts: CouncilVerdict) -> CouncilVerdict:
    """The strictest of several; APPROVE where there is none."""
    order = list(CouncilVerdict)
    return max(verdicts, key=order.index, default=CouncilVerdict.APPROVE)


CALLS_FOR: Mapping[Gravity, CouncilVerdict] = {
    Gravity.CRITICAL: CouncilVerdict.REQUEST_CHANGES,
    Gravity.HIGH: CouncilVerdict.REQUEST_CHANGES,
    Gravity.MEDIUM: CouncilVerdict.COMMENT,
    Gravity.LOW: CouncilVerdict.COMMENT,
}
"""What a finding calls for that stops nothing by itself. What breaks a mandatory rule, and what can't run, BLOCKS; what
somebody answers for is a COMMENT."""
TITLES: Mapping[Agent, str] = {
    Agent.ARCHITECT: "Architect",
    Agent.SECOPS: "SecOps",
    Agent.FINOPS: "FinOps",
}
CONCERNS: Mapping[Agent, str] = {
    Agent.ARCHITECT: "what the engine honours, what goes away or restarts and whom that touches, single points of "
    "failure, availability, backups, sizes, and where instances land",
    Agent.SECOPS: "every mandatory rule, exposure, encryption, identity, logs, data protection, and software at the "
    "end of its life",
    Agent.FINOPS: "what it costs a month and what it is compared with, the limit, what nobody uses, and what could be "
    "paid less for",
}
"""What each of them looks at."""


class Evidence(StrEnum):
    """What a citation names. RULE: a rule's id. FACT: something that is said or planned. FIGURE: something computed."""

    RULE = "rule"
    FACT = "fact"
    FIGURE = "figure"


class Citation(Frozen):
    """Where something stands, and what stands there. `path` is a place in the blueprint (`resources.db.backup`), the
    plan (`plan.changes.db`) or the estimate (`estimate.monthly`); `ref` is the rule's id, or the name of the fact or
    figure; `value` is what it was when it was looked at."""

    kind: Evidence
    path: str
    ref: str
    value: Json = None


class Claim(Frozen):
    """A sentence of a model. `opinion`: nothing of what it was shown bears it out."""

    text: str
    citations: tuple[Citation, ...] = ()
    opinion: bool = False


class CouncilFinding(Frozen):
    """Something that speaks against the plan, or that its reviewers should know. `code` is a rule's id, or the name of
    what the council itself looks at; `verdict` what it calls for. `gating`: nothing runs before it is mended or
    waived."""

    agents: tuple[Agent, ...]
    code: str
    title: str
    severity: Gravity
    verdict: CouncilVerdict
    path: str
    message: str
    remediation: str = ""
    citations: tuple[Citation, ...] = Field(min_length=1)
    fix: tuple[Edit, ...] = ()
    gating: bool = False


class AgentReport(Frozen):
    """What one of them has found. `prose` are a model's sentences about it; where there are none, `silence` says why,
    unless no model is configured."""

    agent: Agent
    verdict: CouncilVerdict
    findings: tuple[CouncilFinding, ...] = ()
    prose: tuple[Claim, ...] = ()
    model: str | None = None
    silence: str | None = None


class AgentSummary(Frozen):
    """The same where the findings of all are put together."""

    agent: Agent
    verdict: CouncilVerdict
    findings: int
    prose: tuple[Claim, ...] = ()
    model: str | None = None
    silence: str | None = None


class CouncilReport(Frozen):
    """What the council says of one plan, or of a blueprint without one.

    `findings` are everybody's, each once, the strictest first; `omitted` counts what is left out of a long list, never
    a gating one. `unexamined` says what could not be looked at, and why: that counts as a finding, not as well.
    `estimate` is in US dollars a month. Of very many lines it has the dearest: the rest is only in the sum.
    """

    verdict: CouncilVerdict
    shut: bool = Field(
        default=False,
        description="Whether the gate is: a mandatory rule is broken, or the rules could not be asked.",
    )
    findings: tuple[CouncilFinding, ...] = ()
    omitted: int = 0
    agents: tuple[AgentSummary, ...] = ()
    disagreements: tuple[str, ...] = ()
    unexamined: tuple[str, ...] = ()
    waived: int = 0
    self_waived: int = Field(
        default=0,
        description="Of them, mandatory rules that only the blueprint's own text answers for: a person has to agree.",
    )
    unsaid: int = Field(default=0, description="Places that no rule could judge: nothing is said.")
    estimate: Estimate | None = None
    lines_left_out: int = Field(
        default=0, description="Lines of the estimate that are only in its sum: none is dearer."
    )
    delta: float | None = Field(
        default=None, description="US dollars a month more than what `compared_with` names."
    )
    compared_with: str | None = None
    bundle: str = ""
    book: str = ""
    plan_digest: str | None = None
    blueprint_name: str = ""

    @property
    def gating(self) -> tuple[CouncilFinding, ...]:
        """What has to be mended or waived before anything may run."""
        return tuple(found for found in self.findings if found.gating)

    def count(self) -> Mapping[CouncilVerdict, int]:
        """How many findings call for what."""
        counts = dict.fromkeys(CouncilVerdict, 0)
        for found in self.findings:
            counts[found.verdict] += 1
        return counts


class Matter(Frozen):
    """What the council is asked to look at: exactly one of words, a document, a saved blueprint and a request. `engine`
    is where it would land, if not where it says itself."""

    words: str | None = None
    document: Blueprint | None = None
    blueprint_id: int | None = None
    ipr_id: int | None = None
    engine: str | None = None


class Convened(Frozen):
    """What was looked at, what the council says of it, and that in two sentences."""

    blueprint: Blueprint
    report: CouncilReport
    summary: str
