"""ALMA's marker on objects of a cluster: labels to find them by, annotations with what labels can't hold.

A label's value is short and of few letters, so the labels are for selecting only. What counts is in the annotations,
which are on every object from the call on that makes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from alma.core.model.base import Json
from alma.core.model.state import StackRef
from alma.engines import base
from alma.engines.kubernetes import names

DOMAIN: Final = "alma.dev"
STACK: Final = f"{DOMAIN}/stack"
ADDRESS: Final = f"{DOMAIN}/address"
ROLE: Final = f"{DOMAIN}/role"
TYPE: Final = f"{DOMAIN}/type"
KEY: Final = f"{DOMAIN}/key"
DEPENDS_ON: Final = f"{DOMAIN}/depends-on"
RETAIN: Final = f"{DOMAIN}/retain"
DECLARED: Final = f"{DOMAIN}/declared"
INSTEAD: Final = f"{DOMAIN}/instead"
SAYS: Final = f"{DOMAIN}/says"
PROJECT: Final = f"{DOMAIN}/project"
STACK_NAME: Final = f"{DOMAIN}/stack-name"
MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "alma"
NETWORK: Final = f"network.{DOMAIN}/"
_OWN = (f"{DOMAIN}/", NETWORK)

Object = Mapping[str, Any]


class Role(StrEnum):
    """What an object is for its address: the one that says what it is, or one that goes with it."""

    PRIMARY = "primary"
    COMPANION = "companion"


def selector_of(stack: StackRef, address: str | None = None) -> dict[str, str]:
    """The labels that all objects and pods of a stack, or of one address in it, carry."""
    found = {STACK: names.label_value(stack.id)}
    return found if address is None else found | {ADDRESS: names.label_value(address)}


def labels_of(marker: base.Marker, role: Role) -> dict[str, str]:
    """ALMA's labels for one object."""
    return {
        MANAGED_BY: MANAGER,
        STACK: names.label_value(marker.stack),
        ADDRESS: names.label_value(marker.address),
        ROLE: role.value,
    }


def annotations_of(marker: base.Marker, stack: StackRef) -> dict[str, str]:
    """The whole marker. A primary has DECLARED besides: what was asked for, without anything secret."""
    return {
        STACK: marker.stack,
        STACK_NAME: stack.name,
        PROJECT: stack.project,
        ADDRESS: marker.address,
        TYPE: marker.type.value,
        KEY: marker.key,
        DEPENDS_ON: ",".join(marker.depends_on),
        RETAIN: "true" if marker.retain else "false",
    }


def marker_of(found: Object) -> base.Marker | None:
    """The marker of an object; None when it has none, or none that is whole."""
    metadata = found.get("metadata") or {}
    annotations: Mapping[str, str] = metadata.get("annotations") or {}
    labels: Mapping[str, str] = metadata.get("labels") or {}
    if labels.get(MANAGED_BY) != MANAGER:
        return None
    return base.Marker.from_labels(
        {own: annotations[ours] for own, ours in _FIELDS.items() if ours in annotations}
    )


_FIELDS: Mapping[str, str] = {
    base.STACK: STACK,
    base.ADDRESS: ADDRESS,
    base.TYPE: TYPE,
    base.KEY: KEY,
    base.DEPENDS_ON: DEPENDS_ON,
    base.RETAIN: RETAIN,
}


def is_marked(found: Object) -> bool:
    """Whether an object carries anything of ALMA's, be it only a part of a marker."""
    metadata = found.get("metadata") or {}
    own = (*(metadata.get("labels") or {}), *(metadata.get("annotations") or {}))
    return any(name.startswith(f"{DOMAIN}/") for name in own)


def without(found: Object) -> dict[str, dict[str, None]]:
    """What takes everything of ALMA's off an object's metadata, as a JSON merge patch."""
    own = found["metadata"]
    return {
        part: {name: None for name in own.get(part) or () if is_reserved(name)}
        for part in ("labels", "annotations")
    }


def role_of(found: Object) -> Role | None:
    """What an object is for its address; None for what carries no role, such as a pod."""
    said = ((found.get("metadata") or {}).get("labels") or {}).get(ROLE)
    return next((role for role in Role if role == said), None)


def declared_of(found: Object) -> dict[str, Json]:
    """What was declared when the object was last applied; empty when that can't be read."""
    text = ((found.get("metadata") or {}).get("annotations") or {}).get(DECLARED, "{}")
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def is_reserved(label: str) -> bool:
    """Whether a label would pass for one of ALMA's own."""
    return label == MANAGED_BY or label.startswith(_OWN)
