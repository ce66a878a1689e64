"""The state machine from words to what runs, as LangGraph graphs without a checkpointer.

A message:
    interpret → draft ─→ decide ─→ plan → examine → open → deploy → answer
                  └────────┴─────────┴───────┴────────┴──────┴────→ (what is not asked for, or can't be, is left out)

A run, once its plan is approved:
    lock → recheck → execute → verify → conclude
      └───────┴──────────┴────────┴──→ undo ──┘      (undo only after something was touched and unless kept)

What `examine` causes is a graph of its own, in which three look at once:
    summon → architect | secops | finops → moderate

Between the two stands a person: the approval is the request's state, and approving is nothing a graph does by itself.

Which ways there are is in `ways.py`; the graphs only decide what comes next. Every effect goes by `TurnEffects` and
`Effects`, whose durable implementations remember the answers, so that what is started again after a crash, hours later
or on another worker, walks the same way and repeats nothing. That memory is the only truth about progress: the graphs
keep none of their own.
"""

from __future__ import annotations

import operator
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from alma.core.agent.effects import (
    DECISIONS,
    PROPOSALS,
    Deliberation,
    Effects,
    Failure,
    Outcome,
    TurnEffects,
    Walked,
)
from alma.core.agent.ways import COUNCIL, MESSAGE, RUN, Ways
from alma.core.model.council import Agent, AgentReport, CouncilReport


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


class CouncilState(TypedDict, total=False):
    """What those of the council hand to the one who puts it together."""

    reports: Annotated[list[AgentReport], operator.add]
    said: CouncilReport


class CouncilContext(TypedDict):
    """What a deliberation brings along."""

    effects: Deliberation


async def deliberate(effects: Deliberation) -> CouncilReport:
    """Lets everybody of the council look at the same time, and answers what they say together."""
    final = await _council_graph().ainvoke(CouncilState(), context=CouncilContext(effects=effects))
    said: CouncilReport = final["said"]
    return said


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


_TURN_NODES: Mapping[str, Any] = {
    "interpret": _interpret,
    "draft": _draft,
    "decide": _decide,
    "plan": _plan,
    "examine": _examine,
    "open": _open,
    "deploy": _deploy,
    "answer": _answer,
}
_TURN_ROUTES = {
    "draft": _after_draft,
    "decide": _way("decided"),
    "plan": _way("planned"),
    "examine": _way("examined"),
    "open": _way("opened"),
}


@lru_cache(maxsize=1)
def _turn_graph() -> CompiledStateGraph[Walked, WalkContext, Walked, Walked]:
    builder = StateGraph(Walked, context_schema=WalkContext)
    _lay(builder, MESSAGE, _TURN_NODES, _TURN_ROUTES)
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


_RUN_NODES: Mapping[str, Any] = {
    "lock": _lock,
    "recheck": _recheck,
    "execute": _execute,
    "verify": _verify,
    "undo": _undo,
    "conclude": _conclude,
}
_RUN_ROUTES = {
    "lock": _or_end("recheck"),
    "recheck": _or_end("execute"),
    "execute": _or_undo("verify"),
    "verify": _or_undo("conclude"),
}


@lru_cache(maxsize=1)
def _graph() -> CompiledStateGraph[RunState, RunContext, RunState, RunState]:
    builder = StateGraph(RunState, context_schema=RunContext)
    _lay(builder, RUN, _RUN_NODES, _RUN_ROUTES)
    return builder.compile()


async def _summon(state: CouncilState) -> CouncilState:
    return {"reports": []}


def _seat(agent: Agent) -> Callable[..., Awaitable[CouncilState]]:
    async def look(state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
        return {"reports": [await runtime.context["effects"].report(agent)]}

    return look


async def _moderate(state: CouncilState, runtime: Runtime[CouncilContext]) -> CouncilState:
    return {"said": runtime.context["effects"].moderate(state["reports"])}


_COUNCIL_NODES: Mapping[str, Any] = {
    "summon": _summon,
    **{agent.value: _seat(agent) for agent in Agent},
    "moderate": _moderate,
}


@lru_cache(maxsize=1)
def _council_graph() -> CompiledStateGraph[
    CouncilState, CouncilContext, CouncilState, CouncilState
]:
    builder = StateGraph(CouncilState, context_schema=CouncilContext)
    # All of them, every time: they run side by side, and `moderate` once after the last.
    _lay(
        builder, COUNCIL, _COUNCIL_NODES, {"summon": lambda state: [agent.value for agent in Agent]}
    )
    return builder.compile()


def _lay(
    builder: StateGraph[Any, Any, Any, Any],
    ways: Ways,
    nodes: Mapping[str, Any],
    routes: Mapping[str, Callable[..., str | list[str]]],
) -> None:
    """The nodes of a graph and the ways between them, from the first to the last one."""
    builder.add_edge(START, next(iter(ways)))
    for node, targets in ways.items():
        builder.add_node(node, nodes[node])
        if len(targets) > 1:
            builder.add_conditional_edges(node, routes[node], list(targets))
        else:
            builder.add_edge(node, targets[0] if targets else END)
