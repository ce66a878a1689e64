"""What stands in a message as it would stand in a file: images, variables, paths, providers' machine types.

Also things said without their noun: "keep our invoices", "a small one", "web01 and db01".
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from alma.core.language.parsing.amounts import AmountReader
from alma.core.language.parsing.assembly import Pending
from alma.core.language.parsing.heads import is_head
from alma.core.language.parsing.phrases import Attribute, Determiner, Phrase
from alma.core.language.parsing.ports import AFTER_PORTS
from alma.core.language.parsing.rosters import Rosters
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.machine_types import machine_type
from alma.core.language.words.tokens import Kind
from alma.core.model.base import Json
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_SECRET = re.compile(
    r"pass(?:word|wd|phrase)?|secret|token|api_?key|private_?key|credential", re.IGNORECASE
)
_NAMED = re.compile(r"^([a-z]{2,}?)(?:-?\d{1,3}|[-_][a-z])$")
_LEAST_PORT = 20
_NEAR = 6
_MOST = 100
_PLACES = {"in", "into", "on", "onto", "to"}
_STORES = {"volume", *DATA}
_FOLD = re.compile(r"^[x×](\d{1,4})$")
_ONES = {"one", "ones"}
_OTHERS = {"second", "third", "fourth", "another", "further"}
_ADVERBS = {"always", "perhaps", "sometimes", "besides", "towards"}
_LABELS = {"software", "engine", "technology", "flavor", "flavour", "dbms", "product", "program"}


class Literals(Rosters):
    """Steps of the reader for what is no noun phrase of its own."""

    items: Sequence[Item]
    amounts: AmountReader

    def _at(self, index: int) -> Item | None:
        return self.items[index] if 0 <= index < len(self.items) else None

    def _norm(self, index: int) -> str:
        item = self._at(index)
        return item.norm if item is not None else ""

    # ── literals ─────────────────────────────────────────────────────────────────────────────────────

    def _literal(self, index: int, item: Item) -> int:
        read = {
            Kind.VARIABLE: self._variable,
            Kind.PATH: self._path,
            Kind.IMAGE: self._image_reference,
            Kind.MACHINE: self._machine_type,
            Kind.RULES: self._rules,
        }.get(item.kind)
        return read(index, item) if read is not None else 0

    def _variable(self, index: int, item: Item) -> int:
        name, _, value = item.text.partition("=")
        if _SECRET.search(name):
            self.parsed.notes.append(
                f"the value of {name} is left out: a blueprint holds no secrets, only references to them"
            )
        else:
            self.attach([Attribute(f"env.{name}", value.strip("\"'"))], before_head=False)
        return 1

    def _path(self, index: int, item: Item) -> int:
        self.parsed.paths.append(item.text)
        self.link = None
        return 1

    def _image_reference(self, index: int, item: Item) -> int:
        image = str(item.tokens[0].value)
        following = self._at(index + 1)
        if following is not None and is_head(following):
            self.pending.image = image
        elif (
            self.current is not None
            and self.current.image is None
            and (self.link != "and" or self._of_image(index))
        ):
            self.current.image = image
            self.link = None
        else:
            phrase = Phrase(type=ResourceType.CONTAINER)
            self.start(phrase, item)
            phrase.image, phrase.link, phrase.purpose, phrase.aside = image, None, False, False
        return 1

    def _of_image(self, index: int) -> bool:
        """`2 instances, image registry/app:1`: a field of what was named before."""
        runs = self.current is not None and self.current.type in COMPUTE
        return runs and self._norm(index - 1) in {"image", ":"} and self.pending.count is None

    def _label(self, index: int, item: Item) -> int:
        """`Software: MySQL`: a field of a form that says what runs in what was named before."""
        if item.norm not in _LABELS or self._norm(index + 1) not in {":", "="} or item.terms:
            return 0
        self.flush()
        self.link = None
        return 2

    def _times(self, index: int, item: Item) -> int:
        """`3 times`, said after what is wanted so often."""
        if times := _FOLD.match(item.norm):
            counted = self.pending if self.pending.software or self.pending.role else None
            if counted is not None and counted.count is None:
                counted.count = int(times[1])  # "worker x3"
                return 1
        of_them = item.norm == "of" and self._norm(index + 1) == "them"
        repeated = item.norm in {"time", "times"} or of_them
        if not repeated or self.pending.count is None or self.current is None:
            return 0
        if self.current.count is None:
            self.current.count, self.pending.count = self.pending.count, None
            self.pending.words.clear()
        return 1 + of_them

    def _bracketed(self, index: int, item: Item) -> int:
        """`web frontend (2), api (3)`: how many there are of what was said right before."""
        number = self._at(index + 1)
        counts = item.norm == "(" and self._norm(index + 2) == ")" and number is not None
        if not counts or number is None or number.kind is not Kind.NUMBER:
            return 0
        value = number.tokens[0].value
        if self.pending.software or self.pending.role:
            self.flush()
        current = self.current
        if current is None or current.count is not None or not current.creates:
            return 0
        if (
            not isinstance(value, int)
            or not 0 < value <= _MOST
            or current.type is ResourceType.NETWORK
        ):
            return 0
        current.count = value
        return 3

    def _listens(self, index: int, item: Item) -> int:
        """`listening on 5433`, `reachable on port 8080`."""
        place = index + 1 + (self._norm(index + 1) in {"on", "at"})
        number = self._at(place)
        listening = item.text.casefold() in {"listening", "listens", "listen"}
        at_port = item.norm == "on" and self._norm(index + 2) in AFTER_PORTS
        named = self.current is not None or self.pending.software or self.pending.role
        if at_port and named and number is not None and isinstance(number.tokens[0].value, int):
            listening = number.tokens[0].value >= _LEAST_PORT
        if not listening or number is None or number.kind is not Kind.NUMBER:
            return 0
        ports: list[Json] = [int(number.tokens[0].value or 0)]
        while (more := self._further_port(place + 1)) is not None:
            place, port = more
            ports.append(port)
        self.attach([Attribute("network.ports", ports)], before_head=False)
        if not (self.pending.software or self.pending.role):
            self.link = None
        return place + 1 - index

    def _further_port(self, index: int) -> tuple[int, int] | None:
        """`public on 25, 465 and 993`: one more number that counts nothing."""
        place = index
        while self._norm(place) in {",", "and", "&", "/"}:
            place += 1
        number, after = self._at(place), self._norm(place + 1)
        if place == index or number is None or number.kind is not Kind.NUMBER:
            return None
        value = number.tokens[0].value
        ends = after in AFTER_PORTS
        port = isinstance(value, int) and value >= _LEAST_PORT
        return (place, int(value)) if ends and port and isinstance(value, int) else None

    def _rules(self, index: int, item: Item) -> int:
        self.flush()
        self.parsed.rules += json.loads(str(item.tokens[0].value))
        self.link = None
        return 1

    def _machine_type(self, index: int, item: Item) -> int:
        found = machine_type(item.text)
        assert found is not None
        cpu, memory = found
        said = [Attribute("specs.cpu", cpu), Attribute("specs.memory", memory)]
        self.parsed.notes.append(f"{item.text} is {cpu} CPU and {memory} memory")
        stored = self.current is not None and self.current.type in DATA and self.link is not None
        if stored and self.pending.count is None and not self._headed_next(index):
            self.pending.determiner, self.link = Determiner.BARE, None
            self.attach(said, before_head=False)  # "Aurora MySQL on a db.t3.large"
            return 1
        following = self._at(index + 1)
        named = following is not None and Sort.SOFTWARE in following.terms
        before = named or (following is not None and is_head(following))
        again = self.pending.count is not None or self.pending.determiner is Determiner.INDEFINITE
        if not before and (self.current is None or again):
            self.start(Phrase(type=ResourceType.VM, generic=True), item)
        self.attach(said, before_head=before)
        return 1

    def _headed_next(self, index: int) -> bool:
        following = self._at(index + 1)
        return following is not None and (is_head(following) or Sort.SOFTWARE in following.terms)

    # ── things without their noun ────────────────────────────────────────────────────────────────────

    def _content(self, index: int, item: Item) -> int:
        """`somewhere to keep customer orders`: what is kept says what keeps it."""
        content = item.id_of(Sort.CONTENT)
        following = self._at(index + 1)
        if content is None or (following is not None and is_head(following)):
            return 0
        if not self._kept(index) or self._stored(index, content):
            return 0
        self.pending.count, self.pending.determiner = None, Determiner.BARE
        self.link, self.aside = None, False
        self.start(Phrase(type=ResourceType(content)), item)
        self.parsed.notes.append(
            f"a {'database' if content == 'database' else 'place for files'} for the {item.text}"
        )
        return 1

    def _kept(self, index: int) -> bool:
        """Whether a word for keeping stands near."""
        near = [*range(max(0, index - _NEAR), index), *range(index + 1, index + 4)]
        keepers = self.gazetteer.keepers
        return any(word.norm in keepers for word in map(self._at, near) if word is not None)

    def _stored(self, index: int, content: str) -> bool:
        """Whether the clause says itself what keeps it."""
        made = {phrase.type for phrase in self.parsed.phrases if not phrase.negated}
        machines = [p for p in self.parsed.phrases if p.generic and p.role in {None, "file"}]
        if made & {ResourceType(content), ResourceType.VOLUME} or self.pending.software or machines:
            return True
        rest = self.items[index + 1 :]
        types = {self._type_of(item) for item in rest}
        return content in types or bool(types & _STORES and self._norm(index + 1) in _PLACES)

    def _type_of(self, item: Item) -> str | None:
        software = item.id_of(Sort.SOFTWARE)
        return item.id_of(Sort.TYPE) or (self._software(software)["type"] if software else None)

    def _one(self, index: int, item: Item) -> int:
        """`a beefy server for the database and a small one for the website`."""
        described = self.pending.modifiers or self.pending.attributes or self.pending.image
        if self.parsed.phrases and self._norm(index - 1) in _OTHERS and not described:
            return self._another(item)
        if item.text.casefold() not in _ONES or not self.parsed.phrases or not described:
            return 0
        networks = any(p.type is ResourceType.NETWORK for p in self.parsed.phrases)
        if networks and self.link in {"in", "into", "on", "inside"}:
            self.pending, self.link = Pending(), None  # "the web server in the public one"
            return 1
        before = self.parsed.phrases[-1]
        placed = self.pending.own and self.link in {"on", "in"}  # "kibana on its own small one"
        type_ = ResourceType.VM if placed else before.type
        self.start(Phrase(type=type_, generic=placed or before.generic), item)
        return 1

    def _another(self, item: Item) -> int:
        """`a web server with 2 cores and a second one with 4`: the same again."""
        if self.pending.determiner is not Determiner.INDEFINITE:
            return 0
        before = self.parsed.phrases[-1]
        self.start(Phrase(type=before.type, generic=before.generic, role=before.role), item)
        phrase = self.parsed.phrases[-1]
        phrase.software = None if before.told else before.software
        phrase.image, phrase.more = before.image, True
        return 1

    def _elided(self, index: int, item: Item) -> int:
        """`2 boxes, one for web and one for the database`: a number that stands for what was named before."""
        count, before = self.pending.count, self._whole()
        if count is None and self.pending.more and self.parsed.phrases:
            count, before = 1, self.parsed.phrases[-1]  # "and another for zigbee2mqtt"
        waiting = self.pending.software or self.pending.role or self.pending.image
        if (
            item.norm not in {"for", "with", "as", "running"}
            or count is None
            or waiting
            or before is None
        ):
            return 0
        self.link = None
        self.pending.count, self.pending.more = count, False
        self.start(Phrase(type=before.type, generic=before.generic, part=True), item)
        self.parsed.phrases[-1].words.pop()
        part = self.parsed.phrases[-1]
        part.image = part.image or before.image
        if before.type in DATA and before.count == 1:
            part.software = part.software or before.software
        return 0

    def _named_before(self, index: int) -> str | None:
        """`orders` of "the orders service", where it is no word with a meaning of its own."""
        before = self._at(index - 1)
        if before is None or before.kind is not Kind.WORD or len(before.tokens) > 1:
            return None
        known = before.existing or before.terms.keys() - {Sort.CONTENT}
        common = before.norm in self.gazetteer.common and Sort.CONTENT not in before.terms
        word = before.text.casefold()
        several = len(word) > 4 and word.endswith("s") and word not in _ADVERBS
        if known or not word.isalpha() or (common and not several):
            return None
        self.parsed.unused = [each for each in self.parsed.unused if each != before.text]
        return word

    def _whole(self) -> Phrase | None:
        several = [phrase for phrase in self.parsed.phrases if (phrase.count or 0) > 1]
        machines = [p for p in self.parsed.phrases if p.creates and p.type in MACHINES]
        if not several and machines:
            return machines[-1]
        stores = [p for p in self.parsed.phrases if p.creates and p.type in DATA and p.count == 1]
        if not several and stores and self.pending.count == 1:
            return stores[-1]  # "one postgres for grafana, one for gitea"
        if not several and self.pending.modifiers:
            return self.parsed.phrases[-1] if self.parsed.phrases else None
        return several[-1] if several else None

    def _host(self, index: int, item: Item) -> int:
        """`web01, web02 and db01`: names that say what they are of."""
        match = _NAMED.match(item.norm)
        if match is None or item.terms or item.existing or item.kind is not Kind.WORD:
            return 0
        if self.current is not None and self.link not in {None, "and"}:
            return 0
        counted = self.parsed.phrases[-1] if self.parsed.phrases else None
        if counted is not None and (counted.count or 1) > len(counted.names) + (
            counted.count is None
        ):
            counted.names.append(item.text)  # "2 VMs: alpha-1, beta-2"
            return 1
        meaning = self.gazetteer.meaning(match[1])
        if Sort.TYPE in meaning:
            phrase = Phrase(type=ResourceType(meaning[Sort.TYPE].id))
        elif Sort.ROLE in meaning:
            phrase = Phrase(type=ResourceType.VM, generic=True, role=meaning[Sort.ROLE].id)
        elif Sort.COMPUTE in meaning:
            phrase = Phrase(type=ResourceType.VM, generic=True)
        else:
            return 0
        phrase.names.append(item.text)
        self.start(phrase, item)
        return 1
