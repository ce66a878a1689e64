"""Looks for signatures in texts. Time grows with the text and the number of patterns, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.signature import Evidence, Sign
from alma.core.services.diagnosing.signatures import Compiled, SignatureBook
from alma.core.services.diagnosing.texts import Kind, Part, Text, last_lines, quoted

# Lines that are counted for one pattern in one text; more tell nothing more.
_MOST = 500
_GROUP_LENGTH = 80
_SOUNDS_BAD = (
    b"error", b"fatal", b"panic", b"exception", b"fail", b"denied", b"refused", b"timed out", b"timeout", b"cannot",
    b"can't", b"unable", b"critical", b"emerg", b"traceback", b"killed", b"abort",
)  # fmt: skip

Hide = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a check showed by itself."""

    sign: Sign
    text: str
    place: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """One line, or one fact, that shows a signature. `words` are the parts of the line that have a name."""

    evidence: Evidence
    kind: Kind
    past: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Matched:
    """What was found in all texts: hits by the signature's id, and lines that sound bad and that nothing explains."""

    hits: dict[str, list[Hit]] = field(default_factory=dict)
    unexplained: list[Evidence] = field(default_factory=list)


def matched(
    book: SignatureBook, texts: Iterable[Text], facts: Iterable[Fact], hide: Hide
) -> Matched:
    """Every signature that a text or a fact shows. CPU-bound: call it in a thread."""
    found = Matched()
    for text in texts:
        explained: set[int] = set()
        for item in book.signatures:
            for index, hit in _in_text(item, text, hide):
                explained.add(index)
                found.hits.setdefault(item.signature.id, []).append(hit)
        if text.kind is not Kind.SAID:
            found.unexplained.extend(_left(text, explained, hide))
    told = list(facts)
    for item in book.signatures:
        for fact in (fact for fact in told if fact.sign in item.signature.signs):
            evidence = Evidence(
                place=fact.place, text=quoted(fact.text, hide), address=fact.address
            )
            found.hits.setdefault(item.signature.id, []).append(Hit(evidence, Kind.READ))
    return found


def _in_text(item: Compiled, text: Text, hide: Hide) -> Iterator[tuple[int, Hit]]:
    """One hit for each line, in the order of the lines."""
    seen: dict[int, Hit] = {}
    for pattern in item.patterns:
        for part in text.parts:
            for index, match in _lines(pattern, item.unless, part):
                if index not in seen:
                    seen[index] = _hit(text, part, index, match, hide=hide)
    yield from sorted(seen.items())


def _lines(pattern: Any, unless: tuple[Any, ...], part: Part) -> Iterator[tuple[int, Any]]:
    position = 0
    for _ in range(_MOST):
        match = pattern.search(part.data, position)
        if match is None:
            return
        window = part.window(match.start(), match.end())
        if not any(other.search(window) for other in unless):
            yield part.index(match.start()), match
        position = part.end(match.end()) + 1
        if position >= len(part.data):
            return


def _hit(text: Text, part: Part, index: int, match: Any, *, hide: Hide) -> Hit:
    line = part.window(match.start(), match.end())
    number, address = text.line(index)
    evidence = Evidence(
        place=text.place, line=number or None, text=_shown(line, match, hide), address=address
    )
    words = {
        name.decode(): quoted(value.decode(errors="replace"), hide)[:_GROUP_LENGTH]
        for name, value in match.groupdict().items()
        if value
    }
    return Hit(evidence, text.kind, text.past, words)


def _shown(line: bytes, match: Any, hide: Hide) -> str:
    """The line, of a long one the neighbourhood of what was found."""
    whole = hide(line.decode(errors="replace"))
    around = whole.find(match.group(0).decode(errors="replace"))
    return quoted(whole, lambda text: text, max(around, 0))


def _left(text: Text, explained: set[int], hide: Hide) -> list[Evidence]:
    """The last lines that sound bad and were not found by any signature."""
    kept = []
    for part in reversed(text.parts):
        for index, line in last_lines(part):
            lowered = line.lower()
            if index in explained or not any(word in lowered for word in _SOUNDS_BAD):
                continue
            number, address = text.line(index)
            shown = quoted(line.decode(errors="replace"), hide)
            kept.append(Evidence(place=text.place, line=number, text=shown, address=address))
            if len(kept) >= _UNEXPLAINED:
                return kept[::-1]
    return kept[::-1]


_UNEXPLAINED = 3
