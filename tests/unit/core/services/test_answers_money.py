"""What is told of cost and size: the estimate's and the capacity model's own figures, and differences that are true."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from alma.config import load_capacity
from alma.core.economics.capacity import size_for
from alma.core.economics.measures import Aims
from alma.core.language.answering.budget import dollars
from alma.core.language.editing.edits import apply_edits
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import Intent
from alma.core.model.sizing import Load
from alma.core.services.answers.capacity import load_in
from alma.core.services.answers.prospects import growth_in
from tests.unit.core.services.asking import (
    WEB_AND_DB,
    Desk,
    blueprint,
    changed,
    desk,
    estimates,
    interpreter,
)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as made:
        yield made


def monthly(draft: Blueprint) -> Decimal:
    return estimates().estimate(draft).monthly


# ── cost ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_cost_told_is_the_estimates_with_whose_prices_it_is_made_of(here: Desk) -> None:
    estimate = estimates().estimate(blueprint())

    told = here.told(Intent.COST, "how much does it cost?", draft=blueprint())

    assert told.text.startswith(f"shop costs about {dollars(estimate.monthly)} a month")
    assert estimate.basis
    assert estimate.basis in told.text
    assert told.data["monthly"] == float(estimate.monthly)
    assert told.data["book"] == estimate.book
    dearest = max(blueprint().resources, key=lambda item: estimate.of(item.name)).name
    assert f"Most of it: {dearest} {dollars(estimate.of(dearest))}" in told.text


async def test_another_draft_costs_something_else(here: Desk) -> None:
    bigger = blueprint(changed(WEB_AND_DB, "db-1", specs={"cpu": 8, "memory": "64GB"}))

    one = here.told(Intent.COST, "what does it cost?", draft=blueprint())
    two = here.told(Intent.COST, "what does it cost?", draft=bigger)

    assert one.data["monthly"] == float(monthly(blueprint()))
    assert two.data["monthly"] == float(monthly(bigger))
    assert one.text != two.text


async def test_of_one_resource_its_own_lines_are_told(here: Desk) -> None:
    estimate = estimates().estimate(blueprint())

    told = here.told(Intent.COST, "what does the database cost?", draft=blueprint())

    assert told.data["resources"] == {"db-1": float(estimate.of("db-1"))}
    for line in estimate.lines:
        assert (dollars(line.monthly) in told.text) or line.resource != "db-1"


@pytest.mark.parametrize(
    ("message", "order"),
    [
        ("what would 3 more servers cost?", "add 3 more servers"),
        ("What would it cost to add 3 servers?", "add 3 servers"),
        ("what would adding a redis cache cost?", "add a redis cache"),
        ("what would it cost if I add a redis cache?", "add a redis cache"),
        ("how much for another web server?", "add another web server"),
        ("what if I added a redis cache, what would it cost?", "add a redis cache"),
    ],
)
async def test_what_a_change_would_cost_is_the_difference_it_makes(
    here: Desk, message: str, order: str
) -> None:
    reading = interpreter().interpret(order, blueprint=blueprint())
    after = apply_edits(blueprint(), reading.edits)[0]
    assert after != blueprint()

    told = here.told(Intent.COST, message, draft=blueprint())

    assert told.data["difference"] == float(monthly(after) - monthly(blueprint()))
    assert told.data["difference"] > 0
    assert f"+{dollars(monthly(after) - monthly(blueprint()))} a month" in told.text
    assert told.text.endswith("Nothing was changed.")


@pytest.mark.parametrize("limit", [10_000, 150])
async def test_how_far_the_limit_is_is_told(here: Desk, limit: int) -> None:
    draft = blueprint(constraints={"max_monthly_cost": limit})
    left = limit - monthly(draft)

    told = here.told(Intent.COST, "what does it cost?", draft=draft)

    side = "under" if left >= 0 else "over"
    assert f"That is {dollars(abs(left))} {side} your limit of {dollars(limit)}" in told.text


async def test_asked_for_cheaper_it_offers_edits_that_cost_what_it_says(here: Desk) -> None:
    told = here.told(Intent.COST, "make it cheaper", draft=blueprint())

    cheaper = apply_edits(blueprint(), told.offer)[0]
    assert monthly(cheaper) < monthly(blueprint())
    assert f"down to about {dollars(monthly(cheaper))} (" in told.text
    assert here.told(Intent.COST, "what does it cost?", draft=blueprint()).offer == ()


async def test_what_cannot_be_made_smaller_is_not_offered(here: Desk) -> None:
    told = here.told(Intent.COST, "make it cheaper", draft=blueprint())
    least = apply_edits(blueprint(), told.offer)[0]

    again = here.told(Intent.COST, "make it cheaper", draft=least)

    assert again.offer == ()
    assert "can be made smaller" in again.text


async def test_without_a_draft_what_is_deployed_is_added_up(tmp_path: Path) -> None:
    document = {"name": "shop", "resources": [{"name": "web", "type": "vm", "engine": "nginx"}]}
    async with desk(tmp_path, started=True) as here:
        nothing = here.told(Intent.COST, "what do I pay?")
        await here.world.run(await here.world.request(document))
        one = here.told(Intent.COST, "what do I pay?")
        await here.world.run(await here.world.request({**document, "name": "wiki"}))
        two = here.told(Intent.COST, "what do I pay?")

    each = float(monthly(blueprint(document)))
    assert "nothing to add up" in nothing.text
    assert one.data == {"monthly": each, "stacks": {"shop": each}}
    assert two.data["monthly"] == 2 * each


async def test_a_forecast_says_that_no_history_is_kept_and_gives_what_it_can(here: Desk) -> None:
    told = here.told(Intent.FORECAST, "what about next year?", draft=blueprint())

    assert "No history" in told.text
    assert told.data["yearly"] == float(monthly(blueprint()) * 12)


async def test_a_load_that_grows_is_told_when_it_outgrows_the_draft_as_the_tool_tells_it(
    here: Desk,
) -> None:
    told = here.told(
        Intent.FORECAST,
        "we have 100k users, growing by 10% a month: how long will it last?",
        draft=blueprint(),
    )
    carries = here.told(Intent.CAPACITY, "how many users can it take?", draft=blueprint()).data[
        "users"
    ]

    assert told.data["users"] == carries
    # ln(carried / 100,000) / ln(1.1) months of 30.44 days
    expected = math.log(carries / 100_000) / math.log(1.1) * 365.25 / 12
    assert told.data["days"] == pytest.approx(expected, abs=0.1)
    assert "outgrown in about" in told.text


async def test_a_load_that_is_too_much_already_is_told_so(here: Desk) -> None:
    told = here.told(Intent.FORECAST, "50M users and 5% more every week", draft=blueprint())

    assert told.data["days"] == 0
    assert "too small" in told.text


@pytest.mark.parametrize(
    ("message", "days"),
    [
        ("grows 20% a year", 365.25),
        ("traffic increases by 3 percent per week", 7),
        ("growth of 10%", 365.25 / 12),
    ],
)
def test_growth_is_read_as_it_is_said_and_a_month_is_meant_where_nothing_is(
    message: str, days: float
) -> None:
    found = growth_in(message)
    assert found is not None
    assert found.period == pytest.approx(days * 86_400)


def test_a_percentage_that_is_no_growth_is_none() -> None:
    assert growth_in("the cpu is at 40%") is None


# ── size ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "load"),
    [
        ("can it handle 1000 users?", Load(users=1_000)),
        ("for 5,000 users", Load(users=5_000)),
        ("1M visitors", Load(users=1_000_000)),
        ("2.5 million customers", Load(users=2_500_000)),
        ("10k active users", Load(users=10_000)),
        ("handles 200 req/s", Load(requests_per_second=200)),
        ("1.5k requests per second", Load(requests_per_second=1_500)),
        ("300 rps", Load(requests_per_second=300)),
        ("how many users can it take?", None),
        ("is web-1 enough?", None),
        ("99999999999999 users", None),
        ("0 users", None),
    ],
)
def test_loads_are_read_as_they_are_said(message: str, load: Load | None) -> None:
    assert load_in(message) == load


@pytest.mark.parametrize("users", [1_000, 100_000, 5_000_000])
async def test_whether_it_is_enough_is_told_with_the_models_arithmetic(
    here: Desk, users: int
) -> None:
    need = size_for(Load(users=users), model=load_capacity())

    told = here.told(Intent.CAPACITY, f"can it handle {users} users?", draft=blueprint())

    assert told.data["needed"] == need.model_dump(mode="json")
    assert all(step in told.text for step in need.working)
    assert told.text.startswith("Yes" if told.data["enough"] else "Not")
    assert told.data["enough"] == (users < 5_000_000)


async def test_what_falls_short_is_named_with_words_that_mend_it(here: Desk) -> None:
    draft = blueprint()
    message = "can it handle 5 million users?"
    short = here.told(Intent.CAPACITY, message, draft=draft)
    for phrase in short.suggestions:
        reading = interpreter().interpret(phrase, blueprint=draft)
        draft = apply_edits(draft, reading.edits)[0]

    assert len(short.suggestions) == 3
    assert here.told(Intent.CAPACITY, message, draft=draft).data["enough"]


async def test_one_server_is_not_enough_where_a_spare_one_is_needed(here: Desk) -> None:
    alone = blueprint(
        {
            "name": "one",
            "resources": [
                {
                    "name": "web",
                    "type": "vm",
                    "engine": "nginx",
                    "specs": {"cpu": 64, "memory": "256GB"},
                }
            ],
        }
    )
    assert size_for(Load(users=1_000), model=load_capacity()).app_servers > 1
    assert not here.told(Intent.CAPACITY, "1000 users?", draft=alone).data["enough"]


async def test_the_most_it_can_take_is_where_the_model_turns(here: Desk) -> None:
    told = here.told(Intent.CAPACITY, "how many users can it take?", draft=blueprint())
    most = told.data["users"]

    def enough(users: int) -> bool:
        question = f"can it handle {users} users?"
        return bool(here.told(Intent.CAPACITY, question, draft=blueprint()).data["enough"])

    assert enough(most)
    assert not enough(most + most // 50)


async def test_a_draft_without_servers_has_nothing_to_size(here: Desk) -> None:
    only = blueprint({"name": "data", "resources": [{"name": "db", "type": "database"}]})
    assert "no servers" in here.told(Intent.CAPACITY, "1000 users?", draft=only).text


async def test_of_a_cluster_the_workers_count(here: Desk) -> None:
    def cluster(workers: int) -> Blueprint:
        specs = {"control_plane": 3, "workers": workers, "cpu": 4, "memory": "16GB"}
        return blueprint(
            {
                "name": "k",
                "resources": [{"name": "k8s", "type": "kubernetes_cluster", "specs": specs}],
            }
        )

    few = here.told(Intent.CAPACITY, "2 million users?", draft=cluster(1))
    many = here.told(Intent.CAPACITY, "2 million users?", draft=cluster(8))

    assert (few.data["servers"], many.data["servers"]) == (1, 8)
    assert (few.data["enough"], many.data["enough"]) == (False, True)


async def test_without_a_draft_the_size_is_told_all_the_same(here: Desk) -> None:
    size = partial(size_for, model=load_capacity())
    told = here.told(Intent.CAPACITY, "what do I need for 20k users?")
    assert told.data["needed"] == size(Load(users=20_000)).model_dump(mode="json")


async def test_the_biggest_saving_is_that_of_one_resource_and_its_changes_add_up(
    here: Desk,
) -> None:
    cheapest = estimates().optimise(blueprint(), Aims(target=Decimal("0.99")))
    told = here.told(Intent.COST, "what does it cost?", draft=blueprint())

    saved = {
        item.name: estimates().estimate(blueprint()).of(item.name) - cheapest.after.of(item.name)
        for item in blueprint().resources
    }
    most = max(saved, key=lambda name: saved[name])
    assert f"Most could be saved at {most}, {dollars(saved[most])}: " in told.text
    assert f": {most}: " not in told.text


async def test_a_question_about_the_limit_is_answered_with_it_before_anything_else(
    here: Desk,
) -> None:
    limited = blueprint(constraints={"max_monthly_cost": 500})
    left = 500 - monthly(limited)
    told = here.told(Intent.COST, "what is left of my budget?", draft=limited)
    none = here.told(Intent.COST, "what is my budget?", draft=blueprint())

    assert f"{dollars(left)} under your limit of $500" in told.text.split("Most of it")[0]
    assert told.text.count("$500") == 1
    assert none.text.startswith("No limit on cost is set for shop.")


async def test_a_suggested_limit_can_be_kept(here: Desk) -> None:
    told = here.told(Intent.COST, "make it cheaper", draft=blueprint())

    phrase = next(words for words in told.suggestions if words.startswith("Keep it under $"))
    limit = Decimal(phrase.removeprefix("Keep it under $").split()[0].replace(",", ""))
    assert estimates().cheaper(blueprint(), limit).within
    assert limit < monthly(blueprint())


async def test_how_much_a_draft_can_take_is_written_out_in_digits(here: Desk) -> None:
    big = blueprint(changed(WEB_AND_DB, "db-1", specs={"cpu": 64, "memory": "256GB"}))
    many = [
        {"name": f"web-{n}", "type": "vm", "engine": "nginx", "specs": {"cpu": 4, "memory": "8GB"}}
        for n in range(3, 12)
    ]
    big = blueprint({**big.dump(), "resources": [*big.dump()["resources"], *many]})

    told = here.told(Intent.CAPACITY, "how many users can it take?", draft=big)

    assert told.data["requests_per_second"] > 1000
    assert "e+" not in told.text
