"""What the engine calls: waits for a guest's SSH server, and runs the child that provisions it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from pydantic import ValidationError

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
)
from alma.engines.base import until
from alma.engines.proxmox.provisioning.job import Job, Provisioned
from alma.engines.proxmox.provisioning.messages import (
    MESSAGE,
    Done,
    Failure,
    FailureKind,
    Progress,
    masked,
    tail,
)

_CHILD = "alma.engines.proxmox.provisioning"
_ERRORS: dict[FailureKind, type[EngineError]] = {
    FailureKind.UNREACHABLE: EngineUnavailable,
    FailureKind.AUTH: EngineAuthFailed,
    FailureKind.REFUSED: ChangeRejected,
    FailureKind.FAILED: EngineError,
}
_REPEAT = "it is safe to run the change again: what is in place already is left alone"
_BANNER_SECONDS = 5.0
_LINE_BYTES = 1 << 20


async def wait_for_ssh(
    host: str, *, port: int = 22, within: float, log: Callable[[str], None] | None = None
) -> None:
    """Returns once an SSH server answers at the address; says so if that has to be waited for. Raises
    EngineUnavailable when none did in so many seconds."""

    async def probe() -> bool | None:
        try:
            async with asyncio.timeout(_BANNER_SECONDS):
                return await _greets(host, port) or None
        except (OSError, TimeoutError):
            return None

    if await probe():
        return
    if log:
        log(f"Waiting for an SSH server at {host} port {port}, at most {within:g} s")
    if await until(probe, within=within) is None:
        raise EngineUnavailable(
            f"No SSH server answers at {host} port {port} after {within:g} s",
            hint="see that the guest has started, has this address, and that sshd is installed there and reachable",
        )


async def _greets(host: str, port: int) -> bool:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        return (await reader.readline()).startswith(b"SSH-")
    except (ValueError, ConnectionError):
        return False
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def provision(job: Job, *, log: Callable[[str], None], timeout: float) -> Provisioned:  # noqa: ASYNC109
    """Makes the guest what the job says, in a process of its own that is killed after `timeout` seconds or when the
    caller gives up. `log` hears each step before it is done.

    Raises EngineUnavailable (no connection, or it was lost), EngineAuthFailed (the key is refused), ChangeRejected (the
    host key has changed, or the guest can't have this software) or EngineError (a step failed, or the child was ended);
    the message names guest and step, with the end of its output. No secret is in any of them.
    """
    if importlib.util.find_spec("pyinfra") is None:
        raise EngineUnavailable(
            "Provisioning guests needs pyinfra, which is not installed",
            hint="install ALMA with its extra: pip install 'alma[proxmox]'",
        )
    seen = _Seen(job, log)
    try:
        async with asyncio.timeout(timeout):
            code = await _run(job, seen)
    except TimeoutError as error:
        raise EngineError(
            f"Provisioning {job.name} at {job.host} was not done after {timeout:g} s; it was at: {seen.last}",
            hint=_REPEAT,
        ) from error
    return seen.outcome(code)


@dataclass
class _Seen:
    """What has been heard from a child."""

    job: Job
    log: Callable[[str], None]
    last: str = "starting"
    done: Provisioned | None = None
    failure: Failure | None = None
    noise: str = ""

    def hear(self, line: bytes) -> None:
        try:
            message = MESSAGE.validate_json(line)
        except ValidationError:
            return  # not ours; how the child ends says the rest
        match message:
            case Progress(text=text):
                self.last = text
                self.log(text)
            case Done(result=result):
                self.done = result
            case Failure():
                self.failure = message

    def outcome(self, code: int) -> Provisioned:
        if self.failure is not None:
            raise _ERRORS[self.failure.sort](self.failure.message, hint=self.failure.hint)
        if self.done is not None:
            return self.done
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        said = f":\n{self.noise}" if self.noise else ""
        raise EngineError(
            f"Provisioning {self.job.name} at {self.job.host} was ended {how}; it was at: {self.last}{said}",
            hint=_REPEAT,
        )


async def _run(job: Job, seen: _Seen) -> int:
    async with _child() as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        noise = asyncio.create_task(_last_lines(process.stderr))
        try:
            with contextlib.suppress(
                ConnectionError
            ):  # it ended at once: its exit code and stderr say why
                process.stdin.write(job.model_dump_json().encode() + b"\n")
                await process.stdin.drain()
            async for line in process.stdout:
                seen.hear(line)
            seen.noise = masked(tail(await noise), job.secrets)
            return await process.wait()
        finally:
            noise.cancel()


@contextlib.asynccontextmanager
async def _child() -> AsyncIterator[asyncio.subprocess.Process]:
    """The process, in a group of its own; it is gone when the block is left, however that happens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # no module of the current directory may take the place of ours
        "-m",
        _CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
        limit=_LINE_BYTES,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        if process.stdin is not None:
            process.stdin.close()
        await process.wait()


def _environment() -> dict[str, str]:
    """The child gets what it needs by its job; ALMA's own settings hold secrets that are not its business."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ALMA_")}


async def _last_lines(stream: asyncio.StreamReader) -> list[str]:
    kept: deque[str] = deque(maxlen=40)
    async for line in stream:
        kept.append(line.decode(errors="replace"))
    return list(kept)
