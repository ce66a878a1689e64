"""Desired resources as the tests of the Docker engine need them."""

from __future__ import annotations

from typing import Any

from alma.core.model.blueprint import Resource, ResourceType
from alma.core.model.state import DesiredResource, StackRef

STACK = StackRef(id="s-1", name="shop", engine="docker")


def wish(
    type_: ResourceType = ResourceType.SERVICE,
    *,
    address: str = "web-1",
    resource: dict[str, Any] | None = None,
    **fields: Any,
) -> DesiredResource:
    """A desired resource; `resource` are the fields of the blueprint's own entry."""
    entry = Resource.model_validate({"name": address, "type": type_, **(resource or {})})
    given: dict[str, Any] = {"image": "nginx:1.27"} | fields
    return DesiredResource.model_validate(
        {"address": address, "type": type_, "resource": entry, **given}
    )
