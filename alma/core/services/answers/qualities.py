"""What the draft as a whole is like, as it stands: what in it was nobody's word, whose it is, who needs whom, and what
would stop with one part of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.intent.plain_questions import plainly_asked
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import Intent
from alma.core.services.answers import named
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.checks import ideas
from alma.core.services.answers.difference import called, shown
from alma.core.services.answers.fields import origin_of, values_of
from alma.core.services.answers.words import more, sentences, some

_ASSUMED = re.compile(r"\bassum\w+|\bguess\w*|\bfor granted\b|\bdefaults?\b")
_OWNED = re.compile(
    r"\bwho\b.*\b(owns?|owners?|responsible|in charge|contact|belong)\b|\bwhose\b|"
    r"\b(which|what) (team|cost cent(er|re)|department)\b"
)
_AVAILABLE = re.compile(
    r"\b(highly[ -]available|ha|redundant|fault[ -]tolerant|single points? of failure)\b"
)
_NEEDED = re.compile(r"\b(depends?|relies|rely|refers?) (up)?on\b")
_OWNERS = ("owner", "team", "department", "project", "cost_center")
_NOBODYS = {
    Origin.INFERRED: "guessed from the context",
    Origin.DEFAULT: "defaults",
    Origin.MODEL: "chosen by the language model",
}
_SHOWN = 6


def answer(asked: Asked, sources: Sources) -> Told | None:
    """The quality that is asked about; None if none plainly is, or there is no draft."""
    text = asked.message.casefold()
    if asked.draft is None or plainly_asked(asked.message) is not Intent.EXPLAIN:
        return None
    readings: Sequence[tuple[re.Pattern[str], Callable[[Asked, Blueprint, Sources], Told]]] = (
        (_ASSUMED, _assumed),
        (_OWNED, _owned),
        (_AVAILABLE, _available),
        (_NEEDED, _needed),
    )
    told = next((tell for words, tell in readings if words.search(text)), None)
    return told(asked, asked.draft, sources) if told else None


def _assumed(asked: Asked, draft: Blueprint, sources: Sources) -> Told:
    """The values that nobody said, by where they came from."""
    found: dict[Origin, list[tuple[str, str]]] = {}
    for item in named.resources(asked) or draft.resources:
        for path, entry in values_of(item):
            origin = origin_of(item, path, asked.origins)
            if origin in _NOBODYS and path != "name":
                told = f"{item.name}'s {called(path)} {shown(path, entry)}"
                found.setdefault(origin, []).append((f"resources.{item.name}.{path}", told))
    if not found:
        return Told(f"Nothing in {draft.name}: every value is one that was said.", {"assumed": {}})
    lines = [
        f"{_NOBODYS[origin].capitalize()}: {'; '.join(told for _, told in values[:_SHOWN])}"
        f"{more(values[:_SHOWN], len(values))}"
        for origin, values in found.items()
    ]
    data = {origin.value: [path for path, _ in values] for origin, values in found.items()}
    return Told(sentences(lines), {"assumed": data})


def _owned(asked: Asked, draft: Blueprint, sources: Sources) -> Told:
    owners = {key: draft.metadata[key] for key in _OWNERS if draft.metadata.get(key)}
    said = some([f"{key.replace('_', ' ')} {name}" for key, name in owners.items()])
    if not owners:
        by = (
            f" Its newest revision was saved by {asked.revision.created_by}."
            if asked.revision
            else ""
        )
        return Told(f"{draft.name} names no owner.{by}", {"owners": {}}, ("Owner: platform team",))
    return Told(f"{draft.name} has {said}.", {"owners": owners})


def _available(asked: Asked, draft: Blueprint, sources: Sources) -> Told:
    """The single points of failure that can be seen in the draft."""
    found = ideas(draft, sources.catalogue)
    data = {"remarks": [remark.model_dump(mode="json") for remark in found]}
    if not found:
        text = (
            f"In {draft.name} I see nothing that stops with one part of it; "
            "how it does when deployed is not told by that."
        )
        return Told(text, data)
    told = [remark.text for remark in found[:_SHOWN]]
    phrases = dict.fromkeys(f"{r.say[:1].upper()}{r.say[1:]}" for r in found if r.say)
    return Told(
        sentences([f"Not in every part: {'; '.join(told)}{more(told, len(found))}"]),
        data,
        tuple(phrases)[:3],
    )


def _needed(asked: Asked, draft: Blueprint, sources: Sources) -> Told:
    """Who refers to what is named; with "what does X depend on", to whom X refers."""
    wanted = named.resources(asked)
    names = [item.name for item in wanted]
    if re.search(r"\bdoes\b", asked.message.casefold()) and wanted:
        needs = {item.name: [*item.depends_on, *item.backends] for item in wanted}
        lines = [f"{name} depends on {some(of) or 'nothing'}" for name, of in needs.items()]
        return Told(sentences(lines), {"depends_on": needs})
    hit = {
        item.name: [
            name for name in (*item.depends_on, *item.backends) if name in (names or [name])
        ]
        for item in draft.resources
    }
    hit = {name: of for name, of in hit.items() if of}
    lines = [f"{name} depends on {some(of)}" for name, of in hit.items()]
    nothing = f"Nothing in {draft.name} depends on {some(names) or 'anything else in it'}"
    return Told(sentences(lines or [nothing]), {"dependents": list(hit)})
