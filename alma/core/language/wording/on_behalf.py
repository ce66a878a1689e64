"""What somebody else wishes, passed on: "he would also like the crm VM to have 16GB", "she wants 4 cores on each".

Who passes a wish on wants it done, so it is put as the person's own. What others say otherwise stays a report, and what
they want to know, or to do, is no wish for a thing. What only leads to what is said ("that means …") is left out.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_PEOPLE = (
    r"(?:boss|team|devs?|developers?|lead developer|tech lead|team lead|colleagues?|customers?|clients?|managers?|cto|"
    r"ceo|cfo|admins?|dbas?|accountants?|director|partners?|auditors?|ops|marketing|management|finance|accounting|"
    r"people|folks|guys|lab|office|department|board|product owner|owner|analysts?|testers?|designers?|students?|"
    r"teachers?)"
)
_WHO = (
    rf"(?:he|she|(?:the|our|my|their) (?:[a-z]+ )?{_PEOPLE}|marketing|management|finance|accounting|ops|everyone|"
    r"everybody|somebody|someone)"
)
_WISHES = (
    r"(?:would(?: also| really| still)? (?:like|love|prefer)|['’]d(?: also)? (?:like|love)|"
    r"(?:also |now |really |still )?wants?|wish(?:es)? for|(?:has |have |just |also )?asked(?: me| us)? for|asks? for)"
)
# What people want that is nothing to make or change.
_OTHERWISE = (
    r"(?!to\b|us\b|me\b|you\b|that\b|this\b|it\b|(?:an?|the|some|more|any)? ?(?:answers?|updates?|reports?|lists?|"
    r"overview|"
    r"details?|info|information|quotes?|estimates?|advice|help|proof|explanation|reasons?|numbers?|figures?|opinion)\b)"
)
_PASSED_ON = seldom(
    rf"(?P<lead>^|[.!?;,:\n]\s*|\s+(?:and|so|but)\s+){_WHO} {_WISHES} (?P<to>to have )?{_OTHERWISE}(?=\S)",
    re.IGNORECASE,
)
_ASIDES = seldom(
    r"(?:(?<=[,;.:!?(]\s)|(?<=\band\s)|(?<=\bbut\s)|^)on top of that\b\s*,?\s*|"
    r"(?:(?<=[\s,(])|^)(?:on the other hand|on the plus side|for a change|for once|"
    r"as you (?:can imagine|know)|believe it or not|to be honest|to be fair|frankly|sadly|luckily|"
    r"(?:i|we) (?:don['’]?t|do not|never) want (?:that|this|it) to (?:happen|occur|be so)(?: here| again| to us)*|"
    r"(?:that|this|which) means(?: that)?(?= (?:the|our|my|we|i)\b))\b\s*,?\s*",
    re.IGNORECASE,
)


# "In my last mail I asked for a bigger VM, please forget that."
_TAKEN_BACK = seldom(
    r"(?<![^.!?\n])[^.!?\n]*\b(?:asked|wanted|requested|ordered)\b[^.!?\n]*\b(?:forget|ignore|disregard|scratch) "
    r"(?:that|it|this)\b[^.!?\n,;]*[.!]\s*",
    re.IGNORECASE,
)
_ALIKE = (
    r"(?:of )?(?:the )?same (?:sizes?|specs?|specifications|resources|kind|sort|type|config\w*)"
)
# What stays as it is, and what more of the same have anyway.
_SAME_SIZE = seldom(
    rf",?\s*(?:(?:with|at|in|and keep) )?{_ALIKE} (?:as|like) (?:now|before|today|it has(?: now| today)?|currently|"
    r"at (?:the moment|present))\b",
    re.IGNORECASE,
)
_LIKE_OTHERS = seldom(
    rf"(?P<more>\b(?:more|another|additional|extra|further)\b[^.?!;,]*)[.?!;,]\s*{_ALIKE} (?:as|like) "
    r"(?:the others?|the rest|the existing(?: \w+)?|the other \w+|those)\b",
    re.IGNORECASE,
)


def on_behalf(message: str) -> str:
    """The message with the wishes of others as one's own, each in a sentence of its own, and without asides."""
    message = _TAKEN_BACK.sub("", message) or message
    message = _SAME_SIZE.sub("", _LIKE_OTHERS.sub(r"\g<more>", message))
    return _PASSED_ON.sub(_own, _ASIDES.sub("", message))


def _own(found: re.Match[str]) -> str:
    lead = found["lead"].strip()
    if not found["lead"]:
        return "I want "
    return f"{lead} I want " if lead in {".", "!", "?", ";", ":"} else ". I want "
