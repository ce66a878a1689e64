"""How a turn ended, for those who asked: its answer, or why there is none, from the turn as it is kept."""

from __future__ import annotations

from alma.core.agent.parts import TurnStopped
from alma.core.model.conversation import ChatAnswer, Turn, TurnPlace, TurnState
from alma.core.model.errors import AlmaError


class TurnFailed(AlmaError):
    """A message that could not be answered; the reason is the one that was met."""

    code = "turn_failed"
    retryable = True


def told(turn: Turn, error: AlmaError) -> str:
    """What a turn that failed says: what had become of its draft, and what did not become of the rest."""
    if "drafted" in turn.answer:
        return f"{turn.response} The rest could not be done: {error.message}.".strip()
    return f"This could not be answered: {error.message}."


def answer_of(place: TurnPlace) -> ChatAnswer:
    """The answer as it was given, from the turn as it is kept."""
    turn = place.turn
    fields = {name: turn.answer[name] for name in _KEPT if name in turn.answer}
    waiting = turn.state is TurnState.ANSWERING
    response = f"{turn.response} {_STILL}".strip() if waiting else turn.response
    return ChatAnswer.model_validate(
        {
            **fields,
            "response": response,
            "intent": turn.intent,
            "blueprint": turn.blueprint,
            "origins": turn.origins,
            "suggested_actions": turn.suggested_actions,
            "offers": bool(turn.offer),
            "conversation_id": place.conversation_id,
            "turn_id": turn.id,
            "state": turn.state,
            "blueprint_id": turn.blueprint_id,
            "ipr_id": turn.ipr_id,
            "plan_digest": turn.plan_digest,
            "deployment_id": turn.deployment_id,
        }
    )


_STILL = "I am still at it: the conversation has the answer when it is there."
_KEPT = frozenset(ChatAnswer.model_fields) - {
    "response", "intent", "blueprint", "origins", "suggested_actions", "offers", "conversation_id", "turn_id", "state",
    "blueprint_id", "ipr_id", "plan_digest", "deployment_id",
}  # fmt: skip


def unanswered(turn: Turn) -> AlmaError:
    """Why a turn has no answer, as the error it was."""
    if turn.state is TurnState.STOPPED:
        return TurnStopped(f"turn {turn.id} was stopped: nobody waited for its answer")
    failure = turn.answer.get("failure")
    known = failure if isinstance(failure, dict) else {}
    return TurnFailed(
        str(known.get("message") or f"turn {turn.id} could not be answered"),
        hint=str(known["hint"]) if known.get("hint") else "say it again",
    )
