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
    r"prefer\w*|they (?:use|run|have|want)|we (?:use|run|have|want)|meant|misread|correction|should(?:'ve| have)? "
    r"(?:be|been|use)|"
    r"scratch that|my bad|turns out|wait|hang on|hold on|no)\b|^\W*(?:ok|okay|alright|fine|"
    r"well)\W+[\w.-]+(?: \d[\d.]*)?\W+then\W*$",
    re.IGNORECASE,
)
_ADDS = seldom(
    r"\b(?:add|also|too|as well|plus|another|additional|create|deploy|both|besides|along|keep|stay\w*|without|need for|"
    r"no need|how|what|why|which|if|when|migrate|connect|difference|compare)\b|\?",
    re.IGNORECASE,
)
_NOT = {"no", "not", "without", "never", "don't", "dont", "than", "of", "over"}


class Preferring:
    """Finds the software that is to run instead of what does."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def preferred(self, message: str, blueprint: Blueprint) -> str | None:
        """The correction as an order, None if a message is no such correction."""
        if (
            len(message.split()) > _LONGEST
            or _ADDS.search(message)
            or not _CORRECTS.search(message)
        ):
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
        if len(new) != 1 or any(item.kind is Kind.SIZE for item in items):
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


def _version(items: Sequence[Item], place: int) -> str:
    after = items[place + 1] if place + 1 < len(items) else None
    return f" {after.text}" if after is not None and after.kind is Kind.NUMBER else ""
