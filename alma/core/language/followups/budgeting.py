"""Another budget, said of nothing but itself: "the boss says we can go up to 1200 a month", "scratch that figure, it's
450 per month", and right after a budget was spoken of "make that 1200", "no, 950".

A number of so much a month looks like a number of machines to the grammar, and like a question of what things cost to
whoever looks for words of money.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import Kind, Token

_LONGEST = 18
_BUDGET = frozenset(
    "budget limit cap max maximum ceiling spend spending afford allowance most under below within exceed".split()
)
_NAMED = frozenset("budget limit cap ceiling maximum allowance".split())
_PAID = frozenset(
    "month monthly dollar dollars buck bucks euro euros eur usd quid pound pounds".split()
)
_WORDS = frozenset(
    "up to at than less no not go going can could may might have has had 've got get gets gave given give gives us me "
    "we i they he she it it's that that's this the a an our my new now is was be been are will would should must make "
    "set keep stay stays raise "
    "raised lift lifted push pushed bring lower lowered increase increased cut bump bumped reduce reduced drop change "
    "changed by from only just actually sorry nope nah wait hm hmm ok okay fine good alright right please then instead "
    "rather meant mean scratch forget drop boss manager management finance cfo ceo team company client customer "
    "says said say told approved approves agreed ok'd allowed allow allows signed off on per each every figure number "
    "amount correction wrong in for total overall more extra another additional tops top too as well money funds cost "
    "costs enough oh and so but of all everything whole thing we're we've i've i'm they've we'll we'd let's lets let "
    "until exceed exceeding beyond spend with about around roughly previous earlier higher costing project there's "
    "there possible able want wanted need do work works willing happy bit little lot onwards onward today yes yep "
    "stretch push further great good news finally fortunately unfortunately sadly".split()
)
_HOLDING = frozenset(
    "have has had got gets gave given give gives go allowed allow approved approves agreed raise raised lower lowered "
    "cut set make it's be is can stay keep max".split()
)
_FACTS = seldom(
    r"\b(?:it|this|that|everything|which|they) (?:costs?|is costing|cost us)\b|\bcosts? (?:us|me|about|around|over)\b|"
    r"\b(?:we|i) (?:pay|paid|spend|spent)\b|\bbill\b|\?",
    re.IGNORECASE,
)
_POLITE = seldom(r"^\W*(?:can|could|may|might) (?:we|i|you)\b", re.IGNORECASE)
_GOING = {"go", "going", "stretch", "push", "afford", "spend"}
_FURTHER = {"higher", "lower", "up", "further", "down", "beyond", "to"}
_MORE = {"more", "extra", "another", "additional", "higher"}
_LESS = {"less", "lower"}
_LEAST = 20
# So many of nothing else are capped.
_MONEY_ONLY, _MUCH = {"cap", "ceiling"}, 100


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget that is said: `sure` where the message says itself that it is one, `named` where it calls it a limit
    and there may be others, `stretched` where somebody goes further than before; `more` is added to the old one."""

    amount: float
    sure: bool
    more: int = 0
    named: bool = False
    stretched: bool = False

    def beside(self, limit: float | None) -> float | None:
        """The new limit, where there is one already or not."""
        if not self.more:
            return self.amount
        new = (limit or 0) + self.more * self.amount
        return new if limit is not None and new > 0 else None


def budget_said(message: str, tokens: Sequence[Token]) -> Budget | None:
    """The budget that is all a message speaks of; None for every other message. `tokens` are its words."""
    asked = _POLITE.sub("", message.rstrip(" ?!")) if _POLITE.match(message) else message
    if len(message.split()) > _LONGEST or _FACTS.search(asked):
        return None
    places = [n for n, token in enumerate(tokens) if token.kind in {Kind.MONEY, Kind.NUMBER}]
    words = {t.text.casefold().replace("’", "'") for t in tokens if t.kind is Kind.WORD}
    plain = all(t.kind in {Kind.WORD, Kind.PUNCTUATION, Kind.MONEY, Kind.NUMBER} for t in tokens)
    if len(places) != 1 or not plain or not words <= _WORDS | _BUDGET | _PAID:
        return None
    token = tokens[places[0]]
    amount = float(token.value) if isinstance(token.value, int | float) else 0.0
    paid = token.kind is Kind.MONEY or bool(words & _PAID)
    sure = (bool(words & _BUDGET) and (paid or "budget" in words)) or (
        paid and bool(words & _HOLDING)
    )
    sure = sure or (bool(words & _MONEY_ONLY) and amount >= _MUCH)
    if amount < _LEAST or {"year", "yearly"} & words:
        return None
    stretched = bool(words & _GOING and words & _FURTHER)
    named = bool(words & _NAMED)
    return Budget(amount, sure, _relative(tokens, places[0]), named=named, stretched=stretched)


def _relative(tokens: Sequence[Token], place: int) -> int:
    """Whether the amount comes on top of what there was, or goes from it: `another 100 a month`, `raise it by 200`."""
    before = tokens[place - 1].norm if place else ""
    after = tokens[place + 1].norm if place + 1 < len(tokens) else ""
    words = {token.norm for token in tokens[:place]}
    if before == "by":
        return -1 if words & {"lower", "cut", "reduce", "drop", "decrease"} else 1
    if before in {"another", "extra", "additional"} or after in _MORE:
        return 1
    return -1 if after in _LESS else 0
