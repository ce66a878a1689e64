"""How often backups are made and how long they are kept: "every night", "at 2am", "keep 14"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.vocabulary.gazetteer import Item, Sort
from alma.core.language.words.tokens import Kind
from alma.core.model.base import Json

DAYS = {
    "day": 1,
    "days": 1,
    "week": 7,
    "weeks": 7,
    "month": 30,
    "months": 30,
    "year": 365,
    "years": 365,
}
KEEPING = {"keep", "keeping", "kept", "retain", "retaining"}
_SCHEDULES = ("hourly", "daily", "weekly", "monthly")
_CLOCK = re.compile(r"^(\d{1,2})(?::(\d\d))?(am|pm)$")
_ENDS = {";", "\n", "."}
_PAID = {
    "cost",
    "budget",
    "price",
    "limit",
    "eur",
    "euro",
    "euros",
    "usd",
    "dollar",
    "dollars",
    "bucks",
    "spend",
}


class Schedules:
    """The part of a clause's reading that is about backups."""

    items: Sequence[Item]
    backed_up: bool

    def _at(self, index: int) -> Item | None:
        return self.items[index] if 0 <= index < len(self.items) else None

    def _norm(self, index: int) -> str:
        item = self._at(index)
        return item.norm if item else ""

    def _backup(self, index: int) -> dict[str, Json]:
        """What is said of the backup there: first in its own sentence, then anywhere it can be meant."""
        found: dict[str, Json] = {"enabled": True}
        own = self._sentence(index)
        if clock := self._clock():
            found["schedule"] = clock
        elif (schedule := self._often(own) or self._often(self.items)) is not None:
            found["schedule"] = schedule
        days = self._retained(own) or self._retained(self.items)
        if days is None and (kept := self._kept()) is not None:
            days = kept * (7 if found.get("schedule") == "weekly" else 1)
        if days is not None:
            found["retention_days"] = days
        return found

    def _sentence(self, index: int) -> Sequence[Item]:
        """The items between the ends of sentences or lines around a place."""
        start = end = index
        while start > 0 and self.items[start - 1].norm not in _ENDS:
            start -= 1
        while end < len(self.items) and self.items[end].norm not in _ENDS:
            end += 1
        return self.items[start:end]

    @staticmethod
    def _often(items: Sequence[Item]) -> str | None:
        """How often; `600 euros per month` says what may be paid."""
        said = [
            schedule
            for before, item in pairwise([None, *items])
            if item is not None
            and (schedule := item.id_of(Sort.MODIFIER)) in _SCHEDULES
            and not (before is not None and _is_paid(before))
        ]
        return said[-1] if said else None

    def _retained(self, items: Sequence[Item]) -> int | None:
        """For how many days; of several, the last."""
        found = None
        for number, unit in pairwise(items):
            days = DAYS.get(unit.tokens[0].text.casefold())
            if number.kind is Kind.NUMBER and days and self.backed_up:
                found = int(number.tokens[0].value or 0) * days
        return found

    def _kept(self) -> int | None:
        """`backups daily, keep 14`: so many of them, which is so many days of daily ones."""
        for word, number in pairwise(self.items):
            if word.norm in KEEPING and number.kind is Kind.NUMBER and self.backed_up:
                return int(number.tokens[0].value or 0) or None
        return None

    def _clock(self) -> str | None:
        """`at 2am`, `every 6 hours`, as the line of a crontab."""
        for index, item in enumerate(self.items):
            words = [self._norm(near) for near in range(index, index + 3)]
            if words[0] == "every" and words[2] in {"hour", "hours"} and words[1].isdigit():
                return f"0 */{words[1]} * * *" if 0 < int(words[1]) < 24 else None
            if match := _CLOCK.match(item.text.casefold()):
                hour = int(match[1]) % 12 + 12 * (match[3] == "pm")
                return f"{int(match[2] or 0)} {hour} * * {'0' if self._weekly() else '*'}"
        return None

    def _weekly(self) -> bool:
        return any(item.id_of(Sort.MODIFIER) == "weekly" for item in self.items)


def _is_paid(item: Item) -> bool:
    return item.kind is Kind.MONEY or item.norm in _PAID
