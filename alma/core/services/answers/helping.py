"""What can be said next: by topic, and by where this conversation stands."""

from __future__ import annotations

from collections.abc import Iterator

from alma.core.language.vocabulary.defaults import plural
from alma.core.model.ipr import IPRState
from alma.core.services.answers import glossary, requests
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.checks import remarks
from alma.core.services.answers.words import sentences, some

_CAN = (
    "Say in your own words what you want to run, for example: 2 web servers and a PostgreSQL database. I draft a "
    "blueprint from it and go on changing it; what runs only changes by a plan that somebody approved"
)
_ASK = (
    "Ask what runs, what it costs, whether it is big enough, what changed, or what could be better"
)


def help_(asked: Asked, sources: Sources) -> Told:
    """About the topic that is named, else what can be said as things stand."""
    found = glossary.way(asked.message) or glossary.notion(asked.message)
    if found is not None:
        return Told(found.says, suggestions=(found.try_,) if found.try_ else ())
    if asked.draft is None:
        count = len(sources.templates.entries)
        return Told(
            sentences(
                [_CAN, f"There are {plural('template', count)} to start from", *_waiting(asked)]
            ),
            {"templates": count},
            ("2 web servers and a PostgreSQL database", "List the templates", "What is running?"),
        )
    return _with_draft(asked, sources)


def _with_draft(asked: Asked, sources: Sources) -> Told:
    assert asked.draft is not None
    names = some([item.name for item in asked.draft.resources], shown=4)
    mend = list(dict.fromkeys(item.say for item in remarks(asked, sources) if item.say))[:2]
    phrases = tuple(f"{phrase[:1].upper()}{phrase[1:]}" for phrase in mend)
    return Told(
        sentences(
            [
                f"You are drafting {asked.draft.name} with {names}",
                f"You could say: {some(mend)}" if mend else "",
                _ASK,
                "Say deploy it when it is right: that opens a request, and its plan is approved before anything runs",
                *_waiting(asked),
            ]
        ),
        {"resources": [item.name for item in asked.draft.resources]},
        (*phrases, "How much does it cost?", "Deploy it"),
    )


def smalltalk(asked: Asked, sources: Sources) -> Told | None:
    """Where the conversation stands; without a draft a greeting is answered by words alone."""
    if asked.draft is None:
        return None
    request = requests.open_one(asked)
    if request is not None:
        return requests.next_of(request)
    where = _running_on(asked)
    if where is not None:
        return Told(
            f"{asked.draft.name} was deployed on {where} as it is drafted. What should change?",
            {"engine": where},
            ("What is running?", "How much does it cost?"),
        )
    return Told(
        f"{asked.draft.name} is as it was, with {plural('resource', len(asked.draft.resources))}. What should change, "
        "or shall it be deployed?",
        {"resources": len(asked.draft.resources)},
        ("Deploy it", "How much does it cost?"),
    )


def _running_on(asked: Asked) -> str | None:
    """The engine on which exactly this draft was deployed in full."""
    if asked.revision is None:
        return None
    stacks = asked.transaction.stacks.list(project=asked.project, blueprint_id=asked.revision.id)
    found = [s for s in stacks if s.records and s.revision == asked.revision.number]
    return found[0].ref.engine if found else None


def _waiting(asked: Asked) -> Iterator[str]:
    count = asked.transaction.iprs.count(project=asked.project, status=IPRState.PENDING)
    if count:
        yield f"{plural('request', count)} {'waits' if count == 1 else 'wait'} for a review"
