"""What each part of a message has to do with what is to be done: wanted, told beside it, to be left alone, or asked.

People write mails: "the old box had 64 GB, Tom's team runs three redis nodes, and web-1 should get 8". Most words order
nothing, and name what could be ordered all the same. Which part does what shows in its words, and in those before and
after it, in more ways than rules could be written down for; so a linear model knows it by examples.

`bearings.txt` holds the examples: messages in which every part is marked. `bearings.json` holds the weights learned
from them: `python -m benchmarks.intents` learns them anew, and a test sees that they belong together.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from alma.core.language.intent.intents import words
from alma.core.language.intent.linear import Linear, letters
from alma.core.language.intent.spans import Span, spans
from alma.core.language.vocabulary.gazetteer import Gazetteer

FOLDER = Path(__file__).parent
EXAMPLES, WEIGHTS = FOLDER / "bearings.txt", FOLDER / "bearings.json"
_LINE = re.compile(r"^(?P<names>.*?)\s*\|\s*(?P<marked>(?:\{[wktq]:[^{}]*\}\s*)+)$")
_MARKED = re.compile(r"\{(?P<mark>[wktq]):(?P<text>[^{}]*)\}\s*")
_ENDS = ".!?:,"
_MOST, _NEAR, _LONG = 5, 3, 4
# A part in which so many letters are wanted is wanted, whatever else it tells.
_SOME = 8


class Bearing(StrEnum):
    """What a part of a message does."""

    WANTED = "wanted"
    KEPT = "kept"
    TOLD = "told"
    ASKED = "asked"


_MARKS = {
    "w": Bearing.WANTED,
    "k": Bearing.KEPT,
    "t": Bearing.TOLD,
    "q": Bearing.ASKED,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message, and how much is believed of each bearing: the shares add up to 1."""

    span: Span
    shares: dict[str, float]

    def share(self, bearing: Bearing) -> float:
        return self.shares.get(bearing, 0.0)


class Bearings:
    """Tells the bearings of a message's parts. The weights are read when the first message comes."""

    def __init__(self, gazetteer: Gazetteer, weights: Path = WEIGHTS) -> None:
        self._gazetteer = gazetteer
        self._file = weights

    def parts(self, message: str, names: Sequence[str] = ()) -> list[Part]:
        """The parts of a message in their order. `names` are those of the draft's resources."""
        found = spans(message)
        described = features(self._gazetteer, found, names)
        return [
            Part(span, dict(self._model.shares(each)))
            for span, each in zip(found, described, strict=True)
        ]

    @cached_property
    def _model(self) -> Linear:
        return Linear.loaded(self._file)


def features(gazetteer: Gazetteer, said: Sequence[Span], names: Sequence[str]) -> list[set[str]]:
    """What is to be weighed of each part: its words, runs of two of them and of their letters, how it begins and ends,
    where it stands, and how the parts before and after it begin."""
    own = [words(gazetteer, span.text, names) for span in said]
    return [_features(own, place, span, drafted=bool(names)) for place, span in enumerate(said)]


def _features(own: Sequence[Sequence[str]], place: int, span: Span, *, drafted: bool) -> set[str]:
    run = ["^", *own[place], "$"]
    found = {*own[place], *(f"{one} {two}" for one, two in pairwise(run))}
    found = found.union(*map(letters, own[place]))
    last = span.text.rstrip()[-1:]
    where = "first" if not place else "last" if place == len(own) - 1 else "middle"
    found |= {
        f"@{where}",
        f"@of {min(len(own), _MOST)}",
        f"@{'draft' if drafted else 'new'}",
        f"@{'begins' if span.begins else 'goes on'}",
        f"@long {min(len(own[place]) // _LONG, _MOST)}",
        f"@end {last if last in _ENDS else ''}",
    }
    before = own[place - 1] if place else ["^^"]
    after = own[place + 1] if place + 1 < len(own) else ["$$"]
    for side, near in (("<", before), (">", after)):
        found |= {f"{side}{word}" for word in near[:_NEAR]}
        found.add(f"{side}{' '.join(near[:2])}")
    if not span.begins:
        found |= {f"<<{word}" for word in before}
    return found


# ── learning ─────────────────────────────────────────────────────────────────────────────────────────

# What sentences that stand alone bear, by the intent that they are examples of.
_ALONE = {
    **dict.fromkeys(
        (
            "create",
            "change",
            "deploy",
            "destroy",
            "rollback",
            "undo",
            "approve",
            "reject",
            "migrate",
        ),
        Bearing.WANTED,
    ),
    **dict.fromkeys(
        (
            "status",
            "list",
            "explain",
            "cost",
            "audit",
            "compliance",
            "compare",
            "capacity",
            "forecast",
            "suggest",
            "help",
        ),
        Bearing.ASKED,
    ),
}


def lessons(
    gazetteer: Gazetteer, document: str, sentences: Mapping[str, Sequence[str]]
) -> list[tuple[set[str], str]]:
    """What the model is learned from: the parts of marked messages, and `sentences` by their intents, of those that
    stand alone. Raises ValueError for a line of the document that is no example."""
    found = [
        pair for names, marked in examples(document) for pair in labelled(gazetteer, names, marked)
    ]
    for intent, bearing in _ALONE.items():
        names = [] if intent == "create" else ["it"]
        for said in map(spans, sentences[intent]):
            if len(said) == 1:
                found += [(each, bearing) for each in features(gazetteer, said, names)]
    return found


def examples(document: str) -> Iterator[tuple[Sequence[str], Sequence[tuple[str, Bearing]]]]:
    """The examples of a document: of each message the names in its draft, and its stretches with their marks. Raises
    ValueError for a line that is none."""
    for number, line in enumerate(document.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        found = _LINE.match(line.strip())
        if found is None:
            raise ValueError(f"line {number} has no marked message: {line[:60]}")
        names = [name.partition(":")[0].strip() for name in found["names"].split(",")]
        marked = [
            (each["text"].replace(r"\n", "\n"), _MARKS[each["mark"]])
            for each in _MARKED.finditer(found["marked"])
        ]
        yield [name for name in names if name], marked


def labelled(
    gazetteer: Gazetteer, names: Sequence[str], marked: Sequence[tuple[str, Bearing]]
) -> list[tuple[set[str], str]]:
    """The parts of an example as they are cut when a message is read, each with what most of it was marked as."""
    text, marks = "", []
    for stretch, bearing in marked:
        text += " " if text and not text.endswith("\n") else ""
        marks.append((len(text), len(text) + len(stretch), bearing))
        text += stretch
    said = spans(text)
    described = features(gazetteer, said, names)
    return [(each, _mark(span, marks)) for span, each in zip(said, described, strict=True)]


def _mark(span: Span, marks: Sequence[tuple[int, int, Bearing]]) -> Bearing:
    shared: Counter[Bearing] = Counter()
    for start, end, bearing in marks:
        shared[bearing] += max(0, min(span.end, end) - max(span.start, start))
    most = shared.most_common(1)[0][0]
    return Bearing.WANTED if most is Bearing.TOLD and shared[Bearing.WANTED] > _SOME else most
