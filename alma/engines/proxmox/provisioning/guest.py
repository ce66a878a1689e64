"""A guest as the stages of provisioning see it: questions that change nothing, and changes that are counted.

The one place that talks to pyinfra. A change that fails becomes `Failed`, with the end of what the guest printed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from shlex import quote
from typing import Any

import paramiko
from pyinfra.api.config import Config
from pyinfra.api.exceptions import NestedOperationError, PyinfraError
from pyinfra.api.facts import FactBase
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State, StateStage
from pyinfra.context import ctx_host, ctx_state
from pyinfra.operations import server

from alma.core.model.base import Frozen
from alma.engines.proxmox.provisioning.job import Job
from alma.engines.proxmox.provisioning.messages import FailureKind, tail
from alma.engines.proxmox.provisioning.session import Failed

RETRY_HINT = (
    "mend what the output says and run the change again: what is in place already is left alone"
)


class Answer(Frozen):
    """What a question printed, and its exit code."""

    code: int
    lines: tuple[str, ...]


class Asked(FactBase[Answer]):
    """Any read-only script, as a pyinfra fact. It never fails: its exit code is part of the answer."""

    def command(self, script: str) -> str:
        return f"sh -c {quote(script)} 2>/dev/null </dev/null; echo $?"

    def process(self, output: list[str]) -> Answer:
        return Answer(code=int(output[-1]), lines=tuple(output[:-1]))


class Guest:
    """One guest behind an open connection. `changed` and `warnings` grow as stages go on."""

    def __init__(self, job: Job, client: paramiko.SSHClient, *, say: Callable[[str], None]) -> None:
        self.job = job
        self.changed: list[str] = []
        self.warnings: list[str] = []
        self._client, self._say = client, say
        self._state, self._host = _opened(job, client)

    def ask(self, script: str) -> Answer:
        """Runs a script that changes nothing. Raises Failed when the guest can't be asked."""
        try:
            answer = self._host.get_fact(Asked, script=script)
        except PyinfraError as error:
            raise self._lost("a question") from error
        if answer is None:
            raise self._lost("a question")
        assert isinstance(answer, Answer)
        return answer

    def holds(self, script: str) -> bool:
        """Whether a check passes."""
        return self.ask(script).code == 0

    def change(self, title: str, command: str, *, stdin: str | None = None) -> None:
        """Runs a shell command that changes the guest. Raises Failed with the end of its output."""
        given = {} if stdin is None else {"_stdin": stdin}
        self.operate(title, server.shell, commands=[command], **given)

    def operate(self, title: str, operation: Callable[..., Any], **arguments: Any) -> bool:
        """Runs a pyinfra operation and says whether it changed something; if so the title is written down."""
        self._say(title)
        before = set(self._state.ops[self._host])
        try:
            meta = operation(name=title, **arguments)
        except (NestedOperationError, PyinfraError) as error:
            raise self._failure(title, before) from error
        if changed := bool(meta.did_change()):
            self.changed.append(title)
        return changed

    def warn(self, text: str) -> None:
        """Something worth a person's look."""
        self.warnings.append(text)
        self._say(f"warning: {text}")

    def refuse(self, message: str, *, hint: str) -> Failed:
        """The error for what can't be done in this guest at all."""
        return Failed(FailureKind.REFUSED, f"{self.job.name}: {message}", hint=hint)

    def close(self) -> None:
        self._client.close()

    def _failure(self, title: str, before: set[str]) -> Failed:
        ran = [op for hash_, op in self._state.ops[self._host].items() if hash_ not in before]
        lines = (
            ran[-1].operation_meta.stdout_lines + ran[-1].operation_meta.stderr_lines if ran else []
        )
        if not lines and not self._alive():
            return self._lost(title)
        said = tail(lines) or "it printed nothing"
        return Failed(
            FailureKind.FAILED,
            f"{self.job.name} at {self.job.host}: '{title}' failed:\n{said}",
            hint=RETRY_HINT,
        )

    def _alive(self) -> bool:
        transport = self._client.get_transport()
        return transport is not None and transport.is_active()

    def _lost(self, title: str) -> Failed:
        return Failed(
            FailureKind.UNREACHABLE,
            f"The connection to {self.job.name} at {self.job.host} was lost during '{title}'",
            hint="see that the guest still runs; running the change again continues where it stopped",
        )


def _opened(job: Job, client: paramiko.SSHClient) -> tuple[State, Any]:
    # Its log repeats the output of commands; what matters of that is in our own errors.
    logger = logging.getLogger("pyinfra")
    logger.addHandler(logging.NullHandler())
    logger.propagate = False
    inventory = Inventory(([job.alias], {}))
    state = State(inventory, Config(SUDO=job.user != "root", PARALLEL=1), check_for_changes=False)
    host = inventory.get_host(job.alias)
    connector: Any = host.connector
    connector.client = (
        client  # connected by us: pyinfra knows no alias for host keys, and wants keys as files
    )
    host.connected = True
    state.activate_host(host)
    # Operations run as they are called, each with what the one before has led to.
    state.set_stage(StateStage.Execute)
    state.is_executing = True
    ctx_state.set(state)
    ctx_host.set(host)
    return state, host
