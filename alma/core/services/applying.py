"""One change on its way: intent, call, record, proof. The only place from which an engine is told to change anything.

A process may die between any two lines: the same change is then applied again, under the same key, and the engine finds
by its marker what exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from alma.core.model.deployment import Deployment
from alma.core.model.engine import Outcome
from alma.core.model.errors import AlmaError, ChangeRejected, EngineError
from alma.core.model.plan import Change
from alma.core.model.state import DesiredResource, StackRef
from alma.core.ports import Engine, Engines
from alma.core.ports.telemetry import NoTracing, Tracing
from alma.core.services.failure import Failure, failure_of
from alma.core.services.journal import Journal
from alma.core.services.patience import Patience
from alma.core.services.places import Places


class Applying:
    """Applies single changes of deployments."""

    def __init__(
        self,
        *,
        engines: Engines,
        journal: Journal,
        patience: Patience,
        places: Places,
        tracing: Tracing | None = None,
    ) -> None:
        self._engines = engines
        self._journal = journal
        self._patience = patience
        self._places = places
        self._tracing = tracing or NoTracing()

    async def perform(self, deployment: Deployment, change: Change, key: str) -> Failure | None:
        """Makes one change true and proves that it works, or says why not. Does nothing without the lease."""
        durably = self._patience.durably
        refusal = await durably(self._journal.intend, deployment, change, key)
        if refusal is not None:
            return refusal | {"address": change.address}
        context = _Context(self._journal, self._patience, deployment, change, key)
        try:
            outcome = await self._make(deployment, change, key, context)
        except AlmaError as error:
            await context.drain()
            await durably(self._journal.fail, deployment, change, key, error)
            return failure_of(error) | {"address": change.address}
        except BaseException:
            context.abandon()
            raise
        await context.drain()
        await durably(self._journal.finish, deployment, change, key, outcome)
        return None

    async def _make(
        self, deployment: Deployment, change: Change, key: str, context: _Context
    ) -> Outcome:
        stack = deployment.plan.stack
        engine = self._engines.get(
            deployment.plan.target.engine, project=deployment.project, holder=deployment.id
        )
        await self._places.require(deployment, engine)
        await context.look_up()
        with self._tracing.span(
            "engine.apply", **_facts(deployment, change.address, change.action)
        ):
            outcome = await self._patience.patiently(lambda: engine.apply(change, key, context))
        await self._patience.durably(self._journal.made, deployment, change, key, outcome)
        if change.desired is not None:
            with self._tracing.span("engine.verify", **_facts(deployment, change.address)):
                await self._require_working(engine, change.desired, stack)
        return outcome

    async def _require_working(
        self, engine: Engine, desired: DesiredResource, stack: StackRef
    ) -> None:
        checks = await self._patience.patiently(lambda: engine.verify(desired, stack))
        failed = [f"{check.name}: {check.detail}" for check in checks if not check.passed]
        if failed:
            hint = (
                f"look at what '{desired.address}' printed; kept on failure, it can be looked into"
            )
            raise EngineError(f"'{desired.address}' does not work: {'; '.join(failed)}", hint=hint)


def _facts(deployment: Deployment, address: str, action: str | None = None) -> dict[str, str]:
    facts = {
        "alma.deployment": deployment.id,
        "alma.engine": deployment.plan.target.kind_of_engine,
        "alma.address": address,
    }
    return facts if action is None else facts | {"alma.action": str(action)}


class _Context:
    """What an engine gets beside its change. Nothing here waits for the database on the event loop: secrets and what
    earlier attempts kept are looked up before, and log lines are written in order behind it."""

    def __init__(
        self, journal: Journal, patience: Patience, deployment: Deployment, change: Change, key: str
    ) -> None:
        self._journal = journal
        self._patience = patience
        self._deployment = deployment
        self._change = change
        self._key = key
        self._address = change.address
        self._secrets: Mapping[str, str] = {}
        self._notes: dict[str, str] = {}
        self._lines: list[tuple[str, Mapping[str, Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    @property
    def stack(self) -> StackRef:
        return self._deployment.plan.stack

    async def look_up(self) -> None:
        """Fetches what was kept for this attempt, and the secrets that the resource takes. Raises AlmaError when there
        is none of a name."""
        durably, desired = self._patience.durably, self._change.desired
        self._notes.update(
            await durably(self._journal.kept, self._deployment, self._change, self._key)
        )
        if names := desired.secret_names if desired else ():
            self._secrets = await durably(
                self._journal.secrets, self.stack, self._deployment.plan, names
            )

    def secret(self, name: str) -> str:
        if name not in self._secrets:
            raise ChangeRejected(
                f"'{self._address}' asks for the secret '{name}', which the plan does not give it",
                hint="plan the request again",
            )
        return self._secrets[name]

    async def keep(self, name: str, value: str) -> None:
        await self._patience.durably(
            self._journal.keep, self._deployment, self._change, self._key, name=name, value=value
        )
        self._notes[name] = value

    def kept(self, name: str) -> str | None:
        return self._notes.get(name)

    def log(self, message: str, **data: Any) -> None:
        self._lines.append((message, data))
        # After a failure nothing more is written: `drain` tells it.
        if self._writing is None or _succeeded(self._writing):
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        """What came while the lines before were being written is written together."""
        while self._lines:
            lines, self._lines = self._lines, []
            await self._patience.durably(
                self._journal.notes, self._deployment.id, lines, address=self._address
            )

    async def drain(self) -> None:
        """Waits until every line is written."""
        if self._writing is not None:
            await self._writing

    def abandon(self) -> None:
        """Lets go of the lines that are not written yet: nobody waits for them any more."""
        if self._writing is not None:
            self._writing.cancel()


def _succeeded(task: asyncio.Task[None]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
