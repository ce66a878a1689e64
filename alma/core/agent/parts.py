"""What turns are made with, and how every message is read first: offline, which decides what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from alma.core.agent.effects import DECISIONS, PROPOSALS
from alma.core.agent.live import LiveTurns
from alma.core.agent.reading import Reader
from alma.core.language.answering.edit_words import in_words
from alma.core.language.followups.consent import agrees, refers_back
from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Intent, Interpretation
from alma.core.model.errors import Conflict
from alma.core.ports import Repositories
from alma.core.services.conversations import Conversations
from alma.core.services.drafting import Draft, Drafting
from alma.core.services.proposals import Proposals
from alma.core.services.replying import Replying


class TurnStopped(Conflict):
    """Whoever asked went away: the turn ends without an answer, and nothing of it is kept but the message."""

    code = "turn_stopped"


@dataclass(frozen=True)
class Parts:
    """What turns are made with; one set serves all. `reader` is None where no language model is configured; `use` says
    when a project wants its model asked: `always`, `when_unsure`, or None for never."""

    repositories: Repositories
    conversations: Conversations
    interpreter: Interpreter
    drafting: Drafting
    replying: Replying
    proposals: Proposals
    live: LiveTurns
    reader: Reader | None = None
    use: Callable[[str], str | None] = lambda project: "always"

    def asks_model(self, project: str, offline: Interpretation) -> bool:
        """Whether a model reads this message, too: not where it has no say, and where the project wants it only when
        the offline reading is unsure, only then."""
        if self.reader is None or acting(offline) or offline.intent is Intent.UNDO:
            return False
        unsure = bool(offline.question or offline.unused) or offline.intent is Intent.UNKNOWN
        wanted = self.use(project)
        return wanted == "always" or (wanted == "when_unsure" and unsure)


@dataclass(frozen=True)
class Given:
    """What a message that is answered at once was read as: `begun` is where its conversation stood, `draft` what it is
    about. Nothing of it is kept yet: its draft is saved with it."""

    begun: Draft
    draft: Draft
    offline: Interpretation


def acting(interpretation: Interpretation) -> tuple[Intent, ...]:
    """What a message wants done with requests, in its order."""
    acts = interpretation.acts or (interpretation.intent,)
    return tuple(act for act in acts if act.value in DECISIONS | PROPOSALS)


def read_offline(
    interpreter: Interpreter, message: str, draft: Draft
) -> tuple[Interpretation, Draft]:
    """A message as it is understood without a model, and the draft that it is about. A plain yes takes what was offered
    last; a change said at the beginning of a conversation is of what the person spoke of just before."""
    if draft.offer and agrees(message):
        taken = Interpretation(
            intent=Intent.CHANGE, edits=draft.offer, understood=in_words(draft.offer)
        )
        return taken, draft
    reading = interpreter.interpret(message, blueprint=draft.blueprint, history=draft.said)
    before = draft.recent
    about = reading.intent is Intent.CHANGE or refers_back(message)
    if before is None or before.blueprint is None or not about:
        return reading, draft
    follows = interpreter.interpret(message, blueprint=before.blueprint, history=before.said)
    if follows.intent is not Intent.CHANGE or not follows.edits or follows.question:
        return reading, draft
    told = f"this is about {before.blueprint.name}, which you spoke of just before"
    return follows.model_copy(update={"assumptions": (told, *follows.assumptions)}), before
