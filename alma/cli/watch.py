"""Follows a deployment to its end: redrawn in a terminal, line by line elsewhere; Ctrl-C cancels, twice leaves."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import typer

from alma.cli.client import Client
from alma.cli.errors import CliError, ExitCode
from alma.cli.render.progress import Progress
from alma.cli.shapes import Deployment, Event, Plan
from alma.cli.terminal import Terminal

_REFRESHES_A_SECOND = 8
_ASKING_SECONDS = 3.0


def watch(client: Client, term: Terminal, id_: str, plan: Plan) -> tuple[Deployment, int]:
    """Shows a deployment until it has ended; the deployment and the exit code that it means."""
    progress = Progress.of(plan)
    with _interrupts(client, term, id_, progress) as interrupted:
        _show(client, term, id_, progress)
    deployment = client.deployment(id_)
    if deployment["status"] == "succeeded":
        if interrupted():
            term.note("it was done before it could be cancelled")
        return deployment, ExitCode.DONE
    cancelled = deployment["status"] == "cancelled" and interrupted()
    return deployment, ExitCode.INTERRUPTED if cancelled else ExitCode.FAILED


def see_through(client: Client, term: Terminal, id_: str) -> int:
    """Shows a deployment that was started by words, to its end; the exit code that it means."""
    from alma.cli.render.outcome import render_outcome

    plan = client.ipr(client.deployment(id_)["ipr_id"])["plan"]
    deployment, code = watch(client, term, id_, plan)
    term.say("", render_outcome(deployment))
    return code


def _show(client: Client, term: Terminal, id_: str, progress: Progress) -> None:
    events = client.follow(id_, on_break=lambda attempt: _tell_break(term, attempt))
    if not term.live:
        for event in events:
            progress.feed(event)
            if line := progress.line(event):
                term.say(line)
        return
    from rich.live import Live

    with Live(progress, console=term.console, refresh_per_second=_REFRESHES_A_SECOND):
        for event in events:
            progress.feed(event)
            _keep_warning(term, event)


def _keep_warning(term: Terminal, event: Event) -> None:
    """An engine's warning stays above the table, which only shows its last word."""
    if event["type"] == "log" and event["data"].get("level") == "warning":
        term.warn(f"{event['address']}: {event['message']}")


def _tell_break(term: Terminal, attempt: int) -> None:
    if attempt == 1:
        term.note("the connection was lost; trying again")


@contextmanager
def _interrupts(
    client: Client, term: Terminal, id_: str, progress: Progress
) -> Iterator[Callable[[], bool]]:
    """The first Ctrl-C asks the server to cancel, the second leaves; answers whether there was one."""
    times = 0
    # Not in the handler itself: the interrupted code may be in the middle of a request.
    asking = threading.Thread(target=_cancel, args=(client, term, id_), daemon=True)

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal times
        times += 1
        if times > 1:
            raise KeyboardInterrupt
        progress.cancelled = True
        asking.start()

    before = signal.signal(signal.SIGINT, on_signal)
    try:
        yield lambda: times > 0
    except BaseException:
        # The second one may break off anything; out of a lock that is just being taken comes another error.
        if times < 2:
            raise
        asking.join(_ASKING_SECONDS)  # a hasty second one must not keep the first from arriving
        term.note(_left(client, id_))
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _cancel(client: Client, term: Terminal, id_: str) -> None:
    if not term.live:
        term.note("cancelling: what is in flight is finished first; Ctrl-C again leaves")
    try:
        client.cancel_deployment(id_)
    except CliError as error:
        if error.code != "illegal_transition":  # it has ended meanwhile, which is shown anyway
            term.warn(f"it could not be cancelled: {error.message}")


def _left(client: Client, id_: str) -> str:
    follow = f"alma deployments logs {id_[:8]} --follow"
    if client.embedded:
        return f"Left. Deployment {id_[:8]} goes on when ALMA runs again: alma serve, or {follow}"
    return f"Left. Deployment {id_[:8]} goes on: {follow}"
