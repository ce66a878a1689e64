"""What something is and why it is so: a resource and the origin of its values, a request, a template, a notion."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from alma.core.language.vocabulary import TITLES
from alma.core.model.blueprint import Blueprint, Origin, Resource
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR
from alma.core.model.template import Template
from alma.core.services.answers import comparing, glossary, listing, named, status, troubleshooting
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.difference import called, flat, value
from alma.core.services.answers.words import (
    SHOWN,
    ago,
    apart,
    by_action,
    sentences,
    short,
    some,
    state,
)

_WHY = re.compile(r"\b(why|where does|where do|who said|how come|reason)\b")
_HOW = re.compile(r"\bhow (do|can|would|should|could) (i|we|you|one)\b|\bhow to\b")
_CHANGED = re.compile(
    r"\bwhat('s| has| was| is|s)? (changed|different|new)\b|\bdifferences?\b|\bdiff\b"
)
_FAILED = re.compile(r"\b(fail(ed|s|ure)?|error|broke(n)?|went wrong|go wrong|roll(ed)? back)\b")
_WITHOUT = re.compile(
    r"\b(remov|delet|drop|without|lose|lost|dies|died|fails|goes? down|went down|crash)\w*"
)
_RUNS = re.compile(r"\b(up|alive|healthy|reachable|online|deployed|running)\b")
_IDENTITY = {"name", "type", "engine", "version", "description"}
_FROM = {
    Origin.WORDS: "your words",
    Origin.TEMPLATE: "the template",
    Origin.DEFAULT: "a default",
    Origin.INFERRED: "a guess from the context",
    Origin.MODEL: "the language model",
    Origin.IMPORTED: "what was imported",
}
_GUESSES = (Origin.INFERRED, Origin.MODEL, Origin.DEFAULT)


def answer(asked: Asked, sources: Sources) -> Told | None:
    """The explanation, or the answer of another family where the words are really its question."""
    text = asked.message.casefold()
    try:
        request = _request(asked)
    except NotFound as error:
        return Told(f"There is no such request: {error.message}.")
    if request is not None:
        return of_request(asked, request)
    if asked.interpretation.deployment_id and not _FAILED.search(text):
        return status.answer(asked, sources)
    if _CHANGED.search(text):
        return comparing.answer(asked, sources)
    wanted = named.resources(asked)
    if _FAILED.search(text) and not (_WITHOUT.search(text) and wanted):
        return troubleshooting.answer(asked, sources)
    return _of_how(text) or _of_draft(asked, sources, wanted) or _of_words(asked, sources)


def _request(asked: Asked) -> IPR | None:
    if asked.interpretation.ipr_id is not None:
        return asked.transaction.iprs.get(asked.interpretation.ipr_id, project=asked.project)
    return named.request(asked)


def _of_how(text: str) -> Told | None:
    found = glossary.way(text) if _HOW.search(text) else None
    return Told(found.says, suggestions=(found.try_,) if found.try_ else ()) if found else None


def _of_draft(asked: Asked, sources: Sources, wanted: Sequence[Resource]) -> Told | None:
    text = asked.message.casefold()
    draft = asked.draft
    if draft is None:
        return None
    if _WHY.search(text):
        found = _why(asked, draft, wanted)
        if found is not None:
            return found
    exact = named.said([item.name for item in draft.resources], text) or asked.subject is not None
    if not wanted or not (exact or _about_ours(text)):
        return None
    if _WITHOUT.search(text):
        return _without(draft, wanted)
    if _RUNS.search(text):
        return status.answer(asked, sources)
    return Told(
        sentences(_described(item, asked.origins) for item in wanted[:3]),
        {"resources": [item.name for item in wanted]},
    )


def _about_ours(text: str) -> bool:
    """`what is the database?` is about the draft's, `what is a database?` is not."""
    return re.search(r"\b(the|my|our|this|that|its|each)\b", text) is not None


def _of_words(asked: Asked, sources: Sources) -> Told | None:
    template = sources.templates.entries.get(asked.interpretation.subject or "")
    template = template or _template_said(asked, sources)
    if template is not None:
        return _of_template(template)
    found = glossary.notion(asked.message)
    if found is not None:
        return Told(found.says)
    software = _software(asked, sources)
    if software is not None:
        return software
    kinds = named.said([title.casefold() for title in TITLES.values()], asked.message)
    if kinds:
        return _of_kind(kinds[0], sources)
    return listing.resources(asked, sources) if asked.draft else None


# ── a resource ───────────────────────────────────────────────────────────────────────────────────


def _described(item: Resource, origins: Mapping[str, Origin]) -> str:
    """What it is, each value with its origin, grouped by origin."""
    times = f"{item.count} equal ones, each a " if item.count > 1 else "a "
    software = (
        f" running {item.engine}{f' {item.version}' if item.version else ''}" if item.engine else ""
    )
    head = f"{item.name} is {times}{TITLES[item.type]}{software}"
    by_origin: dict[Origin | None, list[str]] = {}
    for path, found in _values(item):
        if path not in _IDENTITY:
            by_origin.setdefault(origin_of(item, path, origins), []).append(
                f"{called(path)} {value(found)}"
            )
    told = [
        f"{some(values, shown=8)} ({_FROM[origin] if origin else 'no origin is kept'})"
        for origin, values in by_origin.items()
    ]
    return f"{head}: {'; '.join(told)}" if told else head


def _values(item: Resource) -> Iterator[tuple[str, Any]]:
    yield from flat(item.model_dump(mode="json", exclude_unset=True, exclude_none=True))


def origin_of(item: Resource, path: str, origins: Mapping[str, Origin]) -> Origin | None:
    """Where a field's value came from; what holds for a field holds for all below it."""
    while path:
        found = origins.get(f"resources.{item.name}.{path}")
        if found is not None:
            return found
        path = path.rpartition(".")[0]
    return origins.get(f"resources.{item.name}")


def _why(asked: Asked, draft: Blueprint, wanted: Sequence[Resource]) -> Told | None:
    """The values that the question names, by what they are called or by what they are, each with its origin."""
    text = asked.message.casefold()
    found = [
        (item, path, shown)
        for item in wanted or draft.resources
        for path, shown in ((path, value(entry)) for path, entry in _values(item))
        if path != "name" and _spoken_of(text, path, shown)
    ]
    if not found:
        return None
    told = [
        f"{item.name}'s {called(path)} is {shown}: {_origin(item, path, asked.origins)}"
        for item, path, shown in found[:SHOWN]
    ]
    return Told(
        sentences(["; ".join(told), _and_more(len(found))]),
        {
            "values": [
                {
                    "path": f"resources.{item.name}.{path}",
                    "value": shown,
                    "origin": origin_of(item, path, asked.origins),
                }
                for item, path, shown in found
            ]
        },
    )


def _and_more(total: int) -> str:
    return f"And {total - SHOWN} more like that" if total > SHOWN else ""


def _spoken_of(text: str, path: str, shown: str) -> bool:
    plain = text.replace(" ", "")
    bare = shown.casefold().replace(" ", "")
    worded = len(bare) > 1 and re.search(rf"(?<![\w.]){re.escape(bare)}(?![\w.])", text) is not None
    sized = bare[-1:].isalpha() and bare[:1].isdigit() and bare in plain
    return worded or sized or bool(named.said([called(path)], text))


def _origin(item: Resource, path: str, origins: Mapping[str, Origin]) -> str:
    found = origin_of(item, path, origins)
    return _FROM[found] if found else "no origin is kept"


def _without(draft: Blueprint, wanted: Sequence[Resource]) -> Told:
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


# ── other things ─────────────────────────────────────────────────────────────────────────────────


def of_request(asked: Asked, ipr: IPR) -> Told:
    """What a request would change, who asked for it and what was said of it."""
    plan = ipr.plan
    gone = [change.address for change in plan.destructive]
    remarks = [str(item) for item in plan.diagnostics if item.severity != "info"]
    reviews = [
        f"{review.principal} said {state(review.action)}{f' ({review.comments})' if review.comments else ''}"
        for review in ipr.reviews
    ]
    return Told(
        sentences(
            [
                (
                    f"Request {ipr.id} '{ipr.title}' by {ipr.author}, {ago(ipr.created_at, asked.now)}, is "
                    f"{state(ipr.state)}: {plan.blueprint_name} on {plan.target.engine}, revision "
                    f"{plan.target.revision}; its plan: {by_action(plan)}"
                ),
                f"Data or a running service goes away at {some(gone)}" if gone else "",
                f"The plan remarks: {apart(remarks, shown=3)}" if remarks else "",
                some(reviews),
                f"Its plan's digest is {short(plan.digest)}",
            ]
        ),
        {"ipr_id": ipr.id, "state": ipr.state.value, "plan_digest": plan.digest, **plan.count()},
    )


def _template_said(asked: Asked, sources: Sources) -> Template | None:
    entries = sources.templates.entries
    words = {spoken: id_ for id_ in entries for spoken in (id_, id_.replace("-", " "))}
    found = named.said(words, asked.message)
    return entries[words[found[0]]] if found else None


def _of_template(template: Template) -> Told:
    resources = [listing.told_of(item) for item in template.blueprint.resources]
    knobs = [
        f"{name} ({value(parameter.default)})" for name, parameter in template.parameters.items()
    ]
    return Told(
        sentences(
            [
                f"{template.id}: {template.description.strip()}",
                f"It has {some(resources)}",
                f"What can be turned: {some(knobs)}" if knobs else "",
            ]
        ),
        {"template": template.id, "parameters": list(template.parameters)},
        (f"Start from the {template.id} template",),
    )


def _software(asked: Asked, sources: Sources) -> Told | None:
    known = sources.catalogue.software
    words = {word: id_ for id_, entry in known.items() for word in (id_, *entry.aliases)}
    found = named.said(words, asked.message)
    if not found:
        return None
    entry = known[words[found[0]]]
    kinds = some([TITLES[kind] for kind in entry.types])
    ports = some([str(port) for port in entry.ports])
    size = f"{value(entry.cpu)} CPU and {entry.memory} of memory"
    return Told(
        sentences(
            [
                f"{entry.title} can be a {kinds}: {listing.first_sentence(entry.description)}",
                f"Without other words it gets version {entry.default_version}, {size}",
                f"Clients reach it on port {ports}" if ports else "",
            ]
        ),
        {"software": words[found[0]]},
    )


def _of_kind(kind: str, sources: Sources) -> Told:
    type_ = next(type_ for type_, title in TITLES.items() if title.casefold() == kind)
    known = list(sources.catalogue.names(type_))
    by_default = sources.catalogue.defaults.get(type_)
    text = f"A {TITLES[type_]} is a kind of resource in a blueprint"
    if known:
        text += f"; ALMA can run {some(known, shown=10)} as one"
    if by_default:
        text += f", {by_default} when nothing is said"
    return Told(f"{text}.", {"type": type_.value, "software": known}, (f"Add a {TITLES[type_]}",))
