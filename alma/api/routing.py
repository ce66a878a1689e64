"""Routes whose functions are handed the application's parts and the caller directly.

Both are in the request already: asking the framework's dependency solver for them, as for something that has parameters
of its own, takes longer than some routes do. `Wired` and `Caller` stay what FastAPI knows, so that a function with them
works on any kind of route.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, get_args

from fastapi import Request, Response
from fastapi.params import Depends
from fastapi.routing import APIRoute

from alma.api.deps import parts, principal, wired
from alma.core.model.principal import Principal
from alma.middleware.auth import principal_of

_REQUEST = "alma_request"
_Endpoint = Callable[..., Any]
_Source = Callable[[Request], Any]


def _caller(request: Request) -> Principal:
    return principal_of(request.scope)


def _itself(request: Request) -> Request:
    return request


_SOURCES: Mapping[Any, _Source] = {wired: parts, principal: _caller}


class Route(APIRoute):
    """A route of ALMA's. Without a caller whom it wants, nothing of the request is read."""

    def __init__(self, path: str, endpoint: _Endpoint, **more: Any) -> None:
        signature = inspect.signature(endpoint, eval_str=True)
        sources = _handed(endpoint, signature)
        self._wants_caller = _caller in sources.values()
        if sources:
            endpoint = _with(endpoint, sources, _seen(signature, sources))
        super().__init__(path, endpoint, **more)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        if not self._wants_caller:
            return handle

        async def known_first(request: Request) -> Response:
            principal_of(request.scope)
            return await handle(request)

        return known_first


def _handed(endpoint: _Endpoint, signature: inspect.Signature) -> dict[str, _Source]:
    """What the function takes of that which needs no solving, by the parameters' names."""
    if inspect.isasyncgenfunction(endpoint) or inspect.isgeneratorfunction(endpoint):
        return {}
    found = {item.name: _source(item.annotation) for item in signature.parameters.values()}
    return {name: source for name, source in found.items() if source is not None}


def _source(annotation: Any) -> _Source | None:
    if annotation is Request:
        # The framework knows one parameter for it, and that is ours.
        return _itself
    for mark in get_args(annotation):
        if isinstance(mark, Depends):
            return _SOURCES.get(mark.dependency)
    return None


def _with(
    endpoint: _Endpoint, sources: Mapping[str, _Source], signature: inspect.Signature
) -> _Endpoint:
    """The function as the framework sees it: it takes the request, and nothing of what is handed to it."""
    given = tuple(sources.items())

    def completed(values: dict[str, Any]) -> dict[str, Any]:
        request = values.pop(_REQUEST)
        for name, source in given:
            values[name] = source(request)
        return values

    @wraps(endpoint)
    async def waited(**values: Any) -> Any:
        return await endpoint(**completed(values))

    @wraps(endpoint)
    def called(**values: Any) -> Any:
        return endpoint(**completed(values))

    seen: _Endpoint = waited if inspect.iscoroutinefunction(endpoint) else called
    seen.__signature__ = signature  # type: ignore[attr-defined]  # what inspect looks for
    return seen


def _seen(whole: inspect.Signature, sources: Mapping[str, _Source]) -> inspect.Signature:
    asked = [
        item.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for name, item in whole.parameters.items()
        if name not in sources
    ]
    request = inspect.Parameter(_REQUEST, inspect.Parameter.KEYWORD_ONLY, annotation=Request)
    return whole.replace(parameters=[*asked, request])
