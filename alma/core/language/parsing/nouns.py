"""The head of a noun phrase, and what stands right before it: `2 db replicas`, `nginx web servers`.

What waits before a head becomes part of it here; what follows it is read by `after_heads`.
"""

from __future__ import annotations

from alma.core.language.parsing.after_heads import AfterHeads
from alma.core.language.parsing.assembly import Pending
from alma.core.language.parsing.heads import HEADS, compounds, is_head, is_identifier
from alma.core.language.parsing.phrases import Attribute, Determiner, Phrase
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_NO_NAMES = frozenset(
    "new other same old another first second third next last linux and the one".split()
)


def _tagged(phrase: Phrase) -> bool:
    return any(attribute.path == "vlan" for attribute in phrase.attributes)


class Nouns(AfterHeads):
    """Steps of the reader for heads and for the software, images and roles before them."""

    def _head(self, index: int, item: Item) -> int:
        if Sort.REPLICA in item.terms:
            return self._replica(index, item)
        if type_ := item.id_of(Sort.TYPE):
            return self._typed(type_, index, item)
        if product := item.id_of(Sort.PRODUCT):
            return self._product(product, index, item)
        if Sort.COMPUTE in item.terms:
            return self._compute(index, item)
        return self._group(index, item) if Sort.GROUP in item.terms else 0

    def _typed(self, type_: str, index: int, item: Item) -> int:
        """A head that says its type, or only labels what follows ("Database: MySQL", "vlan 20")."""
        if self._labels(index, item):
            return 1 + (self._norm(index + 1) == ":")
        if type_ == "network" and (used := self._vlan(index, item)):
            return used
        if type_ == ResourceType.KUBERNETES_CLUSTER and (
            used := self._cluster_members(index, item)
        ):
            return used
        if item.norm.startswith("docker ") and not self.known and not self.pending.negated:
            self.parsed.engine = self.parsed.engine or "docker"
        phrase = Phrase(type=ResourceType(type_))
        following = self._at(index + 1)
        ranged = type_ == "network" and following is not None and following.kind is Kind.CIDR
        told = type_ == "service" or ranged or self._listed_by_name(type_, index)
        if told and (name := self._named_before(index) or self._of_list(type_, index)):
            phrase.names.append(name)  # "the orders service"
        return self._make(phrase, index, item)

    def _listed_by_name(self, type_: str, index: int) -> bool:
        """`auth vm, orders vm, billing vm`: a word before each of several says which it is."""
        if type_ not in {"vm", "container"} or self.items[index].plural or self.pending.count:
            return False
        begins = self._norm(index - 2) in {",", ":", "\n", ";", "and"}
        return begins and self._norm(index + 1) in {"", ",", ";", "\n", "and", "(", "with", "."}

    def _of_list(self, type_: str, index: int) -> str | None:
        """`billing` of `orders vm, billing vm`: any word that says which of them it is."""
        before = self.items[index - 1]
        plain = before.kind is Kind.WORD and not before.terms and before.norm not in _NO_NAMES
        return (
            before.text if type_ in {"vm", "container"} and plain and len(before.norm) > 2 else None
        )

    def _cluster_members(self, index: int, item: Item) -> int:
        """`2x k8s workers, 1x k8s master`: so many of one cluster's machines."""
        path, count = self.amounts.member(index + 1), self.pending.count
        if path is None or count is None:
            return 0
        self.pending.count = None
        clusters = [p for p in self.parsed.phrases if p.type is ResourceType.KUBERNETES_CLUSTER]
        if not clusters:
            self.start(Phrase(type=ResourceType.KUBERNETES_CLUSTER), item)
            clusters = [self.parsed.phrases[-1]]
        clusters[-1].attributes.append(Attribute(path, count))
        self.current, self.pending = clusters[-1], Pending()
        return 2 + int(self._norm(index + 2) in {"node", "server", "machine"})

    def _product(self, product: str, index: int, item: Item) -> int:
        following = self._at(index + 1)
        role = self.gazetteer.data["products"][product].get("role")
        if self.pending.software:  # "a wordpress website" is a WordPress
            type_ = self._software(self.pending.software)["type"]
            return self._make(Phrase(type=ResourceType(type_)), index, item)
        machine = following is not None and following.id_of(Sort.TYPE) in {"vm", "container"}
        grouped = following is not None and following.terms.keys() & {Sort.COMPUTE, Sort.GROUP}
        if role and (grouped or machine):
            self.pending.role = role  # "web application servers"
            return 1
        version, used = self._version_of_product(index + 1, item)
        phrase = Phrase(product=product, attributes=version)
        return used + self._make(phrase, index, item, after=used)

    def _version_of_product(self, index: int, item: Item) -> tuple[list[Attribute], int]:
        """`highly available postgres 15 database`: the version of the store that it is, and its noun again."""
        meant = self.gazetteer.meaning(item.tokens[-1].norm)
        if Sort.SOFTWARE not in meant:
            return [], 0
        version, used = self.amounts.version(index)
        noun = self._at(index + used)
        if version is None or noun is None:
            return ([Attribute("version", version)] if version else []), used
        same = noun.id_of(Sort.TYPE) == meant[Sort.SOFTWARE].data.get("type") and not noun.plural
        return [Attribute("version", version)], used + same

    def _group(self, index: int, item: Item) -> int:
        described = self.pending.software or self.pending.role
        if self.amounts.cluster and item.norm == "cluster" and not described:
            return self._make(Phrase(type=ResourceType.KUBERNETES_CLUSTER), index, item)
        return self._make(Phrase(group=True), index, item)

    def _compute(self, index: int, item: Item) -> int:
        if item.norm == "host" and self.link == "to":
            self.link = "host"
            return 1
        if item.text.casefold() == "host" and self._norm(index - 1) in {"i", "we", "they"}:
            return 1  # "I host for three neighbours"
        following = self._at(index + 1)
        if item.text.casefold() == "node" and (used := self._runtime(index)):
            return used
        owned = self.pending.determiner is Determiner.POSSESSIVE and self.pending.count is None
        if item.norm == "member" and owned:
            return 1  # people: "our members"
        if (
            self.pending.count
            and not item.plural
            and following is not None
            and following.terms.keys() & {Sort.SOFTWARE, Sort.TYPE}
        ):
            return 1  # "a 3 node elasticsearch cluster"
        return self._make(Phrase(type=ResourceType.VM, generic=True), index, item)

    def _runtime(self, index: int) -> int:
        """`a node 20 container`, `two node apps`: what a program is written for, and no machine."""
        number = self._at(index + 1)
        version = number is not None and number.kind is Kind.NUMBER
        following = self._at(index + 1 + version)
        runs = following is not None and (
            following.id_of(Sort.TYPE) in {"container", "service"}
            or following.id_of(Sort.ROLE) in {"app", "api", "backend"}
        )
        if not runs:
            return 0
        if version and number is not None:
            self.pending.image = f"node:{number.text}"
            self.pending.words.append(f"node {number.text}")
        return 1 + version

    def _replica(self, index: int, item: Item) -> int:
        following = self._at(index + 1)
        if item.norm == "copy" and self.amounts.backed_up:
            self.pending.count = None  # "keep 10 copies" of a backup
            return 1
        if following is not None and set(following.terms) & {*HEADS, Sort.SOFTWARE}:
            if not self._copy_of(item, following):
                return 1  # "3-replica database": the count is the database's
            type_ = self._type_of(following)
            assert type_ is not None
            phrase = Phrase(replica=True, type=ResourceType(type_))
            phrase.software = following.id_of(Sort.SOFTWARE)
            self.start(phrase, item, following)
            return 2 + self._after_head(phrase, index + 2)
        data = [phrase for phrase in self.parsed.phrases if phrase.type in DATA or phrase.existing]
        if self._copies_current():
            data = []  # "a Go service, 4 replicas"
        phrase = Phrase(replica=True, type=data[-1].type if data else None)
        if data:
            phrase.software = data[-1].software
        return self._make(phrase, index, item)

    def _copies_current(self) -> bool:
        """Whether a number of copies is of the program named right before."""
        current, pending = self.current, self.pending
        counted = pending.count is not None and pending.determiner is Determiner.BARE
        runs = current is not None and current.type in COMPUTE and current.count is None
        return bool(counted and runs and not (pending.software or pending.role))

    def _copy_of(self, item: Item, following: Item) -> bool:
        """`one slave db`, `a standby postgres`: a copy of that type, of which there is the original besides."""
        made = any(phrase.type in DATA for phrase in self.parsed.phrases)
        stores = {str(type_) for type_ in DATA}
        return made and self.pending.count in {None, 1} and self._type_of(following) in stores

    def _make(self, phrase: Phrase, index: int, item: Item, *, after: int = 0) -> int:
        """A head: takes what waits, the heads it is compounded with, and a name or count right after it. The next
        `after` items have been read already."""
        begin = index
        index += after
        used = 1
        while (following := self._at(index + used)) is not None and self._joins(
            phrase, index + used
        ):
            if type_ := following.id_of(Sort.TYPE):
                phrase.type, phrase.generic, phrase.group = ResourceType(type_), False, False
            elif following.id_of(Sort.COMPUTE) and phrase.group:
                phrase.type, phrase.generic = ResourceType.VM, True
            used += 1
        if self._is_copy(phrase, index + used):
            phrase.replica = True  # "1 db replica"
            used += 1
        last = self.items[index + used - 1]
        phrase.plural = last.plural or self.pending.plural
        self.start(phrase, *self.items[begin : index + used])
        return used + self._after_head(phrase, index + used)

    def _joins(self, phrase: Phrase, index: int) -> bool:
        """Whether the next head belongs to the phrase, and is not its name: `network lan 192.168.1.0/24`."""
        return compounds(phrase, self.items[index]) and not self._name_before_range(phrase, index)

    def _is_copy(self, phrase: Phrase, index: int) -> bool:
        following = self._at(index)
        stored = any(
            known.type is phrase.type and not known.negated for known in self.parsed.phrases
        )
        copied = (
            following is not None and Sort.REPLICA in following.terms and following.norm != "copy"
        )
        return copied and phrase.type in DATA and stored

    def _labels(self, index: int, item: Item) -> bool:
        """`Database: MySQL`, `RDS PostgreSQL 15 instance`: the software that follows says what the type is for."""
        type_, place = item.id_of(Sort.TYPE), index + 1
        signed = self._norm(place) == ":"
        following = self._at(place + signed)
        if type_ is None or following is None or item.plural or self.pending.software:
            return False
        if signed and index == 0 and self._repeated(type_, place + 1):
            return True
        software = following.id_of(Sort.SOFTWARE)
        if signed and type_ == "service":
            return bool(software) or is_head(following)
        if software is None or self._software(software)["type"] != type_:
            return False
        place += 1 + signed
        while (after := self._at(place)) is not None and after.kind is Kind.NUMBER:
            place += 1
        again = after is not None and (
            after.terms.keys() & {Sort.COMPUTE, Sort.GROUP} or after.id_of(Sort.TYPE) == type_
        )
        return bool(signed or again)

    def _repeated(self, type_: str, index: int) -> bool:
        """`Sandbox: ubuntu vm`: whether a line says after its title what the thing is."""
        while (item := self._at(index)) is not None and item.norm not in {"\n", ";", ",", "with"}:
            if item.id_of(Sort.TYPE) == type_:
                return not item.plural
            index += 1
        return False

    def _vlan(self, index: int, item: Item) -> int:
        """`vlan 20`, `vlan: 20`: a tag and no number of networks."""
        place = index + 1
        while self._norm(place) in {":", "=", "id", "tag", "#"}:
            place += 1
        number = self._at(place)
        if (
            item.text.casefold() not in {"vlan", "vlans"}
            or number is None
            or number.kind is not Kind.NUMBER
        ):
            return 0
        tag = Attribute("vlan", number.tokens[0].value)
        networks = [p for p in self.parsed.phrases if p.type is ResourceType.NETWORK]
        following = self._at(place + 1)
        if following is not None and following.id_of(Sort.TYPE) == "network":
            self.pending.attributes.append(tag)
        elif networks and self.pending.count is None and not _tagged(networks[-1]):
            networks[-1].attributes += [*self.pending.attributes, tag]
            self.pending.attributes = []
        else:
            phrase = Phrase(type=ResourceType.NETWORK)
            self.start(phrase, item)
            phrase.count, phrase.determiner = None, Determiner.INDEFINITE
            self.attach([tag], before_head=False)
        return place + 1 - index

    def _qualifier(self, index: int, item: Item) -> int:
        software, image, role = (
            item.id_of(Sort.SOFTWARE),
            item.id_of(Sort.IMAGE),
            item.id_of(Sort.ROLE),
        )
        if not (software or image or role):
            return 0
        if software:
            if self.pending.software not in {None, software}:
                self.flush()
            self.pending.software = software
        elif image:
            self.pending.image = image
        elif role and self._counted_after(index):
            return self._counted_role(role, index, item)
        else:
            self.pending.role = role
        self.pending.words.append(item.text)
        counted = self.pending.count is not None
        version, used = (
            self.amounts.version(index + 1, counted=counted) if software or image else (None, 0)
        )
        if version and image:
            self.pending.image = f"{image}-{version}"
        elif version:
            self.pending.attributes.append(Attribute("version", version))
        named = software or (role and len(item.tokens) > 1 and self._server_named(index + 1))
        if named and (name := self._software_named(index + 1 + used)):
            self.pending.names.append(name)
            used += 1
        if software and self._served(index + 1 + used, software):
            self.pending.apart, used = True, used + 2
        return 1 + used

    def _server_named(self, index: int) -> bool:
        """`a file server fs01 at 10.1.1.20`."""
        item = self._at(index)
        return item is not None and is_identifier(item.text) and not item.terms

    def _served(self, index: int, software: str) -> bool:
        """`Postgres on RDS`: what serves the software, and no machine named before."""
        place = self._at(index + 1)
        return (
            self._norm(index) in {"on", "in", "via", "using"}
            and place is not None
            and place.id_of(Sort.TYPE) == self._software(software)["type"]
        )

    def _counted_after(self, index: int) -> bool:
        """`Web: 2 x (2c/4g)`, `web: 2`: a role with its number, as in a form."""
        number, after = self._at(index + 2), self._norm(index + 3)
        signed = self._norm(index + 1) in {":", "="} and number is not None
        return bool(
            signed
            and number is not None
            and number.kind is Kind.NUMBER
            and after in {"", "x", "×", ",", ";", "\n", "("}
        )

    def _counted_role(self, role: str, index: int, item: Item) -> int:
        self.flush()
        number = self._at(index + 2)
        assert number is not None
        phrase = Phrase(type=ResourceType.VM, generic=True, role=role)
        self.start(phrase, item)
        phrase.count = int(number.tokens[0].value or 0)
        return 3 + (self._norm(index + 3) in {"x", "×"}) + (self._norm(index + 4) == "(")
