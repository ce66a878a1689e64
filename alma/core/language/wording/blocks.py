"""Forms that are no tables: blocks of fields under a heading, numbers before sizes, sizes in brackets.

`web:` with `count: 3` and `cpu: 2` below it, `api: 2 x 4 vCPU, 8 GB`, `3 app (4/8)`, `Quantity 3, type VM` are told as
what they ask for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from alma.core.language.wording.columns import heading, row
from alma.core.language.words.seldom import seldom

_TITLE = seldom(r"^(?P<indent>\s*)(?:[-*•]\s*)?(?P<title>[A-Za-z][\w .-]{0,30}?)\s*:\s*$")
_FIELD = seldom(
    r"^(?P<indent>\s*)(?:[-*•]\s*)?(?P<key>[A-Za-z][\w ()-]{0,24}?)\s*[:=]\s*(?P<value>\S.*)$"
)
_PROGRAM = seldom(r"engine|software|dbms|flavou?r|product|image|runs", re.IGNORECASE)
_UNIT = r"v?(?:cpus?|cores?)\b"
_TIMES = seldom(
    rf"(?P<before>^|[;\n,.]\s*(?:[-*•]\s*)?)(?P<label>[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)?)"
    rf"\s*:\s*(?P<n>\d{{1,3}})\s*[x×*]\s*"
    rf"(?=\d+(?:\.\d+)?\s*{_UNIT})",
    re.IGNORECASE,
)
_NUMBERED = seldom(
    r"(?P<before>^|\n)\s*(?:[-*•]\s*)?(?P<label>[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)?)"
    r"\s*(?:[-–:]\s*(?P<nos>\d{1,3})\s*(?:nos?|pcs|units?|x)\b\.?\s*[-–:,]|"
    r"[x×]\s*(?P<n>\d{1,3})\s*(?:->|=>|→|:|-|–|=))\s*",
    re.IGNORECASE,
)
_LETTERED = seldom(r"\b(?P<what>oracle(?: db| database)?) (?P<version>\d{2})c\b", re.IGNORECASE)
_TIMES_IN = seldom(
    rf"(?<![\d-])\b(?P<label>[A-Za-z][\w-]*)\s*\(\s*(?P<n>\d{{1,3}})\s*[x×*]\s*(?=\d+(?:\.\d+)?\s*{_UNIT})",
    re.IGNORECASE,
)
_BRACKETS = seldom(
    r"\(\s*(?P<cpu>\d{1,3})\s*/\s*(?P<memory>\d{1,4})(?:\s*/\s*(?P<disk>\d{1,5}))?\s*\)"
)
_QUANTITY = seldom(
    r"\b(?:quantity|qty)\s*[:=]?\s*(?P<n>\d{1,3})\s*[,;]\s*(?:(?:type|kind|what)\s*[:=]?\s*)?",
    re.IGNORECASE,
)
_FEWEST = 2
_OTHER = frozenset(
    "backup backups budget region environment owner network networks contact".split()
)


def in_blocks(message: str, means: Callable[[str], bool]) -> str:
    """The message with such forms as wishes. `means` tells words of the vocabulary."""
    message = _blocks(message, means)
    message = _LETTERED.sub(r"\g<what> \g<version>", message)
    message = _NUMBERED.sub(_as_number, message)
    message = _QUANTITY.sub(r"\g<n> ", message)
    message = _TIMES_IN.sub(r"\g<n> \g<label> (", message)
    message = _TIMES.sub(r"\g<before>\g<n> \g<label> with ", message)
    return _BRACKETS.sub(_sizes, message)


def _as_number(found: re.Match[str]) -> str:
    return f"{found['before']}{found['nos'] or found['n']} {found['label']} with "


def _sizes(found: re.Match[str]) -> str:
    disk = f", {found['disk']}GB disk" if found["disk"] else ""
    return f"({found['cpu']} cores, {found['memory']}GB memory{disk})"


def _blocks(message: str, means: Callable[[str], bool]) -> str:
    lines = message.split("\n")
    if len(lines) <= _FEWEST:
        return message
    out: list[str] = []
    index = 0
    while index < len(lines):
        told, used = _block(lines, index, means)
        out.append(told or lines[index])
        index += used if told else 1
    return "\n".join(out)


def _block(lines: Sequence[str], index: int, means: Callable[[str], bool]) -> tuple[str, int]:
    """What the block that begins there asks for, and how many lines it has; nothing where none does."""
    title = _TITLE.match(lines[index])
    if title is None or title["title"].casefold() in _OTHER:
        return "", 1
    fields: dict[str, str] = {}
    end = index + 1
    while end < len(lines) and (field := _FIELD.match(lines[end])) is not None:
        if len(field["indent"]) <= len(title["indent"]):
            break
        what = _kind(field["key"])
        if what is None or what in fields:
            return "", 1
        fields[what] = field["value"].strip()
        end += 1
    if not fields:
        return "", 1
    return f"{_told(title['title'], fields, means)}.", end - index


def _kind(key: str) -> str | None:
    return "program" if _PROGRAM.fullmatch(key) else heading(key)


def _told(title: str, fields: Mapping[str, str], means: Callable[[str], bool]) -> str:
    """One wish: the title is what it is where it means something, and what it is called where it does not."""
    known = all(means(word) for word in re.split(r"[\s-]+", title.casefold()))
    program, kind = fields.get("program", ""), fields.get("kind", "")
    what = " ".join(part for part in (program, kind or (title if known else "")) if part)
    cells = {**{k: v for k, v in fields.items() if k != "program"}, "kind": what}
    if not known:
        cells.setdefault("name", title)
    return row({k: v for k, v in cells.items() if v}, means)
