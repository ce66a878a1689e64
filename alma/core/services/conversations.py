"""Conversations: each message becomes edits of a draft, each changed draft a saved revision that can be planned.

Nothing here touches infrastructure. A message that asks for a deployment is told how to open the request for it; what
is answered about the state of things is what the database has.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from alma.core.language.edits import apply_edits
from alma.core.language.interpreter import MAX_MESSAGE, Interpreter
from alma.core.language.reply import describe, suggested_actions
from alma.core.model.blueprint import Blueprint, Constraints, Origin, Revision
from alma.core.model.conversation import (
    ChatAnswer,
    Conversation,
    Drafted,
    Intent,
    Interpretation,
    NextStep,
    SetBlueprint,
    Turn,
    UseTemplate,
)
from alma.core.model.document import diagnose, parse_blueprint
from alma.core.model.errors import BlueprintInvalid, InvalidInput, NotFound
from alma.core.model.principal import Principal
from alma.core.ports import Clock, Repositories, Transaction
from alma.core.services.outlook import Outlook
from alma.core.services.plans import Plans
from alma.core.services.templates import Templates

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
_MAX_ACTIONS = 5
# What the next steps say better.
_SAID_BY_STEPS = {
    "Open a pull request for this blueprint",
    "Review the plan",
    "Approve and deploy",
}


@dataclass(frozen=True)
class _Draft:
    """Where a conversation stands before a message."""

    project: str
    blueprint: Blueprint | None = None
    origins: Mapping[str, Origin] = field(default_factory=dict)
    revision: Revision | None = None
    turns: tuple[Turn, ...] = ()

    @property
    def said(self) -> tuple[str, ...]:
        return tuple(turn.message for turn in self.turns)


@dataclass(frozen=True)
class _Edited:
    """What a message made of a draft. `refused` says why its edits could not be applied."""

    blueprint: Blueprint | None
    origins: Mapping[str, Origin]
    engine: str | None
    refused: str | None = None
    note: str | None = None


class Conversations:
    """Conversations of one person in the caller's project."""

    def __init__(
        self,
        *,
        repositories: Repositories,
        interpreter: Interpreter,
        templates: Templates,
        plans: Plans,
        clock: Clock,
    ) -> None:
        self._repositories = repositories
        self._interpreter = interpreter
        self._templates = templates
        self._plans = plans
        self._clock = clock

    def chat(
        self,
        principal: Principal,
        message: str,
        conversation_id: str | None = None,
        *,
        engine: str | None = None,
    ) -> ChatAnswer:
        """Answers one message and remembers the turn. An id that is not known yet starts a conversation under it.

        A changed draft is saved: as a blueprint the first time, as a further revision after that. `engine` is where it
        shall land, as if the message had said so. Raises InvalidInput for an empty message or an unfit id, NotFound for
        somebody else's conversation, Conflict when the draft was changed by somebody else while this was answered.
        """
        text = _checked_message(message)
        id_ = _checked_id(conversation_id)
        with self._repositories.read() as transaction:
            draft = self._draft(transaction, principal, id_)
        interpretation = self._interpreter.interpret(
            text, blueprint=draft.blueprint, history=draft.said
        )
        if engine and interpretation.edits:
            interpretation = _and(interpretation, SetBlueprint(engine=engine))
        edited = self._edited(draft, interpretation)
        with self._repositories.write() as transaction:
            revision = _saved(transaction, principal, draft, edited)
            outlook = Outlook(transaction, project=principal.project)
            told = outlook.about(interpretation.intent, revision)
            if interpretation.intent is Intent.LIST and "template" in text.casefold():
                told = f"Templates: {', '.join(self._templates.entries)}."
            answer = _answer(
                self._drafted(principal.project, edited, interpretation, told=told),
                id_,
                before=draft.revision,
                after=revision,
            )
            transaction.conversations.add_turn(
                id_,
                _turn(text, answer, self._clock),
                project=principal.project,
                principal=principal.id,
            )
        return answer

    def generate(
        self, principal: Principal, description: str, *, constraints: Constraints | None = None
    ) -> Drafted:
        """A draft from a description, not saved. Raises InvalidInput when nothing in it could be understood."""
        interpretation = self._interpreter.interpret(_checked_message(description))
        if constraints is not None:
            interpretation = _and(interpretation, SetBlueprint(constraints=constraints))
        edited = self._edited(_Draft(principal.project), interpretation)
        if edited.blueprint is None or not edited.blueprint.resources:
            raise InvalidInput(
                edited.refused or "the description names nothing that could be built",
                hint=interpretation.question or "name servers, databases, caches and the like",
            )
        return self._drafted(principal.project, edited, interpretation)

    def get(self, principal: Principal, id_: str) -> Conversation:
        """One conversation with all its turns. Raises NotFound."""
        with self._repositories.read() as transaction:
            found = transaction.conversations.get(id_, project=principal.project)
        if found is None or found.principal != principal.id:
            raise _missing(id_)
        return found

    def list(
        self, principal: Principal, *, skip: int = 0, limit: int = 100
    ) -> tuple[Sequence[Conversation], int]:
        """A page, the one that moved last first, and how many there are."""
        with self._repositories.read() as transaction:
            page = transaction.conversations.list(
                project=principal.project, principal=principal.id, skip=skip, limit=limit
            )
            return page, transaction.conversations.count(
                project=principal.project, principal=principal.id
            )

    # ── the draft ────────────────────────────────────────────────────────────────────────────────

    def _draft(self, transaction: Transaction, principal: Principal, id_: str) -> _Draft:
        """The draft as it is now: what others made of the saved blueprint since the last turn is not undone."""
        found = transaction.conversations.get(id_, project=principal.project)
        if found is None:
            return _Draft(principal.project)
        if found.principal != principal.id:
            raise _missing(id_)
        last = found.turns[-1]
        revision = _latest(transaction, principal, last.blueprint_id)
        return _Draft(
            principal.project,
            blueprint=revision.blueprint if revision else last.blueprint,
            origins=revision.origins if revision else last.origins,
            revision=revision,
            turns=found.turns,
        )

    def _edited(self, draft: _Draft, interpretation: Interpretation) -> _Edited:
        if interpretation.intent is Intent.UNDO:
            return self._undone(draft)
        if not interpretation.edits:
            return self._unchanged(draft)
        try:
            blueprint, origins = apply_edits(
                draft.blueprint,
                interpretation.edits,
                origins=draft.origins,
                templates=self._templates.customize,
            )
            blueprint, engine = self._landed(draft.project, blueprint)
            parse_blueprint(blueprint.dump())
        except (InvalidInput, NotFound) as error:
            return self._unchanged(draft, refused=_reason(error))
        origins |= self._said_in_parameters(interpretation)
        if blueprint.engine is None:
            origins.pop("engine", None)
        return _Edited(blueprint, origins, engine)

    def _unchanged(
        self, draft: _Draft, *, refused: str | None = None, note: str | None = None
    ) -> _Edited:
        engine = self._landed(draft.project, draft.blueprint)[1] if draft.blueprint else None
        return _Edited(draft.blueprint, draft.origins, engine, refused=refused, note=note)

    def _undone(self, draft: _Draft) -> _Edited:
        """The draft before the last message that changed it, and so on: undoing twice goes back twice."""
        states = _states(draft.turns)
        if states and states[-1].blueprint == draft.blueprint:
            states.pop()
        earlier = states[-1] if states else None
        if earlier is None or earlier.blueprint is None:
            return self._unchanged(draft, note="There is no earlier draft to go back to.")
        blueprint, engine = self._landed(draft.project, earlier.blueprint)
        note = f"{blueprint.name} is as it was before the last change."
        return _Edited(blueprint, earlier.origins, engine, note=note)

    def _landed(self, project: str, blueprint: Blueprint) -> tuple[Blueprint, str]:
        """The draft and its engine. One that is not here, or that nobody has said how to reach, is taken out, and told:
        it would make every plan fail."""
        with suppress(InvalidInput):
            engine = self._plans.engine_for(project, blueprint)
            if blueprint.engine is None or engine in self._plans.engine_names(project):
                return blueprint, engine
        document = {key: value for key, value in blueprint.dump().items() if key != "engine"}
        landed = parse_blueprint(document)
        return landed, self._plans.engine_for(project, landed)

    def _said_in_parameters(self, interpretation: Interpretation) -> dict[str, Origin]:
        """What a template was given as a parameter are the person's words."""
        used = [edit for edit in interpretation.edits if isinstance(edit, UseTemplate)]
        return {
            path: origin
            for edit in used
            for path, origin in self._templates.origins(edit.template, edit.parameters).items()
            if origin is Origin.WORDS
        }

    # ── the answer ───────────────────────────────────────────────────────────────────────────────

    def _drafted(
        self,
        project: str,
        edited: _Edited,
        interpretation: Interpretation,
        *,
        told: str | None = None,
    ) -> Drafted:
        blueprint = edited.blueprint
        return Drafted(
            response=self._response(project, edited, interpretation, told),
            intent=interpretation.intent,
            blueprint=blueprint,
            origins=edited.origins,
            engine=edited.engine,
            understood=interpretation.understood,
            assumptions=interpretation.assumptions,
            question=interpretation.question,
            unused=interpretation.unused,
            warnings=diagnose(blueprint) if blueprint else (),
            suggested_actions=suggested_actions(interpretation, blueprint),
        )

    def _response(
        self, project: str, edited: _Edited, interpretation: Interpretation, told: str | None
    ) -> str:
        if edited.refused is not None:
            return f"That can't be done: {edited.refused}. Nothing was changed."
        if edited.note is not None:
            return edited.note
        if told is not None and (edited.blueprint is None or _is_overview(interpretation)):
            return told
        said = describe(
            interpretation,
            edited.blueprint,
            engine=edited.engine,
            engines=self._plans.engine_names(project),
        )
        return " ".join(part for part in (said, told) if part)


def _and(interpretation: Interpretation, edit: SetBlueprint) -> Interpretation:
    return interpretation.model_copy(update={"edits": (*interpretation.edits, edit)})


def _is_overview(interpretation: Interpretation) -> bool:
    """Whether the question is about everything there is, and not about a part of the draft."""
    overview = interpretation.intent in {Intent.STATUS, Intent.LIST}
    return overview and interpretation.subject is None


def _answer(
    drafted: Drafted, id_: str, *, before: Revision | None, after: Revision | None
) -> ChatAnswer:
    changed = after is not None and (before is None or before.digest != after.digest)
    wanted = changed or drafted.intent is Intent.DEPLOY
    steps = tuple(NextStep) if after is not None and after.blueprint.resources and wanted else ()
    ideas = [idea for idea in drafted.suggested_actions if not steps or idea not in _SAID_BY_STEPS]
    actions = (*steps, *ideas)[:_MAX_ACTIONS]
    return ChatAnswer(
        **dict(drafted) | {"suggested_actions": actions},
        conversation_id=id_,
        blueprint_id=after.id if after else None,
        revision=after.number if after else None,
        changed=changed,
    )


def _states(turns: Sequence[Turn]) -> list[Turn]:
    """The turns that changed the draft and were not undone."""
    states: list[Turn] = []
    for turn in turns:
        if turn.intent is Intent.UNDO:
            while states and states[-1].blueprint != turn.blueprint:
                states.pop()
        elif turn.blueprint is not None and (not states or turn.blueprint != states[-1].blueprint):
            states.append(turn)
    return states


def _saved(
    transaction: Transaction, principal: Principal, draft: _Draft, edited: _Edited
) -> Revision | None:
    """The draft's revision after the message: a new one if something is different."""
    blueprint = edited.blueprint
    if blueprint is None or (draft.revision is None and not blueprint.resources):
        return draft.revision
    if draft.revision is None:
        return transaction.blueprints.add(
            blueprint, project=principal.project, origins=edited.origins, by=principal.id
        )
    if blueprint == draft.revision.blueprint:
        return draft.revision
    return transaction.blueprints.add_revision(
        draft.revision.id,
        blueprint,
        project=principal.project,
        origins=edited.origins,
        by=principal.id,
        expected=draft.revision.number,
    )


def _latest(
    transaction: Transaction, principal: Principal, blueprint_id: int | None
) -> Revision | None:
    if blueprint_id is None:
        return None
    try:
        return transaction.blueprints.latest(blueprint_id, project=principal.project)
    except NotFound:
        return None  # deleted meanwhile: the next change saves the draft anew


def _turn(message: str, answer: ChatAnswer, clock: Clock) -> Turn:
    return Turn(
        message=message,
        response=answer.response,
        intent=answer.intent,
        blueprint=answer.blueprint,
        origins=answer.origins,
        blueprint_id=answer.blueprint_id,
        suggested_actions=answer.suggested_actions,
        created_at=clock.now(),
    )


def _reason(error: InvalidInput | NotFound) -> str:
    if isinstance(error, BlueprintInvalid):
        return "; ".join(str(item) for item in error.diagnostics)
    return f"{error.message} ({error.hint})" if error.hint else error.message


def _checked_message(message: str) -> str:
    text = message.strip()
    if not text:
        raise InvalidInput("the message is empty", hint="say what you would like to run")
    if len(text) > MAX_MESSAGE:
        raise InvalidInput(
            f"the message has {len(text)} characters, {MAX_MESSAGE} are read",
            hint="say it in several messages, or send a blueprint",
        )
    return text


def _checked_id(conversation_id: str | None) -> str:
    if conversation_id is None:
        return f"conv-{uuid.uuid4().hex}"
    if not _ID.fullmatch(conversation_id):
        raise InvalidInput(
            "invalid conversation id",
            hint="use at most 128 letters, digits, '-', '_', '.' and ':'",
        )
    return conversation_id


def _missing(id_: str) -> NotFound:
    return NotFound(f"conversation {id_} does not exist", hint="a list shows what there is")
