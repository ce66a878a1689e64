"""Whether a message is about what went before it: a short yes to what was offered, or a change of "it"."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_WORDS = seldom(r"[a-z']+")
_AGREEING = frozenset(
    "yes y yep yeah yup aye sure ok okay fine agreed accept accepted apply take use do go ahead make it that this them "
    "so one the a cheaper variant offer suggestion proposal option please thanks thank you sounds good great perfect "
    "right alright let's lets with for me by all means then just".split()
)
_YES = seldom(
    r"^(yes|y|yep|yeah|yup|aye|sure|ok(ay)?|fine|agreed|accept(ed)?|sounds good|great|perfect|alright|right|"
    r"go (ahead|with|for)|do (it|that|this|so)|make it so|apply|take|use|please do|by all means|let'?s (do|go|take))\b"
)


def agrees(message: str) -> bool:
    """Whether a message is a plain yes: it begins like one, and says nothing that could be a wish of its own."""
    text = message.strip().casefold()
    words = _WORDS.findall(text)
    plain = all(word in _AGREEING for word in words) and not any(c.isdigit() for c in text)
    return bool(words) and plain and _YES.match(text) is not None


_DECIDING = seldom(r"\b(?:a(?:p|pp)ro\w*|lgtm|sign(?:ing|ed)?[ -]off|green[ -]?light\w*)\b")


def names_decision(message: str) -> bool:
    """Whether a message says itself that it approves, where "go ahead" is about whatever was said last."""
    return _DECIDING.search(message.casefold()) is not None


_BACK = seldom(r"\b(it|its|them|their|that|this|those|these)\b")


def refers_back(message: str) -> bool:
    """Whether a message speaks of something as if it had been spoken of."""
    return _BACK.search(message.casefold()) is not None


_THANKS = seldom(
    r"\W*(?:(?:ok|okay|super|top|perfekt|parfait|ja|si|oui|alles klar|muchas|vielen|mille|grand|molte)\W+)?"
    r"(?:danke(?: (?:dir|schön|schoen|sehr))?|merci(?: (?:beaucoup|bien))?|gracias|grazie(?: mille)?|obrigad[oa]|"
    r"dank(?: (?:je|u|dir))?(?: wel)?|bedankt|tack(?: så mycket)?|takk|tak|kiitos|dzi[eę]ki|dziękuję|děkuji|spasibo|"
    r"arigat[oō]|köszönöm|mulțumesc|teşekkürler|terima kasih|asante|shukran|efharisto)\W*"
    r"(?:(?:dir|alma|schön|thanks|thank you|ok|ciao|tschüss)\W*)?",
    re.IGNORECASE,
)


def only_thanks(message: str) -> bool:
    """Whether a message is nothing but a word of thanks in another language, as people drop it into any."""
    return _THANKS.fullmatch(message) is not None
