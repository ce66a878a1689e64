"""How a turn is told: the events while it is answered, and the words at its end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alma.core.agent.effects import Outcome, Walked
from alma.core.model.blueprint import Blueprint, dump_plain
from alma.core.model.conversation import (
    ChatEvent,
    ChatEventType,
    Drafted,
    Intent,
    NextStep,
    Turn,
    TurnState,
)

_ACTS = ("decided", "planned", "examined", "opened", "deployed")


def drafted_events(drafted: Drafted, before: Blueprint | None) -> list[ChatEvent]:
    """What is to be told about a draft that was made, besides its words: what was understood, each resource that is new
    or different, the whole, and what to mind."""
    events: list[ChatEvent] = []
    if drafted.understood:
        said = f"understood: {'; '.join(drafted.understood)}"
        events.append(ChatEvent(type=ChatEventType.PROGRESS, content=said))
    if drafted.blueprint is not None and drafted.blueprint != before:
        events += _of_blueprint(drafted.blueprint, before)
    events += [
        ChatEvent(
            type=ChatEventType.WARNING, content=item.message, data=item.model_dump(mode="json")
        )
        for item in drafted.warnings
    ]
    return events


def _of_blueprint(blueprint: Blueprint, before: Blueprint | None) -> list[ChatEvent]:
    old = {resource.name: resource for resource in before.resources} if before else {}
    resources = [
        ChatEvent(type=ChatEventType.RESOURCE, content=resource.name, data=dump_plain(resource))
        for resource in blueprint.resources
        if old.get(resource.name) != resource
    ]
    whole = ChatEvent(type=ChatEventType.BLUEPRINT, content=blueprint.name, data=blueprint.dump())
    return [*resources, whole]


class Words:
    """What a stream has spoken so far, as somebody has it who follows."""

    def __init__(self) -> None:
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def hear(self, event: ChatEvent) -> None:
        """Takes an event in. One that begins the answer anew takes back what was spoken."""
        if event.data.get("restart"):
            self._pieces.clear()
        elif event.type is ChatEventType.TOKEN:
            self._pieces.append(event.content)

    def missing(self, text: str) -> list[ChatEvent]:
        """What has to be told so that the words are exactly this text: its rest, or all of it anew."""
        said = self.text
        if text.startswith(said):
            return spoken(text[len(said) :])
        return [ANEW, *spoken(text)]


ANEW = ChatEvent(
    type=ChatEventType.PROGRESS, content="The answer begins anew.", data={"restart": True}
)


def spoken(text: str) -> list[ChatEvent]:
    """Words, piece by piece: together they are the text."""
    pieces = [piece for piece in re.split(r"(?<=[.!?:] )", text) if piece]
    return [ChatEvent(type=ChatEventType.TOKEN, content=piece) for piece in pieces]


def completed(conversation_id: str, turn: Turn) -> ChatEvent:
    """The last event of a turn: where its answer is."""
    return ChatEvent(
        type=ChatEventType.COMPLETE,
        content=turn.response,
        data={"conversation_id": conversation_id, "turn_id": turn.id},
    )


def sentence(text: str) -> str:
    """A remark as a sentence of its own."""
    capital = text[:1].upper() + text[1:]
    return capital if capital.endswith((".", "!", "?")) else f"{capital}."


def rest_of(said: Drafted) -> dict[str, Any]:
    """What of an answer has no column of its own."""
    rest: dict[str, Any] = said.model_dump(
        mode="json",
        exclude={"blueprint", "origins", "response", "intent", "suggested_actions", "offers"},
    )
    return rest


def ended(turn: Turn, state: Walked) -> Turn:
    """The turn with what its acts came to. What was planned is said by the request that was opened for it."""
    came: Mapping[str, Any] = state
    acts: list[Outcome] = [came[name] for name in _ACTS if name in came]
    texts = [act["text"] for act in acts if act.get("way") != "examine" and act["text"]]
    found = {
        name: next((act[name] for act in reversed(acts) if act.get(name)), None)
        for name in ("ipr_id", "plan_digest", "deployment_id")
    }
    failure = next((act["failure"] for act in acts if act.get("failure")), None)
    told = {name: value for name, value in found.items() if value is not None}
    decided = turn.intent if acts and acts[-1] is came.get("decided") else None
    steps = _next_steps(acts[-1], decided, **told) if acts else ()
    return turn.model_copy(
        update={
            **told,
            "suggested_actions": steps or turn.suggested_actions,
            "state": TurnState.ANSWERED,
            "response": " ".join(part for part in (turn.response, *texts) if part),
            "answer": {**turn.answer, **({"failure": failure} if failure else {})},
        }
    )


def _next_steps(last: Outcome, decided: Intent | None, **told: Any) -> tuple[str, ...]:
    """What can be said next about the request that the acts came to; `decided` is how, if that was the last of them."""
    if "deployment_id" in told:
        return (NextStep.LOOK_AT_STATUS.value,)
    if last.get("ipr_id") is None or decided is Intent.REJECT:
        return ()
    if last.get("shut"):
        return (NextStep.REJECT.value,)
    ready = decided is Intent.APPROVE or last["way"] == "deploy"
    return (NextStep.DEPLOY.value,) if ready else (NextStep.APPROVE.value, NextStep.REJECT.value)
