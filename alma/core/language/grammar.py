"""Noun phrases: `[count] [modifier]* HEAD (with | ,) ATTRIBUTE*`, read left to right over tagged items.

A noun right after an amount is an attribute: "8 GB disk space" is no volume. How phrases are put together from what is
read here is `assembly`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.amounts import AmountReader
from alma.core.language.assembly import Pending
from alma.core.language.choices import Choices
from alma.core.language.gazetteer import Gazetteer, Item, Sort
from alma.core.language.heads import (
    BEFORE_HEADS,
    HEADS,
    compounds,
    is_at_least,
    is_head,
    is_identifier,
    is_limit,
    negate,
    noun_like,
)
from alma.core.language.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.relations import relate
from alma.core.language.tokens import Kind, Token
from alma.core.model.blueprint import DATA, ResourceType

_INDEFINITE = {"a", "an", "some", "another", "new"}
_DETERMINERS = {
    **dict.fromkeys(_INDEFINITE, Determiner.INDEFINITE),
    **dict.fromkeys("the this that these those existing current both".split(), Determiner.DEFINITE),
    **dict.fromkeys("my our your their its his her".split(), Determiner.POSSESSIVE),
}
_LINKS = frozenset(
    "with for to on onto in into inside from of behind at by as using plus including running runs run hosting host "
    "than via having has serving".split()
)
_ASIDE = frozenset("so because since that which who where when while if whenever until".split())
_NEGATIONS = {"no", "without", "not", "except"}
_PRONOUNS = {"it", "them", "this", "that", "these", "those", "they"}
_JOINTS = frozenset("> , and & + / : ( ) – — - = or but then also | → ; • \n".split(" "))
_ENGINE_LINKS = {"on", "onto", "to", "in", "into", "using", "via", "with"}
_ENVIRONMENTS = {"production", "staging", "development", "test"}
_RUNNING = frozenset(
    "run running host hosting install installing deploy deploying launch setup".split()
) | {"set up", "setting up", "spin up", "stand up", "bring up", "start a", "start an"}
_TIMES = re.compile(r"^[x×](\d{1,6})$")


_NAMED_IN_LISTS = {ResourceType.NETWORK, ResourceType.VOLUME, ResourceType.OBJECT_STORE, ResourceType.QUEUE, ResourceType.SERVICE,
                   ResourceType.DATABASE}  # fmt: skip


def _tagged(phrase: Phrase) -> bool:
    return any(attribute.path == "vlan" for attribute in phrase.attributes)


def parse(
    tokens: Sequence[Token],
    gazetteer: Gazetteer,
    *,
    names: Sequence[str] = (),
    cluster: bool = False,
    verb: str = "",
) -> Parsed:
    """One clause. `names` are the blueprint's resources; `cluster` says that nodes and workers are a cluster's; `verb`
    is the word of the order ("install")."""
    items = gazetteer.tag(tokens, names)
    cluster = cluster or any(
        item.id_of(Sort.TYPE) == ResourceType.KUBERNETES_CLUSTER for item in items
    )
    return _Parser(items, gazetteer, cluster, running=verb in _RUNNING, known=bool(names)).run()


class _Parser(Choices):
    """Reads the items of one clause in steps, each of which takes some of them or none."""

    def __init__(
        self,
        items: Sequence[Item],
        gazetteer: Gazetteer,
        cluster: bool,
        *,
        running: bool,
        known: bool,
    ) -> None:
        super().__init__(gazetteer)
        self.known = known
        self.items = items
        self.running = running
        self.first = next((n for n, i in enumerate(items) if i.norm not in _DETERMINERS), 0)
        self.amounts = AmountReader(items, cluster=cluster)
        self.steps: tuple[Callable[[int, Item], int], ...] = (
            self._selector, self._name, self._label, self._times, self._listens, self._literal, self._amount, self._existing, self._engine, self._content, self._attribute,
            self._modifier, self._head, self._qualifier, self._capability, self._one, self._determiner, self._elided,
            self._connector, self._host, self._unlisted, self._word,
        )  # fmt: skip

    def run(self) -> Parsed:
        index = 0
        while index < len(self.items):
            item = self.items[index]
            index += next(used for step in self.steps if (used := step(index, item)))
        self.flush()
        relate(self.parsed, self.gazetteer.software)
        return self.parsed

    # ── steps: each takes some items or none ─────────────────────────────────────────────────────────

    def _name(self, index: int, item: Item) -> int:
        if item.kind is not Kind.QUOTED or item.existing is not None:
            return 0
        name = str(item.tokens[0].value)
        following = self._at(index + 1)
        if self.current is None and following is not None and is_head(following):
            self.pending.names.append(name)
        elif self.current is not None:
            self.current.names.append(name)
        else:
            self.parsed.new_names.append(name)
            self.parsed.given.append(name)
        return 1

    def _amount(self, index: int, item: Item) -> int:
        read = self.amounts.amount(index)
        if read is None:
            return 0
        if read.attributes:
            self.attach(read.attributes, before_head=self._head_follows(index + read.used))
        for field_name, value in read.said.items():
            setattr(self.parsed, field_name, value)
        if read.count is not None:
            self.flush_before_count()
            self.pending.count, self.pending.rounded = read.count, read.rounded
            self.pending.words.append(item.text)
        self.parsed.notes += read.notes
        return read.used

    def _existing(self, index: int, item: Item) -> int:
        if (
            item.existing is None
            or self.pending.determiner is Determiner.INDEFINITE
            or self.pending.count is not None
        ):
            return 0
        self.flush()
        self.start(Phrase(existing=item.existing), item)
        return 1

    def _engine(self, index: int, item: Item) -> int:
        engine = item.id_of(Sort.ENGINE)
        if engine is None:
            return 0
        connection = self._connection(index)
        used = 3 if connection else 1
        if self.pending.negated and self.parsed.instead:
            self.pending.negated = False
            return used  # "on kubernetes instead of proxmox"
        following = self._at(index + used)
        only = bool(connection) or (not item.id_of(Sort.TYPE) and engine != "docker")
        placed = self.link in _ENGINE_LINKS and not (following is not None and is_head(following))
        inside = (
            self.current is not None
            and self.link in {"with", "running", "for"}
            and engine == "docker"
        )
        if inside and self.current is not None:
            self.current.requirements.append("docker")
        elif (
            only
            or (placed and self.pending.determiner is Determiner.BARE)
            or (engine == "docker" and following is None)
        ):
            self.parsed.engine = f"{engine}@{connection}" if connection else engine
        elif item.id_of(Sort.TYPE) or engine != "docker":
            return 0
        return used

    def _connection(self, index: int) -> str | None:
        """`lab` of `proxmox@lab`, written in one."""
        at, name = self._at(index + 1), self._at(index + 2)
        if at is None or name is None or at.text != "@":
            return None
        together = self.items[index].tokens[-1].end == at.tokens[0].start
        touching = together and at.tokens[-1].end == name.tokens[0].start
        return name.tokens[0].text.casefold() if touching and len(name.tokens) == 1 else None

    def _attribute(self, index: int, item: Item) -> int:
        read = self.amounts.property(index)
        if read is None:
            return 0
        for field_name, value in read.said.items():
            setattr(self.parsed, field_name, value)
        if read.head:  # outside a cluster, "worker nodes" are machines
            self.pending.role = read.role or self.pending.role
            return self._make(Phrase(type=ResourceType.VM, generic=True), index, item)
        if read.attributes:
            negated, self.pending.negated = self.pending.negated, False
            said = [negate(a) for a in read.attributes] if negated else read.attributes
            self.attach(said, before_head=self._head_follows(index + read.used))
        elif self.pending.negated and read.mentioned:
            self.pending.negated = False
            self.parsed.unused.append(f"no {item.text}")
        self.parsed.mentioned += read.mentioned
        return read.used

    def _modifier(self, index: int, item: Item) -> int:
        modifier = item.id_of(Sort.MODIFIER)
        following = self._at(index + 1)
        role_head = Sort.ROLE in item.terms and following is not None and is_head(following)
        if modifier is None or role_head:
            return 0
        if modifier in {"public", "private"} and self.pending.negated:
            self.pending.negated = False
            modifier = "private" if modifier == "public" else "public"
        if modifier in _ENVIRONMENTS:
            self.parsed.environments.append(modifier)
        elif modifier == "each" and following is not None and noun_like(following):
            self.pending.determiner = Determiner.DEFINITE
        elif modifier == "each":
            self.parsed.each, self.parsed.each_after = True, self.current
            if self._norm(index - 1) == "of" and self.pending.count:  # "two of each"
                self.parsed.multiple, self.pending = self.pending.count, Pending()
        elif modifier == "more":
            self.flush_before_count()
            self.pending.more = True
            if item.norm == "another":
                self.pending.determiner = Determiner.INDEFINITE
        elif modifier == "fewer":
            self._less(self.pending.count is None)
        elif modifier == "everything" and self.pending.count and self._norm(index - 1) == "of":
            self.parsed.multiple, self.pending = self.pending.count, Pending()
        elif modifier == "everything" and item.norm == "all" and self.parsed.phrases:
            self.flush()
            self.current, self.all = None, True
        elif modifier == "everything":
            self.parsed.modifiers.append(modifier)
        else:
            self.pending.modifiers.append(modifier)
        return 1

    def _less(self, said: bool) -> None:
        """ "One web server less", "2 fewer runners"."""
        if said and self.current is not None and self.current.count is not None:
            self.current.fewer = True
        else:
            self.pending.fewer = True

    def _head(self, index: int, item: Item) -> int:
        if Sort.REPLICA in item.terms:
            return self._replica(index, item)
        if self._labels(index, item):
            return 1 + (self._norm(index + 1) == ":")
        if item.id_of(Sort.TYPE) == "network" and (used := self._vlan(index, item)):
            return used
        if type_ := item.id_of(Sort.TYPE):
            phrase = Phrase(type=ResourceType(type_))
            if type_ == "service" and (name := self._named_before(index)):
                phrase.names.append(name)  # "the orders service"
            return self._make(phrase, index, item)
        if product := item.id_of(Sort.PRODUCT):
            return self._product(product, index, item)
        if Sort.COMPUTE in item.terms:
            return self._compute(index, item)
        return self._group(index, item) if Sort.GROUP in item.terms else 0

    def _product(self, product: str, index: int, item: Item) -> int:
        following = self._at(index + 1)
        role = self.gazetteer.data["products"][product].get("role")
        if self.pending.software:  # "a wordpress website" is a WordPress
            type_ = self._software(self.pending.software)["type"]
            return self._make(Phrase(type=ResourceType(type_)), index, item)
        if role and following is not None and following.terms.keys() & {Sort.COMPUTE, Sort.GROUP}:
            self.pending.role = role  # "web application servers"
            return 1
        return self._make(Phrase(product=product), index, item)

    def _group(self, index: int, item: Item) -> int:
        described = self.pending.software or self.pending.role
        if self.amounts.cluster and item.norm == "cluster" and not described:
            return self._make(Phrase(type=ResourceType.KUBERNETES_CLUSTER), index, item)
        return self._make(Phrase(group=True), index, item)

    def _compute(self, index: int, item: Item) -> int:
        if item.norm == "host" and self.link == "to":
            self.link = "host"
            return 1
        following = self._at(index + 1)
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
        phrase = Phrase(replica=True, type=data[-1].type if data else None)
        if data:
            phrase.software = data[-1].software
        return self._make(phrase, index, item)

    def _copy_of(self, item: Item, following: Item) -> bool:
        """`one slave db`, `a standby postgres`: a copy of that type, of which there is the original besides."""
        made = any(phrase.type in DATA for phrase in self.parsed.phrases)
        stores = {str(type_) for type_ in DATA}
        return made and self.pending.count in {None, 1} and self._type_of(following) in stores

    def _make(self, phrase: Phrase, index: int, item: Item) -> int:
        """A head: takes what waits, the heads it is compounded with, and a name or count right after it."""
        used = 1
        while (following := self._at(index + used)) is not None and compounds(phrase, following):
            if type_ := following.id_of(Sort.TYPE):
                phrase.type, phrase.generic, phrase.group = ResourceType(type_), False, False
            elif following.id_of(Sort.COMPUTE) and phrase.group:
                phrase.type, phrase.generic = ResourceType.VM, True
            used += 1
        if self._is_copy(phrase, index + used):
            phrase.replica = True  # "1 db replica"
            used += 1
        last = self.items[index + used - 1]
        phrase.plural = last.plural
        self.start(phrase, *self.items[index : index + used])
        return used + self._after_head(phrase, index + used)

    def _is_copy(self, phrase: Phrase, index: int) -> bool:
        following = self._at(index)
        stored = any(
            known.type is phrase.type and not known.negated for known in self.parsed.phrases
        )
        copied = (
            following is not None and Sort.REPLICA in following.terms and following.norm != "copy"
        )
        return copied and phrase.type in DATA and stored

    def _after_head(self, phrase: Phrase, index: int) -> int:
        following, number = self._at(index), self._at(index + 1)
        if following is None:
            return 0
        if used := self._names_listed(phrase, index):
            return used
        if self._role_after(phrase, index, following):
            phrase.role = following.id_of(Sort.ROLE)
            return 1
        if (
            following.text == ":"
            and number is not None
            and number.kind is Kind.NUMBER
            and phrase.count is None
            and self._counts(phrase, index + 2)
        ):
            phrase.count = int(number.tokens[0].value or 0)  # a form: "Number of VMs: 3"
            return 2 + self._members_named(phrase, index + 2)
        if times := _TIMES.match(following.norm):
            phrase.count = phrase.count or int(times[1])  # "web server x3"
            return 1
        if following.norm in {"x", "×"} and number is not None and number.kind is Kind.NUMBER:
            phrase.count = phrase.count or int(number.tokens[0].value or 0)  # "VM x 5"
            return 2
        if (
            not following.terms
            and following.kind is Kind.WORD
            and is_identifier(following.text)
            and not following.existing
        ):
            phrase.names.append(following.text)
            return 1
        if self._plain_name(phrase, index, following):
            phrase.names.append(following.text)
            return 1
        return 0

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
                names.append(item.text)
            place += 1
        if len(names) < number or self._norm(place) not in {"", ",", ";", ")", "\n", "and", "."}:
            return 0
        phrase.names += names
        return place - index

    def _role_after(self, phrase: Phrase, index: int, item: Item) -> bool:
        """`three servers web`: what they are for, said after them."""
        alone = phrase.generic and phrase.role is None and not phrase.software
        ends = self._norm(index + 1) in {"", ",", ";", "and", "\n", "with", "for"}
        return bool(alone and item.id_of(Sort.ROLE) and not item.terms.keys() & HEADS and ends)

    def _plain_name(self, phrase: Phrase, index: int, item: Item) -> bool:
        """`a network dmz, …`, `database orders`: an unknown word right after the noun, and nothing after it."""
        unknown = item.kind is Kind.WORD and not item.terms and not item.existing
        if (
            not unknown
            or phrase.plural
            or (phrase.count or 1) > 1
            or phrase.generic
            or not item.text.isascii()
        ):
            return False
        if item.norm in self.gazetteer.common or phrase.type is None:
            return False
        after = self._at(index + 1)
        amount = after is not None and after.kind in {Kind.CIDR, Kind.ADDRESS}
        ends = self._norm(index + 1) in {"", ",", ";", "\n", "with", "(", "and"}
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

    def _labels(self, index: int, item: Item) -> bool:
        """`Database: MySQL`, `RDS PostgreSQL 15 instance`: the software that follows says what the type is for."""
        type_, place = item.id_of(Sort.TYPE), index + 1
        signed = self._norm(place) == ":"
        following = self._at(place + signed)
        if type_ is None or following is None or item.plural or self.pending.software:
            return False
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

    def _members_named(self, phrase: Phrase, index: int) -> int:
        """`web tier: 3 nodes`: how many machines a tier has, whether they are named or not."""
        item = self._at(index)
        if phrase.group and phrase.role:
            phrase.type, phrase.generic, phrase.group = ResourceType.VM, True, False
        return int(item is not None and Sort.COMPUTE in item.terms and Sort.TYPE not in item.terms)

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
        return 1 + used

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

    def _capability(self, index: int, item: Item) -> int:
        capability = item.id_of(Sort.CAPABILITY)
        if capability is None:
            return Sort.CLOUD in item.terms
        if self.pending.negated:
            self.pending.negated = False
        else:
            self.parsed.capabilities.append(capability)
        return 1

    def _determiner(self, index: int, item: Item) -> int:
        following = self._at(index + 1)
        if item.norm == "front" and self.link == "in":
            self.link = "front"
            return 1
        alone = (self.known and item.norm in {"it", "them", "they"}) or following is None
        if item.norm in _PRONOUNS and (alone or not (following and noun_like(following))):
            if item.norm == "that" and self.current is not None:
                return 0
            self.flush()
            self.parsed.pronoun = item.norm
            return 1
        if item.norm == "own":
            self.pending.determiner, self.pending.own = Determiner.INDEFINITE, True
            return 1
        if following is not None and self.pending.negated and item.norm in _INDEFINITE:
            return 1  # "no", "without a": the negation holds until its noun
        determiner = _DETERMINERS.get(item.norm)
        if determiner is None:
            return 0
        if item.norm != "new":
            self.flush()
        if item.norm == "new" or self.pending.determiner is not Determiner.DEFINITE:
            self.pending.determiner = determiner
        return 1

    def _connector(self, index: int, item: Item) -> int:
        norm = item.norm
        if norm == "instead":
            self.flush()
            following = self._at(index + 1)
            self.parsed.instead = True
            self.pending.negated = following is not None and following.norm in {"of", "from"}
            self.link = None
            return 2 if self.pending.negated else 1
        if used := self._bound(index):
            return used
        if norm in _NEGATIONS:
            self.flush()
            self.pending.negated, self.link = True, None
        elif norm == "per":
            self.flush()
            following = self._at(index + 1)
            return 2 if following is not None and following.terms else 1
        elif norm in _JOINTS:
            if norm == ":" and self.pending.count is None and not self.pending.software:
                self.pending.role = None  # a title: "Three-tier app: 2 web servers …"
            self.flush()
            self.pending = Pending()
            if norm == "(":
                self.link = "("
                return 1
            self.link = "and" if self.link in {None, "and"} or norm != "and" else self.link
        elif norm in _LINKS:
            self.flush()
            self.link = "front" if (self.link, norm) == ("front", "of") else norm
        elif norm in _ASIDE:
            self.flush()
            self.aside = self.aside or norm not in {"that", "which"} or self.current is None
            self.link = None
        else:
            return 0
        return 1

    def _bound(self, index: int) -> int:
        """How many items say that a number is a limit: `no more than`, `at least`."""
        ahead = self.items[index : index + 4]
        if is_limit(ahead):
            self.flush()
            # A limit on money is kept with the blueprint.
            if len(ahead) < 4 or ahead[3].kind is not Kind.MONEY:
                self.parsed.bounded = "limit"
            return 3
        if not is_at_least(ahead):
            return 0
        self.parsed.bounded = self.parsed.bounded or "number"
        self.parsed.notes.append(f"'at {ahead[1].text} {ahead[2].text}' is read as {ahead[2].text}")
        return 2

    def _word(self, index: int, item: Item) -> int:
        self.parsed.shared = self.parsed.shared or item.norm in {"shared", "sharing", "share"}
        if times := _TIMES.match(item.norm):
            waits = self.pending.words or self.current is None
            counted = self.pending if waits else self.current
            if counted is not None and counted.count is None:
                counted.count = int(times[1])
                return 1
        if (
            item.kind in {Kind.WORD, Kind.NUMBER, Kind.SIZE}
            and item.norm not in self.gazetteer.common
        ):
            self.parsed.unused.append(item.text)
            if is_identifier(item.text):
                self.parsed.new_names.append(item.text)
        return 1

    # ── looking ahead ────────────────────────────────────────────────────────────────────────────────

    def _head_follows(self, index: int) -> bool:
        """Whether amounts before `index` belong to a head after them ("a 16GB database")."""
        while (item := self._at(index)) is not None and item.terms.keys() & BEFORE_HEADS:
            if item.id_of(Sort.MODIFIER) in {"each", "fewer"}:
                return False
            index += 1
            following = self._at(index)
            if following is None or not following.terms:
                return True
        return item is not None and is_head(item)
