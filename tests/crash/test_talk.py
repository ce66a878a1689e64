"""kill -9 in the middle of an answer, start again: the message is answered, and whatever it did was done once."""

from __future__ import annotations

import asyncio
import collections
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from alma.core.model.conversation import ChatEventType, Turn, TurnState
from alma.core.model.deployment import DeploymentState
from alma.core.model.ipr import IPRState
from alma.core.model.principal import LOCAL
from alma.llm.scripted import Document, Scripted, ScriptedModel
from tests.crash.talker import WORDS
from tests.postgres import create_database, database_url, postgres_server
from tests.talking import SHOP, Talk, talking, words_of
from tests.waiting import PATIENCE
from tests.world import SHOP_ADDRESSES, world

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

__all__ = ["postgres_server"]

REPOSITORY = Path(__file__).resolve().parents[2]


def run(who: str, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"tests.crash.{who}", str(home), *options]
    return subprocess.run(
        command, cwd=REPOSITORY, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def killed(home: Path, point: str, *options: str) -> None:
    done = run("talker", home, "--die", point, *options)
    assert done.returncode == -signal.SIGKILL, done.stderr


def resumed(home: Path, *options: str) -> str:
    done = run("talker", home, *options)
    assert done.returncode == 0, done.stderr
    return done.stderr


def answered_once(talk: Talk, messages: int) -> Turn:
    """The last of so many messages, all of which have their answer."""
    assert [turn.state for turn in talk.turns] == [TurnState.ANSWERED] * messages
    return talk.turns[-1]


@pytest.mark.parametrize(
    "point", ["before-draft", "drafted", "planning", "opened", "before-answer", "answered"]
)
async def test_a_change_with_its_request_is_made_once(tmp_path: Path, point: str) -> None:
    killed(tmp_path, point, "--say", SHOP, "add a redis cache and deploy it")
    resumed(tmp_path)

    async with talking(tmp_path, started=False) as talk:
        turn = answered_once(talk, 2)
        (ipr,) = talk.requests
        assert talk.revisions == [2]
        assert (turn.ipr_id, turn.plan_digest) == (ipr.id, ipr.plan.digest)
        assert ipr.state is IPRState.PENDING
        assert turn.response.count("I opened request") == 1


@pytest.mark.parametrize("point", ["decided", "planning", "queued", "before-answer"])
async def test_an_approval_and_its_run_happen_once(tmp_path: Path, point: str) -> None:
    killed(tmp_path, point, "--say", SHOP, "deploy it", "approve and deploy")
    resumed(tmp_path)

    async with talking(tmp_path, started=False) as talk:
        turn = answered_once(talk, 3)
        (ipr,) = talk.requests
        (deployment,), _ = talk.alma.deployments.list(LOCAL)
        assert len(ipr.reviews) == 1
        assert deployment.state is DeploymentState.SUCCEEDED
        assert turn.deployment_id == deployment.id


async def test_a_changed_request_takes_the_place_of_one_not_of_two(tmp_path: Path) -> None:
    killed(tmp_path, "opened", "--say", SHOP, "deploy it", "add a redis cache and deploy it")
    resumed(tmp_path)

    async with talking(tmp_path, started=False) as talk:
        turn = answered_once(talk, 3)
        assert [ipr.state for ipr in talk.requests] == [IPRState.CANCELLED, IPRState.PENDING]
        assert f"in place of {talk.requests[0].id}" in turn.response


@pytest.mark.parametrize("point", ["asked", "before-draft", "drafted"])
async def test_a_model_that_was_being_asked_is_asked_again(tmp_path: Path, point: str) -> None:
    killed(tmp_path, point, "--model", "--say", "what is a cache?")
    resumed(tmp_path, "--model")

    async with talking(tmp_path, started=False) as talk:
        assert WORDS in answered_once(talk, 1).response


async def test_an_answer_that_a_stop_broke_off_is_given_after_the_next_start(
    tmp_path: Path,
) -> None:
    asked, never = asyncio.Event(), asyncio.Event()

    def waits(_: object) -> Scripted:
        asked.set()
        return Scripted(until=never)

    async with talking(tmp_path, model=ScriptedModel([waits])) as talk:
        begun = await talk.alma.dialogue.begin(talk.who, "what is a cache?", talk.id)
        await asked.wait()

    said: Document = {"say": WORDS, "edits": []}
    async with talking(tmp_path, model=ScriptedModel([said])) as talk:
        events = await talk.heard(begun.turn_id)

        assert events[-1].type is ChatEventType.COMPLETE
        assert WORDS in words_of(events)
        answered_once(talk, 1)


async def test_a_message_whose_run_was_lost_blocks_its_conversation_no_longer(
    tmp_path: Path,
) -> None:
    async with talking(tmp_path, started=False) as talk:
        turn = talk.alma.conversations.new_turn("deploy it", "lost")
        with talk.alma.database.write() as transaction:
            talk.alma.conversations.begin(transaction, talk.who, talk.id, turn)

    async with talking(tmp_path) as talk:
        events = await talk.heard("lost")

        assert events[-1].type is ChatEventType.ERROR
        assert talk.turns[0].state is TurnState.FAILED
        assert (await talk.say(SHOP)).state is TurnState.ANSWERED


async def test_an_installation_from_before_gets_its_queue_without_disturbing_what_runs(
    tmp_path: Path,
) -> None:
    """Its worker knew deployments only, and died in the middle of one."""
    died = run("victim", tmp_path, "deploy", "--die", "made-unrecorded:3")
    assert died.returncode == -signal.SIGKILL, died.stderr

    async with talking(tmp_path) as talk:
        await talk.runs_end()
        assert (await talk.say(SHOP, "deploy it")).ipr_id is not None

    async with world(tmp_path, started=False) as here:
        (deployment,), _ = here.deployments.list(LOCAL)
        assert deployment.state is DeploymentState.SUCCEEDED
        operations = await here.simulation.operations(deployment.plan.stack)
        made = collections.Counter(item.address for item in operations if item.action == "create")
        assert made == dict.fromkeys(SHOP_ADDRESSES, 1)


# ── several workers on one database ──────────────────────────────────────────────────────────────


async def test_another_worker_answers_what_a_dead_one_was_asked(
    tmp_path: Path, postgres_server: Path
) -> None:
    url = database_url(postgres_server, create_database(postgres_server))
    killed(
        tmp_path, "opened", "--say", SHOP, "deploy it", "--url", url, "--executor", "first"
    )  # fmt: skip

    told = resumed(tmp_path, "--url", url, "--executor", "second")

    assert "taking over the work of first" in told
    async with talking(tmp_path, started=False, database_url=url) as talk:
        turn = answered_once(talk, 2)
        assert [ipr.id for ipr in talk.requests] == [turn.ipr_id]


async def test_what_one_process_asked_for_another_approves_and_a_third_deploys(
    tmp_path: Path, postgres_server: Path
) -> None:
    url = database_url(postgres_server, create_database(postgres_server))
    resumed(tmp_path, "--say", SHOP, "deploy it", "--url", url, "--executor", "first")
    killed(
        tmp_path, "queued", "--say", "approve and deploy", "--url", url, "--executor", "second"
    )  # fmt: skip
    resumed(tmp_path, "--url", url, "--executor", "third")

    async with talking(tmp_path, started=False, database_url=url) as talk:
        answered_once(talk, 3)
        (deployment,), _ = talk.alma.deployments.list(LOCAL)
        assert deployment.state is DeploymentState.SUCCEEDED
        assert [ipr.state for ipr in talk.requests] == [IPRState.DEPLOYED]
