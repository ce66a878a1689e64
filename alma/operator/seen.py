"""Objects as they were seen: what of a body the operator goes by, and nothing else of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from alma.core.model.base import Frozen, digest_of
from alma.operator import names
from alma.operator.documents import BlueprintStatus, Deploy, RequestStatus


class SeenBlueprint(Frozen):
    """A Blueprint at one moment."""

    uid: str
    namespace: str
    name: str
    generation: int
    spec: Mapping[str, Any]
    annotations: Mapping[str, str]
    status: BlueprintStatus
    deleting: bool = False

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> SeenBlueprint:
        """Of what the API server says. A status that can't be read, such as another version's, is none."""
        metadata = body["metadata"]
        return cls(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            generation=metadata.get("generation", 0),
            spec=dict(body.get("spec") or {}),
            annotations=dict(metadata.get("annotations") or {}),
            status=_status(BlueprintStatus, body, BlueprintStatus()),
            deleting=bool(metadata.get("deletionTimestamp")),
        )

    @property
    def document(self) -> dict[str, Any]:
        """The blueprint that it declares, called like the object unless it says otherwise."""
        written = {key: value for key, value in self.spec.items() if key != "deploy"}
        return {"name": self.name, **written}

    @property
    def deploy(self) -> Deploy:
        """Raises pydantic's ValidationError for one that no API server would have let in."""
        return Deploy.model_validate(self.spec.get("deploy") or {})

    @property
    def lenient_deploy(self) -> Deploy:
        """The same, and the most careful one instead of an error: what is deleted has to go."""
        try:
            return self.deploy
        except ValidationError:
            return Deploy()

    @property
    def asked(self) -> str | None:
        """The word by which somebody wants another request."""
        return self.annotations.get(names.REQUEST_AGAIN) or None

    @property
    def mark(self) -> str:
        """Another one whenever somebody has changed what the operator goes by."""
        watched = (names.REQUEST_AGAIN, names.FORGET, names.TAKE_OVER)
        said = {key: self.annotations.get(key) for key in watched}
        return digest_of([self.uid, self.generation, self.deleting, said])


class SeenRequest(Frozen):
    """An InfrastructurePullRequest at one moment."""

    uid: str
    namespace: str
    name: str
    ipr_id: int
    blueprint: str = ""
    of_blueprint: str | None = None
    annotations: Mapping[str, str]
    status: RequestStatus | None = None

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> SeenRequest:
        """Of what the API server says."""
        metadata, spec = body["metadata"], body.get("spec") or {}
        return cls(
            uid=metadata["uid"],
            namespace=metadata["namespace"],
            name=metadata["name"],
            ipr_id=spec.get("iprId", 0),
            blueprint=spec.get("blueprint", ""),
            of_blueprint=(metadata.get("labels") or {}).get(names.OF_BLUEPRINT),
            annotations=dict(metadata.get("annotations") or {}),
            status=_status(RequestStatus, body, None),
        )

    @property
    def approve(self) -> str | None:
        """The digest that somebody approves."""
        return (self.annotations.get(names.APPROVE) or "").strip() or None

    @property
    def reject(self) -> str | None:
        """The reason for which somebody rejects it."""
        return (self.annotations.get(names.REJECT) or "").strip() or None

    @property
    def mark(self) -> str:
        """Another one whenever somebody has decided otherwise."""
        return digest_of([self.name, self.approve, self.reject])


def _status(model: Any, body: Mapping[str, Any], none: Any) -> Any:
    try:
        return model.model_validate(dict(body.get("status") or {}))
    except ValidationError:
        return none
