"""Why something is ordered of a draft, said before or behind the order: "security complained - no public
address for it", "remove the vms, we'll run the app elsewhere".

Who complained and where things are done instead is no part of the order, and its words ("security", "the app") would be
read as if they were.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_WHO = (
    r"(?:(?:the|our|my|some|a few|one of (?:the|our|my)|all|everybody|everyone|everyone in) )?"
    r"(?:(?!add|remove|make|give|set|put|drop|scale|rename|no\b|not\b)[\w'’/&-]+ ){0,2}?"
    r"(?!add\b|remove\b|make\b|give\b|it\b|that\b|this\b|not\b)[\w'’-]+"
)
_UPSET = (
    r"(?:(?:has|have|had|just|keeps?|is|are|was|were|already|now|really|also|again|loudly|still)\s+)*"
    r"(?:complain(?:ed|s|ing)|moan(?:ed|s|ing)|grumbl(?:ed|es|ing)|object(?:ed|s)|freaked out|freaking out|"
    r"unhappy|not (?:very |too |so |at all )?(?:happy|amused|pleased|keen|thrilled)|upset|nervous|furious|mad|"
    r"(?:is|are|was|were)n['’]?t (?:very |too |so |at all )?(?:happy|amused|pleased|keen|thrilled)|"
    r"(?:do|does|did)(?:n['’]?t| not) (?:really |quite )?(?:like|want|approve of) (?:it|that|this)|"
    r"flagged (?:it|that|this)|yelled at (?:me|us)|shouted at (?:me|us)|said no|says no|refused|got cold feet)"
)
_ABOUT = r"(?:\s+(?:to (?:me|us)|about (?:it|that|this)|with (?:it|that|this)|again|today|yesterday|just now))*"
_COMPLAINT = re.compile(
    rf"^\W*(?:(?:so|ok|okay|hm+|oh|well|sorry|hey|argh|ugh|and|but)\W+)*{_WHO} {_UPSET}{_ABOUT}"
    r"\s*(?:[,.;:!]+|\s[–—-]+)\s*(?:(?:so|and so|therefore|hence)\b[\s,]*)?(?=\w+\W+\w)",
    re.IGNORECASE,
)
_REMOVING = re.compile(
    r"\b(?:remove|delete|drop|get rid of|kill|ditch|scrap|take out|lose|don['’]?t need|no longer need|retire|"
    r"decommission|bin|chuck|skip|leave out|omit|(?:can|should|must|has to|may) go|goes(?: away)?(?= *[,.;!–-])|"
    r"(?:is|are)(?:n['’]?t| not| no longer) needed|won['’]?t (?:need|be needed))\b",
    re.IGNORECASE,
)
# What does the same without it: "our router handles that", "the framework does caching", "we have slack for that".
_DONE_BY_OTHERS = re.compile(
    r"(?:\s*[,.;!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|cause\b))(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:we|i|they|(?:the|our|my|your|their) [\w'’-]+(?: [\w'’-]+)?|"
    r"(?!\d|(?:one|two|three|four|five|six|half)\b)[\w'’-]+)"
    r"\s+(?:(?:already|now|always|also|just|simply|anyway)\s+)*"
    r"(?:(?:handles?|does|do|hosts?|covers?|manages?|provides?|includes?|offers?|caches?|"
    r"takes? (?:care|over)|comes? with|is (?:enough|plenty|sufficient)|"
    r"(?:keeps?|runs?|stores?) (?:that|it|them|one|its own))\b"
    r"|(?:has|have|'ve|got|uses?)\b(?! to\b))(?P<what>[^.;,!?\d]*)[.!]*\s*$",
    re.IGNORECASE,
)
_OTHER_ORDER = re.compile(
    r"\b(?:instead|should|must|needs?|bigger|smaller|more|less|fewer|another|rather|please|too|as well)\b",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"(?:\s*[,.;!]+\s*|\s+[–—-]+\s+|\s+(?=because\b|since\b|as we\b|cause\b))(?:(?:because|since|as|cause|and)\s+)?"
    r"(?:(?:we|i|they|you|the [\w-]+|our [\w-]+|[\w-]+)(?:['’](?:ll|re|d)| will| (?:are|is)(?: going to)?)?)\s"
    r"[^.;!?,\d]*?\b(?:elsewhere|somewhere else|someplace else|ourselves|itself|by itself|themselves|by themselves|"
    r"on (?:its|their|our) own|in[ -]house|by hand|manually|externally|differently|another way|without (?:it|them)|"
    r"in (?:another|a different|some other) \w+|with (?:another|a different|some other) \w+)\b[^.;!?]*[.!]*\s*$",
    re.IGNORECASE,
)


def without_grounds(message: str, means: Callable[[str], object]) -> str:
    """The order alone; the message as it is where there is no such reason, or nothing beside it. `means` tells the
    words that stand for something that can be made: "we have redis" may be an order."""
    ordered = _COMPLAINT.sub("", message, count=1)
    if "?" in ordered or not _REMOVING.search(ordered):
        return ordered
    told = _ELSEWHERE.search(ordered) or _done_by_others(ordered, means)
    first = _REMOVING.search(ordered)
    if told is None or first is None or told.start() < first.end():
        return ordered
    return ordered[: told.start()]


def _done_by_others(message: str, means: Callable[[str], object]) -> re.Match[str] | None:
    """The reason at the end of a message that something else does the same, and that names nothing to be made."""
    found = _DONE_BY_OTHERS.search(message)
    if found is None or _OTHER_ORDER.search(found["what"]):
        return None
    own = re.findall(r"[\w'’-]+", found["what"].casefold())
    replaces = own[-2:] in (["for", "that"], ["for", "it"], ["for", "this"], ["for", "those"])
    return found if replaces or not any(means(word) for word in own) else None
