"""Messages that only weigh something up: they name what could be run, and ask for nothing of it yet.

"mysql vs postgres for a shop" compares, "we should talk about databases" announces a talk, and "we might want a second
cache one day" is no order, whatever they name. Each is a whole message: an order beside it is an order.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom
from alma.core.model.conversation import Intent

_ORDERED = seldom(
    r"\b(?:please|pls|i need|we need(?! to (?:talk|discuss|think|decide|chat|speak|meet))|i want|we want|set up|create|"
    r"deploy|add|remove|delete|scale|give|make|build|install|run|spin up|go with|let's (?:use|take|go)|i'll take)\b",
    re.IGNORECASE,
)
_AGAINST = seldom(r"\b(?:vs\.?|versus)(?=\s|$)", re.IGNORECASE)
_TALK = seldom(
    r"^\W*(?:(?:hi|hey|hello|so|ok|okay|well|and|btw|also|at some point|sometime|some ?day|later|soon|tomorrow|"
    r"next week)\W+)*(?:(?:we|i|you and i|you|let's|let us|they|someone|somebody)\s+)?(?:(?:should|need to|have to|"
    r"must|ought to|could|can|might|will|would like to|want to|shall|probably|maybe|perhaps|really|also|definitely|"
    r"still|at some point|soon|better|had|us)\s+)*(?:talk|discuss|chat|think(?=\s+(?:about|over|through)\b)|speak|"
    r"brainstorm|argue|debate|have a (?:talk|chat|word|think))\b"
    r"(?!\s+(?:goes|is|was|needs?|gets?|has|can|could|should|must|will|won['’]t|only|runs?|"
    r"no longer)\b)(?:\s+(?:about|over|of|on|through|again))?\b",
    re.IGNORECASE,
)
_SOME_DAY = seldom(
    r"\b(?:might|may|could|would|will|should)\b.*\b(?:one day|some ?day|at some point|eventually|in the future|"
    r"down the (?:road|line)|in the long run|sometime|some time (?:later|soon)|no (?:rush|hurry)|not (?:yet|now))\b",
    re.IGNORECASE | re.DOTALL,
)
_LONGEST = 25


def mused(text: str) -> Intent | None:
    """What a message that orders nothing is about: comparing, or nothing to be done; None for every other."""
    if len(text.split()) > _LONGEST or _several(text):
        return None
    if _AGAINST.search(text):
        return None if _ORDERED.search(text) else Intent.COMPARE
    if _TALK.match(text):
        rest = _TALK.sub("", text, count=1)
        return None if _ORDERED.search(rest) else Intent.HELP
    if _SOME_DAY.search(text) and not re.search(r"\bplease\b", text, re.IGNORECASE):
        return Intent.SMALLTALK
    return None


def _several(text: str) -> bool:
    """Whether more than one sentence is said."""
    return len([part for part in re.split(r"[.!?;\n]+(?:\s|$)", text) if part.strip()]) > 1
