"""Cuts a message into tokens with offsets, and reads the amounts in it.

Units of infrastructure ("8g", "half a terabyte", "4x") are few and peculiar: general quantity libraries read "four
ubuntu" as atomic mass and "128G" as magnetism. So numbers in words come from `text_to_num` and everything else from a
small table here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from text_to_num import text2num

Value = str | int | float | None


class Kind(StrEnum):
    """What a token is by its shape alone."""

    WORD = "word"
    NUMBER = "number"
    SIZE = "size"
    MONEY = "money"
    PERCENT = "percent"
    CIDR = "cidr"
    ADDRESS = "address"
    REGION = "region"
    QUOTED = "quoted"
    PUNCTUATION = "punctuation"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the message: `text` as written between `start` and `end`, `norm` case folded, `value` if it is an
    amount (a size is the text `Size` takes). `rounded` marks amounts that are only roughly meant ("a few")."""

    text: str
    norm: str
    start: int
    end: int
    kind: Kind
    value: Value = None
    rounded: bool = False


_DIRECTIONS = "north|south|east|west|central|northeast|southeast|northwest|southwest|gov"
_TOKEN = re.compile(
    rf"""(?P<cidr>\d{{1,3}}(?:\.\d{{1,3}}){{3}}/\d{{1,2}})
    |(?P<address>\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?![\w.]))
    |(?P<region>\b[a-z]{{2}}(?:-(?:{_DIRECTIONS})){{1,2}}-?\d[a-z]?\b)
    |(?P<money>[$€£]\s?\d[\d,]*(?:\.\d+)?k?\b)
    |(?P<percent>\d+(?:\.\d+)?\s?%)
    |(?P<quoted>"[^"\n]{{1,80}}"|“[^”\n]{{1,80}}”|`[^`\n]{{1,80}}`|(?<!\w)'[^'\n]{{1,80}}'(?!\w))
    |(?P<number>(?:(?<!\S)-)?(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)*)(?P<suffix>[A-Za-z]+)?(?P<rest>-(?=[a-z]))?
    |(?P<word>[^\W\d_](?:[\w.+{{}}'’-]|,(?=[\d,]*\}}))*[\w}}+]|[^\W\d_])
    |(?P<punctuation>[^\w\s]|_)""",
    re.VERBOSE | re.IGNORECASE,
)
_DASHES = str.maketrans("\u2010\u2011\u2212\u00a0\u202f", "---  ")
_UNITS = {
    **{letter + tail: f"{letter.upper()}B" for letter in "kmgtp" for tail in ("", "b", "byte", "bytes")},
    **{f"{letter}i{tail}": f"{letter.upper()}iB" for letter in "kmgtp" for tail in ("", "b")},
    **{f"{long}{tail}": f"{long[0].upper()}B" for long in ("kilo", "mega", "giga", "tera", "peta")
       for tail in ("byte", "bytes")},
    **{f"{long}bi{tail}": f"{long[0].upper()}iB" for long in ("ki", "me", "gi", "te") for tail in ("byte", "bytes")},
    "gig": "GB", "gigs": "GB", "meg": "MB", "megs": "MB", "tera": "TB", "teras": "TB",
    "gbs": "GB", "mbs": "MB", "tbs": "TB",
}  # fmt: skip
_LOOSE_UNITS = {
    "k",
    "m",
    "g",
    "t",
    "p",
    "ki",
    "mi",
    "gi",
    "ti",
    "pi",
}  # a unit only where a number touches it
_CORES = {"c", "cpu", "cpus", "core", "cores", "vcpu", "vcpus", "vcore", "vcores"}
_ROUGH = {"few": 3, "several": 3}
_GROUPS = {"pair": 2, "couple": 2, "trio": 3, "dozen": 12}
_CARDINALS = frozenset(
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million".split()
)
_PEOPLE = {
    "user",
    "users",
    "request",
    "requests",
    "visitor",
    "visitors",
    "customer",
    "customers",
    "rps",
    "people",
}
_MONEY_WORDS = {"dollar", "dollars", "usd", "bucks", "euro", "euros", "eur", "pounds", "gbp"}
_COST_WORDS = {"cost", "costs", "price", "spend", "spending", "bill", "budget"}
_LIMITING = {"under", "below", "than", "most", "max", "maximum", "within", "exceed"}
_AFTER_A_COST = {"/", "a", "per", "monthly", "yearly", "and", "but"}
_POINTING = {
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
}


def tokenize(message: str) -> tuple[Token, ...]:
    """The tokens in order. Amounts in words and split amounts ("8 GB", "half a terabyte") are one token each."""
    return tuple(_budgets(_money(_sizes(_numbers(_raw(message))))))


def _raw(message: str) -> list[Token]:
    tokens: list[Token] = []
    message = message.translate(_DASHES)
    for match in _TOKEN.finditer(message):
        if match["quoted"] and re.search(r"\d.*\s|\s.*\d", match[0]):  # "Memory 512 MiB" is no name
            inner = _raw(match[0][1:-1])
            tokens += [
                replace(t, start=t.start + match.start() + 1, end=t.end + match.start() + 1)
                for t in inner
            ]
            continue
        kind = match.lastgroup if match.lastgroup not in {"suffix", "rest"} else "number"
        if kind == "number" and match["number"]:
            tokens += _numeric(match, message)
        else:
            tokens.append(_plain(match, str(kind)))
    return tokens


def _plain(match: re.Match[str], kind: str) -> Token:
    text, value = match[0], None
    norm = text.casefold().replace("’", "'")
    token = Token(text, norm, match.start(), match.end(), Kind(kind))
    if kind == "money":
        thousands = 1000 if norm.endswith("k") else 1
        return replace(token, value=float(re.sub(r"[^\d.]", "", text)) * thousands)
    if kind == "percent":
        value = re.sub(r"[^\d.]", "", text)
        return replace(token, value=float(value))
    if kind == "quoted":
        return replace(token, norm=text[1:-1].strip().casefold(), value=text[1:-1].strip(" ,."))
    return replace(token, value=text) if kind in {"cidr", "address", "region"} else token


def _numeric(match: re.Match[str], message: str) -> list[Token]:
    """A number and what touches it: `4x`, `8g`, `2vcpu`, `3-node`, `1M users`, `2nd`, `22.04`."""
    text, suffix = match["number"], (match["suffix"] or "").casefold()
    start, end = match.start(), match.start() + len(text)
    number = Token(text, text, start, end, Kind.NUMBER, _amount(text))
    if not suffix or suffix == "x":
        return [replace(number, end=end + len(suffix))]
    tail = Token(match["suffix"], suffix, end, end + len(suffix), Kind.WORD)
    following = re.match(r"\s*(\w+)", message[match.end() :])
    if suffix in {"k", "m"} and (
        suffix == "k" or (following and following[1].casefold() in _PEOPLE)
    ):
        return [
            replace(
                number, value=_amount(text) * (1000 if suffix == "k" else 1_000_000), end=tail.end
            )
        ]
    if suffix in _UNITS:
        return [_size(number, suffix, tail.end)]
    if suffix in _CORES or match["rest"]:
        return [number, tail]
    whole = message[start : tail.end]
    return [Token(whole, whole.casefold(), start, tail.end, Kind.WORD)]


def _amount(text: str) -> int | float:
    plain = Decimal(
        ".".join(text.replace(",", "").split(".")[:2])
    )  # 8.0.36 is a version: its text counts
    return int(plain) if plain == plain.to_integral_value() and "." not in text else float(plain)


def _size(number: Token, unit: str, end: int) -> Token:
    amount = Decimal(str(number.value))
    name = _UNITS[unit]
    spoken = not number.text[0].isdigit()
    while (
        spoken and amount != amount.to_integral_value() and name in {"TB", "GB", "MB"}
    ):  # "half a terabyte" is 500GB
        amount, name = amount * 1000, {"TB": "GB", "GB": "MB", "MB": "KB"}[name]
    text = f"{amount.normalize():f}{name}"
    return Token(text, text.casefold(), number.start, end, Kind.SIZE, text, number.rounded)


def _numbers(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        read = _split_compound(tokens[index])
        if len(read) > 1:
            out += read
            index += 1
            continue
        token, used = _in_words(tokens, index)
        out.append(token)
        index += used
    return out


def _split_compound(token: Token) -> list[Token]:
    """`two-node` is a number and a word; `twenty-five` stays whole for the reading of words."""
    head, dash, tail = token.norm.partition("-")
    if (
        token.kind is not Kind.WORD
        or not dash
        or head not in _CARDINALS
        or tail.split("-")[0] in _CARDINALS
    ):
        return [token]
    cut = token.start + len(head)
    first = Token(
        token.text[: len(head)], head, token.start, cut, Kind.NUMBER, text2num(head, "en")
    )
    return [first, Token(token.text[len(head) + 1 :], tail, cut + 1, token.end, Kind.WORD)]


def _in_words(tokens: Sequence[Token], index: int) -> tuple[Token, int]:
    for reader in (_half, _group, _rough, _cardinal):
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
    if (
        tokens[index].norm != "half"
        or len(tokens) <= index + 2
        or tokens[index + 1].norm not in {"a", "an"}
    ):
        return None
    if tokens[index + 2].norm == "dozen":
        return _joined(tokens, index, 3, 6), 3
    halved = tokens[index + 2].norm in _UNITS or tokens[index + 2].norm in _CORES
    return (_joined(tokens, index, 2, 0.5), 2) if halved else None


def _group(tokens: Sequence[Token], index: int) -> tuple[Token, int] | None:
    """`a pair of`, `two dozen`, `a couple`."""
    words = [*_norms(tokens, index, 3), "", "", ""]
    article = words[0] in {"a", "an"} or words[0] in _CARDINALS
    noun = words[1] if article else words[0]
    if noun not in _GROUPS or (not article and noun not in {"dozen", "couple"}):
        return None
    times = text2num(words[0], "en") if words[0] in _CARDINALS else 1
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
    return all(part in _CARDINALS for part in norm.split("-"))


def _is_pronoun(tokens: Sequence[Token], index: int, length: int) -> bool:
    """`a secondary one`, `the one`: stands for a thing, counts nothing."""
    alone = length == 1 and tokens[index].norm == "one" and index > 0
    return alone and tokens[index - 1].norm in _POINTING


def _sizes(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        previous = out[-1] if out else None
        unit = token.norm in _UNITS and token.norm not in _LOOSE_UNITS
        capital = token.text in {"M", "G", "T"}
        if previous is not None and previous.kind is Kind.NUMBER and (unit or capital):
            out[-1] = _size(previous, token.norm, token.end)
        else:
            out.append(token)
    return out


def _money(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        previous = out[-1] if out else None
        amount = previous is not None and previous.kind is Kind.NUMBER
        if (
            previous is not None
            and amount
            and token.norm in _MONEY_WORDS
            and isinstance(previous.value, int | float)
        ):
            out[-1] = replace(previous, kind=Kind.MONEY, end=token.end, value=float(previous.value))
        else:
            out.append(token)
    return out


def _budgets(tokens: Sequence[Token]) -> list[Token]:
    """An amount that limits a cost is money without a currency, too: "keep the cost under 500"."""
    out: list[Token] = []
    cost = ""
    for index, token in enumerate(tokens):
        if token.norm in _COST_WORDS:
            cost = token.norm
        elif token.kind is Kind.PUNCTUATION:
            cost = ""
        limits = _LIMITING | {"of", "is", "to"} if cost == "budget" else _LIMITING
        limited = bool(cost) and tokens[index - 1].norm in limits
        if limited and token.kind is Kind.NUMBER and _ends_amount(tokens, index):
            out.append(replace(token, kind=Kind.MONEY, value=float(token.value or 0)))
        else:
            out.append(token)
    return out


def _ends_amount(tokens: Sequence[Token], index: int) -> bool:
    """Whether no noun follows: three servers are no money."""
    following = tokens[index + 1] if index + 1 < len(tokens) else None
    return (
        following is None or following.kind is Kind.PUNCTUATION or following.norm in _AFTER_A_COST
    )


def unit_of(token: Token) -> str | None:
    """The size unit a word stands for by itself, as in "memory (in GB): 16"."""
    return (
        _UNITS.get(token.norm)
        if token.norm not in _LOOSE_UNITS or token.text in {"M", "G", "T"}
        else None
    )
