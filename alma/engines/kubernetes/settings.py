"""What a person may decide about one Kubernetes cluster: where it is, who ALMA is there, and how things are made in it.

A fault is told without repeating a value, as a kubeconfig holds keys and tokens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, SecretStr, field_validator, model_validator

from alma.core.model.base import Frozen

PodSecurity = Literal["restricted", "baseline", "privileged"]
PublicService = Literal["LoadBalancer", "NodePort"]


class KubernetesSettings(Frozen):
    """How to reach a cluster, and how to use it. Times are seconds.

    `kubeconfig` is a file on this machine; `kubeconfig_text` is the content of one, for connections that are saved: it
    may name no file and no program of this machine. Without either, the rules of Kubernetes' own clients hold:
    KUBECONFIG, else the service account when ALMA runs inside a cluster, else `~/.kube/config`. `context` picks one of
    several clusters; None: the current one.

    `namespace` puts all stacks into one namespace that is there already; None: each stack gets its own, named like it
    and made by ALMA. `storage_class` None: the cluster's default. `ingress_class` None: nothing is published through an
    Ingress. `public_service` is how a port is published beyond the cluster otherwise.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    kubeconfig: Path | None = None
    kubeconfig_text: SecretStr | None = None
    context: str | None = None

    namespace: str | None = Field(
        default=None, max_length=63, pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
    )
    storage_class: str | None = None
    ingress_class: str | None = None
    image_pull_secrets: tuple[str, ...] = ()
    pod_security: PodSecurity = "restricted"
    public_service: PublicService = "LoadBalancer"

    max_parallel: int = Field(default=8, ge=1, le=256)
    request_timeout: float = Field(default=30.0, gt=0)
    rollout_timeout: float = Field(default=300.0, gt=0)

    @model_validator(mode="before")
    @classmethod
    def _wrap_secret(cls, given: Any) -> Any:
        """Wraps before anything else looks at it, so that no fault can carry it as its input."""
        text = given.get("kubeconfig_text") if isinstance(given, dict) else None
        return {**given, "kubeconfig_text": SecretStr(text)} if isinstance(text, str) else given

    @field_validator("image_pull_secrets", mode="before")
    @classmethod
    def _separated(cls, given: Any) -> Any:
        """One text with commas is several."""
        if isinstance(given, str):
            return tuple(part.strip() for part in given.split(",") if part.strip())
        return given

    @model_validator(mode="after")
    def _one_configuration(self) -> Self:
        if self.kubeconfig is not None and self.kubeconfig_text is not None:
            raise ValueError("give kubeconfig, a file, or kubeconfig_text, its content, not both")
        return self

    @property
    def of_this_machine(self) -> tuple[str, ...]:
        """`kubeconfig`, unless the configuration is given as text: otherwise it is this machine's own access to a
        cluster (a file, the environment, the service account) that is used."""
        return () if self.kubeconfig_text is not None else ("kubeconfig",)
