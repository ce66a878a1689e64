"""The state machine of a run, as a LangGraph graph without a checkpointer.

    lock → recheck → execute → verify → conclude
      └───────┴──────────┴────────┴──→ undo ──┘      (undo only after something was touched and unless kept)

The graph only decides what comes next. Every effect goes through `Effects`, whose durable implementation remembers the
answers, so that a run that is started again after a crash walks the same way and repeats nothing. That memory is the
only truth about progress: the graph keeps none of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

Failure = dict[str, Any]


class Effects(Protocol):
    """What the nodes may cause. Each answers None when it is done, or why it could not be done."""

    async def lock(self) -> Failure | None: ...

    async def recheck(self) -> Failure | None: ...

    async def execute(self) -> Failure | None:
        """All changes of the plan, in dependency order, parallel within the engine's limit; the first failure ends it
        after what is in flight has ended."""

    async def verify(self) -> Failure | None: ...

    async def undo(self) -> Failure | None: ...

    async def conclude(
        self, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str: ...

    def rolls_back(self) -> bool:
        """Whether a failure of this run is to be undone."""


class RunState(TypedDict, total=False):
    """What passes from node to node."""

    failure: Failure | None
    undone: bool
    undo_failure: Failure | None
    outcome: str


class RunContext(TypedDict):
    """What a run brings along."""

    effects: Effects


async def run(effects: Effects) -> str:
    """Walks one deployment from its start to its end. Answers the state it ended in."""
    graph = _graph()
    final = await graph.ainvoke(RunState(), context=RunContext(effects=effects))
    outcome: str = final["outcome"]
    return outcome


def drawing() -> str:
    """The graph as Mermaid text."""
    return _graph().get_graph().draw_mermaid()


async def _lock(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    return {"failure": await runtime.context["effects"].lock()}


async def _recheck(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    return {"failure": await runtime.context["effects"].recheck()}


async def _execute(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    return {"failure": await runtime.context["effects"].execute()}


async def _verify(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    return {"failure": await runtime.context["effects"].verify()}


async def _undo(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    return {"undone": True, "undo_failure": await runtime.context["effects"].undo()}


async def _conclude(state: RunState, runtime: Runtime[RunContext]) -> RunState:
    outcome = await runtime.context["effects"].conclude(
        state.get("failure"), state.get("undone", False), state.get("undo_failure")
    )
    return {"outcome": outcome}


Route = Callable[[RunState, Runtime[RunContext]], str]


def _or_end(following: str) -> Route:
    """On to `following`, or straight to the end: nothing was touched yet."""

    def route(state: RunState, runtime: Runtime[RunContext]) -> str:
        return "conclude" if state.get("failure") else following

    return route


def _or_undo(following: str) -> Route:
    """On to `following`, or back to how it was before, unless the run is to keep what it made."""

    def route(state: RunState, runtime: Runtime[RunContext]) -> str:
        if not state.get("failure"):
            return following
        return "undo" if runtime.context["effects"].rolls_back() else "conclude"

    return route


@lru_cache(maxsize=1)
def _graph() -> CompiledStateGraph[RunState, RunContext, RunState, RunState]:
    builder = StateGraph(RunState, context_schema=RunContext)
    builder.add_node("lock", _lock)
    builder.add_node("recheck", _recheck)
    builder.add_node("execute", _execute)
    builder.add_node("verify", _verify)
    builder.add_node("undo", _undo)
    builder.add_node("conclude", _conclude)
    builder.add_edge(START, "lock")
    builder.add_conditional_edges("lock", _or_end("recheck"), ["recheck", "conclude"])
    builder.add_conditional_edges("recheck", _or_end("execute"), ["execute", "conclude"])
    builder.add_conditional_edges("execute", _or_undo("verify"), ["verify", "undo", "conclude"])
    builder.add_conditional_edges("verify", _or_undo("conclude"), ["conclude", "undo"])
    builder.add_edge("undo", "conclude")
    builder.add_edge("conclude", END)
    return builder.compile()
