"""What hands do to words: small words misspelt (`adn`, `shoud`, `teh`), words run together (`2vms`, `8gbram`), dots for
commas (`mysql.....100gb`).

Slips in words of the vocabulary are mended where it is known; these are about the words around them, without which a
sentence is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from rapidfuzz.distance import OSA

from alma.core.language.vocabulary.lexicon import REMEMBERED, english, stems
from alma.core.language.words.amounts import NUMBER, number_of
from alma.core.language.words.seldom import seldom

# What is misspelt most: each slip is no word itself.
_SHORT = {
    "adn": "and", "nad": "and", "anf": "and", "teh": "the", "hte": "the", "wat": "what", "wht": "what",
    "waht": "what", "whta": "what", "dwn": "down", "donw": "down", "hvae": "have", "ahve": "have", "haev": "have",
    "wiht": "with", "wtih": "with", "wth": "with", "whit": "with", "witht": "with", "frm": "from", "fomr": "from",
    "taht": "that", "thta": "that", "tehn": "then", "cna": "can", "acn": "can", "yuo": "you", "wnat": "want",
    "watn": "want", "nede": "need", "neeed": "need", "ened": "need", "giv": "give", "giev": "give", "mak": "make",
    "amke": "make", "shd": "should", "shld": "should", "cld": "could", "wld": "would", "hwo": "how", "whi": "why",
    "eahc": "each", "aech": "each", "tow": "two", "thre": "three", "fuor": "four", "abd": "and", "plase": "please",
    "pleae": "please", "pelase": "please", "plz": "please", "jsut": "just", "alos": "also", "aslo": "also",
    "tihs": "this", "thsi": "this", "si": "is",
}  # fmt: skip
_LONG = (
    "should could would please another before because happened without which where there their replace remove create "
    "delete instead increase decrease running currently together between already everything something nothing "
    "available tomorrow yesterday separate necessary possible"
).split()
_WORD = seldom(r"(?<![\w./@:'’\"`-])[A-Za-z]{2,12}(?![\w@:/'’\"`-]|\.\w)")
_LEAST = 5
_GLUED_SIZE = seldom(
    r"(?<![\w.-])(?P<size>\d+(?:\.\d+)?[kmgt]i?b?)(?P<what>ram|mem|memory|disk|ssd|hdd|storage)\b",
    re.IGNORECASE,
)
_GLUED_NUMBER = seldom(r"(?<![\w.:/-])(?P<n>\d{1,3})(?P<what>[a-z]{3,})(?![\w:/.-])", re.IGNORECASE)
_NO_THINGS = frozenset(
    "min mins sec secs day days week weeks month months year years hour hours hrs gig gigs gib mib tib core cores cpu "
    "cpus vcpu vcpus ghz mhz mbit gbit mbps gbps usd eur user users req reqs rps times percent nd rd th bit gbs mbs "
    "people visitors customers dollars euros bucks mil".split()
)
# What people are addressed by ends no sentence, and "Dr." recovers from no disaster.
_TITLE = seldom(r"\b(?:Dr|Mr|Mrs|Ms|Prof)\.[ \t]+(?=[A-Z])")
_DOTS = seldom(r"(?<=[^\W_])\.{2,}(?=[^\W_])")
_AND_A_HALF = seldom(
    rf"\b(?P<n>{NUMBER}) and a half "
    r"(?=(?:tera|giga|[tgm]i?b\b|gigs?\b))",
    re.IGNORECASE,
)
_N = seldom(
    r"(?<!\S)(?:n|&amp;|nd)(?=,? (?:an?|the|also|another|some|then|one|two|three|four|maybe|please|give|add|make|"
    r"put|drop|its|their|my|our|it|\d+)\b)",
    re.IGNORECASE,
)
# What is asked in anger is asked all the same: "wth is eating the cpu".
_SWORN = seldom(
    r"\b(?:wth|wtf|what (?:the|on|in) (?:hell|heck|fuck|f\*+k?|earth|god'?s name|the world))"
    r"(?=(?:['’]?s|['’]re)?\b (?:is|are|was|were|happened|happens|does|did|do|has|have|am|going|wrong|eating|made|"
    r"broke)\b)",
    re.IGNORECASE,
)
# As programs write what belongs to what: `web.memory = 8GB`, `api.count: 3`.
_PATH = seldom(
    r"(?:\b(?:set|change|update|make|put)\s+)?(?<![\w./-])(?P<thing>[A-Za-z][\w-]*)\.(?:specs\.|spec\.)?(?P<what>cpus?|cores|"
    r"vcpus?|memory|mem|ram|disk|storage|count|replicas|instances|version)\s*(?:=|:|->|→|to\b)\s*(?P<value>[\w.]*\w)",
    re.IGNORECASE,
)
_BARE = {
    "memory": "GB memory",
    "mem": "GB memory",
    "ram": "GB memory",
    "disk": "GB disk",
    "storage": "GB disk",
}
_COPIES = frozenset("count replicas instances".split())


def legible(message: str, means: Callable[[str], bool]) -> str:
    """The message as it was meant to be written. `means` tells words of the vocabulary."""
    message = _DOTS.sub(", ", _TITLE.sub("", message))
    message = _GLUED_SIZE.sub(r"\g<size> \g<what>", message)
    message = _GLUED_NUMBER.sub(lambda found: _apart(found, means), message)
    message = _PATH.sub(_set, _N.sub("and", _SWORN.sub("what", message)))
    message = _AND_A_HALF.sub(_halved, message)
    return _WORD.sub(lambda found: _spelt(found, means), message)


def _apart(found: re.Match[str], means: Callable[[str], bool]) -> str:
    word = found["what"].casefold()
    thing = word not in _NO_THINGS and (means(word) or means(word.removesuffix("s")))
    return f"{found['n']} {found['what']}" if thing else found[0]


def _set(found: re.Match[str]) -> str:
    if found["what"].casefold() in _COPIES:
        return f"scale {found['thing']} to {found['value']}"
    if found["value"].isdigit() and found["what"].casefold() != "version":
        return (
            f"give {found['thing']} {found['value']} {_BARE.get(found['what'].casefold(), 'cores')}"
        )
    return f"set {found['what']} of {found['thing']} to {found['value']}"


def _halved(found: re.Match[str]) -> str:
    return f"{number_of(found['n'])}.5 "


def _spelt(found: re.Match[str], means: Callable[[str], bool]) -> str:
    written = found[0]
    word = written.casefold()
    if written.isupper() and len(word) <= _LEAST:
        return written  # "ADN" is short for something
    meant = _SHORT.get(word) or (_likely(word) if len(word) >= _LEAST else None)
    return written if meant is None or means(word) else meant


@lru_cache(maxsize=REMEMBERED)
def _likely(word: str) -> str | None:
    """The one frequent word that is a slip away from what is no word."""
    if not english().isdisjoint(stems(word)):
        return None
    near = [each for each in _LONG if each[0] == word[0] and OSA.distance(word, each) == 1]
    return near[0] if len(near) == 1 else None
