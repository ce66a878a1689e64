"""What a question or a report is about: the first of the topics, in their order, whose words are in it."""

from __future__ import annotations

from collections.abc import Sequence, Set

from alma.core.language.parsing.heads import is_identifier
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.vocabulary.phrasebook import Phrases
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.conversation import Intent

_SPANS = {"month", "months", "year", "years", "quarter", "quarters", "week", "weeks"}
_AHEAD = {"next", "coming", "in", "within", "over"}
_OWN_WORDS = frozenset(
    "meaning mean means template blueprint deployment stack request requests ipr revision plan conversation engine "
    "draft resource resources alma version".split()
)
_GENERAL = {"list", "explain"}


class Topics:
    """Finds topics, reports and limits in the words of a message."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        data = gazetteer.data
        self._gazetteer = gazetteer
        self._topics = Phrases.grouped(data["topics"])
        self._order = list(data["topics"])
        self._reports = Phrases.grouped(data["reports"])
        self._bounds = set(data["bounds"])

    def groups(self, tokens: Sequence[Token]) -> set[str]:
        """Every topic in the words."""
        found = set(self._topics.groups(tokens))
        if _looks_ahead(tokens):
            found.add("forecast")
        words = [token.norm for token in tokens if token.kind is not Kind.PUNCTUATION]
        if words[:1] and words[0] in {"is", "are", "isn't", "aren't"} and "up" in words[-2:]:
            found.add("status")
        return found

    def of(
        self, tokens: Sequence[Token], fallback: Intent, *, avoid: Set[str] = frozenset()
    ) -> Intent:
        """The topic that counts, else the fallback; unknown when it speaks of nothing that is known here."""
        found = self.groups(tokens) - avoid
        if any(token.kind is Kind.MONEY for token in tokens):
            found.add("cost")
        topic = next((topic for topic in self._order if topic in found), None)
        if found <= _GENERAL and self._elsewhere(tokens):
            return Intent.UNKNOWN
        return Intent(topic) if topic is not None else fallback

    def _elsewhere(self, tokens: Sequence[Token]) -> bool:
        """Whether words are about something of another world: the weather in Milan."""
        items = [item for item in self._gazetteer.tag(tokens) if item.kind is Kind.WORD]
        words = {token.norm for token in tokens}
        known = any(item.terms for item in items) or _OWN_WORDS & words
        named = any(
            token.kind not in {Kind.WORD, Kind.PUNCTUATION} or is_identifier(token.text)
            for token in tokens
        )
        strange = any(not self._gazetteer.familiar(item.norm) for item in items)
        return strange and not known and not named

    def limits_money(self, body: Sequence[Token]) -> bool:
        """Whether an amount of money in the words is a limit."""
        words = {token.norm for token in body}
        limits = bool(self._bounds & words) or {"no", "more", "than"} <= words
        return limits and any(token.kind is Kind.MONEY for token in body)

    def report(self, tokens: Sequence[Token]) -> Intent | None:
        """The report wanted, when a report's noun comes before anything that could be built and stands alone."""
        index = 0
        for item in self._gazetteer.tag(tokens):
            hit = self._reports.at(tokens, index)
            if hit is not None:
                following = self._gazetteer.tag(tokens[index + hit[2] :])
                return None if following and buildable(following[0]) else Intent(hit[1])
            if buildable(item):
                return None
            index += len(item.tokens)
        return None


def buildable(item: Item) -> bool:
    """Whether a word names something that could be built."""
    sorts = {Sort.TYPE, Sort.COMPUTE, Sort.SOFTWARE, Sort.PRODUCT, Sort.IMAGE, Sort.GROUP}
    return bool(set(item.terms) & sorts)


def _looks_ahead(tokens: Sequence[Token]) -> bool:
    """`in the next six months`, `within 2 years`, where something is asked about it."""
    words = [token.norm for token in tokens]
    for index, token in enumerate(tokens):
        spans = token.norm in _SPANS or token.text.casefold() in _SPANS
        before = words[max(0, index - 4) : index]
        numbered = any(each.kind is Kind.NUMBER for each in tokens[max(0, index - 2) : index])
        if spans and _AHEAD & set(before) and (numbered or "next" in before or "coming" in before):
            return True
    return False
