"""Messages and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from alma.api.schemas.blueprints import blueprint_links
from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import (
    ChatAnswer,
    Conversation,
    Drafted,
    Intent,
    NextStep,
    Turn,
)


class ChatContext(Frozen):
    """What the message belongs to. Anything else that callers keep here is theirs and ignored."""

    model_config = ConfigDict(extra="ignore")

    conversation_id: str | None = Field(
        default=None, max_length=128, description="One that is not known yet starts a conversation."
    )
    engine: str | None = Field(
        default=None, max_length=128, description="Where the draft shall land, as if said."
    )


class ChatBody(Frozen):
    """One message."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "message": "I need a simple web application with 2 servers and a database",
                "context": {"conversation_id": "shop"},
            }
        }
    )

    message: str
    context: ChatContext | None = None


class DraftView(Drafted):
    """A draft that is not saved. `blueprint` can be sent to POST /api/v1/blueprints as it is."""


class ChatView(ChatAnswer):
    """ALMA's answer. `blueprint_id` can be sent to POST /api/v1/iprs as it is."""

    links: Mapping[str, str]


class TurnView(Frozen):
    """One message and its answer."""

    message: str
    response: str
    intent: Intent
    blueprint: Blueprint | None
    origins: Mapping[str, Origin]
    blueprint_id: int | None
    suggested_actions: tuple[str, ...]
    created_at: datetime


class ConversationSummary(Frozen):
    """A conversation in a list."""

    id: str
    title: str
    turns: int
    blueprint_id: int | None
    created_at: datetime
    updated_at: datetime
    links: Mapping[str, str]


class ConversationView(Frozen):
    """A conversation from its first message on."""

    id: str
    title: str
    turns: Sequence[TurnView]
    blueprint_id: int | None
    created_at: datetime
    updated_at: datetime


def draft_body(drafted: Drafted) -> dict[str, Any]:
    """The answer with the blueprint as a person would write it."""
    body = drafted.model_dump(mode="json", exclude={"blueprint", "response"})
    draft = drafted.blueprint.dump() if drafted.blueprint else None
    return {"response": drafted.response, "blueprint": draft, **body}


def chat_body(answer: ChatAnswer) -> dict[str, Any]:
    """The same with where to go on."""
    body = draft_body(answer) | {"suggested_actions": _with_calls(answer)}
    links = {
        "conversation": _link(answer.conversation_id),
        "iprs": f"{PREFIX}/iprs",
        "stacks": f"{PREFIX}/stacks",
    }
    if answer.blueprint_id is not None:
        links["blueprint"] = blueprint_links(answer.blueprint_id)["self"]
    return {"conversation_id": answer.conversation_id, **body, "links": links}


def _with_calls(answer: ChatAnswer) -> list[str]:
    """The suggestions, and how those that are no words are called here."""
    id_, name = answer.blueprint_id, answer.blueprint.name if answer.blueprint else ""
    request = json.dumps({"title": f"Deploy {name}", "blueprint_id": id_})
    calls = {
        NextStep.OPEN_REQUEST.value: f": POST {PREFIX}/iprs {request}",
        NextStep.LOOK_AT_PLAN.value: f": POST {PREFIX}/blueprints/{id_}/plan",
    }
    return [action + calls.get(action, "") for action in answer.suggested_actions]


def conversation_summary(conversation: Conversation) -> ConversationSummary:
    """The conversation for a list."""
    return ConversationSummary(
        id=conversation.id,
        title=conversation.title,
        turns=len(conversation.turns),
        blueprint_id=_blueprint_id(conversation),
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        links={"self": _link(conversation.id)},
    )


def conversation_body(conversation: Conversation) -> dict[str, Any]:
    """The conversation in full, with drafts as a person would write them."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "turns": [_turn(turn) for turn in conversation.turns],
        "blueprint_id": _blueprint_id(conversation),
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
    }


def _turn(turn: Turn) -> dict[str, Any]:
    body = turn.model_dump(mode="json", exclude={"blueprint"})
    return body | {"blueprint": turn.blueprint.dump() if turn.blueprint else None}


def _blueprint_id(conversation: Conversation) -> int | None:
    return conversation.last.blueprint_id if conversation.last else None


def _link(id_: str) -> str:
    return f"{PREFIX}/conversation/{id_}"
