"""What stands right after the head of a noun phrase and belongs to it: names, a number, a role.

`Number of VMs: 3`, `web server x3`, `3 subnets: web, app, data`, `three VMs a1, a2 and a3`, `servers web`.
"""

from __future__ import annotations

import re

from alma.core.language.parsing.choices import Choices
from alma.core.language.parsing.heads import HEADS, is_head, is_identifier, slipped
from alma.core.language.parsing.phrases import Attribute, Phrase
from alma.core.language.parsing.rosters import is_name
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import DATA, ResourceType

_TIMES = re.compile(r"^[x×](\d{1,6})$")
_VERSION = re.compile(r"^v?\d{1,3}(?:\.\d{1,3}){1,2}$")
_AMOUNTS = {Kind.CIDR, Kind.ADDRESS, Kind.NUMBER, Kind.SIZE}
_VERSIONS = {Kind.WORD, Kind.NUMBER}
_NO_NAMES = frozenset(
    "is in at on with as of range ranges using the and be has being subnet network one ones".split()
)
_NAMED_IN_LISTS = DATA - {ResourceType.CACHE} | {
    ResourceType.NETWORK,
    ResourceType.VOLUME,
    ResourceType.SERVICE,
}


class AfterHeads(Choices):
    """Steps of the reader for what follows a head."""

    def _after_head(self, phrase: Phrase, index: int) -> int:
        """How many items after the head belong to it: names, a number, a role."""
        following = self._at(index)
        if following is None:
            return 0
        if used := self._names_listed(phrase, index) or self._number_after(phrase, index):
            return used
        if used := self._version_of_cluster(phrase, index, following):
            return used + self._after_head(phrase, index + used)
        self._has(phrase, index)
        if self._role_after(phrase, index, following):
            phrase.role = following.id_of(Sort.ROLE)
            return 1
        return self._named_after(phrase, index, following)

    def _version_of_cluster(self, phrase: Phrase, index: int, following: Item) -> int:
        """`k8s 1.31`, `kubernetes 1.30 cluster`: nobody has a part of a node."""
        version = following.text.casefold()
        if phrase.type is not ResourceType.KUBERNETES_CLUSTER or following.kind not in _VERSIONS:
            return 0
        noun = self._at(index + 1)
        amount = noun is not None and noun.id_of(Sort.ATTRIBUTE) not in {None, "specs.nodes"}
        if not _VERSION.match(version) or amount:
            return 0
        phrase.attributes.append(Attribute("version", version.removeprefix("v")))
        joined = noun is not None and noun.norm == "cluster" and Sort.GROUP in noun.terms
        return 1 + joined

    def _named_after(self, phrase: Phrase, index: int, following: Item) -> int:
        """`a VM web-01`, `a network dmz, …`: a name right after the noun. Of several, each is read by itself."""
        if self._name_before_range(phrase, index) or self._name_before_address(phrase, index):
            phrase.names.append(following.text)
            return 1
        if (name := self._in_brackets(phrase, index)) is not None:
            phrase.names.append(name)
            return 3
        after = self._at(index + 1)
        titled = following.norm == ":" and after is not None and is_name(after)
        if titled and after is not None and not phrase.plural and (phrase.count or 1) == 1:
            phrase.names.append(after.text)  # "VM: SAP-DEV-01 (16 cores)"
            return 2
        word = following.kind is Kind.WORD and not (following.terms or following.existing)
        named = word and is_identifier(following.text) and not _VERSION.match(following.norm)
        several = phrase.plural or (phrase.count or 1) > 1
        if (named and several) or not (named or self._plain_name(phrase, index, following)):
            return 0
        phrase.names.append(following.text)
        label, after = self._norm(index + 1) in {":", "=", "-"}, self._at(index + 2)
        told = label and after is not None and Sort.SOFTWARE in after.terms
        return 1 + told  # "database orders: mariadb"

    def _number_after(self, phrase: Phrase, index: int) -> int:
        """`Number of VMs: 3`, `web server x3`, `VM x 5`."""
        sign, number = self._norm(index), self._at(index + 1)
        named = index < len(self.items) and self.items[index].kind is Kind.QUOTED
        if not named and (times := _TIMES.match(sign)):
            phrase.count = phrase.count or int(times[1])
            return 1
        if sign == "of" and phrase.count is None and self._counts_alone(index + 1):
            phrase.count = int(self.items[index + 1].tokens[0].value or 0)
            return 2  # "a cluster of three"
        if number is None or number.kind is not Kind.NUMBER or sign not in {":", "x", "×"}:
            return 0
        noun = self._at(index + 2)
        titled = phrase.product and noun is not None and is_head(noun)  # "a web app: three servers"
        told = titled or phrase.count is not None or not self._counts(phrase, index + 2)
        if sign == ":" and told:
            return 0
        phrase.count = phrase.count or int(number.tokens[0].value or 0)
        if sign == ":" and self._tells_number(phrase):
            return 2
        return 2 + (self._members_named(phrase, index + 2) if sign == ":" else 0)

    def _counts_alone(self, index: int) -> bool:
        """Whether a whole number there stands for itself, and counts nothing that comes after it."""
        number, after = self._at(index), self._at(index + 1)
        if number is None or number.kind is not Kind.NUMBER:
            return False
        whole = isinstance(number.tokens[0].value, int)
        return whole and (
            after is None or after.norm in {"with", ",", ";", "and", "\n", "(", "each"}
        )

    def _tells_number(self, phrase: Phrase) -> bool:
        """`Software: Tomcat`, then `Instances: 2`: a form's number of what it named before."""
        phrases = self.parsed.phrases
        before = phrases[-2] if len(phrases) > 1 else None
        plain = phrase.generic and not (phrase.role or phrase.software or phrase.image)
        word = phrase.words[-1].casefold().rstrip("s") if phrase.words else ""
        if before is None or not before.creates or before.count is not None:
            return False
        if not (plain and word == "instance") or not (before.software or before.product):
            return False
        before.count = phrase.count
        phrases.pop()
        self.current = before
        return True

    def _names_listed(self, phrase: Phrase, index: int) -> int:
        """`3 subnets: web, app, data`: as many names as things."""
        number = phrase.count or 0
        if (
            number < 2
            or phrase.type not in _NAMED_IN_LISTS
            or self._norm(index) not in {":", "(", "-"}
        ):
            return 0
        names: list[str] = []
        place = index + 1
        while len(names) < number and (item := self._at(place)) is not None:
            if item.norm not in {",", "and", "&"}:
                if item.kind is not Kind.WORD or len(item.tokens) > 1:
                    return 0
                if Sort.SOFTWARE in item.terms and phrase.type in DATA:
                    return 0  # "two databases (MySQL and Postgres)"
                names.append(item.text)
            place += 1
        if len(names) < number or self._norm(place) not in {"", ",", ";", ")", "\n", "and", "."}:
            return 0
        phrase.names += names
        return place - index

    def _name_of_range(self, index: int, item: Item) -> int:
        """`two networks, front 10.1.0.0/24 and back 10.2.0.0/24`: a word before its range is a name."""
        current = self.current
        if (
            current is None
            or current.type is not ResourceType.NETWORK
            or item.kind is not Kind.WORD
        ):
            return 0
        sign = self._norm(index + 1) in {":", "=", "(", "-", "is", "as", "with", "at"}
        value = self._at(index + 1 + sign)
        wanted = current.count or (len(current.names) + 1 if current.plural else 1)
        if value is None or value.kind is not Kind.CIDR or len(current.names) >= wanted:
            return 0
        if item.norm in _NO_NAMES or item.id_of(Sort.ATTRIBUTE):
            return 0
        current.names.append(item.text)
        self.link = None
        return 1 + sign

    def _role_after(self, phrase: Phrase, index: int, item: Item) -> bool:
        """`three servers web`: what they are for, said after them."""
        alone = phrase.generic and phrase.role is None and not phrase.software
        ends = self._norm(index + 1) in {"", ",", ";", "and", "\n", "with", "for"}
        return bool(alone and item.id_of(Sort.ROLE) and not item.terms.keys() & HEADS and ends)

    def _plain_name(self, phrase: Phrase, index: int, item: Item) -> bool:
        """`a network dmz, …`, `database orders`: an unknown word right after the noun, and nothing after it."""
        unknown = item.kind is Kind.WORD and not item.terms and not item.existing
        if not unknown or phrase.plural or (phrase.count or 1) > 1 or not item.text.isascii():
            return False
        if item.norm in self.gazetteer.common or phrase.type is None:
            return False
        after = self._at(index + 1)
        amount = after is not None and after.kind in _AMOUNTS and not slipped(item.norm)
        if phrase.generic:
            return amount and len(item.text) > 2  # "server calliope 4GB", not "a server thanks"
        ends = self._norm(index + 1) in {"", ",", ";", "\n", "with", "(", "and", ":", "="}
        return (ends or amount) and len(item.text) > 2

    def _counts(self, phrase: Phrase, index: int) -> bool:
        """Whether the number before `index` counts the phrase: not in "a cluster: 3 masters, 6 workers"."""
        following = self._at(index)
        nouns = {Sort.TYPE, Sort.SOFTWARE, Sort.ROLE, Sort.ATTRIBUTE, Sort.IMAGE, Sort.PRODUCT}
        if phrase.group:
            return True
        compute = (
            following is not None and Sort.COMPUTE in following.terms and self._member_of(phrase)
        )
        return not compute and (following is None or not following.terms.keys() & nouns)

    def _member_of(self, phrase: Phrase) -> bool:
        return phrase.type is ResourceType.KUBERNETES_CLUSTER

    def _members_named(self, phrase: Phrase, index: int) -> int:
        """`web tier: 3 nodes`: how many machines a tier has, whether they are named or not."""
        item = self._at(index)
        if phrase.group and phrase.role:
            phrase.type, phrase.generic, phrase.group = ResourceType.VM, True, False
        return int(item is not None and Sort.COMPUTE in item.terms and Sort.TYPE not in item.terms)
