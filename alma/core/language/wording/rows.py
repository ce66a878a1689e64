"""Rows without a heading that begin with a name: `app-01 / VM / Ubuntu / 4 vCPU / 8 GB`.

They need not be equally long: every cell tells by itself what it is, a kind of thing, software, or an amount with its
unit.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.words.systems import SYSTEM

_SPLIT = re.compile(r"\s+/\s+|\s*\|\s*|\t+|\s*;\s*|\s*,\s*| {2,}|\s+[–—-]\s+")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")
_NAME = re.compile(r"[A-Za-z]\w*(?:[-_.]\w+)*\d\w*|[A-Za-z]\w*(?:-\w+)+")
_KIND = re.compile(
    r"vms?|virtual machine|machine|server|lxc|container|lxc container|service|database|db|cache|queue|cluster|"
    r"load ?balancer|lb",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    rf"{SYSTEM}\b.*",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\d+(?:\.\d+)?\s*(?:[kmgt]i?b?|gigs?|v?cpus?|v?cores?|c|nodes?|workers?|replicas?)\b"
    r"(?:\s+(?:of )?(?:ram|memory|mem|disk|ssd|hdd|storage))?",
    re.IGNORECASE,
)
_FEWEST_ROWS, _FEWEST_CELLS = 2, 3


def named_rows(message: str, means: Callable[[str], bool]) -> str:
    """The message with such rows as wishes. `means` tells words of the vocabulary."""
    lines = message.split("\n")
    told = [_told(line, means) for line in lines]
    if sum(1 for wish in told if wish) < _FEWEST_ROWS:
        return message
    return "\n".join(wish or line for wish, line in zip(told, lines, strict=True))


def _told(line: str, means: Callable[[str], bool]) -> str:
    cells = [cell.strip(" *`_.") for cell in _SPLIT.split(_BULLET.sub("", line)) if cell.strip()]
    if len(cells) < _FEWEST_CELLS or not _NAME.fullmatch(cells[0]) or means(cells[0].casefold()):
        return ""
    name, rest = cells[0], cells[1:]
    if not any(_AMOUNT.fullmatch(cell) for cell in rest):
        return ""
    if not all(_AMOUNT.fullmatch(cell) or _is_known(cell, means) for cell in rest):
        return ""
    kind = _kind(rest)
    what = [cell for cell in rest if cell not in kind]
    with_ = f" with {', '.join(what)}" if what else ""
    return f"1 {' '.join(kind) or 'vm'} named {name}{with_}."


def _is_known(cell: str, means: Callable[[str], bool]) -> bool:
    words = re.split(r"[\s-]+", cell.casefold())
    return all(means(word) or re.fullmatch(r"[\d.]+", word) for word in words) and len(words) <= 3


def _kind(cells: Sequence[str]) -> list[str]:
    """What kind of thing it is: the cell that says so, and the software before it."""
    plain = [cell for cell in cells if not _AMOUNT.fullmatch(cell) and not _SYSTEM.fullmatch(cell)]
    general = [cell for cell in plain if _KIND.fullmatch(cell)]
    software = [cell for cell in plain if cell not in general][:1]
    of_machines = any(
        re.fullmatch(r"vms?|virtual machine|server|machine|lxc.*", c, re.IGNORECASE)
        for c in general
    )
    return general[:1] if of_machines else [*software, *general[:1]]
