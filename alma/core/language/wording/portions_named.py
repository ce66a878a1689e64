"""Several that were counted and named, and then told one by one: `two vms, athena and zeus - zeus with 32GB, the other
8`, `two postgres, main and archive. main: 32 GB. archive: 8 GB`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.wording.listing import parts_of
from alma.core.language.words.amounts import AMOUNT, UNIT
from alma.core.language.words.seldom import seldom

_NAME = r"['\"]?(?!(?:with|each|both|all|in|on|for|the|an?|one|two|three|and|at|of|running)(?![\w-]))[a-z][\w-]*['\"]?"
_NAMES = seldom(
    rf"^\s*(?:,?\s*(?:please|in total|total)\b)?\s*(?:[,:(–—-]\s*)?(?:(?:called|named)\s+)?"
    rf"(?P<names>{_NAME}(?:\s*,\s*{_NAME})*\s*,?\s*(?:and|&)\s+{_NAME})\s*\)?(?=\s*(?:[.;,\n–—-]|$|with\b))",
    re.IGNORECASE,
)
_OTHERS = r"(?:the )?(?:rest|others?|other (?:one|ones|two|three|four)|remaining(?: ones?)?)"
_TELLING = (
    r"\s*(?::|=|\bwith\b|\bgets?\b|\bhas\b|\bneeds?\b|\bis\b|\bat\b|\bon\b|\bshould (?:have|get|be)\b|"
    r"\bruns?\b|\bfor\b|(?=\s\d))"
)
_LINKING = {"on": "on", "runs": "running", "run": "running", "for": "for"}
_WITH_UNIT = seldom(rf"\b\d+(?:\.\d+)?\s?(?P<unit>{UNIT})(?![\w-])", re.IGNORECASE)
_BARE = seldom(r"^(?P<n>\d+(?:\.\d+)?)(?=\W*$)")


_RESPECTIVELY = seldom(
    rf"^\s*(?:,\s*)?(?:with|having|at)\s+(?P<all>{AMOUNT}(?:\s*(?:,|and|,\s*and)\s*{AMOUNT})+),?\s*respectively\b",
    re.IGNORECASE,
)


# "Both MySQL 8, the first with 32GB": what all of them are, and which is told of.
_ALIKE = seldom(
    r"^\s*,?\s*(?:both|all|each)(?: of them)?\s+(?:running\s+)?"
    r"(?P<what>(?!(?:with|on|at|in|have|of|for)\b)[a-z]\w*"
    r"(?:\s+\d[\d.]*)?)(?=\s*[,;.–—-])",
    re.IGNORECASE,
)
_ORDINALS = "first|second|third|fourth".split("|")
_NTH = seldom(r"\bthe (?P<nth>first|former|second|latter|third|fourth)(?: one)?\b", re.IGNORECASE)


def by_name(rest: str, count: int, single: str) -> str | None:
    """What is told of each by its name; None where no names are given, or nothing is told of any of them."""
    listed = _NAMES.match(rest)
    if listed is None:
        return None
    names = [name.strip("'\"") for name in parts_of(listed["names"])]
    if len(names) != count or len({name.casefold() for name in names}) != count:
        return None
    after = rest[listed.end() :]
    if (each := _RESPECTIVELY.match(after)) is not None:
        return _in_order(each, names, single, after[each.end() :])
    alike = _ALIKE.match(after)
    told = _told(_by_place(after[alike.end() :] if alike is not None else after, names), names)
    if told is None:
        return None
    single = f"{alike['what']} {single}" if alike is not None else single
    return ", ".join(f"1 {single} called {name}{told.get(name.casefold(), '')}" for name in names)


def _by_place(text: str, names: Sequence[str]) -> str:
    """`the first with 32GB` by the name of the first."""

    def name(found: re.Match[str]) -> str:
        nth = found["nth"].casefold()
        place = {"former": 0, "latter": len(names) - 1}.get(nth)
        place = _ORDINALS.index(nth) if place is None else place
        return names[place] if place < len(names) else found[0]

    return _NTH.sub(name, text)


def _in_order(each: re.Match[str], names: Sequence[str], single: str, rest: str) -> str | None:
    """`named a and b with 20GB and 60GB respectively`: as many amounts as names, in their order."""
    amounts = re.findall(AMOUNT, each["all"], re.IGNORECASE)
    if len(amounts) != len(names):
        return None
    said = zip(names, amounts, strict=True)
    return ", ".join(f"1 {single} called {name} with {amount}" for name, amount in said) + rest


def _told(text: str, names: Sequence[str]) -> dict[str, str] | None:
    """What is said of each name, by the name in small letters; of the others, too."""
    every = "|".join(map(re.escape, names))
    subject = seldom(
        rf"(?:^|[.;,\n–—-]|\b(?:and|but|while))\s*(?:(?P<amount>{AMOUNT}|\d+)\s+for\s+)?"
        rf"(?:(?P<name>{every})|(?P<others>{_OTHERS}))\b(?(amount)|(?P<link>{_TELLING}))",
        re.IGNORECASE,
    )
    found = list(subject.finditer(text))
    if not any(each["name"] for each in found) or text[: found[0].start()].strip(" .,;–—-\n"):
        return None
    said: dict[str, str] = {}
    unit: str | None = None
    left: str | None = None
    for number, each in enumerate(found):
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        what, unit = _said(each, text[each.end() : end], unit)
        if each["others"]:
            left = what
        else:
            said[each["name"].casefold()] = what
    if left is not None:
        said = {**{name.casefold(): left for name in names}, **said}
    return said


def _said(found: re.Match[str], after: str, unit: str | None) -> tuple[str, str | None]:
    """What follows a name, with the unit that an earlier amount had."""
    text = (found["amount"] or after).strip(" ,;.–—-\n")
    if unit is not None:
        text = _BARE.sub(rf"\g<n> {unit}", text)
    unit = next((each["unit"] for each in _WITH_UNIT.finditer(text)), unit)
    link = _LINKING.get((found["link"] or "").strip().casefold(), "with")
    return (f" {link} {text}" if text else ""), unit
