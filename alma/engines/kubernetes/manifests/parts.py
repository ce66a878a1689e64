"""The values that building manifests passes along, and what every object begins with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base
from alma.engines.kubernetes import marker, names
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.settings import KubernetesSettings

Manifest = dict[str, Any]
Secrets = Callable[[str], str]


@dataclass(frozen=True)
class Manifests:
    """The objects of one address: `before` is what the primary needs to start, `after` what is about it."""

    before: tuple[Manifest, ...]
    primary: Manifest
    after: tuple[Manifest, ...]

    def __iter__(self) -> Iterator[Manifest]:
        """All, in the order in which they are applied."""
        return iter((*self.before, self.primary, *self.after))


@dataclass(frozen=True)
class Ground:
    """All that manifests are made from besides the wish. `key` is the key of the change that makes them."""

    stack: StackRef
    served: Served
    settings: KubernetesSettings
    secret: Secrets
    key: str

    @property
    def namespace(self) -> str:
        """Where everything goes."""
        return names.namespace_of(self.stack, self.settings)

    def companion(self, desired: DesiredResource, kind: str, name: str) -> Manifest:
        """The beginning of an object that goes with the address' primary one."""
        return self._object(desired, kind, name, marker.Role.COMPANION)

    def primary(self, desired: DesiredResource, kind: str, name: str) -> Manifest:
        """The beginning of the object that says what the address is. What was declared is added at the end."""
        return self._object(desired, kind, name, marker.Role.PRIMARY)

    def _object(
        self, desired: DesiredResource, kind: str, name: str, role: marker.Role
    ) -> Manifest:
        mark = base.Marker.of(desired, self.stack, key=self.key)
        return {
            "apiVersion": self.served.version(kind),
            "kind": kind.partition(".")[0],
            "metadata": {
                "name": name,
                "namespace": self.namespace,
                "labels": marker.labels_of(mark, role),
                "annotations": marker.annotations_of(mark, self.stack),
            },
        }
