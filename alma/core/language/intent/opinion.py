"""Where the grammar and the examples disagree about what a message wants, who is right.

The grammar knows what can be done, the examples how people ask. The grammar is believed wherever it found something to
do in an order. The examples decide between kinds of questions, see through questions that only look like orders, and
orders that only look like questions; and what is still unknown, they name. They never make an edit: at most they have
the message read again, as the order that it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alma.core.language.intent.intents import Guess
from alma.core.language.intent.plain_questions import only_asked
from alma.core.language.words.seldom import seldom
from alma.core.model.conversation import Intent, Interpretation, SetBlueprint

QUESTIONS = frozenset(
    {
        Intent.STATUS, Intent.LIST, Intent.EXPLAIN, Intent.COST, Intent.AUDIT, Intent.COMPLIANCE, Intent.COMPARE,
        Intent.TROUBLESHOOT, Intent.CAPACITY, Intent.FORECAST, Intent.MIGRATE, Intent.SUGGEST, Intent.HELP,
        Intent.SMALLTALK, Intent.UNKNOWN,
    }
)  # fmt: skip
_ORDERS = frozenset({Intent.CREATE, Intent.CHANGE})
_DECISIONS = frozenset({Intent.APPROVE, Intent.REJECT})
_DEEDS = _DECISIONS | {Intent.DEPLOY, Intent.DESTROY, Intent.ROLLBACK, Intent.UNDO}
# A deed that only the examples see has to be short, and a decision has to be named by its word.
_SHORT = 14
_DECIDED = seldom(
    r"\b(approv\w*|lgtm|sign(ed|ing)?[ -]off|green[ -]?light|reject\w*|declin\w*|den(y|ied))\b"
)
_ASKED = seldom(
    r"\?\s*$|^\W*(?:(?:so|and|ok|okay|hey|well|hi|um)\W+)*"
    r"(what(?!\s+(?:i|we)\s+(?:need|want|would|require|are after))|which|who|whose|when|where|why|how|is|are|was|were|"
    r"do|does|did|can|could|should|shall|would|will|has|have)\b"
)
# Who says what is not so, or is so already, wishes for nothing.
_HELD = seldom(
    r"\b(not|no|never|n't|don't|isn't|won't|without|already|yet|until|unless|once|if|when)\b"
    r"|\b(i|we) (have|had|own|run|got)\b"
    # … and neither does who asks what others can or will do.
    r"|^\W*(?:can|could|will|would) "
    r"(?!(?:you|we|i|u|ya|some\w*|any\w*|there|an?|the|it|one|another|two|three|please)\b|\d)"
    r"|^\W*(?:how(?! about)|why|who|where|when)\b"
)
_MAYBE, _LIKELY, _RATHER, _SURE, _UNLIKELY = 0.35, 0.5, 0.6, 0.75, 0.12
# What asks nothing that is answered here is told apart least.
_TALK = frozenset({Intent.SMALLTALK, Intent.UNKNOWN})
# "Storage 300GB" is too short to be anything but what it says.
_AMOUNT = seldom(r"^(?:\S+ ){0,3}\S*\d\S*(?: \S+)?[.!]*$")
_NUMBER = seldom(r"\d")
_VAGUE = frozenset({Intent.EXPLAIN, Intent.LIST, Intent.STATUS})


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the examples say. `intent` is what the message is taken for instead, None to leave it; `order` says that it
    should be read again as an order."""

    intent: Intent | None = None
    order: bool = False


def opinion(
    message: str, reading: Interpretation, guesses: Sequence[Guess], *, bare: bool = False
) -> Opinion:
    """What to make of a reading. `bare`: no verb of the message orders anything."""
    best = guesses[0]
    shares: Mapping[Intent, float] = {guess.intent: guess.share for guess in guesses}
    if best.intent is reading.intent:
        return Opinion()
    if reading.edits:
        return _of_edits(message, reading, guesses, bare=bare)
    if reading.question and reading.intent in _ORDERS:
        shaped = _ASKED.search(message.casefold()) is not None and _ordered(guesses) < _MAYBE / 2
        asked = _surely_asked(guesses, _LIKELY if shaped else _RATHER)
        asked = asked and not (best.intent in _TALK and _NUMBER.search(message))
        return Opinion(best.intent) if asked else Opinion()
    return _of_none(message, reading, best, shares)


def _outweighs(best: Guess, read: Intent, shares: Mapping[Intent, float]) -> bool:
    """Whether a question that the examples see counts more than what the grammar made of the words. What it falls back
    to, and what many words can stand for, gives way sooner than what a word of its own stands for."""
    rival = shares.get(read, 0.0)
    if read is Intent.UNKNOWN:
        return best.share >= _MAYBE
    if read in _ORDERS:
        return best.share >= _LIKELY and rival < _UNLIKELY
    if read in _VAGUE and best.intent is not Intent.UNKNOWN:
        # Why something is broken is a question of trouble, however much it asks to explain.
        most = best.share if best.intent is Intent.TROUBLESHOOT else best.share / 3
        return best.share >= _LIKELY and rival < most
    return best.share >= _SURE and rival < _UNLIKELY


def _surely_asked(guesses: Sequence[Guess], sure: float = _SURE) -> bool:
    """Whether the examples are sure of a question, and hardly take the message for an order."""
    best = guesses[0]
    said = sum(guess.share for guess in guesses if guess.intent in _TALK)
    share = said if best.intent in _TALK else best.share
    return best.intent in QUESTIONS and share >= sure and _ordered(guesses) < _UNLIKELY


def _ordered(guesses: Sequence[Guess]) -> float:
    return sum(guess.share for guess in guesses if guess.intent in _ORDERS | _DEEDS)


def _of_none(
    message: str, reading: Interpretation, best: Guess, shares: Mapping[Intent, float]
) -> Opinion:
    """A reading without edits: another question, an order after all, or a deed that was said plainly."""
    taken: Intent | None = None
    if best.intent in QUESTIONS and reading.intent in QUESTIONS | _ORDERS:
        taken = best.intent if _outweighs(best, reading.intent, shares) else None
    elif best.intent is Intent.CREATE and best.share >= _LIKELY and reading.intent in QUESTIONS:
        return Opinion(order=_HELD.search(message.casefold()) is None)
    elif best.intent in _DEEDS and best.share >= _SURE and reading.intent in QUESTIONS | _ORDERS:
        taken = best.intent if _spoken(message, best.intent) else None
    return Opinion(taken)


def _of_edits(
    message: str, reading: Interpretation, guesses: Sequence[Guess], *, bare: bool
) -> Opinion:
    """An order that is none: worded as a question, or a bare phrase; surely a question, and hardly an order."""
    if reading.intent not in {*_ORDERS, Intent.UNKNOWN} or _AMOUNT.match(message):
        return Opinion()
    if only_asked(message):
        best = next(guess for guess in guesses if guess.intent in QUESTIONS)
        return Opinion(best.intent) if _ordered(guesses) < _MAYBE else Opinion()
    if guesses[0].intent in _TALK and _WISHING.search(message):
        return Opinion()  # "thanks for explaining. Then let's do it: add a cache"
    limits = any(isinstance(edit, SetBlueprint) and not edit.engine for edit in reading.edits)
    unordered = (bare and not limits) or _ASKED.search(message.casefold()) is not None
    return Opinion(guesses[0].intent) if unordered and _surely_asked(guesses) else Opinion()


def _spoken(message: str, deed: Intent) -> bool:
    brief = len(message.split()) <= _SHORT
    return brief and (deed not in _DECISIONS or _DECIDED.search(message.casefold()) is not None)


_WISH = seldom(
    r"^.*?\b(?=(?:an?|one|two|three|four|five|six|some|another|\d+x?|several|a couple|a pair)\s+\w)",
    re.DOTALL,
)


def ordered(message: str) -> str:
    """The message as an order: what is wished for, without the words around that made a question or a story of it."""
    wish = _WISH.sub("", message.strip(), count=1)
    return f"I need {wish.rstrip(' ?!.')}"


_COUNTED = seldom(
    r"^\W*(?:\d+|one|two|three|four|five|six|some|all|both|half|many) (?:of )?", re.IGNORECASE
)
_WISHING = seldom(
    r"\d\s?(?:[kmgt]i?b?|gigs?|cores?|v?cpus?|replicas?|instances?|nodes?|copies|servers?|machines?|pods?|workers?)\b|"
    r"\b(?:to|up|or|have) \d|\b(?:two|three|four|five|six|more|bigger|double|please|pls|should|needs?|want|give|add|"
    r"make|scale|set|bump|raise|let['’]?s|could|can you)\b",
    re.IGNORECASE,
)


def only_troubled(message: str, guesses: Sequence[Guess]) -> bool:
    """Whether a message surely tells of trouble and names no amount but how many are in it: "two pods are stuck"."""
    sure = guesses[0].intent is Intent.TROUBLESHOOT and guesses[0].share >= _SURE
    names = re.sub(r"\b[\w.]*[a-z][\w.]*-[\w.-]*\d\b", "", message, flags=re.IGNORECASE)
    return sure and _WISHING.search(_COUNTED.sub("", names)) is None
