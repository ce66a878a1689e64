"""What will be: where the draft could move, and what can be said of the future without a history."""

from __future__ import annotations

from alma.core.language.answering.budget import about
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.blueprint import Blueprint
from alma.core.model.errors import AlmaError
from alma.core.model.plan import SupportLevel
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.words import apart, money, sentences, some

_SHOWN = 3
_DATA_STAYS = "Data does not move: a stack on another engine starts empty, and the old one stays until it is destroyed"


def forecast(asked: Asked, sources: Sources) -> Told:
    """What the present would cost if it stayed as it is; growth takes a history, and none is kept."""
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
