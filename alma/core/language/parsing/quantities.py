"""What the amounts in a clause belong to: the noun after them, the noun before them, or nothing but themselves."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from alma.core.language.parsing.heads import BEFORE_HEADS, HEADS
from alma.core.language.parsing.phrases import Attribute
from alma.core.language.parsing.schedules import DAYS, KEEPING, Schedules
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.base import Json
from alma.core.model.blueprint import Origin

_LESS = {"less", "fewer"}
_MORE = {"by", "extra", "additional", "another", "more", "further"}
# How the machines of a cluster are called, beside their roles.
MEMBERS = {"node", "nod", "member", "cluster node"}
# These call a control plane a server, and a worker an agent.
_LIGHTWEIGHT = frozenset({"k3s", "rke2"})
_LIGHTWEIGHT_MEMBERS = {
    "server": "specs.control_plane", "server node": "specs.control_plane", "agent": "specs.workers",
    "agent node": "specs.workers",
}  # fmt: skip
_PERIODS = {"month": 1, "mo": 1, "mth": 1, "year": 12, "yr": 12}


@dataclass(frozen=True, slots=True)
class Read:
    """What was read: `used` items, and what they say. `head` means that the words are machines after all."""

    used: int
    attributes: Sequence[Attribute] = ()
    count: int | None = None
    rounded: bool = False
    said: Mapping[str, Json] = field(default_factory=dict)
    notes: Sequence[str] = ()
    mentioned: Sequence[str] = ()
    head: bool = False
    role: str | None = None


class Quantities(Schedules):
    """Reads what starts with an amount: numbers, sizes, money, addresses and regions."""

    def __init__(self, items: Sequence[Item], *, cluster: bool) -> None:
        self.items = items
        self.cluster = cluster
        self.norms = {item.norm for item in items}
        self.lightweight = bool(
            self.norms & _LIGHTWEIGHT or {w for n in self.norms for w in n.split()} & _LIGHTWEIGHT
        )
        self.backed_up = any(
            item.id_of(Sort.ATTRIBUTE) in {"backup", "retention"} for item in items
        )

    def amount(self, index: int) -> Read | None:
        """What starts at an amount, or None if no amount stands there."""
        item = self.items[index]
        read = self._AMOUNTS.get(item.kind)
        return read(self, index, item) if read is not None else None

    def _percent(self, index: int, item: Item) -> Read:
        return Read(1, said={"percent": item.tokens[0].value})

    def _region(self, index: int, item: Item) -> Read:
        return Read(1 + (self._norm(index + 1) == "region"), said={"region": item.text})

    def _cidr(self, index: int, item: Item) -> Read:
        if not _is_network(item.text):  # "10.0.0.5/24" is an address with its mask
            return Read(1, [_address(item.text.partition("/")[0])])
        return Read(1, [Attribute("cidr", item.text)])

    def _address(self, index: int, item: Item) -> Read:
        return Read(1, [_address(item.text)])

    def _money(self, index: int, item: Item) -> Read:
        amount = float(item.tokens[0].value or 0)
        used, months = 1, 1
        if self._norm(index + 1) in {"/", "per", "a"} and self._norm(index + 2) in _PERIODS:
            used, months = 3, _PERIODS[self._norm(index + 2)]
        modifiers = {item.id_of(Sort.MODIFIER) for item in self.items}
        several = sum(each.kind is Kind.MONEY for each in self.items) > 1
        if months == 12 or ("yearly" in modifiers and used == 1 and not several):
            amount, months = amount / 12, 12
        notes = [] if months == 1 else ["an amount for a year is kept as a twelfth of it a month"]
        sign = self.items[index].text[0]
        if sign in "€£":
            notes.append(f"the amount is kept as a number, without its currency ({sign})")
        return Read(used, said={"max_cost": round(amount, 2)}, notes=notes)

    def _number(self, index: int, item: Item) -> Read:
        value = item.tokens[0].value
        assert isinstance(value, int | float)
        readers = (self._triple, self._disks, self._days, self._of_noun, self._times, self._range)
        for reader in readers:
            read = reader(index, value)
            if read is not None:
                return read
        return self._linked(index, item, value) or self._counted(index, item, int(value))

    def _times(self, index: int, value: float) -> Read | None:
        times = self._norm(index + 1) in {"time", "times"}
        return Read(2, said={"factor": float(value)}) if times else None

    def _linked(self, index: int, item: Item, value: float) -> Read | None:
        """A number whose link says what it is: `from 2`, `by 3`, `to 15.4`."""
        before = self._norm(index - 1)
        if before in KEEPING and self.backed_up:
            return Read(1)  # a retention is read with its backup
        if value != int(value):
            return Read(1, said={"to_text": item.text} if before == "to" else {})
        if before == "from":
            return Read(1)  # what there is now is known
        told = before == "by" and self._norm(index - 2).endswith("ed")  # "transcoded by 4 workers"
        return Read(1, said={"by_number": int(value)}) if before == "by" and not told else None

    def _counted(self, index: int, item: Item, whole: int) -> Read:
        used = 1 + (self._norm(index + 1) in {"x", "×"})
        notes = [f"'{item.text}' is read as {whole}"] if item.tokens[0].rounded else []
        return Read(used, count=whole, rounded=item.tokens[0].rounded, notes=notes)

    def _range(self, index: int, value: float) -> Read | None:
        """`2 to 6 servers`, `between 2 and 4`, `2-4`: the lower number to begin with."""
        joint, high = self._norm(index + 1), self._at(index + 2)
        between = self._norm(index - 1) == "between"
        noun = self._at(index + 3)
        if high is None or high.kind is not Kind.NUMBER or self._norm(index - 1) == "from":
            return None
        heads = noun is not None and noun.terms.keys() & (HEADS | BEFORE_HEADS | {Sort.REPLICA})
        joined = joint in {"-", "to", "–"} or (between and joint == "and")
        top = high.tokens[0].value
        if not (
            joined and heads and isinstance(top, int) and 0 < value < top and value == int(value)
        ):
            return None
        low = int(value)
        note = f"from {low} to {top}: it begins with {low}, as the number does not follow the load by itself yet"
        return Read(3, count=int(value), notes=[note])

    def _disks(self, index: int, value: float) -> Read | None:
        """`4 x 1TB disks`: as much as all of them have."""
        disks = self._at(index + 1)
        if disks is not None and disks.plural and disks.id_of(Sort.ATTRIBUTE) == "specs.disk":
            return self._disks_of(index, value)
        place = index + 1 + (self._norm(index + 1) in {"x", "×", "*"})
        size, noun = self._at(place), self._at(place + 1)
        if (
            size is None
            or size.kind is not Kind.SIZE
            or noun is None
            or value != int(value)
            or value < 2
        ):
            return None
        if noun.id_of(Sort.ATTRIBUTE) != "specs.disk" or not (place > index + 1 or noun.plural):
            return None
        whole = _times(str(size.tokens[0].value), int(value))
        return Read(place - index + 2, [Attribute("specs.disk", whole)],
                    notes=[f"{int(value)} disks of {size.tokens[0].value} are {whole} in all"])  # fmt: skip

    def _triple(self, index: int, value: float) -> Read | None:
        """`4c/8g/100g`, `4/8/100`: cores, memory, disk."""
        place = index + 1 + (self._norm(index + 1) in {"c", "core", "cpu", "vcpu"})
        sizes: list[str] = []
        while self._norm(place) == "/" and len(sizes) < 2:
            size = self._as_size(self._at(place + 1))
            if size is None:
                break
            sizes.append(size)
            place += 2
        named = place > index + 1 and self._norm(index + 1) != "/"
        if not sizes or (len(sizes) == 1 and not named):
            return None
        paths = ("specs.memory", "specs.disk")
        attributes = [
            Attribute("specs.cpu", value),
            *(Attribute(p, s) for p, s in zip(paths, sizes, strict=False)),
        ]
        return Read(place - index, attributes)

    @staticmethod
    def _as_size(item: Item | None) -> str | None:
        if item is None:
            return None
        if item.kind is Kind.SIZE:
            return str(item.tokens[0].value)
        return f"{item.tokens[0].value}GB" if item.kind is Kind.NUMBER else None

    def _disks_of(self, index: int, value: float) -> Read | None:
        """`4 disks of 4TB`."""
        joined = self._norm(index + 2) in {"of", "with", "à", "@"}
        size = self._at(index + 2 + joined)
        if size is None or size.kind is not Kind.SIZE or value != int(value):
            return None
        whole = _times(str(size.tokens[0].value), int(value))
        note = f"{int(value)} disks of {size.tokens[0].value} are {whole} in all"
        return Read(3 + joined, [Attribute("specs.disk", whole)], notes=[note])

    def _days(self, index: int, value: float) -> Read | None:
        unit = self._at(index + 1)
        if unit is None or unit.tokens[0].text.casefold() not in DAYS:
            return None
        return Read(2)  # a retention is read with its backup; other durations mean nothing yet

    def _of_noun(self, index: int, value: float) -> Read | None:
        place = index + 1
        while self._norm(place) in {"x", "×", "of"} or self._modifies(place):
            place += 1
        if self.cluster and self._norm(place) == "the" and self._norm(place - 1) == "of":
            place += 1
        item = self._at(place)
        if item is None:
            return None
        path = self._member(item)
        used = place - index + 1
        if path is not None and path.startswith("specs.") and item.norm not in MEMBERS:
            used += Sort.COMPUTE in (self._at(place + 1) or item).terms
        path = path or item.id_of(Sort.ATTRIBUTE)
        if (
            path is None
            or path in {"count", "backup", "retention", "version", "size"}
            or machines(path, self.cluster)
            or (path in {"specs.memory", "specs.disk"} and self._counts_after(place + 1))
        ):
            return None
        if self._norm(index - 1) == "from":
            return Read(used)
        following = self._at(place + 1)
        if path == "specs.gpu" and following is not None and Sort.COMPUTE in following.terms:
            return None  # "10 gpu nodes"
        if path == "network.ports":
            return None
        return Read(used, [Attribute(path, self._of_path(path, value), op=self._op(index, place))])

    def _modifies(self, place: int) -> bool:
        item = self._at(place)
        return item is not None and item.id_of(Sort.MODIFIER) in {"more", "fewer", "small", "large"}

    def _counts_after(self, place: int) -> bool:
        """Whether several machines follow, of which a number before them says how many there are."""
        ahead = [item for near in (place, place + 1) if (item := self._at(near)) is not None]
        head = next((item for item in ahead if item.terms.keys() & HEADS), None)
        return head is not None and head.plural and all(i.kind is Kind.WORD for i in ahead[:1])

    @staticmethod
    def _of_path(path: str, value: float) -> Json:
        return f"{value}GB" if path in {"specs.memory", "specs.disk"} else value

    def _member(self, item: Item) -> str | None:
        """In a cluster, nodes, masters and workers are its own amounts."""
        if not self.cluster:
            return None
        if item.norm in MEMBERS:
            return "specs.nodes"
        if self.lightweight and item.norm in _LIGHTWEIGHT_MEMBERS:
            return _LIGHTWEIGHT_MEMBERS[item.norm]
        return {"master": "specs.control_plane", "worker": "specs.workers"}.get(
            item.id_of(Sort.ROLE) or ""
        )

    def _op(self, index: int, place: int) -> str:
        around = {self._norm(near) for near in range(index - 1, place + 1) if near != index}
        if around & _LESS or self._norm(place + 1) in _LESS:
            return "subtract"
        return "add" if around & _MORE or self._norm(place + 1) == "more" else "set"

    def _size(self, index: int, item: Item) -> Read:
        value = str(item.tokens[0].value)
        place = index + 1
        while self._norm(place) in {"of", "x"} or self._modifies(place):
            place += 1
        noun = self._at(place)
        path = noun.id_of(Sort.ATTRIBUTE) if noun is not None else None
        if self._norm(index - 1) == "from":
            return Read(1)
        op = self._op(index, place)
        if path in {"specs.memory", "specs.disk"}:
            return Read(place - index + 1, [Attribute(path, value, op=op)])
        return Read(1, [Attribute("specs.memory", value, op=op, bare=True)])

    def member(self, index: int) -> str | None:
        """Which amount of a cluster is named there: its workers, masters or nodes."""
        item = self._at(index)
        return self._member(item) if item is not None else None

    _AMOUNTS: ClassVar[Mapping[Kind, Callable[[Quantities, int, Item], Read]]] = {
        Kind.MONEY: _money,
        Kind.PERCENT: _percent,
        Kind.REGION: _region,
        Kind.CIDR: _cidr,
        Kind.ADDRESS: _address,
        Kind.NUMBER: _number,
        Kind.SIZE: _size,
    }


def _times(size: str, number: int) -> str:
    """A size so many times: `4TB` of four `1TB`."""
    digits = size.rstrip("BbiKMGTPkmgtp")
    return f"{float(digits) * number:g}{size[len(digits) :]}"


def machines(path: str, cluster: bool) -> bool:
    return not cluster and path in {"specs.nodes", "specs.control_plane", "specs.workers"}


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _address(text: str) -> Attribute:
    try:
        private = ipaddress.ip_address(text).is_private
    except ValueError:
        private = True
    return Attribute(
        "network.private_ip" if private else "network.public_ip", text, origin=Origin.WORDS
    )
