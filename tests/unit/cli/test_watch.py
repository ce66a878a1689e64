"""Twice Ctrl-C leaves, whatever it broke off."""

from __future__ import annotations

import signal
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from alma.cli.errors import ExitCode
from alma.cli.watch import _interrupts

ASKED: list[str] = []
CLIENT: Any = SimpleNamespace(cancel_deployment=ASKED.append, embedded=False)
TERMINAL: Any = SimpleNamespace(live=False, note=lambda words: None)


def twice(became: Exception | None) -> None:
    """Two Ctrl-C; the second becomes another error, as at the end of a `with lock:`."""
    progress: Any = SimpleNamespace(cancelled=False)
    with _interrupts(CLIENT, TERMINAL, "d-1", progress):
        signal.raise_signal(signal.SIGINT)
        try:
            signal.raise_signal(signal.SIGINT)
        finally:
            if became:
                raise became


@pytest.mark.parametrize("became", [None, RuntimeError("release unlocked lock")])
def test_a_second_ctrl_c_leaves_even_where_a_lock_was_being_taken(became: Exception | None) -> None:
    ASKED.clear()
    with pytest.raises(typer.Exit) as left:
        twice(became)
    assert left.value.exit_code == ExitCode.INTERRUPTED
    assert ASKED == ["d-1"]


def test_an_error_without_a_second_ctrl_c_is_told() -> None:
    with pytest.raises(RuntimeError), _interrupts(CLIENT, TERMINAL, "d-1", TERMINAL):
        raise RuntimeError("ours")
