"""The state machine from words to what runs, as two LangGraph graphs without a checkpointer.

A message:
    interpret → draft ─→ decide ─→ plan → examine → open → deploy → answer
                  └────────┴─────────┴───────┴────────┴──────┴────→ (what is not asked for, or can't be, is left out)

A run, once its plan is approved:
    lock → recheck → execute → verify → conclude
      └───────┴──────────┴────────┴──→ undo ──┘      (undo only after something was touched and unless kept)

Between the two stands a person: the approval is the request's state, and approving is nothing a graph does by itself.

The graphs only decide what comes next. Every effect goes through `TurnEffects` and `Effects`, whose durable
implementations remember the answers, so that what is started again after a crash, hours later or on another worker,
walks the same way and repeats nothing. That memory is the only truth about progress: the graphs keep none of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from alma.core.agent.effects import (
    DECISIONS,
    PROPOSALS,
    Effects,
    Failure,
    Outcome,
    TurnEffects,
    Walked,
)


class WalkContext(TypedDict):
    """What a message brings along."""

    effects: TurnEffects


class RunState(TypedDict, total=False):
    """What passes from node to node."""

    failure: Failure | None
    undone: bool
    undo_failure: Failure | None
    outcome: str


class RunContext(TypedDict):
    """What a run brings along."""

    effects: Effects


async def converse(effects: TurnEffects) -> Outcome:
    """Walks one message from its words to its answer, and answers what that was."""
    final = await _turn_graph().ainvoke(Walked(), context=WalkContext(effects=effects))
    answered: Outcome = final["answered"]
    return answered


async def run(effects: Effects) -> str:
    """Walks one deployment from its start to its end. Answers the state it ended in."""
    graph = _graph()
    final = await graph.ainvoke(RunState(), context=RunContext(effects=effects))
    outcome: str = final["outcome"]
    return outcome


def drawing(stands: str | None = None) -> str:
    """Both graphs as one Mermaid drawing, with the approval between them; `stands` is the node to be marked: one of
    either graph, or `approval`."""
    lines = [
        "flowchart LR",
        *_drawn("message", _turn_graph()),
        "  approval{{approval by a person}}",
    ]
    lines += [
        *_drawn("run", _graph()),
        "  open --> approval",
        "  approval --> deploy",
        "  deploy --> lock",
    ]
    if stands is not None:
        lines += ["  classDef here fill:#ffd75e,stroke:#333,color:#000", f"  class {stands} here"]
    return "\n".join(lines) + "\n"


def nodes() -> frozenset[str]:
    """Where a conversation can stand."""
    return frozenset({"approval", *_names(_turn_graph()), *_names(_graph())})


def _drawn(title: str, graph: CompiledStateGraph[Any, Any, Any, Any]) -> list[str]:
    drawn, names = graph.get_graph(), set(_names(graph))
    inside = [
        f"    {edge.source} {_ARROWS[edge.conditional]} {edge.target}"
        for edge in drawn.edges
        if {edge.source, edge.target} <= names
    ]
    return [f"  subgraph {title}", *inside, "  end"]


def _names(graph: CompiledStateGraph[Any, Any, Any, Any]) -> list[str]:
    return [name for name in graph.get_graph().nodes if not name.startswith("__")]


_ARROWS = {False: "-->", True: "-.->"}


async def _interpret(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"reading": await runtime.context["effects"].interpret()}


async def _draft(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"draft": await runtime.context["effects"].draft(state["reading"])}


async def _decide(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"decided": await runtime.context["effects"].decide(state["reading"])}


async def _plan(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"planned": await runtime.context["effects"].plan(state["reading"])}


async def _examine(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"examined": await runtime.context["effects"].examine(state["planned"])}


async def _open(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    effects = runtime.context["effects"]
    return {"opened": await effects.open(state["planned"], state["examined"])}


async def _deploy(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    request = state.get("opened") or state["planned"]
    return {"deployed": await runtime.context["effects"].deploy(request)}


async def _answer(state: Walked, runtime: Runtime[WalkContext]) -> Walked:
    return {"answered": await runtime.context["effects"].answer(state)}


def _after_draft(state: Walked) -> str:
    acts = set(state["reading"]["acts"]) if not state["draft"].get("failure") else set()
    if acts & DECISIONS:
        return "decide"
    return "plan" if acts & PROPOSALS else "answer"


def _way(key: Literal["decided", "planned", "examined", "opened"]) -> Callable[[Walked], str]:
    """As the effect said: it alone knows what it found."""

    def route(state: Walked) -> str:
        way: str = state[key]["way"]
        return way

    return route


@lru_cache(maxsize=1)
def _turn_graph() -> CompiledStateGraph[Walked, WalkContext, Walked, Walked]:
    builder = StateGraph(Walked, context_schema=WalkContext)
    builder.add_node("interpret", _interpret)
    builder.add_node("draft", _draft)
    builder.add_node("decide", _decide)
    builder.add_node("plan", _plan)
    builder.add_node("examine", _examine)
    builder.add_node("open", _open)
    builder.add_node("deploy", _deploy)
    builder.add_node("answer", _answer)
    builder.add_edge(START, "interpret")
    builder.add_edge("interpret", "draft")
    builder.add_conditional_edges("draft", _after_draft, ["decide", "plan", "answer"])
    builder.add_conditional_edges("decide", _way("decided"), ["plan", "answer"])
    builder.add_conditional_edges("plan", _way("planned"), ["examine", "deploy", "answer"])
    builder.add_conditional_edges("examine", _way("examined"), ["open", "answer"])
    builder.add_conditional_edges("open", _way("opened"), ["deploy", "answer"])
    builder.add_edge("deploy", "answer")
    builder.add_edge("answer", END)
    return builder.compile()


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
