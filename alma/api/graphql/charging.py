"""Holds what one request asks for against the limits of its caller, so that GraphQL is no way around those of REST.

The request itself has been counted when it comes here. A request can hold much, though: several operations, a mutation
of many fields, and all that is sent over one WebSocket. Each operation counts as one request, of a mutation each field;
what generates or runs a tool counts against the limit for that as well. Nothing is begun that is refused later.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_operation_ast,
)
from starlette.types import Scope
from strawberry.extensions import SchemaExtension

from alma.middleware.rate_limit import GENERATION, OVERALL, TAKE, TOOL

CLASSES: Mapping[str, str] = {"generate_blueprint": GENERATION, "run_tool": TOOL}
"""The class of a mutation's field; all others have the overall limit alone."""

Take = Callable[..., Awaitable[None]]


@dataclass
class Tab:
    """What a request has to be counted for. `paid`: how many requests have been counted already."""

    take: Take | None = None
    paid: int = 0
    changes: int = 0
    """How many fields of mutations it holds."""

    async def charge(self, class_: str) -> None:
        """Counts one piece of work. Raises RateLimited."""
        if self.take is None:
            return
        counted = self.paid > 0
        self.paid -= counted
        if not counted or class_ != OVERALL:
            await self.take(class_, counted=counted)


def tab_of(scope: Scope) -> Tab:
    """The tab of a request, which has been counted, or of a connection, of which each operation is still to be."""
    return Tab(scope.get(TAKE), paid=1 if scope["type"] == "http" else 0)


class Charged(SchemaExtension):
    """Counts an operation before anything of it is done."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Before fields are asked. Raises RateLimited."""
        context = self.execution_context
        if context.graphql_document is not None:
            works = classes(context.graphql_document, context.operation_name)
            if works.changes:
                context.context.tab.changes += len(works.classes)
            for class_ in works.classes:
                await context.context.tab.charge(class_)
        yield


@dataclass(frozen=True)
class Works:
    """What an operation counts as."""

    classes: tuple[str, ...]
    changes: bool


def classes(document: DocumentNode, name: str | None) -> Works:
    """What the chosen operation of a valid document counts as."""
    operation = get_operation_ast(document, name)
    if operation is None or operation.operation is not OperationType.MUTATION:
        return Works((OVERALL,), changes=False)
    found = dict(_fields(document, operation))
    return Works(tuple(CLASSES.get(field, OVERALL) for field in found.values()), changes=True)


def _fields(
    document: DocumentNode, operation: OperationDefinitionNode
) -> Iterator[tuple[str, str]]:
    """What is asked at the top, by the name of its answer: what is asked for twice under one name is done once."""
    fragments = {
        item.name.value: item.selection_set
        for item in document.definitions
        if isinstance(item, FragmentDefinitionNode)
    }
    waiting: list[SelectionSetNode] = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FieldNode):
                yield (node.alias or node.name).value, node.name.value
            elif isinstance(node, InlineFragmentNode):
                waiting.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value in fragments:
                waiting.append(fragments.pop(node.name.value))
