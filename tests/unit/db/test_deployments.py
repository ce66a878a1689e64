from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import event

from alma.core.model.base import Json
from alma.core.model.deployment import Check, DeploymentState, Step, StepState
from alma.core.model.errors import NotFound
from alma.core.model.event import Event, EventType
from alma.core.model.plan import Action
from alma.db.database import Database
from tests.unit.db.conftest import START
from tests.unit.db.samples import OTHER, PROJECT, add_ipr, deployment_of, stored_deployment


def test_a_deployment_comes_back_as_it_was_queued(
    database: Database, open_again: Callable[[], Database]
) -> None:
    queued = stored_deployment(database)

    with open_again().read() as transaction:
        assert transaction.deployments.get("d-1") == queued
        assert transaction.deployments.get("d-1", project=PROJECT) == queued


def test_an_update_writes_everything_but_the_steps(database: Database) -> None:
    queued = stored_deployment(database)
    changed = queued.model_copy(
        update={
            "state": DeploymentState.FAILED,
            "checks": (Check(address="web-1", name="http", passed=False, detail="503"),),
            "error": {"code": "engine_error", "message": "no", "details": {"tries": 2}},
            "endpoints": {"web-1": ("http://127.0.0.1:8080",)},
            "updated_at": START + timedelta(seconds=5),
            "finished_at": START + timedelta(seconds=5),
            "steps": (),
        }
    )

    with database.write() as transaction:
        transaction.deployments.update(changed)

    with database.read() as transaction:
        found = transaction.deployments.get("d-1")
    assert found == changed.model_copy(update={"steps": queued.steps})


def test_a_wish_to_cancel_is_not_lost_to_a_run_that_read_before_it(database: Database) -> None:
    read_before = stored_deployment(database)

    with database.write() as transaction:
        assert not transaction.deployments.cancel_requested("d-1")
        transaction.deployments.request_cancel("d-1")
        assert transaction.deployments.cancel_requested("d-1")
    with database.write() as transaction:
        running = read_before.model_copy(update={"state": DeploymentState.RUNNING})
        transaction.deployments.update(running)

    with database.read() as transaction:
        found = transaction.deployments.get("d-1")
    assert (found.state, found.cancel_requested) == (DeploymentState.RUNNING, True)


def test_steps_keep_the_plans_order_and_the_last_word_on_each(database: Database) -> None:
    queued = stored_deployment(database)
    done = queued.steps[1].model_copy(
        update={
            "state": StepState.SUCCEEDED,
            "attempts": 2,
            "object_id": "vm-101",
            "started_at": START,
            "finished_at": START + timedelta(seconds=3),
        }
    )
    with database.write() as transaction:
        transaction.deployments.put_step("d-1", done)

    with database.read() as transaction:
        assert transaction.deployments.get("d-1").steps == (queued.steps[0], done)
        assert transaction.deployments.step("d-1", done.address) == done


def test_steps_in_one_state_are_moved_to_another_together(database: Database) -> None:
    queued = stored_deployment(database)
    first, second = queued.steps
    with database.write() as transaction:
        running = first.model_copy(update={"state": StepState.RUNNING})
        transaction.deployments.put_step("d-1", running)
        transaction.deployments.move_steps(
            "d-1", before={StepState.RUNNING, StepState.UNKNOWN}, after=StepState.ROLLED_BACK
        )
        transaction.deployments.move_steps(
            "d-2", before={StepState.PENDING}, after=StepState.SKIPPED
        )

    with database.read() as transaction:
        moved = first.model_copy(update={"state": StepState.ROLLED_BACK})
        assert transaction.deployments.get("d-1").steps == (moved, second)


def test_a_step_that_a_deployment_does_not_have_is_not_found(database: Database) -> None:
    stored_deployment(database)
    unknown = Step(address="aaa", action=Action.DELETE, key="d-1:aaa")
    for id_ in ("d-1", "d-9"):
        with database.write() as transaction, pytest.raises(NotFound, match="step 'aaa'"):
            transaction.deployments.put_step(id_, unknown)


def test_writing_a_step_costs_the_same_however_many_there_are(database: Database) -> None:
    queued = stored_deployment(database)
    said: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def listen(*arguments: object) -> None:
        said.append(str(arguments[2]).split()[0])

    with database.write() as transaction:
        said.clear()
        transaction.deployments.put_step("d-1", queued.steps[0])
    assert said == ["UPDATE"]


def test_lists_are_newest_first_by_state_and_stack(database: Database) -> None:
    with database.write() as transaction:
        iprs = [add_ipr(transaction) for _ in range(2)]
        for number in range(4):
            at = START + timedelta(seconds=number)
            transaction.deployments.add(deployment_of(iprs[number % 2], f"d-{number}", at=at))
        failed = transaction.deployments.get("d-2").model_copy(
            update={"state": DeploymentState.FAILED}
        )
        transaction.deployments.update(failed)

    with database.read() as transaction:
        deployments = transaction.deployments

        def ids(**conditions: object) -> list[str]:
            found = deployments.list(project=PROJECT, **conditions)  # type: ignore[arg-type]
            return [item.id for item in found]

        assert ids() == ["d-3", "d-2", "d-1", "d-0"]
        assert ids(skip=1, limit=2) == ["d-2", "d-1"]
        assert ids(state=DeploymentState.FAILED) == ["d-2"]
        assert ids(stack_id=iprs[1].plan.stack.id) == ["d-3", "d-1"]
        assert deployments.list(project=OTHER) == []
        assert deployments.count(project=PROJECT) == 4
        assert deployments.count(project=PROJECT, state=DeploymentState.FAILED) == 1
        assert deployments.count(project=OTHER) == 0
        assert deployments.list(project=PROJECT)[0] == deployments.get("d-3")


def test_another_projects_deployment_is_not_found(database: Database) -> None:
    queued = stored_deployment(database)

    with database.write() as transaction:
        deployments = transaction.deployments
        with pytest.raises(NotFound, match="deployment d-1 does not exist"):
            deployments.get("d-1", project=OTHER)
        with pytest.raises(NotFound):
            deployments.update(queued.model_copy(update={"project": OTHER}))
        with pytest.raises(NotFound, match="IPR 1 does not exist"):
            deployments.add(queued.model_copy(update={"id": "d-2", "project": OTHER}))


def test_what_is_said_of_an_unknown_deployment_is_not_found(database: Database) -> None:
    with database.write() as transaction:
        deployments = transaction.deployments
        for use in (
            lambda: deployments.get("d-9"),
            lambda: deployments.request_cancel("d-9"),
            lambda: deployments.cancel_requested("d-9"),
            lambda: deployments.append_event("d-9", EventType.LOG, "hello"),
        ):
            with pytest.raises(NotFound, match="deployment d-9 does not exist"):
                use()


def test_events_count_from_one_and_are_read_from_where_one_stopped(database: Database) -> None:
    stored_deployment(database)
    with database.write() as transaction:
        for number in range(1, 5):
            transaction.deployments.append_event("d-1", EventType.LOG, f"line {number}")

    with database.read() as transaction:
        deployments = transaction.deployments
        assert [event.seq for event in deployments.events("d-1")] == [1, 2, 3, 4]
        later = deployments.events("d-1", after=1, limit=2)
        assert [event.message for event in later] == ["line 2", "line 3"]
        assert deployments.events("d-1", after=4) == []
        assert deployments.last_seq("d-1") == 4
        assert deployments.last_seq("d-9") == 0


def test_an_event_comes_back_as_it_was_said(database: Database) -> None:
    stored_deployment(database)
    data: dict[str, Json] = {"step": 1, "of": [1, 2], "text": "nul \0 and ü"}

    with database.write() as transaction:
        said = transaction.deployments.append_event(
            "d-1", EventType.PROGRESS, "creating", address="web-1", data=data
        )

    assert said == Event(
        deployment_id="d-1",
        seq=1,
        time=START,
        type=EventType.PROGRESS,
        message="creating",
        address="web-1",
        data=data,
    )
    with database.read() as transaction:
        assert transaction.deployments.events("d-1") == [said]


def test_what_is_said_once_is_said_once_however_often_it_is_repeated(database: Database) -> None:
    stored_deployment(database)

    def say(word: str, once: str | None) -> Event:
        with database.write() as transaction:
            return transaction.deployments.append_event("d-1", EventType.LOG, word, once=once)

    first = say("started", "start")
    say("working", None)
    say("working", None)

    assert say("started again", "start") == first
    with database.read() as transaction:
        said = [event.message for event in transaction.deployments.events("d-1")]
    assert said == ["started", "working", "working"]


def test_a_rolled_back_event_leaves_no_gap(database: Database) -> None:
    stored_deployment(database)
    with suppress(NotFound), database.write() as transaction:
        transaction.deployments.append_event("d-1", EventType.LOG, "lost")
        transaction.deployments.request_cancel("d-9")

    with database.write() as transaction:
        assert transaction.deployments.append_event("d-1", EventType.LOG, "kept").seq == 1


@pytest.mark.parametrize("state", [StepState.FAILED, StepState.UNKNOWN])
def test_the_first_step_that_failed_is_found_without_the_others(
    database: Database, state: StepState
) -> None:
    queued = stored_deployment(database)
    with database.write() as transaction:
        assert transaction.deployments.failed_step("d-1") is None
        first, second = (step.model_copy(update={"state": state}) for step in queued.steps)
        transaction.deployments.put_step("d-1", second)
        transaction.deployments.put_step("d-1", first)

    with database.read() as transaction:
        found = transaction.deployments.failed_step("d-1")
    assert found == first


def test_what_has_not_ended_is_found_in_every_project(database: Database) -> None:
    with database.write() as transaction:
        for number, project in enumerate((PROJECT, OTHER)):
            at = START + timedelta(seconds=number)
            queued = deployment_of(add_ipr(transaction, project), f"d-{number}", at=at)
            transaction.deployments.add(queued)
        assert transaction.deployments.unended() == ["d-0", "d-1"]
        ended = transaction.deployments.get("d-0").model_copy(
            update={"state": DeploymentState.CANCELLED}
        )
        transaction.deployments.update(ended)
        assert transaction.deployments.unended() == ["d-1"]


def test_what_was_kept_is_found_under_its_own_key_only(
    database: Database, open_again: Callable[[], Database]
) -> None:
    stored_deployment(database)

    with database.write() as transaction:
        transaction.deployments.keep("d-1", "web-1", key="k", name="vmid", value="104")
        transaction.deployments.keep("d-1", "web-1", key="k", name="node", value="pve1")
        transaction.deployments.keep("d-1", "web-1", key="k", name="vmid", value="105")

    with open_again().read() as transaction:
        deployments = transaction.deployments
        assert deployments.kept("d-1", "web-1", key="k") == {"vmid": "105", "node": "pve1"}
        assert deployments.kept("d-1", "web-1", key="undo") == {}
        assert deployments.kept("d-1", "web-2", key="k") == {}


def test_a_step_that_moves_on_keeps_its_notes(database: Database) -> None:
    stored_deployment(database)

    with database.write() as transaction:
        transaction.deployments.keep("d-1", "web-1", key="k", name="vmid", value="104")
        step = transaction.deployments.step("d-1", "web-1")
        moved = step.model_copy(update={"state": StepState.RUNNING})
        transaction.deployments.put_step("d-1", moved)

    with database.read() as transaction:
        assert transaction.deployments.kept("d-1", "web-1", key="k") == {"vmid": "104"}


def test_nothing_is_kept_for_a_step_that_is_not_there(database: Database) -> None:
    stored_deployment(database)

    with database.write() as transaction, pytest.raises(NotFound, match="step 'db' of deployment"):
        transaction.deployments.keep("d-1", "db", key="k", name="vmid", value="104")
    with database.read() as transaction, pytest.raises(NotFound):
        transaction.deployments.kept("d-1", "db", key="k")
