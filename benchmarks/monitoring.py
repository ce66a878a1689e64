"""What counting and limiting add to a request, against the same request without them.

    python -m benchmarks.monitoring [--quick] [--json | --markdown]

The application answers a constant from memory and is called directly, without a socket: every microsecond that is not
the middleware's would only hide it. Its routes are ALMA's own, so that templates are found among as many. The baseline
is that application alone; the difference is what the middleware takes.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alma.api.app import create_app
from alma.api.limits import counted
from alma.middleware.metrics import Metrics
from alma.middleware.rate_limit import Limits, documented
from alma.middleware.templates import Templates
from alma.settings import Settings
from alma.telemetry.prometheus import PrometheusMeters
from benchmarks.measuring import Options, Report, Samples, progress, run

REQUESTS, QUICK_REQUESTS = 20_000, 4_000
CLIENTS = 200
_START: Message = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json")],
}
_BODY: Message = {"type": "http.response.body", "body": b'{"id":7}'}


async def constant(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers at once."""
    await send(_START)
    await send(_BODY)


def _scope(number: int) -> Scope:
    return {
        "type": "http",
        "method": "GET",
        "path": f"/api/v1/blueprints/{number % 50}",
        "headers": [(b"host", b"localhost"), (b"content-length", b"0")],
        "client": (f"10.0.{number % CLIENTS}.1", 50_000),
        "query_string": b"",
    }


async def _ignore(message: Message) -> None:
    """A client who reads nothing."""


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def _microseconds(app: ASGIApp, requests: int) -> float:
    scopes = [_scope(number) for number in range(requests)]
    began = time.process_time()
    for scope in scopes:
        await app(scope, _nothing, _ignore)
    return (time.process_time() - began) / requests * 1e6


def _measured_app(settings: Settings, meters: PrometheusMeters) -> dict[str, ASGIApp]:
    template = Templates(create_app(settings=settings).routes).of
    many = 1_000_000_000
    limits = Limits(
        documented(per_minute=many, burst=many, stream=many, generation=many, tools=many, crud=many)
    )
    around: Callable[[ASGIApp], ASGIApp] = counted(
        limits, settings, template=template, meters=lambda: meters
    )
    metrics = partial(Metrics, meters=lambda: meters, template=template)
    return {
        "bare": constant,
        "metrics": metrics(constant),
        "limits": around(constant),
        "both": metrics(around(constant)),
    }


def measure(options: Options) -> Report:
    """All four applications, in turns."""
    samples, requests = Samples(), QUICK_REQUESTS if options.quick else REQUESTS
    with TemporaryDirectory(prefix="alma-bench-") as home:
        apps = _measured_app(Settings(home=Path(home)), PrometheusMeters())
        for turn in range(options.rounds + 1):
            progress(f"turn {turn} of {options.rounds}")
            found = {name: asyncio.run(_microseconds(app, requests)) for name, app in apps.items()}
            if turn:
                for name, value in found.items():
                    samples.add(name, value)
    rows = tuple(
        samples.row(what, "µs", (name, "bare"), against="the application alone")
        for name, what in (
            ("metrics", "a request, counted"),
            ("limits", "a request, held against the limits"),
            ("both", "a request, both"),
        )
    )
    added = [both - bare for both, bare in zip(samples.of("both"), samples.of("bare"), strict=True)]
    note = f"Both add {statistics.median(added):.1f} µs of processor time to a request."
    return Report("monitoring", "", rows=rows, notes=(note,))


if __name__ == "__main__":
    sys.exit(run("monitoring", "What counting and limiting cost a request", measure, rounds=7))
