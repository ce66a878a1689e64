"""What an operation counts as: one request, of a mutation one for each field, under whatever name it is asked for."""

from __future__ import annotations

import pytest
from graphql import parse

from alma.api.graphql.charging import Tab, classes
from alma.middleware.rate_limit import GENERATION, OVERALL, TOOL


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ a b c }", (OVERALL,)),
        ("subscription { a }", (OVERALL,)),
        ("mutation { open_ipr }", (OVERALL,)),
        ("mutation { run_tool }", (TOOL,)),
        ("mutation { other: run_tool more: generate_blueprint }", (TOOL, GENERATION)),
        ("mutation { chat ...F } fragment F on Mutation { run_tool }", (OVERALL, TOOL)),
        ("mutation { ... on Mutation { run_tool } }", (TOOL,)),
        ("mutation { run_tool run_tool ...F ...F } fragment F on Mutation { run_tool }", (TOOL,)),
    ],
)
def test_an_operation_counts_as_what_it_does(query: str, expected: tuple[str, ...]) -> None:
    assert classes(parse(query), None).classes == expected


def test_of_several_operations_the_one_that_is_run_counts() -> None:
    document = parse("query A { a } mutation B { run_tool }")
    assert classes(document, "A").classes == (OVERALL,)
    assert classes(document, "B").classes == (TOOL,)


async def test_what_was_counted_on_the_way_in_counts_against_its_own_limit_only() -> None:
    taken: list[tuple[str, bool]] = []

    async def take(class_: str, *, counted: bool) -> None:
        taken.append((class_, counted))

    tab = Tab(take, paid=1)
    for class_ in (TOOL, TOOL, OVERALL):
        await tab.charge(class_)
    assert taken == [(TOOL, True), (TOOL, False), (OVERALL, False)]

    taken.clear()
    await Tab(take, paid=1).charge(OVERALL)
    assert taken == []
