"""What could be better about the draft: what the policy rules say of it, and ideas where they ask for nothing."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.checks import Remark, remarks
from alma.core.services.answers.words import more, sentences

_SHOWN = 3
_SUGGESTED = 3


def suggest(asked: Asked, sources: Sources) -> Told:
    """The remarks on the draft, those on what is named first, each with the words that mend it."""
    if asked.draft is None:
        return _nothing()
    found = _ordered(asked, remarks(asked, sources))
    if not found:
        return Told(
            f"I find nothing to suggest for {asked.draft.name}: no rule is broken, and nothing that matters is alone.",
            {"remarks": []},
        )
    told = [f"{item.text}{f' (say: {item.say})' if item.say else ''}" for item in found[:_SHOWN]]
    return Told(
        sentences([f"For {asked.draft.name}: {'; '.join(told)}{more(told, len(found))}"]),
        _data(found),
        _phrases(found),
    )


def _ordered(asked: Asked, found: Sequence[Remark]) -> list[Remark]:
    """What the question names comes first."""
    if asked.draft is None:
        return list(found)
    mine = {item.name for item in named.resources(asked)}
    return sorted(found, key=lambda item: bool(mine) and item.resource not in mine)


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
