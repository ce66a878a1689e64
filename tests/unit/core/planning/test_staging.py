"""A rollout tells waves that respect what waits for what, and what undoing really brings back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.base import Json
from alma.core.model.plan import Action, Effect, Plan, Strategy
from alma.core.model.rollout import Rollout
from alma.core.model.state import DesiredResource
from alma.core.planning.durations import Durations
from alma.core.planning.runbook import runbook, seconds
from alma.core.planning.staging import Ground, rollout
from tests.unit.core.planning.worlds import TRAITS, PaperEngine, built, desired, plan

WEB: dict[str, Any] = {"name": "web", "type": "vm", "engine": "nginx", "count": 3}
DB: dict[str, Any] = {"name": "db", "type": "database", "specs": {"memory": "1GB"}}


class GrowingEngine(PaperEngine):
    """Memory can grow, and not shrink."""

    def effect_between(
        self, desired: DesiredResource, path: str, before: Json, after: Json
    ) -> Effect:
        shrinks = path == "specs.memory" and (before, after) == ("2GB", "1GB")
        return Effect.REPLACE if shrinks else self.effect(desired, path)


def carried(
    found: Plan, before: tuple[DesiredResource, ...] = (), *, engine: object = None
) -> Rollout:
    ground = Ground(
        engine or PaperEngine(), TRAITS, Durations(), {item.address: item for item in before}
    )
    return rollout(found, ground)


def back(told: Rollout) -> dict[str, tuple[str, bool]]:
    return {step.address: (step.does.split(":")[0], step.restores) for step in told.rollback.steps}


def test_what_is_made_is_removed_again_last_first() -> None:
    told = carried(plan(desired(WEB | {"count": 1, "depends_on": ["db"]}, DB)))
    order = [step.address for step in told.steps]
    assert [step.address for step in told.rollback.steps] == order[::-1]
    assert {does for does, _ in back(told).values()} == {
        "removed again, with what it holds by then"
    }
    assert told.rollback.not_restored == ()


def test_what_was_changed_is_set_back_to_what_was_deployed() -> None:
    before = desired(WEB)
    told = carried(plan(desired(WEB | {"specs": {"memory": "2GB"}}), built(before)), before)
    assert told.steps[0].reboots is True
    assert told.steps[0].rollback == "set back and restarted: specs.memory"
    assert told.rollback.not_restored == ()


def test_what_no_deployment_described_stays_as_it_is_then() -> None:
    told = carried(plan(desired(WEB | {"specs": {"memory": "2GB"}}), built(desired(WEB))))
    assert set(back(told).values()) == {("stays as it is", False)}
    assert set(told.rollback.not_restored) == {"web", "web-2", "web-3"}


def test_what_holds_data_and_can_only_grow_is_not_set_back() -> None:
    before = tuple(item.model_copy(update={"retain": True}) for item in desired(DB))
    wanted = tuple(
        item.model_copy(update={"retain": True})
        for item in desired(DB | {"specs": {"memory": "2GB"}})
    )
    found = plan(wanted, built(before))
    assert back(carried(found, before))["db"] == ("set back and restarted", True)
    assert back(carried(found, before, engine=GrowingEngine()))["db"] == ("stays as it is", False)


def test_what_was_taken_away_comes_back_without_its_data() -> None:
    before = tuple(
        item.model_copy(update={"retain": item.address == "db"}) for item in desired(DB, WEB)
    )
    found = plan(desired(), built(before, retain=False))
    told = carried(found, before)
    assert back(told)["db"] == (
        "made anew as it was deployed before, and its data is not brought back",
        False,
    )
    assert back(told)["web"] == ("made anew as it was deployed before", True)
    assert told.rollback.not_restored == ("db",)
    assert {step.action for step in told.steps} == {Action.DELETE}


@st.composite
def _plans(draw: st.DrawFn) -> Plan:
    number = draw(st.integers(1, 7))
    resources = []
    for n in range(number):
        needs = draw(st.sets(st.integers(0, n - 1), max_size=2)) if n else set()
        resources.append(
            {
                "name": f"r{n}",
                "type": "vm",
                "engine": "nginx",
                "count": draw(st.integers(1, 3)),
                "depends_on": [f"r{i}" for i in sorted(needs)],
            }
        )
    running = draw(st.booleans())
    newer = [item | {"version": "1.28"} for item in resources]
    return plan(
        desired(*newer),
        built(desired(*resources)) if running else (),
        strategy=draw(st.sampled_from([Strategy.ALL_AT_ONCE, Strategy.ROLLING, Strategy.CANARY])),
    )


@given(_plans())
def test_every_change_is_in_a_later_wave_than_what_it_waits_for(found: Plan) -> None:
    told = carried(found)
    wave = {step.address: step.wave for step in told.steps}
    assert set(wave) == {change.address for change in found.effective}
    for step in told.steps:
        assert all(wave[name] < step.wave for name in step.after)
    assert [step.number for step in told.steps] == list(range(1, len(wave) + 1))
    assert sum(item.changes for item in told.waves) == len(wave)
    assert told.duration.median <= told.duration.p90


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0 s"),
        (4.25, "4.2 s"),
        (45, "45 s"),
        (200, "3 min 20 s"),
        (120, "2 min"),
        (3900, "1 h 5 min"),
    ],
)
def test_times_are_told_as_people_tell_them(amount: float, text: str) -> None:
    assert seconds(amount) == text


def test_the_runbook_says_what_is_alike_once_and_takes_no_markup_from_names() -> None:
    before = desired(WEB)
    found = plan(desired(WEB | {"version": "1.28"}), built(before))
    text = runbook("<b>shop`</b>", carried(found, before))
    assert text.startswith("# Deployment of &lt;b>shop'&lt;/b> on paper")
    assert text.count("- [ ] replace vm `web`, `web-2`, `web-3` **DESTRUCTIVE**") == 1
    assert "made anew as it was deployed before" in text
