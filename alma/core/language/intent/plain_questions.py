"""Questions about the draft whose form alone says what they ask, whatever else their words could mean: how many there
are of something, what was taken for granted, whose it is, who needs whom and what may fail.

Weighing words would take "how many servers do we have" for a question of capacity, and "what did you assume" for one
of what changed.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom
from alma.core.model.conversation import Intent

_OPENING = r"^\W*(?:(?:so|and|ok|okay|hey|well|hi|but|please|wait|then|alma|remind me|tell me|can you tell me)\W+)*"
_COUNTED = (
    r"how many (?!users?\b|people\b|visitors?\b|requests?\b|cores?\b|cpus?\b)(?:[\w-]+ ){1,3}"
    r"(?:(?:do|does|did|have|has) (?:i|we|you|it|they|this|that|the \w+) (?:now |currently |already )?"
    r"(?:have|got|run|use|include|contain|make|add|plan)|(?:are|is) (?:there|in|running|planned|defined))\b"
)
_ASSUMED = (
    r"(?:what|which|any)(?: \w+)? ?(?:(?:did|do|have|has|was|were|are|is) )?(?:you |been |the |your |there |any )*"
    r"(?:assum\w+|guess(?:ed|es)?|taken? for granted)\b"
)
_OWNED = (
    r"(?:who(?: is|'s| are)? (?:the )?(?:owns?|owners?|responsible|in charge|contact)|who does (?:this|it|that) belong|"
    r"whose|which team|what team|which cost cent(?:er|re)|what cost cent(?:er|re))\b"
)
_AVAILABLE = (
    r"(?:(?:is|are) (?:it|this|that|they|we|everything|the [\w-]+|our [\w-]+)(?: \w+)? "
    r"(?:highly[ -]available|ha|redundant|fault[ -]tolerant)|"
    r"(?:is|are) there (?:any |a )?single points? of failure)\b"
)
_NEEDED = (
    r"(?:(?:what|who|which [\w-]+)(?: \w+)? (?:depends?|relies|rely|refers?) (?:up)?on|"
    r"what does [\w -]+ depend on|"
    r"(?:who|what|which [\w-]+)(?: \w+)? "
    r"(?:talks?|speaks?|connects?|writes?|reads?) (?:to|from|with)(?! (?:me|us|you)\b))\b"
)
_SUPPOSED = (
    r"(?:what (?:would|will|might|could|does) (?:happen|break|fail|stop(?: working)?|go wrong|be affected)\b|"
    r"what happens (?:if|when|once|to)\b|(?:who|what|which [\w-]+) (?:would|will) (?:notice|be affected|suffer|miss)\b)"
)
_PRICED = (
    r"how much (?:more |extra |less )?(?!more\b|memory|ram\b|disk|storage|space|cpu|load|traffic|time|effort|work|"
    r"room|capacity|downtime)(?:[\w.-]+ ){1,6}(?:would|will|do|does|is|are|might) "
    r"(?:that |it |this )?(?:be|cost|run|come)\b"
)
_ABLE = (
    r"(?:(?:where|on which page|in which menu) (?:do|can|could|would|should) (?:i|we|one|you) "
    r"(?:see|find|look|read|check)\b|"
    r"(?:can|could) (?:i|we|one) (?:undo|revert|take back|reverse|restore) "
    r"(?:an?|any|things?|something|changes?|what)\b|"
    r"(?:can|could|may) (?:i|we|one|things|they|it|this|that)\b[^?]{3,60}"
    r"\b(?:later(?: on)?|afterwards|at any time|any ?time)\W*$)"
)
_OF_YOU = (
    r"(?:(?:what|which)(?: (?:kinds?|sorts?|types?) of)?(?: [\w-]+){0,3} (?:do|can|could|would) you "
    r"(?:support|understand|speak|handle|accept|offer|work with|deal with|talk to|deploy to|run on)\b|"
    r"what(?:'re| are) you (?:able to|capable of|good at|good for|made for)\b|"
    r"(?:do|can) you (?:support|speak|understand|handle|work with) (?!\d|(?:this|that|it|more|the|our|my)\b)"
    r"[\w .-]{2,30}\W*$)"
)
_PURPOSE = (
    r"(?:(?:what|why)(?:'s| is| are| do we need| do we have)|what does) (?!(?:the )?(?:price|cost|bill|budget|status|"
    r"state|forecast|plan|point|difference|best|right|deadline)\b|best\b|there\b|it\b|up\b|wrong\b|needed\b|missing\b)"
    r"(?:[\w'.-]+ ){1,8}?(?:for|good for|about|do)(?: again| exactly| anyway)?\W*$"
)
_FORMS = (
    (Intent.LIST, _COUNTED),
    (Intent.COST, _PRICED),
    (Intent.HELP, _ABLE),
    (Intent.HELP, _OF_YOU),
    *(
        (Intent.EXPLAIN, form)
        for form in (_ASSUMED, _OWNED, _AVAILABLE, _NEEDED, _SUPPOSED, _PURPOSE)
    ),
)
_COMPILED = tuple(
    (intent, seldom(f"{_OPENING}(?:{form})", re.IGNORECASE)) for intent, form in _FORMS
)
_LONGEST = 14
_NOTHING = r"(?:(?:don't|do not) (?:do|change|touch|make|build) (?:anything|a thing)(?: yet| now| for now)?\W+)?"
# "I only want to know whether …", "just curious how …": who says so asks, without a question mark as well.
_WONDERING = (
    r"(?:(?:i|we) (?:only|just|merely|simply) (?:(?:want|need|wanted|would like) to (?:know|understand|find out|learn|"
    r"hear|ask|see)|wonder(?:ed)?)|(?:(?:i|we)(?:'m|'re| am| are) )?(?:only|just|merely|simply) (?:wondering|"
    r"curious|asking)"
    r"(?: about)?) (?:whether|if|how|what|why|which|when|where|who)"
)
_WH = seldom(
    rf"{_OPENING}{_NOTHING}(?:{_WONDERING}|which|who|whose|why|where|"
    r"when(?= (?:will|would|do|does|did|is|are|was|were|can|should|has|have) |[^?]*\?)|"
    r"what(?! (?:about|(?:i|we)(?:'d| would)?(?: really| actually| also)? (?:need|want|like|require)))|"
    r"how(?! about))\b",
    re.IGNORECASE,
)
_SENTENCE = seldom(r"(?<=[.!?\n])\s+")


def plainly_asked(message: str) -> Intent | None:
    """What a short message asks in a sentence by its form; None where its words have to be weighed."""
    if len(message.split()) > _LONGEST:
        return None
    said = [part for part in _SENTENCE.split(message.replace("’", "'")) if part.strip()]
    found = (intent for part in said for intent, form in _COMPILED if form.match(part))
    return next(found, None)


def only_asked(message: str) -> bool:
    """Whether each sentence begins with who, what, why and the like: whatever it names, it wishes for nothing."""
    said = [part for part in _SENTENCE.split(message.replace("’", "'")) if part.strip()]
    return bool(said) and all(map(_WH.match, said))
