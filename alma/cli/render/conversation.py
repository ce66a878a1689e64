"""ALMA's answer in a conversation: its words, the blueprint as it stands, what could come next; and what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from alma.cli.render.tables import ago, blueprint_table, state, table
from alma.cli.shapes import Json

_CALL = ": POST /api/v1/"


def render_answer(answer: Json, *next_steps: str, words: bool = True) -> RenderableType:
    """One answer. `next_steps` are the terminal's own, in place of the server's HTTP calls; without `words` they are
    on the screen already."""
    return Group(*_parts(answer, next_steps, words))


def _parts(answer: Json, next_steps: Sequence[str], words: bool) -> Iterator[RenderableType]:
    if words:
        yield Text(str(answer.get("response", "")))
    for opinion in answer.get("opinions") or []:
        yield Text(f"the model thinks: {opinion}", style="italic")
    blueprint = answer.get("blueprint")
    if blueprint and answer.get("changed", True):
        yield Text("")
        yield Text(str(blueprint.get("name", "")), style="bold")
        yield Padding(blueprint_table(blueprint), (0, 0, 0, 2))
    actions = list(dict.fromkeys([*next_steps, *_sayable(answer)]))
    if actions:
        yield Text("")
        yield Text("You could: " + " · ".join(actions), style="dim")


def _sayable(answer: Json) -> list[str]:
    """What the server suggests and can be said. Its first two calls have commands here instead."""
    suggested = [_words(item) for item in answer.get("suggested_actions") or []]
    said = [action.partition(_CALL)[0] for action in suggested]
    return [action for action in said if action not in _COMMANDS_INSTEAD]


_COMMANDS_INSTEAD = frozenset({"Open a request for its deployment", "Look at its plan first"})


def leads_on(answer: Json) -> bool:
    """Whether a plan and a request are what comes next: not while one waits for a decision, or a limit stands against
    it."""
    suggested = [_words(item).partition(_CALL)[0] for item in answer.get("suggested_actions") or []]
    return not _COMMANDS_INSTEAD.isdisjoint(suggested)


def commands(answer: Json) -> list[str]:
    """The commands that go on from here."""
    blueprint = answer.get("blueprint") or {}
    if deployment := answer.get("deployment_id"):
        return [f"alma deployments logs {deployment[:8]} --follow"]
    if number := answer.get("ipr_id"):
        return [f"alma iprs show {number}"]
    match answer.get("intent"):
        case "destroy":
            return [f"alma destroy {blueprint.get('name', 'NAME')}"]
        case "approve" | "reject":
            return ["alma iprs list --status pending"]
        case "troubleshoot":
            return ["alma deployments logs", "alma verify"]
        case _:
            return []


def _words(action: Any) -> str:
    if isinstance(action, dict):
        return str(action.get("label") or action.get("title") or action.get("action") or action)
    return str(action)


def render_conversations(items: Sequence[Json]) -> RenderableType:
    """Conversations in a list."""
    if not items:
        return Text('There are no conversations yet. Begin one: alma chat "a web server"')
    rows = [
        (
            item["id"],
            item["turns"],
            item["blueprint_id"] or "-",
            ago(item["updated_at"]),
            item["title"],
        )
        for item in items
    ]
    return table(["ID", "TURNS", "BLUEPRINT", "LAST", "TITLE"], rows)


def render_history(turns: Sequence[Json]) -> RenderableType:
    """What was said, from the first message on."""
    return Group(*(part for turn in turns for part in _turn(turn)))


_NO_ANSWER = {
    "answering": "is being answered",
    "failed": "could not be answered",
    "stopped": "stopped before there was an answer",
}


def _turn(turn: Mapping[str, Any]) -> Iterator[RenderableType]:
    yield Text.assemble(("you> ", "bold"), str(turn["message"]))
    if turn["state"] in _NO_ANSWER and not turn["response"]:
        yield Text(_NO_ANSWER[turn["state"]], style="dim")
    else:
        yield Text(str(turn["response"]))
    came = [f"request {turn['ipr_id']}"] if turn.get("ipr_id") else []
    came += [f"deployment {turn['deployment_id'][:8]}"] if turn.get("deployment_id") else []
    came += [str(turn["model"])] if turn.get("model") else []
    if came:
        yield Text(f"({', '.join(came)})", style="dim")
    yield Text("")


def render_standing(standing: Json) -> RenderableType:
    """Where a conversation stands, and the way it is on."""
    here, way = standing["stands"], _way_of(standing["stands"])
    steps = [(step, "bold reverse" if step == here else "dim") for step in way]
    line = Text(" → ").join(Text(*step) for step in steps)
    return Group(line, Text.assemble(state(here), ": ", str(standing["detail"])))


_WAY = ("interpret", "draft", "plan", "examine", "open", "approval", "deploy")
_RUN = ("lock", "recheck", "execute", "verify", "conclude")


def _way_of(here: str) -> tuple[str, ...]:
    """The steps to tell: those of a run once there is one. What lies beside the way stands where it branches off."""
    if here == "undo":
        return ("lock", "recheck", "execute", "undo", "conclude")
    if here == "decide":
        return ("interpret", "draft", "decide", "approval", "deploy")
    return _RUN if here in _RUN else _WAY
