"""Bounds on what one request may ask for, counted before anything is asked.

`cost` is how many fields the answer can have at most: a list counts as many times as its page is long, and what asks an
engine counts for more. Depth, aliases and the length of the text are bounded as well: what is cheap to send must not be
dear to answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
)
from strawberry.extensions import SchemaExtension
from strawberry.types.graphql import OperationType

from alma.api.graphql.paging import MOST, USUAL
from alma.middleware.request_id import request_id

MAX_TOKENS = 4_000
MAX_OPERATIONS = 5
MAX_DEPTH = 12
MAX_ALIASES = 30
MAX_COST = 20_000
_SMALLER = "ask for smaller pages, fewer fields, or in several requests"
_NUL = "a text in the query has a NUL character"
_NO_NUL = "use a text without control characters"
# The schema tells about itself to a depth that nothing else has.
MAX_INTROSPECTION_DEPTH = 16

# What asks an engine, works something out or writes, by the name of the field.
DEAR: Mapping[str, int] = {
    "state": 100,
    "engines": 500,
    "engine": 100,
    "health": 500,
    "discover": 1_000,
    "check_policies": 200,
    "graph": 50,
    "metrics_summary": 500,
    "verify_audit": 5_000,
}
# Lists that take no page: so many items are reckoned.
UNPAGED: Mapping[str, int] = {
    "stacks": 5,
    "turns": 50,
    "steps": 10,
    "changes": 10,
    "tools": 15,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """How much a part of a request asks for."""

    cost: int = 0
    depth: int = 0
    aliases: int = 0

    def beside(self, other: Measure) -> Measure:
        """Both together."""
        depth = max(self.depth, other.depth)
        return Measure(self.cost + other.cost, depth, self.aliases + other.aliases)


@dataclass
class Measuring:
    """Measures operations of one document. A fragment is measured once, however often it is used: counting must not be
    dearer than what it keeps away."""

    document: DocumentNode
    variables: Mapping[str, Any]
    _fragments: dict[str, FragmentDefinitionNode] = field(init=False)
    _known: dict[str, Measure] = field(default_factory=dict, init=False)
    _defaults: dict[str, Any] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        definitions = self.document.definitions
        fragments = [item for item in definitions if isinstance(item, FragmentDefinitionNode)]
        self._fragments = {item.name.value: item for item in fragments}

    def operation(self, node: OperationDefinitionNode) -> Measure:
        """What an operation asks for."""
        for item in node.variable_definitions or ():
            if isinstance(item.default_value, IntValueNode):
                self._defaults[item.variable.name.value] = int(item.default_value.value)
        return self._selected(node.selection_set)

    def _selected(self, chosen: SelectionSetNode | None) -> Measure:
        total = Measure()
        for node in chosen.selections if chosen else ():
            if isinstance(node, FieldNode):
                total = total.beside(self._field(node))
            elif isinstance(node, InlineFragmentNode):
                total = total.beside(self._selected(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(self._fragment(node.name.value))
        return total

    def _field(self, node: FieldNode) -> Measure:
        below = self._selected(node.selection_set)
        name = node.name.value
        times = self._times(node) if node.selection_set else 1
        # Some names are also those of plain values elsewhere.
        own = DEAR.get(name, 1) if node.selection_set else 1
        cost = own + times * below.cost
        aliases = below.aliases + (node.alias is not None)
        return Measure(cost, below.depth + 1, aliases)

    def _fragment(self, name: str) -> Measure:
        if name not in self._known:
            # One that holds itself is refused elsewhere; here it must only not be followed for ever.
            self._known[name] = Measure()
            found = self._fragments.get(name)
            self._known[name] = self._selected(found.selection_set) if found else Measure()
        return self._known[name]

    def _times(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value == "first":
                return self._number(argument.value)
        return UNPAGED.get(node.name.value, USUAL if self._is_page(node) else 1)

    def _is_page(self, node: FieldNode) -> bool:
        """Whether it is a list that was asked for without saying how much of it."""
        below = node.selection_set.selections if node.selection_set else ()
        return any(isinstance(item, FieldNode) and item.name.value == "nodes" for item in below)

    def _number(self, value: Any) -> int:
        given: Any = None
        if isinstance(value, IntValueNode):
            given = int(value.value)
        elif isinstance(value, VariableNode):
            name = value.name.value
            given = self.variables.get(name, self._defaults.get(name))
        within = isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= MOST
        # What is out of bounds is refused by the field itself.
        return given if within else MOST


class Limits(SchemaExtension):
    """Refuses an operation that asks for too much, and gives up a query that takes too long. A mutation is not given
    up: what it began is finished, and its services have limits of their own."""

    async def on_execute(self) -> AsyncIterator[None]:
        """While fields are asked."""
        if self.execution_context.operation_type is not OperationType.QUERY:
            yield
            return
        async with asyncio.timeout(self.execution_context.context.patience):
            yield

    def on_validate(self) -> Iterator[None]:
        """Before the document is held against the schema, which costs more than counting."""
        self._measure()
        yield

    def _measure(self) -> None:
        context = self.execution_context
        if context.graphql_document is None:
            return
        if _unstorable(context.graphql_document):
            context.pre_execution_errors = [_refused(_NUL, code="invalid_query", hint=_NO_NUL)]
            return
        measuring = Measuring(context.graphql_document, context.variables or {})
        chosen = _chosen(context.graphql_document, context.operation_name)
        measures = [measuring.operation(node) for node in chosen]
        told = [said for measure in measures for said in _too_much(measure, _asks_schema(chosen))]
        if told:
            context.pre_execution_errors = [_refused(text) for text in told]


def _chosen(document: DocumentNode, name: str | None) -> list[OperationDefinitionNode]:
    operations = [
        item for item in document.definitions if isinstance(item, OperationDefinitionNode)
    ]
    return [item for item in operations if name is None or (item.name and item.name.value == name)]


def _asks_schema(operations: Iterable[OperationDefinitionNode]) -> bool:
    return all(
        isinstance(node, FieldNode) and node.name.value.startswith("__")
        for operation in operations
        for node in operation.selection_set.selections
    )


def _too_much(measure: Measure, introspection: bool) -> Iterator[str]:
    deepest = MAX_INTROSPECTION_DEPTH if introspection else MAX_DEPTH
    if measure.depth > deepest:
        yield f"this asks {measure.depth} levels deep, {deepest} are answered"
    if measure.aliases > MAX_ALIASES:
        yield f"this has {measure.aliases} aliases, {MAX_ALIASES} are answered"
    if measure.cost > MAX_COST:
        yield f"this asks for up to {measure.cost} values, {MAX_COST} are answered"


def _refused(text: str, *, code: str = "query_too_large", hint: str = _SMALLER) -> GraphQLError:
    facts = {"code": code, "hint": hint, "request_id": request_id(), "status": 422}
    return GraphQLError(text, extensions=facts)


def _unstorable(document: DocumentNode) -> bool:
    """Whether a text in the query itself has what no database takes; variables are looked at as JSON."""
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.value is not None and "\0" in token.value:
            return True
        token = token.next
    return False
