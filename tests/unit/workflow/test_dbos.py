"""What we use of DBOS that it does not promise: an upgrade that changes it must fail here, not in somebody's house."""

from __future__ import annotations

import inspect

from dbos import DBOS, DBOSClient, StepReservation
from dbos._dbos import _get_dbos_instance


def test_the_runs_of_dead_executors_can_be_taken_over_by_their_names():
    signature = inspect.signature(DBOS._recover_pending_workflows)
    assert list(signature.parameters) == ["executor_ids"]


def test_a_step_s_number_can_be_reserved_before_it_runs():
    assert list(inspect.signature(DBOS.reserve_step).parameters) == []
    assert list(inspect.signature(StepReservation.run_async).parameters)[:3] == [
        "self",
        "dbos_step_options",
        "func",
    ]


def test_work_can_be_queued_within_somebody_else_s_transaction():
    parameters = list(inspect.signature(DBOSClient.enqueue_in_transaction).parameters)
    assert parameters == ["self", "conn_or_session", "options", "args", "kwargs"]


def test_what_looks_into_the_queues_can_be_ended_without_what_runs():
    assert list(inspect.signature(_get_dbos_instance).parameters) == []
    source = inspect.getsource(DBOS)
    assert "self.background_thread_stop_events: List[threading.Event] = []" in source
    assert "queue_thread" in source
    assert list(inspect.signature(DBOS.listen_queues).parameters) == ["queues"]
