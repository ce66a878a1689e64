"""Keeps the garbage collector out of a large plan.

A plan of ten thousand resources makes some hundred thousand small objects, none of them garbage and none in a cycle;
the collector would walk all of them again and again, for a third of the time. It is off for that moment only.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class _Pauses:
    """The collector is one for the process; so is this count of those who want it off."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = 0
        self._was_on = False

    def begin(self) -> None:
        with self._lock:
            if self._count == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._count += 1

    def end(self) -> None:
        with self._lock:
            self._count -= 1
            if self._count == 0 and self._was_on:
                gc.enable()


_pauses = _Pauses()


def without_collector(function: Callable[P, T]) -> Callable[P, T]:
    """Runs the function with the collector off, and leaves it as it was; calls may overlap in threads."""

    @wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        _pauses.begin()
        try:
            return function(*args, **kwargs)
        finally:
            _pauses.end()

    return wrapped
