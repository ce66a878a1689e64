"""What we use of DBOS that it does not promise: an upgrade that changes it must fail here, not in somebody's house."""

from __future__ import annotations

import inspect

from dbos import DBOS, DBOSClient, StepReservation


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
