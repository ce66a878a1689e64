"""Things for several environments in one first message: "one postgres for staging, one for prod".

A blueprint is for one environment; things that are for different ones are told apart by their names instead, so that
each is made as it was said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alma.core.language.vocabulary.defaults import STEMS
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.subjects import order_word
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import ResourceType

_SHORT = {"production": "prod", "development": "dev", "staging": "staging", "test": "test"}
_ENDS = {".", "!", "?", ";", "\n"}
_AND = {"and", "&", ",", "+", "/"}
_BESIDE = {Sort.IMAGE, Sort.ROLE, Sort.MODIFIER}
_COUNTED = {Sort.ATTRIBUTE, Sort.TYPE, Sort.COMPUTE, Sort.ROLE, Sort.SOFTWARE, Sort.REPLICA}
_MEMBERS = frozenset("node worker master server machine vm".split())
_LEAST = 2


@dataclass(frozen=True, slots=True)
class _Noun:
    """A thing and what it is called without its environment."""

    begin: int
    end: int
    stem: str


def apart(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """The tokens with a name for each thing of each environment, if there are several and each has its things."""
    items = gazetteer.tag(tokens)
    found = {environment for item in items if (environment := environment_named(item))}
    if len(found) < _LEAST:
        return tuple(tokens)
    return _Apart(items).run() or tuple(tokens)


def environment_named(item: Item) -> str | None:
    """The environment that a word stands for, by its short name."""
    return "test" if item.norm == "test" else _SHORT.get(item.id_of(Sort.MODIFIER) or "")


class _Apart:
    """Rewrites the items of one message; gives up where an environment has nothing of its own."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.named: dict[int, list[str]] = {}
        self.gone: set[int] = set()
        self.elided: dict[int, _Noun] = {}  # what is left out after a number
        self.versions: dict[int, int] = {}  # where a version stands, and where its program does

    def run(self) -> tuple[Token, ...] | None:
        index, section, last = 0, "", None
        while index < len(self.items):
            if self._norm(index) in {".", "\n"} and self._norm(index + 1) in {"", "\n"}:
                section = ""
            environment = environment_named(self.items[index])
            if environment and self._norm(index + 1) == ":":
                section, last = environment, None
                self.gone |= {index, index + 1}
                index += 2
            elif environment:
                used = self._bound(index, last)
                if not used:
                    return None
                index += used
            else:
                noun = self._noun(index)
                if noun is not None and not self._in_cluster(noun, last):
                    last = noun
                    if section and index not in self.named:
                        self.named[noun.end] = [f"{noun.stem}-{section}"]
                index = noun.end + 1 if noun is not None else index + 1
        return self._written()

    def _norm(self, index: int) -> str:
        return self.items[index].norm if 0 <= index < len(self.items) else ""

    def _bound(self, index: int, last: _Noun | None) -> int:
        """How many items say which environment the thing before or after them is for."""
        environments, place = self._listed(index)
        before = self._norm(index - 1)
        if before in {"for", "in", "on"} and last is not None and self._together(last, index):
            one = self._elided(index - 2, last)
            key = one if one is not None else last.end
            if key in self.named:
                return 0
            if one is not None:
                self.elided[one] = last
            self.named[key] = [f"{last.stem}-{each}" for each in environments]
            self.gone |= {index - 1, *range(index, place)}
            return place - index
        if self._norm(place) == "one" and last is not None and self._together(last, index):
            self.named[place] = [f"{last.stem}-{environments[0]}"]
            self.elided[place] = last
            self.gone |= {*range(index, place), *self._article(index - 1)}
            return place + 1 - index
        noun = self._noun_after(place)
        if noun is None or noun.end in self.named:
            return 0
        self.named[noun.end] = [f"{noun.stem}-{each}" for each in environments]
        self.gone |= set(range(index, place))
        return noun.end + 1 - index

    def _in_cluster(self, noun: _Noun, last: _Noun | None) -> bool:
        """`a cluster with 3 nodes`: what a cluster is made of is no thing of its own."""
        cluster = last is not None and last.stem == STEMS[ResourceType.KUBERNETES_CLUSTER]
        return cluster and self._norm(noun.begin) in _MEMBERS

    def _together(self, noun: _Noun, index: int) -> bool:
        """Whether a thing and what is said of it stand in one sentence."""
        return not any(self._norm(n) in _ENDS for n in range(noun.end, index))

    def _listed(self, index: int) -> tuple[list[str], int]:
        """`staging and prod`: the environments, and where they end."""
        found: list[str] = []
        place = index
        while place < len(self.items) and (environment := environment_named(self.items[place])):
            found.append(environment)
            place += 1
            joint = place
            while self._norm(joint) in _AND:
                joint += 1
            following = self.items[joint] if joint < len(self.items) else None
            if joint == place or following is None or not environment_named(following):
                break
            place = joint
        return found, place

    def _elided(self, index: int, last: _Noun) -> int | None:
        """`one for dev`: where the number stands of a thing that was named before."""
        number = self.items[index] if index > last.end else None
        return index if number is not None and number.kind is Kind.NUMBER else None

    def _article(self, index: int) -> set[int]:
        return {index} if self._norm(index) in {"a", "an", "the"} else set()

    def _noun_after(self, index: int) -> _Noun | None:
        for place in range(index, min(len(self.items), index + 3)):
            noun = self._noun(place)
            if noun is not None:
                return noun
            if not self.items[place].terms.keys() & _BESIDE:
                return None
        return None

    def _noun(self, index: int) -> _Noun | None:
        """The thing that begins there: `postgres database`, `web vm`, `cluster`."""
        item = self.items[index]
        stem = _stem(item)
        if stem is None:
            return None
        end = index
        while end + 1 < len(self.items):
            following = self.items[end + 1]
            headed = following.terms.keys() & {Sort.TYPE, Sort.COMPUTE, Sort.GROUP}
            if not headed or environment_named(following):
                break
            stem = stem if Sort.GROUP in following.terms else _stem(following, stem) or stem
            end += 1
        if self._versioned(end):
            self.versions[end + 1] = end
            end += 1
        role = self.items[index - 1].id_of(Sort.ROLE) if index else None
        return _Noun(index, end, role if role and stem in {"vm", "container"} else stem)

    def _versioned(self, index: int) -> bool:
        """`postgres 16`, and not `postgres 2 cores`: whether the number after a program is its version."""
        if Sort.SOFTWARE not in self.items[index].terms or index + 1 >= len(self.items):
            return False
        after = self.items[index + 2].terms if index + 2 < len(self.items) else {}
        return self.items[index + 1].kind is Kind.NUMBER and not after.keys() & _COUNTED

    def _written(self) -> tuple[Token, ...] | None:
        out: list[Token] = []
        counted = [n for n in self.named if self._counts(n)]
        for index, item in enumerate(self.items):
            if index in self.gone:
                continue
            names = self.named.get(index, [])
            if counted and index < counted[0] and self._announces(index, counted[0]):
                continue
            out += self._one(item, names, index)
        return tuple(out)

    def _announces(self, index: int, first: int) -> bool:
        """`two VMs, one for dev …`: what is told one by one afterwards."""
        start = next(
            (n for n in range(first - 1, -1, -1) if self.items[n].kind is Kind.NUMBER), first
        )
        return start <= index < first

    def _counts(self, index: int) -> bool:
        return self.items[index].kind is Kind.NUMBER and index not in self.versions

    def _one(self, item: Item, names: Sequence[str], index: int) -> list[Token]:
        """A thing with its name; as often as it has names."""
        near = item.tokens[-1]
        if names and self._counts(index):  # "one for dev": the thing was named before
            left_out = self.elided.get(index)
            last = left_out.end if left_out is not None else index
            head = [_single(token, near) for token in self.items[last].tokens]
            return [*item.tokens, *head, _quoted(names[0], near)]
        if len(names) < _LEAST:
            return [*item.tokens, *(_quoted(name, near) for name in names)]
        noun = self.items[self.versions.get(index, index) : index + 1]
        head = [_single(token, near) for part in noun for token in part.tokens]
        out: list[Token] = []
        for number, name in enumerate(names):
            joint = [order_word("and", near)] if number else []
            out += [*joint, *head, _quoted(name, near)]
        return out


def _single(token: Token, near: Token) -> Token:
    return replace(token, text=token.norm, start=near.end, end=near.end)


def _quoted(name: str, near: Token) -> Token:
    return Token(name, name, near.end, near.end, Kind.QUOTED, name)


def _stem(item: Item, default: str | None = None) -> str | None:
    """What a thing is called if nobody says: by its type, or by the program that it is."""
    software, type_ = item.terms.get(Sort.SOFTWARE), item.id_of(Sort.TYPE)
    kind = str(software.data.get("type")) if software is not None else type_
    if software is not None and kind == ResourceType.SERVICE:
        return software.id
    if kind in {str(each) for each in ResourceType}:
        return default if kind in {"vm", "container"} and default else STEMS[ResourceType(kind)]
    return (default or "vm") if Sort.COMPUTE in item.terms else None
