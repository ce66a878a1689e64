"""Whether the draft is big enough for a load, and what load it is big enough for, by the capacity model."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

from alma.core.economics.supply import (
    MOST_USERS,
    Shortage,
    Supply,
    most_users,
    shortages,
    supply_of,
)
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.sizing import Load, Sizing
from alma.core.model.units import Size
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.difference import value
from alma.core.services.answers.words import sentences, some

_NUMBER = r"(?P<number>\d[\d,. ]*\d|\d)\s*(?P<unit>k|m|thousand|million|mio|billion)?"
_USERS = re.compile(
    rf"{_NUMBER}\s*\w*\s*(?:users?|visitors?|customers?|people|players|accounts?|employees|clients|members|subscribers)\b"
)
_RATE = re.compile(
    rf"{_NUMBER}\s*(?:rps|qps|req(?:uest)?s?\s*(?:/|per|a|each)\s*s(?:ec(?:ond)?)?)\b"
)
_FACTORS = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "million": 10**6,
    "mio": 10**6,
    "billion": 10**9,
}
_ANY_ENGINE = EngineTraits(resource_types=frozenset(ResourceType))


def answer(asked: Asked, sources: Sources) -> Told:
    """Whether it is enough for the load that is said, else for how many users it is."""
    if asked.draft is None:
        return _without_draft(asked, sources)
    sizes = supply(asked.draft, sources, {item.name for item in named.resources(asked)})
    if not sizes.servers:
        return Told(
            f"{asked.draft.name} has no servers that answer requests, so there is nothing to size.",
            {"servers": 0},
        )
    load = load_in(asked.message)
    if load is None:
        return _most(asked.draft, sizes, sources.size_for)
    return _enough(asked.draft, sizes, load, sources.size_for(load))


def load_in(message: str) -> Load | None:
    """The load that a message names: `1,000 users`, `200 req/s`, `2k visitors`."""
    text = message.casefold()
    users, rate = _USERS.search(text), _RATE.search(text)
    number = _amount(users) if users else None
    per_second = _amount(rate) if rate else None
    if not number and not per_second:
        return None
    if (number or 0) > MOST_USERS or (per_second or 0) > 10**7:
        return None
    return Load(users=int(number) if number else None, requests_per_second=per_second or None)


def _amount(match: re.Match[str]) -> float:
    plain = match["number"].replace(" ", "")
    grouped = re.fullmatch(r"\d{1,3}([,.]\d{3})+", plain)
    plain = re.sub(r"[,.]", "", plain) if grouped else plain.replace(",", ".")
    try:
        return float(plain) * _FACTORS.get(match["unit"] or "", 1)
    except ValueError:
        return 0.0


def supply(draft: Blueprint, sources: Sources, wanted: Collection[str] = ()) -> Supply:
    """With what a blueprint leaves open filled in, as a plan does it."""
    return supply_of(sources.plans.resolve(draft, _ANY_ENGINE).resources, wanted)


def _enough(draft: Blueprint, sizes: Supply, load: Load, need: Sizing) -> Told:
    missing = list(_missing(sizes, need))
    what = _load(load)
    verdict = (
        f"Yes by the capacity model: {draft.name} is big enough for {what}"
        if not missing
        else f"Not by the capacity model: for {what} {draft.name} is short of {some([m for m, _ in missing])}"
    )
    return Told(
        sentences(
            [
                verdict,
                f"It takes {_needed(need, sizes)}, and has {_has(sizes)}",
                f"How that is worked out: {'; '.join(need.working)}" if need.working else "",
                _assumed(need),
            ]
        ),
        {
            "enough": not missing,
            "servers": len(sizes.servers),
            "needed": need.model_dump(mode="json"),
        },
        tuple(phrase for _, phrase in missing),
    )


def _missing(sizes: Supply, need: Sizing) -> Sequence[tuple[str, str]]:
    """What falls short, and the words that mend it."""
    return [_told_short(item) for item in shortages(sizes, need)]


def _told_short(item: Shortage) -> tuple[str, str]:
    if isinstance(item.needed, Size):
        return f"memory for {item.name}", f"Give {item.name} {item.needed} of memory"
    if item.name is not None:
        return f"CPU for {item.name}", f"Give {item.name} {item.needed} CPU"
    return plural("more server", item.needed), f"Add {plural('web server', item.needed)}"


def _most(draft: Blueprint, sizes: Supply, size_for: Callable[[Load], Sizing]) -> Told:
    """The most users for which nothing falls short."""
    low = most_users(sizes, size_for)
    if not low:
        short = some([what for what, _ in _missing(sizes, size_for(Load(users=1)))])
        return Told(
            f"By the capacity model {draft.name} is short of {short} even for a single user.",
            {"users": 0},
        )
    need = size_for(Load(users=low))
    return Told(
        sentences(
            [
                (
                    f"By the capacity model {draft.name} is enough for about {_rounded(low):,} users, "
                    f"which are {_digits(need.requests_per_second):,g} requests a second at the busiest time"
                ),
                f"It has {_has(sizes)}",
                _assumed(need),
            ]
        ),
        {"users": low, "requests_per_second": need.requests_per_second},
    )


def _rounded(users: int) -> int:
    """Two digits, downwards: the model is not finer."""
    power = max(len(str(users)) - 2, 0)
    return int(str(users)[:2]) * 10**power if power else users


def _digits(number: float) -> float:
    """Three digits, written out."""
    return float(f"{number:.3g}")


def _without_draft(asked: Asked, sources: Sources) -> Told:
    load = load_in(asked.message)
    if load is None:
        return Told(
            "There is no draft in this conversation to size. For how many users or requests a second shall it be?"
        )
    need = sources.size_for(load)
    return Told(
        sentences(
            [
                f"For {_load(load)} it takes {_needed(need, None)}",
                f"How that is worked out: {'; '.join(need.working)}" if need.working else "",
            ]
        ),
        {"needed": need.model_dump(mode="json")},
        (f"A web application for {_load(load)}",),
    )


def _assumed(need: Sizing) -> str:
    """The figures nobody measured, by name and value; where each comes from is with the sizing itself."""
    figures = [line.partition(":")[0] for line in need.assumptions]
    return f"Not measured but assumed: {some(figures, shown=3)}" if figures else ""


def _load(load: Load) -> str:
    if load.requests_per_second is not None:
        return f"{load.requests_per_second:,g} requests a second"
    return f"{load.users:,} users"


def _needed(need: Sizing, sizes: Supply | None) -> str:
    servers = f"{plural('server', need.app_servers)} with {need.app_cpu} CPU and {need.app_memory}"
    if sizes is not None and sizes.database is None:
        return servers
    return f"{servers} and a database with {need.database_cpu} CPU and {need.database_memory}"


def _has(sizes: Supply) -> str:
    names = some(sizes.servers, shown=4)
    each = f"{value(sizes.cpu)} CPU and {sizes.memory or 'no memory given'}"
    servers = f"{plural('server', len(sizes.servers))} ({names}) with {each}"
    if sizes.database is None:
        return f"{servers}, and no database"
    return (
        f"{servers}, and {sizes.database} with {value(sizes.database_cpu)} CPU and "
        f"{sizes.database_memory or 'no memory given'}"
    )
