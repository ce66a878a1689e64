"""Other software for what is there, said as a correction: "my mistake, they use MySQL", "colleagues say postgres "
"would be
better. swap it".

Nothing in such a message orders anything; but it corrects what was drafted, and names one software that would be in the
same place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.blueprint import Blueprint, Resource

_LONGEST = 18
_CORRECTS = seldom(
    r"\b(?:mistake|oops|whoops|sorry|wrong|actually|better|rather|instead|swap|switch|change (?:it|that|the)|nah|nope|"
    r"prefer\w*|they (?:use|run|have|want)|we (?:use|run|have|want)|meant|misread|mis-?spoke|misspoken|correction|"
    r"slip of the (?:tongue|pen)|brain fart|typo|mistyped|should(?:'ve| have)? (?:be|been|use)|"
    r"scratch that|my bad|turns out|wait|hang on|hold on|no|in its (?:place|stead))\b",
    re.IGNORECASE,
)
# What is chosen by pointing at it, or by nothing but its name: "go with that", "redis it is", "redis then".
_CHOOSES = seldom(
    r"\b(?:go(?:ing)?|let['’]?s|we['’]?ll|i['’]?ll|take|use|do|have|try|pick|choose|give me)"
    r"(?: (?:go|take|use|do|have|try|pick|with|for))* (?:that|this|it)(?: one)?\b|\bthe [\w.-]+ (?:one|way)\b|"
    r"\bit is(?: then)?\W*$|\bthen(?: please)?(?: with \d.*)?\W*$|"
    r"^\W*(?:(?:ok|okay|alright|fine|well)\W+)*then [\w.-]+\W",
    re.IGNORECASE,
)
# Only what is compared with what is there is lighter or simpler.
_COMPARES = seldom(
    r"\b(?:is|are|be|seems?|looks?|sounds?|['’]s)(?: (?:a (?:lot|bit)|much|way|far|also))? (?:more|less) [a-z]+|"
    r"\b(?:is|are|be|seems?|looks?|sounds?|['’]s)(?: (?:a (?:lot|bit)|much|way|far|also))? "
    r"(?!(?:other|another|ever|never|over|under|either|after|together|proper)\b)[a-z]{2,}er\b|"
    r"\b(?:recommends?|swears? by|suggests?|favou?rs?|likes?)\b",
    re.IGNORECASE,
)
# "Then redis, same size": what there is keeps the size that was written in its place.
_THE_SAME_SIZE = seldom(
    r"^\W*(?:(?:ok|okay|alright|fine|well)\W+)*(?:then )?[\w.-]+(?: then)? with \d", re.IGNORECASE
)
_ADDS = seldom(
    r"\b(?:add|also|as well|plus|another|additional|create|deploy|both|besides|along|keep|stay\w*|without|need for|"
    r"no need|how|what|why|which|if|when|migrate|connect|difference|compare)\b|\?|"
    r"\btoo(?=\W*(?:$|[,.;!]|please|pls|then))|^\W*and\b",
    re.IGNORECASE,
)
_NOT = {"no", "not", "without", "never", "don't", "dont", "than", "of", "over"}


class Preferring:
    """Finds the software that is to run instead of what does."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def preferred(self, message: str, blueprint: Blueprint) -> str | None:
        """The correction as an order, None if a message is no such correction."""
        if len(message.split()) > _LONGEST or _ADDS.search(message) or not _chooses(message):
            return None
        names = [resource.name for resource in blueprint.resources]
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(message), names).tokens, names)
        running = {resource.engine for resource in blueprint.resources}
        said = [
            n for n, item in enumerate(items) if item.id_of(Sort.SOFTWARE) not in {None, *running}
        ]
        new = [n for n in said if not n or items[n - 1].norm not in _NOT]
        # "The forum wants postgres" names who wants it as well.
        new = [n for n in new if self._in_its_place(items[n], blueprint)]
        sized = any(item.kind is Kind.SIZE for item in items) and not _THE_SAME_SIZE.search(message)
        if len({items[n].id_of(Sort.SOFTWARE) for n in new}) != 1 or sized:
            return None
        owners = self._in_its_place(items[new[0]], blueprint)
        version = _version(items, new[0])
        return f"switch {' and '.join(r.name for r in owners)} to {items[new[0]].text}{version}"

    def _in_its_place(self, item: Item, blueprint: Blueprint) -> Sequence[Resource]:
        """Those whose place the software could take: what runs software of its kind, and all of them the same."""
        wanted = item.terms[Sort.SOFTWARE].data.get("type")
        kinds = self._gazetteer.software
        fitting = [
            r for r in blueprint.resources
            if r.engine is not None and wanted in {r.type, kinds.get(r.engine, {}).get("type")}
        ]  # fmt: skip
        return fitting if len({resource.engine for resource in fitting}) == 1 else ()


def _chooses(message: str) -> bool:
    """Whether a message corrects what was said, or chooses what it compares or only names."""
    return any(way.search(message) for way in (_CORRECTS, _CHOOSES, _COMPARES))


def _version(items: Sequence[Item], place: int) -> str:
    after = items[place + 1] if place + 1 < len(items) else None
    return f" {after.text}" if after is not None and after.kind is Kind.NUMBER else ""
