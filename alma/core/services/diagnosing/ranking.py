"""From hits to causes: how likely each is, what speaks for it and what against it.

confidence = what the signature says of itself (certain 0.9, likely 0.7, possible 0.45)
    × 0.6   where only somebody's own words speak for it, and no error text, log or record
    × 0.5   where it was seen only in what a later success has overtaken
    + 0.25 of what is missing to 1, for each check that supports it
    + 0.15 of what is missing to 1, where it is seen in a second place
    × 0.5   for each check that contradicts it
    × 0.6   where it is another platform's trouble, and once more where none of the resources runs that software
    × 0.6   where every line of it is about something else than what is affected
and 0.97 at most: a line in a log is never proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alma.core.model.blueprint import ResourceType
from alma.core.model.signature import Area, Cause, Evidence, Sign, Signature, Sureness
from alma.core.services.diagnosing.issue import Issue
from alma.core.services.diagnosing.matching import Fact, Hit
from alma.core.services.diagnosing.mending import edits_of
from alma.core.services.diagnosing.signatures import HOLE, SignatureBook
from alma.core.services.diagnosing.texts import Kind

SHOWN_CAUSES = 5
_SHOWN_LINES = 4
_COMPARED = 50
_MOST = 0.97
_BASE = {Sureness.CERTAIN: 0.9, Sureness.LIKELY: 0.7, Sureness.POSSIBLE: 0.45}
_SAID, _PAST, _SUPPORT, _SECOND, _CONTRADICTED, _ELSEWHERE = 0.6, 0.5, 0.25, 0.15, 0.5, 0.6
_PLATFORMS = {Area.PROXMOX: "Proxmox VE", Area.DOCKER: "Docker"}


def ranked(
    book: SignatureBook,
    hits: Mapping[str, Sequence[Hit]],
    facts: Sequence[Fact],
    issue: Issue,
    *,
    engines: Sequence[str] = (),
) -> tuple[Cause, ...]:
    """The causes, the likeliest first; of two alike, the one that is further up in the files. `engines` are where what
    is affected runs."""
    causes = [
        _cause(item.signature, hits[item.signature.id], facts, issue, engines=engines)
        for item in book.signatures
        if item.signature.id in hits
    ]
    return tuple(sorted(causes, key=lambda cause: -cause.confidence)[:SHOWN_CAUSES])


def _cause(
    signature: Signature,
    hits: Sequence[Hit],
    facts: Sequence[Fact],
    issue: Issue,
    *,
    engines: Sequence[str],
) -> Cause:
    best = max(hits, key=_weight)
    supports = _told(signature.supported_by, facts)
    against = [f"{item.place}: {item.text}" for item in _told(signature.contradicted_by, facts)]
    confidence = _BASE[signature.sure] * _weight(best)
    for _ in supports:
        confidence += (1 - confidence) * _SUPPORT
    if len({hit.evidence.place for hit in hits}) > 1:
        confidence += (1 - confidence) * _SECOND
    confidence *= _CONTRADICTED ** len(against)
    elsewhere = [*_elsewhere(signature, hits, issue, engines)]
    confidence *= _ELSEWHERE ** len(elsewhere)
    if best.past:
        against.append(best.past)
    addresses = dict.fromkeys(hit.evidence.address for hit in hits if hit.evidence.address)
    return Cause(
        id=signature.id,
        title=signature.title,
        area=signature.area,
        sure=signature.sure,
        confidence=round(min(confidence, _MOST), 2),
        means=filled(signature.means, best.words),
        evidence=(*_lines(hits), *supports),
        seen=len(hits) + len(supports),
        against=(*against, *elsewhere),
        addresses=tuple(addresses),
        checks=signature.checks,
        fix=signature.fix,
        edits=edits_of(signature, tuple(addresses), issue),
    )


def _weight(hit: Hit) -> float:
    return (_SAID if hit.kind is Kind.SAID else 1) * (_PAST if hit.past else 1)


def _told(signs: Iterable[Sign], facts: Sequence[Fact]) -> list[Evidence]:
    """One fact for each of the signs that a check has shown."""
    found = []
    for sign in dict.fromkeys(signs):
        fact = next((fact for fact in facts if fact.sign is sign), None)
        if fact is not None:
            found.append(Evidence(place=fact.place, text=fact.text, address=fact.address))
    return found


def _elsewhere(
    signature: Signature, hits: Sequence[Hit], issue: Issue, engines: Sequence[str]
) -> Iterable[str]:
    where = {name.partition("@")[0] for name in engines} - {"simulation"}
    if signature.area in _PLATFORMS and where and signature.area.value not in where:
        yield f"it is {_PLATFORMS[signature.area]}'s trouble, and this runs on {', '.join(sorted(engines))}"
    resources = issue.blueprint.resources if issue.blueprint else ()
    clusters = any(item.type is ResourceType.KUBERNETES_CLUSTER for item in resources)
    if (
        signature.area is Area.KUBERNETES
        and resources
        and not clusters
        and "kubernetes" not in where
    ):
        yield "it is Kubernetes' trouble, and there is no cluster in this blueprint"
    runs = {item.engine for item in resources}
    if signature.software and resources and not runs & {*signature.software, None}:
        yield f"nothing here runs {' or '.join(signature.software)}"
    if not any(issue.concerns(hit.evidence.address) for hit in hits):
        yield f"it is about {hits[0].evidence.address}, not about {issue.about}"


def _lines(hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """The telling ones: the heaviest, each text once and not again inside another, the first and the last of many."""
    order = sorted(hits, key=lambda hit: -_weight(hit))
    once: list[Evidence] = []
    for hit in order[:_COMPARED]:
        if not any(hit.evidence.text in other.text for other in once):
            once.append(hit.evidence)
    if len(once) <= _SHOWN_LINES:
        return tuple(once)
    return (*once[: _SHOWN_LINES - 1], once[-1])


def filled(text: str, words: Mapping[str, str]) -> str:
    """The text with the named parts of a line, or what stands for them."""
    shown = HOLE.sub(lambda hole: words.get(hole["name"]) or hole["otherwise"] or "", text)
    for wrong, right in (
        ("  ", " "),
        (" ,", ","),
        (" ;", ";"),
        (" .", "."),
        ("( )", ""),
        ("()", ""),
    ):
        shown = shown.replace(wrong, right)
    return shown.replace("  ", " ").strip()
