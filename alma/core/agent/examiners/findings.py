"""How a finding comes about that no rule has made."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.model.base import Json
from alma.core.model.conversation import Edit
from alma.core.model.council import (
    CALLS_FOR,
    Agent,
    Citation,
    CouncilFinding,
    CouncilVerdict,
    Evidence,
)
from alma.core.model.finding import Gravity


def fact(path: str, ref: str, value: Json = None) -> Citation:
    """Something that is said or planned."""
    return Citation(kind=Evidence.FACT, path=path, ref=ref, value=value)


def figure(path: str, ref: str, value: float | int | None) -> Citation:
    """Something computed."""
    return Citation(kind=Evidence.FIGURE, path=path, ref=ref, value=value)


def noted(
    agent: Agent,
    code: str,
    severity: Gravity,
    *,
    title: str,
    path: str,
    message: str,
    citations: Sequence[Citation],
    remediation: str = "",
    fix: Sequence[Edit] = (),
    blocks: bool = False,
) -> CouncilFinding:
    """A finding of what the council looks at itself. `blocks`: it can't run like that."""
    return CouncilFinding(
        agents=(agent,),
        code=code,
        title=title,
        severity=severity,
        verdict=CouncilVerdict.BLOCK if blocks else CALLS_FOR[severity],
        path=path,
        message=message,
        remediation=remediation,
        citations=tuple(citations),
        fix=tuple(fix),
    )
