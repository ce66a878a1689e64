"""What the objects of a cluster say about themselves, as observed resources. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from alma.core.model.state import ObservedResource, StackRef

Object = Mapping[str, Any]


def observed(
    stack: StackRef, objects: Iterable[Object], pods: Iterable[Object] = ()
) -> tuple[ObservedResource, ...]:
    """Every address of the stack among the objects (of all kinds, each with `apiVersion` and `kind`), sorted.

    A companion whose primary is not there is reported under its address as what is left over: a delete removes it.
    `object_id` is `<Kind>/<namespace>/<name>/<uid>`.
    """
    raise NotImplementedError
