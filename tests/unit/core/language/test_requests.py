"""What is taken out of a request before it is read as things to make: loads, rules, owners; and its layout."""

from __future__ import annotations

import json
from functools import partial

import pytest

from alma.config import load_capacity, load_catalogue, load_templates
from alma.core.economics.capacity import size_for
from alma.core.language.editing.edits import apply_edits
from alma.core.language.firewalls.rules import take_rules
from alma.core.language.interpreter import Interpreter
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.exposure import mark_exposure
from alma.core.language.wording.loads import take_load
from alma.core.language.wording.ownership import take_ownership
from alma.core.language.words.layout import flatten
from alma.core.language.words.machine_types import machine_type
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.blueprint import Blueprint, Origin
from alma.core.model.conversation import AddResource, Interpretation
from alma.core.model.sizing import Load


@pytest.fixture(scope="module")
def sized() -> Interpreter:
    return Interpreter(
        load_catalogue(), load_templates(), sizing=partial(size_for, model=load_capacity())
    )


def drafted(said: Interpretation) -> Blueprint:
    return apply_edits(None, said.edits)[0]


# ── layout ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "message",
    [
        "- 2 VMs\n- a cache",
        "1. a VM\n2) a cache",
        "one\n\ntwo",
        "a\r\nb",
        "\n\n",
        "",
        "(a) web\n(b) db",
    ],
)
def test_layout_moves_no_character(message: str) -> None:
    flat = flatten(message)
    assert len(flat) == len(message.rstrip() if "\n" in message else message)
    for before, after in zip(message, flat, strict=False):
        assert before == after or after in " \n."


def test_a_list_keeps_its_items_apart_and_loses_its_bullets() -> None:
    assert [token.norm for token in tokenize("- 2 vms\n- a cache")] == [
        "2",
        "vms",
        "\n",
        "a",
        "cache",
    ]


def test_a_decimal_after_a_number_of_a_list_is_no_bullet() -> None:
    assert tokenize("1.5 cores")[0].value == 1.5


# ── machine types ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("t3.medium", (2, "4GB")),
        ("db.r5.2xlarge", (8, "64GB")),
        ("Standard_D4s_v3", (4, "16GB")),
        ("n2-highmem-4", (4, "32GB")),
        ("s-2vcpu-4gb", (2, "4GB")),
        ("cx22", (2, "4GB")),
    ],
)
def test_a_machine_type_has_the_size_its_provider_gives_it(
    name: str, size: tuple[int, str]
) -> None:
    assert machine_type(name) == size


@pytest.mark.parametrize("name", ["web-01", "app.example.org", "k8s-node1", "v1.2", "t3", "db-1"])
def test_a_name_is_no_machine_type(name: str) -> None:
    assert machine_type(name) is None


# ── loads ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "load", "rest"),
    [
        ("a web app for 5,000 users", Load(users=5000), "a web app"),
        ("an api that handles 200 req/s", Load(requests_per_second=200), "an api that"),
        ("2 servers, 50 rps", Load(requests_per_second=50), "2 servers ,"),
        ("1 million requests per hour", Load(requests_per_second=277.78), ""),
    ],
)
def test_a_load_is_taken_out_of_the_message(message: str, load: Load, rest: str) -> None:
    left, said = take_load(tokenize(message))
    assert said is not None
    assert said.load == load
    assert " ".join(token.norm for token in left) == rest


def test_visits_become_requests_and_say_what_was_assumed() -> None:
    _, said = take_load(tokenize("10k daily visitors"))
    assert said is not None
    assert said.load == Load(requests_per_second=round(10_000 / 86_400 * 10 * 3, 2))
    assert said.words == "10,000 daily visitors"
    assert len(said.assumed) == 2


@pytest.mark.parametrize(
    "message",
    ["3 members", "2 client machines", "5 servers", "3 order services", "8 GB", "30 days"],
)
def test_things_to_make_are_no_load(message: str) -> None:
    tokens = tokenize(message)
    assert take_load(tokens) == (tokens, None)


def test_a_load_sizes_what_answers_it_and_the_database_and_shows_the_working(
    sized: Interpreter,
) -> None:
    said = sized.interpret("an api and a postgres database for 900 requests per second")
    sizing = size_for(Load(requests_per_second=900), model=load_capacity())
    added = [edit for edit in said.edits if isinstance(edit, AddResource)]
    servers = [edit for edit in added if edit.resource.name.startswith("api-")]
    assert len(servers) == sizing.app_servers
    assert {edit.resource.specs.cpu for edit in servers} == {sizing.app_cpu}
    assert {edit.origins["specs.cpu"] for edit in servers} == {Origin.INFERRED}
    (store,) = [edit for edit in added if edit.resource.type == "database"]
    assert store.resource.specs.memory == sizing.database_memory
    assert store.origins["specs.memory"] is Origin.INFERRED
    assert any(all(step in line for step in sizing.working) for line in said.assumptions)


def test_what_the_person_said_outweighs_the_load(sized: Interpreter) -> None:
    said = sized.interpret("2 api servers with 16GB memory for 900 requests per second")
    machines = [r for r in drafted(said).resources if r.type == "vm"]
    assert len(machines) == 2
    assert {str(machine.specs.memory) for machine in machines} == {"16GB"}


def test_without_a_model_of_capacity_a_load_is_noted() -> None:
    plain = Interpreter(load_catalogue(), load_templates())
    said = plain.interpret("an api for 5,000 users")
    assert "5,000 users is noted, but no size was made of it" in said.assumptions
    assert drafted(said).metadata["load"] == "5,000 users"


def test_a_question_about_a_load_stays_a_question(sized: Interpreter) -> None:
    said = sized.interpret("how many servers do I need for 10,000 users?")
    assert said.edits == ()


# ── rules ────────────────────────────────────────────────────────────────────────────────────────────


def rules_of(gazetteer: Gazetteer, message: str) -> list[str]:
    tokens = take_rules(gazetteer.prepare(tokenize(message)).tokens, gazetteer.tag)
    return [
        f"{rule['action']} {rule['ports']} {rule['source']} {rule['target']}"
        for token in tokens
        if token.kind is Kind.RULES
        for rule in json.loads(str(token.value))
    ]


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        ("allow 443 from anywhere", ["allow [443] any any"]),
        ("deny everything except ssh", ["allow [22] any any", "deny [] any any"]),
        ("only 10.0.0.0/8 may ssh", ["allow [22] 10.0.0.0/8 any", "deny [22] any any"]),
        ("ssh only from 192.0.2.7", ["allow [22] 192.0.2.7/32 any", "deny [22] any any"]),
        (
            "allow http from anywhere and rdp from 10.1.0.0/16",
            ["allow [80] any any", "allow [3389] 10.1.0.0/16 any"],
        ),
    ],
)
def test_a_rule_in_words_is_read(gazetteer: Gazetteer, message: str, rules: list[str]) -> None:
    assert rules_of(gazetteer, message) == rules


@pytest.mark.parametrize(
    "message",
    [
        "drop the database",
        "a VPC with CIDR block 10.0.0.0/16",
        "only 2 servers",
        "allow daily backups",
        "reject it",
        "an openvpn server allowing 50 clients",
    ],
)
def test_what_is_no_rule_is_left_alone(gazetteer: Gazetteer, message: str) -> None:
    assert rules_of(gazetteer, message) == []


def test_a_rule_about_nobody_known_is_asked_about_rather_than_dropped(sized: Interpreter) -> None:
    said = sized.interpret("only the api servers may reach port 5432")
    assert said.question is not None
    assert said.edits == ()


# ── whose it is, who may reach it ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (
            "Owner: payments team\nCost center: CC-1",
            {"owner": "payments team", "cost_center": "CC-1"},
        ),
        ("a VM owned by the data crew, 2 cores", {"owner": "data crew"}),
        ("a VM for the billing team", {"team": "billing"}),
        ("a VM, owner jo@example.org", {"owner": "jo@example.org"}),
        ("two VMs for project apollo", {"project": "apollo"}),
        ("a VM for our team", {}),
        ("a database for the web app", {}),
    ],
)
def test_ownership_is_taken_out_of_the_message(message: str, found: dict[str, str]) -> None:
    assert take_ownership(tokenize(message))[1] == found


@pytest.mark.parametrize(
    ("message", "word"),
    [
        ("must never be reachable from the internet", "internal"),
        ("not exposed to the outside", "internal"),
        ("accessible from anywhere", "public"),
        ("without any public ip", "internal"),
        ("only reachable internally", "internal"),
    ],
)
def test_who_may_reach_a_thing_is_one_word_each(message: str, word: str) -> None:
    marked = [token.norm for token in mark_exposure(tokenize(message))]
    assert word in marked
    assert ({"public", "internal"} - {word}).isdisjoint(marked)


def test_a_secret_among_variables_is_left_out_and_said(sized: Interpreter) -> None:
    said = sized.interpret(
        "a container from image ghcr.io/acme/api:1 with env API_TOKEN=abc123 and LOG_LEVEL=info"
    )
    (resource,) = drafted(said).resources
    assert dict(resource.env) == {"LOG_LEVEL": "info"}
    assert any("API_TOKEN is left out" in line for line in said.assumptions)
    assert "abc123" not in " ".join(said.assumptions + said.understood + said.unused)


@pytest.mark.parametrize(
    "message",
    [
        "firewall that only lets 10.1.0.0/16",
        "block",
        "only from",
        "allow from to",
        "named",
        "call it",
        "1 x",
        "x (",
        "vlan",
        "w/",
        "a1-a99999 named a1-a9999",
        "Owner:",
        "for the team",
        "2 of everything",
        "another for",
        "one for the",
        "image :1",
        "A_B=",
        "$",
        "- - -\n\n-",
    ],
)
def test_half_a_sentence_is_never_an_error(sized: Interpreter, message: str) -> None:
    said = sized.interpret(message)
    assert said == sized.interpret(message)
    assert not any(isinstance(edit, AddResource) for edit in said.edits) or said.understood
