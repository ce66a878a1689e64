"""Words in, drafts out."""

from __future__ import annotations

import asyncio

import strawberry

from alma.api.graphql.context import Info, Root, read
from alma.api.graphql.deriving import noun, shown, taken
from alma.api.graphql.paging import USUAL, After, Connection, First, paged
from alma.api.paging import Moment, Order
from alma.api.schemas.blueprints import GenerateBody
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
from alma.core.agent.ways import drawing
from alma.core.model import conversation as core

ORDER = Order[core.ConversationSummary, Moment](
    "conversations", lambda item: (item.updated_at, item.id), Moment
)


@taken(ChatBody)
class ChatMessage:
    """One message."""


@taken(GenerateBody)
class GenerateBlueprint:
    """What is wanted, in words."""


@noun(ChatView)
class ChatAnswer:
    """What was understood, the draft as saved, and what can be done next."""


@noun(DraftView)
class Draft:
    """A draft that is not saved."""


@noun(ConversationItem)
class ConversationInList:
    """A conversation without what was said."""


@noun(GraphView)
class ConversationGraph:
    """The way from words to what runs, and where the conversation stands on it."""


@noun(ConversationView)
class Conversation:
    """A conversation from its first message on."""

    @strawberry.field(description="Where it stands on the way from words to what runs.")
    async def graph(root: Root, info: Info) -> ConversationGraph:
        standing = await info.context.ask(info.context.alma.standings.of, root["id"])
        drawn = await asyncio.to_thread(drawing, standing.node)
        return shown(ConversationGraph, graph_view(root["id"], standing, drawn))


@strawberry.type
class Queries:
    """What is asked about conversations."""

    @strawberry.field(description="The caller's conversations; the one that moved last first.")
    async def conversations(
        self, info: Info, first: First = USUAL, after: After = None
    ) -> Connection[ConversationInList]:
        return await paged(
            info.context,
            info.context.alma.conversations.list,
            lambda item: shown(ConversationInList, conversation_item(item)),
            order=ORDER,
            first=first,
            after=after,
        )

    @strawberry.field(description="One conversation.")
    async def conversation(self, info: Info, id: str) -> Conversation:
        found = await info.context.ask(info.context.alma.conversations.get, id)
        return shown(Conversation, conversation_body(found))


@strawberry.type
class Mutations:
    """What is said."""

    @strawberry.mutation(description="Answers one message; a changed draft is saved as a revision.")
    async def chat(self, info: Info, input: ChatMessage) -> ChatAnswer:
        body = read(ChatBody, input)
        context = body.context or ChatContext()
        answer = await info.context.alma.dialogue.chat(
            info.context.caller,
            body.message,
            context.conversation_id,
            context=context.turn_context(),
        )
        return shown(ChatAnswer, chat_body(answer))

    @strawberry.mutation(description="Drafts a blueprint from a description; saves nothing.")
    async def generate_blueprint(self, info: Info, input: GenerateBlueprint) -> Draft:
        body = read(GenerateBody, input)
        drafted = await info.context.alma.generating.generate(
            info.context.caller, body.description, constraints=body.constraints.constraints()
        )
        return shown(Draft, draft_body(drafted))

    @strawberry.mutation(description="Gives an answer up while it is made; answers the turn's id.")
    async def stop_turn(self, info: Info, id: str) -> str:
        await info.context.alma.dialogue.stop(info.context.caller, id)
        return id

    @strawberry.mutation(description="Gives a conversation another title.")
    async def rename_conversation(self, info: Info, id: str, title: str) -> Conversation:
        words = TitleBody.model_validate({"title": title[:10_000]}).title
        found = await info.context.ask(info.context.alma.conversations.rename, id, words)
        return shown(Conversation, conversation_body(found))

    @strawberry.mutation(description="Forgets what was said; answers the conversation's id.")
    async def delete_conversation(self, info: Info, id: str) -> str:
        await info.context.ask(info.context.alma.conversations.delete, id)
        return id
