"""Who needs whom, said otherwise: "api has to wait for pg when starting", "web should get its traffic through lb"."""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_WAITING = seldom(
    r"\b(?:(?:has|have|needs?|ought|is|are) to wait (?:for|on)|(?:must|should|shall|may) (?:only )?"
    r"(?:wait (?:for|on)|(?:start|come up|boot) after)|waits for|(?:starts|boots|comes up) after)"
    r" (?P<what>(?:the |our |my )?[\w.-]+)"
    r"(?: (?:when|before|on|while|to be up (?:when|before)|to come up before) (?:it )?"
    r"(?:start(?:s|ing|up)?|boot(?:s|ing)?|com(?:es|ing) up))?"
    r"(?:,? (?:so |and )?(?:(?:can|could) you |please )*(?:add|set|make) (?:that|this|the)(?: "
    r"(?:dependency|order|link))?)?",
    re.IGNORECASE,
)
_TRAFFIC = seldom(
    r"(?<![\w.-])(?P<who>(?:the |our |my )?[\w.-]+(?:(?:, | and )[\w.-]+)*) "
    r"(?:should|must|has to|have to|needs? to|shall) (?:also )?(?:get|receive|take|see|have) (?:its |"
    r"their |some |the )?"
    r"(?:traffic|requests|load) (?:through|from|via|over|by) (?P<what>(?:the )?[\w.-]+(?: balancer)?)(?: "
    r"too| as well)?",
    re.IGNORECASE,
)


_ALSO = seldom(
    r"\b(?P<who>(?!should|must|can|will|may|has|have|it|they|we|i|you|and|but)[\w.-]+) (?:also|now|still) "
    r"(?P<verb>reads?|writes?|talks?|speaks?|connects?|consumes?|publish(?:es)?|subscribes?|depends|relies)\b",
    re.IGNORECASE,
)


_CUT = seldom(
    r"\b(?:cut|sever|drop|remove|break|delete) the (?:connection|link|dependency|wire) (?:between|from|of) "
    r"(?P<one>(?:the )?[\w.-]+) (?:and|to|on) (?P<other>(?:the )?[\w.-]+)",
    re.IGNORECASE,
)


def depending(message: str) -> str:
    """The message with who needs whom in the words that the grammar knows."""
    message = _CUT.sub(r"disconnect \g<one> from \g<other>", message)
    message = _ALSO.sub(r"\g<who> \g<verb>", message)
    message = _WAITING.sub(r"depends on \g<what>", message)
    return _TRAFFIC.sub(r"put \g<who> behind \g<what>", message)
