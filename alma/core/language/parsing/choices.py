"""What points at one of several: "the other one", "both of them", "the first runner"."""

from __future__ import annotations

from alma.core.language.parsing.heads import BEFORE_HEADS, is_head
from alma.core.language.parsing.phrases import Determiner, Phrase
from alma.core.language.parsing.selecting import BIG, SELECTORS, SMALL
from alma.core.language.parsing.unlisted import Unlisted
from alma.core.language.vocabulary.gazetteer import Item
from alma.core.language.words.tokens import Kind

_ONES = {"one", "ones"}
_THEM = {"them", "these", "those", "the"}
# "Tom left last week" points at none of the machines.
_TIMES = frozenset(
    "day week weekend month quarter year night evening morning afternoon time spring summer autumn fall winter monday "
    "tuesday wednesday thursday friday saturday sunday january february march april may june july august september "
    "october november december release sprint".split()
)


class Choices(Unlisted):
    """A step of the reader that only speaks of what is there; `known` says that there is anything."""

    known: bool

    def _selector(self, index: int, item: Item) -> int:
        """Which of the things there are. Speaks of nothing new."""
        if (
            not self.known
            or item.existing is not None
            or item.kind is not Kind.WORD
            or len(item.tokens) > 1
        ):
            return 0
        word, after = item.tokens[0].text.casefold(), self._norm(index + 1)
        if word in _ONES:
            return self._one_of(index, item)
        heads = self._headed(index + 1)
        if word not in SELECTORS or (word in BIG | SMALL and not (heads or after in _ONES)):
            return 0
        if word == "both" and after == "of":
            return self._chosen(item, selector=word) + 1 + (self._norm(index + 2) in _THEM)
        if self.pending.determiner is Determiner.INDEFINITE or after in _TIMES:
            return 0
        self.pending.selector, self.pending.determiner = word, Determiner.DEFINITE
        following = self._at(index + 1)
        counted = following is not None and following.kind is Kind.NUMBER
        return 1 if heads or after in _ONES or counted else self._chosen(item)

    def _one_of(self, index: int, item: Item) -> int:
        """ "Another one", "the gitlab one", "the other one"."""
        if self.pending.more:
            self.pending.count = 1
            return 1
        named = self.current is not None and bool(self.current.existing)
        if named and self.items[index - 1].existing:
            return 1
        definite = self.pending.determiner is Determiner.DEFINITE
        return self._chosen(item) if self.pending.selector is not None or definite else 0

    def _headed(self, index: int) -> bool:
        item = self._at(index)
        return item is not None and (is_head(item) or bool(item.terms.keys() & BEFORE_HEADS))

    def _chosen(self, item: Item, *, selector: str | None = None) -> int:
        phrase = Phrase(one=True, selector=selector, plural=item.norm in {"ones", "others"})
        self.start(phrase, item)
        return 1
