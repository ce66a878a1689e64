"""Software that nobody listed: `run metabase`, `a whoami container`, `grafana, loki and tempo`."""

from __future__ import annotations

from alma.core.language.parsing.heads import is_identifier
from alma.core.language.parsing.literals import Literals
from alma.core.language.parsing.phrases import Phrase
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import ResourceType

# How words end that describe a thing: "a privileged container".
_DESCRIBING = ("ed", "ing", "able", "ible", "ful", "less", "ous")
_ENDS = {",", ";", "and", "&", "+", "\n", "(", ")", "with", "for", "on", "plus", ""}


class Unlisted(Literals):
    """The step of the reader for an unknown word that must be a program."""

    running: bool
    first: int

    def _unlisted(self, index: int, item: Item) -> int:
        """`run metabase`, `a whoami container`: software that nobody listed is taken as the image of that name."""
        if not self._may_be_software(index, item):
            return 0
        following = self._at(index + 1)
        self.parsed.notes.append(
            f"I don't know '{item.text}': it is taken as the image '{item.norm}', please check it"
        )
        if following is not None and following.id_of(Sort.TYPE) in {"container", "service"}:
            self.pending.image = item.norm
            return 1
        phrase = Phrase(type=ResourceType.SERVICE)
        self.start(phrase, item)
        phrase.image, phrase.purpose = item.norm, False
        return 1

    def _may_be_software(self, index: int, item: Item) -> bool:
        unknown = item.kind is Kind.WORD and not item.terms and not item.existing
        if not unknown or self.gazetteer.means(item.norm) or not item.norm.isascii():
            return False
        if is_identifier(item.text) or len(item.norm) < 3 or self.pending.negated:
            return False
        if item.norm.endswith(_DESCRIBING):
            return False
        following = self._at(index + 1)
        listed = self._norm(index - 1) in _ENDS - {"for"} and self._norm(index + 1) in _ENDS
        if following is not None and following.id_of(Sort.TYPE) == "container":
            return True
        if self.running and index == self.first == 0:
            return self._norm(index + 1) in _ENDS
        return listed and self._between_software(index)

    def _is_unknown(self, index: int) -> bool:
        """Whether a word stands there that means nothing at all."""
        item = self._at(index)
        word = item is not None and item.kind is Kind.WORD and not item.terms and not item.existing
        return bool(word and item and not self.gazetteer.means(item.norm))

    def _between_software(self, index: int) -> bool:
        """Whether software stands on both sides in a list, or on one side and the list begins or ends here."""
        known = {Sort.SOFTWARE, Sort.TYPE, Sort.ROLE, Sort.PRODUCT}
        place = index
        while (
            place > 1
            and self._is_unknown(place - 2)
            and self._norm(place - 1) in {",", "+", "&", "/"}
        ):
            place -= 2  # "grafana, loki, tempo, mimir"
        around = [
            self._at(place - 2),
            self._at(index + 2) if not self._is_unknown(index + 2) else None,
        ]
        return all(item is None or item.terms.keys() & known for item in around) and any(
            item is not None and Sort.SOFTWARE in item.terms for item in around
        )
