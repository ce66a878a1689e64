"""Noun phrases: `[count] [modifier]* HEAD (with | ,) ATTRIBUTE*`, read left to right over tagged items.

A noun right after an amount is an attribute: "8 GB disk space" is no volume. How phrases are put together from what is
read here is `assembly`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.parsing.amounts import AmountReader
from alma.core.language.parsing.assembly import Pending
from alma.core.language.parsing.connecting import Connecting
from alma.core.language.parsing.heads import (
    implies_cluster,
    is_head,
    is_identifier,
    negate,
    noun_like,
)
from alma.core.language.parsing.phrases import Attribute, Determiner, Parsed, Phrase
from alma.core.language.parsing.relations import relate
from alma.core.language.parsing.spreading import in_containers
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA, ResourceType

_INDEFINITE = {"a", "an", "some", "another", "new"}
_DETERMINERS = {
    **dict.fromkeys(_INDEFINITE, Determiner.INDEFINITE),
    **dict.fromkeys("the this that these those existing current both".split(), Determiner.DEFINITE),
    **dict.fromkeys("my our your their its his her".split(), Determiner.POSSESSIVE),
}
_PRONOUNS = {"it", "them", "this", "that", "these", "those", "they"}
_ENGINE_LINKS = {"on", "onto", "to", "in", "into", "using", "via", "with"}
_RUNNING = frozenset(
    "run running host hosting selfhost install installing deploy deploying launch setup".split()
) | {"set up", "self host", "setting up", "spin up", "stand up", "bring up", "start a", "start an"}
_VERSION = re.compile(r"^v\d{1,3}(?:\.\d{1,3}){1,2}$")
_TIMES = re.compile(r"^[x×](\d{1,6})$")


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
    named = any(item.id_of(Sort.TYPE) == ResourceType.KUBERNETES_CLUSTER for item in items)
    implied = not (cluster or named or names) and implies_cluster(items)
    parser = _Parser(
        items,
        gazetteer,
        cluster or named or implied,
        running=verb in _RUNNING,
        known=bool(names),
    )
    parser.clustered = cluster
    if implied and not any(item.norm == "cluster" for item in items):
        parser.start(Phrase(type=ResourceType.KUBERNETES_CLUSTER))
    return parser.run()


class _Parser(Connecting):
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
        self.clustered = False
        self.topic: Phrase | None = None
        self.needed_from = 0
        self.items = items
        self.running = running
        self.first = next((n for n, i in enumerate(items) if i.norm not in _DETERMINERS), 0)
        self.amounts = AmountReader(items, cluster=cluster)
        self.steps: tuple[Callable[[int, Item], int], ...] = (
            self._selector, self._called_again, self._name, self._name_of_range, self._network_named,
            self._range_alone, self._label, self._times, self._bracketed, self._listens, self._literal, self._amount,
            self._existing, self._engine, self._content, self._attribute, self._both, self._modifier, self._head,
            self._qualifier, self._capability, self._one, self._determiner, self._elided, self._connector, self._member,
            self._host, self._unlisted, self._word,
        )  # fmt: skip

    def run(self) -> Parsed:
        index = 0
        while index < len(self.items):
            item = self.items[index]
            index += next(used for step in self.steps if (used := step(index, item)))
        self.flush()
        if self.fronted is not None:
            self.parsed.given.append(self.fronted)
        self.parsed.fresh = not self.known
        relate(self.parsed, self.gazetteer.software)
        if self.parsed.engine == "docker":
            in_containers(self.parsed.phrases)
        return self.parsed

    def _name(self, index: int, item: Item) -> int:
        if item.kind is not Kind.QUOTED or item.existing is not None:
            return 0
        name = str(item.tokens[0].value)
        if self._named_again(name):
            return 1
        following = self._at(index + 1)
        headed = following is not None and is_head(following)
        if not headed:
            self._begin_named()
        if (self.current is None or self._waits()) and headed:
            self.pending.names.append(name)
        elif self.current is not None:
            self._bearer(self.current).names.append(name)
        else:
            self.parsed.new_names.append(name)
            self.parsed.given.append(name)
        return 1

    def _waits(self) -> bool:
        pending = self.pending
        return bool(pending.software or pending.role or pending.image or pending.count)

    def _begin_named(self) -> None:
        """What waits and now gets a name is a thing: `a redis called sessions`, `and one called loki`."""
        pending = self.pending
        if pending.software or pending.role or pending.image:
            self.flush()
        elif (pending.count == 1 or pending.more) and self.parsed.phrases:
            before = self.parsed.phrases[-1]
            part = pending.count == 1 and ((before.count or 0) > 1 or before.part)
            self.start(
                Phrase(type=before.type, generic=before.generic, image=before.image, part=part)
            )

    def _amount(self, index: int, item: Item) -> int:
        read = self.amounts.amount(index)
        if read is None:
            return 0
        if item.kind is Kind.CIDR and self._place_of_range(read.attributes):
            return read.used
        if used := self._for_known(read.attributes, index, index + read.used):
            return used
        if read.attributes:
            self.attach(read.attributes, before_head=self._head_follows(index + read.used))
            if self.link in {"of", "at"}:
                self.link = None  # "a volume of 20GB and prometheus"
        for field_name, value in read.said.items():
            setattr(self.parsed, field_name, value)
        if read.count is not None:
            self.flush_before_count()
            self.pending.count, self.pending.rounded = read.count, read.rounded
            self.pending.words.append(item.text)
        self.parsed.notes += read.notes
        return read.used

    def _place_of_range(self, said: Sequence[Attribute]) -> bool:
        """`a bastion in 10.1.0.0/24`: a network of that range, where there is none yet."""
        inside = self.link in {"in", "inside", "into"} and self.current is not None
        if self.known or not inside or any(a.path != "cidr" for a in said):
            return False
        if self.current is None or self.current.type is ResourceType.NETWORK:
            return False
        phrase = Phrase(type=ResourceType.NETWORK, attributes=list(said))
        self.start(phrase)
        phrase.words = [str(said[0].value)]
        return True

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
        if engine == "simulation" and self.link in {"for", None}:
            return 0  # "for simulations"
        connection = self._connection(index)
        used = 3 if connection else 1
        if self.pending.negated and self.parsed.instead:
            self.pending.negated = False
            return used  # "on kubernetes instead of proxmox"
        following = self._at(index + used)
        only = bool(connection) or (not item.id_of(Sort.TYPE) and engine != "docker")
        host = (
            following is not None
            and Sort.COMPUTE in following.terms
            and self.pending.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
        )
        if host and self.link in _ENGINE_LINKS and self.pending.count is None:
            self.parsed.engine, self.pending = engine, Pending()  # "on the proxmox box"
            self.link = None
            return 2
        placed = self.link in _ENGINE_LINKS and not (following is not None and is_head(following))
        inside = (
            self.current is not None
            and self.current.type not in DATA | {ResourceType.SERVICE}
            and not (self.current.tier and item.norm != "docker")  # "a backend with docker compose"
            and self.link in {"with", "running", "for"}
            and engine == "docker"
        )
        if inside and self.current is not None:
            self.current.requirements.append("docker")
        elif (
            only
            or (placed and (self._bare(item) or self._owned()))
            or (engine == "docker" and self._stands_alone(index, following))
        ):
            self.parsed.engine = f"{engine}@{connection}" if connection else engine
            self.pending, self.link = Pending(), None
        elif item.id_of(Sort.TYPE) or engine != "docker":
            return 0
        return used

    def _stands_alone(self, index: int, following: Item | None) -> bool:
        """`redis and nginx, docker`, `docker: 2 web servers`: nothing that it says of what kind a thing is."""
        if following is None or (index == 0 and following.norm in {":", "-", "–", "—", ","}):
            return True
        listed = self._norm(index - 1) in {",", ";", "\n", "("}
        return listed and following.norm in {",", ";", "\n", ")"} and self.link in {None, "and"}

    def _bare(self, item: Item) -> bool:
        """`on kubernetes`; not `on kubernetes cluster with 3 nodes`, which somebody wants made."""
        return self.pending.determiner is Determiner.BARE and "cluster" not in item.norm

    def _owned(self) -> bool:
        """`on our kubernetes`, where no cluster is drafted: the one that is there already."""
        known = self.pending.determiner in {Determiner.DEFINITE, Determiner.POSSESSIVE}
        return known and self.pending.count is None and not (self.known and self.clustered)

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
        if used := self._for_known(read.attributes, index, index + read.used):
            return used
        if read.attributes:
            negated, self.pending.negated = self.pending.negated, False
            said = [negate(a) for a in read.attributes] if negated else read.attributes
            self.attach(said, before_head=self._head_follows(index + read.used))
            if self.link in {"on", "at"} and said[0].path == "network.ports":
                self.link = None  # "grafana on port 3000 and influxdb"
        elif self.pending.negated and read.mentioned:
            self.pending.negated = False
            self.parsed.unused.append(f"no {item.text}")
        self.parsed.mentioned += read.mentioned
        return read.used

    def _determiner(self, index: int, item: Item) -> int:
        following = self._at(index + 1)
        if item.norm == "front" and self.link == "in":
            self.link = "front"
            return 1
        if (item.norm, self.link, self._norm(index + 1)) == ("top", "on", "of"):
            self.link = "front"  # "an api on top of postgres"
            return 1
        alone = (self.known and item.norm in {"it", "them", "they"}) or following is None
        if item.norm in _PRONOUNS and (alone or not (following and noun_like(following))):
            return self._pronoun(item)
        own = item.norm == "own"
        if own:
            self.pending.determiner, self.pending.own = Determiner.INDEFINITE, True
        if own or (following is not None and self.pending.negated and item.norm in _INDEFINITE):
            return 1  # "no", "without a": the negation holds until its noun
        determiner = _DETERMINERS.get(item.norm)
        if determiner is None:
            return 0
        if item.norm in {"its", "their"} and self.link in {"with", "and"} and not self.known:
            determiner = Determiner.INDEFINITE  # "a wordpress site with its mysql"
        if item.norm != "new":
            self.flush()
        if item.norm == "new" or self.pending.determiner is not Determiner.DEFINITE:
            self.pending.determiner = determiner
        return 1

    def _pronoun(self, item: Item) -> int:
        if item.norm == "that" and self.current is not None:
            return 0
        self.flush()
        if self.link in {"behind", "front"}:
            self.link = None  # "behind it an nginx vm": it is behind, and nothing is behind the vm
        self.parsed.pronoun = item.norm
        if item.norm == "it" and not self.known:
            self._spoken_of()
        return 1

    def _spoken_of(self) -> None:
        """`keycloak, it needs postgres, and it should be public`: both times it is keycloak."""
        needed = self.parsed.phrases[self.needed_from :]
        beside = any(phrase.joint == ";" for phrase in needed[1:])
        if self.topic is not None and self.current in needed and not beside:
            self.current = self.topic
        self.topic, self.needed_from = self.current, len(self.parsed.phrases)

    def _itself(self) -> bool:
        """`the app itself`: the one that is spoken of, and no further thing."""
        if self.pending.determiner is not Determiner.DEFINITE or self.known:
            return False
        before = len(self.parsed.phrases)
        self.flush()
        if len(self.parsed.phrases) > before:
            self.parsed.phrases[-1].itself = True
        return True

    def _word(self, index: int, item: Item) -> int:
        if item.norm == "itself" and self._itself():
            return 1
        self.parsed.shared = self.parsed.shared or item.norm in {"shared", "sharing", "share"}
        if _VERSION.match(item.norm) and self.current is not None and self.current.creates:
            self.attach([Attribute("version", item.norm[1:])], before_head=False)
            return 1
        if item.kind is not Kind.QUOTED and (times := _TIMES.match(item.norm)):
            self._flush_image()
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
            if self.link in {"in", "at", "from"} and self._norm(index + 1) in {",", ";", "\n"}:
                self.link = None  # "a backend in Python, three copies"
            if is_identifier(item.text):
                self.parsed.new_names.append(item.text)
        return 1
