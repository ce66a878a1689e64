"""The facts of a blueprint, as rules see them: what is said, what is declared, what follows.

Every path of `vocabulary.FACTS` exists for every resource, null where nobody said. Facts are computed for those paths
that are asked for, and one resource at a time: ten thousand resources need the memory of one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.software import Catalogue
from alma.core.policy.declared import Declarations, at
from alma.core.policy.derived import Derived
from alma.core.policy.graph import Graph
from alma.core.policy.lifecycle import Lifecycle
from alma.core.policy.said import SAID, said_of_blueprint
from alma.core.policy.vocabulary import FACTS, is_open
from alma.core.policy.waivers import Faulty
from alma.core.policy.whole import whole_of

Row = Mapping[str, Any]

_ALWAYS = frozenset(
    {
        "r.data.classes",
        "r.environment",
        "r.exposure",
        "r.location.host",
        "r.location.region",
        "r.location.zone",
        "r.monitoring.enabled",
        "r.tier",
        "r.tls.redirects_http",
    }
)
"""What is declared and other facts follow from."""


class Facts:
    """The facts of one blueprint. `wanted` are the full names that are asked for; without it, all that are listed."""

    def __init__(
        self,
        blueprint: Blueprint,
        *,
        lifecycle: Lifecycle,
        today: date,
        catalogue: Catalogue | None = None,
        wanted: frozenset[str] | None = None,
        faulty: Faulty | None = None,
    ) -> None:
        self.blueprint = blueprint
        self._wanted = wanted if wanted is not None else frozenset(FACTS)
        self._graph = Graph(blueprint, catalogue)
        declarations = Declarations(blueprint, wanted=self._wanted | _ALWAYS, today=today)
        self._declared = {r.name: declarations.of(r) for r in blueprint.resources}
        self._derived = Derived(self._graph, self._declared, lifecycle=lifecycle, today=today)
        self._said = [(name, SAID[name]) for name in SAID if name in self._wanted]
        self._open = [name for name in self._wanted if is_open(name) and name.startswith("r.")]
        self._follows = any(name.startswith("d.") for name in self._wanted)
        self.whole = self._whole(faulty or Faulty())

    def rows(self) -> Iterator[tuple[Resource, Row]]:
        """Each resource with its facts by their full names, those of the whole blueprint among them."""
        for resource, software in zip(self._graph.resources, self._graph.software, strict=True):
            row = dict(self.whole)
            row["r.engine"] = software
            for name, reading in self._said:
                row[name] = reading(resource)
            row.update(self._declared[resource.name])
            if self._follows:
                row.update(self._derived.of(resource, software))
            for name in self._open:
                row[name] = _as_it_stands(_opened(resource, name))
            yield resource, row

    def _whole(self, faulty: Faulty) -> dict[str, Any]:
        found = said_of_blueprint(self.blueprint)
        for name in self._wanted:
            if is_open(name) and name.startswith("bp."):
                path = tuple(name.split(".")[2:])
                found[name] = _as_it_stands(at(self.blueprint.metadata, path))
        if any(name.startswith("g.") for name in self._wanted):
            found |= whole_of(self._graph, self._derived, self._declared, faulty=faulty)
        return found


def _opened(resource: Resource, name: str) -> Any:
    """What stands at an open path: `r.labels.team`, `r.options.proxmox.onboot`."""
    _, root, *path = name.split(".")
    values = getattr(resource, root)
    return at(values, tuple(path)) if values else None


def _as_it_stands(value: Any) -> Any:
    """A list as something that can't change."""
    return tuple(value) if isinstance(value, list) else value
