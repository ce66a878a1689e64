"""What is drawn is what is walked, and drawing it loads no library."""

from __future__ import annotations

import subprocess
import sys

import pytest

from alma.core.agent import graph
from alma.core.agent.ways import COUNCIL, MESSAGE, RUN, Ways, drawing, nodes

_DRAWS = """
import sys
from alma.core.agent.ways import drawing

drawing("approval")
print([name for name in sys.modules if name.partition(".")[0] in {"langgraph", "langchain_core"}])
"""


@pytest.mark.parametrize(
    ("walked", "ways"),
    [(graph._turn_graph, MESSAGE), (graph._graph, RUN), (graph._council_graph, COUNCIL)],
)
def test_the_graphs_have_the_ways_that_are_drawn_and_no_others(walked, ways: Ways) -> None:
    found = walked().get_graph()
    edges = {
        (edge.source, edge.target, edge.conditional)
        for edge in found.edges
        if not {edge.source, edge.target} & {"__start__", "__end__"}
    }
    first = {edge.target for edge in found.edges if edge.source == "__start__"}
    last = {edge.source for edge in found.edges if edge.target == "__end__"}

    assert edges == {(a, b, len(targets) > 1) for a, targets in ways.items() for b in targets}
    assert set(found.nodes) - {"__start__", "__end__"} == set(ways)
    assert first == {next(iter(ways))}
    assert last == {node for node, targets in ways.items() if not targets}


def test_every_node_can_be_marked() -> None:
    for node in nodes():
        assert drawing(node).endswith(f"  class {node} here\n")


def test_a_drawing_loads_no_graph_library() -> None:
    told = subprocess.run([sys.executable, "-c", _DRAWS], check=True, capture_output=True)
    assert told.stdout.decode().strip() == "[]"
