"""A worker shows that it lives, and looks after those that don't, whatever goes wrong meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

from dbos import DBOS

from alma.workflow.alive import Pulse
from tests.waiting import wait_until


class Paper:
    """The one repository that a pulse needs, on paper."""

    def __init__(self) -> None:
        self.beats: list[str] = []
        self.executors = SimpleNamespace(
            beat=self.beats.append, alive=lambda seconds: ["me"], forget=self.beats.remove
        )

    @contextmanager
    def write(self):
        yield self

    read = write


def test_one_look_that_fails_is_not_the_last_one(monkeypatch):
    looks, taken = [], []

    def list_workflows(**_):
        looks.append(1)
        if len(looks) < 3:
            raise RuntimeError("the workflow engine has lost its connection")
        return [SimpleNamespace(executor_id="dead")]

    monkeypatch.setattr(DBOS, "list_workflows", list_workflows)
    monkeypatch.setattr(DBOS, "_recover_pending_workflows", taken.append)
    pulse = Pulse(repositories=Paper(), executor_id="me", beat_seconds=0.001)
    pulse.start()
    pulse.watch()
    try:
        wait_until(lambda: taken, interval=0.001)
    finally:
        pulse.stop()
    assert taken[0] == ["dead"]


def test_nobody_is_looked_for_before_the_workflow_engine_runs(monkeypatch):
    looks = []
    monkeypatch.setattr(DBOS, "list_workflows", lambda **_: looks.append(1) or [])
    paper = Paper()
    pulse = Pulse(repositories=paper, executor_id="me", beat_seconds=0.001)
    pulse.start()
    try:
        wait_until(lambda: len(paper.beats) > 20, interval=0.001)
        assert looks == []
        pulse.watch()
        wait_until(lambda: looks, interval=0.001)
    finally:
        pulse.stop()
