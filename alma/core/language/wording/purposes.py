"""Things told by what they are for: `for invoices a Postgres, for sessions a Redis`, `the machine that runs the
bookkeeping needs 16GB`, `something small to send mails from`, `A and B as separate virtual machines`.

Where nothing is there yet, each of them is a new thing, and what it is for comes after it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.vocabulary.terms import Item
from alma.core.language.wording.listing import THINGS, tagged
from alma.core.language.words.seldom import seldom

_NEW = r"(?:an?|one|two|three|four|five|six|some|\d{1,2})"
_BEGINS = r"(?P<before>^|[.;:!\n]\s*|,\s*(?:and\s+|plus\s+)?|\s+and\s+)"
_FOR = seldom(
    rf"{_BEGINS}for\s+(?P<whom>(?:(?:the|our|my|all|its|their)\s+)?[\w'’-]+(?:\s+[\w'’-]+){{0,3}}?)\s*,?\s+"
    rf"(?:(?:i|we)(?:['’]d| would|['’]ll| will)?\s+(?P<wish>need|want|like|require)\s+)?"
    rf"(?P<what>{_NEW}\s+[^,;.\n]{{1,120}}?(?:\.\d[^,;.\n]{{0,60}}?)?)"
    r"(?=\s*(?:[;!\n]|\.(?!\d)|$|,?\s+(?:and\s+)?for\s|,))",
    re.IGNORECASE,
)
_MACHINE = r"(?:machine|server|vm|box|computer|virtual machine|container|lxc|host|one)"
_POINTED = seldom(
    rf"(?P<before>^|[.;!\n]\s*|,\s*(?:and\s+)?|\s+and\s+)the\s+(?P<what>(?:[\w-]+\s+)?{_MACHINE})\s+"
    r"(?P<whose>(?:that|which|for|where|the|my|our|on which|with)\s[^.;!\n]{1,120}?)\s+"
    r"(?:(?:should|must|will|needs to|has to)\s+(?:have|get)|needs?|gets?|has|wants?|requires?)"
    r"\s+(?=\d|an?\b|at least|about)",
    re.IGNORECASE,
)
_MAKE_THEM = seldom(
    r"\s*(?:(?:can|could|would|will) you(?: please)?|please|so|now|and)?\s*"
    r"(?:make|create|build|set up|deploy|give me|do)"
    r"\s+(?:both(?: of them)?|them(?: both| all)?|all(?: of (?:them|it|that))?|it all|that|these|those)"
    r"(?: for me)?(?: please)?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
_SOMETHING = seldom(
    r"\b(?:something|a thing|a little thing)\s+(?:really |very |quite |rather )?"
    r"(?P<size>small|tiny|little|big|beefy|large)"
    r"(?=\s*(?:,|-|–|\(|with\b|to\b|for\b|having\b))",
    re.IGNORECASE,
)
_OTHERS = seldom(
    r"\bthe (?:other|remaining|last) (?:two|three|four|five|\d)\s*[,:(–-]+\s*"
    r"(?P<names>[\w.-]+(?:\s*,\s*[\w.-]+)*,?\s+and\s+[\w.-]+)"
    r"\s*[,)–-]*\s+(?:(?:can|should|may|will|could|must)\s+(?:each\s+)?"
    r"(?:live|do|make do|get by|run|get|have|be fine)(?:\s+with|\s+on)?"
    r"|(?:each\s+)?(?:gets?|needs?|have|has|are fine with|only need|just need)|with|at)\s+(?=\d|an?\b)",
    re.IGNORECASE,
)
_KINDS = {
    "lxc": "LXC containers",
    "docker": "docker containers",
    "container": "containers",
    "v": "vms",
}
_KIND = r"(?:lxcs?|lxc containers?|docker containers?|containers?|vms?|virtual machines?)"
_ALL_AS = seldom(
    r"(?P<before>[,;(]?\s*)(?:(?P<all>both|all(?: of them)?|everything)\s+(?:of them\s+)?"
    r"(?:(?:being|running|run|should be|should run|go|goes|live|lives|are|is)\s+)?(?:in|as|on|inside)\s+(?:an?\s+)?"
    r"(?:(?:separate|own|their own|individual|dedicated|different|single)\s+)?|"
    rf"as\s+(?:separate|individual|dedicated|different)\s+)(?P<kind>{_KIND})(?=\s*(?:[.,;!)\n]|$))",
    re.IGNORECASE,
)
_UNLISTED = seldom(
    r"(?P<before>(?:^|,|;|\band|\bplus|\bneed|\bwant)\s+)(?P<article>an?|one)\s+"
    r"(?P<what>[a-z][\w-]*(?:\s+[a-z][\w-]*){0,2})\s*(?P<after>\(|,?\s*with\s|:\s*)"
    r"(?=(?:\d+|one|two|four|eight)\s*(?:v?cpus?|v?cores?)\b|"
    r"\d+(?:\.\d+)?\s?[mg]i?b\s+(?:of\s+)?(?:ram|memory)\b)",
    re.IGNORECASE,
)
_MANY = 2


def by_purpose(message: str, gazetteer: Gazetteer) -> str:
    """The message with what things are for after what they are."""
    message = _fronted(message, gazetteer)
    message = _pointed(message)
    message = _SOMETHING.sub(_server, message)
    message = _OTHERS.sub(r"\g<names> with ", message)
    message = _UNLISTED.sub(lambda found: _unlisted(found, gazetteer), message)
    return _ALL_AS.sub(_as_kind, message)


def _fronted(message: str, gazetteer: Gazetteer) -> str:
    """`for sessions a Redis` as `a Redis for sessions`; `for 2 days a week` says nothing of the kind."""
    told = [
        found for found in _FOR.finditer(message) if _introduces(tagged(found["what"], gazetteer))
    ]
    if not told or (len(told) < _MANY and told[0]["wish"]):  # "for the shop we need two servers"
        return message
    out, place = "", 0
    for found in told:
        out += f"{message[place : found.start()]}{found['before']}{found['what'].strip()} for {found['whom'].strip()}"
        place = found.end()
    return out + message[place:]


def _introduces(items: Sequence[Item]) -> bool:
    """Whether an article or a number is followed by a thing, without a verb between them."""
    return any(item.terms.keys() & THINGS for item in items[1:4])


def _pointed(message: str) -> str:
    """`the machine the scanner writes to needs 3TB`: where none is there yet, a new one."""
    if len(list(_POINTED.finditer(message))) < _MANY:
        return message
    return _MAKE_THEM.sub("", _POINTED.sub(r"\g<before>a \g<what> \g<whose> with ", message))


def _server(found: re.Match[str]) -> str:
    size = found["size"].casefold()
    return f"a {'big' if size in {'big', 'beefy', 'large'} else 'small'} server"


def _unlisted(found: re.Match[str], gazetteer: Gazetteer) -> str:
    """`a spam filter (2 cores, 4GB RAM)`: what has cores and memory is a machine, whatever it is called."""
    if any(item.terms for item in tagged(found["what"], gazetteer)):
        return found[0]
    after = " (" if found["after"] == "(" else found["after"]
    return f"{found['before']}{found['article']} {found['what']} machine{after}"


def _as_kind(found: re.Match[str]) -> str:
    """`both in LXC`, `as separate virtual machines`, said of all that were named."""
    kind = next(k for word, k in _KINDS.items() if found["kind"].casefold().startswith(word))
    return f", all {kind}" if found.start() else found[0]
