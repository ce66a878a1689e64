"""The whole schema: every noun's questions and deeds put together, and what holds for all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, cast

import strawberry
from graphql import GraphQLError, GraphQLObjectType
from strawberry.extensions import MaxTokensLimiter
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import ExecutionContext, ExecutionResult

from alma.api.graphql import (
    access,
    audit,
    blueprints,
    conversations,
    council,
    deployments,
    engines,
    iprs,
    operating,
    policies,
    prices,
    projects,
    stacks,
    status,
    templates,
    tools,
)
from alma.api.graphql.charging import Charged
from alma.api.graphql.context import Context
from alma.api.graphql.deriving import DateTime, value_of
from alma.api.graphql.failures import Explained, broken, explained, passing
from alma.api.graphql.limits import MAX_OPERATIONS, MAX_TOKENS, Limits
from alma.api.graphql.naming import Names

logger = logging.getLogger(__name__)

_NOUNS: tuple[Any, ...] = (
    status,
    blueprints,
    templates,
    conversations,
    tools,
    policies,
    council,
    iprs,
    deployments,
    stacks,
    engines,
    prices,
    projects,
    access,
    audit,
    operating,
)


class Schema(strawberry.Schema):
    """Logs what nobody foresaw, and nothing that is the caller's business."""

    async def execute(self, *given: Any, **named: Any) -> ExecutionResult:
        """The answer, its failures explained: also those that ended the whole operation."""
        result = await super().execute(*given, **named)
        if result.errors:
            result.errors = [explained(error) for error in result.errors]
            _let_repeat(named.get("context_value"), result.errors)
        return result

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """The log has the trace; the caller gets the request's id."""
        for error in filter(broken, errors):
            logger.error("a GraphQL field broke: %s", error.path, exc_info=error.original_error)


def _let_repeat(context: Context | None, errors: Sequence[GraphQLError]) -> None:
    """What waiting may change is not kept for repeats: sent again, it is tried again. Unless it was one of several
    changes, of which some may have been made."""
    if context is not None and context.tab.changes <= 1 and any(map(passing, errors)):
        context.keep_nothing()


@cache
def schema() -> Schema:
    """The schema. Made once: it is the same for everybody."""
    return Schema(
        query=_merged("Query", "Queries"),
        mutation=_merged("Mutation", "Mutations"),
        subscription=_merged("Subscription", "Subscriptions"),
        extensions=[lambda: MaxTokensLimiter(MAX_TOKENS), Limits, Charged, Explained],
        config=StrawberryConfig(
            name_converter=Names(auto_camel_case=False),
            default_resolver=value_of,
            batching_config={"max_operations": MAX_OPERATIONS},
            scalar_map={
                DateTime: strawberry.scalar(
                    name="DateTime",
                    description="A moment, ISO 8601, as REST writes it.",
                    serialize=str,
                    parse_value=str,
                )
            },
        ),
    )


def fields() -> Iterator[tuple[str, str]]:
    """Every field that begins a request: ("query", "blueprints"), ("mutation", "open_ipr"), …"""
    made = schema()._schema  # noqa: SLF001  # the library shows the names of fields nowhere else
    for kind, root in (
        ("query", made.query_type),
        ("mutation", made.mutation_type),
        ("subscription", made.subscription_type),
    ):
        for name in cast("GraphQLObjectType", root).fields:
            yield kind, name


def _merged(name: str, part: str) -> type:
    return merge_types(name, tuple(getattr(noun, part) for noun in _NOUNS if hasattr(noun, part)))
