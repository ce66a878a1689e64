"""What the policy rules say of the draft, and of the standards that are asked for: the same findings, score and
standing as the tools give, put briefly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.editing.edits import apply_edits
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Edit, Intent, SetField
from alma.core.model.errors import AlmaError
from alma.core.model.finding import Assessment, Finding, Gravity
from alma.core.policy.compliance import ControlStatus, Judgement
from alma.core.policy.controls import Framework, plain
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.checks import Remark, audit_of, findings
from alma.core.services.answers.words import sentences, some
from alma.core.services.compliance import Audit

_SHOWN = 3
_SUGGESTED = 3
_TRIED = 20
_GRAVE = frozenset({Gravity.CRITICAL, Gravity.HIGH})
_WORDS = re.compile(r"[A-Za-z0-9]+")
# No name of a standard has more words: `PCI DSS 4.0`, `NIST 800 53 rev 5`.
_LONGEST = 5


def answer(asked: Asked, sources: Sources) -> Told:
    """Score, standing and the gravest findings, each with its place and the words that mend it."""
    if asked.draft is None:
        return Told(
            "There is no draft in this conversation to look at. Describe what you would like to run, then ask again.",
            {"remarks": []},
        )
    audit = audit_of(asked, sources, standards=_standards(asked, sources))
    found = _ordered(asked, findings(asked, sources, audit))
    number, offer = _offer(asked.draft, audit.assessment.failed)
    return Told(
        sentences(
            [
                *(_standing(judgement) for judgement in audit.judgements[:_SHOWN]),
                _verdict(asked.draft, audit.assessment),
                _gravest(found),
                _rest(found),
                f"Say yes to have {plural('grave finding', number)} mended at once"
                if number
                else "",
                "This is no proof: a blueprint does not show how systems are run",
            ]
        ),
        _data(audit, found),
        _phrases(found),
        offer,
    )


def _standards(asked: Asked, sources: Sources) -> Sequence[str] | None:
    """The standards that are named; who asks whether it is compliant and names none gets those that concern it."""
    known = sources.compliance.known(asked.project)
    spoken = _WORDS.findall(asked.message)
    runs = {
        plain("".join(spoken[start : start + length]))
        for start in range(len(spoken))
        for length in range(1, _LONGEST + 1)
    }
    meant = [framework.id for framework in known if runs & _names(framework)]
    if meant or asked.interpretation.intent is not Intent.COMPLIANCE:
        return meant
    return None


def _names(framework: Framework) -> set[str]:
    return {plain(word) for word in (framework.id, framework.name, *framework.aliases)}


def _standing(judgement: Judgement) -> str:
    failed = judgement.counts[ControlStatus.FAILED]
    of = len(judgement.controls)
    return (
        f"{judgement.name}: {judgement.standing.replace('_', ' ')}; of {plural('control', of)} {failed} fail, "
        f"{judgement.counts[ControlStatus.PASSED]} pass, and the others are not in a blueprint or not said in this one"
    )


def _verdict(draft: Blueprint, found: Assessment) -> str:
    score = f"{found.score.value:g} of 10"
    answered = f"{found.score.coverage:.0%} of the rules' questions are answered by it"
    if not found.failed:
        return f"No rule is broken in {draft.name}: {score}; {answered}"
    stops = f", {len(found.gating)} of them stop a deployment" if found.gating else ""
    return f"{draft.name} has {score} for {plural('finding', len(found.failed))}{stops}; {answered}"


def _gravest(found: Sequence[Remark]) -> str:
    told = [
        f"{item.text} ({item.path}{f'; say: {item.say}' if item.say else ''})"
        for item in found[:_SHOWN]
    ]
    return f"The gravest: {'; '.join(told)}" if told else ""


def _rest(found: Sequence[Remark]) -> str:
    left = found[_SHOWN:]
    rules = list(dict.fromkeys(item.rule for item in left if item.rule))
    return f"And {len(left)} more, by {some(rules, shown=4)}" if left else ""


def _ordered(asked: Asked, found: Sequence[Remark]) -> list[Remark]:
    """What the question names comes first."""
    mine = {item.name for item in named.resources(asked)}
    return sorted(found, key=lambda item: bool(mine) and item.resource not in mine)


def _offer(draft: Blueprint, failed: Sequence[Finding]) -> tuple[int, tuple[Edit, ...]]:
    """How many of the grave findings can be mended together, and the edits that do it."""
    taken, edits = 0, tuple[Edit, ...]()
    for item in [item for item in failed if item.severity in _GRAVE and item.fix][:_TRIED]:
        tried = (*edits, *(edit for edit in item.fix if edit not in edits))
        if not _contradict(tried) and _possible(draft, tried):
            taken, edits = taken + 1, tried
    return taken, edits


def _contradict(edits: Sequence[Edit]) -> bool:
    """Whether two of them set the same field."""
    places = [(edit.name, edit.path) for edit in edits if isinstance(edit, SetField)]
    return len(set(places)) < len(places)


def _possible(draft: Blueprint, edits: Sequence[Edit]) -> bool:
    try:
        apply_edits(draft, edits)
    except AlmaError:
        return False
    return True


def _data(audit: Audit, found: Sequence[Remark]) -> dict[str, object]:
    assessment = audit.assessment
    return {
        "remarks": [item.model_dump(mode="json") for item in found],
        "score": assessment.score.value,
        "bundle": assessment.bundle,
        "gating": [item.rule for item in assessment.gating],
        "compliance": {judgement.name: str(judgement.standing) for judgement in audit.judgements},
    }


def _phrases(found: Sequence[Remark]) -> tuple[str, ...]:
    said = dict.fromkeys(item.say for item in found if item.say)
    return tuple(f"{phrase[:1].upper()}{phrase[1:]}" for phrase in said)[:_SUGGESTED]
