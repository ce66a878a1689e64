"""What will be: where the draft could move, and what can be said of the future without a history."""

from __future__ import annotations

import re

from alma.core.economics.periods import DAY, MONTH, in_words
from alma.core.economics.runway import Growth
from alma.core.economics.supply import most_users
from alma.core.language.answering.budget import about
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import AlmaError
from alma.core.model.plan import SupportLevel
from alma.core.model.sizing import Load
from alma.core.services.answers import capacity, named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.words import apart, money, sentences, some

_SHOWN = 3
_DATA_STAYS = "Data does not move: a stack on another engine starts empty, and the old one stays until it is destroyed"


_RATE = r"(?P<rate>\d{1,3}(?:\.\d+)?)\s*(?:%|percent\b)"
_EACH = r"(?:\s*(?:a|per|each|every)\s*(?P<unit>week|month|quarter|year))?"
_GROWS = (
    re.compile(rf"\b(?:grow\w*|increas\w*|rising|more)\b\D{{0,30}}?{_RATE}{_EACH}"),
    re.compile(rf"{_RATE}\s*(?:more|growth|increase){_EACH}"),
)
_PERIODS = {"week": 7.0 * DAY, "month": MONTH, "quarter": 3 * MONTH, "year": 12 * MONTH}


def forecast(asked: Asked, sources: Sources) -> Told:
    """What the present would cost if it stayed as it is; growth takes a history, and none is kept. A load and a growth
    that are said tell when the draft is outgrown."""
    growth, load = growth_in(asked.message), capacity.load_in(asked.message)
    if asked.draft is not None and growth is not None and load is not None:
        return _outgrown(asked.draft, load, growth, sources)
    none = "No history of load or cost is kept here, so growth can't be forecast"
    if asked.draft is None:
        return Told(sentences([none]), {"history": 0})
    estimate = sources.estimates.estimate(asked.draft)
    yearly = estimate.monthly * 12
    return Told(
        sentences(
            [
                none,
                (
                    f"As it is, {asked.draft.name} costs {about(estimate)}: {money(estimate.monthly * 3)} a quarter "
                    f"and {money(yearly)} a year"
                ),
                "Name a number of users, and I say whether it is big enough for them",
            ]
        ),
        {"monthly": float(estimate.monthly), "yearly": float(yearly), "history": 0},
    )


def growth_in(message: str) -> Growth | None:
    """The growth that a message names: `growing by 10 % a month`; a month where it does not say of what."""
    said = message.casefold()
    found = next((found for way in _GROWS if (found := way.search(said))), None)
    if found is None:
        return None
    return Growth(float(found["rate"]) / 100, _PERIODS[found["unit"] or "month"])


def _outgrown(draft: Blueprint, load: Load, growth: Growth, sources: Sources) -> Told:
    """When the load is more than the draft carries, by the same arithmetic as the tool for capacity."""
    users = most_users(capacity.supply(draft, sources), sources.size_for)
    carries = sources.size_for(Load(users=users)).requests_per_second if users else 0.0
    now = sources.size_for(load).requests_per_second
    left = growth.reaches(now, carries)
    every = f"{growth.rate * 100:g} % every {in_words(growth.period)}"
    if left == 0:
        verdict = f"{draft.name} is too small for {now:,.3g} requests a second already"
    elif left is None:
        verdict = f"Without growth {draft.name} stays big enough"
    else:
        verdict = f"With {every}, {draft.name} is outgrown in about {left / DAY:,.0f} days"
    return Told(
        sentences(
            [
                verdict,
                f"It carries about {users:,} users by the capacity model, {carries:,.3g} requests a second at the peak",
                "The growth is what you said; no history of load is kept here",
            ]
        ),
        {"users": users, "days": None if left is None else round(left / DAY, 1), "history": 0},
    )


def migrate(asked: Asked, sources: Sources) -> Told:
    """How well each engine that is named, or else each there is, honours the draft."""
    names = list(sources.plans.engine_names(asked.project))
    if asked.draft is None:
        return Told(
            f"There is no draft in this conversation to move. Blueprints can land on {some(names)}.",
            {"engines": names},
        )
    spoken = named.said([name.partition("@")[0] for name in names], asked.message)
    chosen = [name for name in names if name.partition("@")[0] in spoken]
    others = chosen or [name for name in names if name != asked.engine]
    if not others:
        return Told(
            f"{asked.draft.name} lands on {asked.engine}, and no other engine is set up here.",
            {"engines": names},
        )
    told = {name: _on(asked.draft, name, asked, sources) for name in others[:_SHOWN]}
    return Told(
        sentences([*told.values(), _DATA_STAYS]),
        {"engines": list(told)},
        (f"Move it to {others[0]}",),
    )


def _on(draft: Blueprint, name: str, asked: Asked, sources: Sources) -> str:
    try:
        engine = sources.engines.get(name, project=asked.project)
        resolution = sources.plans.resolve(draft, engine.traits)
        support = {item.address: engine.support(item) for item in resolution.resources}
    except AlmaError as error:
        return f"{name} can't be used here: {error.message}"
    whole = plural("object", len(resolution.resources))
    lost = [
        f"{address}: {item.path}, {item.reason}"
        for address, items in support.items()
        for item in items
        if item.level is SupportLevel.UNSUPPORTED
    ]
    differing = [item for items in support.values() for item in items]
    if not differing:
        return f"{name} does all of it as asked, {whole}"
    near = len(differing) - len(lost)
    parts = [
        f"{_properties(near)} honoured only nearly" if near else "",
        f"{_properties(len(lost))} not honoured at all" if lost else "",
    ]
    said = f"On {name} it becomes {whole}, {' and '.join(part for part in parts if part)}"
    shown = lost or [f"{at}: {i.path}, {i.reason}" for at, items in support.items() for i in items]
    return f"{said}: {apart(shown, shown=_SHOWN)}"


def _properties(number: int) -> str:
    return "1 property" if number == 1 else f"{number} properties"
