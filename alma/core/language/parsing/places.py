"""Where things go: networks named before, ranges said without their noun, and amounts that no network can have.

In `a vm in network lan 10.0.0.0/24, 10TB disk` the disk is the machine's, and `a database in lan` is in that network.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.parsing.assembly import Assembly
from alma.core.language.parsing.heads import is_head, slipped
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import Resource, ResourceType

_NETWORK = ResourceType.NETWORK
_INTO = {"in", "into", "on", "onto", "inside", "to", "at", "within", "from", "of", "both"}
_SIGNS = {",", "(", ":", "=", "-", "–", "with", "is", "as", "at"}
_HAVING = frozenset(
    "get gets got has have having needs need should must will gets uses receives".split()
)
_BESIDE = {
    "behind",
    "via",
    "under",
    "by",
    "a",
    "static",
    "fixed",
    "private",
    "public",
    "internal",
    "ip",
    "address",
    "plus",
}
_LEADING = {"at", "with", "@", "ip", "address", ":", "="}
_NO_NAMES = frozenset(
    "is in at on with as of range ranges using the and be has being subnet network for should address called one "
    "ones".split()
)


class Places(Assembly):
    """Steps of the reader for networks, and whom an attribute can belong to."""

    items: Sequence[Item]

    def attach(self, attributes: Sequence[Attribute], *, before_head: bool) -> None:
        """Gives what no network has to what was said to be in it."""
        current = self.current
        machine = self._within(current) if current is not None and not before_head else None
        if machine is None or self.pending.software or self.pending.role:
            super().attach(attributes, before_head=before_head)
            return
        own = [a for a in attributes if a.path.startswith(("specs.", "network.", "backup"))]
        machine.attributes += own
        super().attach([a for a in attributes if a not in own], before_head=before_head)

    def _within(self, network: Phrase | None) -> Phrase | None:
        """What was said to be in a network right before."""
        phrases = self.parsed.phrases
        if network is None or network.type is not _NETWORK or network not in phrases:
            return None
        before = phrases[: phrases.index(network)]
        if network.link not in _INTO or not before or before[-1].type is _NETWORK:
            return None
        return before[-1]

    def _network_named(self, index: int, item: Item) -> int:
        """`in frontend`, `in corp`: a network that the message named before."""
        if self.link not in _INTO or self.pending.count is not None or item.existing is not None:
            return 0
        name = str(item.tokens[0].value or item.text).casefold()
        named = {
            n.casefold(): n for p in self.parsed.phrases if p.type is _NETWORK for n in p.names
        }
        following = self.items[index + 1] if index + 1 < len(self.items) else None
        headed = following is not None and is_head(following) and item.kind is not Kind.QUOTED
        if item.norm == "both" and len(named) == 2 and self._owner() is not None:
            owner = self._owner()
            assert owner is not None
            owner.networks += named.values()
            self.current, self.link = owner, None
            return 1 + headed
        if name not in named or (headed and following and following.id_of(Sort.TYPE) != "network"):
            return 0
        owner = self._owner()
        if owner is None:
            return 0
        self.flush()
        owner.networks.append(named[name])
        self.current, self.link = owner, None
        return 1 + headed

    def _owner(self) -> Phrase | None:
        if self.pending.software or self.pending.role or self.pending.image:
            self.flush()
        if self.current is not None and self.current.type is not _NETWORK:
            return self.current
        return next((p for p in reversed(self.parsed.phrases) if p.type is not _NETWORK), None)

    def _range_alone(self, index: int, item: Item) -> int:
        """`2 web servers in 10.3.0.0/24`: a range without its noun is a network as well."""
        if item.kind is not Kind.CIDR or self.link not in _INTO - {"from", "to", "of", "at"}:
            return 0
        owner = self._owner()
        known = [p for p in self.parsed.phrases if p.type is _NETWORK]
        if owner is None or owner.negated or not owner.creates:
            return 0
        same = [p for p in known if any(a.value == item.text for a in p.attributes)]
        if known and not same:
            return 0
        if same:
            self.link = None
            return 1
        if not item.text.partition("/")[0].endswith(("0", ":")):
            return 0
        self.start(Phrase(type=_NETWORK), item)
        network = self.parsed.phrases[-1]
        network.attributes.append(Attribute("cidr", item.text))
        self.current = owner
        return 1

    def _name_before_range(self, phrase: Phrase, index: int) -> bool:
        """`network inside 172.16.20.0/24`, `network core, 10.70.0.0/22`: a word between noun and range is a name."""
        item = self.items[index]
        if phrase.type is not _NETWORK or phrase.plural or (phrase.count or 1) > 1 or phrase.names:
            return False
        if item.kind is not Kind.WORD or item.norm in _NO_NAMES or len(item.tokens) > 1:
            return False
        place = index + 1
        while place < len(self.items) and self.items[place].norm in _SIGNS and place < index + 3:
            place += 1
        return place < len(self.items) and self.items[place].kind is Kind.CIDR

    def _name_before_address(self, phrase: Phrase, index: int) -> bool:
        """`vm nas 192.168.178.20`: a word between machine and address is a name."""
        item = self.items[index]
        place = index + 1
        told = item.terms or item.norm in self.gazetteer.common
        while not told and place < len(self.items) and self.items[place].norm in _LEADING:
            place += 1
        after = self.items[place] if place < len(self.items) else None
        if after is None or after.kind is not Kind.ADDRESS or phrase.plural or phrase.names:
            return False
        word = item.kind is Kind.WORD and len(item.tokens) == 1 and item.existing is None
        linking = item.norm in _NO_NAMES | _HAVING | _BESIDE or item.id_of(Sort.ATTRIBUTE)
        return bool(word and not linking and (phrase.count or 1) == 1 and not slipped(item.norm))

    def _in_brackets(self, phrase: Phrase, index: int) -> str | None:
        """`a web server (www)`: a word in brackets that means nothing here."""
        if index + 2 >= len(self.items) or phrase.names or phrase.plural:
            return None
        opened, item, closed = self.items[index : index + 3]
        word = item.kind is Kind.WORD and item.text.isascii() and len(item.tokens) == 1
        unknown = word and not item.terms and item.existing is None
        common = item.norm in self.gazetteer.common
        brackets = opened.norm == "(" and closed.norm == ")"
        return item.text if brackets and unknown and not common else None

    def _has(self, phrase: Phrase, index: int) -> None:
        """`A VM for the gateway. VM gets 10.8.30.21`: what has something was spoken of before."""
        word = self.items[index].norm if index < len(self.items) else ""
        bare = phrase.determiner is Determiner.BARE and phrase.count is None and not phrase.plural
        if (
            bare
            and word in _HAVING
            and any(p.type is phrase.type for p in self.parsed.phrases[:-1])
        ):
            phrase.determiner = Determiner.DEFINITE


def into_known(parsed: Parsed, known: Sequence[Resource]) -> None:
    """`a vm in dmz with ip 10.2.0.4`, where that network is there: what is made joins it, and has the address."""
    networks = {resource.name for resource in known if resource.type is _NETWORK}
    for made, place in pairwise(parsed.phrases):
        if (
            place.type is _NETWORK
            and place.determiner is Determiner.DEFINITE
            and len(networks) == 1
        ):
            place.existing = place.existing or next(iter(networks))  # "inside that network"
        if place.existing not in networks or place.link not in _INTO - {"of", "from"}:
            continue
        if not made.creates or made.type is _NETWORK or place.existing in made.networks:
            continue
        made.networks.append(place.existing)
        own = [a for a in place.attributes if a.path.startswith(("specs.", "network."))]
        made.attributes += own
        place.attributes = [a for a in place.attributes if a not in own]
