"""What a blueprint may say that only Kubernetes knows: `options: {kubernetes: {pod_security: baseline}}` of a resource.

Nothing of it is needed. A key that nobody knows is a fault with the one that was probably meant, as everywhere in a
blueprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import Field, ValidationError, field_validator, model_validator

from alma.core.model.base import Frozen, Json, canonical_json
from alma.core.model.blueprint import WORKLOADS, ResourceType
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.faults import faults_of
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import names
from alma.engines.kubernetes.settings import PodSecurity

ENGINE: Final = "kubernetes"
M = TypeVar("M", bound=Frozen)
_NAMED: Final = r"/[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$"
# A DNS name, as objects of a cluster have them.
Word = Annotated[str, Field(pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$", max_length=253)]


class Operator(StrEnum):
    """What may run a database or cache in the place of a plain StatefulSet."""

    CLOUDNATIVE_PG = "cloudnative-pg"
    REDIS = "redis"


class Autoscale(Frozen):
    """How many there are by load: at least the blueprint's `count`, or `min`; `cpu` is the share of the CPUs that are
    asked for, in percent, around which it is kept."""

    min: int | None = Field(default=None, ge=1, le=1000)
    max: int = Field(ge=1, le=1000)
    cpu: int = Field(default=80, ge=1, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Autoscale:
        if self.min is not None and self.min > self.max:
            raise ValueError("min is more than max")
        return self


class KubernetesOptions(Frozen):
    """The options of what runs. `None` means: the setting of that name, or what ALMA finds best."""

    pod_security: PodSecurity | None = Field(
        default=None,
        description="The level its pods are held to: restricted, baseline, privileged.",
    )
    user: Annotated[int, Field(ge=1, le=2_147_483_647)] | Literal["image"] | None = Field(
        default=None, description="The number of the user it runs as; image: the image's own."
    )
    autoscale: Autoscale | None = Field(default=None, description="service, container: by load.")
    operator: Operator | None = Field(
        default=None, description="database: cloudnative-pg; cache: redis, if it is installed."
    )
    gateway: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?(/[a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$",
        max_length=253,
        description="The Gateway that its HTTP port is reached through: name, or namespace/name.",
    )
    host: Word | None = Field(
        default=None, description="The name it is asked by through an Ingress or a Gateway."
    )
    node_selector: Mapping[str, str] = Field(
        default_factory=dict, description="Labels of the nodes it may run on."
    )
    existing: str | None = Field(
        default=None,
        pattern=rf"^(Deployment|StatefulSet){_NAMED}",
        description="What was there before ALMA and was imported: kind/namespace/name.",
    )
    disk_image: str | None = Field(
        default=None, max_length=256, description="vm: the image of its disk (KubeVirt)."
    )

    @field_validator("node_selector")
    @classmethod
    def _labels(cls, value: Mapping[str, str]) -> Mapping[str, str]:
        for key, text in value.items():
            if not names.is_label(key, text):
                raise ValueError(f"'{key}: {text}' is no label of Kubernetes")
        return value


class VolumeOptions(Frozen):
    """The options of a volume."""

    storage_class: Word | None = None
    access_mode: Literal["ReadWriteOnce", "ReadWriteMany", "ReadWriteOncePod"] = "ReadWriteOnce"
    existing: str | None = Field(default=None, pattern=rf"^PersistentVolumeClaim{_NAMED}")


class NoOptions(Frozen):
    """What has none."""


def options_of(desired: DesiredResource) -> KubernetesOptions:
    """The options of what runs. What is not valid counts as not written: `faults` says so, and stops the plan."""
    return _read(KubernetesOptions, desired)


def volume_options(desired: DesiredResource) -> VolumeOptions:
    """The options of a volume."""
    return _read(VolumeOptions, desired)


def faults(desired: DesiredResource) -> list[Diagnostic]:
    """Everything that is wrong with the options. Paths begin with an address."""
    given: Any = desired.resource.options.get(ENGINE)
    if not given:
        return []
    model = _model_of(desired.type)
    try:
        model.model_validate_json(canonical_json(given))
    except ValidationError as error:
        start = f"{desired.address}.options.{ENGINE}"
        return [
            fault.diagnostic.model_copy(
                update={"path": ".".join(filter(None, (start, fault.diagnostic.path)))}
            )
            for fault in faults_of(error, given, model=model)
        ]
    return []


def _model_of(type_: ResourceType) -> type[Frozen]:
    if type_ is ResourceType.VOLUME:
        return VolumeOptions
    return KubernetesOptions if type_ in WORKLOADS else NoOptions


def _read(model: type[M], desired: DesiredResource) -> M:
    given: Mapping[str, Json] | None = desired.resource.options.get(ENGINE)
    found = _parsed(model, canonical_json(given) if given else "{}")
    assert isinstance(found, model)  # what a cache returns has lost its type
    return found


# Many instances share their options, and each is asked several times.
@lru_cache(maxsize=4096)
def _parsed(model: type[Frozen], text: str) -> Frozen:
    try:
        return model.model_validate_json(text)
    except ValidationError:
        return model()
