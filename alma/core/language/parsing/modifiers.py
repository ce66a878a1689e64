"""Words that qualify: "small", "two more", "8GB each", "both with Debian"; of one thing or of all."""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.parsing.assembly import OFTEN, Pending
from alma.core.language.parsing.heads import BEFORE_HEADS, is_head, noun_like
from alma.core.language.parsing.nouns import Nouns
from alma.core.language.parsing.phrases import Attribute, Determiner, Phrase
from alma.core.language.vocabulary.defaults import ENVIRONMENTS
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind

_PARTING = {":", ";", "-", "–", "—", "\n", "(", ",", "and"}
_LEVELS = ("restricted", "baseline")


class Modifiers(Nouns):
    """Steps of the reader for what is said of a noun, or of all of them, beside their amounts."""

    known: bool

    def _therefore(self, index: int, norm: str) -> int:
        """`static pages, so nginx on a tiny VM`: what follows is wanted, and no reason."""
        following = self._at(index + 1)
        if norm != "so" or self.known or following is None:
            return 0
        thing = {Sort.SOFTWARE, Sort.IMAGE, Sort.TYPE} & following.terms.keys()
        if not thing and following.norm not in {"a", "an"}:
            return 0
        self.flush()
        self.link = None
        return 1

    def _modifier(self, index: int, item: Item) -> int:
        modifier = item.id_of(Sort.MODIFIER)
        following = self._at(index + 1)
        role_head = Sort.ROLE in item.terms and following is not None and is_head(following)
        if modifier is None or role_head:
            return 0
        if modifier in {"public", "private"} and self.pending.negated:
            self.pending.negated = False
            modifier = "private" if modifier == "public" else "public"
        if modifier in ENVIRONMENTS:
            self.parsed.environments.append(modifier)
        elif modifier in {"each", "everything"}:
            self._distributed(modifier, index, item)
        elif modifier == "more":
            self.flush_before_count()
            self.pending.more = True
            if item.norm == "another":
                self.pending.determiner = Determiner.INDEFINITE
        elif modifier == "fewer":
            self._less(self.pending.count is None)
        else:
            self.pending.modifiers.append(modifier)
        return 1

    def _distributed(self, modifier: str, index: int, item: Item) -> None:
        """`8GB each`, `each server`, `two of everything`, `…, all with Debian`."""
        following = self._at(index + 1)
        if self._norm(index - 1) == "of" and self.pending.count:
            self.parsed.multiple, self.pending = self.pending.count, Pending()
        elif modifier == "each" and following is not None and noun_like(following):
            self.pending.determiner, self.pending.plural = Determiner.DEFINITE, True
        elif modifier == "each":
            beside = self.link == "for" or item.norm == "for each"
            if beside and self.pending.software:
                self.flush()
            if beside and self.current is not None and self.current.count is None:
                self.current.own, self.link = True, None  # "and a postgres for each"
            self.parsed.each, self.parsed.each_after = True, self.current
            if (
                self.link == "with"
                and following is not None
                and following.norm in {"and", ",", "plus"}
            ):
                self.link = None  # "three nodes with 16GB each and kibana"
        elif item.norm in {"all", "all of them"} and self.parsed.phrases:
            self.flush()
            self.current, self.all = None, True
        else:
            self.parsed.modifiers.append(modifier)

    def _unknown_before_head(self, index: int, item: Item) -> bool:
        """`a 6TB media volume`: a word that nobody knows, between an amount and its noun."""
        following = self._at(index + 1)
        introduced = (
            self.pending.determiner is Determiner.INDEFINITE or self.pending.count is not None
        )
        plain = item.kind is Kind.WORD and not item.terms.keys() - {Sort.CONTENT}
        plain = (
            plain
            and not item.existing
            and item.norm.isalpha()
            and item.norm not in self.gazetteer.common
        )
        return introduced and plain and following is not None and is_head(following)

    def _less(self, said: bool) -> None:
        """ "One web server less", "2 fewer runners"."""
        if said and self.current is not None and self.current.count is not None:
            self.current.fewer = True
        else:
            self.pending.fewer = True

    def _capability(self, index: int, item: Item) -> int:
        capability = item.id_of(Sort.CAPABILITY)
        if capability is None:
            return Sort.CLOUD in item.terms
        if self.pending.negated:
            self.pending.negated = False
        else:
            self.parsed.capabilities.append(capability)
            # How strict a cluster is with pods is a word among others, unless it belongs to the phrase.
            self.parsed.unused += [word for word in _LEVELS if word in item.norm.split()]
        return 1

    def _for_known(self, said: Sequence[Attribute], index: int, end: int) -> int:
        """`4GB memory for the wordpress`, `backups of the database`: what is said for a thing mentioned before."""
        if not self.known:
            said, end = self._with_those_after(index, said, end)
        joined = self._norm(end) in {"for", "of"} and self.link != "with"
        if self.known or not said or not joined or self.pending.negated or self.pending.attributes:
            return 0
        place = end + 1 + (self._norm(end + 1) in {"the", "our", "my", "that", "this", "each"})
        item = self._at(place)
        if item is None or (place == end + 1 and Sort.SOFTWARE not in item.terms):
            return 0
        meant = [p for p in self.parsed.phrases if p.creates and _is_called(p, item)]
        worded = [p for p in meant if item.text.casefold() in " ".join(p.words).casefold()]
        meant = worded if len(meant) > 1 else meant
        if len(meant) != 1 or (self.pending.software or self.pending.role):
            return 0
        meant[0].attributes += said
        following = self._at(place + 1)
        server = following is not None and Sort.COMPUTE in following.terms
        self.link = None
        return place + 1 + server - index

    def _with_those_after(
        self, index: int, said: Sequence[Attribute], end: int
    ) -> tuple[Sequence[Attribute], int]:
        """`4 cores and 8GB for jellyfin`: the amounts up to the word that says what all of them are for."""
        begins = index == 0 or self._norm(index - 1) in _PARTING
        found, place = list(said), end
        joints = {"and", "/", "+", ","} if begins else {"and", "/", "+"}
        while self._norm(place) in joints:
            following = self._at(place + 1)
            read = self.amounts.amount(place + 1) if following is not None else None
            if read is None or not read.attributes:
                break
            found += read.attributes
            place += 1 + read.used
        return (found, place) if self._norm(place) == "for" else (said, end)

    def _both(self, index: int, item: Item) -> int:
        """`a windows box and a linux box, both with 8GB`."""
        if self.known or item.text.casefold() not in {"both", "all"} or not self.parsed.phrases:
            return 0
        following = self._at(index + 1)
        size = following.id_of(Sort.MODIFIER) if following is not None else None
        if size in self.gazetteer.data["sizes"] and not self._head_follows(index + 2):
            self.flush()
            for phrase in self.parsed.phrases:
                phrase.modifiers.append(str(size))
            return 2
        if following is not None and following.plural and following.id_of(Sort.TYPE) == "container":
            self.flush()
            self.link = "as"  # "wordpress and grafana, all containers"
            return 1
        told = following is not None and self._told_of_both(index + 1, following)
        if item.norm != "both" or not (told or self._norm(index + 1) in {"with", "having"}):
            return 0
        self.flush()
        self.current, self.all, self.link = None, True, None
        return 1 if told else 2

    def _told_of_both(self, index: int, item: Item) -> bool:
        """`rabbitmq and postgres, both 2 cpu`, `both Ubuntu 24.04`: an amount or a system, and no noun."""
        amount = item.kind is Kind.SIZE or (
            item.kind is Kind.NUMBER and Sort.ATTRIBUTE in (self._at(index + 1) or item).terms
        )
        after = self._at(index + 1)
        program = Sort.SOFTWARE in item.terms and not (after is not None and is_head(after))
        return amount or program or (Sort.IMAGE in item.terms and not self._head_follows(index))

    def _head_follows(self, index: int) -> bool:
        """Whether amounts before `index` belong to a head after them ("a 16GB database")."""
        while (item := self._at(index)) is not None and item.terms.keys() & BEFORE_HEADS:
            if item.id_of(Sort.MODIFIER) in {"each", "fewer"}:
                return False
            index += 1
            following = self._at(index)
            if following is None or not following.terms:
                return item.id_of(Sort.MODIFIER) not in OFTEN  # "add backups every night"
        if item is not None and self._unknown_before_head(index, item):
            return True
        labelled = self._norm(index + 1) in {":", "="}  # "ip=10.0.0.9 network=10.0.0.0/24"
        return item is not None and is_head(item) and not labelled


def _is_called(phrase: Phrase, item: Item) -> bool:
    """Whether words say what a phrase said before: its software, its role, or its type."""
    software, role = item.id_of(Sort.SOFTWARE), item.id_of(Sort.ROLE)
    if software or role:
        if software and phrase.image and software in phrase.image:
            return True
        return bool(software and phrase.software == software) or bool(role and phrase.role == role)
    type_ = item.id_of(Sort.TYPE)
    return type_ is not None and str(phrase.type or "") == type_
