"""Failures in a GraphQL answer: the same facts as REST gives, under `extensions`, and never a trace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from alma.api.errors import body_of, status_of, told
from alma.core.model.errors import AlmaError
from alma.middleware.denials import leave
from alma.middleware.request_id import request_id

_FAULT = 500
_WAIT = frozenset({401, 408, 429})
_BROKEN = "ALMA failed on this request"
_SHORTER = "ask for smaller pages, and for what engines say in requests of their own"


def broken(error: GraphQLError) -> bool:
    """Whether it is a fault of ours, which only the log may tell about."""
    cause = error.original_error
    return cause is not None and not isinstance(cause, (AlmaError, GraphQLError, TimeoutError))


def explained(error: GraphQLError) -> GraphQLError:
    """The failure as the caller gets it."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, AlmaError):
        leave(cause)
        return _with(error, told(cause), _facts(cause))
    if isinstance(cause, TimeoutError):
        return _with(error, "this takes too long", _plain("timeout", _SHORTER) | {"status": 503})
    if cause is not None:
        hint = f"the server's log has it under request id {request_id()}"
        return _with(error, _BROKEN, _plain("internal_error", hint) | {"status": 500})
    if error.extensions:
        return error
    hint = "look at the schema: docs/schema.graphql has all of it"
    return _with(error, error.message, _plain("invalid_query", hint) | {"status": 422})


def _facts(cause: AlmaError) -> dict[str, Any]:
    facts = {name: value for name, value in body_of(cause).items() if name != "detail"}
    return facts | {"status": status_of(cause).value}


def _plain(code: str, hint: str) -> dict[str, Any]:
    return {"code": code, "hint": hint, "request_id": request_id()}


def _with(error: GraphQLError, message: str, facts: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=facts,
    )


def passing(error: GraphQLError) -> bool:
    """Whether waiting may change it."""
    status = (error.extensions or {}).get("status", 0)
    return status >= _FAULT or status in _WAIT


class Explained(SchemaExtension):
    """Puts every failure of an answer into its documented shape."""

    def on_operation(self) -> Iterator[None]:
        """After everything was asked."""
        yield
        self._explain(self.execution_context.result)

    def on_stream_result(self, result: Any) -> Iterator[None]:
        """Before each event of a subscription goes out."""
        self._explain(result)
        yield None

    def _explain(self, result: Any) -> None:
        errors = getattr(result, "errors", None)
        if result is not None and errors:
            result.errors = [explained(error) for error in errors]
