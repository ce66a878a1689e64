"""`alma worker`: a process that runs deployments and answers messages, and serves nobody. Several share a database."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from alma.cli import options
from alma.cli.standing import Teller, log_into

if TYPE_CHECKING:
    from alma.settings import Settings

app = typer.Typer(rich_markup_mode=None, add_completion=False)

EPILOG = """
\b
Examples:
  ALMA_DATABASE_URL=postgresql://alma:…@db/alma alma worker
  alma worker --name rack-2 --parallel 8 --metrics-port 9100

\b
SIGTERM lets the steps under way end, for ALMA_DRAIN_SECONDS (25) at most, and
hands the rest to other workers. Ctrl-C does not wait. Either way nothing is
lost: what was broken off is taken up where it stood.
"""


@app.command(epilog=EPILOG)
def worker(
    name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Its name among the workers, each must have its own [ALMA_EXECUTOR_ID, else made up].",
            show_default=False,
        ),
    ] = None,
    parallel: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=100,
            help="Deployments at once [ALMA_WORKER_PARALLEL, else 4].",
            show_default=False,
        ),
    ] = None,
    metrics_port: options.MetricsPort = None,
    metrics_host: options.MetricsHost = "127.0.0.1",
    as_json: options.JsonLines = False,
    no_color: options.NoColor = False,
) -> None:
    """Run deployments off the queue until told to end.

    Needs PostgreSQL (ALMA_DATABASE_URL), shared with the servers that queue them and with other workers, and the same
    ALMA_SECRET_KEY as theirs. When a worker dies, another one finishes what it had begun.
    """
    from alma.cli.connect import load_settings
    from alma.cli.errors import CliError
    from alma.cli.terminal import terminal

    term = terminal(as_json=as_json, no_color=no_color)
    settings = _settings(load_settings(), name, parallel)
    if settings.alone:
        raise CliError(
            "a worker shares its database with a server, and an SQLite file has one process",
            hint="set ALMA_DATABASE_URL to a PostgreSQL; on SQLite `alma serve` runs deployments itself",
            code="invalid_input",
        )
    log_into(settings, "alma-worker.log")
    metrics = None if metrics_port is None else (metrics_host, metrics_port)
    asyncio.run(_Run(settings, Teller(term), metrics).until_told())


def _settings(settings: Settings, name: str | None, parallel: int | None) -> Settings:
    given = {"executor_id": name, "worker_parallel": parallel, "worker": True}
    return settings.model_copy(update={k: v for k, v in given.items() if v is not None})


class _Run:
    """One worker, from its start to its end."""

    def __init__(self, settings: Settings, teller: Teller, metrics: tuple[str, int] | None) -> None:
        self._settings = settings
        self._teller = teller
        self._metrics = metrics
        self._told: asyncio.Queue[int] = asyncio.Queue()

    async def until_told(self) -> None:
        """Works until SIGTERM or Ctrl-C. Raises AlmaError for what keeps it from starting."""
        from alma.bootstrap import build
        from alma.cli.metrics import metrics_served

        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._told.put_nowait, number)
        alma = await asyncio.to_thread(build, self._settings)
        with ExitStack() as stack:
            try:
                facts = metrics_served(alma, stack, self._metrics)
                await alma.start()
                name = alma.preparing.name
                self._teller.tell(
                    "ready",
                    f"Worker {name} takes deployments, {self._settings.worker_parallel} at a time.",
                    executor_id=name,
                    pid=os.getpid(),
                    parallel=self._settings.worker_parallel,
                    **facts,
                )
                await self._leave(await self._told.get(), alma.drain)
            finally:
                await alma.stop()
        self._teller.tell("stopped", "Stopped.")

    async def _leave(self, number: int, drain: Callable[[], Awaitable[None]]) -> None:
        """After SIGTERM the steps under way end first; another signal cuts that short."""
        self._teller.tell("leaving", "Leaving: other workers go on.")
        if number != signal.SIGTERM:
            return
        draining = asyncio.ensure_future(drain())
        again = asyncio.ensure_future(self._told.get())
        await asyncio.wait({draining, again}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, again):
            task.cancel()
        await asyncio.wait({draining, again})
