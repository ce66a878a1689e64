"""The ways through the state machines, as data: `graph.py` walks them, and here they are drawn.

Apart from the graph, because its library takes half a second to load, and a drawing is no reason to.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeAlias

Ways: TypeAlias = Mapping[str, tuple[str, ...]]
"""Where it can go on from each node; with several, what the node found decides. The last node has none."""

MESSAGE: Ways = {
    "interpret": ("draft",),
    "draft": ("decide", "plan", "answer"),
    "decide": ("plan", "answer"),
    "plan": ("examine", "deploy", "answer"),
    "examine": ("open", "answer"),
    "open": ("deploy", "answer"),
    "deploy": ("answer",),
    "answer": (),
}
RUN: Ways = {
    "lock": ("recheck", "conclude"),
    "recheck": ("execute", "conclude"),
    "execute": ("verify", "undo", "conclude"),
    "verify": ("conclude", "undo"),
    "undo": ("conclude",),
    "conclude": (),
}
COUNCIL: Ways = {
    "summon": ("architect", "secops", "finops"),
    "architect": ("moderate",),
    "secops": ("moderate",),
    "finops": ("moderate",),
    "moderate": (),
}
"""What `examine` causes: all three are asked, always."""
_BETWEEN = (("open", "approval"), ("approval", "deploy"), ("deploy", "lock"))


def drawing(stands: str | None = None) -> str:
    """Both as one Mermaid drawing, with the approval between them; `stands` is the node to be marked: one of either, or
    `approval`."""
    lines = [
        "flowchart LR",
        *_drawn("message", MESSAGE),
        *_drawn("council", COUNCIL, parallel=("summon",)),
        "  examine --> summon",
        "  approval{{approval by a person}}",
        *_drawn("run", RUN),
        *(f"  {source} --> {target}" for source, target in _BETWEEN),
    ]
    if stands is not None:
        lines += ["  classDef here fill:#ffd75e,stroke:#333,color:#000", f"  class {stands} here"]
    return "\n".join(lines) + "\n"


def nodes() -> frozenset[str]:
    """Where a conversation can stand."""
    return frozenset({"approval", *MESSAGE, *RUN})


def _drawn(title: str, ways: Ways, *, parallel: Collection[str] = ()) -> list[str]:
    """Dotted where one of several ways is taken, and not where all are."""
    inside = [
        f"    {source} {'-.->' if len(ways[source]) > 1 and source not in parallel else '-->'} {target}"
        for source in sorted(ways)
        for target in sorted(ways[source])
    ]
    return [f"  subgraph {title}", *inside, "  end"]
