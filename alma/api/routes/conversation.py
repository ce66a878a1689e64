"""Words in, drafts out. Nothing said here touches infrastructure: that takes an approved request."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Limit, Skip, Wired
from alma.api.schemas.blueprints import GenerateBody
from alma.api.schemas.common import PREFIX, Page, failures
from alma.api.schemas.conversation import (
    ChatBody,
    ChatContext,
    ChatView,
    ConversationSummary,
    ConversationView,
    DraftView,
    chat_body,
    conversation_body,
    conversation_summary,
    draft_body,
)
from alma.core.model.conversation import TurnContext

router = APIRouter(prefix=PREFIX, tags=["conversation"], route_class=BodyRoute)


@router.post(
    "/conversation/chat",
    response_model=ChatView,
    response_description="What was understood, the draft as saved, and what can be done next.",
    responses=failures(404, 409, 422),
)
async def chat(alma: Wired, caller: Caller, body: ChatBody) -> Response:
    """Answers one message. Words become edits of the conversation's draft; a changed draft is saved as a revision."""
    context = body.context or ChatContext()
    answer = await alma.dialogue.chat(
        caller,
        body.message,
        context.conversation_id,
        context=TurnContext(engine=context.engine),
    )
    return JSONResponse(chat_body(answer))


@router.get("/conversation", response_description="The one that moved last comes first.")
def list_conversations(
    alma: Wired, caller: Caller, skip: Skip = 0, limit: Limit = 100
) -> Page[ConversationSummary]:
    """Lists the caller's conversations."""
    page, total = alma.conversations.list(caller, skip=skip, limit=limit)
    items = [conversation_summary(item) for item in page]
    return Page(items=items, total=total, skip=skip, limit=limit)


@router.get(
    "/conversation/{conversation_id}", response_model=ConversationView, responses=failures(404)
)
def read_conversation(alma: Wired, caller: Caller, conversation_id: str) -> Response:
    """One conversation from its first message on."""
    return JSONResponse(conversation_body(alma.conversations.get(caller, conversation_id)))


@router.post(
    "/blueprints/generate-blueprint",
    tags=["blueprints"],
    response_model=DraftView,
    response_description="A draft that is not saved, and what was made of each part of the words.",
    responses=failures(422),
)
async def generate_blueprint(alma: Wired, caller: Caller, body: GenerateBody) -> Any:
    """Drafts a blueprint from a description, without a conversation."""
    drafted = await alma.generating.generate(
        caller, body.description, constraints=body.constraints.constraints()
    )
    return JSONResponse(draft_body(drafted))
