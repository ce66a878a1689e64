"""Amounts whose noun was said before: "put the worker on 4 cores and the api on 8", "8GB for api and 16 for the db".

In a list of alike orders the second leaves out what it shares with the first. What is left out is put back, so that
each of them can be read by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.subjects import COPIES
from alma.core.language.words.tokens import Kind, Token

_ENDS = {".", "!", "?", ";", "…"}
_JOINTS = {"and", ",", "but", "&", "\n", "while", "/"}
_MORE = {"more", "extra", "additional", "less", "fewer"}
_BEFORE = {
    "to",
    "on",
    "at",
    "with",
    "get",
    "gets",
    "=",
    ":",
    "for",
    "have",
    "has",
    "needs",
    "need",
    "only",
    "just",
}
_AFTER = {"for", "each", "too", "instead", "please", "to", "on", "apiece", "there"}
_FURTHER = {"another", "second", "third", "extra", "additional", "further"}
_PATHS = {"specs.cpu", "specs.memory", "specs.disk", "specs.gpu"}
_COUNTED = {"specs.cpu", "specs.gpu"}
_CHANGED = {"bigger", "larger", "smaller", "beefier", "big", "large", "small"}
_BREAKS = {",", ":", "-", "–", "—", "("}
_PORTS = {
    "expose",
    "open",
    "publish",
    "listen",
    "listens",
    "port",
    "ports",
    "close",
    "upgrade",
    "version",
}
_PUTTING = {"give", "put", "set", "make", "get", "let"}

Verb = Callable[[Sequence[Token], int], str | None]


@dataclass(slots=True)
class _Said:
    """What the last whole amount of a sentence was of: its noun, and the unit of a size."""

    noun: Sequence[Token] = field(default_factory=tuple)
    unit: str = ""


def without_gaps(tokens: Sequence[Token], gazetteer: Gazetteer, verb: Verb) -> tuple[Token, ...]:
    """The tokens with the noun or the unit of such amounts as it was said before."""
    out: list[Token] = []
    said, begin = _Said(), 0
    index = 0
    tokens = _singles(tokens, gazetteer)
    while index < len(tokens):
        token = tokens[index]
        out.append(token)
        index += 1
        if token.norm in _JOINTS | _ENDS and token.kind is not Kind.QUOTED:
            begin = index
            said = _Said() if token.norm in _ENDS else said
        elif token.kind in {Kind.NUMBER, Kind.SIZE}:
            more = _norm(tokens, index) in _MORE
            index_of_noun = index + more + (_norm(tokens, index + more) == "of")
            noun = _noun(tokens[index_of_noun : index_of_noun + 3], gazetteer)
            if noun or (token.kind is Kind.SIZE and not said.unit and not said.noun):
                unit = str(token.value).lstrip("0123456789.") if token.kind is Kind.SIZE else ""
                said = _Said(noun, unit)
            elif (said.noun or said.unit) and _lacks(tokens, begin, index - 1, index + more, verb):
                own = _named(tokens[begin : index - 1], gazetteer)
                counted = own & _COUNTED
                out[-1] = token if counted else _united(token, said.unit)
                noun = () if own else _here(said.noun, token)
                out += [*tokens[index : index + more], *noun]
                index += more
    return tuple(out)


def _singles(tokens: Sequence[Token], gazetteer: Gazetteer) -> Sequence[Token]:
    """`another cpu`, `a second gpu` as `1 more cpu`; `bigger, 32GB` as `32GB`."""
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if _told_how_big(tokens[index : index + 3]):
            index += 2
            continue
        article = token.norm in {"a", "an"} and _norm(tokens, index + 1) in _FURTHER
        used = 1 + article if article or token.norm in _FURTHER else 0
        if token.norm == "single" and _norm(tokens, index + 1) in COPIES:
            if out and out[-1].norm in {"a", "the"}:
                out.pop()
            out.append(replace(token, text="1", norm="1", kind=Kind.NUMBER, value=1))
            index += 1
            continue
        item = gazetteer.tag(tokens[index + used : index + used + 3])[:1] if used else ()
        if item and item[0].id_of(Sort.ATTRIBUTE) in {"specs.cpu", "specs.gpu"}:
            one = replace(token, text="1", norm="1", kind=Kind.NUMBER, value=1)
            out += [one, replace(token, text="more", norm="more", kind=Kind.WORD, value=None)]
            index += used
        else:
            out.append(token)
            index += 1
    return out


def _told_how_big(tokens: Sequence[Token]) -> bool:
    """`bigger, 32GB`."""
    words = [token.norm for token in tokens[:2]]
    changed = len(tokens) > 2 and words[0] in _CHANGED and words[1] in _BREAKS
    return changed and tokens[2].kind is Kind.SIZE


def _noun(tokens: Sequence[Token], gazetteer: Gazetteer) -> Sequence[Token]:
    """The noun of an amount, if one stands there."""
    if not tokens or tokens[0].kind is not Kind.WORD:
        return ()
    item = gazetteer.tag(tokens)[0]
    return item.tokens if item.id_of(Sort.ATTRIBUTE) in _PATHS else ()


def _lacks(tokens: Sequence[Token], begin: int, place: int, after: int, verb: Verb) -> bool:
    """Whether an amount of a later part stands alone: what it belongs to is said, and nothing of what."""
    part = tokens[begin:place]
    if _PORTS & {token.norm for token in part}:
        return False  # "500GB of disk and expose it on 5433"
    if begin == 0 or any(
        verb(part, n) not in {None, "set", "connect"}
        for n in range(len(part))
        if part[n].norm not in _PUTTING
    ):
        return False
    following = _norm(tokens, after)
    ends = after >= len(tokens) or following in _JOINTS | _ENDS
    named = any(token.kind is Kind.QUOTED or token.kind is Kind.WORD for token in part)
    linked = bool(part) and (part[-1].norm in _BEFORE or part[-1].kind is Kind.QUOTED)
    fronted = not part and following in {"for", "to", "on"}
    return (fronted and after + 1 < len(tokens)) or (
        named and linked and (ends or following in _AFTER)
    )


def _named(part: Sequence[Token], gazetteer: Gazetteer) -> set[str]:
    """What a later part says itself of what its amount is: `… and its cpu to 6`."""
    return {path for item in gazetteer.tag(part) if (path := item.id_of(Sort.ATTRIBUTE)) in _PATHS}


def _united(token: Token, unit: str) -> Token:
    if not unit or token.kind is not Kind.NUMBER:
        return token
    return replace(token, kind=Kind.SIZE, value=f"{token.value}{unit}")


def _here(noun: Sequence[Token], near: Token) -> list[Token]:
    return [replace(token, start=near.end, end=near.end) for token in noun]


def _norm(tokens: Sequence[Token], index: int) -> str:
    return (
        tokens[index].norm if index < len(tokens) and tokens[index].kind is not Kind.QUOTED else ""
    )
