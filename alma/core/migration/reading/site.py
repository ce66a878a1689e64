"""What readers of providers share: the objects of a state, found by what refers to them, and steps that all take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import product
from typing import Any

from alma.core.migration.draft import Doc, Draft, Thing
from alma.core.migration.reading.ports import expanded
from alma.core.migration.values import Values
from alma.core.model.blueprint import ResourceType

MOST_RULES = 5_000
EVERYWHERE = frozenset({"0.0.0.0/0", "::/0", "*", "Internet", "internet"})
# Computed by providers: no choice of anybody's.
_COMPUTED = (
    "arn creation_timestamp dns_name effective_labels etag fingerprint generated_id guid hosted_zone_id id "
    "label_fingerprint metadata_fingerprint numeric_id owner_id private_dns project public_dns self_link tags_all "
    "tags_fingerprint terraform_labels timeouts unique_id virtual_machine_id"
).split()
_REFERENCES = ("id", "arn", "self_link", "unique_id", "name", "vm_id", "vmid", "self_link_unique")


@dataclass
class Entry:
    """One instance in a state."""

    address: str
    type: str
    name: str
    index: str | int | None
    managed: bool
    thing: Thing
    doc: Doc | None = None

    @property
    def values(self) -> Values:
        """Its attributes."""
        return self.thing.values

    @property
    def base(self) -> str:
        """The address without its index: what belongs together."""
        return self.address.rpartition("[")[0] or self.address

    @property
    def wanted_name(self) -> str:
        """What its resource should be called."""
        if isinstance(self.index, int):
            return self.name if self.index == 0 else f"{self.name}-{self.index + 1}"
        return f"{self.name}-{self.index}" if self.index is not None else self.name


@dataclass
class Site:
    """The objects of one state."""

    draft: Draft
    entries: list[Entry] = field(default_factory=list)
    members: dict[str, list[str]] = field(default_factory=dict)
    _found: dict[tuple[str, str], Entry] = field(default_factory=dict)
    _having: dict[tuple[str, ...], dict[str, list[Entry]]] = field(default_factory=dict)
    _ruled: set[tuple[object, ...]] = field(default_factory=set)

    def register(self, item: Mapping[str, Any]) -> None:
        """Notes an object. What the state marks as sensitive is not looked at again."""
        raw = item.get("values")
        data = dict(raw) if isinstance(raw, Mapping) else {}
        hidden = [key for key in item.get("sensitive", ()) if data.pop(key, None)]
        kind, address = str(item.get("type")), str(item.get("address"))
        thing = self.draft.thing(address, kind, data)
        for key in hidden:
            self.draft.remark(thing, key, "not copied: it is marked as sensitive", code="secret")
        thing.given_anew += [key for key in _COMPUTED if data.get(key)]
        thing.values.drop(*_COMPUTED)
        index = item.get("index")
        made = Entry(
            address=address,
            type=kind,
            name=str(item.get("name")),
            index=index if isinstance(index, str | int) else None,
            managed=item.get("mode") != "data",
            thing=thing,
        )
        self.entries.append(made)
        for key in _REFERENCES:
            if isinstance(data.get(key), str | int) and data[key] != "":
                self._found.setdefault((kind, str(data[key])), made)

    def find(self, reference: str | None, *kinds: str) -> Entry | None:
        """The object of one of these types that has this id, ARN, link or name."""
        if not reference:
            return None
        for kind in kinds:
            for text in (reference, reference.rpartition("/")[2]):
                if found := self._found.get((kind, text)):
                    return found
        return None

    def having(self, key: str, value: object, *kinds: str) -> list[Entry]:
        """The objects of these types whose attribute has that value."""
        if (key, *kinds) not in self._having:
            found = self._having[key, *kinds] = {}
            for entry in self.entries:
                if entry.type in kinds and entry.values.peek(key) is not None:
                    found.setdefault(str(entry.values.peek(key)), []).append(entry)
        return self._having[key, *kinds].get(str(value), []) if value else []

    def add(self, entry: Entry, kind: ResourceType) -> Doc:
        """The resource of an object, with its labels."""
        doc = self.draft.add(entry.thing, kind, entry.wanted_name)
        entry.doc = doc
        return doc

    def anew(self, entry: Entry, words: str) -> None:
        """These attributes are decided anew wherever it goes."""
        keys = words.split()
        entry.thing.given_anew += [
            key for key in keys if entry.values.peek(key) not in (None, "", [], {})
        ]
        entry.values.drop(*keys)

    def whole_anew(self, entry: Entry) -> None:
        """Nothing of an object has a place of its own; all that nobody took is named."""
        keys = {at.partition(".")[0]: None for at, _ in entry.values.rest()}
        self.anew(entry, " ".join(keys))

    def sized(self, entry: Entry, doc: Doc, provider: str, kind: str | None, at: str) -> None:
        """vCPU and memory of a cloud's type of machine."""
        if kind is None:
            return
        found = self.draft.lookups.type_size(provider, kind)
        if found is None:
            message = f"how big a {kind} is, is not known"
            hint = "write cpu and memory under specs"
            self.draft.remark(entry.thing, at, message, hint=hint)
            return
        cpu, memory = found
        specs = doc.setdefault("specs", {})
        specs["cpu"] = _plain(cpu)
        specs["memory"] = f"{_plain(memory)}GiB"

    def attach(self, entry: Entry, doc: Doc, references: Iterable[str | None], *kinds: str) -> None:
        """The networks that a resource is in."""
        for reference in references:
            home = self.find(reference, *kinds)
            if home is not None and home.doc is not None:
                joined = doc.setdefault("network", {}).setdefault("attach", [])
                if home.doc["name"] not in joined:
                    joined.append(home.doc["name"])
            elif reference:
                message = "the network that it is in is not in the state"
                self.draft.remark(entry.thing, "network", message)

    def join(self, group: str | None, doc: Doc) -> None:
        """Notes that a resource is behind a group of rules."""
        if group:
            names = self.members.setdefault(group, [])
            if doc["name"] not in names:
                names.append(doc["name"])

    def rules(self, entry: Entry, targets: Sequence[str], rule: Rule) -> None:
        """Adds a rule to the firewall of an entry, for everything that is behind it."""
        ports, problem = _ports(rule)
        if not targets:
            return
        if not rule.sources:
            problem = "whom this rule lets in is not in the state"
        if len(targets) * len(rule.sources) > MOST_RULES:
            problem = f"it would be more than {MOST_RULES} rules: write it for a network instead"
        if problem:
            self.draft.remark(entry.thing, rule.at, problem)
            return
        if entry.doc is None:
            self.add(entry, ResourceType.FIREWALL)["rules"] = []
        for target, source in product(targets, rule.sources):
            if source != target:
                self._rule(entry, rule, (source, target), ports)

    def _rule(
        self, entry: Entry, rule: Rule, sides: tuple[str, str], ports: list[int | str]
    ) -> None:
        doc = entry.doc
        known = (entry.address, rule.action, *sides, tuple(ports), rule.description)
        if doc is None or known in self._ruled:
            return
        self._ruled.add(known)
        made: Doc = {"action": rule.action, "source": sides[0], "target": sides[1]}
        if ports:
            made["ports"] = ports
        if rule.description:
            made["description"] = rule.description
        doc["rules"].append(made)

    def mount(self, entry: Entry, doc: Doc, volume: Doc, *, label: str) -> None:
        """A disk of a machine. Where it is mounted, no state says."""
        path = f"/mnt/{label}"
        doc.setdefault("mounts", []).append({"volume": volume["name"], "path": path})
        message = f"where it is mounted is not in the state: {path} in '{doc['name']}'"
        self.draft.assumed(entry.thing, doc, "mounts", message)


Reader = Callable[[Site, Entry], None]


@dataclass(frozen=True)
class Rule:
    """A rule as a provider writes it: ports are `80`, `8000-8010`, or empty for all."""

    at: str
    sources: Sequence[str]
    ports: Sequence[str] = ()
    protocol: str = "tcp"
    action: str = "allow"
    description: str | None = None


def _ports(rule: Rule) -> tuple[list[int | str], str | None]:
    protocol = rule.protocol.casefold()
    if protocol not in {"tcp", "udp", "-1", "all", "any", "*", "6", "17"}:
        return [], f"a rule for {rule.protocol} can't be written in a blueprint"
    udp = protocol in {"udp", "17"}
    found: list[int | str] = []
    for text in rule.ports:
        if text in {"", "*", "0-65535", "1-65535", "0-0", "0", "-1", "-1--1"}:
            return [], None
        numbers = expanded(text)
        if not numbers:
            return [], f"the ports {text} are too many to be listed"
        found += [f"{number}/udp" if udp else number for number in numbers]
    return found, None


def _plain(amount: Decimal) -> int | float:
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def sources_of(cidrs: Iterable[str]) -> list[str]:
    """Where a rule lets in from, as a blueprint says it."""
    return list(dict.fromkeys("any" if cidr in EVERYWHERE else cidr for cidr in cidrs))
