"""Reading YAML: the one module that knows the YAML library.

Documents come from strangers. The reader therefore works on the parser's event stream, where nesting, size and the
weight of aliases are known before anything is built, and resolves plain scalars by the YAML 1.2 core schema alone:
`no` is a text, `2024-01-01` is a text, and no tag ever makes an object.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sized
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from alma.core.model.errors import BlueprintInvalid
from alma.core.model.plain import (
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NODES,
    Location,
    Position,
    dotted,
    too_many_items,
    unreadable,
)

_TAG = "tag:yaml.org,2002:"
_NULL = re.compile(r"^(~|null|Null|NULL|)$")
_TRUE = re.compile(r"^(true|True|TRUE)$")
_FALSE = re.compile(r"^(false|False|FALSE)$")
_INT = re.compile(r"^([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$")
_MAX_DIGITS = 400


@dataclass
class _Node:
    """A value being built, with its weight: how many nodes it stands for once aliases are written out."""

    value: Any
    weight: int = 1
    depth: int = 1


@dataclass
class _Builder:
    """Builds one document from events. `positions` is filled where every value's place is asked for."""

    events: Iterator[Event]
    positions: dict[Location, Position] | None = None
    nodes: int = 0
    anchors: dict[str, _Node | None] = field(default_factory=dict)

    def build(self, event: Event, location: Location) -> _Node:
        if isinstance(event, AliasEvent):
            return self._alias(event, location)
        self._count(1, len(location), event)
        anchor: str | None = getattr(event, "anchor", None)
        if anchor:
            self.anchors[anchor] = None
        if isinstance(event, ScalarEvent):
            node = _Node(_scalar(event))
        elif isinstance(event, SequenceStartEvent):
            node = self._sequence(event, location)
        else:
            node = self._mapping(event, location)
        if anchor:
            self.anchors[anchor] = node
        return node

    def _count(self, weight: int, depth: int, event: Event) -> None:
        self.nodes += weight
        if self.nodes > MAX_NODES:
            message = f"the document has more than {MAX_NODES} values, aliases written out"
            raise _fault("too_many_values", message, event, hint="split it into several blueprints")
        if depth > MAX_DEPTH:
            hint = "a blueprint is three or four levels deep"
            raise _fault("too_deep", f"nested more than {MAX_DEPTH} levels deep", event, hint=hint)

    def _alias(self, event: AliasEvent, location: Location) -> _Node:
        if event.anchor not in self.anchors:
            raise _fault("yaml_syntax", f"unknown alias '*{event.anchor}'", event)
        node = self.anchors[event.anchor]
        if node is None:
            raise _fault("yaml_syntax", f"alias '*{event.anchor}' contains itself", event)
        self._count(node.weight, len(location) + node.depth - 1, event)
        return node

    def _sequence(self, start: SequenceStartEvent, location: Location) -> _Node:
        _refuse_tag(start, f"{_TAG}seq")
        made = _Node([])
        while not isinstance(event := next(self.events), SequenceEndEvent):
            here = self._next(made.value, location, event)
            self._note(here, event)
            item = self.build(event, here)
            made.value.append(item.value)
            _grow(made, item)
        return made

    def _mapping(self, start: Event, location: Location) -> _Node:
        _refuse_tag(start, f"{_TAG}map")
        made = _Node({})
        merged: list[tuple[Any, Event]] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            self._next(made.value, location, event)
            if _is_merge(event):
                inner = next(self.events)
                item = self.build(inner, (*location, "<<"))
                merged.append((item.value, inner))
            else:
                key = _key(event)
                if key in made.value:
                    hint = "keep one of them"
                    raise _fault("duplicate_key", f"'{key}' is given twice", event, hint=hint)
                here = (*location, key)
                self._note(here, event)
                item = self.build(next(self.events), here)
                made.value[key] = item.value
            _grow(made, item)
        for value, event in merged:
            _merge(made.value, value, event)
        return made

    def _next(self, filled: Sized, location: Location, event: Event) -> Location:
        """Where the next item stands. Raises BlueprintInvalid when there are too many."""
        if len(filled) >= MAX_ITEMS:
            raise too_many_items(path=dotted(location), at=_position(event))
        return (*location, len(filled))

    def _note(self, location: Location, event: Event) -> None:
        if self.positions is not None:
            self.positions[location] = _position(event)


def read_yaml(text: str, *, positions: dict[Location, Position] | None = None) -> Any:
    """The only document of a text as plain values. Raises BlueprintInvalid at the first thing that can't be read: past
    it nothing has a certain meaning. With `positions`, notes where each key and list item stands."""
    return _read(text, lambda events: _only_document(events, positions))


def read_yaml_documents(text: str) -> list[Any]:
    """Every document of a text as plain values, at most `MAX_ITEMS` of them; together they are held to the limits of
    one. Raises BlueprintInvalid like `read_yaml`."""
    return _read(text, _all_documents)


_Made = TypeVar("_Made")


def _read(text: str, build: Callable[[Iterator[Event]], _Made]) -> _Made:
    try:
        return build(iter(YAML(typ="safe", pure=True).parse(text)))
    except ReaderError as error:
        before = text[: error.position]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        message = f"the character U+{_codepoint(error.character):04X} is not allowed in YAML"
        raise unreadable("yaml_syntax", message, at=(line, column)) from error
    except MarkedYAMLError as error:
        raise _syntax_fault(error) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise unreadable("yaml_syntax", "this is not readable as YAML") from error


def _all_documents(events: Iterator[Event]) -> list[Any]:
    found: list[Any] = []
    nodes = 0
    for event in events:
        if not isinstance(event, DocumentStartEvent):
            continue
        if len(found) >= MAX_ITEMS:
            raise too_many_items(path="", at=_position(event))
        builder = _Builder(events, nodes=nodes)
        found.append(builder.build(next(events), ()).value)
        nodes = builder.nodes
    return found


def _only_document(events: Iterator[Event], positions: dict[Location, Position] | None) -> Any:
    found: list[Any] = []
    for event in events:
        if not isinstance(event, DocumentStartEvent):
            continue
        if found:
            hint = "a file holds one blueprint: remove the '---' and what follows, or use two files"
            raise _fault("several_documents", "there is a second document", event, hint=hint)
        found.append(_Builder(events, positions).build(next(events), ()).value)
    return found[0] if found else None


def _grow(parent: _Node, child: _Node) -> None:
    parent.weight += child.weight
    parent.depth = max(parent.depth, child.depth + 1)


def _key(event: Event) -> str:
    """Keys are texts. A number or `true` as a key keeps its written form: labels are often named so."""
    if isinstance(event, ScalarEvent) and not event.anchor:
        _refuse_tag(event, f"{_TAG}str")
        return str(event.value)
    raise _fault("yaml_syntax", "a key must be a plain text", event, hint="quote the key")


def _is_merge(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.value == "<<" and bool(event.implicit[0])


def _merge(target: dict[str, Any], value: Any, event: Event) -> None:
    """`<<: *defaults`: what the mapping says itself wins, then the earlier of several sources."""
    for source in value if isinstance(value, list) else [value]:
        if not isinstance(source, dict):
            hint = "write << with an alias of a mapping, or a list of such aliases"
            raise _fault("yaml_syntax", "'<<' needs a mapping", event, hint=hint)
        for key, inner in source.items():
            target.setdefault(key, inner)


def _refuse_tag(event: Event, allowed: str) -> None:
    tag = getattr(event, "ctag", None)
    if tag is not None and str(tag) not in {allowed, "!", "None"}:
        raise _fault("yaml_tag", f"the tag {tag} is not allowed here", event, hint="remove the tag")


def _scalar(event: ScalarEvent) -> Any:
    text, tag = str(event.value), str(event.ctag) if event.ctag is not None else None
    if tag in {f"{_TAG}str", "!"} or (tag in {None, "None"} and not event.implicit[0]):
        return text
    value = _plain(text, event)
    if tag in {None, "None"} or _tag_of(value) == tag:
        return value
    if tag == f"{_TAG}float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    raise _fault(
        "yaml_tag", f"the tag {tag} does not fit '{text[:40]}'", event, hint="remove the tag"
    )


def _tag_of(value: Any) -> str:
    names = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str"}
    return _TAG + names[type(value)]


def _plain(text: str, event: Event) -> Any:
    """A plain scalar by the core schema of YAML 1.2."""
    if _NULL.match(text):
        return None
    if _TRUE.match(text) or _FALSE.match(text):
        return bool(_TRUE.match(text))
    if _INT.match(text):
        if len(text) > _MAX_DIGITS:
            raise _fault("too_large", "the number is too large", event, hint="write it as a text")
        base = {"0o": 8, "0x": 16}.get(text[:2], 10)
        return int(text, base)
    if _NOT_FINITE.match(text):
        raise _fault(
            "not_finite",
            f"{text} is not a number",
            event,
            hint="write a number, or a text in quotes",
        )
    if _FLOAT.match(text):
        value = float(text)
        if not math.isfinite(value):
            raise _fault(
                "not_finite", f"{text[:40]} is too large", event, hint="write it as a text"
            )
        return value
    return text


def _position(event: Event) -> Position:
    mark = event.start_mark
    return mark.line + 1, mark.column + 1


def _fault(code: str, message: str, event: Event, *, hint: str | None = None) -> BlueprintInvalid:
    return unreadable(code, message, hint=hint, at=_position(event))


def _codepoint(character: Any) -> int:
    return ord(character) if isinstance(character, str) else int(character)


def _syntax_fault(error: MarkedYAMLError) -> BlueprintInvalid:
    mark = error.problem_mark or error.context_mark
    at = (mark.line + 1, mark.column + 1) if mark is not None else None
    problem = " ".join(str(error.problem or "this is not readable as YAML").split())
    hint = "check the indentation, the colon and the quotes on this line and the one before"
    if "\\t" in problem:
        hint = "indent with spaces, not with tabs"
    return unreadable("yaml_syntax", problem, hint=hint, at=at)
