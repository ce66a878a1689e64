"""Words choose tools, say their arguments, and chain them; what is unclear is asked and never guessed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from alma.bootstrap import build
from alma.core.model.errors import ArgumentsInvalid
from alma.core.model.principal import LOCAL
from alma.core.tools import TOOLS
from alma.core.tools.chains import Done, ask, left_by
from alma.core.tools.choosing import Choice, Question, choose
from alma.core.tools.kit import Call
from alma.core.tools.particulars import said
from alma.core.tools.subject import OfBlueprint, subject_of
from alma.core.tools.tool import Answer, Tool
from alma.settings import Settings
from tests.unit.core.tools.kit import SHOP, Calls, calling

# What people say, as documentation and callers have it, and the tools they want.
SAYINGS: list[tuple[str, list[str]]] = [
    ("How much CPU needed?", ["estimate_resources"]),
    ("what does blueprint 5 cost on aws", ["estimate_resources"]),
    ("Cut costs by 30%", ["optimize_costs"]),
    ("make it cheaper", ["optimize_costs"]),
    ("Server won't start", ["troubleshoot_issue"]),
    ("why did web-1 crash", ["troubleshoot_issue"]),
    ("Handle 1M users?", ["calculate_capacity"]),
    ("Create a K8s cluster", ["create_blueprint"]),
    ("AWS → Azure migration", ["migrate_infrastructure"]),
    ("migrate from vmware to proxmox", ["migrate_infrastructure"]),
    ("is it GDPR compliant?", ["check_compliance"]),
    ("compare blueprint 3 with 5", ["compare_blueprints"]),
    ("forecast the next 90 days", ["forecast_metrics"]),
    ("deployment plan with a canary", ["generate_deployment_plan"]),
    ("suggest an architecture for a shop", ["suggest_architecture"]),
    ("find vulnerabilities", ["security_audit"]),
    ("validate my blueprint", ["validate_blueprint"]),
    (
        "I need to validate my blueprint and check if it's secure",
        ["validate_blueprint", "security_audit"],
    ),
    ("estimate it, then cut costs by 30 %", ["estimate_resources", "optimize_costs"]),
    (
        "audit it for security, then reduce the costs by a third and validate the result",
        ["security_audit", "optimize_costs", "validate_blueprint"],
    ),
]


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    alma = build(Settings(home=tmp_path_factory.mktemp("home")))
    yield Calls(alma)
    asyncio.run(alma.stop())


def chosen(calls: Calls, query: str, **context: Any) -> Sequence[Choice] | Question:
    tools = calls.alma.tools.usable()
    return choose(query, tools, calls.kit.interpreter, context=context)


@pytest.mark.parametrize(
    ("query", "names"), [case for case in SAYINGS if set(case[1]) <= set(TOOLS)]
)
def test_words_choose_the_tools_that_people_mean(
    calls: Calls, query: str, names: list[str]
) -> None:
    found = chosen(calls, query)
    assert not isinstance(found, Question), found
    assert [choice.tool.name for choice in found] == names


@pytest.mark.parametrize("query", ["", "hello", "do the thing", "estimate or optimize it"])
def test_what_is_unclear_is_asked_with_what_may_be_meant(calls: Calls, query: str) -> None:
    found = chosen(calls, query)
    assert isinstance(found, Question)
    assert found.candidates
    assert {candidate.tool for candidate in found.candidates} <= set(TOOLS)


def test_a_step_that_is_unclear_is_asked_about_and_the_clear_ones_are_not_done_alone(
    calls: Calls,
) -> None:
    found = chosen(calls, "validate it, then estimate or optimize it")
    assert isinstance(found, Question)
    likely = [candidate.tool for candidate in found.candidates]
    assert likely == ["estimate_resources", "optimize_costs"]


def test_a_sentence_that_wants_nothing_says_more_about_its_neighbour(calls: Calls) -> None:
    found = chosen(calls, "It is blueprint 7. Validate it. Thank you very much.")
    assert not isinstance(found, Question)
    assert [(c.tool.name, dict(c.arguments)) for c in found] == [
        ("validate_blueprint", {"blueprint_id": 7})
    ]


def test_one_blueprint_that_is_named_is_what_every_step_is_about(calls: Calls) -> None:
    found = chosen(calls, "validate and audit blueprint 2", blueprint=SHOP)
    assert not isinstance(found, Question)
    assert [dict(choice.arguments) for choice in found] == [{"blueprint_id": 2}] * 2


def test_the_context_gives_what_has_an_arguments_name_and_words_come_first(
    calls: Calls,
) -> None:
    found = chosen(
        calls, "cut costs by 40%", blueprint=SHOP, target_reduction=0.1, provider="aws", mood="good"
    )
    assert not isinstance(found, Question)
    assert dict(found[0].arguments) == {
        "blueprint": SHOP,
        "target_reduction": 0.4,
        "provider": "aws",
    }


@pytest.mark.parametrize(
    ("message", "name", "value"),
    [
        ("cut costs by 30%", "target_reduction", 0.3),
        ("save a third", "target_reduction", 1 / 3),
        ("reduce it by half", "target_reduction", 0.5),
        ("it grows by 20 percent", "growth_rate", 20.0),
        ("it grows by 20 percent", "target_reduction", None),
        ("with 90% confidence", "confidence_level", 0.9),
        ("handle 1M users", "expected_users", 1_000_000),
        ("for 50,000 daily visitors", "expected_users", 50_000),
        ("2.5k people", "expected_users", 2500),
        ("1000 requests/sec at noon", "expected_load", "1000 requests/sec"),
        ("for the next 90 days", "forecast_period", "90 days"),
        ("in a year", "time_horizon", "1 year"),
        ("over two quarters", "time_horizon", "6 months"),
        ("on Amazon", "provider", "aws"),
        ("PCI DSS, soc 2 and ISO 27001", "standards", ["pci-dss", "soc2", "iso27001"]),
        ("a blue/green rollout", "strategy", "blue-green"),
        ("lift and shift it", "migration_strategy", "lift-and-shift"),
        ("from VMware to Proxmox", "source_platform", "vmware"),
        ("from VMware to Proxmox", "target_platform", "proxmox"),
        ("to azure from aws", "target_platform", "azure"),
        ("move it to kubernetes", "target_platform", "kubernetes"),
        ("move it to kubernetes", "source_platform", None),
        ("AWS → Azure", "target_platform", "azure"),
        ("compare blueprint 3 with 5", "blueprint_b", 5),
        ("compare blueprint #3 and blueprint #5", "blueprint_a", 3),
        ("strictly, please", "strict", True),
        ('it says "connection refused by peer"', "error_message", "connection refused by peer"),
        ("highly available", "availability", "high"),
        ("nothing of the kind", "provider", None),
    ],
)
def test_arguments_are_read_from_words(message: str, name: str, value: Any) -> None:
    found = said(message, frozenset({name}))
    assert found == ({} if value is None else {name: value})


def test_requirements_are_read_as_one_argument() -> None:
    message = "suggest something for an e-commerce shop with 20k users, 500 GB and a budget of 900"
    assert said(message, frozenset({"requirements"}))["requirements"] == {
        "application_type": "e-commerce",
        "expected_users": 20_000,
        "budget": "budget of 900",
    } | {"data_size": "500 GB"}


# ── chains ───────────────────────────────────────────────────────────────────────────────────────────


class Named(Answer):
    """What a stand-in leaves behind."""

    blueprint: dict[str, Any]


class Seen(Answer):
    """What a stand-in was given."""

    name: str


async def rename(given: OfBlueprint, call: Call) -> Named:
    call.progress("renaming", 0.5)
    subject = await subject_of(given, call)
    document = {**subject.blueprint.dump(), "name": "renamed"}
    return Named(summary="Renamed.", blueprint=document)


async def see(given: OfBlueprint, call: Call) -> Seen:
    return Seen(summary="Seen.", name=(await subject_of(given, call)).blueprint.name)


def stand_in(name: str, words: str, answer: Any, run: Any) -> Tool[Any, Any]:
    return Tool(
        name=name,
        title=words.capitalize(),
        description=f"A stand-in to {words}.",
        arguments=OfBlueprint,
        answer=answer,
        run=run,
        words=(words,),
    )


@pytest.fixture
async def chain(tmp_path: Path) -> AsyncIterator[Calls]:
    async with calling(tmp_path) as made:
        renames = stand_in("rename_thing", "give another designation", Named, rename)
        made.alma.tools.add([renames, stand_in("see_thing", "tell designation", Seen, see)])
        yield made


async def test_a_blueprint_that_a_step_leaves_is_the_next_ones_and_progress_adds_up(
    chain: Calls,
) -> None:
    told: list[tuple[str, float | None]] = []
    done = await ask(
        chain.alma.tools,
        LOCAL,
        "give another designation, then tell designation",
        context={"blueprint": SHOP},
        progress=lambda message, share: told.append((message, share)),
    )
    assert isinstance(done, Done)
    assert [step.tool for step in done.steps] == ["rename_thing", "see_thing"]
    assert done.last.result["name"] == "renamed"
    assert told == [
        ("Give another designation", 0.0),
        ("renaming", 0.25),
        ("Tell designation", 0.5),
    ]


async def test_a_step_that_fails_ends_the_chain(chain: Calls) -> None:
    told: list[str] = []
    with pytest.raises(ArgumentsInvalid):
        await ask(
            chain.alma.tools,
            LOCAL,
            "tell designation, then give another designation",
            context={"blueprint_id": -1},
            progress=lambda message, share: told.append(message),
        )
    assert told == ["Tell designation"]


def test_what_a_result_leaves_is_a_blueprint_with_resources_only() -> None:
    left = left_by({"summary": "x", "optimized_blueprint": SHOP})
    assert left is not None
    assert left.name == "shop"
    assert left_by({"blueprint": None}) is None
    assert left_by({"blueprint": {"name": "empty"}}) is None


async def test_a_blueprint_of_the_conversation_is_meant_where_none_is_named(chain: Calls) -> None:
    draft = chain.about(SHOP).draft
    done = await ask(chain.alma.tools, LOCAL, "tell designation", draft=draft)
    assert isinstance(done, Done)
    assert done.last.result["name"] == "shop"
