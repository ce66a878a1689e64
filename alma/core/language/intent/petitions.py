"""Orders wrapped in a question about somebody's will: "mind doubling the disk?", "any chance you could drop web-2?".

Nobody who asks so wants to know; the act is said in the form that the question asks for (doubling, dropped), so it is
put as the one polite order that is read further on. Only verbs that order something are put so: "any chance of rain?"
stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from alma.core.language.intent.clausing import Clausing
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize

_LEAD = (
    r"(?P<lead>(?:^|[.!?;,:\n–—-])\W*"
    r"(?:(?:so|and|but|hey|hi|hello|ok|okay|well|also|please|then|now|oh|alma|sorry)\W+)*)"
)
_SOFT = r"(?:(?:please|pls|maybe|perhaps|possibly|just|kindly|quickly|also|at least)\s+)*"
_CHANCE = (
    r"(?:(?:is|are|would) there(?: be)?\s+)?(?:any|a|some|no|the)\s+(?:slight(?:est)? )?"
    r"(?:chance|way|possibility|hope|scope|room)"
)
_EASY = (
    r"(?:(?:be|is)\s+)?(?:(?:a lot of|too much|much|any|a big|a huge|asking|terribly|very|ok|okay|fine|all right|"
    r"alright|possible|feasible|doable|easy|hard|good|trouble|hassle|bother|problem|pain|of you|for you|with you|"
    r"to ask|if i asked you)\s*)+"
)
# Each leads to a verb as it stands in an order.
_PLAIN = seldom(
    rf"{_LEAD}(?:{_CHANCE}(?:\s+(?:that|of|for))?\s+(?:you|we|u|i|someone|somebody)\s+(?:could|can|might|would|may)|"
    r"(?:would|are|will) (?:you|u)(?: guys)? (?:be )?(?:able|willing|happy|up for it|kind enough|in a position) to|"
    rf"(?:would|will) (?:it|that) {_EASY} to|is it {_EASY} to|"
    r"(?:(?:i|we) )?(?:was|were|am|are|['’]m|['’]re|been) hoping (?:that )?"
    r"(?:you|u)(?:['’]d| would| could| can| might)|"
    r"(?:can|could|would|will|might) (?:someone|somebody|anyone|anybody)|"
    r"(?:perhaps|maybe|possibly) (?:you|we) (?:could|can|might)|"
    r"(?:(?:i|we) )?(?:was|were|am|are|['’]m|['’]re|been) wondering (?:if|whether) "
    r"(?:you|u|we|someone|somebody)(?:['’]d| would| could| can| might)(?: be able to)?|"
    r"why (?:don't|dont|do not) you|how about (?:you|we)(?! (?:are|is|have|do|did|were|was)\b)|"
    r"(?:(?:would|do) you )?(?:fancy|care) to|(?:would|do) you mind if (?:we|i|you)|"
    r"(?:do you )?(?:think|reckon|suppose) (?:you|we|it)"
    r" (?:could|can|might)(?= [^.!\n]*\?)|"
    r"i(?:'d| would) (?:ask|like to ask|beg|kindly ask) (?:you|u) to|may i ask (?:you|u) to|might you)"
    rf"\s+{_SOFT}(?P<verb>[a-z]{{2,}})\b(?=\s+\S)",
    re.IGNORECASE,
)
# … to what is done, said as something that goes on,
_GOING_ON = seldom(
    rf"{_LEAD}(?:(?:(?:would|do|will) (?:you|u|ya)(?: guys)? )?(?:mind|fancy|care about)|"
    rf"{_CHANCE} (?:of|for) (?:you |us |your )?|how (?:about|bout) (?:you |we |us )?|"
    r"(?:would|are|will) you (?:be )?(?:ok|okay|fine|up for|open to|happy)(?: with)?)"
    rf"\s*{_SOFT}(?P<verb>[a-z]{{2,}}ing)\b(?=\s+(?!for\b)\S)",
    re.IGNORECASE,
)
# … or as if it had been done.
_DONE = seldom(
    rf"{_LEAD}(?:(?:i|we)(?:'d| would) (?:really |very much |so )*(?:appreciate (?:it )?|love it |like it |"
    r"be (?:so |very |really |most |eternally )*(?:grateful|happy|glad|thankful|pleased|obliged) )if|"
    r"it(?:'d| would) be (?:\w+ )?(?:great|nice|lovely|good|cool|awesome|helpful|perfect|ideal|wonderful|fantastic) if|"
    r"(?:would|will) (?:it|that) be (?:ok|okay|fine|alright|possible|all right) if|what if)\s+"
    rf"(?:you|u)\s+(?:(?:could|can|would)\s+)?{_SOFT}(?P<verb>[a-z]{{2,}})\b(?=\s+\S)",
    re.IGNORECASE,
)
_DONE_TO = seldom(
    rf"{_LEAD}(?:could|might|can (?=[^?\n]*\b(?:please|pls|plz)\b))\s*"
    r"(?P<what>(?:the |our |my )?[\w-]+(?: [\w-]+){0,4}?) "
    rf"(?:please )?be\s+{_SOFT}(?P<verb>(?!open\b)[a-z]+(?:ed|en|own|unk|ut|ade|ilt|set))\b(?P<part> up\b)?",
    re.IGNORECASE,
)
_CARED_FOR = seldom(
    rf"{_LEAD}(?:(?:can|could|would|will) (?:you|u) (?:please )?)?(?:see to it|take care|see|make sure)(?: that)?"
    r"(?= (?!(?:the )?(?:what|how|if|whether|when|why|who|which|you|it)\b)"
    r"[\w-]+(?: [\w-]+){0,2}? (?:has|gets|have|get|runs)\b)",
    re.IGNORECASE,
)
_SEEN_TO = seldom(
    rf"{_LEAD}(?:(?:(?:can|could|would|will) (?:you|u) )?(?:please )?(?:make sure|see to it|ensure|take care|see))"
    r"(?: that)? (?P<what>(?:the |our |my )?[\w-]+(?: [\w-]+){0,2}?) (?:is|are|gets?|will be)"
    r" (?P<verb>[a-z]{3,}(?:ed|en|ut|ade))\b",
    re.IGNORECASE,
)
# What is wished for by itself: "any chance of a fourth instance?"
_THING = seldom(
    rf"{_LEAD}(?:{_CHANCE} (?:of|for)|(?:(?:i|we)(?:['’]d)? ?)?(?:would )?(?:really |very much )*"
    r"(?:appreciate|love to (?:see|have)|be (?:happy|glad|grateful) (?:about|for|with)|welcome)|"
    r"might (?:i|we)(?: please)? (?:have|get)|"
    r"(?:would|could) (?:i|we) (?:be able to|manage to|possibly) (?:have|get)|"
    rf"(?:would|will) it be (?:possible|ok|okay) (?:for (?:us|me) )?to (?:have|get)|"
    rf"{_CHANCE} (?:that )?(?:i|we) (?:could|can|might) (?:have|get))"
    r"\s+(?:(?:getting|having|seeing)\s+)?(?=(?:an?|one|two|three|four|five|six|another|some|more|\d[\w.]*)\b)",
    re.IGNORECASE,
)
# "Any chance web-1 could get 8GB?" is "could web-1 get 8GB?".
_GETTING = seldom(
    rf"{_LEAD}(?:{_CHANCE}(?: that)?|do you (?:think|reckon))"
    r" (?P<who>(?!(?:i|we|you|it|that|this)\b)[\w-]+(?: [\w-]+){0,2}?)"
    r" (?:could|can|might|may) (?:maybe |perhaps |please )?(?=(?:get|have|use|run)\b)",
    re.IGNORECASE,
)
# "How about 4GB for db, would you do that?" is settled, and asks for no opinion.
_OFFERED = seldom(
    rf"{_LEAD}(?:how|what) about (?P<what>[^?.!\n]{{3,80}}?)\s*[,?–—-]\s*(?:(?:would|could|can|will) (?:you|u|we)"
    r" (?:please )?(?:do|make|arrange|manage|change|set) (?:that|it|this)(?: up| happen)?(?: for (?:me|us))?|"
    r"do (?:that|it)(?: for (?:me|us))?|go ahead|please)\s*(?:please)?[?.!]*$",
    re.IGNORECASE,
)
_ADVISING = seldom(
    r"\b(?:your (?:opinion|thoughts|view|take)|thoughts|opinions?|good idea|make sense|recommend|sensible|wise|"
    r"better|worth)\b",
    re.IGNORECASE,
)
_IRREGULAR = {
    "gave": "give", "given": "give", "made": "make", "took": "take", "taken": "take", "got": "get", "ran": "run",
    "built": "build", "shrunk": "shrink", "shrank": "shrink", "grew": "grow", "grown": "grow", "put": "put",
    "set": "set", "cut": "cut", "swapped": "swap", "threw": "throw", "thrown": "throw", "moved": "move",
}  # fmt: skip
_ORDERING = frozenset(
    "create add remove disable rename scale increase decrease set connect close deploy".split()
)
_HAVING = {"get", "have", "give"}
# What these order is said by the word after: "bring the disk up to 2TB", "take web-2 out".
_PARTED = {"bring", "take", "turn", "throw", "pull", "back", "let", "dial", "see"}
_SHORT_STEM = 3


class Petitions:
    """Puts such questions as orders. `clausing` knows the verbs."""

    def __init__(self, clausing: Clausing) -> None:
        self._clausing = clausing

    def plainly(self, text: str) -> str:
        """The message with its wrapped orders as polite ones; a question for advice stays a question."""
        if _ADVISING.search(text):
            return text
        text = _OFFERED.sub(r"\g<lead>make it \g<what>", text)
        text = _GETTING.sub(r"\g<lead>could \g<who> ", _THING.sub(r"\g<lead>could I have ", text))
        for pattern, base in ((_PLAIN, _same), (_GOING_ON, as_order), (_DONE, _was)):
            text = pattern.sub(partial(self._asked, base=base), text)
        text = _CARED_FOR.sub(r"\g<lead>make sure that", text)
        return _DONE_TO.sub(self._done_to, _SEEN_TO.sub(self._done_to, text))

    def _asked(self, found: re.Match[str], base: Callable[[str], list[str]]) -> str:
        verb = self._verb(found["verb"], base)
        return f"{found['lead']}could you {verb}" if verb else found[0]

    def _done_to(self, found: re.Match[str]) -> str:
        verb = self._verb(found["verb"], _was)
        part = found.groupdict().get("part") or ""
        return f"{found['lead']}could you {verb}{part} {found['what']}" if verb else found[0]

    def _verb(self, form: str, base: Callable[[str], list[str]]) -> str | None:
        """The verb that an order has for a form of it: `remove` for `removing`; None where it orders nothing."""
        for verb in base(form.casefold()):
            if verb in _HAVING | _PARTED or self._orders(verb):
                return verb
        return None

    def _orders(self, verb: str) -> bool:
        said = tokenize(f"{verb} it")
        known = self._clausing.verbs.at(said, 0)
        wishes = known is None and self._clausing.desires.at(said, 0) is not None
        return wishes or (known is not None and known[1] in _ORDERING)


def _same(form: str) -> list[str]:
    return [form]


def as_order(form: str) -> list[str]:
    """What may be ordered by what goes on: `drop` of `dropping`, `remove` of `removing`; the likeliest first."""
    stem = form.removesuffix("ing")
    doubled = stem[-1:] == stem[-2:-1] and len(stem) > _SHORT_STEM  # "add" has both of its own
    return [stem[:-1], stem] if doubled else [f"{stem}e", stem]


def _was(form: str) -> list[str]:
    if form in _IRREGULAR:
        return [_IRREGULAR[form]]
    if not form.endswith("ed"):
        return [form]
    stem = form.removesuffix("ed")
    doubled = [stem[:-1]] if stem[-1:] == stem[-2:-1] else []
    return [*doubled, f"{stem}e", stem]
