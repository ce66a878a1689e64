"""Messages and answers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from alma.api.schemas.blueprints import GenerateConstraints, blueprint_links
from alma.api.schemas.common import PREFIX
from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import (
    ChatAnswer,
    Conversation,
    ConversationSummary,
    Drafted,
    Intent,
    NextStep,
    Standing,
    Turn,
    TurnContext,
    TurnState,
)
from alma.core.model.diagnostic import Diagnostic


class ChatContext(Frozen):
    """What the message belongs to. Anything else that callers keep here is theirs and ignored."""

    model_config = ConfigDict(extra="ignore")

    conversation_id: str | None = Field(
        default=None, max_length=128, description="One that is not known yet starts a conversation."
    )
    engine: str | None = Field(
        default=None, max_length=128, description="Where the draft shall land, as if said."
    )
    constraints: GenerateConstraints | None = Field(
        default=None, description="Limits, as if said: kept in the draft and held from then on."
    )

    def turn_context(self) -> TurnContext:
        """What comes along with the words."""
        limits = self.constraints.constraints() if self.constraints else None
        return TurnContext(engine=self.engine, constraints=limits)


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
    """One message and its answer. While it is `answering`, the answer can be followed at its `events` link."""

    id: str
    state: TurnState
    message: str
    response: str
    intent: Intent
    blueprint: Blueprint | None
    origins: Mapping[str, Origin]
    blueprint_id: int | None
    revision: int | None
    understood: tuple[str, ...] = Field(description="What the words became.")
    assumptions: tuple[str, ...] = Field(description="What was assumed, and is to be checked.")
    question: str | None
    unused: tuple[str, ...] = Field(description="Words that changed nothing.")
    opinions: tuple[str, ...] = Field(
        description="Sentences of a model that no fact of ours supports."
    )
    warnings: tuple[Diagnostic, ...]
    suggested_actions: tuple[str, ...]
    ipr_id: int | None
    plan_digest: str | None
    deployment_id: str | None
    model: str | None = Field(description="The language model that was heard.")
    cost: Mapping[str, Json] | None = Field(description="What the draft cost a month then.")
    failure: Mapping[str, Json] | None = Field(description="Why something was not done.")
    created_at: datetime
    links: Mapping[str, str]


class ConversationItem(Frozen):
    """A conversation in a list."""

    id: str
    title: str
    turns: int
    state: TurnState | None = Field(description="Where its latest turn stands.")
    blueprint_id: int | None
    created_at: datetime
    updated_at: datetime
    links: Mapping[str, str]


class TitleBody(Frozen):
    """Another title."""

    model_config = ConfigDict(json_schema_extra={"example": {"title": "The web shop"}})

    title: str = Field(max_length=10_000)


class GraphView(Frozen):
    """The way from words to what runs as a drawing, and where the conversation stands on it."""

    mermaid: str
    stands: str = Field(description="The node it is at.")
    detail: str = Field(description="What that means now.")
    ipr_id: int | None
    deployment_id: str | None
    links: Mapping[str, str]


class ConversationView(Frozen):
    """A conversation from its first message on."""

    id: str
    title: str
    turns: Sequence[TurnView]
    blueprint_id: int | None
    created_at: datetime
    updated_at: datetime
    links: Mapping[str, str]


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
    return {
        "conversation_id": answer.conversation_id,
        **body,
        "links": links | _links_of(answer.blueprint_id, answer.ipr_id, answer.deployment_id),
    }


def _links_of(
    blueprint_id: int | None, ipr_id: int | None, deployment_id: str | None
) -> dict[str, str]:
    """What a turn came to."""
    links = {} if blueprint_id is None else {"blueprint": blueprint_links(blueprint_id)["self"]}
    if ipr_id is not None:
        links["ipr"] = f"{PREFIX}/iprs/{ipr_id}"
    if deployment_id is not None:
        links["deployment"] = f"{PREFIX}/deployments/{deployment_id}"
    return links


def _with_calls(answer: ChatAnswer | Turn) -> list[str]:
    """The suggestions, and how those that are no words are called here."""
    id_, name = answer.blueprint_id, answer.blueprint.name if answer.blueprint else ""
    request = json.dumps({"title": f"Deploy {name}", "blueprint_id": id_})
    calls = {
        NextStep.OPEN_REQUEST.value: f": POST {PREFIX}/iprs {request}",
        NextStep.LOOK_AT_PLAN.value: f": POST {PREFIX}/blueprints/{id_}/plan",
    }
    if answer.ipr_id is not None:
        calls |= _about_request(answer.ipr_id, answer.plan_digest)
    return [action + calls.get(action, "") for action in answer.suggested_actions]


def _about_request(id_: int, digest: str | None) -> dict[str, str]:
    """A decision is about the plan that was shown, so its digest goes along."""
    ipr = f"{PREFIX}/iprs/{id_}"
    approve, reject = (
        json.dumps({"action": action, "plan_digest": digest}) for action in ("approve", "reject")
    )
    return {
        NextStep.APPROVE.value: f": POST {ipr}/review {approve}",
        NextStep.REJECT.value: f": POST {ipr}/review {reject}",
        NextStep.DEPLOY.value: f": POST {ipr}/deploy",
    }


def conversation_item(conversation: ConversationSummary) -> ConversationItem:
    """The conversation for a list."""
    return ConversationItem(
        id=conversation.id,
        title=conversation.title,
        turns=conversation.turns,
        state=conversation.state,
        blueprint_id=conversation.blueprint_id,
        created_at=conversation.created_at,
        updated_at=conversation.updated_at,
        links=_own_links(conversation.id),
    )


def conversation_body(conversation: Conversation) -> dict[str, Any]:
    """The conversation in full, with drafts as a person would write them."""
    return {
        "id": conversation.id,
        "title": conversation.title,
        "turns": [_turn(turn) for turn in conversation.turns],
        "blueprint_id": conversation.last.blueprint_id if conversation.last else None,
        "created_at": conversation.created_at.isoformat(),
        "updated_at": conversation.updated_at.isoformat(),
        "links": _own_links(conversation.id),
    }


def graph_view(id_: str, standing: Standing, mermaid: str) -> GraphView:
    """The drawing and where the conversation stands."""
    links = {"conversation": _link(id_)}
    return GraphView(
        mermaid=mermaid,
        stands=standing.node,
        detail=standing.detail,
        ipr_id=standing.ipr_id,
        deployment_id=standing.deployment_id,
        links=links | _links_of(None, standing.ipr_id, standing.deployment_id),
    )


_ONE = ("revision", "model", "cost", "failure", "question")
_MANY = ("understood", "assumptions", "unused", "opinions", "warnings")


def _turn(turn: Turn) -> dict[str, Any]:
    body = turn.model_dump(mode="json", exclude={"blueprint", "answer", "offer", "context"})
    links = {"events": f"{PREFIX}/conversation/turns/{turn.id}/events"}
    return {
        **body,
        "blueprint": turn.blueprint.dump() if turn.blueprint else None,
        **{name: turn.answer.get(name) for name in _ONE},
        **{name: turn.answer.get(name, []) for name in _MANY},
        "suggested_actions": _with_calls(turn),
        "links": links | _links_of(turn.blueprint_id, turn.ipr_id, turn.deployment_id),
    }


def _own_links(id_: str) -> dict[str, str]:
    return {"self": _link(id_), "graph": f"{_link(id_)}/graph"}


def _link(id_: str) -> str:
    return f"{PREFIX}/conversation/{id_}"
