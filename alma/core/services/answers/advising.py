"""What could be better about the draft, and what a security question can be told while there are no policy rules."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.conversation import Intent
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.checks import CHECKED, About, Remark, remarks
from alma.core.services.answers.words import more, sentences

_SHOWN = 5
_SUGGESTED = 3


def suggest(asked: Asked, sources: Sources) -> Told:
    """The remarks on the draft, those on what is named first, each with the words that mend it."""
    if asked.draft is None:
        return _nothing()
    found = _ordered(asked, remarks(asked.draft, sources.catalogue))
    if not found:
        return Told(
            f"I find nothing to suggest for {asked.draft.name}. Looked at: {CHECKED}.",
            {"remarks": []},
        )
    told = [f"{item.text}{f' (say: {item.say})' if item.say else ''}" for item in found[:_SHOWN]]
    return Told(
        sentences([f"For {asked.draft.name}: {'; '.join(told)}{more(told, len(found))}"]),
        _data(found),
        _phrases(found),
    )


def audit(asked: Asked, sources: Sources) -> Told:
    """The same remarks with their paths, said to be what they are: no audit and no verdict."""
    if asked.draft is None:
        return _nothing()
    found = _ordered(asked, remarks(asked.draft, sources.catalogue))
    told = [f"{item.text} ({item.path})" for item in found[:_SHOWN]]
    kind = "compliance check" if asked.interpretation.intent is Intent.COMPLIANCE else "audit"
    grave = sum(item.about in {About.SECURITY, About.DATA} for item in found)
    verdict = (
        f"{plural('remark', len(found))} on {asked.draft.name}, {grave} on security or data: "
        f"{'; '.join(told)}{more(told, len(found))}"
        if found
        else f"Nothing was found in {asked.draft.name}"
    )
    return Told(
        sentences(
            [
                verdict,
                (
                    f"This is no {kind} and no proof: no policy rules are here yet, and only these were looked at: "
                    f"{CHECKED}"
                ),
            ]
        ),
        _data(found),
        _phrases(found),
    )


def _ordered(asked: Asked, found: Sequence[Remark]) -> list[Remark]:
    """What the question names comes first."""
    if asked.draft is None:
        return list(found)
    mine = {item.name for item in named.resources(asked)}
    return sorted(found, key=lambda item: bool(mine) and item.path.split(".")[1] not in mine)


def _data(found: Sequence[Remark]) -> dict[str, object]:
    return {"remarks": [item.model_dump(mode="json") for item in found]}


def _phrases(found: Sequence[Remark]) -> tuple[str, ...]:
    said = dict.fromkeys(item.say for item in found if item.say)
    return tuple(f"{phrase[:1].upper()}{phrase[1:]}" for phrase in said)[:_SUGGESTED]


def _nothing() -> Told:
    return Told(
        "There is no draft in this conversation to look at. Describe what you would like to run, then ask again.",
        {"remarks": []},
    )
