"""What the council says of a plan, in the two sentences that a conversation has room for."""

from __future__ import annotations

from collections.abc import Mapping

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.council import CouncilFinding, CouncilReport, CouncilVerdict

_OPENING: Mapping[CouncilVerdict, str] = {
    CouncilVerdict.BLOCK: "The council blocks it",
    CouncilVerdict.REQUEST_CHANGES: "The council asks for changes",
    CouncilVerdict.COMMENT: "The council has remarks",
    CouncilVerdict.APPROVE: "The council has nothing against it",
}


def council_words(report: CouncilReport | None) -> str:
    """The verdict with the gravest of what it rests on, and what that means for the request; nothing where the council
    was not asked."""
    if report is None:
        return ""
    grounds = _grounds(report)
    first = f"{_OPENING[report.verdict]}{f': {grounds}' if grounds else ''}."
    return " ".join(part for part in (first, _meaning(report)) if part)


def _grounds(report: CouncilReport) -> str:
    if not report.findings:
        return report.unexamined[0].rstrip(".") if report.unexamined else ""
    total = len(report.findings) + report.omitted
    gravest = _told(report.findings[0])
    return f"{gravest}, and {plural('further point', total - 1)}" if total > 1 else gravest


def _told(found: CouncilFinding) -> str:
    return f"{found.message.rstrip('.')} ({found.code})"


def _meaning(report: CouncilReport) -> str:
    """What follows for whoever decides."""
    if report.shut:
        ways = [found.remediation.rstrip(".") for found in report.gating[:1] if found.remediation]
        mend = f"mend it ({ways[0][0].lower()}{ways[0][1:]})" if ways else "mend it"
        return f"Nobody can approve it like this: {mend}, or waive the rule."
    if report.self_waived:
        rules = plural("mandatory rule", report.self_waived)
        return f"The blueprint itself waives {rules}: to approve it is to agree to that."
    missing = [item for item in report.unexamined if report.findings]
    unseen = f"; not examined: {missing[0].rstrip('.')}" if missing else ""
    if report.verdict is CouncilVerdict.APPROVE:
        return ""
    return (
        f"That is for you to weigh{unseen}." if report.verdict is not CouncilVerdict.BLOCK else ""
    )
