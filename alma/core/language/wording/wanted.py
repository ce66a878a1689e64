"""Tables of what is and what shall be: `| VM | now | wanted |`, `host ; current RAM ; new RAM`.

What a column of new values is about is said by its own heading, by a column beside it, or before the table ("change the
cores like this"). Each row is told as the change that it asks for; the values that are there already order nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.words.seldom import seldom

_NEW = r"(?:new|wanted|want|wish(?:ed)?|target|desired|goal|after|to|to be|future|needed|should be|should|then)"
_OLD = r"(?:now|current(?:ly)?|old|before|today|from|as is|is|present|existing|actual|so far|at the moment|has)"
_VALUE = r"(?:value|size|number|count|amount|setting|state)"
_ATTRIBUTES = {
    "cores": r"v?cpus?|v?cores?|processors?|cpu cores",
    "memory": r"ram|mem(?:ory)?",
    "disk": r"disks?|storage|ssd|disk space|disk size",
    "nodes": r"nodes|workers",
    "instances": r"instances|replicas|copies|count",
    "name": r"names?|rename|renaming",
}
_ANY = "|".join(_ATTRIBUTES.values())
_WANTED = seldom(
    rf"(?:{_NEW}(?: (?:{_VALUE}|(?P<of>{_ANY})))?|(?P<after>{_ANY}) ?\(?{_NEW}\)?)", re.IGNORECASE
)
_PRESENT = seldom(rf"(?:{_OLD}(?: (?:{_VALUE}|{_ANY}))?|(?:{_ANY}) ?\(?{_OLD}\)?)", re.IGNORECASE)
_SETTING = seldom(r"(?:what|setting|property|attribute|resource|spec|field|change)", re.IGNORECASE)
_SAID = seldom(rf"\b(?:{_ANY})\b", re.IGNORECASE)
_BARE = seldom(r"\d+(?:\.\d+)?")
_FEWEST = 2
_NOTHING = {"", "-", "–", "—", "n/a", "same", "unchanged", "="}


def as_changes(rows: Sequence[Sequence[str]], before: str) -> list[str] | None:
    """The rows of a table of changes as orders, the text `before` it without the words that only lead to it first;
    None for any other table."""
    if len(rows) < _FEWEST:
        return None
    wanted = {
        n: found for n, cell in enumerate(rows[0]) if n and (found := _WANTED.fullmatch(cell))
    }
    there = any(map(_PRESENT.fullmatch, rows[0]))
    own = any(found["of"] or found["after"] for found in wanted.values())
    if not wanted or not (there or own):
        return None
    setting = next((n for n, cell in enumerate(rows[0]) if n and _SETTING.fullmatch(cell)), None)
    said = _SAID.findall(before)
    orders: list[str] = []
    for cells in rows[1:]:
        for place, found in wanted.items():
            about = found["of"] or found["after"] or (cells[setting] if setting else None)
            about = about or (said[-1] if said else None)
            if about is None:
                return None
            if cells[place].casefold() not in _NOTHING:
                orders.append(_order(cells[0], _plain(about), cells[place]))
    return [*filter(None, (_without_lead(before),)), *orders] if orders else None


def _plain(about: str) -> str:
    return next(
        (name for name, words in _ATTRIBUTES.items() if re.fullmatch(words, about, re.IGNORECASE)),
        about.casefold(),
    )


def _order(name: str, about: str, value: str) -> str:
    if about == "name":
        return f"rename {name} to {value}."
    if about == "instances" and _BARE.fullmatch(value):
        return f"scale {name} to {value}."
    sized = about in {"memory", "disk"} and _BARE.fullmatch(value)
    return f"set the {about} of '{name}' to {value}{'GB' if sized else ''}."


def _without_lead(before: str) -> str:
    """The text before a table without its last sentence, which only leads to it."""
    return re.sub(r"(?:^|(?<=[.!?\n]))[^.!?\n]*[:.!]?\s*$", "", before.rstrip()).rstrip()
