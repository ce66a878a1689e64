"""What the state machine of `graph.py` may cause, and what passes between its nodes: plain, so that whoever keeps these
promises needs no graph library.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypedDict

from alma.core.model.council import Agent, AgentReport, CouncilReport

Failure = dict[str, Any]
Outcome = dict[str, Any]

# What acts on requests, and what leads to one.
DECISIONS = frozenset({"approve", "reject"})
PROPOSALS = frozenset({"deploy", "destroy", "rollback"})


class Effects(Protocol):
    """What the nodes may cause. Each answers None when it is done, or why it could not be done."""

    async def lock(self) -> Failure | None: ...

    async def recheck(self) -> Failure | None: ...

    async def execute(self) -> Failure | None:
        """All changes of the plan, in dependency order, parallel within the engine's limit; the first failure ends it
        after what is in flight has ended."""

    async def verify(self) -> Failure | None: ...

    async def undo(self) -> Failure | None: ...

    async def conclude(
        self, failure: Failure | None, undone: bool, undo_failure: Failure | None
    ) -> str: ...

    def rolls_back(self) -> bool:
        """Whether a failure of this run is to be undone."""


class TurnEffects(Protocol):
    """What the nodes of a message may cause. Each answers what `Walked` keeps of it, in plain JSON values."""

    async def interpret(self) -> Outcome:
        """Reads the message: `acts` are what it wants done, in its order."""

    async def draft(self, reading: Outcome) -> Outcome:
        """Validates and saves the draft with what is answered about it."""

    async def decide(self, reading: Outcome) -> Outcome:
        """Approves or rejects the request that the person means, in the person's name. Its `way` is `plan` where that
        was done and more was asked for, else `answer`."""

    async def plan(self, reading: Outcome) -> Outcome:
        """What would be done. Its `way` says how to go on: `examine`, `deploy` (it is approved already) or `answer`."""

    async def examine(self, planned: Outcome) -> Outcome:
        """Looks at the draft and the plan before anybody is asked. Its `way` is `open` or `answer`."""

    async def open(self, planned: Outcome, examined: Outcome) -> Outcome:
        """Opens the request. Its `way` is `deploy` where nobody has to be asked, else `answer`."""

    async def deploy(self, request: Outcome) -> Outcome:
        """Queues the approved request's run."""

    async def answer(self, state: Walked) -> Outcome:
        """Says how it went, and ends the turn."""


class Deliberation(Protocol):
    """What the nodes of a council may cause: looking, and putting together. Nothing is changed by either."""

    async def report(self, agent: Agent) -> AgentReport:
        """What one of them has found. The three are asked at the same time."""

    def moderate(self, reports: Sequence[AgentReport]) -> CouncilReport:
        """One report of all."""


class Walked(TypedDict, total=False):
    """What passes from node to node of a message."""

    reading: Outcome
    draft: Outcome
    decided: Outcome
    planned: Outcome
    examined: Outcome
    opened: Outcome
    deployed: Outcome
    answered: Outcome
