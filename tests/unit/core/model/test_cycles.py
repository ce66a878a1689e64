"""Who waits for himself is found, and taking the closing waits away leaves nobody who does."""

from __future__ import annotations

from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.cycles import find_cycles

NAMES = st.sampled_from("abcdefg")
EDGES = st.dictionaries(NAMES, st.lists(NAMES, max_size=4, unique=True))


@given(EDGES)
def test_every_cycle_is_a_walk_along_edges_back_to_its_start(edges: dict[str, list[str]]) -> None:
    for cycle in find_cycles(edges):
        assert all(b in edges[a] for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True))


@given(EDGES)
def test_without_the_closing_edges_there_is_an_order(edges: dict[str, list[str]]) -> None:
    closing = {(cycle[-1], cycle[0]) for cycle in find_cycles(edges)}
    left = {a: [b for b in others if (a, b) not in closing] for a, others in edges.items()}
    TopologicalSorter(left).prepare()
    if not closing:
        TopologicalSorter(edges).prepare()


def test_names_without_edges_of_their_own_are_ends() -> None:
    assert list(find_cycles({"a": ["x"], "b": ["a", "x"]})) == []
