"""What can be said against a draft: the findings of the policy rules, the same that the tools give, each with the words
that mend it when said; and ideas where no rule asks for anything.

A finding is a rule's; nothing here adds to it or takes from it. An idea is about being left with one of something:
rules ask that of production only.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from alma.core.model.base import Frozen
from alma.core.model.blueprint import COMPUTE, Blueprint, Resource, ResourceType
from alma.core.model.finding import Finding, Gravity
from alma.core.model.software import Catalogue
from alma.core.services.answers.asked import Asked, Sources
from alma.core.services.compliance import Audit

_T = ResourceType
# What to say so that a finding goes. Words are only given for rules whose finding really goes then: a test says them.
_SAY: Mapping[str, str] = {
    "ALMA-NET-001": "make {name} private",
    "ALMA-NET-002": "make {name} private",
    "ALMA-NET-003": "make {name} private",
    "ALMA-NET-004": "make {name} private",
    "ALMA-NET-005": "make {name} private",
    "ALMA-NET-007": "make {name} private",
    "ALMA-NET-012": "make {name} private",
    "ALMA-NET-013": "make {name} private",
    "ALMA-BCK-001": "add daily backups to {name}",
    "ALMA-AVL-001": "scale {name} to 2",
    "ALMA-AVL-002": "add a replica of {name}",
    "ALMA-AVL-009": "scale {name} to 3 control plane nodes",
    "ALMA-RUN-003": "add pod security standards",
    "ALMA-RUN-004": "add network policies",
    "ALMA-SIZ-001": "give {name} {specs.cpu} CPU and {specs.memory} memory",
    "ALMA-SIZ-002": "give {name} a {specs.disk} disk",
    "ALMA-SYS-003": "use version {version} for {name}",
}
_HOLE = re.compile(r"\{([\w.]+)\}")


class Remark(Frozen):
    """One thing about the draft. `rule` is None for an idea; `path` is where (`resources.db-1.backup`), `say` what
    mends it when said."""

    rule: str | None = None
    severity: Gravity | None = None
    path: str
    text: str
    say: str | None = None

    @property
    def resource(self) -> str:
        """Which resource it is about; nothing for the whole draft."""
        return self.path.partition("resources.")[2].split(".")[0]


def audit_of(asked: Asked, sources: Sources, *, standards: Sequence[str] | None = ()) -> Audit:
    """What the rules say of the draft, and of the standards that are named; the same as the tools'."""
    assert asked.draft is not None
    return sources.compliance.audit(
        asked.project, asked.draft, asked=standards, within=asked.transaction
    )


def findings(asked: Asked, sources: Sources, audit: Audit | None = None) -> tuple[Remark, ...]:
    """Every broken rule, the gravest first."""
    found = audit or audit_of(asked, sources)
    draft = asked.draft
    assert draft is not None
    return tuple(_remark(item, draft, sources.catalogue) for item in found.assessment.failed)


def remarks(asked: Asked, sources: Sources) -> tuple[Remark, ...]:
    """What is worth telling of the draft: grave findings, ideas, and then the lesser findings."""
    assert asked.draft is not None
    found = findings(asked, sources)
    grave = [item for item in found if item.severity in {Gravity.CRITICAL, Gravity.HIGH}]
    told = {item.path for item in found} | {item.say for item in found}
    extra = [
        item
        for item in ideas(asked.draft, sources.catalogue)
        if item.path not in told and item.say not in told
    ]
    return (*grave, *extra, *(item for item in found if item not in grave))


def _remark(item: Finding, draft: Blueprint, catalogue: Catalogue) -> Remark:
    return Remark(
        rule=item.rule,
        severity=item.severity,
        path=item.path,
        text=item.message,
        say=_say(item, draft, catalogue),
    )


def _say(item: Finding, draft: Blueprint, catalogue: Catalogue) -> str | None:
    """The words, with the values of the finding's own edits; None where one of them is not known."""
    phrase = _SAY.get(item.rule)
    resource = draft.resource(item.resource) if item.resource else None
    if phrase is None or (resource is None and "{name}" in phrase):
        return None
    values = {edit.path: edit.value for edit in item.fix if edit.op == "set_field"}
    known = catalogue.find(resource.engine) if resource and resource.engine else None
    values |= {"name": item.resource, "version": known.default_version if known else None}
    if any(values.get(hole) is None for hole in _HOLE.findall(phrase)):
        return None
    return _HOLE.sub(lambda hole: str(values[hole[1]]), phrase)


# ── ideas ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Around:
    """What a resource is looked at with: the rest of the draft, and what software there is."""

    draft: Blueprint
    catalogue: Catalogue

    @cached_property
    def numbers(self) -> Counter[tuple[ResourceType, str | None, str | None]]:
        """How many instances of each kind there are."""
        counted: Counter[tuple[ResourceType, str | None, str | None]] = Counter()
        for item in self.draft.resources:
            counted[self.kind(item)] += item.count
        return counted

    @cached_property
    def by_name(self) -> dict[str, Resource]:
        """The draft's resources."""
        return {item.name: item for item in self.draft.resources}

    def kind(self, item: Resource) -> tuple[ResourceType, str | None, str | None]:
        """What makes two resources do the same work: type, software (the default one if none is named) and image."""
        default = self.catalogue.defaults.get(item.type) if item.image is None else None
        return item.type, item.engine or default, item.image


def ideas(draft: Blueprint, catalogue: Catalogue) -> tuple[Remark, ...]:
    """What there is only one of, where that matters."""
    around = Around(draft, catalogue)
    return tuple(
        remark
        for resource in draft.resources
        for idea in _IDEAS
        for remark in idea(resource, around)
    )


def _only_database(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type is _T.DATABASE and _number(item, around) == 1:
        yield Remark(
            path=_path(item, "count"),
            text=f"{item.name} is the only {item.engine or 'database'} and has no replica",
            say=f"add a replica of {item.name}",
        )


def _only_server(item: Resource, around: Around) -> Iterator[Remark]:
    serves = item.type in COMPUTE and (item.network.ports or item.engine or item.image)
    if serves and _number(item, around) == 1:
        yield Remark(
            path=_path(item, "count"),
            text=f"{item.name} is the only one of its kind: when it stops, what it serves stops",
            say=f"scale {item.name} to 2",
        )


def _unbalanced(item: Resource, around: Around) -> Iterator[Remark]:
    if item.type is not _T.LOAD_BALANCER:
        return
    behind = [around.by_name[name] for name in item.backends if name in around.by_name]
    if sum(r.count for r in behind) == 1:
        yield Remark(
            path=_path(item, "backends"),
            text=f"{item.name} spreads over a single server",
            say=f"scale {behind[0].name} to 2",
        )


def _small_cluster(item: Resource, around: Around) -> Iterator[Remark]:
    """A cluster's store needs most of its control-plane nodes: of 1 none may fail, and of 2 none either."""
    if item.type is not _T.KUBERNETES_CLUSTER:
        return
    control = item.specs.control_plane or (1 if item.specs.workers is not None else None)
    number = control if control is not None else item.specs.nodes
    if number is not None and number < 3:
        yield Remark(
            path=_path(item, "specs.control_plane" if control is not None else "specs.nodes"),
            text=f"{item.name} stops when one of its {number} control-plane nodes does",
            say=f"scale {item.name} to 3 control plane nodes",
        )


def _number(item: Resource, around: Around) -> int:
    """How many instances do the same work."""
    return around.numbers[around.kind(item)]


def _path(item: Resource, path: str) -> str:
    return f"resources.{item.name}.{path}"


_IDEAS: Sequence[Callable[[Resource, Around], Iterator[Remark]]] = (
    _only_database,
    _only_server,
    _unbalanced,
    _small_cluster,
)
