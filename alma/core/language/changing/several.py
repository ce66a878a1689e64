"""Removing where several were spoken of: "remove two of them" means so many, "delete the db" may mean either."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.changing.resize import Resizer
from alma.core.language.changing.targets import Targets, stem
from alma.core.language.editing.outcome import Asks
from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import listed
from alma.core.model.blueprint import DATA, Resource

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
    if not _alike(spoken):
        names = [resource.name for resource in spoken]
        question = (
            f"Which {'one' if number == 1 else number} should go: {listed(names, last='or')}?"
        )
        raise Asks(question, open=True, among=names, about="one of them")
    parsed.unused = parsed.unused[1:]  # the number's own word
    resizer.resize(spoken, len(spoken) - number)
    return []


def _alike(resources: Sequence[Resource]) -> bool:
    """Whether nothing but their numbers tells them apart: then nobody can mean a certain one."""
    first, *others = resources
    plain = first.model_copy(update={"name": stem(first)})
    return all(each.model_copy(update={"name": stem(each)}) == plain for each in others)


def any_of(found: Sequence[Resource], phrase: Phrase, parsed: Parsed, targets: Targets) -> bool:
    """Whether one is to go of several that were spoken of together, none of them last."""
    several = phrase.plural or phrase.selector or phrase.group or (phrase.count or 1) > 1
    one = phrase.determiner is Determiner.DEFINITE and not several
    together = sum(resource.name in targets.recent for resource in found) > 1
    named = any(each.existing for each in parsed.phrases)
    return one and together and not named and not parsed.everything


def whichever(found: Sequence[Resource], phrase: Phrase, parsed: Parsed) -> bool:
    """Whether `remove one of the databases` may take the last of them: not where each has its data and a name of its
    own. False where it is said beside it which (`…`, `p2`); raises Asks where it is not."""
    if not any(r.type in DATA for r in found) or len({stem(r) for r in found}) == 1:
        return True
    names = [resource.name for resource in found]
    if any(each.existing in names for each in parsed.phrases if each is not phrase):
        return False
    question = f"Which should go: {listed(names, last='or')}?"
    raise Asks(question, open=True, among=names, about=phrase.text)
