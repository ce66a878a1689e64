"""ALMA's answer in a conversation: its words, the blueprint as it stands, what could come next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from alma.cli.render.tables import blueprint_table
from alma.cli.shapes import Json


def render_answer(answer: Json, *next_steps: str) -> RenderableType:
    """One answer. `next_steps` are the terminal's own, in place of the server's HTTP calls."""
    return Group(*_parts(answer, next_steps))


def _parts(answer: Json, next_steps: Sequence[str]) -> Iterator[RenderableType]:
    yield Text(str(answer.get("response", "")))
    blueprint = answer.get("blueprint")
    if blueprint:
        yield Text("")
        yield Text(str(blueprint.get("name", "")), style="bold")
        yield Padding(blueprint_table(blueprint), (0, 0, 0, 2))
    suggested = [_words(item) for item in answer.get("suggested_actions") or []]
    actions = [*next_steps, *(action for action in suggested if "/api/v1/" not in action)]
    if actions:
        yield Text("")
        yield Text("You could: " + " · ".join(actions), style="dim")


def commands(answer: Json) -> list[str]:
    """The commands that do what was asked for, where words alone must not."""
    blueprint = answer.get("blueprint") or {}
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
