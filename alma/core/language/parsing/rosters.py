"""Lists of things by their names: `web-a, web-b and web-c`, `srv-a (4GB) and srv-b (8GB)`, `DB-01, a postgres`, and the
lines of a list that begin with a name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.parsing.heads import is_identifier
from alma.core.language.parsing.phrases import Phrase
from alma.core.language.parsing.places import Places
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import ResourceType

_STEM = re.compile(r"^([a-z]{2,}?)(?:-?\d{1,3}|[-_][a-z])$")
_SIGNS = {":", "-", "–", "—", "(", "=", "with"}
_BEGINNING = {"", ";", "\n", ":"}
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.ADDRESS, Kind.CIDR}
_FRONTED = {",", ":", "-", "–", "—", "(", "=", "as", "is"}
_BEFORE_AGAIN = {",", ";", ".", "\n", "and", "but", "while", "only", "for", "on", "the", ":"}
_CLOSING = {",", "with", "(", "in", "on", ";", "\n", ":"}


class Rosters(Places):
    """Steps of the reader for names that stand for things counted or titled before, or for what is told after them."""

    items: Sequence[Item]
    known: bool
    fronted: str | None = None

    def start(self, phrase: Phrase, *items: Item) -> None:
        """Begins a phrase, which gets the name that was said in front of it."""
        super().start(phrase, *items)
        if self.fronted is not None and not phrase.negated and phrase.existing is None:
            phrase.names = phrase.names or [self.fronted]
            self.fronted = None

    def _item(self, index: int) -> Item | None:
        return self.items[index] if 0 <= index < len(self.items) else None

    def _sign(self, index: int) -> str:
        item = self._item(index)
        return item.norm if item is not None else ""

    def _member(self, index: int, item: Item) -> int:
        """`3 servers: ldap01 - 2 cores, ldap02 - 4 cores`: one of several, with what is said of it alone."""
        if not is_name(item):
            return 0
        whole = self._several()
        if whole is None:
            return self._apposition(index, item) or self._front(index, item)
        self.pending.words.clear()
        if not self._described(index + 1):
            whole.names.append(item.text)
            return 1
        part = Phrase(type=whole.type, generic=whole.generic, part=True)
        self.start(part, item)
        part.names, part.count, part.words = [item.text], 1, []
        part.link, part.joint, part.purpose, part.aside, part.member_of = (
            None,
            None,
            False,
            False,
            whole,
        )
        return 1 + (self._sign(index + 1) in _SIGNS - {"(", "with"})

    def _called_again(self, index: int, item: Item) -> int:
        """`a postgres called ledger and one called audit; ledger 200GB`: a word that is a name in the same message."""
        if item.kind is not Kind.WORD or len(item.tokens) > 1 or item.existing is not None:
            return 0
        word = item.text.casefold()
        named = any(word == name.casefold() for p in self.parsed.phrases for name in p.names)
        before = self._sign(index - 1) in _BEFORE_AGAIN
        return int(named and before and self._named_again(item.text))

    def _named_again(self, name: str) -> bool:
        """`two clusters named prod and dev. Prod gets 6 nodes`: what follows is said of that one."""
        bearer = next(
            (p for p in self.parsed.phrases if name.casefold() in map(str.casefold, p.names)), None
        )
        if bearer is None or self.known or self.pending.count is not None:
            return False
        self.flush()
        self.link = self.joint = None
        if len(bearer.names) == 1 and (bearer.count or 1) == 1:
            self.current = bearer
            return True
        part = Phrase(type=bearer.type, generic=bearer.generic, part=True)
        self.start(part)
        said = next(each for each in bearer.names if each.casefold() == name.casefold())
        bearer.names.remove(said)
        part.names, part.count, part.member_of = [said], 1, bearer
        bearer.count = bearer.count or len(bearer.names) + 1
        return True

    def _apposition(self, index: int, item: Item) -> int:
        """`a third app server, app-3`: the name of what was said right before, if that may be what it is of."""
        phrase = self.parsed.phrases[-1] if self.parsed.phrases else None
        if phrase is None or phrase is not self.current or not phrase.creates:
            return 0
        one = (phrase.count or 1) == 1 and not (phrase.plural or phrase.names or phrase.networks)
        said = self._sign(index - 1) in {",", ";", "(", "-"} and phrase.type in MACHINES
        alone = self._sign(index + 1) in {"", ",", ";", ")", "with", "."}
        match = _STEM.match(item.norm)
        meaning = self.gazetteer.meaning(match[1]) if match else {}
        role = meaning[Sort.ROLE].id if Sort.ROLE in meaning else None
        other = role not in {None, phrase.role} and phrase.role is not None
        thing = Sort.TYPE in meaning or Sort.SOFTWARE in meaning
        if not (one and said and alone) or other or thing or (role and phrase.role is None):
            return 0
        phrase.names.append(item.text)
        return 1

    def _several(self) -> Phrase | None:
        """What was counted or said in the plural right before, as long as some of it have no name."""
        phrases = self.parsed.phrases
        parts = 0
        while parts < len(phrases) and phrases[-1 - parts].member_of is not None:
            parts += 1
        if parts == len(phrases) or self.pending.count is not None:
            return None
        whole = phrases[-1 - parts]
        named = len(whole.names) + parts
        several = (whole.count or 0) > named if whole.count else whole.plural
        return (
            whole if several and whole.creates and whole.type is not ResourceType.NETWORK else None
        )

    def _described(self, index: int) -> bool:
        """Whether what follows a name says what that one is like."""
        place = index + (self._sign(index) in _SIGNS)
        item = self._item(place)
        if item is None:
            return False
        if place > index:
            return item.kind in _AMOUNTS or bool(item.terms)
        return item.kind in _AMOUNTS

    def _front(self, index: int, item: Item) -> int:
        """`DB-01, a postgres with 200GB`, `app01: 4 cores, 8GB`: the name of what is told after it."""
        sign, following = self._sign(index + 1), self._item(index + 2)
        if self._sign(index - 1) not in _BEGINNING or sign not in _FRONTED or following is None:
            return 0
        told = following.norm in {"a", "an"}
        if self.known and not told:
            return 0
        amount = following.kind in _AMOUNTS - {Kind.CIDR} and sign != ","
        if amount and not following.terms and self._unit_follows(index + 3, following):
            self.start(Phrase(type=ResourceType.VM, generic=True), item)
            self.parsed.phrases[-1].names.append(item.text)
            return 2
        if not told and sign not in {":", "=", "-", "–", "—"}:
            return 0
        self.fronted = item.text
        return 2

    def _unit_follows(self, index: int, amount: Item) -> bool:
        """Whether an amount is a size, an address or so many cores, and does not count things."""
        following = self._item(index)
        cores = following is not None and (
            following.id_of(Sort.ATTRIBUTE) is not None or following.norm == "/"
        )
        return amount.kind is not Kind.NUMBER or cores

    def _software_named(self, index: int) -> str | None:
        """`ordersdb` of `postgres ordersdb, 80GB`: an unknown word between software and what is said of it."""
        item = self._item(index)
        if item is None or item.kind is not Kind.WORD or len(item.tokens) > 1 or item.terms:
            return None
        plain = item.norm.isascii() and len(item.norm) > 2 and not item.existing
        if not plain or self.gazetteer.means(item.norm):
            return None
        ends = self._sign(index + 1) in _CLOSING | {"at"} or (
            is_identifier(item.text) and not self._sign(index + 1)
        )
        return item.text if ends else None


def called_apart(phrases: list[Phrase]) -> None:
    """`a postgres and a redis, call them a and b`: one name for each of them."""
    last = phrases[-1] if phrases else None
    if last is None or len(last.names) < 2 or last.count is not None or last.plural:
        return
    before = phrases[-2] if len(phrases) > 1 else None
    own = (
        last.type is ResourceType.NETWORK and before is not None and before.count != len(last.names)
    )
    said = last.names[own:]  # "two vms in the network x, called a and b"
    if before is not None and before.count == len(said) > 1 and not before.names:
        before.names, last.names = said, last.names[:own]
        return
    alone = [p for p in phrases[:-1] if p.creates and not p.names and p.count in {None, 1}]
    others = alone[1 - len(last.names) :]
    if len(others) == len(last.names) - 1 and others == phrases[-len(last.names) : -1]:
        *names, last_name = last.names
        last.names = [last_name]
        for phrase, name in zip(others, names, strict=True):
            phrase.names = [name]


def members(phrases: list[Phrase]) -> None:
    """Gives those named one by one what was said of all of them; what is left of all stays."""
    for whole in list(phrases):
        parts = [phrase for phrase in phrases if phrase.member_of is whole]
        if not parts:
            continue
        for part in parts:
            part.type, part.generic = whole.type, whole.generic
            part.role, part.software = part.role or whole.role, part.software or whole.software
            part.image = part.image or whole.image
            part.take(whole.attributes)
            part.networks = part.networks or list(whole.networks)
            part.member_of, part.part = None, False  # counted out of the whole here
        left = (whole.count or len(parts) + len(whole.names)) - len(parts)
        whole.count = left
        if left < 1:
            phrases[:] = [phrase for phrase in phrases if phrase is not whole]


def is_name(item: Item) -> bool:
    """Whether an item is a word that looks like a name and means nothing else."""
    plain = item.kind is Kind.WORD and len(item.tokens) == 1 and not item.terms
    plain = plain and "{" not in item.text
    return plain and item.existing is None and is_identifier(item.text)
