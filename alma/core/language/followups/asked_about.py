"""One of what was only asked about: "what is LXC?" and then "ok, make me one with Debian".

Nothing of the kind is there yet, so "one" is a new one: it is put as the noun that the question was about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint

_LONGEST = 200
_ASKING = seldom(
    r"^\W*(?:(?:ok|okay|hi|hello|hey|so|and|but|sorry|please|alma)\W+)*(?:what|which|how|why|when|is|are|do|does|can|could|"
    r"should|would|explain|describe|define|tell me|remind me)\b|\?\s*$",
    re.IGNORECASE,
)
_ONE = seldom(
    r"\b(?P<verb>(?:make|give|create|deploy|set|get|build|spin|want|need|have|take|like|run|add|install|put|start|try|launch)"
    r"(?: (?:me|us|up|in))*) (?P<number>one|two|three|four|five|\d)(?: of (?:those|these|them))?"
    r"(?=\W*$|[,.;!]| (?:with|called|named|for|please|pls|on|in|running|then|up|too|and|as well|having|of \d)\b)",
    re.IGNORECASE,
)
_KINDS = (Sort.TYPE, Sort.SOFTWARE, Sort.PRODUCT)


def one_of_it(
    message: str, blueprint: Blueprint | None, said: Sequence[str], gazetteer: Gazetteer
) -> str:
    """The message with what "one" stands for; as it is, where nothing or something else was asked before it."""
    if not said or len(said[-1]) > _LONGEST or not _ASKING.search(said[-1]):
        return message
    found = _ONE.search(message)
    kind = _asked(said[-1], blueprint, gazetteer) if found is not None else None
    if found is None or kind is None:
        return message
    number = found["number"].casefold()
    one = f"{found['verb']} {'a' if number in {'one', '1'} else number} {kind}"
    return f"{message[: found.start()]}{one}{message[found.end() :]}"


def _asked(question: str, blueprint: Blueprint | None, gazetteer: Gazetteer) -> str | None:
    """The one kind of thing that a question is about, of which there is none yet."""
    items = gazetteer.tag(gazetteer.prepare(tokenize(question)).tokens)
    kinds = {item.norm: item for item in items if item.terms.keys() & set(_KINDS)}
    there = blueprint.resources if blueprint is not None else ()
    known = {*(resource.type.value for resource in there), *(r.engine for r in there)}
    if len(kinds) != 1:
        return None
    [(norm, item)] = kinds.items()
    return None if any(item.id_of(sort) in known for sort in _KINDS) else norm
