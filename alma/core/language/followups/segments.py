"""A short message cut where a speaker draws breath: "4 gigs is way too much, 1 gig" is a complaint and a wish."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alma.core.language.intent.act import Act
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.blueprint import Blueprint

_BREATH = seldom(
    r"(?:[.;!…\n]+|,|\s[-–—]+)(?:\s+|$)|\s+(?=because\b|since\b|cause\b|cuz\b)", re.IGNORECASE
)
_NOT = r"(?:not|never|hardly|barely|(?:is|are|was|were|do|does|did|wo|would|ca|could|ai)n['’]?t|cannot)"
_COMPLAINT = seldom(
    r"\btoo (?:much|many|few|little|small|big|large|low|high|tight|expensive|weak|generous|slow|wimpy|puny|meagre|"
    r"stingy)\b|"
    rf"\b{_NOT} (?:(?:be|going to|gonna|really|quite|nearly|ever|even|going) )*(?:enough|sufficient|suffice|"
    r"cut(?:ting)? (?:it|the mustard)|do(?: it| the job| the trick)?(?=\W*$)|work(?: out)?(?=\W*$)|"
    r"hold(?: up)?(?=\W*$)|"
    r"get (?:us|me|it) (?:far|anywhere|there)|last(?: long)?(?=\W*$)|fly(?=\W*$)|adequate)\b|"
    r"\b(?:is|are|['’]s) (?:just |really |simply |a bit of )*(?:an? (?:joke|disgrace)|laughable|ridiculous|nothing|"
    r"pathetic|a waste|silly)\b|"
    r"\b(?:overkill|insufficient|excessive|wasteful)\b",
    re.IGNORECASE,
)
_NOT_NEEDED = seldom(
    r"\b(?:do not|don['’]?t) (?:really |actually )?need (?:all (?:of )?)?(?:the |those |these )?"
    r"(?:\d|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b)",
    re.IGNORECASE,
)
_AMOUNTS = {Kind.NUMBER, Kind.SIZE}
_VAGUE = {"few", "several", "couple"}
_MEMBERS = {"specs.workers", "specs.control_plane", "specs.nodes"}
_THINGS = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.PRODUCT, Sort.ROLE}
# Verbs that give an amount to what was spoken of, and order nothing else.
_MILD = {"make", "use", "take", "go", "go with", "go for", "do", "back to", "go back to"}
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch of a message: `complains` that something is too much or too little; `orders` something by a verb."""

    text: str
    items: tuple[Item, ...]
    acts: tuple[Act, ...]
    complains: bool

    @property
    def amounts(self) -> list[Token]:
        """The amounts in it, as they were said: "too few" is none, nor is what "two too many" are by."""
        tokens = [token for item in self.items for token in item.tokens]
        followed = zip(tokens, [*tokens[1:], None], strict=True)
        return [
            token
            for token, after in followed
            if token.kind in _AMOUNTS
            and token.norm not in _VAGUE
            and (after is None or not after.norm.startswith("too"))
        ]

    @property
    def orders(self) -> bool:
        """Whether a verb in it orders something."""
        return any(act.verb is not None and act.word not in _MILD for act in self.acts)

    @property
    def means_something(self) -> bool:
        """Whether any word of it is of the vocabulary: it is more than a beginning, or a remark."""
        return any(item.existing or item.terms for item in self.items)

    @property
    def of_something(self) -> bool:
        """Whether it says what it complains of."""
        return bool(self.amounts) or any(
            item.existing or item.terms.keys() & _THINGS or item.id_of(Sort.ATTRIBUTE) in _MEMBERS
            for item in self.items
        )


def segments(
    message: str,
    gazetteer: Gazetteer,
    blueprint: Blueprint,
    read: Callable[[Sequence[Token]], Sequence[Act]] = lambda tokens: (),
) -> list[Segment]:
    """The segments, none of a long message: whoever says much says what it is about."""
    names = [resource.name for resource in blueprint.resources]
    if len(message.split()) > _LONGEST or "?" in message:
        return []
    found = []
    for text in filter(str.strip, _BREATH.split(message)):
        tokens = gazetteer.prepare(tokenize(text), names).tokens
        complains = bool(_COMPLAINT.search(text) or _NOT_NEEDED.search(text))
        found.append(Segment(text, gazetteer.tag(tokens, names), tuple(read(tokens)), complains))
    return found


_COUNTING = seldom(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|couple|pair)\b",
    re.IGNORECASE,
)


def counts(message: str) -> bool:
    """Whether a short message says any amount at all."""
    return len(message.split()) <= _LONGEST and _COUNTING.search(message) is not None
