"""What something is and why it is so: a resource and the origin of its values, a request, a template, a notion."""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.answering.facts import summary
from alma.core.language.vocabulary.defaults import TITLES
from alma.core.model.blueprint import Resource
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR
from alma.core.model.template import Template
from alma.core.services.answers import (
    comparing,
    fields,
    glossary,
    listing,
    named,
    prospects,
    qualities,
    requests,
    status,
    troubleshooting,
)
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.difference import value
from alma.core.services.answers.words import (
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
_WHO = re.compile(r"\bwho(?:'s| has| did)? \w*(approv|reject|review|open|deploy|start|ask)")
_REACHED = re.compile(r"\b(reach|endpoints?|address(es)?|urls?|connect to|listen)\b")
_ON = re.compile(r"\b(on|to|with|under)\b")
_WHOLE = re.compile(r"\b(draft|blueprint|this|it|all|everything|setup|infrastructure|we|i|us|me)\b")
_NEWEST = 20


def answer(asked: Asked, sources: Sources) -> Told | None:
    """The explanation, or the answer of another family where the words are really its question."""
    try:
        request = _request(asked)
    except NotFound as error:
        return Told(f"There is no such request: {error.message}.")
    if request is not None:
        return of_request(asked, request)
    for reading in (
        requests.of_plan,
        qualities.answer,
        _of_other_kinds,
        _of_people,
        _of_draft,
        _of_places,
        _of_words,
    ):
        told = reading(asked, sources)
        if told is not None:
            return told
    return None


def _of_other_kinds(asked: Asked, sources: Sources) -> Told | None:
    """What only looks as if it asked for an explanation: what changed, how something is done, why something failed."""
    text = asked.message.casefold()
    if _CHANGED.search(text):
        return comparing.answer(asked, sources)
    way = _of_how(text)
    if way is not None:
        return way
    if _FAILED.search(text) and not (_WITHOUT.search(text) and named.resources(asked)):
        return troubleshooting.answer(asked, sources)
    return status.answer(asked, sources) if asked.interpretation.deployment_id else None


def _of_people(asked: Asked, sources: Sources) -> Told | None:
    """Who asked for, approved or started it: the draft's newest request says it, with its reviews."""
    if not _WHO.search(asked.message.casefold()):
        return None
    newest = asked.transaction.iprs.list(project=asked.project, limit=_NEWEST)
    own = [i for i in newest if asked.revision and i.plan.target.blueprint_id == asked.revision.id]
    found = own or (newest if asked.revision is None else [])
    return of_request(asked, found[0]) if found else Told("There is no request of it yet.", {})


def _of_places(asked: Asked, sources: Sources) -> Told | None:
    """Where it is reached, or how it would be on an engine."""
    text = asked.message.casefold()
    if _REACHED.search(text):
        return status.answer(asked, sources)
    places = [name.partition("@")[0] for name in sources.plans.engine_names(asked.project)]
    if asked.draft and _ON.search(text) and named.said(places, text):
        return prospects.migrate(asked, sources)
    return None


def _request(asked: Asked) -> IPR | None:
    if asked.interpretation.ipr_id is not None:
        return asked.transaction.iprs.get(asked.interpretation.ipr_id, project=asked.project)
    return named.request(asked)


def _of_how(text: str) -> Told | None:
    found = glossary.way(text) if _HOW.search(text) else None
    return Told(found.says, suggestions=(found.try_,) if found.try_ else ()) if found else None


def _of_draft(asked: Asked, sources: Sources) -> Told | None:
    """Of the resources that are named: why they are so, what becomes of the rest without them, what they are."""
    text, wanted = asked.message.casefold(), named.resources(asked)
    if asked.draft is None:
        return None
    reason = fields.why(asked, asked.draft, wanted) if _WHY.search(text) else None
    if reason is not None:
        return reason
    exact = named.said([item.name for item in asked.draft.resources], text) or asked.subject
    return _of_named(asked, sources, wanted) if wanted and (exact or _about_ours(text)) else None


def _of_named(asked: Asked, sources: Sources, wanted: Sequence[Resource]) -> Told:
    text = asked.message.casefold()
    if asked.draft is not None and _WITHOUT.search(text):
        return fields.without(asked.draft, wanted)
    if _RUNS.search(text) and fields.of_property(text, wanted) is None:
        return status.answer(asked, sources)
    return fields.of_property(text, wanted) or Told(
        sentences(fields.described(item, asked.origins) for item in wanted[:3]),
        {"resources": [item.name for item in wanted]},
    )


def _about_ours(text: str) -> bool:
    """`what is the database?` is about the draft's, `what is a database?` is not."""
    return re.search(r"\b(the|my|our|this|that|its|each)\b", text) is not None


def _of_words(asked: Asked, sources: Sources) -> Told | None:
    """A template, a notion of ALMA's, software or a kind of resource by name; else the draft."""
    template = sources.templates.entries.get(asked.interpretation.subject or "")
    template = template or _template_said(asked, sources)
    if template is not None:
        return _of_template(template)
    notion = glossary.notion(asked.message)
    if notion is not None:
        return Told(notion.says)
    return _software(asked, sources) or _of_kind(asked, sources) or _whole(asked, sources)


def _whole(asked: Asked, sources: Sources) -> Told | None:
    if asked.draft is None:
        return None
    told = listing.resources(asked, sources)
    if _WHOLE.search(asked.message.casefold()):
        return told
    return Told(f"I did not find what that asks about. {told.text}", told.data)


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
        requests.by_number(ipr),
    )


def _template_said(asked: Asked, sources: Sources) -> Template | None:
    entries = sources.templates.entries
    words = {spoken: id_ for id_ in entries for spoken in (id_, id_.replace("-", " "))}
    found = named.said(words, asked.message)
    return entries[words[found[0]]] if found else None


def _of_template(template: Template) -> Told:
    resources = [summary(item) for item in template.blueprint.resources]
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


def _of_kind(asked: Asked, sources: Sources) -> Told | None:
    kinds = named.said([title.casefold() for title in TITLES.values()], asked.message)
    if not kinds:
        return None
    type_ = next(type_ for type_, title in TITLES.items() if title.casefold() == kinds[0])
    known = list(sources.catalogue.names(type_))
    by_default = sources.catalogue.defaults.get(type_)
    runs = f"; ALMA can run {some(known, shown=10)} as one" if known else ""
    default = f", {by_default} when nothing is said" if by_default else ""
    return Told(
        f"A {TITLES[type_]} is a kind of resource in a blueprint{runs}{default}.",
        {"type": type_.value, "software": known},
        (f"Add a {TITLES[type_]}",),
    )
