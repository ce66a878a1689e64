"""Which of the things that are there a question names: resources of the draft, stacks, blueprints, requests, revisions.

Names are looked for as whole words, longest first, so that `web-12` is never taken for `web-1`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from alma.core.language.vocabulary.defaults import TITLES
from alma.core.model.blueprint import Blueprint, Resource, Revision
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPR
from alma.core.model.state import Stack
from alma.core.services.answers.asked import Asked

_REQUEST = re.compile(
    r"\b(?:ipr|iprs|requests?|pull requests?|pr)\s*(?:number|no\.?|#)?\s*(\d{1,9})\b"
)
_BLUEPRINT = re.compile(r"\bblueprints?\s*(?:number|no\.?|id|#)?\s*(\d{1,9})\b")
_REVISIONS = re.compile(
    r"\b(?:revisions?|versions?|rev|v)\s*(?:number|no\.?|#)?\s*(\d{1,6})(?:\s*(?:and|to|with|vs\.?|against|,)\s*"
    r"(?:revision|version|rev|v)?\s*(\d{1,6}))?\b"
)
_TYPE_WORDS = {
    "vm": ("vm", "vms", "server", "servers", "machine", "machines"),
    "container": ("container", "containers", "lxc"),
    "service": ("service", "services", "app", "apps"),
    "database": ("database", "databases", "db"),
    "cache": ("cache", "caches"),
    "queue": ("queue", "queues", "broker"),
    "load_balancer": ("load balancer", "load balancers", "balancer", "lb"),
    "kubernetes_cluster": ("cluster", "clusters", "kubernetes", "k8s"),
    "object_store": ("object store", "bucket", "buckets", "object storage"),
}
_NEWEST = 500


def resources(asked: Asked) -> Sequence[Resource]:
    """The draft's resources that the question is about: by the interpreter's word, by name, else by their kind or
    software. None when it names none of them. What stands in a message that changes something names what is changed."""
    if asked.subject is not None:
        return [asked.subject]
    if asked.draft is None or asked.interpretation.edits:
        return []
    text = asked.message.casefold()
    names = set(said([item.name for item in asked.draft.resources], text))
    if names:
        return [item for item in asked.draft.resources if item.name in names]
    kinds = {(item.type, item.engine): _kinds(item) for item in asked.draft.resources}
    spoken = set(said([word for words in kinds.values() for word in words], text))
    return [r for r in asked.draft.resources if spoken & set(kinds[r.type, r.engine])]


def stack(asked: Asked, stacks: Sequence[Stack]) -> Stack | None:
    """The stack that the question names."""
    spoken = f"{asked.message} {asked.interpretation.stack or ''}"
    found = said([item.ref.name for item in stacks], spoken)
    return next((item for item in stacks if item.ref.name in found), None)


def request(asked: Asked) -> IPR | None:
    """The request that the question numbers; None without a number. Raises NotFound for a number that there is not."""
    match = _REQUEST.search(asked.message.casefold())
    return asked.transaction.iprs.get(int(match[1]), project=asked.project) if match else None


def revisions(asked: Asked) -> tuple[int, ...]:
    """The revision numbers in the question, at most two: `version 1 and 2`."""
    match = _REVISIONS.search(asked.message.casefold())
    return tuple(int(number) for number in match.groups() if number) if match else ()


def blueprint(asked: Asked) -> Revision | None:
    """Another blueprint that the question names, by number or by name: not the draft itself. Raises NotFound for a
    number that there is not."""
    own = asked.revision.id if asked.revision else None
    match = _BLUEPRINT.search(asked.message.casefold())
    if match:
        return asked.transaction.blueprints.latest(int(match[1]), project=asked.project)
    saved = asked.transaction.blueprints.list(project=asked.project, limit=_NEWEST)
    others = [item for item in saved if item.id != own]
    found = said([item.blueprint.name for item in others], asked.message)
    return next((item for item in others if item.blueprint.name in found), None)


def draft_said(asked: Asked) -> bool:
    """Whether the question names the draft itself."""
    return asked.blueprint is not None and bool(said([asked.blueprint.name], asked.message))


def revision(asked: Asked, number: int) -> Revision | None:
    """A revision of the draft; None when it has none of that number."""
    if asked.revision is None:
        return None
    try:
        return asked.transaction.blueprints.revision(
            asked.revision.id, number, project=asked.project
        )
    except NotFound:
        return None


def said(names: Iterable[str], message: str) -> list[str]:
    """Those of the names that stand in the message as whole words; one inside a longer one does not count."""
    text = message.casefold()
    found = []
    there = {name for name in names if name.casefold() in text}
    for name in sorted(there, key=len, reverse=True):
        pattern = rf"(?<![\w-]){re.escape(name.casefold())}(?![\w-])"
        if re.search(pattern, text):
            found.append(name)
            text = re.sub(pattern, " ", text)
    return found


def one_of(draft: Blueprint, address: str) -> Resource | None:
    """The resource that an instance's address belongs to."""
    return next((item for item in draft.resources if address in item.instance_names()), None)


def _kinds(resource: Resource) -> list[str]:
    words = [*_TYPE_WORDS.get(resource.type, ()), TITLES[resource.type].casefold()]
    return [*words, resource.engine] if resource.engine else words
