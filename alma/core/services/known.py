"""What was worked out about the latest blueprints: between two messages a draft mostly stays as it is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from alma.core.model.blueprint import Blueprint

Value = TypeVar("Value")


class Known(Generic[Value]):
    """The answers about the blueprints asked about last, at most `most` of them. Safe from any thread.

    An answer must follow from the document alone: the whole of it is the key.
    """

    def __init__(self, work: Callable[[Blueprint], Value], *, most: int = 4) -> None:
        self._work = work
        self._most = most
        self._found: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def of(self, blueprint: Blueprint) -> Value:
        """The answer, worked out if it is not at hand. Raises what working it out raises, each time."""
        key = blueprint.model_dump_json(exclude_unset=True)
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        value = self._work(blueprint)
        with self._lock:
            self._found[key] = value
            while len(self._found) > self._most:
                self._found.popitem(last=False)
        return value
