"""A conversation about one blueprint: its turns, and the typed edits that words become."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, field_serializer

from alma.core.model.base import Frozen, Json
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Resource, dump_plain
from alma.core.model.diagnostic import Diagnostic


class Intent(StrEnum):
    """What a message asks for."""

    CREATE = "create"
    CHANGE = "change"
    DEPLOY = "deploy"
    DESTROY = "destroy"
    ROLLBACK = "rollback"
    STATUS = "status"
    LIST = "list"
    EXPLAIN = "explain"
    COST = "cost"
    AUDIT = "audit"
    COMPLIANCE = "compliance"
    COMPARE = "compare"
    UNDO = "undo"
    APPROVE = "approve"
    REJECT = "reject"
    TROUBLESHOOT = "troubleshoot"
    CAPACITY = "capacity"
    FORECAST = "forecast"
    MIGRATE = "migrate"
    SUGGEST = "suggest"
    HELP = "help"
    SMALLTALK = "smalltalk"
    UNKNOWN = "unknown"


HIDDEN = "[redacted]"
"""Stands where a message held what looks like a credential."""


class NextStep(StrEnum):
    """Suggestions that are calls, too: each edge says how they are made there. The first two are no words for the
    conversation; the others may be said as they are."""

    OPEN_REQUEST = "Open a request for its deployment"
    LOOK_AT_PLAN = "Look at its plan first"
    APPROVE = "Approve it"
    REJECT = "Reject it"
    DEPLOY = "Deploy it"
    LOOK_AT_STATUS = "Show the status"


ClearedPath = Annotated[
    str,
    Field(
        pattern=r"^(engine|description|constraints\.(max_monthly_cost|region)|metadata\.[\w.-]{1,60})$"
    ),
]


class AddResource(Frozen):
    """Add one resource. `origins` is keyed by the resource's own field paths (`name`, `specs.memory`)."""

    op: Literal["add_resource"] = "add_resource"
    resource: Resource
    origins: Mapping[str, Origin] = Field(default_factory=dict)

    @field_serializer("resource")
    def _as_written(self, resource: Resource) -> Mapping[str, Json]:
        """Only what was said: what is unset stays unset when the edit is read again."""
        return dump_plain(resource)


class RemoveResource(Frozen):
    """Remove the resource of that name, and what refers to it."""

    op: Literal["remove_resource"] = "remove_resource"
    name: str


class RenameResource(Frozen):
    """Rename a resource and every reference to it."""

    op: Literal["rename_resource"] = "rename_resource"
    name: str
    to: str


class SetField(Frozen):
    """Set one field of a resource: `path` is dotted inside it (`specs.memory`); None removes it."""

    op: Literal["set_field"] = "set_field"
    name: str
    path: str
    value: Json = None
    origin: Origin = Origin.WORDS


class SetBlueprint(Frozen):
    """Set fields of the blueprint itself. `cleared` are dotted paths of what is taken away again, before anything is
    set: `engine`, `description`, `constraints.max_monthly_cost`, `metadata.owner`."""

    op: Literal["set_blueprint"] = "set_blueprint"
    cleared: tuple[ClearedPath, ...] = Field(default=(), max_length=16)
    copied: bool = Field(
        default=False,
        description="Whether it begins a life of its own, and the one it was made from stays as it is.",
    )
    name: str | None = None
    description: str | None = None
    engine: str | None = None
    constraints: Constraints | None = None
    metadata: Mapping[str, Json] = Field(default_factory=dict)
    origin: Origin = Origin.WORDS


class UseTemplate(Frozen):
    """Start from a template, with its documented parameters."""

    op: Literal["use_template"] = "use_template"
    template: str
    parameters: Mapping[str, Json] = Field(default_factory=dict)


Edit = Annotated[
    AddResource | RemoveResource | RenameResource | SetField | SetBlueprint | UseTemplate,
    Field(discriminator="op"),
]


class Interpretation(Frozen):
    """What a message was understood as. `unused` are words that changed nothing, so that a miss is visible;
    `question` is asked instead of guessing; `assumptions` are said out loud.

    `intent` is the one that counts, `acts` are all of the message in their order: a change and a question, or a change
    and a deployment. What an act names is in `ipr_id`, `revision`, `deployment_id`, `engine` and `stack`; an act that
    names nothing means what the conversation is about.
    """

    intent: Intent
    acts: tuple[Intent, ...] = ()
    edits: tuple[Edit, ...] = ()
    understood: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    question: str | None = None
    unused: tuple[str, ...] = ()
    subject: str | None = Field(
        default=None, description="What a question is about: a resource's or template's name."
    )
    ipr_id: int | None = Field(default=None, description="The request that is to be approved …")
    revision: int | None = Field(default=None, description="The revision gone back to or compared.")
    deployment_id: str | None = Field(default=None, description="The deployment spoken of.")
    engine: str | None = Field(default=None, description="Where an act is to happen.")
    stack: str | None = Field(default=None, description="The stack or blueprint an act names.")
    language: str | None = Field(
        default=None, description="What a message is written in, when that is not English: `de`."
    )


class TurnState(StrEnum):
    """Where a turn stands."""

    ANSWERING = "answering"
    ANSWERED = "answered"
    FAILED = "failed"
    """ALMA could not answer; the response says why, and the message can be sent again."""
    STOPPED = "stopped"
    """Whoever asked went away before there was an answer."""


class TurnContext(Frozen):
    """What came along with a message, besides its words."""

    engine: str | None = Field(default=None, max_length=128)
    constraints: Constraints | None = None


class Turn(Frozen):
    """One message and ALMA's answer. `blueprint` is how the draft stood afterwards; `answer` is what else was said.
    `ipr_id` is the request it opened, decided or spoke of, `plan_digest` the plan that was shown with it, and `offer`
    what is done if the next message agrees."""

    id: str = Field(
        description="Unique everywhere; made by whoever asks, so that asking twice is one turn."
    )
    state: TurnState = TurnState.ANSWERED
    message: str
    context: TurnContext = TurnContext()
    response: str = ""
    intent: Intent = Intent.UNKNOWN
    blueprint: Blueprint | None = None
    origins: Mapping[str, Origin] = Field(default_factory=dict)
    blueprint_id: int | None = None
    suggested_actions: tuple[str, ...] = ()
    offer: tuple[Edit, ...] = ()
    ipr_id: int | None = None
    plan_digest: str | None = None
    deployment_id: str | None = None
    answer: Mapping[str, Json] = Field(default_factory=dict)
    created_at: datetime


class Said(Frozen):
    """One message that left a draft behind, and its answer, without the draft: what the next one is read against."""

    message: str
    response: str
    intent: Intent
    offer: tuple[Edit, ...]
    blueprint_id: int | None


class Mention(Frozen):
    """A message that opened, decided or spoke of a request; `plan_digest` is the plan that was shown with it."""

    number: int
    turn_id: str
    ipr_id: int
    plan_digest: str | None


class TurnPlace(Frozen):
    """A turn, and where it belongs."""

    project: str
    conversation_id: str
    turn: Turn


class Conversation(Frozen):
    """A conversation and where its draft stands."""

    id: str
    principal: str
    title: str
    turns: tuple[Turn, ...] = ()
    created_at: datetime
    updated_at: datetime

    @property
    def answered(self) -> tuple[Turn, ...]:
        """The turns that have an answer: what went before."""
        return tuple(turn for turn in self.turns if turn.state is TurnState.ANSWERED)

    @property
    def last(self) -> Turn | None:
        """The latest turn."""
        return self.turns[-1] if self.turns else None


class ConversationSummary(Frozen):
    """A conversation in a list: what it is about, and nothing of what was said."""

    id: str
    principal: str
    title: str
    turns: int = Field(description="How many messages there are.")
    blueprint_id: int | None = None
    state: TurnState | None = Field(default=None, description="Where the latest turn stands.")
    created_at: datetime
    updated_at: datetime


class Standing(Frozen):
    """Where a conversation stands: a node of the drawing, and in words what that means now."""

    node: str
    detail: str
    ipr_id: int | None = None
    deployment_id: str | None = None


class Drafted(Frozen):
    """A draft, and everything to be said about how it came to be."""

    response: str
    intent: Intent
    blueprint: Blueprint | None = None
    origins: Mapping[str, Origin] = Field(default_factory=dict)
    engine: str | None = Field(default=None, description="Where it would land now.")
    understood: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    question: str | None = None
    unused: tuple[str, ...] = Field(default=(), description="Words that changed nothing.")
    warnings: tuple[Diagnostic, ...] = ()
    suggested_actions: tuple[str, ...] = ()
    cost: Mapping[str, Json] | None = Field(
        default=None, description="What the draft costs a month: monthly, currency, basis, limit."
    )
    offers: bool = Field(
        default=False,
        description="Whether something is offered that is done if the next message agrees.",
    )
    opinions: tuple[str, ...] = Field(
        default=(), description="Sentences of a model that no fact of ours supports."
    )
    model: str | None = Field(default=None, description="The language model that was heard.")
    data: Mapping[str, Json] = Field(
        default_factory=dict, description="The figures and names behind an answer to a question."
    )


class ChatAnswer(Drafted):
    """ALMA's side of one turn. `blueprint_id` is the draft as saved: what a request is opened for."""

    conversation_id: str
    turn_id: str = ""
    state: TurnState = TurnState.ANSWERED
    blueprint_id: int | None = None
    revision: int | None = None
    changed: bool = False
    ipr_id: int | None = Field(default=None, description="The request that was opened or decided.")
    plan_digest: str | None = Field(default=None, description="The plan an approval would be of.")
    deployment_id: str | None = None


class ChatEventType(StrEnum):
    """What a stream of one turn consists of."""

    THINKING = "thinking"
    TOKEN = "token"
    PROGRESS = "progress"
    RESOURCE = "resource"
    BLUEPRINT = "blueprint"
    WARNING = "warning"
    ERROR = "error"
    COMPLETE = "complete"


class ChatEvent(Frozen):
    """One event of a turn while it is answered. `content` is for people; `data` is what programs read: a resource, a
    blueprint, an error, and with `complete` the whole answer."""

    type: ChatEventType
    content: str = ""
    data: Mapping[str, Json] = Field(default_factory=dict)
