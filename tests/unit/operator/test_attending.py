"""A Blueprint at rest costs nothing, one that somebody changed is looked at at once, and what failed is done again."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any

import pytest

from alma.core.model.errors import EngineUnavailable
from alma.core.model.ipr import IPRState
from alma.core.model.plan import PlanKind
from alma.operator.attending import Attending, changed
from alma.operator.documents import (
    BlueprintStatus,
    Condition,
    DeploymentStatus,
    RequestStatus,
    sent,
)
from alma.operator.names import Kind, Phase, Truth
from alma.operator.seen import SeenBlueprint, SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Notice, Outcome, RequestObject


def body(**metadata: Any) -> dict[str, Any]:
    given = {"uid": "u", "namespace": "n", "name": "shop", "generation": 1, **metadata}
    return {"metadata": given, "spec": {}}


class Looks:
    """Stands in for what is looked for: how often, and what comes of it."""

    def __init__(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.count = 0

    async def look(self, seen: SeenBlueprint, requests: Mapping[str, SeenRequest]) -> Outcome:
        self.count += 1
        return self.outcome


class Kept:
    """Objects of requests, without a cluster."""

    def __init__(self) -> None:
        self.failing = False
        self.names: list[str] = []

    async def keep(self, wanted: RequestObject, there: SeenRequest | None) -> None:
        if self.failing:
            raise EngineUnavailable("the API server does not answer")
        self.names.append(wanted.name)

    async def remove(self, name: str, namespace: str) -> None:
        self.names.append(f"-{name}")

    async def tell(self, name: str, namespace: str, status: dict[str, Any]) -> None:
        self.names.append(f"{name} is told")


async def here(look: Coroutine[Any, Any, Outcome]) -> Outcome:
    return await look


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def attending(looks: Looks, clock: Clock, kept: Kept | None = None) -> Attending:
    return Attending(
        looks,  # type: ignore[arg-type]
        looks,  # type: ignore[arg-type]
        objects=kept or Kept(),
        settings=OperatorSettings(rest=30),
        across=here,
        clock=clock,
    )


def silent(notice: Notice, request: SeenRequest | None) -> None:
    pass


async def test_one_at_rest_is_looked_at_when_its_rest_is_over() -> None:
    looks, clock = Looks(Outcome(status=BlueprintStatus())), Clock()
    attends = attending(looks, clock)
    for _ in range(5):
        await attends.attend(body(), (), silent)
    assert looks.count == 1
    clock.now = 31
    await attends.attend(body(), (), silent)
    assert looks.count == 2


@pytest.mark.parametrize(
    "change",
    [
        {"generation": 2},
        {"annotations": {"alma.dev/request-again": "x"}},
        {"annotations": {"alma.dev/take-over": "true"}},
        {"uid": "another"},
    ],
)
async def test_whoever_changes_it_wakes_it(change: dict[str, Any]) -> None:
    looks = Looks(Outcome(status=BlueprintStatus()))
    attends = attending(looks, Clock())
    await attends.attend(body(), (), silent)
    await attends.attend(body(labels={"a": "b"}), (), silent)
    assert looks.count == 1
    await attends.attend(body(**change), (), silent)
    assert looks.count == 2


async def test_whoever_decides_on_its_request_wakes_it() -> None:
    looks = Looks(Outcome(status=BlueprintStatus()))
    attends = attending(looks, Clock())
    request = SeenRequest(
        uid="r", namespace="n", name="shop-1", ipr_id=1, of_blueprint="u", annotations={}
    )
    foreign = request.model_copy(update={"name": "other-9", "of_blueprint": "else"})
    await attends.attend(body(), [request], silent)
    await attends.attend(body(), [request, foreign], silent)
    assert looks.count == 1
    said = request.model_copy(update={"annotations": {"alma.dev/approve": "sha256:1"}})
    await attends.attend(body(), [said], silent)
    assert looks.count == 2


async def test_one_that_moves_is_always_looked_at() -> None:
    looks = Looks(Outcome(status=BlueprintStatus(), moving=True))
    attends = attending(looks, Clock())
    for _ in range(3):
        await attends.attend(body(), (), silent)
    assert looks.count == 3


async def test_what_could_not_be_written_is_neither_told_nor_rested_on() -> None:
    status = RequestStatus(
        state=IPRState.PENDING, kind=PlanKind.DEPLOY, engine="docker", revision=1, digest="sha256:1",
        summary="two to create",
    )  # fmt: skip
    wanted = RequestObject(
        name="shop-1", namespace="n", ipr_id=1, blueprint="shop", owner="u", status=status
    )
    outcome = Outcome(
        status=BlueprintStatus(request="shop-1"),
        requests=(wanted,),
        remove=("shop-0",),
        notices=(Notice(reason="Planned", message="m"),),
    )
    looks = Looks(outcome)
    kept, told = Kept(), []
    attends = attending(looks, Clock(), kept)
    kept.failing = True
    with pytest.raises(EngineUnavailable):
        await attends.attend(body(), (), lambda notice, _: told.append(notice.reason))
    assert told == []
    kept.failing = False
    await attends.attend(body(), (), lambda notice, _: told.append(notice.reason))
    assert kept.names == ["shop-1", "-shop-0", "shop is told"]
    assert (told, looks.count) == (["Planned"], 2)


async def test_one_that_may_go_is_let_go_without_another_object() -> None:
    looks = Looks(Outcome(status=BlueprintStatus(), gone=True))
    kept = Kept()
    assert await attending(looks, Clock(), kept).dismiss(body(), (), silent)
    assert kept.names == []


def test_only_what_is_another_one_is_written_and_what_is_gone_is_taken_away() -> None:
    condition = Condition(
        type=Kind.READY, status=Truth.TRUE, reason="Deployed", last_transition_time="t"
    )
    before = BlueprintStatus(
        phase=Phase.DEPLOYED, request="shop-1", links={"request": "a", "deployment": "b"},
        deployment=DeploymentStatus(id="d", state="failed", failed="web"),
    )  # fmt: skip
    after = before.model_copy(
        update={
            "conditions": (condition,), "request": None, "links": {"request": "c"},
            "deployment": DeploymentStatus(id="e", state="running"),
        }
    )  # fmt: skip
    patch = changed(before, after)
    assert set(patch) == {"conditions", "request", "links", "deployment"}
    assert patch["request"] is None
    assert patch["links"] == {"request": "c", "deployment": None}
    assert patch["deployment"]["failed"] is None
    assert changed(after, after) == {}


def test_an_empty_text_is_not_said() -> None:
    condition = Condition(
        type=Kind.READY, status=Truth.TRUE, reason="Deployed", last_transition_time="t"
    )
    patch = sent(BlueprintStatus(conditions=(condition,), request="", links={"a": ""}))
    assert "message" not in patch["conditions"][0]
    assert patch["conditions"][0]["observedGeneration"] == 0
    assert patch["request"] is None
    assert patch["links"] == {"a": None}
