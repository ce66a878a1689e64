"""How things are called on the Docker host, and the labels that say what names can't."""

from __future__ import annotations

import json
from collections.abc import Mapping

from alma.core.model.base import Json, canonical_json
from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base

PREFIX = "alma."
DECLARED = "alma.declared"
PROJECT = "alma.project"
STACK_NAME = "alma.stack-name"
SPEAKS = "alma.speaks"
MANIFEST = "/.alma/declared.json"
_NEXT = ".next"
_PREVIOUS = ".previous"
_HOST_NAME_LIMIT = 63


def object_name(stack: StackRef, address: str) -> str:
    """The name of a container, network or volume: unique on the host, and readable in `docker ps`."""
    return f"{stack.name}-{address}"


def name_of_next(stack: StackRef, address: str) -> str:
    """The name of a container that is being made to replace another one."""
    return object_name(stack, address) + _NEXT


def name_of_previous(stack: StackRef, address: str) -> str:
    """The name of a stopped container that is kept until its successor runs."""
    return object_name(stack, address) + _PREVIOUS


def is_in_passing(name: str) -> bool:
    """Whether the container of that name is part of a replacement that is not finished."""
    return name.endswith((_NEXT, _PREVIOUS))


def host_name(address: str) -> str:
    """What an instance calls itself. Linux takes 63 characters."""
    return address[:_HOST_NAME_LIMIT].rstrip("-.")


def stack_filter(stack: StackRef, address: str | None = None) -> dict[str, str]:
    """The labels that every object of the stack, or of one address in it, carries."""
    labels = {base.STACK: stack.id}
    return labels if address is None else labels | {base.ADDRESS: address}


def labels_of(marker: base.Marker, stack: StackRef, declared: Mapping[str, Json]) -> dict[str, str]:
    """ALMA's own labels for one object."""
    return {
        **marker.labels(),
        STACK_NAME: stack.name,
        PROJECT: stack.project,
        DECLARED: canonical_json(dict(declared)),
    }


def own_labels(desired: DesiredResource) -> dict[str, str]:
    """The labels the blueprint asks for, without those that would pass for ALMA's."""
    labels = desired.resource.labels
    return {name: text for name, text in labels.items() if not name.startswith(PREFIX)}


def declared_in(labels: Mapping[str, str]) -> dict[str, Json]:
    """What was declared when the object was made; empty when that can't be read."""
    return parse_declared(labels.get(DECLARED, "{}"))


def parse_declared(text: str | bytes) -> dict[str, Json]:
    """A JSON object, or nothing when the text is none: somebody else may have written there."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
