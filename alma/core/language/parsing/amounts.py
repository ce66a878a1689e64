"""Properties by their names, and the amounts that follow them: "memory: 8 GB", "ports 80 and 443", "version 15"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import ClassVar

from alma.core.language.parsing.heads import BEFORE_HEADS, HEADS
from alma.core.language.parsing.phrases import Attribute
from alma.core.language.parsing.quantities import MEMBERS, Quantities, Read, machines
from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind, unit_of
from alma.core.model.base import Json

_FILLERS = frozenset(
    ": = of is to by at ( ) in least up exactly about around be the a number s < > should set would like all".split()
)
_ROLE_OF = {"specs.workers": "worker", "specs.control_plane": "master"}
_TIMES = re.compile(r"^[x×](\d{1,4})$")
_LOOK_AHEAD = 9
_MOST_GPUS = 16  # beyond it, a number is a model: RTX 4090


class AmountReader(Quantities):
    """Reads the amounts and properties of one clause: an amount first ("8 GB memory") or a name ("memory: 8 GB")."""

    def property(self, index: int) -> Read | None:
        """What starts at a property's name, or None if no property stands there."""
        item = self.items[index]
        path = item.id_of(Sort.ATTRIBUTE)
        if path is None:
            return self._member_named(index, item)
        if machines(path, self.cluster):
            return Read(1, head=True, role=_ROLE_OF.get(path))
        read = self._PROPERTIES.get(path)
        return read(self, index, path) if read is not None else self._valued(index, path)

    def _number_of(self, index: int, path: str) -> Read:
        sign, number = self._norm(index + 1) in {":", "="}, self._at(index + 2)
        if sign and number is not None and number.kind is Kind.NUMBER:
            return Read(3, said={"quantity": int(number.tokens[0].value or 0)})
        return Read(1 + (self._norm(index + 1) == "of"))

    def _backed_up(self, index: int, path: str) -> Read:
        if path == "backup" and self._norm(index - 1) == "for" and self._norm(index + 1) != "of":
            return Read(1)  # "a bucket for backups"
        return Read(1, [Attribute("backup", self._backup(index))], mentioned=["backup"])

    def _switch(self, index: int, path: str) -> Read:
        return Read(1, [Attribute(path, True)])

    def _versioned(self, index: int, path: str) -> Read:
        signed = self._norm(index + 1) in {":", "="}
        version, used = self.version(index + 1 + signed)
        used += signed and bool(used)
        said = [Attribute("version", version)] if version else []
        return Read(1 + used, said, mentioned=["version"])

    def _member_named(self, index: int, item: Item) -> Read | None:
        path = self._member(item)
        if path is None or (
            item.norm in MEMBERS and self._norm(index - 1) in {"the", "a", "each", "per"}
        ):
            return None
        if self._norm(index + 1) == "(":
            return None  # "2 workers (8c/32g)"
        value, used = self._value(index, "number")
        return Read(used, [Attribute(path, value)]) if value is not None else None

    def _valued(self, index: int, path: str) -> Read:
        want = "size" if path in {"specs.memory", "specs.disk", "size"} else "number"
        value, used = self._value(index, "any" if path in {"cidr", "network.private_ip"} else want)
        if path == "specs.gpu" and (
            value is None or (isinstance(value, int) and value > _MOST_GPUS)
        ):
            return Read(used, [Attribute(path, 1)] if not self._numbered(path) else [])
        if value is None:
            return Read(1, mentioned=[path])
        if path == "network.private_ip" and isinstance(value, str):
            value = value.partition("/")[0]  # with its mask
        bare = path == "size"
        return Read(
            used,
            [
                Attribute(
                    "specs.memory" if bare else path,
                    value,
                    op=self._op(index, index + used - 1),
                    bare=bare,
                )
            ],
        )

    def _numbered(self, path: str) -> bool:
        """Whether a number of it is said elsewhere: "a GPU box with 2 GPUs"."""
        return any(
            item.kind is Kind.NUMBER
            and following.id_of(Sort.ATTRIBUTE) == path
            and not self._is_machine(index + 2)
            for index, (item, following) in enumerate(pairwise(self.items))
        )

    def _is_machine(self, index: int) -> bool:
        item = self._at(index)
        return item is not None and Sort.COMPUTE in item.terms

    def _value(self, index: int, want: str) -> tuple[Json, int]:
        """The amount after a property's name, and how many items name and amount take."""
        unit: str | None = None
        place = index + 1
        op_from = False
        while place < min(len(self.items), index + _LOOK_AHEAD):
            item = self.items[place]
            following = self._at(place + 1)
            if item.norm == "from":
                op_from = True
            elif item.norm == "per":
                place += 1
            elif want == "size" and self._counts_other(item, following):
                return None, 1
            elif (found := self._fits(item, want, unit)) is not None:
                if op_from:
                    op_from = False
                elif (
                    following is not None
                    and set(following.terms) & HEADS
                    and item.kind is Kind.NUMBER
                ):
                    return None, 1
                else:
                    return found, place - index + 1
            elif item.kind is Kind.WORD and len(item.tokens) == 1 and unit_of(item.tokens[0]):
                unit = unit_of(item.tokens[0])
            elif item.norm not in _FILLERS and item.id_of(Sort.MODIFIER) != "each":
                return None, 1
            place += 1
        return None, 1

    @staticmethod
    def _counts_other(item: Item, following: Item | None) -> bool:
        """`Size: 4 vCPU / 16 GB`: the first number is no size; nor is that of `the memory of one of them`."""
        cores = following is not None and following.id_of(Sort.ATTRIBUTE) in {
            "specs.cpu",
            "specs.gpu",
        }
        of_them = following is not None and following.norm == "of"
        return item.kind is Kind.NUMBER and (cores or of_them)

    @staticmethod
    def _fits(item: Item, want: str, unit: str | None) -> Json:
        value = item.tokens[0].value
        if item.kind is Kind.SIZE:
            return value if want == "size" else None
        if item.kind in {Kind.CIDR, Kind.ADDRESS}:
            return value if want == "any" else None
        if want == "number" and (times := _TIMES.match(item.text)):
            return int(times[1])
        if item.kind is not Kind.NUMBER:
            return None
        if want == "size":
            return f"{value}{unit or 'GB'}"
        return value if want == "number" else None

    def _ports(self, index: int, path: str) -> Read:
        ports: list[Json] = []
        place = index + 1
        while self._norm(place) in _FILLERS:
            place += 1
        end = place
        while (item := self._at(place)) is not None and self._is_port(place, ports):
            published = self._at(place + 2)
            if (
                self._norm(place + 1) == ":"
                and published is not None
                and published.kind is Kind.NUMBER
            ):
                ports.append(f"{item.text}:{published.text}")
                place += 2
            else:
                ports.append(int(item.tokens[0].value or 0))
            place += 1
            end = place
            while self._norm(place) in {",", "and", "&", "/", "or"}:
                place += 1
        if not ports:
            return Read(1, mentioned=["network.ports"])
        return Read(end - index, [Attribute("network.ports", ports)])

    def _is_port(self, index: int, before: Sequence[Json]) -> bool:
        """Whether a number there is a port, and not how many of the next there are: "on port 80 and two databases"."""
        item, following = self.items[index], self._at(index + 1)
        if item.kind is not Kind.NUMBER or not item.text.isdigit():
            return False
        nouns = HEADS | BEFORE_HEADS | {Sort.REPLICA, Sort.ATTRIBUTE}
        if not before or following is None or self._ends_open(index + 1):
            return True
        return following.norm not in {"x", "×"} and not following.terms.keys() & nouns

    def _ends_open(self, index: int) -> bool:
        """`ports 80 and 443 public`: how they are reached, and no noun after it."""
        item, after = self.items[index], self._at(index + 1)
        open_ = item.id_of(Sort.MODIFIER) in {"public", "private"}
        return open_ and (after is None or not after.terms.keys() & (HEADS | BEFORE_HEADS))

    def version(self, index: int, *, counted: bool = False) -> tuple[str | None, int]:
        """A version right after a name: `15`, `v1.2`, `version 8.0`, not a count ("redis 2 nodes"), unless there is a
        count already ("three debian 13 containers")."""
        used = int(self._touches(index))
        while self._norm(index + used) in {"version", "v", ":", "release", "to"} and used < 2:
            if self._norm(index + used) in {":", "to"} and not used:
                return None, 0
            used += 1
        item, following = self._at(index + used), self._at(index + used + 1)
        if item is None:
            return None, 0
        text = item.text.casefold()
        if item.kind is Kind.WORD and text[0] == "v" and text[1:2].isdigit():
            return text[1:], used + 1
        if item.kind is not Kind.NUMBER or not text[0].isdigit():
            return None, 0
        if not used and self._is_amount(index):
            return None, 0
        counts = following is not None and following.plural and set(following.terms) & HEADS
        return (None, 0) if counts and not used and not counted else (item.text, used + 1)

    def _is_amount(self, index: int) -> bool:
        """Whether the number there is of what follows it: `redis 2c/32g`, `mysql 4/16/100`."""
        following, after = self._at(index + 1), self._at(index + 2)
        if following is None:
            return False
        touching = self.items[index].tokens[-1].end == following.tokens[0].start
        slashed = following.text == "/" and touching  # not "debian 12 / 2 vCPU"
        return following.id_of(Sort.ATTRIBUTE) is not None or bool(
            slashed and after is not None and after.kind in {Kind.NUMBER, Kind.SIZE}
        )

    def _touches(self, index: int) -> bool:
        """Whether a colon there ties name and tag: `redis:7`."""
        before, colon, after = self._at(index - 1), self._at(index), self._at(index + 1)
        if before is None or colon is None or after is None or colon.text != ":":
            return False
        starts = colon.tokens[0].start, after.tokens[0].start
        return starts == (before.tokens[-1].end, colon.tokens[-1].end)

    _PROPERTIES: ClassVar[Mapping[str, Callable[[AmountReader, int, str], Read]]] = {
        "count": _number_of,
        "backup": _backed_up,
        "retention": _backed_up,
        "network.public_ip": _switch,
        "network.ports": _ports,
        "version": _versioned,
    }
