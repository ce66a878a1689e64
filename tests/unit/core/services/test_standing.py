"""Where a conversation stands follows from what is recorded, and is a node of the drawing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from alma.bootstrap import Alma, build
from alma.core.agent.ways import nodes
from alma.core.model.conversation import Intent, Turn, TurnState
from alma.core.model.deployment import Deployment, DeploymentState, Step, StepState
from alma.core.model.errors import NotFound
from alma.core.model.ipr import IPRState, ReviewAction
from alma.core.model.principal import LOCAL
from alma.settings import Settings
from tests.people import somebody

ADA = somebody("ada")
BOB = somebody("bob")


@pytest.fixture
async def alma(tmp_path: Path) -> AsyncIterator[Alma]:
    """Wired and migrated; started by nobody, so that what is queued stays queued."""
    made = build(Settings(home=tmp_path))
    made.database.migrate()
    yield made
    await made.stop()


def stands(alma: Alma, id_: str = "c") -> str:
    found = alma.standings.of(ADA, id_)
    assert found.node in nodes()
    assert found.detail
    return found.node


async def requested(alma: Alma) -> int:
    """A draft with a request of which the conversation knows."""
    answer = await alma.dialogue.chat(ADA, "a redis cache", "c")
    assert answer.blueprint_id is not None
    ipr = await alma.iprs.open(ADA, title="The cache", blueprint_id=answer.blueprint_id)
    change(alma, answer.turn_id, ipr_id=ipr.id)
    return ipr.id


def change(alma: Alma, turn_id: str, **values: Any) -> None:
    with alma.database.write() as transaction:
        turn = transaction.conversations.turn(turn_id, lock=True).turn
        transaction.conversations.update_turn(turn.model_copy(update=values))


async def test_it_begins_with_reading_and_comes_to_a_draft(alma: Alma) -> None:
    await alma.dialogue.chat(ADA, "hello", "c")
    assert stands(alma) == "interpret"

    await alma.dialogue.chat(ADA, "a redis cache", "c")
    assert stands(alma) == "draft"


@pytest.mark.parametrize(
    ("intent", "answer", "node"),
    [
        (Intent.UNKNOWN, {}, "interpret"),
        (Intent.DEPLOY, {"drafted": {}}, "plan"),
        (Intent.APPROVE, {"drafted": {}}, "decide"),
    ],
)
async def test_a_message_under_way_stands_where_it_has_got_to(
    alma: Alma, intent: Intent, answer: dict[str, Any], node: str
) -> None:
    said = await alma.dialogue.chat(ADA, "a redis cache", "c")

    change(alma, said.turn_id, state=TurnState.ANSWERING, intent=intent, answer=answer)

    assert stands(alma) == node


async def test_a_request_waits_is_approved_or_is_refused(alma: Alma) -> None:
    number = await requested(alma)
    assert stands(alma) == "approval"
    assert alma.standings.of(ADA, "c").ipr_id == number

    alma.iprs.review(LOCAL, number, action=ReviewAction.APPROVE)
    assert stands(alma) == "deploy"

    alma.iprs.review(LOCAL, number, action=ReviewAction.REJECT)
    assert stands(alma) == "draft"
    assert "rejected" in alma.standings.of(ADA, "c").detail


@pytest.mark.parametrize(
    ("state", "step", "node"),
    [
        (DeploymentState.QUEUED, StepState.PENDING, "lock"),
        (DeploymentState.RUNNING, StepState.PENDING, "recheck"),
        (DeploymentState.RUNNING, StepState.RUNNING, "execute"),
        (DeploymentState.VERIFYING, StepState.SUCCEEDED, "verify"),
        (DeploymentState.ROLLING_BACK, StepState.FAILED, "undo"),
        (DeploymentState.SUCCEEDED, StepState.SUCCEEDED, "conclude"),
        (DeploymentState.ROLLED_BACK, StepState.ROLLED_BACK, "conclude"),
    ],
)
async def test_a_run_stands_at_the_node_it_has_reached(
    alma: Alma, state: DeploymentState, step: StepState, node: str
) -> None:
    number = await requested(alma)
    run_of(alma, number, state, step)

    assert stands(alma) == node
    assert alma.standings.of(ADA, "c").deployment_id == "run"


def run_of(alma: Alma, number: int, state: DeploymentState, step: StepState) -> None:
    """A run of the request, as its worker would have recorded it."""
    now = datetime.now(UTC)
    with alma.database.write() as transaction:
        ipr = transaction.iprs.get(number, project=ADA.project)
        steps = [
            Step(address=change.address, action=change.action, state=step, key=change.address)
            for change in ipr.plan.changes
        ]
        run = Deployment(
            id="run",
            ipr_id=number,
            plan=ipr.plan,
            state=state,
            started_by=ADA.id,
            steps=tuple(steps),
            created_at=now,
            updated_at=now,
        )
        transaction.deployments.add(run)
        going = {"state": IPRState.DEPLOYING, "deployment_id": run.id}
        transaction.iprs.update(ipr.model_copy(update=going))


async def test_after_the_end_a_changed_draft_begins_anew(alma: Alma) -> None:
    number = await requested(alma)
    alma.iprs.review(ADA, number, action=ReviewAction.REJECT)

    await alma.dialogue.chat(ADA, "give it 8GB of memory", "c")

    found = alma.standings.of(ADA, "c")
    assert (found.node, found.ipr_id) == ("draft", None)


async def test_what_waits_counts_more_than_what_was_drafted_since(alma: Alma) -> None:
    await requested(alma)

    await alma.dialogue.chat(ADA, "give it 8GB of memory", "c")

    assert stands(alma) == "approval"


async def test_a_stopped_message_leaves_it_where_it_was(alma: Alma) -> None:
    await alma.dialogue.chat(ADA, "a redis cache", "c")
    with alma.database.write() as transaction:
        stopped = Turn(id="s", state=TurnState.STOPPED, message="…", created_at=datetime.now(UTC))
        transaction.conversations.add_turn("c", stopped, project=ADA.project, principal=ADA.id)

    assert stands(alma) == "draft"


async def test_it_is_nobody_elses_business(alma: Alma) -> None:
    await alma.dialogue.chat(ADA, "a redis cache", "c")

    with pytest.raises(NotFound):
        alma.standings.of(BOB, "c")
    with pytest.raises(NotFound):
        alma.standings.of(ADA, "never-was")
