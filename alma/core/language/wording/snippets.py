"""Snippets that people write to say what they want: `- name: api`, `{"vm": {"count": 2}}`, `resource "vm" "jump" {…}`,
the services of a Compose file.

Beside words that ask for it, a snippet is a form. It is told as wishes where every field of it is understood; where one
is not, nothing of it is, so that no half of a document is built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alma.core.language.wording.columns import heading, led, row
from alma.core.language.words.seldom import seldom
from alma.core.model.errors import AlmaError
from alma.core.model.yaml_reader import read_yaml

_LETTER = seldom(r"[^\W\d_]{2,}")
_FENCE = seldom(r"^\s*```\w*\s*$\n?", re.MULTILINE)
_ENTRY = seldom(
    r"^\s*(?:-\s+)?[\"']?[A-Za-z][\w -]*[\"']?\s*:(?:\s.*)?$|^\s+-\s+\S.*$|^\s*$|^---+\s*$"
)
_NEXT = seldom(r"^---+[ \t]*$|\n[ \t]*\n", re.MULTILINE)
_NESTED = seldom(r"^(?:\s*-\s+[\w-]+\s*:|\S[^:\n]*:\s*$\n(?:\s+\S.*\n?)+)", re.MULTILINE)
_BLOCK = seldom(
    r"^[ \t]*resource[ \t]+\"(?P<kind>[\w-]+)\"[ \t]+\"(?P<name>[\w-]+)\"[ \t]*\{(?P<body>[^{}]*)\}[ \t]*$",
    re.MULTILINE,
)
_ASSIGNED = seldom(r"^[ \t]*(?P<key>\w+)[ \t]*=[ \t]*(?P<value>\S.*?)[ \t]*,?$", re.MULTILINE)
_VERSIONED = seldom(r"^([a-z]+)-(\d[\d.]*)$", re.IGNORECASE)
# Who asks about a snippet, or tells whose it is, wants nothing of it made.
_ASKING = seldom(
    r"^\W*(?:what|why|how|when|where|who|which|is|are|does|do|did|explain|check|review|validate|lint|convert|translate|"
    r"fix|debug|compare|describe|summari[sz]e)\b|"
    r"\b(?:says?|said|wrote|contains?|found|prints?|printed|currently|already|right now|at the moment)\b",
    re.IGNORECASE,
)
_CALLED = seldom(
    r"\b(?:this|the|that|a|my|following)(?: following)?(?: (?:docker[- ])?(?:compose|ya?ml|json|terraform|hcl|tf))"
    r"(?: (?:file|snippet|block|config|spec|definition))?\b",
    re.IGNORECASE,
)
# Fields that only hold others, those that say what is so anyway, and those of what runs there.
_WRAPPERS = frozenset(
    "specs spec resources limits requests size hardware deploy network networking".split()
)
_ANYWAY = frozenset("restart container_name".split())
_PROGRAMS = frozenset("engine software dbms product flavor flavour runs".split())
_PORTS = frozenset("port ports expose".split())
_PUBLIC = frozenset("public_ip public publicip".split())
_LONGEST_KEY = 3
_MOST_LINES = 150
_LISTED = frozenset("services resources vms servers machines instances items stack".split())
_OF_SERVICES = frozenset("image build ports environment depends_on".split())


@dataclass(frozen=True, slots=True)
class _Snippet:
    """What stands in a message as a document, and where."""

    start: int
    end: int
    data: Any
    foreign: bool = False  # written for another program


def in_words(message: str, means: Callable[[str], bool]) -> str:
    """The message with its snippet as wishes, or as it is. `means` tells words of the vocabulary."""
    if not ("{" in message or ":" in message):
        return message
    plain = _FENCE.sub("", message)
    for found in _snippets(plain):
        own = plain[: found.start] + plain[found.end :]
        bare = not _LETTER.search(own)
        if _ASKING.search(own) or (bare and found.foreign) or _is_foreign(found.data, bare=bare):
            continue
        wishes = list(_wishes(found.data, means))
        if wishes and all(wishes):
            before, _ = led(_CALLED.sub("this", plain[: found.start]).rstrip())
            told = "\n".join(f"{wish}." for wish in wishes)
            return f"{before}\n{told}\n{plain[found.end :].lstrip()}".strip()
    return message


# ── what is there ────────────────────────────────────────────────────────────────────────────────────


def _snippets(text: str) -> Iterator[_Snippet]:
    yield from _blocks(text)
    yield from _objects(text)
    yield from _documents(text)


def _blocks(text: str) -> Iterator[_Snippet]:
    found = list(_BLOCK.finditer(text))
    records = [
        {
            "kind": block["kind"],
            "name": block["name"],
            **{pair["key"]: _scalar(pair["value"]) for pair in _ASSIGNED.finditer(block["body"])},
        }
        for block in found
    ]
    if found:
        yield _Snippet(found[0].start(), found[-1].end(), records, foreign=True)


def _objects(text: str) -> Iterator[_Snippet]:
    start = min((n for n in (text.find("{"), text.find("[")) if n >= 0), default=-1)
    if start < 0:
        return
    try:
        data, length = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return
    yield _Snippet(start, start + length, data, foreign=True)


def _documents(text: str) -> Iterator[_Snippet]:
    """Lines that are YAML: the last of them are tried without what leads to them."""
    lines = text.split("\n")
    first = next((n for n, line in enumerate(lines) if line.strip() and _ENTRY.match(line)), None)
    if first is None:
        return
    if len(lines[first].partition(":")[0].split()) > _LONGEST_KEY:
        first += 1  # "here is what we want:" leads to the document
    last = first
    while last < len(lines) and _ENTRY.match(lines[last]):
        last += 1
    if last - first > _MOST_LINES:
        return
    for begin in (first, first + 1):  # "pls build:" may look like a field itself
        part = "\n".join(lines[begin:last])
        start = len("\n".join(lines[:begin])) + bool(begin)
        several = [piece for piece in _NEXT.split(part) if piece.strip()]
        for pieces in ([part] if _NESTED.search(part) else [], several if len(several) > 1 else []):
            data = [_read(piece) for piece in pieces]
            if data and all(isinstance(each, dict | list) for each in data):
                yield _Snippet(start, start + len(part), data if len(data) > 1 else data[0])


def _read(document: str) -> Any:
    try:
        return read_yaml(document)
    except AlmaError:
        return None


def _scalar(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip("\"'")


def _is_foreign(data: Any, *, bare: bool) -> bool:
    """Whether a document is a whole blueprint, or nothing but another program's."""
    keys = data.keys() if isinstance(data, dict) else set()
    return "resources" in keys or "apiVersion" in keys or (bare and "services" in keys)


# ── what it asks for ─────────────────────────────────────────────────────────────────────────────────


def _wishes(data: Any, means: Callable[[str], bool]) -> Iterator[str]:
    """Each thing of the document as a wish, an empty one for what is not understood."""
    for record in _records(data, kind=None):
        yield _wish(record, means) if record else ""


def _records(data: Any, *, kind: str | None) -> Iterator[Mapping[str, Any]]:
    if isinstance(data, list):
        for entry in data:
            yield from _records(entry, kind=kind)
    elif not isinstance(data, dict):
        yield {}
    elif _is_record(data):
        yield {**({"kind": kind} if kind else {}), **data}
    else:
        for key, value in data.items():
            yield from _under(str(key), value, kind)


def _under(key: str, value: Any, kind: str | None) -> Iterator[Mapping[str, Any]]:
    """What stands under a key: things of that kind, or one that is called so."""
    if isinstance(value, list) or (isinstance(value, dict) and not _is_record(value)):
        yield from _records(value, kind=kind if key in {"resources", "items", "stack"} else key)
    elif not isinstance(value, dict):
        yield {"kind": key, "count": value} if isinstance(value, int) else {}
    elif kind in _LISTED:
        named = {"name": key, **value}
        services = kind == "services" and _OF_SERVICES & value.keys()
        yield {"kind": "service", **named} if services else named
    else:
        yield {"kind": key, **value}


def _is_record(data: Mapping[Any, Any]) -> bool:
    """Whether the values are those of one thing."""
    return bool(data) and any(
        heading(str(key)) or key in _PROGRAMS or key in _PORTS | _PUBLIC | {"build"} for key in data
    ) and not all(isinstance(value, dict) for value in data.values())  # fmt: skip


def _wish(record: Mapping[str, Any], means: Callable[[str], bool]) -> str:
    fields = dict(_fields(record))
    if "" in fields:
        return ""
    kind = _singular(fields.pop("kind", "").replace("_", " "))
    program, image = fields.pop("program", ""), fields.pop("os", "")
    image = _VERSIONED.sub(r"\1 \2", image)
    known = bool(kind) and all(means(word) for word in re.split(r"[\s-]+", kind.casefold()))
    if kind and not known:
        return ""
    served = kind in {"service", "container", "app"}
    if image and not program and served and image.isalpha() and means(image.casefold()):
        program, image = image, ""
    source = f"from image {image}" if image and (served or ":" in image or "/" in image) else ""
    more = [fields.pop(key) for key in ("port", "public") if key in fields]
    what = " ".join(part for part in (program, fields.pop("version", ""), kind) if part)
    cells = {**fields, "kind": what} | ({"os": image} if image and not source else {})
    told = row({key: value for key, value in cells.items() if value}, means)
    if not told:
        return ""
    joint = ", " if " with " in told else " with "
    return (f"{told} {source}" if source else told) + "".join(
        f"{joint if not n and not source else ', '}{part}" for n, part in enumerate(more)
    )


def _fields(record: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each field by what it is, an empty one where that is not known."""
    for name, value in record.items():
        key = str(name).casefold().replace("-", "_")
        if isinstance(value, dict) and key in _WRAPPERS:
            yield from _fields(value)
        elif key in _PORTS:
            yield from _ports(value if isinstance(value, list) else [value])
        elif key in _PUBLIC and isinstance(value, bool):
            yield ("public", "a public ip" if value else "")
        elif isinstance(value, dict | list):
            yield ("", "")
        elif value is None or key in _ANYWAY:
            continue
        else:
            yield (_named(key), str(value))


def _named(key: str) -> str:
    if key in _PROGRAMS or key == "version":
        return "version" if key == "version" else "program"
    return heading(key.replace("_", " ")) or ""


def _ports(values: Sequence[Any]) -> Iterator[tuple[str, str]]:
    ends = [str(value).split(":") for value in values]
    same = all(len(set(pair)) == 1 and pair[0].isdigit() for pair in ends)
    numbers = " and ".join(pair[0] for pair in ends)
    yield ("port", f"port{'s' * (len(ends) > 1)} {numbers}") if same and ends else ("", "")


def _singular(kind: str) -> str:
    return kind[:-1] if kind.endswith("s") and not kind.endswith("ss") else kind
