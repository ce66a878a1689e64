"""Questions asked in a roundabout way, put directly: "tell me what adding a server would cost", "before we delete db:
what depends on it?", "say I removed the cache. What would break?".

What is only supposed, or said to come after the answer, names acts that nobody orders. Put directly there is one
question left, with what is supposed at its end.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_ASKS = (
    r"(?:what(?:['’]s)?|which|who(?:se|['’]s)?|how(?:['’]s)?|why|where(?:['’]s)?|when|is|are|was|were|do|does|did|can|could|"
    r"will|would|should|has|have|isn['’]?t|aren['’]?t|doesn['’]?t|don['’]?t|won['’]?t|wouldn['’]?t|any)"
)
_WH = r"(?:what|which|who|whose|how|why|where)"
_SOFTLY = (
    r"(?:(?:please|pls|hey|hi|hello|so|and|but|ok|okay|well|now|also|alma|quickly|first|just|maybe|oh|um|kindly|"
    r"morning|sorry|one question|quick question|question)\b[\s,:;–—-]*)*"
)
_TELLING = (
    r"(?:(?:can|could|would|will) (?:you|u) (?:please |pls |maybe |quickly |just |kindly )*)?"
    r"(?:tell (?:me|us)|show (?:me|us)|let (?:me|us) know|remind (?:me|us)|teach (?:me|us)|"
    r"work out|find out|figure out|look up|see|calculate|estimate|give (?:me|us) an idea(?: of)?)(?: again| once more|"
    r" exactly| quickly| please)*|"
    r"(?:i|we)(?:['’]d| would| want| need| just| only| merely| simply| really| am|['’]m|['’]re| are)*"
    r"(?: (?:like|love|want|need|curious|wondering|interested|keen|dying|not sure|unsure|unclear))?"
    r"(?: (?:to (?:know|hear|see|understand|learn|find out)|about|in))?(?<! i)(?<! we)|"
    r"(?:do|would) you (?:happen to )?know|(?:i|we) (?:wonder|don['’]?t know|forgot|keep forgetting|can['’]?t remember|"
    r"want to know|need to know)|any idea|no idea|not sure"
)
_INDIRECT = seldom(
    rf"(?P<lead>^|[.!?;\n]\s*|,\s*(?:(?:and|but|so|then)\s+)?)(?P<softly>{_SOFTLY})(?:{_TELLING})[\s,:]+(?={_WH}\b)",
    re.IGNORECASE,
)
_BEFORE = seldom(
    rf"(?P<lead>^|[.!?;\n]\s*)(?P<softly>{_SOFTLY})(?:before|prior to|until)\s+(?:(?:i|we|you|anyone|somebody) "
    r"(?:go ahead and |actually |really |can |could |might |even |go and )*[a-z]+|[a-z]+ing)(?: up| down| rid of)?\s+"
    r"(?P<what>[^,.:;?!\n–—]{1,60}?)\s*(?:[,:;–—]|\s-\s|\s(?=(?:tell|show|let) (?:me|us)))\s*"
    rf"(?:please |can you |could you )*(?:(?:tell|show) (?:me|us) |let (?:me|us) know |check )?"
    rf"(?P<asks>{_ASKS}\b[^.!?\n]*)",
    re.IGNORECASE,
)
_SUPPOSED = seldom(
    rf"(?P<lead>^|[.!?;\n]\s*)(?P<softly>{_SOFTLY})(?:let['’]?s (?:say|assume|suppose|imagine|pretend)|say|suppose|"
    r"supposing|imagine|assume|assuming|picture this|pretend|hypothetically|what if|if|theoretically)"
    r"(?: that)?[\s,:]+(?=(?:i|we|you|the|this|that|our|my|a|an|one|two|someone|somebody|all|everything|[\w.-]*\d)\b)"
    r"(?P<supposed>[^?!.;:\n]{3,120}?)\s*(?:[.;:?!,…–—]+\s*|\s-\s)"
    rf"(?:then |so |and )*(?P<asks>{_ASKS}\b[^.!\n?]*)(?=[.!?\n]|$)",
    re.IGNORECASE,
)
_POINTED = seldom(r"\b(?:it|them|that|this)\b", re.IGNORECASE)
_POLITE = seldom(r"^(?:can|could|would|will) (?:you|we|i)\b", re.IGNORECASE)
# "How about a cache?", "what we need is a cache" wish for something, however they are introduced.
_WISHED = seldom(r"(?:how about|what (?:i|we) (?:need|want|would like))\b", re.IGNORECASE)


def directly(message: str) -> str:
    """The message with such questions put directly."""
    message = _BEFORE.sub(_of_what, message)
    message = _SUPPOSED.sub(_asked_first, message)
    return _INDIRECT.sub(_without_lead, message)


def _without_lead(found: re.Match[str]) -> str:
    wished = _WISHED.match(found.string, found.end())
    return found[0] if wished else f"{found['lead']}{found['softly']}"


def _of_what(found: re.Match[str]) -> str:
    """`what depends on db`, of `before we delete db: what depends on it`."""
    if _POLITE.match(found["asks"]):
        return found[0]
    what = found["what"].strip()
    asked = _POINTED.sub(lambda _: what, found["asks"], count=1)
    return f"{found['lead']}{found['softly']}{asked}"


def _asked_first(found: re.Match[str]) -> str:
    """`what would break if I removed the cache`."""
    if _POLITE.match(found["asks"]):
        return found[0]
    return f"{found['lead']}{found['softly']}{found['asks'].strip()} if {found['supposed'].strip()}"
