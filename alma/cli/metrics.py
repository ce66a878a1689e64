"""The port of a process that serves nobody: what it measures, and whether it is well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import CancelledError
from contextlib import ExitStack
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from alma.bootstrap import Alma

# Whoever asks about health has gone after ten seconds.
_PATIENCE_SECONDS = 8.0


def metrics_served(alma: Alma, stack: ExitStack, at: tuple[str, int] | None) -> dict[str, Any]:
    """Answers /metrics and /health there until the stack ends; what is to be told of it. Raises CliError for a port
    that is taken."""
    from alma.cli.errors import CliError

    if at is None:
        return {}
    host, port = at
    try:
        bound, end = alma.telemetry.serve(host=host, port=port, pages=_pages(alma))
    except OSError as error:
        raise CliError(
            f"can't answer /metrics on {host} port {port}: {error.strerror}",
            hint="name another port with --metrics-port",
            code="port_in_use",
        ) from error
    stack.callback(end)
    return {"metrics": f"http://{host}:{bound}/metrics"}


def _pages(alma: Alma) -> Mapping[str, Callable[[], tuple[HTTPStatus, str]]]:
    """Health as a server answers it to strangers. Asked in threads, answered on the process's own loop: a loop that
    stands still is not alive, whatever its threads say."""
    loop = asyncio.get_running_loop()

    def asked(
        question: Callable[[], Coroutine[Any, Any, tuple[HTTPStatus, str]]],
    ) -> tuple[HTTPStatus, str]:
        answer = asyncio.run_coroutine_threadsafe(question(), loop)
        try:
            return answer.result(_PATIENCE_SECONDS)
        except (TimeoutError, CancelledError):
            answer.cancel()
            return HTTPStatus.SERVICE_UNAVAILABLE, '{"status":"unhealthy"}'

    async def live() -> tuple[HTTPStatus, str]:
        return HTTPStatus.OK, '{"status":"alive"}'

    async def ready() -> tuple[HTTPStatus, str]:
        report = (await alma.health.ready()).for_strangers()
        down = report.status == "unhealthy"
        status = HTTPStatus.SERVICE_UNAVAILABLE if down else HTTPStatus.OK
        return status, report.model_dump_json()

    return {"/health/live": partial(asked, live), "/health/ready": partial(asked, ready)}
