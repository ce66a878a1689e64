"""Words in, drafts out, in one piece or as they come. What is said here touches infrastructure only by way of a request
that was approved."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import JSONResponse, Response
from starlette.status import HTTP_204_NO_CONTENT

from alma.api.bodies import BodyRoute
from alma.api.deps import Alma, Caller, Wired
from alma.api.errors import BodyInvalid
from alma.api.paging import Moment, Order, Paging
from alma.api.schemas.blueprints import GenerateBody
from alma.api.schemas.common import PREFIX, Page, failures, stream_failures
from alma.api.schemas.conversation import (
    ChatBody,
    ChatContext,
    ChatView,
    ConversationItem,
    ConversationView,
    DraftView,
    GraphView,
    TitleBody,
    chat_body,
    conversation_body,
    conversation_item,
    draft_body,
    graph_view,
)
from alma.api.streams import EVENT_STREAM, EventStream, place, position
from alma.api.telling import draft_frames, turn_frames
from alma.core.agent.ways import drawing
from alma.core.model.access import Permission
from alma.core.model.conversation import ConversationSummary
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.principal import Principal

router = APIRouter(prefix=PREFIX, tags=["conversation"], route_class=BodyRoute)

_MOVED_LAST = Order[ConversationSummary, Moment](
    "conversations", lambda item: (item.updated_at, item.id), Moment
)

MERMAID = "text/vnd.mermaid"
_STREAM: dict[str, Any] = {
    "content": {
        EVENT_STREAM: {
            "example": 'id: 4f1c…:2\ndata: {"type":"token","content":"I\'ll set up 2 web servers."}\n\n'
        }
    }
}
_DRAFTED = "A draft that is not saved, and what was made of each part of the words."
LastEventId = Annotated[
    str | None, Header(description="Go on after this event instead of saying it again.")
]
LastEventIdQuery = Annotated[
    str | None,
    Query(alias="last_event_id", description="The same, for those who can't set headers."),
]


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
        caller, body.message, context.conversation_id, context=context.turn_context()
    )
    return JSONResponse(chat_body(answer))


@router.post(
    "/conversation/chat-stream",
    response_class=EventStream,
    response_description="What happens on the way, and last `complete` with the whole answer, or `error`.",
    responses={200: _STREAM, **stream_failures(404, 409, 422)},
)
async def chat_stream(
    alma: Wired,
    caller: Caller,
    body: ChatBody | None = None,
    last_event_id: LastEventId = None,
    last_event_query: LastEventIdQuery = None,
) -> Response:
    """The same, told as it happens: `thinking`, `progress`, `resource`, `blueprint`, `token`, `warning`. Who leaves
    stops the work, after a few seconds in which the answer can be followed again."""
    seen = last_event_id or last_event_query
    if seen:
        turn_id, after = place(seen)
        return await _followed(alma, caller, turn_id, after)
    if body is None:
        raise _no_body()
    context = body.context or ChatContext()
    begun = await alma.dialogue.begin(
        caller, body.message, context.conversation_id, context=context.turn_context()
    )
    facts = {"turn_id": begun.turn_id, "conversation_id": begun.conversation_id}
    return _stream(turn_frames(alma, caller, begun.turn_id, facts=facts))


@router.get(
    "/conversation/turns/{turn_id}/events",
    response_class=EventStream,
    response_description="As of `chat-stream`.",
    responses={
        200: _STREAM,
        204: {"description": "Everything was told already, nothing more will come."},
        **stream_failures(404, 422),
    },
)
async def read_turn_events(
    alma: Wired,
    caller: Caller,
    turn_id: str,
    last_event_id: LastEventId = None,
    last_event_query: LastEventIdQuery = None,
) -> Response:
    """Follows the answer to a message: from the beginning or after an event, as it happens, on
    whatever server it is made. Of one that was answered long ago only the end is told."""
    seen = last_event_id or last_event_query or ""
    number = seen.strip().removeprefix(f"{turn_id}:")
    return await _followed(alma, caller, turn_id, position(number, 0))


@router.post(
    "/conversation/turns/{turn_id}/stop",
    status_code=HTTP_204_NO_CONTENT,
    response_description="It is stopped, unless it has begun to act on a request or had ended.",
    responses=failures(404),
)
async def stop_turn(alma: Wired, caller: Caller, turn_id: str) -> None:
    """Gives an answer up while it is made. The message stays in the history, and nothing else of it."""
    await alma.dialogue.stop(caller, turn_id)


async def _followed(alma: Alma, caller: Principal, turn_id: str, after: int) -> Response:
    if not await alma.dialogue.anything_after(caller, turn_id, after):
        # The one answer after which a browser's EventSource does not connect again.
        return Response(status_code=HTTP_204_NO_CONTENT)
    return _stream(turn_frames(alma, caller, turn_id, after, facts={"turn_id": turn_id}))


def _stream(parts: AsyncGenerator[bytes, None]) -> EventStream:
    return EventStream(parts, needs=Permission.CONVERSATION)


@router.get("/conversation", response_description="The one that moved last comes first.")
def list_conversations(alma: Wired, caller: Caller, paging: Paging) -> Page[ConversationItem]:
    """Lists the caller's conversations, without what was said."""
    after = paging.after(_MOVED_LAST)
    found, total = alma.conversations.list(caller, skip=paging.skip, limit=paging.most, after=after)
    return paging.page(_MOVED_LAST, found, total, conversation_item)


@router.get(
    "/conversation/{conversation_id}", response_model=ConversationView, responses=failures(404)
)
def read_conversation(alma: Wired, caller: Caller, conversation_id: str) -> Response:
    """One conversation from its first message on."""
    return JSONResponse(conversation_body(alma.conversations.get(caller, conversation_id)))


@router.patch(
    "/conversation/{conversation_id}",
    response_model=ConversationView,
    responses=failures(404, 422),
)
def rename_conversation(
    alma: Wired, caller: Caller, conversation_id: str, body: TitleBody
) -> Response:
    """Gives a conversation another title; at first it is what was said first."""
    renamed = alma.conversations.rename(caller, conversation_id, body.title)
    return JSONResponse(conversation_body(renamed))


@router.delete(
    "/conversation/{conversation_id}",
    status_code=HTTP_204_NO_CONTENT,
    response_description="Forgotten. Blueprints, requests and what runs stay.",
    responses=failures(404, 409),
)
def delete_conversation(alma: Wired, caller: Caller, conversation_id: str) -> None:
    """Forgets what was said."""
    alma.conversations.delete(caller, conversation_id)


@router.get(
    "/conversation/{conversation_id}/graph",
    response_model=GraphView,
    responses={200: {"content": {MERMAID: {"example": "flowchart LR\n  …"}}}, **failures(404)},
)
async def read_conversation_graph(
    request: Request,
    alma: Wired,
    caller: Caller,
    conversation_id: str,
    format: Annotated[
        Literal["json", "mermaid"] | None, Query(description="Beats the Accept header.")
    ] = None,
) -> Response:
    """Where a conversation stands on the way from words to what runs: what is recorded says it, not what was said."""
    standing = await asyncio.to_thread(alma.standings.of, caller, conversation_id)
    drawn = drawing(standing.node)
    kind = _drawing_type(request.headers.get("accept", ""), format)
    headers = {"Vary": "Accept"}
    if kind is not None:
        return Response(drawn, media_type=kind, headers=headers)
    view = graph_view(conversation_id, standing, drawn)
    return JSONResponse(view.model_dump(mode="json"), headers=headers)


def _drawing_type(accept: str, format: str | None) -> str | None:
    """The media type of a drawing without JSON around it, where that is what is wanted."""
    if format is not None:
        return MERMAID if format == "mermaid" else None
    named = [part.split(";")[0].strip().lower() for part in accept.split(",")]
    first = next((name for name in named if name in {MERMAID, "text/plain", _JSON}), _JSON)
    return None if first == _JSON else first


_JSON = "application/json"


@router.post(
    "/blueprints/generate-blueprint",
    tags=["blueprints"],
    response_model=DraftView,
    response_description=_DRAFTED,
    responses=failures(422),
)
@router.post("/conversation/generate-blueprint", include_in_schema=False)
async def generate_blueprint(alma: Wired, caller: Caller, body: GenerateBody) -> Response:
    """Drafts a blueprint from a description, without a conversation."""
    drafted = await alma.generating.generate(
        caller, body.description, constraints=body.constraints.constraints()
    )
    return JSONResponse(draft_body(drafted))


@router.post(
    "/blueprints/generate-blueprint-stream",
    tags=["blueprints"],
    response_class=EventStream,
    response_description="What happens on the way, and last `complete` with the draft, or `error`.",
    responses={200: _STREAM, **stream_failures(422)},
)
@router.post("/conversation/generate-blueprint-stream", include_in_schema=False)
async def generate_blueprint_stream(
    alma: Wired,
    caller: Caller,
    body: GenerateBody | None = None,
    last_event_id: LastEventId = None,
    last_event_query: LastEventIdQuery = None,
) -> Response:
    """The same, told as it happens. A limit that can't be kept is an `error` that says by how much."""
    seen = last_event_id or last_event_query
    if seen:
        draft_id, after = place(seen)
        if not alma.drafts.anything_after(caller, draft_id, after):
            return Response(status_code=HTTP_204_NO_CONTENT)
        return EventStream(
            draft_frames(alma, caller, draft_id, after), needs=Permission.BLUEPRINT_WRITE
        )
    if body is None:
        raise _no_body()
    constraints = body.constraints.constraints()
    draft_id = alma.drafts.begin(caller, body.description, constraints=constraints)
    return EventStream(draft_frames(alma, caller, draft_id), needs=Permission.BLUEPRINT_WRITE)


def _no_body() -> BodyInvalid:
    return BodyInvalid([Diagnostic(code="missing_field", message="the request has no body")])
