"""What "it" can't be: an order about something spoken of, where nothing was spoken of, makes nothing instead."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import AddResource, Intent, Interpretation

_OF_IT = seldom(
    r"^\W*(?:(?:please|now|ok|okay|and|then|also|just|can you|could you)\W+)*"
    r"(?:make|scale|move|turn|put|set|keep|rename|call|grow|shrink|resize|double)\s+"
    r"(it|them|that|this|these|those|(?:the|our|my) [\w-]+(?=\s+(?:bigger|smaller|larger|faster|stronger|beefier)\b))"
    r"\b(?!\s+(?:is|are|was|were)\b)",
    re.IGNORECASE,
)


def unfounded(
    text: str, read: Interpretation, blueprint: Blueprint | None
) -> Interpretation | None:
    """The question to ask instead of a reading that made something of "it"; None for every other."""
    word = _OF_IT.match(text)
    there = blueprint is not None and blueprint.resources
    if word is None or there or not any(isinstance(edit, AddResource) for edit in read.edits):
        return None
    return Interpretation(
        intent=Intent.CHANGE,
        acts=(Intent.CHANGE,),
        question=(
            f"There is nothing in this conversation yet that '{word[1].lower()}' could be. "
            "What would you like to run?"
        ),
    )
