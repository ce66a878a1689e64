"""Removing where several were spoken of: "remove two of them" means so many, "delete the db" may mean either."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.resize import Resizer
from alma.core.language.changing.targets import Targets
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.model.blueprint import Resource

_THEM = {"them", "these", "those", "they"}
_SEVERAL = 2


def spoken_together(parsed: Parsed, targets: Targets, resizer: Resizer) -> list[Resource] | None:
    """`Remove them`: all that were spoken of together; empty where there are only to be fewer (`two of them`), None
    where one is meant. Raises Asks."""
    spoken = [resource for resource in targets.resources if resource.name in targets.recent]
    if parsed.pronoun not in _THEM or len(spoken) < _SEVERAL:
        return None
    number = parsed.bare_number
    if number is None or number >= len(spoken):
        return spoken
    parsed.unused = parsed.unused[1:]  # the number's own word
    resizer.resize(spoken, len(spoken) - number)
    return []


def any_of(found: Sequence[Resource], phrase: Phrase, parsed: Parsed, targets: Targets) -> bool:
    """Whether one is to go of several that were spoken of together, none of them last."""
    several = phrase.plural or phrase.selector or phrase.group or (phrase.count or 1) > 1
    one = phrase.determiner is Determiner.DEFINITE and not several
    together = sum(resource.name in targets.recent for resource in found) > 1
    named = any(each.existing for each in parsed.phrases)
    return one and together and not named and not parsed.everything
