"""Noun phrases: `[count] [modifier]* HEAD (with | ,) ATTRIBUTE*`, read left to right over tagged items.

Two rules carry most of it. A noun right after an amount is an attribute ("8 GB disk space" is no volume). And what comes
before a head waits in `_pending` until the head, a connector or the end shows what it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from alma.core.language.amounts import AmountReader
from alma.core.language.gazetteer import Gazetteer, Item, Sort
from alma.core.language.naming import expand
from alma.core.language.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.tokens import Kind, Token
from alma.core.model.blueprint import Origin, ResourceType

_INDEFINITE = {"a", "an", "some", "another", "new"}
_DEFINITE = {"the", "this", "that", "these", "those", "existing", "current", "both"}
_POSSESSIVE = {"my", "our", "your", "their", "its", "his", "her"}
_LINKS = {"with", "for", "to", "on", "onto", "in", "into", "inside", "from", "of", "behind", "at", "by", "as", "using",
          "plus", "including", "running", "runs", "run", "hosting", "host", "than", "via", "having", "has", "serving"}  # fmt: skip
_ASIDE = {
    "so",
    "because",
    "since",
    "that",
    "which",
    "who",
    "where",
    "when",
    "while",
    "if",
    "whenever",
    "until",
}
_NEGATIONS = {"no", "without", "not", "except"}
_PRONOUNS = {"it", "them", "this", "that", "these", "those", "they"}
_JOINTS = {
    ",",
    "and",
    "&",
    "+",
    "/",
    ":",
    "(",
    ")",
    "–",
    "—",
    "-",
    "=",
    "or",
    "but",
    "then",
    "also",
    "|",
    "→",
}
_RUNNING = {"running", "runs", "run", "hosting", "host", "serving", "using", "with", "for"}
_PURPOSE = {"for", "host", "hosting", "run", "serving"}
_ENGINE_LINKS = {"on", "onto", "to", "in", "into", "using", "via", "with"}
_ENVIRONMENTS = {"production", "staging", "development", "test"}
_HEADS = (Sort.TYPE, Sort.COMPUTE, Sort.GROUP, Sort.PRODUCT)


@dataclass(slots=True)
class _Pending:
    count: int | None = None
    rounded: bool = False
    determiner: Determiner = Determiner.BARE
    negated: bool = False
    more: bool = False
    role: str | None = None
    software: str | None = None
    image: str | None = None
    names: list[str] = field(default_factory=list)
    modifiers: list[str] = field(default_factory=list)
    attributes: list[Attribute] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def parse(
    tokens: Sequence[Token],
    gazetteer: Gazetteer,
    *,
    names: Sequence[str] = (),
    cluster: bool = False,
) -> Parsed:
    """One clause. `names` are the blueprint's resources; `cluster` says that nodes and workers are a cluster's."""
    items = gazetteer.tag(tokens, names)
    cluster = cluster or any(
        item.id_of(Sort.TYPE) == ResourceType.KUBERNETES_CLUSTER for item in items
    )
    return _Parser(items, gazetteer, cluster).run()


class _Parser:
    def __init__(self, items: Sequence[Item], gazetteer: Gazetteer, cluster: bool) -> None:
        self.items = items
        self.gazetteer = gazetteer
        self.parsed = Parsed()
        self.pending = _Pending()
        self.current: Phrase | None = None
        self.link: str | None = None
        self.aside = False
        self.elided: list[_Pending] = []
        self.amounts = AmountReader(items, cluster=cluster)
        self.steps: tuple[Callable[[int, Item], int], ...] = (
            self._name, self._amount, self._existing, self._engine, self._attribute, self._modifier, self._head,
            self._qualifier, self._capability, self._determiner, self._connector, self._word,
        )  # fmt: skip

    def run(self) -> Parsed:
        index = 0
        while index < len(self.items):
            item = self.items[index]
            index += next(used for step in self.steps if (used := step(index, item)))
        self._flush()
        self._finish()
        return self.parsed

    def _at(self, index: int) -> Item | None:
        return self.items[index] if 0 <= index < len(self.items) else None

    # ── steps: each takes some items or none ─────────────────────────────────────────────────────────

    def _name(self, index: int, item: Item) -> int:
        if item.kind is not Kind.QUOTED or item.existing is not None:
            return 0
        name = str(item.tokens[0].value)
        following = self._at(index + 1)
        if self.current is None and following is not None and _is_head(following):
            self.pending.names.append(name)
        elif self.current is not None:
            self.current.names.append(name)
        else:
            self.parsed.new_names.append(name)
        return 1

    def _amount(self, index: int, item: Item) -> int:
        read = self.amounts.amount(index)
        if read is None:
            return 0
        if read.attributes:
            self._attach(read.attributes, index + read.used)
        for field_name, value in read.said.items():
            setattr(self.parsed, field_name, value)
        if read.count is not None:
            self._flush_before_count()
            self.pending.count, self.pending.rounded = read.count, read.rounded
            self.pending.words.append(item.text)
        self.parsed.notes += read.notes
        return read.used

    def _flush_before_count(self) -> None:
        if self.pending.software or self.pending.role:
            self._flush()

    def _attach(self, attributes: Sequence[Attribute], following: int) -> None:
        before_head = self._head_follows(following)
        if self.current is not None and not before_head:
            self.current.attributes += attributes
        elif before_head or self.pending.software or self.pending.role or self.pending.image:
            self.pending.attributes += attributes
        else:
            self.parsed.loose += attributes

    def _head_follows(self, index: int) -> bool:
        item = self._at(index)
        while item is not None and set(item.terms) & {
            Sort.MODIFIER,
            Sort.IMAGE,
            Sort.SOFTWARE,
            Sort.ROLE,
        }:
            if item.norm in {"each", "apiece"} or item.id_of(Sort.MODIFIER) == "each":
                return False
            index += 1
            item = self._at(index)
            if item is None or not (_is_head(item) or item.terms):
                return True
        return item is not None and _is_head(item)

    def _existing(self, index: int, item: Item) -> int:
        if (
            item.existing is None
            or self.pending.determiner is Determiner.INDEFINITE
            or self.pending.count is not None
        ):
            return 0
        self._flush()
        self._start(Phrase(existing=item.existing), item)
        return 1

    def _engine(self, index: int, item: Item) -> int:
        engine = item.id_of(Sort.ENGINE)
        if engine is None:
            return 0
        following = self._at(index + 1)
        only = not item.id_of(Sort.TYPE) and engine != "docker"
        placed = self.link in _ENGINE_LINKS and not (following is not None and _is_head(following))
        inside = (
            self.current is not None and self.link in {"with", "running"} and engine == "docker"
        )
        if inside and self.current is not None:
            self.current.requirements.append("docker")
        elif (
            only
            or (placed and self.pending.determiner is Determiner.BARE)
            or (engine == "docker" and following is None)
        ):
            self.parsed.engine = engine
        elif item.id_of(Sort.TYPE) or engine != "docker":
            return 0
        return 1

    def _attribute(self, index: int, item: Item) -> int:
        read = self.amounts.property(index)
        if read is None:
            return 0
        if read.head:  # outside a cluster, "worker nodes" are machines
            self.pending.role = read.role or self.pending.role
            return self._make(Phrase(type=ResourceType.VM, generic=True), index, item)
        if read.attributes:
            negated = self.pending.negated
            self.pending.negated = False
            self._attach(
                [_negate(attribute) for attribute in read.attributes]
                if negated
                else read.attributes,
                index + read.used,
            )
        self.parsed.mentioned += read.mentioned
        return read.used

    def _modifier(self, index: int, item: Item) -> int:
        modifier = item.id_of(Sort.MODIFIER)
        following = self._at(index + 1)
        role_head = Sort.ROLE in item.terms and following is not None and _is_head(following)
        if modifier is None or role_head:
            return 0
        if modifier in _ENVIRONMENTS:
            self.parsed.environment = modifier
        elif modifier == "each" and following is not None and _noun_like(following):
            self.pending.determiner = Determiner.DEFINITE
        elif modifier == "each":
            self.parsed.each = True
        elif modifier == "more":
            self._flush_before_count()
            self.pending.more = True
            if item.norm == "another":
                self.pending.determiner = Determiner.INDEFINITE
        elif modifier == "everything":
            self.parsed.modifiers.append(modifier)
        else:
            self.pending.modifiers.append(modifier)
        return 1

    def _head(self, index: int, item: Item) -> int:
        if Sort.REPLICA in item.terms:
            return self._replica(index, item)
        if type_ := item.id_of(Sort.TYPE):
            return self._make(Phrase(type=ResourceType(type_)), index, item)
        if product := item.id_of(Sort.PRODUCT):
            following = self._at(index + 1)
            role = self.gazetteer.data["products"][product].get("role")
            if (
                role is None
                or following is None
                or not (set(following.terms) & {Sort.COMPUTE, Sort.GROUP})
            ):
                return self._make(Phrase(product=product), index, item)
            self.pending.role = role  # "web application servers"
            return 1
        if Sort.COMPUTE in item.terms:
            return self._compute(index, item)
        if Sort.GROUP in item.terms:
            whole = (
                self.amounts.cluster
                and item.norm == "cluster"
                and not (self.pending.software or self.pending.role)
            )
            if whole:
                return self._make(Phrase(type=ResourceType.KUBERNETES_CLUSTER), index, item)
            return self._make(Phrase(group=True), index, item)
        return 0

    def _compute(self, index: int, item: Item) -> int:
        if item.norm == "host" and self.link == "to":
            self.link = "host"
            return 1
        following = self._at(index + 1)
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
        if following is not None and set(following.terms) & {*_HEADS, Sort.SOFTWARE}:
            return 1  # "3-replica database": the count is the database's
        data = [phrase for phrase in self.parsed.phrases if phrase.type in _DATA or phrase.existing]
        phrase = Phrase(replica=True, type=data[-1].type if data else None)
        if data:
            phrase.software = data[-1].software
        return self._make(phrase, index, item)

    def _make(self, phrase: Phrase, index: int, item: Item) -> int:
        """A head: takes what waits, the heads it is compounded with, and a name or count right after it."""
        used = 1
        while (following := self._at(index + used)) is not None and _compounds(phrase, following):
            if type_ := following.id_of(Sort.TYPE):
                phrase.type, phrase.generic, phrase.group = ResourceType(type_), False, False
            elif following.id_of(Sort.COMPUTE) and phrase.group:
                phrase.type, phrase.generic = ResourceType.VM, True
            used += 1
        last = self.items[index + used - 1]
        phrase.plural = last.plural
        self._start(phrase, *self.items[index : index + used])
        return used + self._after_head(phrase, index + used)

    def _after_head(self, phrase: Phrase, index: int) -> int:
        following, number = self._at(index), self._at(index + 1)
        if following is None:
            return 0
        if (
            following.text == ":"
            and number is not None
            and number.kind is Kind.NUMBER
            and phrase.count is None
        ):
            phrase.count = int(number.tokens[0].value or 0)  # a form: "Number of VMs: 3"
            return 2
        if (
            not following.terms
            and following.kind is Kind.WORD
            and _is_identifier(following.text)
            and not following.existing
        ):
            phrase.names.append(following.text)
            return 1
        return 0

    def _start(self, phrase: Phrase, *items: Item) -> None:
        pending, self.pending = self.pending, _Pending()
        phrase.count, phrase.rounded = pending.count, pending.rounded
        phrase.determiner, phrase.negated, phrase.more = (
            pending.determiner,
            pending.negated,
            pending.more,
        )
        phrase.role = phrase.role or pending.role
        phrase.software = pending.software or phrase.software
        phrase.image = pending.image
        phrase.names += pending.names
        phrase.modifiers += pending.modifiers
        phrase.attributes += pending.attributes
        phrase.words = [*pending.words, *(item.text for item in items)]
        phrase.link, phrase.aside = self.link, self.aside
        phrase.purpose = self.link in _PURPOSE
        self.link = None
        self._settle(phrase)
        for elided in self.elided:
            fields = {
                "count": elided.count,
                "modifiers": elided.modifiers,
                "words": [*elided.words, *phrase.words[-1:]],
            }
            self.parsed.phrases.append(
                replace(phrase, names=[], attributes=list(elided.attributes), **fields)
            )
            self.parsed.unused = [word for word in self.parsed.unused if word not in elided.words]
        self.elided = []
        self.parsed.phrases.append(phrase)
        if not phrase.negated:
            self.current = phrase

    def _settle(self, phrase: Phrase) -> None:
        """`redis instance` and `memcached cluster` are what their software is."""
        if phrase.software and (phrase.generic or phrase.group):
            type_ = ResourceType(self._software(phrase.software)["type"])
            if type_ in _DATA or type_ is ResourceType.LOAD_BALANCER:
                phrase.type, phrase.generic, phrase.group = type_, False, False
            elif phrase.group:
                phrase.type, phrase.group = type_, False

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
                self._flush()
            self.pending.software = software
        elif image:
            self.pending.image = image
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
        if item.norm in _PRONOUNS and (following is None or not _noun_like(following)):
            if item.norm == "that" and self.current is not None:
                return 0
            self._flush()
            self.parsed.pronoun = item.norm
            return 1
        if following is not None and self.pending.negated and item.norm in _INDEFINITE:
            return 1  # "no", "without a": the negation holds until its noun
        for words, determiner in (
            (_INDEFINITE, Determiner.INDEFINITE), (_DEFINITE, Determiner.DEFINITE), (_POSSESSIVE, Determiner.POSSESSIVE),
        ):  # fmt: skip
            if item.norm in words:
                if item.norm != "new":
                    self._flush()
                if item.norm == "new" or self.pending.determiner is not Determiner.DEFINITE:
                    self.pending.determiner = determiner
                return 1
        return 0

    def _connector(self, index: int, item: Item) -> int:
        norm = item.norm
        if norm == "instead":
            self._flush()
            following = self._at(index + 1)
            self.parsed.instead = True
            self.pending.negated = following is not None and following.norm in {"of", "from"}
            self.link = None
            return 2 if self.pending.negated else 1
        if norm in _NEGATIONS:
            self._flush()
            self.pending.negated, self.link = True, None
        elif norm == "per":
            self._flush()
            following = self._at(index + 1)
            return 2 if following is not None and following.terms else 1
        elif norm in _JOINTS:
            self._flush()
            self.pending = _Pending()
            self.link = "and" if self.link in {None, "and"} or norm != "and" else self.link
        elif norm in _LINKS:
            self._flush()
            self.link = norm
        elif norm in _ASIDE:
            self._flush()
            self.aside = self.aside or norm not in {"that", "which"} or self.current is None
            self.link = None
        else:
            return 0
        return 1

    def _word(self, index: int, item: Item) -> int:
        if (
            item.kind in {Kind.WORD, Kind.NUMBER, Kind.SIZE}
            and item.norm not in self.gazetteer.common
        ):
            self.parsed.unused.append(item.text)
            if _is_identifier(item.text):
                self.parsed.new_names.append(item.text)
        return 1

    # ── ends of phrases ──────────────────────────────────────────────────────────────────────────────

    def _flush(self) -> None:
        """What waits and gets no head: software stands for itself, an image describes what was said before."""
        pending = self.pending
        current = self.current
        if pending.software and self._describes(pending, current):
            assert current is not None
            current.software = pending.software
            current.attributes += pending.attributes
        elif pending.software:
            type_ = ResourceType(self._software(pending.software)["type"])
            self._start(Phrase(type=type_))
            return
        elif pending.role and not self.gazetteer.data["roles"][pending.role].get("alone"):
            self.parsed.unused += pending.words
        elif pending.role and self.link == "for" and current is not None:
            current.role = current.role or pending.role
        elif pending.role:
            self._start(Phrase(type=ResourceType.VM, generic=True))
            return
        elif pending.image and current is not None and current.image is None:
            current.image = pending.image
        elif pending.image:
            self.parsed.images.append(pending.image)
            self.parsed.loose += pending.attributes
        elif pending.count is not None and pending.modifiers:
            self.elided.append(pending)  # "two public and two private networks"
        self._leave(pending, current)
        negated, self.pending = pending.negated and not pending.words, _Pending()
        self.pending.negated = negated

    def _leave(self, pending: _Pending, current: Phrase | None) -> None:
        if current is not None:
            current.modifiers += pending.modifiers
        if pending.more and pending.attributes:
            self.parsed.loose += pending.attributes
        self.parsed.modifiers += pending.modifiers
        if pending.count is not None and not pending.software:
            if self.link == "to":
                self.parsed.to_number = pending.count
            elif pending.words:
                self.parsed.unused.append(pending.words[0])

    def _describes(self, pending: _Pending, current: Phrase | None) -> bool:
        """`a VM running postgres`: the software of the machine; `a web app with postgres`: a thing of its own."""
        if current is None or current.software or current.product or pending.count is not None:
            return False
        if current.replica or current.group or current.existing:
            return False
        type_ = ResourceType(self._software(pending.software or "")["type"])
        if self.link is None:  # "database postgres", "container nginx"
            return current.type is type_ or current.generic or current.type in _MACHINES
        if self.link not in _RUNNING or current.type not in _MACHINES | {type_}:
            return False
        own = pending.determiner is not Determiner.BARE and type_ in _DATA
        return not own and not (self.link == "with" and current.role and type_ in _DATA)

    def _software(self, id_: str) -> dict[str, str]:
        return self.gazetteer.software[id_]

    def _finish(self) -> None:
        if self.parsed.each:
            _share(self.parsed.phrases)
        if self.parsed.max_cost is not None:
            self.parsed.unused = [word for word in self.parsed.unused if word != "$"]
        _appositions(self.parsed.phrases)
        _copies(self.parsed.phrases)
        _purposes(self.parsed.phrases)
        _hosts(self.parsed)


_DATA = {ResourceType.DATABASE, ResourceType.CACHE, ResourceType.QUEUE, ResourceType.OBJECT_STORE}
_MACHINES = {ResourceType.VM, ResourceType.CONTAINER}


def _negate(attribute: Attribute) -> Attribute:
    return Attribute(attribute.path, None, op="remove", origin=Origin.WORDS)


def _is_head(item: Item) -> bool:
    return bool(set(item.terms) & set(_HEADS))


def _noun_like(item: Item) -> bool:
    return bool(item.terms) or item.existing is not None or item.kind is Kind.NUMBER


def _is_identifier(text: str) -> bool:
    return any(char in "-_." or char.isdigit() for char in text) and any(
        char.isalpha() for char in text
    )


def _compounds(phrase: Phrase, following: Item) -> bool:
    if following.existing is not None or not set(following.terms) & {
        Sort.TYPE,
        Sort.COMPUTE,
        Sort.GROUP,
    }:
        return False
    if phrase.product:
        return Sort.TYPE not in following.terms
    if phrase.replica:
        return False
    return not (Sort.TYPE in following.terms and phrase.type is not None and not phrase.generic)


def _share(phrases: Sequence[Phrase]) -> None:
    """`2 servers and a database with 8GB each`: the amounts of the last phrase hold for all of the list."""
    makers = [phrase for phrase in phrases if phrase.creates]
    if len(makers) < 2 or (makers[-1].count or 1) > 1:
        return
    for phrase in makers[:-1]:
        known = {attribute.path for attribute in phrase.attributes}
        phrase.attributes += [
            attribute for attribute in makers[-1].attributes if attribute.path not in known
        ]


def _copies(phrases: Sequence[Phrase]) -> None:
    """`a replica of the database`: what is copied may be named after it."""
    for phrase, following in zip(phrases, phrases[1:], strict=False):
        if (
            phrase.replica
            and phrase.type is None
            and following.link == "of"
            and following.type in _DATA
        ):
            phrase.type, phrase.software = following.type, phrase.software or following.software


def _purposes(phrases: Sequence[Phrase]) -> None:
    """`a VM for a postgres server`: what it is for says what it is like."""
    machine: Phrase | None = None
    for phrase in phrases:
        if phrase.creates and phrase.type in _MACHINES:
            machine = phrase
        elif phrase.purpose and not phrase.creates and machine is not None and phrase.generic:
            machine.role = machine.role or phrase.role
            machine.image = machine.image or phrase.image
            machine.software = machine.software or phrase.software


def _hosts(parsed: Parsed) -> None:
    """A form lists full host names beside the number of machines: `node{1,2,3}.example.org`."""
    makers = [
        phrase
        for phrase in parsed.phrases
        if phrase.creates and phrase.type in _MACHINES and not phrase.names
    ]
    hosts = [name for name in parsed.new_names if "{" in name or name.count(".") > 1]
    if len(makers) == 1 and hosts:
        makers[0].names += [expanded for host in hosts for expanded in expand(host)]
        parsed.unused = [word for word in parsed.unused if word not in hosts]
        parsed.new_names = [name for name in parsed.new_names if name not in hosts]


def _appositions(phrases: list[Phrase]) -> None:
    """`4 VMs, 1 master and 3 workers`: the parts say what the whole consists of."""
    for index, whole in enumerate(phrases):
        parts = phrases[index + 1 :]
        named = [part for part in parts if part.generic and part.role and part.count]
        if (
            not (whole.generic or whole.type in _MACHINES)
            or whole.role
            or not named
            or (whole.count or 0) < 2
        ):
            continue
        if sum(part.count or 0 for part in named) != whole.count:
            continue
        for part in named:
            part.type, part.generic = whole.type, whole.generic
            part.image, part.software = part.image or whole.image, part.software or whole.software
            part.attributes = [*whole.attributes, *part.attributes]
            part.link = None
        phrases.remove(whole)
        return
