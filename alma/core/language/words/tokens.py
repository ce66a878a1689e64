"""Cuts a message into tokens with offsets, and reads the amounts in it.

Units of infrastructure ("8g", "half a terabyte", "4x") are few and peculiar: general quantity libraries read "four
ubuntu" as atomic mass and "128G" as magnetism. So numbers in words come from `text_to_num` and everything else from a
small table here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache

from alma.core.language.words.layout import flatten
from alma.core.language.words.machine_types import machine_type
from alma.core.language.words.numerals import in_numbers
from alma.core.language.words.percents import in_percents
from alma.core.language.words.ranges import masked
from alma.core.language.words.token import Kind, Token

__all__ = ["Kind", "Token", "tokenize", "unit_of"]

_DIRECTIONS = "north|south|east|west|central|northeast|southeast|northwest|southwest|gov"
_CONTINENTS = (
    "af|ap|ca|cn|eu|il|in|me|mx|sa|uk|us|europe|asia|australia|northamerica|southamerica|africa"
)
_AZURE = (
    "(?:west|north)europe|(?:(?:north|south|west)?central|east|west)us|uk(?:south|west)|(?:south)?eastasia|"
    "germany(?:westcentral|north)|(?:france|sweden|poland|spain|canada|korea|qatar|uae)central|(?:norway|japan|canada)east|"
    "australia(?:east|southeast|central)|switzerland(?:north|west)|brazilsouth|(?:central|south|west)india|japanwest|"
    "italynorth|southafricanorth"
)
_SHAPES = {"newline": Kind.PUNCTUATION, "url": Kind.WORD, "email": Kind.WORD, "with": Kind.WORD}
_LITERAL = {"cidr", "address", "region", "path", "image", "variable"}
_PERIOD = (
    r"(?:mo|month|mth|yr|year|week|day|hour|hr|h|min|s|sec|second|each|node|vm|user|server)s?\b"
)
# Who publishes images of software: what follows them after a slash is an image, where "dev/test" is two words.
_PUBLISHERS = (
    "linuxserver|lscr|bitnami|library|prom|homeassistant|vaultwarden|searxng|fireflyiii|immich|koenkk|nodered|louislam|"
    "plexinc|jc21|hashicorp|deluan|sctx|sonatype|confluentinc|opensearchproject|actualbudget|advplyr|filebrowser|dpage"
)
_HEX = "[0-9a-f]{1,4}"
_IPV6 = rf"(?<![\w:.])(?:{_HEX}(?::{_HEX})*::(?:{_HEX}(?::{_HEX})*)?|(?:{_HEX}:){{7}}{_HEX})"
_TOKEN = re.compile(
    rf"""(?P<plain>[A-Za-z]+(?=[.,;!?)]?(?:\s|\Z)))
    |(?P<newline>\n)
    |(?P<with>\bw/o?(?=[\s\d]))
    |(?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    |(?P<url>\bhttps?://[^\s,;)]+)
    |(?P<variable>\b[A-Za-z][A-Za-z0-9]*_[A-Za-z0-9_]*=(?:"[^"\n]*"|[^\s,;]+))
    |(?P<path>(?:(?<=\s)|(?<=["'(=])|^)/(?!{_PERIOD})[a-z][\w.-]*(?:/[\w.-]*\w)*)
    |(?P<cidr>{_IPV6}/\d{{1,3}}(?!\w)|\d{{1,3}}(?:\.\d{{1,3}}){{3}}/\d{{1,2}})
    |(?P<address>{_IPV6}(?![\w:])|\d{{1,3}}(?:\.\d{{1,3}}){{3}}(?!\w|\.\d))
    |(?P<image>\b(?:[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+(?::\d+)?(?:/[\w.-]+)+(?::[\w.-]*\w)?
        |[a-z][\w.-]*(?:/[\w.-]+)+:[\w.-]*\w)|(?<=\bimage\ )[a-z][\w./-]*:[\w.-]*\w
        |(?<=\bfrom\ )[a-z][\w./-]*:[\w.-]*\w
        |(?:(?<=\brun\ )|(?<=\bdeploy\ )|(?<=\bimage\ )|(?<=\blaunch\ )|(?<=\bcontainer\ ))
            [a-z][a-z0-9.-]*[a-z0-9]/[a-z][\w.-]*\w(?![\w/:])
        |\b(?:{_PUBLISHERS})/[a-z][\w.-]*\w(?![\w/:])|\b(?P<own>[a-z][a-z0-9-]+)/(?P=own)(?![\w/:-])
        |\b[a-z][a-z0-9-]*[a-z0-9]/[a-z][a-z0-9-]*[a-z0-9](?=\ (?:image|docker\ image|container\ image)s?\b)
        |\b(?:python|node|golang|ruby|php|openjdk|eclipse-temurin|rust|dotnet|busybox):\d[\w.-]*\b)
    |(?P<region>\b(?:{_CONTINENTS})(?:-(?:{_DIRECTIONS})){{1,2}}-?[1-9]\d?(?:-?[a-z])?\b
        |\b(?:{_AZURE})[23]?\b|(?:(?<=\bin\ )|(?<=\())(?:nyc|ams|sfo|sgp|lon|fra|tor|blr|syd|fsn|nbg|hel)\d\b)
    |(?P<money>[$€£]\s?\d[\d,]*(?:\.\d+)?k?\b|\d[\d,]*(?:\.\d+)?\s?[$€£](?!\s?\d))
    |(?P<percent>\d+(?:\.\d+)?\s?%)
    |(?P<quoted>"[^"\n]{{1,80}}"|“[^”\n]{{1,80}}”|`[^`\n]{{1,80}}`|(?<!\w)'[^'\n]{{1,80}}'(?!\w))
    |(?P<number>(?:(?<!\S)-)?(?:\d{{1,3}}(?:,\d{{3}})+(?!\d)|\d+,\d{{1,2}}(?=\s?(?:[kmgt]i?b?|vcpus?|cores?|cpus?)\b)|\d+)(?:\.\d+)*)(?P<suffix>[A-Za-z]+)?(?P<rest>-(?=[a-z]))?
    |(?P<word>[^\W\d_](?:[\w.+{{}}'’-]|,(?=[\d,]*\}}))*[\w}}+]|[^\W\d_])
    |(?P<punctuation>[^\w\s]|_)""",
    re.VERBOSE | re.IGNORECASE,
)
# The only plain words that are none: "westeurope".
_AZURE_REGION = re.compile(_AZURE, re.IGNORECASE)
_SHORTEST_REGION = 6
_NO_NAME = re.compile(r"\d.*\s|\s.*\d")  # "Memory 512 MiB"
_DASHES = str.maketrans("\u2010\u2011\u2212\u00a0\u202f", "---  ")
_UNITS = {
    **{letter + tail: f"{letter.upper()}B" for letter in "kmgtp" for tail in ("", "b", "byte", "bytes")},
    **{f"{letter}i{tail}": f"{letter.upper()}iB" for letter in "kmgtp" for tail in ("", "b")},
    **{f"{long}{tail}": f"{long[0].upper()}B" for long in ("kilo", "mega", "giga", "tera", "peta")
       for tail in ("byte", "bytes")},
    **{f"{long}bi{tail}": f"{long[0].upper()}iB" for long in ("ki", "me", "gi", "te") for tail in ("byte", "bytes")},
    "gig": "GB", "gigs": "GB", "meg": "MB", "megs": "MB", "tera": "TB", "teras": "TB",
    "gbs": "GB", "mbs": "MB", "tbs": "TB", "giga": "GB", "gigas": "GB", "mega": "MB", "go": "GB",
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
    "go",
}  # a unit only where a number touches it
# "a terabyte of disk"; a "gig" may be a noun for more than its size.
_ONE = {"terabyte", "tb", "gigabyte", "gb", "petabyte", "tera", "megabyte", "gig"}
_CORES = {"c", "cpu", "cpus", "core", "cores", "vcpu", "vcpus", "vcore", "vcores"}
_PEOPLE = frozenset(
    "user users request requests visitor visitors customer customers rps people hits views".split()
)
_MONEY_WORDS = {"dollar", "dollars", "usd", "bucks", "euro", "euros", "eur", "pounds", "gbp"}

# What is remembered of messages, up to this length: each is read in several ways, and again with those after it.
_MESSAGES, _MOST_LETTERS = 512, 1000
_CURRENCIES = {"eur", "usd", "gbp", "chf", "aud", "cad"}


def tokenize(message: str) -> tuple[Token, ...]:
    """The tokens in order. Amounts in words and split amounts ("8 GB", "half a terabyte") are one token each."""
    return _remembered(message) if len(message) <= _MOST_LETTERS else _tokens(message)


def _tokens(message: str) -> tuple[Token, ...]:
    written = in_percents(_raw(flatten(message)))
    return tuple(_money(_sizes(masked(in_percents(in_numbers(written))))))


_remembered = lru_cache(_MESSAGES)(_tokens)


def _raw(message: str) -> list[Token]:
    tokens: list[Token] = []
    message = message.translate(_DASHES)
    for match in _TOKEN.finditer(message):
        kind = match.lastgroup
        if kind == "plain":
            tokens.append(_spelt(match))
            continue
        if kind == "quoted" and _NO_NAME.search(match[0]):
            inner = _raw(match[0][1:-1])
            tokens += [
                replace(t, start=t.start + match.start() + 1, end=t.end + match.start() + 1)
                for t in inner
            ]
            continue
        if kind in {"number", "suffix", "rest"}:
            tokens += _numeric(match, message)
        else:
            tokens.append(_plain(match, str(kind)))
    return tokens


def _spelt(match: re.Match[str]) -> Token:
    """A word of nothing but letters, with a space or the end of something after it: what most of a message is."""
    text = match[0]
    if len(text) >= _SHORTEST_REGION and _AZURE_REGION.fullmatch(text):
        return _plain(match, "region")
    return Token(text, text.casefold(), match.start(), match.end(), Kind.WORD)


def _plain(match: re.Match[str], kind: str) -> Token:
    text, value = match[0], None
    norm = text.casefold().replace("’", "'")
    token = Token(text, norm, match.start(), match.end(), _SHAPES.get(kind) or Kind(kind))
    if kind == "with":
        return replace(token, norm="without" if norm.endswith("o") else "with")
    if kind == "money":
        thousands = 1000 if norm.endswith("k") else 1
        return replace(token, value=float(re.sub(r"[^\d.]", "", text)) * thousands)
    if kind == "percent":
        value = re.sub(r"[^\d.]", "", text)
        return replace(token, value=float(value))
    if kind == "quoted":
        return replace(token, norm=text[1:-1].strip().casefold(), value=text[1:-1].strip(" ,."))
    if kind == "word":
        return replace(token, kind=Kind.MACHINE) if machine_type(text) else token
    return replace(token, value=text.rstrip(".")) if kind in _LITERAL else token


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
    text = re.sub(r"^(-?\d+),(\d{1,2})$", r"\1.\2", text)  # 1,5
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


def _sizes(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        previous = out[-1] if out else None
        unit = token.norm in _UNITS and token.norm not in _LOOSE_UNITS
        capital = token.text in {"M", "G", "T"}
        if previous is not None and previous.kind is Kind.NUMBER and (unit or capital):
            out[-1] = _size(previous, token.norm, token.end)
        elif previous is not None and previous.norm in {"a", "an"} and token.norm in _ONE:
            out[-1] = _size(replace(previous, value=1), token.norm, token.end)
        else:
            out.append(token)
    return out


def _money(tokens: Sequence[Token]) -> list[Token]:
    out: list[Token] = []
    for token in tokens:
        previous = out[-1] if out else None
        if previous is not None and _paid_in(previous, token):
            out[-1] = replace(token, kind=Kind.MONEY, start=previous.start, value=_value(token))
            continue
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


def _paid_in(before: Token, token: Token) -> bool:
    """`EUR 1,200`: a currency before its amount."""
    return before.norm in _CURRENCIES and token.kind is Kind.NUMBER


def _value(token: Token) -> float:
    return float(token.value) if isinstance(token.value, int | float) else 0.0


def unit_of(token: Token) -> str | None:
    """The size unit a word stands for by itself, as in "memory (in GB): 16"."""
    return (
        _UNITS.get(token.norm)
        if token.norm not in _LOOSE_UNITS or token.text in {"M", "G", "T"}
        else None
    )
