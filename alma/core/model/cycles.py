"""Finds who waits for himself: in a document as written, in what it implies, and in the order of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def find_cycles(edges: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """One cycle for each edge that closes one in a depth-first walk in the mapping's order; its last name waits for
    its first. Without the closing edges no cycle is left. Names without edges of their own may be missing.

    Iterative, because chains are as long as documents.
    """
    done: set[str] = set()
    for start in edges:
        path: dict[str, Iterator[str]] = {} if start in done else {start: iter(edges[start])}
        while path:
            name, targets = next(reversed(path.items()))
            target = next(targets, None)
            if target is None:
                done.add(name)
                del path[name]
            elif target in path:
                walked = list(path)
                yield walked[walked.index(target) :]
            elif target in edges and target not in done:
                path[target] = iter(edges[target])
