"""The objects of one address, as they are found together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alma.core.model.base import Json
from alma.engines.kubernetes import kinds, marker
from alma.engines.kubernetes.manifests import pods

Object = Mapping[str, Any]
Kept = Mapping[str, Json]


@dataclass(frozen=True)
class Group:
    """The objects of one address: the primary, what was declared of it, and its companions by kind and name."""

    address: str
    primary: Object
    declared: Kept = field(default_factory=dict)
    companions: Mapping[tuple[str, str], Object] = field(default_factory=dict)

    @classmethod
    def of(cls, address: str, primary: Object, companions: Sequence[Object]) -> Group:
        """The primary with its companions."""
        named = {(item["kind"], item["metadata"]["name"]): item for item in companions}
        return cls(address, primary, marker.declared_of(primary), named)

    @property
    def kind(self) -> str:
        """The primary's kind."""
        return str(self.primary["kind"])

    @property
    def is_operated(self) -> bool:
        """Whether an operator makes its pods."""
        return self.kind in {kinds.short(kind) for kind in kinds.OPERATED}

    @property
    def spec(self) -> Object:
        """What the primary is to be."""
        return self.primary.get("spec") or {}

    @property
    def template(self) -> Object:
        """The pods' template; empty where the primary has none."""
        return self.spec.get("template") or {}

    @property
    def pod(self) -> Object:
        """What its pods are to be."""
        return self.template.get("spec") or {}

    @property
    def container(self) -> Object:
        """The container that is ALMA's: others may have been put beside it."""
        found = (c for c in self.pod.get("containers") or () if c.get("name") == pods.CONTAINER)
        return next(found, {})

    def companion(self, kind: str, name: str) -> Object | None:
        """A companion, if it is there."""
        return self.companions.get((kind, name))
