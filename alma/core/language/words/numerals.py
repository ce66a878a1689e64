"""Numbers in words: "three", "a pair of", "half a dozen", "a few".

Rough numbers are marked as such, because the answer has to say how they were read.
"""

from __future__ import annotations

from collections.abc import Sequence

from text_to_num import text2num

from alma.core.language.words.token import Kind, Token

_ROUGH = {"few": 3, "several": 3}
_THOUSANDS = {"thousand": 1000, "million": 1_000_000, "mio": 1_000_000, "billion": 1_000_000_000}
_GROUPS = {"pair": 2, "couple": 2, "trio": 3, "dozen": 12}
CARDINALS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million".split()
)
FURTHER = frozenset("another more extra additional further".split())
"""What asks for more than there is, beside a number or in its place."""
_BEGINNING = CARDINALS | _ROUGH.keys() | _GROUPS.keys() | {"a", "an", "half", "quarter", "single"}
_MACHINES = frozenset(
    "node server machine vm instance box host container lxc replica master worker broker pod droplet vps copy "
    "virtual member".split()
)
_KNOWN = frozenset("the my our this that its".split())
_HALVED = frozenset("gb tb mb gig terabyte gigabyte megabyte tera c cpu core vcpu".split())
_POINTING = {
    *(
        "other",
        "first",
        "second",
        "third",
        "last",
        "bigger",
        "smaller",
        "biggest",
        "smallest",
        "larger",
        "largest",
    ),
    *("right", "wrong", "same", "latest", "remaining", "stronger", "weaker"),
    "the",
    "this",
    "that",
    "which",
    "each",
    "every",
    "new",
    "another",
    "no",
    "any",
    "old",
    "small",
    "secondary",
    *("public", "private", "internal", "external"),
}


def in_numbers(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        read = _split_compound(tokens[index])
        if len(read) > 1:
            out += read
            index += 1
            continue
        token, used = _multiplied(tokens, index) or _in_words(tokens, index)
        out.append(token)
        index += used
        if token.kind is Kind.NUMBER:
            index += _again(tokens, index, token.value)
    return out


def _multiplied(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`1 million`, `3 (3)`: a number and what only says it again or larger."""
    first = tokens[index]
    if not isinstance(first.value, int | float) or first.kind is not Kind.NUMBER:
        return None
    rest = [*_norms(tokens, index + 1, 1), ""]
    if rest[0] in _THOUSANDS:
        value = first.value * _THOUSANDS[rest[0]]
        return _joined(tokens, index, 2, int(value)), 2
    return None


def _again(tokens: Sequence[Token], index: int, value: object) -> int:
    """How many tokens of `three (3)` repeat the number in figures."""
    norms = _norms(tokens, index, 3)
    return (
        3
        if len(norms) == 3 and norms[0] == "(" and norms[2] == ")" and norms[1] == str(value)
        else 0
    )


def _split_compound(token: Token) -> list[Token]:
    """`two-node` is a number and a word; `twenty-five` stays whole for the reading of words."""
    head, dash, tail = token.norm.partition("-")
    if (
        token.kind is not Kind.WORD
        or not dash
        or head not in CARDINALS | {"single"}
        or tail.split("-")[0] in CARDINALS
    ):
        return [token]
    cut = token.start + len(head)
    value = 1 if head == "single" else text2num(head, "en")
    first = Token(token.text[: len(head)], head, token.start, cut, Kind.NUMBER, value)
    return [first, Token(token.text[len(head) + 1 :], tail, cut + 1, token.end, Kind.WORD)]


def _in_words(tokens: Sequence[Token], index: int) -> tuple[Token, int]:
    if tokens[index].norm.partition("-")[0] not in _BEGINNING:
        return tokens[index], 1
    for reader in (_half, _group, _rough, _single, _cardinal):
        found = reader(tokens, index)
        if found is not None:
            return found
    return tokens[index], 1


def _norms(tokens: Sequence[Token], index: int, length: int) -> list[str]:
    return [token.norm for token in tokens[index : index + length]]


def _joined(
    tokens: Sequence[Token], index: int, length: int, value: int | float, rounded: bool = False
) -> Token:
    first, last = tokens[index], tokens[index + length - 1]
    text = " ".join(token.text for token in tokens[index : index + length])
    return Token(text, text.casefold(), first.start, last.end, Kind.NUMBER, value, rounded)


def _half(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    if tokens[index].norm == "quarter" and index + 1 < len(tokens):
        words = [*_norms(tokens, index, 4), "", "", ""]
        length = 3 if words[1:3] in (["of", "a"], ["of", "an"]) else 1
        return (_joined(tokens, index, length, 0.25), length) if words[length] in _HALVED else None
    if (
        tokens[index].norm != "half"
        or len(tokens) <= index + 2
        or tokens[index + 1].norm not in {"a", "an"}
    ):
        return None
    if tokens[index + 2].norm == "dozen":
        return _joined(tokens, index, 3, 6), 3
    halved = tokens[index + 2].norm in _HALVED
    return (_joined(tokens, index, 2, 0.5), 2) if halved else None


def _group(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`a pair of`, `two dozen`, `a couple`."""
    words = [*_norms(tokens, index, 3), "", "", ""]
    article = words[0] in {"a", "an"} or words[0] in CARDINALS
    noun = words[1] if article else words[0]
    paired = noun == "pair" and words[1 + article] == "of"
    if noun not in _GROUPS or not (article or paired or noun in {"dozen", "couple"}):
        return None
    times = text2num(words[0], "en") if words[0] in CARDINALS else 1
    length = 1 + article + (words[1 + article] == "of")
    return _joined(tokens, index, length, _GROUPS[noun] * times), length


def _rough(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    words = [*_norms(tokens, index, 2), ""]
    article = words[0] == "a"
    noun = words[1] if article else words[0]
    return (
        (_joined(tokens, index, 1 + article, _ROUGH[noun], True), 1 + article)
        if noun in _ROUGH
        else None
    )


def _single(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`a single node`, `just one single vm`; not `single sign on`, nor `the single vm` that is there."""
    words = [*_norms(tokens, index, 3), "", "", ""]
    article = words[0] in {"a", "one"}
    known = index > 0 and tokens[index - 1].norm in _KNOWN
    if words[article] != "single" or words[1 + article] not in _MACHINES or known:
        return None
    return _joined(tokens, index, 1 + article, 1), 1 + article


def _cardinal(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    length = 0
    while index + length < len(tokens) and _is_cardinal(tokens[index + length].norm):
        length += 1
    if not length or _is_pronoun(tokens, index, length):
        return None
    words = " ".join(_norms(tokens, index, length)).replace("-", " ")
    try:
        return _joined(tokens, index, length, int(text2num(words, "en"))), length
    except ValueError:
        return None


def _is_cardinal(norm: str) -> bool:
    return all(part in CARDINALS for part in norm.split("-"))


def _is_pronoun(tokens: Sequence[Token], index: int, length: int) -> bool:
    """`a secondary one`, `the one`: stands for a thing, counts nothing."""
    alone = length == 1 and tokens[index].norm == "one" and index > 0
    return alone and tokens[index - 1].norm in _POINTING
