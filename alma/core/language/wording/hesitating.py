"""Doubts before an order: "not sure about the rabbitmq... leave it out", "we're having doubts about redis, drop it".

The doubt says what the order is about, and orders nothing; read as an order, its "not" would take out what it names.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_HOW = r"(?:so |really |quite |too |that |entirely |totally |completely |all that )*"
_NOT_SURE = rf"not {_HOW}(?:sure|certain|convinced|confident)"
_DOUBTS = seldom(
    r"^(?P<lead>\W*(?:(?:hm+|ok|okay|well|so|and|but|actually|oh|wait|still|also)\W+)*)"
    r"(?:(?:i|we)(?:['’]?m|['’]?re| am| are)?\s+)?(?:having\s+)?(?:really |still |just |now )?"
    rf"(?:{_NOT_SURE}|not {_HOW}happy|unsure|uncertain|doubtful|second thoughts|(?:some |my )?doubts|in two minds|"
    r"undecided)\s+"
    r"(?:about|of|by|on|with|regarding)\s+(?P<what>(?:the |our |that |this )?[\w-]+(?:[ -](?!so\b|and\b|but\b|let\b|"
    r"just\b|please\b)[\w-]+)?)(?: (?:yet|anymore|any more|after all|though|now))?"
    r"\s*(?:[,;:.!…–—]+|-\s)\s*(?:(?:so|and|but|then|please|let['’]?s|just|better|maybe|perhaps)\W+)*"
    r"(?P<order>\w[^.!?\n]*?)(?P<it> (?:it|that|this|that one|them))(?P<rest>\b[^?]*)$",
    re.IGNORECASE,
)
# "Not sure about redis", and nothing more: "not" denies the certainty, and no redis.
_ALONE = seldom(
    r"^(?P<lead>\W*(?:(?:hm+|well|so|ok|and|but)\W+)*)(?:(?:i|we)(?:['’]?m|['’]?re| am| are)? )?"
    rf"(?:(?:still|really|just|now) )*{_NOT_SURE}"
    r"(?= (?:about|of|by)\b)",
    re.IGNORECASE,
)


def without_doubts(message: str) -> str:
    """The message with such an order said of what was doubted."""
    said = _DOUBTS.sub(r"\g<lead>\g<order> \g<what>\g<rest>", message)
    return _ALONE.sub(r"\g<lead>I am unsure", said)
