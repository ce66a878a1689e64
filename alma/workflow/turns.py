"""Messages that survive the process: one DBOS workflow each, with the message's state machine inside.

It is the same arrangement as a deployment's: the graph decides what comes next, each effect is a durable step, and a
message whose worker died is answered by the next one, from where it stood.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol

from dbos import DBOS
from dbos import error as dbos_error

from alma.core.model.errors import AlmaError
from alma.core.model.principal import Principal
from alma.core.services.failure import InternalFault, failure_of, remembered
from alma.workflow.gate import Gate

if TYPE_CHECKING:
    from alma.core.agent.effects import Outcome, TurnEffects, Walked

TURN_QUEUE = "turns"
TURN_WORKFLOW = "alma.turn"

# Where a step's outcome says that it was broken off.
_MET = "met"

P = ParamSpec("P")

logger = logging.getLogger(__name__)


class Answering(Protocol):
    """What answers turns."""

    async def work(self, principal: Principal, turn_id: str) -> TurnEffects:
        """The effects of a turn that was kept. Raises NotFound."""

    async def give_up(self, turn_id: str, error: AlmaError) -> None:
        """Ends a turn that can't be answered, with the reason."""

    def unanswered(self) -> Sequence[str]:
        """Turns that have no answer yet."""


class DurableTurn:
    """The graph's effects as DBOS steps of the current workflow."""

    def __init__(self, effects: TurnEffects, gate: Gate) -> None:
        self._effects = effects
        self._gate = gate
        self._met: AlmaError | None = None

    async def interpret(self) -> Outcome:
        return await self._step("interpret", self._effects.interpret)

    async def draft(self, reading: Outcome) -> Outcome:
        return await self._step("draft", self._effects.draft, reading)

    async def decide(self, reading: Outcome) -> Outcome:
        return await self._step("decide", self._effects.decide, reading)

    async def plan(self, reading: Outcome) -> Outcome:
        return await self._step("plan", self._effects.plan, reading)

    async def examine(self, planned: Outcome) -> Outcome:
        return await self._step("examine", self._effects.examine, planned)

    async def open(self, planned: Outcome, examined: Outcome) -> Outcome:
        return await self._step("open", self._effects.open, planned, examined)

    async def deploy(self, request: Outcome) -> Outcome:
        return await self._step("deploy", self._effects.deploy, request)

    async def answer(self, state: Walked) -> Outcome:
        return await self._step("answer", self._effects.answer, state)

    async def _step(
        self,
        name: str,
        effect: Callable[P, Coroutine[Any, Any, Outcome]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Outcome:
        """What was met is remembered as data, and raised again by whoever walks the same way."""

        async def bounded() -> Outcome:
            try:
                return await effect(*args, **kwargs)
            except AlmaError as error:
                self._met = error
                return {_MET: failure_of(error)}

        async with self._gate.step():
            outcome = await DBOS.run_step_async({"name": name}, bounded)
        if _MET in outcome:
            raise self._met or remembered(outcome[_MET])
        return outcome


async def answer_turn(
    answering: Answering, turn_id: str, principal: dict[str, Any], *, gate: Gate
) -> None:
    """Answers one turn, to the end that is recorded with it: within a workflow."""
    try:
        converse = await asyncio.to_thread(_state_machine)
        asker = Principal.model_validate(principal)
        await converse(DurableTurn(await answering.work(asker, turn_id), gate))
    except dbos_error.DBOSException:
        raise
    except AlmaError as error:
        await answering.give_up(turn_id, error)
    except Exception as error:
        # The boundary: whoever asked gets an end, whatever it was.
        logger.exception("turn %s met a fault of ALMA's own", turn_id)
        fault = InternalFault(
            f"ALMA failed while answering: {type(error).__name__}", hint="see the server's log"
        )
        await answering.give_up(turn_id, fault)


def _state_machine() -> Callable[[TurnEffects], Coroutine[Any, Any, Outcome]]:
    """Imported when the first turn needs it, and not on the event loop: its library takes most of a second to load."""
    from alma.core.agent.graph import converse

    return converse
