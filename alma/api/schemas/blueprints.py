"""Blueprints as they are shown: their own fields on top, so that an answer can be sent back as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from alma.api.errors import line_of
from alma.api.schemas.common import PREFIX
from alma.api.schemas.plans import Paced
from alma.core.migration.conversion import Conversion, Form, SourceObject
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Revision
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.document import diagnose, dump_yaml

EXAMPLE: dict[str, Any] = {
    "version": "1.0",
    "name": "shop",
    "resources": [
        {"name": "web", "type": "vm", "count": 2, "specs": {"cpu": 2, "memory": "4GB"}},
        {"name": "db-1", "type": "database", "engine": "postgresql", "version": "16"},
    ],
}
YAML_EXAMPLE = """version: "1.0"
name: shop
resources:
  - name: web
    type: vm
    count: 2
    specs: {cpu: 2, memory: 4GB}
  - name: db-1
    type: database
    engine: postgresql
    version: "16"
"""


class ConversionView(Frozen):
    """What became of a foreign description. Nothing of it was saved: `blueprint` is ready to be."""

    form: Form
    platform: str = Field(description="Where it ran.")
    blueprint: dict[str, Any]
    yaml: str = Field(description="The same for people and files.")
    origins: Mapping[str, Origin]
    objects: tuple[SourceObject, ...] = Field(description="Every object of the source.")
    remarks: tuple[Diagnostic, ...] = Field(
        description="What has no place, was not copied, or is assumed; the path is the source's."
    )


def conversion_view(made: Conversion) -> ConversionView:
    """As it is shown."""
    return ConversionView(
        form=made.form,
        platform=made.platform,
        blueprint=made.blueprint.dump(),
        yaml=dump_yaml(made.blueprint),
        origins=made.origins,
        objects=made.objects,
        remarks=made.remarks,
    )


class BlueprintView(Blueprint):
    """A saved revision. What stands beside the blueprint's own fields is ignored when the answer is sent back, but for
    `revision`: a PUT with it is refused when somebody saved another meanwhile."""

    id: int
    revision: int
    digest: str
    created_at: datetime = Field(description="When this revision was saved.")
    created_by: str
    origins: Mapping[str, Origin] = Field(
        default_factory=dict, description="Where the values came from, by path."
    )
    warnings: tuple[Diagnostic, ...] = ()
    links: Mapping[str, str]


class RevisionSummary(Frozen):
    """One saved state of a blueprint."""

    id: int
    revision: int
    name: str
    digest: str
    created_at: datetime
    created_by: str
    links: Mapping[str, str]


class Validation(Frozen):
    """What is to be said about a document."""

    valid: bool
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


class GenerateConstraints(Frozen):
    """Limits in figures; they are kept in the blueprint and hold for later changes, too."""

    max_cost: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="A month, in the currency of the prices.",
    )
    max_monthly_cost: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    region: str | None = Field(default=None, max_length=64)

    def constraints(self) -> Constraints | None:
        """The same as a blueprint has them; None if there are none."""
        cost = self.max_monthly_cost or self.max_cost
        if cost is None and self.region is None:
            return None
        return Constraints(max_monthly_cost=cost, region=self.region)


class GenerateBody(Frozen):
    """What is wanted, in words."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "description": "A web shop with two servers and a PostgreSQL database",
                "constraints": {"max_cost": 400, "region": "eu-central"},
            }
        }
    )

    description: str = Field(min_length=1, max_length=10_000)
    constraints: GenerateConstraints = GenerateConstraints()


class BlueprintDeploy(Paced):
    """Where, and whether only to look."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"engine": "docker", "title": "Put the shop online"}}
    )

    dry_run: bool = Field(default=False, description="Answer with the plan; open nothing.")
    engine: str | None = Field(default=None, max_length=64)
    title: str | None = Field(default=None, min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)


def blueprint_body(
    revision: Revision, *, warnings: bool = True, further: Sequence[Diagnostic] = ()
) -> dict[str, Any]:
    """The answer for one revision. Plain values and no model: what was not written is not shown. `further` warnings
    are those that do not follow from the document alone."""
    said = [*diagnose(revision.blueprint), *further] if warnings else []
    return {
        "id": revision.id,
        "revision": revision.number,
        "version": revision.blueprint.version,
        **revision.blueprint.dump(),
        "digest": revision.digest,
        "created_at": revision.created_at.isoformat(),
        "created_by": revision.created_by,
        "origins": dict(revision.origins),
        "warnings": [item.model_dump(mode="json") for item in said],
        "links": blueprint_links(revision.id),
    }


def revision_summary(revision: Revision) -> RevisionSummary:
    """The revision for a list."""
    return RevisionSummary(
        id=revision.id,
        revision=revision.number,
        name=revision.blueprint.name,
        digest=revision.digest,
        created_at=revision.created_at,
        created_by=revision.created_by,
        links={"self": f"{PREFIX}/blueprints/{revision.id}/revisions/{revision.number}"},
    )


def blueprint_links(id_: int) -> dict[str, str]:
    """What can be done with a blueprint."""
    base = f"{PREFIX}/blueprints/{id_}"
    return {
        "self": base,
        "revisions": f"{base}/revisions",
        "plan": f"{base}/plan",
        "deploy": f"{base}/deploy",
    }


def validation(diagnostics: Sequence[Diagnostic], *, valid: bool) -> Validation:
    """Errors and warnings apart, for people and for programs."""
    lines = tuple(line_of(item) for item in diagnostics)
    return Validation(
        valid=valid,
        errors=() if valid else lines,
        warnings=lines if valid else (),
        diagnostics=tuple(diagnostics),
    )
