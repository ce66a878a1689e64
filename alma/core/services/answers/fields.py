"""The draft's resources in words: their values and where each came from, why they are there, who depends on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alma.core.language.vocabulary.defaults import TITLES, plural
from alma.core.model.blueprint import Blueprint, Origin, Resource
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Told
from alma.core.services.answers.difference import called, flat, shown
from alma.core.services.answers.words import SHOWN, sentences, some

_IDENTITY = {"name", "type", "engine", "version", "description"}
_FROM = {
    Origin.WORDS: "your words",
    Origin.TEMPLATE: "the template",
    Origin.DEFAULT: "a default",
    Origin.INFERRED: "a guess from the context",
    Origin.MODEL: "the language model",
    Origin.IMPORTED: "what was imported",
}
_NOTHING = Blueprint(name="nothing")
_BACKUPS = re.compile(r"\b(back(s|ed|ing)?[ -]?ups?|backups?)\b")
_PUBLIC = re.compile(r"\b(public(ly)?|private|exposed|from outside|internet)\b")


def described(item: Resource, origins: Mapping[str, Origin]) -> str:
    """What a resource is, its values grouped by where they came from."""
    times = f"{item.count} equal ones, each a " if item.count > 1 else "a "
    software = (
        f" running {item.engine}{f' {item.version}' if item.version else ''}" if item.engine else ""
    )
    head = f"{item.name} is {times}{TITLES[item.type]}{software}"
    by_origin: dict[Origin | None, list[str]] = {}
    for path, found in values_of(item):
        if path not in _IDENTITY:
            by_origin.setdefault(origin_of(item, path, origins), []).append(
                f"{called(path)} {shown(path, found)}"
            )
    told = [
        f"{some(values, shown=8)} ({_FROM[origin] if origin else 'no origin is kept'})"
        for origin, values in by_origin.items()
    ]
    return f"{head}: {'; '.join(told)}" if told else head


def values_of(item: Resource) -> Iterator[tuple[str, Any]]:
    """Every value that is set, with its path: `specs.memory`."""
    yield from flat(item.model_dump(mode="json", exclude_unset=True, exclude_none=True))


def origin_of(item: Resource, path: str, origins: Mapping[str, Origin]) -> Origin | None:
    """Where a field's value came from; what holds for a field holds for all below it."""
    while path:
        found = origins.get(f"resources.{item.name}.{path}")
        if found is not None:
            return found
        path = path.rpartition(".")[0]
    return origins.get(f"resources.{item.name}")


def of_property(text: str, wanted: Sequence[Resource]) -> Told | None:
    """Whether something is backed up, or can be reached from outside, as the draft has it."""
    if _BACKUPS.search(text):
        told = {item.name: _backup(item) for item in wanted}
    elif _PUBLIC.search(text):
        told = {item.name: _reach(item) for item in wanted}
    else:
        return None
    lines = [f"{name} {words}" for name, words in told.items()]
    return Told(sentences([f"In the draft {some(lines, shown=8)}"]), {"draft": told})


def _backup(item: Resource) -> str:
    if item.backup is None or not item.backup.enabled:
        return "has no backups"
    kept = (
        f", kept {plural('day', item.backup.retention_days)}" if item.backup.retention_days else ""
    )
    return f"has {item.backup.schedule or 'scheduled'} backups{kept}"


def _reach(item: Resource) -> str:
    ports = some([str(port) for port in item.network.ports])
    if item.network.public_ip:
        return f"can be reached from outside{f' on port {ports}' if ports else ''}"
    return "is private"


def why(asked: Asked, draft: Blueprint, wanted: Sequence[Resource]) -> Told | None:
    """The values that the question names, by what they are called or by what they are, each with its origin."""
    text = asked.message.casefold()
    values = [
        (item, path, shown(path, entry))
        for item in wanted or draft.resources
        for path, entry in values_of(item)
        if path != "name"
    ]
    found = [entry for entry in values if _spoken_of(text, *entry[1:])]
    if not found:
        return _why_there(asked, wanted)
    lines = [
        f"{item.name}'s {called(path)} is {text}: {_origin(item, path, asked.origins)}"
        for item, path, text in found[:SHOWN]
    ]
    data = [
        {
            "path": f"resources.{item.name}.{path}",
            "value": text,
            "origin": origin_of(item, path, asked.origins),
        }
        for item, path, text in found
    ]
    return Told(sentences(["; ".join(lines), _and_more(len(found))]), {"values": data})


def _why_there(asked: Asked, wanted: Sequence[Resource]) -> Told | None:
    """Why a resource is in the draft at all: where its type came from, and what it is there for."""
    if not wanted:
        return None
    told = []
    for item in wanted[:SHOWN]:
        used = [r.name for r in (asked.draft or _NOTHING).resources if item.name in r.depends_on]
        serves = f"; it spreads over {some(item.backends)}" if item.backends else ""
        needed = f"; {some(used)} depend{'s' if len(used) == 1 else ''} on it" if used else ""
        by = _origin(item, "type", asked.origins, "a word of which no origin is kept")
        guessed = origin_of(item, "type", asked.origins) == Origin.INFERRED
        head = (
            f"You did not ask for {item.name}: it was added by"
            if guessed
            else f"{item.name} is there by"
        )
        told.append(f"{head} {by}{serves}{needed}")
    return Told(sentences(told), {"resources": [item.name for item in wanted]})


def _and_more(total: int) -> str:
    return f"And {total - SHOWN} more like that" if total > SHOWN else ""


def _spoken_of(text: str, path: str, shown: str) -> bool:
    plain = text.replace(" ", "")
    bare = shown.casefold().replace(" ", "")
    worded = len(bare) > 1 and re.search(rf"(?<![\w.]){re.escape(bare)}(?![\w.])", text) is not None
    sized = bare[-1:].isalpha() and bare[:1].isdigit() and bare in plain
    return worded or sized or bool(named.said([called(path)], text))


def _origin(
    item: Resource, path: str, origins: Mapping[str, Origin], unknown: str = "no origin is kept"
) -> str:
    found = origin_of(item, path, origins)
    return _FROM[found] if found else unknown


def without(draft: Blueprint, wanted: Sequence[Resource]) -> Told:
    """Who depends on what would be gone, and what would be left of its kind."""
    names = {item.name for item in wanted}
    hit = [
        item.name
        for item in draft.resources
        if item.name not in names and names & {*item.depends_on, *item.backends}
    ]
    left = [
        item.name
        for item in draft.resources
        if item.name not in names and any(_alike(item, gone) for gone in wanted)
    ]
    who = some(sorted(names))
    parts = [
        f"{some(hit)} refer{'s' if len(hit) == 1 else ''} to {who}"
        if hit
        else f"Nothing in {draft.name} refers to {who}",
        f"{some(left)} of the same kind would be left"
        if left
        else "nothing of its kind would be left",
    ]
    text = f"{parts[0]}, and {parts[1]}. Nothing was changed."
    return Told(text, {"dependents": hit, "left": left})


def _alike(one: Resource, other: Resource) -> bool:
    return one.type is other.type and one.engine == other.engine
