"""What is not wanted, in any words: `mosquitto? no, skip it`, `don't bother with caching`, `it has its own ingress`,
`neither gets a public address`, `Redis isn't used, so leave it out`.

Told as `no …`, or left out where what is denied is no thing that could be made.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_NO = (
    r"(?:no|nope|nah|not? (?:needed|required|necessary|now|yet)|never mind|skip (?:it|that)|don't|we don't|"
    r"not really)"
)
# What may follow a no without being wished for itself: "no, nobody answered", and not "no, a plain one".
_WHY = r"(?!\s*,?\s*(?:an?|one|two|three|\d|just|only|plain|make|use|let's)\b)"
_ASKED = seldom(
    rf"(?P<before>^|[.;,!\n]\s*)(?:[-*•]\s*|\d+[.)]\s*)?(?:a |an |the |any )?[\w-]+(?: [\w-]+)"
    rf"?\?\s*{_NO}\b{_WHY}[^.;!?\n]*[.;!]?",
    re.IGNORECASE,
)
_WANTED = seldom(
    r"(?P<what>\b(?:a |an )?[\w-]+(?: [\w-]+)?)\?\s*(?:yes|yep|yeah|sure|of course|please|definitely)\b[,.!]?",
    re.IGNORECASE,
)
_OWN = seldom(
    r"[,;(]?\s*(?:(?:because|since|as|for)\s+)?\b(?:the|our|that|this|it|which)(?: [\w-]+){0,2} (?:already )?"
    r"(?:brings?|has|have|comes? with|ships? with|includes?|provides?|bundles?) (?:along )?(?:its|their|"
    r"an?|one)?\s?own(?: [\w-]+){0,3}"
    r"(?=[.,;)!\n]|$)",
    re.IGNORECASE,
)
_BOTHER = seldom(
    r"\b(?:(?:please\s+)?(?:do not|don't|dont|no need to|there is no need to|needn't|not|you can)"
    r"\s+(?:even\s+|really\s+)?"
    r"(?:bother|worry|mess|fuss)(?:ing)?(?:\s+(?:with|about|to (?:add|set up|include)|adding|setting up))|"
    r"(?:we|i) (?:can|could|will|'ll)\s+(?:live|do|manage|go|survive|cope) without|"
    r"(?:spare|save) (?:us|me)|(?:we|i)(?:'ll| will| can)? (?:skip|forgo|pass on)|no point in(?: having| adding)?)\s+"
    r"(?:the |an? |any )?(?=[a-z])",
    re.IGNORECASE,
)
_UNUSED = seldom(
    r"(?P<before>^|[.;!\n]\s*|,\s*(?:but|and)?\s*)(?:the |a |an )?(?P<what>[\w-]+(?: [\w-]+)?) (?:isn't|"
    r"is not|aren't|are not|won't be|"
    r"will not be|is no longer|is) (?:really )?(?:used|needed|required|necessary|wanted|overkill|"
    r"unnecessary|unneeded|obsolete)\b"
    r"(?P<rest>[^.;!?\n]*)",
    re.IGNORECASE,
)
_DENYING = seldom(r"n't|\bnot\b|no longer|overkill|unnecessary|unneeded|obsolete", re.IGNORECASE)
_NOT_NEEDED = seldom(
    r"(?P<before>^|[.;!,\n]\s*|\b(?:and|but)\s+)(?P<what>[a-z][\w-]*(?: [a-z][\w-]*)?)\s+(?:is\s+)?(?:not|"
    r"un)[ -]?(?:needed|required|necessary|wanted)\b",
    re.IGNORECASE,
)
_AVAILABLE = seldom(
    r"(?:high(?:ly)? availab\w+|ha|redundan\w+|fail-?over|clustering)", re.IGNORECASE
)
_ONE_WILL_DO = seldom(
    r"[,;.]?\s*(?:and\s+)?\b(?:one|1|a single) (?:node|instance|server|replica|copy|box|machine)"
    r"\s+(?:will do|is enough|suffices|is fine|"
    r"is plenty|should do|does it|is all (?:we|i) need)\b",
    re.IGNORECASE,
)
_ENVIRONMENT = seldom(
    r"(?:a )?(?:staging|production|prod|dev(?:elopment)?|test(?:ing)?|qa)(?: environment| system)?",
    re.IGNORECASE,
)
# "We don't need anything fancy, a single server": said beside what is wanted, and nothing that goes.
_MODEST = seldom(
    r"(?P<before>^\W*(?:(?:so|ok|well|hi|hello|hey)\W+)*|[.;!\n]\s*|,\s*)(?:(?:and|but|also)\s+)?"
    r"(?:(?:we|i)\s+)?(?:really |actually )?(?:do(?:es)?(?:n['’]?t| not)|not)\s+(?:really |actually |particularly )?"
    r"(?:need(?:ing)?|want(?:ing)?|require|looking for|after|asking for)\s+(?:anything|something|a)\s+"
    r"(?:(?:too|very|that|so|overly|particularly|super|really|all that)\s+)?"
    r"(?:fancy|special|big|huge|large|expensive|elaborate|complicated|complex|crazy|major|exotic|powerful|beefy|massive|"
    r"sophisticated|glamorous|high[ -]?end|top[ -]?notch|monster|over the top|enterprise(?:[ -]?grade)?|heavy|"
    r"grand|wild|"
    r"lot|ton|much)(?:\s+(?:setup|thing|machine|here|at all|for (?:this|that|it|now)))?\s*"
    r"(?:[,.;:!]+|\s[–—-]|\bjust\b|\bonly\b)\s*(?:(?:just|so|but)\s+)?(?=\w)",
    re.IGNORECASE,
)
_NEITHER = seldom(
    r"\bneither(?: of (?:them|these|those|the [\w-]+))?(?: [a-z-]+)?\s+(?:gets?|has|have|needs?|"
    r"should (?:have|get)|must (?:have|get)|"
    r"may (?:have|get)|is to (?:have|get))\s+(?:an?\s+|any\s+)?",
    re.IGNORECASE,
)
_NONE_OF = seldom(
    r"\b(?:none of (?:them|these|those|it|the [\w-]+)|nothing(?: (?:of|in) (?:it|this|that))?)\s+(?:should|"
    r"must|may|will|needs? to|"
    r"has to|is to|are to)\s+(?:be )?(?:highly available|redundant|ha)\b[,.]?",
    re.IGNORECASE,
)
# "Neither of the two may be reachable": all of what was named must not.
_NEITHER_IS = seldom(
    r"\b(?:neither|none)(?: of (?:them|these|those|this|it|the [\w-]+|[\w-]+))? (?:(?:may|must|should|shall|can|will|"
    r"is to|are to) (?:ever )?be|is|are) (?=(?:\w+ )?(?:public|reach|access|expos|open|visible|available))",
    re.IGNORECASE,
)
_LESS = seldom(r"\b(?:gpu|internet|graphics)[ -]?less ", re.IGNORECASE)
_SAYS = seldom(
    r"\b(?:my|our|the|a)\s+[\w-]+(?: [\w-]+)? (?:says?|said|thinks?|insists?|claims?|keeps? saying|wants?|"
    r"suggested|recommends?)"
    r"[^.;!?\n]{0,60}?\b(?:but|and yet|though)\s+(?:i|we)\s+(?:really |just |definitely )?(?:don't|do not|"
    r"won't|would rather not)"
    r"[^.;!?\n]*",
    re.IGNORECASE,
)
_POINT = seldom(
    r"\b(?:we|i|it|which|that|they)?\s*(?:can't|cannot|can not|must not|mustn't|should not|shouldn't|may not) "
    r"(?:afford|have|tolerate|accept|be)\s+(?:an? |any )?(?=single point of failure|downtime|outages?\b)",
    re.IGNORECASE,
)
# "We explicitly don't want a queue": however firmly it is said.
_FIRMLY = seldom(
    r"\b(?P<who>we|i) (?!only\b)[a-z]+ly (?=(?:don['’]?t|do not|won['’]?t|will not) (?:want|need|require|use)\b)",
    re.IGNORECASE,
)


def denied(message: str) -> str:
    """The message with its denials told plainly."""
    message = _FIRMLY.sub(r"\g<who> ", message)
    message = _SAYS.sub("", _LESS.sub("", message))
    message = _MODEST.sub(r"\g<before>", message)
    message = _NEITHER_IS.sub("both must not be ", message)
    message = _POINT.sub("no ", message)
    message = _ASKED.sub(lambda found: found["before"], message)
    message = _WANTED.sub(r"\g<what>,", message)
    message = _OWN.sub("", message)
    message = _NONE_OF.sub("", message)
    message = _BOTHER.sub("no ", message)
    message = _NEITHER.sub("no ", message)
    message = _ONE_WILL_DO.sub("", message)
    message = _NOT_NEEDED.sub(_without, message)
    return _UNUSED.sub(_no_more, message)


def _without(found: re.Match[str]) -> str:
    if _AVAILABLE.fullmatch(found["what"]):
        return found["before"]
    return f"{found['before']}no {found['what']}"


def _no_more(found: re.Match[str]) -> str:
    if _DENYING.search(found[0]) and _ENVIRONMENT.fullmatch(found["what"]):
        return found["before"]
    if not _DENYING.search(found[0]) or found["what"].casefold() in {
        "it",
        "that",
        "this",
        "which",
        "there",
    }:
        return found[0]
    return f"{found['before']}no {found['what']}"
