"""What fills a sentence while somebody thinks: "you know", "I guess", "or something", "so like,", "anyway:".

It says nothing, and set between a word and what belongs to it ("with, dunno, 2 cores") it parts them. What takes an
amount back ("4GB, eh, 8GB") is no filler, and is told as the correction that it is.
"""

from __future__ import annotations

import re

from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.seldom import seldom

_FILL = (
    r"(?:you know(?: what i mean)?|you see|i (?:dunno|don't know|dont know)|dunno|idk|i guess|i suppose|i reckon|"
    r"i believe|sort of|kind of|kinda|sorta|like|let me (?:think|see)|what do i know|"
    r"how (?:do|should) i (?:say|put) (?:it|this)|"
    r"if you know what i mean|if you will|so to speak|honestly|frankly|obviously|literally|to be honest|tbh|imho|imo)"
)
_SET_OFF = seldom(
    rf"(?:\s*,\s*|\s+[–—-]\s+|(?<=\S)\s*\.{{3}}\s*){_FILL}\s*(?:,|\s[–—-]\s|\.{{3}})\s*(?=\S)",
    re.IGNORECASE,
)
_LAST = seldom(
    r"(?:\s*,)?\s+(?:i guess|i suppose|i reckon|i dunno|idk|dunno|or so|or something(?: like that)?|or whatever|"
    r"or thereabouts|if you know what i mean|you know|lol|haha|tbh|imo)\s*(?=$|[.!?;)\n])",
    re.IGNORECASE,
)
_FIRST = seldom(
    r"^(?P<before>\W*)(?:(?:so|well|right|look|listen|basically|honestly|see|and|hm+|uh+m*|um+)\W+)*(?:so|basically|honestly|"
    r"uh+m*|um+|hm+|well|look|listen)\W+(?:(?:yeah|like|basically|you see|let me (?:think|see)|i guess)\W+)+(?=\w)",
    re.IGNORECASE,
)
_GUESSED = seldom(
    r"(?:(?<=^)|(?<=[.!?\n] )|(?<=, ))i (?:guess|suppose|reckon) (?=\w)", re.IGNORECASE
)
_SOFTLY = seldom(
    r"\b(?P<who>i|we|it|that|they)(?P<d>'d)? (?:kinda|sorta|kind of|sort of) (?=\w)", re.IGNORECASE
)
_TAKEN_BACK = seldom(
    r"(?P<amount>\b\d+(?:\.\d+)?\s?(?:[kmgt]i?b?)?)\s*,\s*(?:e+h+|u+h+|u+m+|h+m+|e+rm?)\s*,?\s*(?=\d)",
    re.IGNORECASE,
)
# "Two VMs, er three VMs": the same counted again.
_HESITATION = r"(?:e+h+|u+h+|u+m+|h+m+|e+rm?|a+h+m*|err+)"
_COUNT = rf"(?:\d{{1,4}}|{COUNTING}|a dozen)"
_COUNTED_AGAIN = seldom(
    rf"\b(?P<count>{_COUNT})(?P<noun>(?: [a-z][\w-]*){{0,3}}? (?P<head>[a-z][\w-]*?)s?)?\s*"
    rf"(?:[,;.…–—-]+\s*(?:or\s+)?)+{_HESITATION}\s*[,.…–—-]*\s*(?:(?:make that|i mean|rather|no|wait)\s+)?"
    rf"(?P<again>{_COUNT})(?=(?: [a-z][\w-]*){{0,3}}? (?P=head)s?\b|\s*(?:$|[,.;!?]))",
    re.IGNORECASE,
)
_BARE_AGAIN = seldom(
    rf"\b{_COUNT}\s*(?:[,;.…–—-]+\s*(?:or\s+)?)+{_HESITATION}\s*[,.…–—-]*\s*(?={_COUNT} [a-z])",
    re.IGNORECASE,
)
_ASKED_ON = seldom(r"(?<=\w)\?(?=\s+with\b)", re.IGNORECASE)
_ANYWAY = seldom(
    r"(?:^|(?<=\W))(?:anyways?|anyhow|be that as it may)\s*[:,;–—-]+\s*(?=\w)", re.IGNORECASE
)
_SHORTLY = seldom(
    r"(?:^|[\s\S]*?\W)(?:(?:to cut a |to make a )?long story short|tl;?\s?dr|in a nutshell|(?:the )?bottom line"
    r"(?: is)?)\b\s*[:,;–—-]*\s*(?=\w)",
    re.IGNORECASE,
)
_PARTING = seldom(
    r"[\s,.;!–-]{0,8}\b(?:have|enjoy) (?:a|an|your|the) (?:(?:very )?\w+ )?(?:weekend|day|evening|week|one|holidays?|"
    r"night|afternoon)(?: everyone| all| too| everybody| guys)?[\s!.:)]*$",
    re.IGNORECASE,
)
_LEAST = 3


def without_fillers(message: str) -> str:
    """The message without what only fills it."""
    message = _TAKEN_BACK.sub(r"\g<amount>, no, ", message)
    message = _BARE_AGAIN.sub("", _COUNTED_AGAIN.sub(_last_count, message))
    message = _PARTING.sub(". Thanks!", message)
    message = _shortly(message)
    message = _ANYWAY.sub(_apart, message)
    message = _FIRST.sub(r"\g<before>", message)
    message = _SOFTLY.sub(r"\g<who>\g<d> ", message)
    message = _SET_OFF.sub(" ", message)
    message = _GUESSED.sub("", message)
    return _ASKED_ON.sub("", _LAST.sub("", message))


def _last_count(found: re.Match[str]) -> str:
    """`three`, of `two VMs, er three VMs`; `three VMs`, of `two VMs, er three`."""
    if found["noun"] is None:
        return found[0]
    rest = found.string[found.end() :].casefold()
    said_again = re.match(
        rf"(?: [a-z][\w-]*){{0,3}}? {re.escape(found['head'])}s?\b", rest, re.IGNORECASE
    )
    return found["again"] if said_again else f"{found['again']}{found['noun']}"


def _shortly(message: str) -> str:
    """What is said shortly is all that is wanted, if it says anything."""
    found = _SHORTLY.match(message)
    rest = message[found.end() :] if found else ""
    return rest if len(rest.split()) >= _LEAST else message


def _apart(found: re.Match[str]) -> str:
    """`sorry to bother you, anyway: …`: what was said before it is a sentence of its own."""
    before = found.string[: found.start()].rstrip(" ,;–—-")
    return "" if not before or before[-1] in ".!?\n" else ". "
