"""A second reading of a message about a draft: taken where it accounts for what was said and the first does not."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.reader import Reader
from alma.core.language.reading import ACTS
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.weighing.marks import Marker
from alma.core.language.weighing.plain import plain
from alma.core.language.weighing.statements import Part, statements
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Edit, Interpretation

# Characters. Longer messages are read once: twice would take its time.
_LONGEST = 1000
_ASKED = re.compile(r"\?\s*\W*$")
_DOUBTED = re.compile(
    r"\b(?:if|whether|maybe|perhaps|might|wonder\w*|would|suppose|imagine|said|says|told|yesterday|tomorrow)\b",
    re.IGNORECASE,
)


class SecondReading:
    """Reads what is wished of things that are there, however it was put together."""

    def __init__(self, gazetteer: Gazetteer, reader: Reader) -> None:
        self._gazetteer = gazetteer
        self._reader = reader

    def weighed(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading that stands: the first, unless the second one says what is missing or amiss in it."""
        if blueprint is None or not blueprint.resources or not _may_order(text, read):
            return read
        second = self._told(text, blueprint, said)
        if second is None or not second.edits or second.question:
            return read
        same = _effects(second.edits) <= _effects(read.edits) and not read.question
        return read if same else second

    def _told(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> Interpretation | None:
        names = [resource.name for resource in blueprint.resources]
        items = self._gazetteer.tag(self._gazetteer.prepare(tokenize(text), names).tokens, names)
        marks = Marker(blueprint.resources, self._gazetteer).marks(items)
        written = in_plain_orders(text, statements(marks, names), blueprint)
        return self._reader.read(written, blueprint, said).finished() if written else None


def in_plain_orders(text: str, parts: Sequence[Part], blueprint: Blueprint) -> str | None:
    """The message with plain orders for what is clear in it, and without remarks; None where nothing is clear."""
    written, clear = [], False
    ends = [*(part.place for part in parts[1:]), len(text)]
    for part, end in zip(parts, ends, strict=False):
        orders = plain(part.statements, blueprint.resources) if part.statements else None
        clear = clear or orders is not None
        if part.statements is None or (part.statements and orders is None):
            orders = text[part.place : end].strip(" \n.;*-")
        written += [orders] if orders else []
    return ". ".join(written) if clear else None


def _may_order(text: str, read: Interpretation) -> bool:
    """Whether a message may order a change of the draft, and nothing else is done by it."""
    acting = any(act in ACTS for act in (read.intent, *read.acts))
    doubtful = len(text) > _LONGEST or _ASKED.search(text) or _DOUBTED.search(text)
    return not (acting or doubtful)


def _effects(edits: Sequence[Edit]) -> set[tuple[str, ...]]:
    """What comes of edits, each told from the others: of one field set twice, the last."""
    fields = ("op", "name", "path", "value", "to")
    told = [tuple(str(getattr(edit, field, None)) for field in fields) for edit in edits]
    last = {effect[:3]: effect for effect in told if effect[0] == "set_field"}
    return {effect for effect in told if last.get(effect[:3], effect) == effect}
