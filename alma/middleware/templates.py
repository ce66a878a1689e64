"""Says which route a request is for, before the framework does: limits and metrics go by it, and so does `Direct`.

A raw path would let anybody make as many names as they like; there are as many templates as there are routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from fastapi.routing import APIRoute, RouteContext, iter_route_contexts
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.types import Scope

UNMATCHED = "unmatched"
"""The template of every request that no route is for."""

_WEBSOCKET = "WEBSOCKET"
# Longer ones are matched anew each time: what strangers make up shall not fill the memory.
_REMEMBERED_LENGTH = 256
_REMEMBERED = 4096
# Enough of a path to know its noun: /api/v1/blueprints.
_KEY_SEGMENTS = 3
_ID = re.compile(r"\{\w+_id\}")


class _Entry(NamedTuple):
    pattern: re.Pattern[str]
    template: str
    methods: frozenset[str] | None
    """None: every method, as below a mount."""
    key: str | None
    """The beginning of every path of it; None when a parameter stands within that."""
    context: RouteContext


class Found(NamedTuple):
    """What there is for a request. `route` only where the path and the method are those of an ordinary API route."""

    template: str
    route: RouteContext | None = None
    params: Mapping[str, Any] = {}


_NOTHING = Found(UNMATCHED)


class Templates:
    """The templates of an application's routes; `of` costs about a microsecond for a path that was seen lately.

    `routes` may still grow: it is read at the first question.
    """

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._routes = routes
        self._recent = lru_cache(maxsize=_REMEMBERED)(self._find)

    def of(self, scope: Scope) -> str:
        """`/api/v1/blueprints/{id}` for a request to it, with or without a slash at the end; `unmatched` for none.

        A path that exists but does not take the method has its template, too.
        """
        return self.find(scope).template

    def find(self, scope: Scope) -> Found:
        """The template, and where there is one the route, with what its parameters are for this path."""
        path = scope["path"]
        if (root := scope.get("root_path", "")) and path.startswith(f"{root}/"):
            path = path[len(root) :]
        if len(path) > 1 and path.endswith("/"):
            path = path.rstrip("/") or "/"
        method = _WEBSOCKET if scope["type"] == "websocket" else scope["method"]
        find = self._recent if len(path) + len(method) <= _REMEMBERED_LENGTH else self._find
        return find(method, path)

    @property
    def remembered(self) -> int:
        """How many paths are kept in memory."""
        return self._recent.cache_info().currsize

    def _find(self, method: str, path: str) -> Found:
        other = _NOTHING
        for entry in self._by_key.get(_key(path), self._anywhere):
            if match := entry.pattern.match(path):
                if entry.methods is None or method in entry.methods:
                    return _found(entry, match)
                other = Found(entry.template) if other is _NOTHING else other
        return other

    @cached_property
    def _entries(self) -> list[_Entry]:
        return [
            _entry(context)
            for context in iter_route_contexts(self._routes)
            if getattr(context, "path_regex", None) is not None
        ]

    @cached_property
    def _anywhere(self) -> list[_Entry]:
        return [entry for entry in self._entries if entry.key is None]

    @cached_property
    def _by_key(self) -> dict[str, list[_Entry]]:
        """The entries that a path of a key can match, in the routes' order: the first that matches is the one."""
        keys = {entry.key for entry in self._entries if entry.key is not None}
        return {key: [e for e in self._entries if e.key in {None, key}] for key in keys}


def _entry(route: RouteContext) -> _Entry:
    path, methods = route.path_format or "", route.methods
    if isinstance(route.original_route, WebSocketRoute):
        methods = {_WEBSOCKET}
    key = _key(path)
    return _Entry(
        pattern=route.path_regex,
        template=_ID.sub("{id}", path, count=1),
        methods=None if methods is None else frozenset(methods),
        key=None if "{" in key else key,
        context=route,
    )


def _found(entry: _Entry, match: re.Match[str]) -> Found:
    """With the parameters as the framework makes them of the path."""
    if not isinstance(entry.context.original_route, APIRoute):
        return Found(entry.template)
    kinds = entry.context.param_convertors
    params = {name: kinds[name].convert(text) for name, text in match.groupdict().items()}
    return Found(entry.template, entry.context, params)


def _key(path: str) -> str:
    return "/".join(path.split("/", _KEY_SEGMENTS + 1)[: _KEY_SEGMENTS + 1])
