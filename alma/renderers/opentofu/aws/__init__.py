"""OpenTofu for AWS with the provider hashicorp/aws: managed services where AWS has them, machines for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from alma.core.model.blueprint import ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.rendering import Rendering, Subject
from alma.core.model.state import DesiredResource
from alma.core.ports.renderers import MachineTypes
from alma.renderers.opentofu.aws.balancers import Balancers
from alma.renderers.opentofu.aws.clusters import Clusters
from alma.renderers.opentofu.aws.ground import Ground
from alma.renderers.opentofu.aws.machines import Machines
from alma.renderers.opentofu.aws.managed import Managed
from alma.renderers.opentofu.aws.writing import (
    Writing,
    cache_engine,
    is_balancer,
    is_broker,
    is_machine,
    primary_of,
    rds_engine,
)
from alma.renderers.opentofu.document import FORMAT, Document
from alma.renderers.secrets import secrets_in

_USUAL_REGION = "us-east-1"


class AwsRenderer:
    """See `Renderer`. What AWS does not run itself is a machine with a container."""

    name: ClassVar[str] = "aws"
    formats: ClassVar[tuple[str, ...]] = (FORMAT,)
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(ResourceType) - {ResourceType.FIREWALL}, separate_firewalls=False
    )

    def render(
        self,
        resources: Sequence[DesiredResource],
        subject: Subject,
        *,
        format: str,
        types: MachineTypes,
    ) -> Rendering:
        """See `Renderer.render`."""
        writing = Writing(resources, Document(subject, secrets=secrets_in(resources)), types)
        _connect(writing)
        ground = Ground(writing)
        ground.lay()
        _Instances(writing, ground).add()
        _tell_secrets(writing)
        return Rendering(
            engine=self.name,
            format=format,
            files=(writing.document.written(),),
            notes=writing.notes.found,
        )


def _connect(writing: Writing) -> None:
    told = "Where everything is made."
    region = writing.document.variable(
        "region", told, default=writing.subject.region or _USUAL_REGION
    )
    tags = {"alma-blueprint": writing.subject.stack}
    settings = {"region": region, "default_tags": {"tags": tags}}
    writing.document.require("aws", source="hashicorp/aws", version=">= 5.40", settings=settings)


class _Instances:
    """Each instance in the part of the file that it belongs to."""

    def __init__(self, writing: Writing, ground: Ground) -> None:
        self.writing = writing
        self.machines = Machines(writing, ground)
        self.managed = Managed(writing, ground)
        self.balancers = Balancers(writing, ground)
        self.clusters = Clusters(writing, ground)

    def add(self) -> None:
        for item in self.writing.resources:
            self._add(item)
        for item in self.writing.resources:
            unused = item.type is ResourceType.VOLUME and item.address not in self._mounted()
            if unused and not item.implied:
                reason = "no machine mounts it: a disk is made where it is attached"
                self.writing.notes.unsupported(item, "type", reason)

    def _mounted(self) -> set[str]:
        return {*self.machines.owners}

    def _add(self, item: DesiredResource) -> None:
        if rds_engine(item):
            self.managed.database(item)
        elif primary := primary_of(item):
            self.managed.copy(item, primary)
        elif cache_engine(item):
            self.managed.cache(item)
        elif is_broker(item):
            self.managed.broker(item)
        elif item.type is ResourceType.OBJECT_STORE:
            self.managed.store(item)
        elif item.type is ResourceType.KUBERNETES_CLUSTER:
            self.clusters.add(item)
        elif is_balancer(item):
            self.balancers.add(item)
        elif is_machine(item):
            self.machines.add(item)


def _tell_secrets(writing: Writing) -> None:
    for name, word in writing.document.asked.items():
        writing.notes.left(
            f"variable.{word}",
            f"the secret '{name}' is not in the files",
            hint=f"set TF_VAR_{word}; OpenTofu keeps it in its state, so keep that safe",
        )
