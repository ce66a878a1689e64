"""What there is: blueprints, resources of the draft, stacks, templates, engines, requests, deployments, talks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.answering.facts import summary
from alma.core.language.vocabulary.defaults import plural
from alma.core.model.template import Template
from alma.core.services.answers import glossary, requests, troubleshooting
from alma.core.services.answers.asked import Asked, Sources, Told
from alma.core.services.answers.runs import of_run
from alma.core.services.answers.words import SHOWN, ago, counted, more, of_plan, some, state

_WORD = re.compile(r"[a-z0-9]+")
_FAILED = re.compile(r"\bwhy\b|\b(fail|failed|failure|wrong)\b")
_WHAT_IS = re.compile(r"\bwhat(?:'s| is| are) (?:an? )?(?!my |our |the )\w+(?: request)?\W*$")
_LAST = re.compile(r"\b(last|latest|newest|most recent) (deployment|run|one)\b")
_WAITING = re.compile(r"\b(wait|waiting|pending|open|review|approve|approval)\b")
_EVERY = {"blueprints", "all", "every", "other", "saved"}
_ASKING = frozenset(
    "which what list show me all the a an any is are there do does you we i have has can could for of with about give "
    "tell templates template available know got please that my our in to use deploy run my s exist and existing "
    "want need some good best one ones suits would should".split()
)


def answer(asked: Asked, sources: Sources) -> Told:
    """The list that is asked for; of the draft when it only asks what there is."""
    text = asked.message.casefold()
    words = set(_WORD.findall(text))
    notion = glossary.notion(text) if _WHAT_IS.search(text) else None
    if notion is not None:
        return Told(notion.says)
    if _FAILED.search(text):
        return troubleshooting.answer(asked, sources)
    if asked.draft and "blueprint" in words and not _EVERY & words:
        return resources(asked, sources)
    for wanted, told in _LISTS:
        if words & wanted:
            return told(asked, sources)
    return resources(asked, sources) if asked.draft else _blueprints(asked, sources)


def _templates(asked: Asked, sources: Sources) -> Told:
    query = [w for w in _WORD.findall(asked.message.casefold()) if w not in _ASKING]
    if not query:
        found: Sequence[str] = list(sources.templates.entries)
        count = plural("template", len(found))
        by_category = sources.templates.categories()
        kinds = some([f"{name} ({number})" for name, number in by_category.items()], shown=12)
        text = f"There are {count}: {some(found, shown=12)}. Categories: {kinds}."
        return Told(text, {"templates": list(found)}, _use(found))
    best = _found(query, sources)
    ids = [template.id for template in best]
    if not best:
        every = some(sources.templates.categories(), shown=12)
        return Told(
            f"No template is about {' '.join(query)}. There are some for: {every}.",
            {"templates": []},
        )
    told = "; ".join(f"{template.id}: {first_sentence(template.description)}" for template in best)
    return Told(f"For {' '.join(query)}: {told}.", {"templates": ids}, _use(ids))


def _found(query: Sequence[str], sources: Sources) -> Sequence[Template]:
    """The templates that answer all the words, else those that answer any of them."""
    best = sources.templates.search(" ".join(query), limit=SHOWN)
    if best or len(query) == 1:
        return best
    each = [template for word in query for template in sources.templates.search(word)]
    return list({template.id: template for template in each}.values())[:SHOWN]


def _use(ids: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"Start from the {id_} template" for id_ in ids[:2])


def first_sentence(text: str) -> str:
    """The beginning of a description, without its full stop."""
    return text.strip().split(". ")[0].rstrip(".")


def _engines(asked: Asked, sources: Sources) -> Told:
    names = list(sources.plans.engine_names(asked.project))
    default = sources.plans.default_engine
    return Told(
        f"Blueprints can land on {some(names, shown=12)}; without a word about it, on {default}.",
        {"engines": names, "default": default},
    )


def _blueprints(asked: Asked, sources: Sources) -> Told:
    page = asked.transaction.blueprints.list(project=asked.project, limit=SHOWN)
    total = asked.transaction.blueprints.count(project=asked.project)
    if not page:
        return Told("There are no blueprints yet.", {"blueprints": []}, ("List the templates",))
    told = [
        f"{item.blueprint.name} ({item.id}, revision {item.number}, "
        f"{plural('resource', len(item.blueprint.resources))})"
        for item in page
    ]
    return Told(
        f"{counted('blueprint', total)}: {', '.join(told)}{more(page, total)}.",
        {"blueprints": [item.id for item in page], "total": total},
    )


def _stacks(asked: Asked, sources: Sources) -> Told:
    stacks = asked.transaction.stacks.list(project=asked.project)
    alive = [stack for stack in stacks if stack.records]
    if not alive:
        return Told("Nothing is deployed, so there are no stacks.", {"stacks": []})
    told = [
        f"{stack.ref.name} on {stack.ref.engine} ({plural('resource', len(stack.records))})"
        for stack in alive[:SHOWN]
    ]
    return Told(
        f"{plural('stack', len(alive))}: {', '.join(told)}{more(told, len(alive))}.",
        {"stacks": [stack.ref.name for stack in alive]},
    )


def _requests(asked: Asked, sources: Sources) -> Told:
    if _WAITING.search(asked.message.casefold()):
        return requests.waiting(asked, sources)
    page = asked.transaction.iprs.list(project=asked.project, limit=SHOWN)
    total = asked.transaction.iprs.count(project=asked.project)
    if not page:
        return Told("There are no requests yet.", {"requests": []})
    told = [f"{i.id} '{i.title}' ({state(i.state)}, {ago(i.created_at, asked.now)})" for i in page]
    return Told(
        f"{counted('request', total)}: {', '.join(told)}{more(page, total)}.",
        {"requests": [ipr.id for ipr in page], "total": total},
    )


def _deployments(asked: Asked, sources: Sources) -> Told:
    page = asked.transaction.deployments.list(project=asked.project, limit=SHOWN)
    if page and _LAST.search(asked.message.casefold()):
        return of_run(asked, page[0])
    total = asked.transaction.deployments.count(project=asked.project)
    if not page:
        return Told("There were no deployments yet.", {"deployments": []})
    told = [
        f"{of_plan(run.plan)} ({state(run.state)}, {ago(run.created_at, asked.now)})"
        for run in page
    ]
    return Told(
        f"{counted('deployment', total)}: {'; '.join(told)}{more(page, total)}.",
        {"deployments": [run.id for run in page], "total": total},
    )


def _conversations(asked: Asked, sources: Sources) -> Told:
    conversations = asked.transaction.conversations
    me, project = asked.principal.id, asked.project
    page = conversations.list(project=project, principal=me, limit=SHOWN)
    total = conversations.count(project=project, principal=me)
    if not page:
        return Told("This is your first conversation.", {"conversations": []})
    told = [f"'{item.title}' ({ago(item.updated_at, asked.now)})" for item in page]
    return Told(
        f"{counted('conversation', total, 'yours, the latest first')}: {', '.join(told)}"
        f"{more(page, total)}.",
        {"conversations": [item.id for item in page], "total": total},
    )


def resources(asked: Asked, sources: Sources) -> Told:
    if asked.draft is None:
        return Told("There is no blueprint in this conversation yet.", {"resources": []})
    items = asked.draft.resources
    told = [summary(item) for item in items[:12]]
    return Told(
        f"The draft {asked.draft.name} has {plural('resource', len(items))}: "
        f"{', '.join(told)}{more(told, len(items))}.",
        {"resources": [item.name for item in items]},
    )


_LISTS: Sequence[tuple[set[str], Callable[[Asked, Sources], Told]]] = (
    ({"template", "templates", "examples"}, _templates),
    ({"engine", "engines", "providers", "platforms", "targets"}, _engines),
    ({"ipr", "iprs", "request", "requests", "pr", "prs"}, _requests),
    ({"deployment", "deployments", "runs"}, _deployments),
    ({"conversation", "conversations", "chats"}, _conversations),
    ({"stack", "stacks", "deployed", "running"}, _stacks),
    ({"blueprint", "blueprints"}, _blueprints),
)
