"""Tables as people paste them: rows of cells, with or without a heading, each row told as one wish.

`web | 2 | 4GB` says nothing by the order of its words; what a cell means is told by its heading, or by its shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from alma.core.language.wording.rows import named_rows
from alma.core.language.wording.wanted import as_changes
from alma.core.language.words.seldom import seldom

_FEWEST_ROWS, _FEWEST_CELLS, _FEWEST_OF_CHANGES = 2, 3, 2
_RULE = re.compile(r"^[\s|+:=-]*$")
_SPLITS = (
    re.compile(r"\s*\|\s*"),
    re.compile(r"\t+"),
    re.compile(r" {2,}"),
    re.compile(r"\s*[;,]\s*"),
)
_HEADINGS: Mapping[str, re.Pattern[str]] = {
    what: re.compile(rf"(?:{words})", re.IGNORECASE)
    for what, words in {
        "count": r"#|qty|quantity|count|number(?: of .*)?|instances?|replicas?|amount|how many|units?|nodes?",
        "cpu": r"v?cpus?|v?cores?|processors?|cpu \(?cores\)?",
        "memory": r"ram|mem(?:ory)?(?: ?\(?gi?b\)?)?|ram ?\(?gi?b\)?",
        "disk": r"disk|storage|ssd|hdd|disk ?\(?gi?b\)?|storage ?\(?gi?b\)?|volume",
        "os": r"os|operating system|image|distro|template|system",
        "name": r"name|host(?:name)?|vm ?name|server ?name|id",
        "program": r"engine|dbms|product|flavou?r|database engine|db engine",
        "version": r"version|release",
        "address": r"ip|ip ?address|address|ipv4|private ip",
        "port": r"ports?",
        "kind": r"type|kind|role|component|service|server|what|purpose|software|app(?:lication)?|tier|resource|machine|"
        r"vm",
    }.items()
}  # fmt: skip
_SIZE = re.compile(r"\d+(?:\.\d+)?\s*(?:[kmgt]i?b?|gigs?)", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,4}")
_WORDING = {
    "cpu": "{} cores",
    "memory": "{} memory",
    "disk": "{} disk",
    "os": "{}",
    "address": "ip {}",
    "port": "port {}",
}
# "Please set up the following VMs:", before rows that are the VMs.
_LED = re.compile(
    r"(?:\b(?:the|these|those|this|some|a few|all|following|below|new|\d{1,2}|two|three|four|five|six|seven|eight) )*"
    r"\b(?P<noun>vms?|virtual machines?|machines?|servers?|hosts?|instances?|boxes|resources|things|systems|services|"
    r"containers|databases|components|items|ones|list|table)"
    r"(?: (?:(?:listed |as )?below|as follows|for us|please|(?:from|in|of|as in|per) (?:the|this|my|our) "
    r"(?:following )?(?:list|table|sheet)(?: below)?|with (?:these|the following) (?:specs?|sizes|settings)))*"
    r"\s*[:.?!-]*\s*$",
    re.IGNORECASE,
)
# "… these, both are VMs on Proxmox:": what the rows are, and no further things.
_ALIKE = seldom(
    r"\s*[,;(–—-]\s*(?:(?:they|these|those) are )?"
    r"(?:both|all(?: (?:two|three|four|five|six|\d{1,2}|of them|of these))?)"
    r"(?: of them| of these)?(?: are| being| as)? (?:new |plain |separate )?"
    r"(?P<noun>vms|virtual machines|machines|servers|containers|lxcs|databases|services)\b\)?",
    re.IGNORECASE,
)
_LED_KINDS = {
    "services": "service",
    "containers": "container",
    "lxcs": "container",
    "databases": "database",
}
_NOTHING = {"", "-", "–", "n/a", "none", "0"}


def as_wishes(message: str, means: Callable[[str], bool]) -> str:
    """The message with every row of a table as a wish of its own. `means` tells words of the vocabulary."""
    lines = message.split("\n")
    if len(lines) < _FEWEST_ROWS:
        return message
    for split in _SPLITS:
        rows = [_cells(line, split) for line in lines]
        table = [n for n, row in enumerate(rows) if len(row) >= _FEWEST_CELLS]
        widths = {len(rows[n]) for n in table}
        whole = table and table == [n for n in range(table[0], table[-1] + 1) if rows[n]]
        if (changes := _changes(lines, rows)) is not None:
            return changes
        if len(table) >= _FEWEST_ROWS and whole and len(widths) == 1:
            before, kind = led("\n".join(lines[: table[0]]))
            told = _told([rows[n] for n in table], means, kind)
            if told is not None:
                return "\n".join([*([before] if before else []), *told, *lines[table[-1] + 1 :]])
    return named_rows(message, means)


def _changes(lines: Sequence[str], rows: Sequence[Sequence[str]]) -> str | None:
    """The message with a table of changes as orders; None where there is none."""
    table = [n for n, row in enumerate(rows) if len(row) >= _FEWEST_OF_CHANGES]
    if len(table) < _FEWEST_ROWS or len({len(rows[n]) for n in table}) > 1:
        return None
    before = "\n".join(lines[: table[0]])
    told = as_changes([rows[n] for n in table], before)
    return None if told is None else "\n".join([*told, *lines[table[-1] + 1 :]])


def led(before: str) -> tuple[str, str]:
    """The text before rows without the general noun that stands for them, and what kind of things that makes them."""
    alike = _ALIKE.search(before)
    before = _ALIKE.sub("", before) if alike else before
    if alike and (kind := _LED_KINDS.get(alike["noun"].casefold())):
        return before, kind
    found = _LED.search(before.rstrip())
    if found is None:
        return before, ""
    return before[: found.start()].rstrip() + ":", _LED_KINDS.get(found["noun"].casefold(), "")


def _cells(line: str, split: re.Pattern[str]) -> list[str]:
    plain = line.strip()
    if _RULE.match(plain):
        return []
    cells = [cell.strip(" *`_") for cell in split.split(plain)]
    begin, end = plain.startswith("|"), plain.endswith("|")
    return cells[begin : len(cells) - end] if "|" in split.pattern else cells


def _told(
    rows: Sequence[Sequence[str]], means: Callable[[str], bool], kind: str
) -> list[str] | None:
    heads = [heading(cell) for cell in rows[0]]
    known = [head for head in heads if head is not None]
    headed = len(known) > len(heads) / 2 and len(set(known)) == len(known)
    shapes = _shapes(rows) if not headed else None
    if headed:
        rows = rows[1:]
    elif shapes is None:
        return None
    columns = heads if headed else shapes or []
    if kind and "kind" not in columns:
        rows, columns = [(*cells, kind) for cells in rows], [*columns, "kind"]
    found = [row(dict(zip(columns, cells, strict=True)), means) for cells in rows]
    return [f"{wish}." for wish in found if wish] if all(found) and found else None


def heading(cell: str) -> str | None:
    """What a heading or the name of a field says of its values: `cpu`, `memory`, `count` …"""
    return next((what for what, words in _HEADINGS.items() if words.fullmatch(cell)), None)


def _shapes(rows: Sequence[Sequence[str]]) -> list[str | None] | None:
    """What columns without a heading are: first what it is, whole numbers are how many and then cores, sizes are
    memory and then disk; None where they are anything else."""
    columns = list(zip(*rows, strict=True))
    if any(
        _NUMBER.fullmatch(cell) or _SIZE.fullmatch(cell) or len(cell.split()) > 2
        for cell in columns[0]
    ):
        return None
    numbers, sizes = iter(("count", "cpu")), iter(("memory", "disk"))
    found: list[str | None] = ["kind"]
    for column in columns[1:]:
        if all(_NUMBER.fullmatch(cell) for cell in column):
            found.append(next(numbers, None))
        elif all(_SIZE.fullmatch(cell) for cell in column):
            found.append(next(sizes, None))
        else:
            return None
    return found if None not in found else None


def row(said: Mapping[str | None, str] | Mapping[str, str], means: Callable[[str], bool]) -> str:
    """One wish, by what its cells are; nothing where neither a thing nor a name is among them."""
    cells = {what: cell for what, cell in said.items() if what and cell.casefold() not in _NOTHING}
    kind, name = _what(cells), cells.get("name")
    if kind is None and name is not None and means(name.casefold()):
        kind, name = name, None  # "mysql" in a column of hosts is what runs there
    elif (
        kind is not None
        and name is None
        and not any(means(word) for word in kind.casefold().split())
    ):
        kind, name = None, kind
    number = cells.get("count", "1")
    amounts = [
        _WORDING[what].format(_sized(what, cell))
        for what, cell in cells.items()
        if what in _WORDING
    ]
    if kind is None and name is None:
        return ""
    thing = f"{number} {kind or 'vm'}" + (f" named {name}" if name else "")
    return f"{thing} with {', '.join(amounts)}" if amounts else thing


def _what(cells: Mapping[str, str]) -> str | None:
    """`mysql 8 database`: the software, its version, and what kind of thing it is."""
    program, kind = cells.get("program"), cells.get("kind")
    version = cells.get("version") if program or kind else None
    after = kind if program else None
    return " ".join(part for part in (program or kind, version, after) if part) or None


def _sized(what: str, cell: str) -> str:
    bare = what in {"memory", "disk"} and _NUMBER.fullmatch(cell)
    return f"{cell}GB" if bare else re.sub(r"\s*(?:v?cpus?|cores?)$", "", cell, flags=re.IGNORECASE)
