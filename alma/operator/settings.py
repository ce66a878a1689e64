"""How one operator runs: which namespaces it looks after, what they may do in ALMA, and how often it looks."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

from pydantic import Field

from alma.core.model.access import DEFAULT_PROJECT
from alma.core.model.base import Frozen
from alma.core.model.errors import Forbidden, InvalidInput


class Grant(Frozen):
    """That Blueprints of namespaces (a pattern: `team-*`) may be in a project of ALMA's."""

    namespace: str
    project: str

    @classmethod
    def of(cls, text: str) -> Grant:
        """Of `NAMESPACE=PROJECT`. Raises InvalidInput."""
        namespace, _, project = (part.strip() for part in text.partition("="))
        if not namespace or not project:
            raise InvalidInput(
                f"'{text}' says not which project which namespaces may use",
                hint="write NAMESPACE=PROJECT, such as team-a=shop or *=default",
            )
        return cls(namespace=namespace, project=project)


class OperatorSettings(Frozen):
    """Times are seconds. `cluster` tells this cluster from others that use the same ALMA; `approvals` False: requests
    are decided on in ALMA only, and annotations decide nothing."""

    namespaces: tuple[str, ...] = ()
    grants: tuple[Grant, ...] = (Grant(namespace="*", project=DEFAULT_PROJECT),)
    cluster: str = Field(default="", max_length=63, pattern=r"^([a-z0-9]([a-z0-9.-]*[a-z0-9])?)?$")
    interval: float = Field(default=3.0, gt=0)
    rest: float = Field(default=30.0, gt=0)
    drift_every: float = Field(default=300.0, gt=0)
    approvals: bool = True
    public_url: str | None = None

    def project_for(self, namespace: str, asked: str | None) -> str:
        """Where a Blueprint of that namespace is: as it asks, else the first project that it may use. Raises
        Forbidden."""
        allowed = self._allowed(namespace)
        if asked is None and allowed:
            return next((project for project in allowed if project != "*"), DEFAULT_PROJECT)
        if asked is not None and ("*" in allowed or asked in allowed):
            return asked
        wanted = "any project" if asked is None else f"project {asked}"
        raise Forbidden(
            f"namespace {namespace} may not use {wanted}",
            hint=f"it may use {', '.join(allowed)}"
            if allowed
            else "whoever runs the operator grants it one",
            details={"namespace": namespace, "project": asked},
        )

    def _allowed(self, namespace: str) -> Sequence[str]:
        return [grant.project for grant in self.grants if fnmatchcase(namespace, grant.namespace)]

    def source(self, namespace: str, name: str) -> str:
        """What the declaration of a Blueprint is called in ALMA."""
        cluster = f"{self.cluster}/" if self.cluster else ""
        return f"kubernetes:{cluster}{namespace}/{name}"
