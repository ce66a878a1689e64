"""What goes back further than the last change, in several people's ways."""

from __future__ import annotations

from functools import partial

import pytest

from alma.config import load_capacity, load_catalogue
from alma.core.economics.capacity import size_for
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held, names_of
from tests.unit.core.language.followups.test_shorthand import tiers

TWO = ["2 vms named alpha and beta", "remove alpha"]


@pytest.mark.parametrize(
    "message",
    [
        "no, the other one, bring alpha back",
        "wait, I meant beta",
        "no, not alpha, beta",
        "oops, the other one",
        "no wait, beta",
        "sorry, beta",
        "wrong one, I meant beta",
        "that should have been beta",
    ],
)
def test_the_other_one_goes_and_what_went_is_back(interpreter: Interpreter, message: str) -> None:
    draft, read = held(interpreter, [*TWO, message])

    assert read.question is None
    assert names_of(draft) == ["alpha"]


@pytest.mark.parametrize(
    "message", ["bring alpha back", "I still need alpha", "please restore alpha", "put alpha back"]
)
def test_what_went_comes_back_alone(interpreter: Interpreter, message: str) -> None:
    draft, _ = held(interpreter, [*TWO, message])

    assert set(names_of(draft)) == {"alpha", "beta"}


def test_what_depended_on_it_does_so_again(interpreter: Interpreter) -> None:
    turns = ["2 web servers and a postgres database", "remove the database", "bring db-1 back"]
    draft, _ = held(interpreter, turns)

    assert [r.depends_on for r in draft.resources if r.type == "vm"] == [("db-1",)] * 2


def test_of_several_others_it_is_asked_which(interpreter: Interpreter) -> None:
    turns = ["3 web servers", "remove web-2", "no, the other one"]
    draft, read = held(interpreter, turns)

    assert read.question is not None
    assert tiers(draft)["web"] == 2


@pytest.mark.parametrize(
    ("message", "size"),
    [
        ("500 was fine", "500GB"),
        ("no, 800 was better", "800GB"),
        ("sorry, 500", "500GB"),
        ("let's take 800", "800GB"),
    ],
)
def test_a_figure_said_before_keeps_its_unit(
    interpreter: Interpreter, message: str, size: str
) -> None:
    draft, _ = held(interpreter, ["a postgres with 500GB", "make it 800GB", "make it 1TB", message])

    assert str(draft.resources[0].specs.disk_size) == size


@pytest.mark.parametrize(
    "message",
    ["make it 900 req/s", "sorry, 900 req/s", "no wait, it's 900 req/s", "actually 900 req/s"],
)
def test_another_load_sizes_again_what_nobody_has_sized(message: str) -> None:
    sizing = partial(size_for, model=load_capacity())
    interpreter = Interpreter(load_catalogue(), sizing=sizing)
    first = "an nginx web server for 200 req/s and a postgres"
    fresh = interpreter.interpret(first.replace("200", "900")).edits
    wanted = apply_edits(None, fresh)[0]

    draft, _ = held(interpreter, [first, "give the database 3GB", message])

    assert tiers(draft) == tiers(wanted)
    assert draft.resources[0].specs == wanted.resources[0].specs
    assert [str(r.specs.memory) for r in draft.resources if r.type == "database"] == ["3GB"]


@pytest.mark.parametrize(
    ("message", "region"),
    [
        ("no, ireland", "ireland"),
        ("sorry, in London", "london"),
        ("not frankfurt, paris please", "paris"),
        ("move it to eu-west-1", "eu-west-1"),
        ("actually us-east-1", "us-east-1"),
        ("move everything to stockholm please", "stockholm"),
    ],
)
def test_a_place_said_as_a_correction_is_the_region(
    interpreter: Interpreter, message: str, region: str
) -> None:
    draft, read = held(interpreter, ["a web server in frankfurt", message])

    assert read.question is None
    assert draft.constraints is not None
    assert draft.constraints.region == region
    assert tiers(draft) == {"web": 1}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("one for web and one for the database", {"web": 1, "db": 1}),
        ("one is for nginx and one for grafana", {"nginx": 1, "grafana": 1}),
        ("one for the api, one for redis", {"api": 1, "redis": 1}),
    ],
)
def test_parts_that_are_told_later_take_the_place_of_the_machines(
    interpreter: Interpreter, message: str, expected: dict[str, int]
) -> None:
    draft, _ = held(interpreter, ["2 servers", message])

    assert tiers(draft) == expected


@pytest.mark.parametrize(
    ("message", "sizes"),
    [
        ("one of them with 8GB", ["4GB", "4GB", "8GB"]),
        ("make two of them 8GB", ["4GB", "8GB", "8GB"]),
        ("give one of the vms 8GB", ["4GB", "4GB", "8GB"]),
        ("one should have 8GB", ["4GB", "4GB", "8GB"]),
        ("8GB for one of them", ["4GB", "4GB", "8GB"]),
        ("three of them with 8GB", ["8GB", "8GB", "8GB"]),
    ],
)
def test_some_of_several_are_the_last_and_that_is_said(
    interpreter: Interpreter, message: str, sizes: list[str]
) -> None:
    draft, read = held(interpreter, ["3 ubuntu VMs with 4GB", message])

    assert [str(resource.specs.memory) for resource in draft.resources] == sizes
    assert any(each.startswith("which one") for each in read.assumptions) == ("4GB" in sizes)


@pytest.mark.parametrize(
    ("turns", "asks"),
    [
        (["an nginx web server and a postgres database", "double it"], True),
        (["a vm with 4GB", "double it"], True),
        (["a postgres with 8GB", "double it"], False),
        (["2 web servers and a postgres with 8GB", "use mysql for the db", "double it"], False),
        (["2 web servers and a postgres", "use mysql for the db", "make it 2"], True),
        (["2 web servers", "double it"], False),
        (["a vm with 4GB", "halve it"], False),
    ],
)
def test_what_may_be_doubled_either_way_is_asked(
    interpreter: Interpreter, turns: list[str], asks: bool
) -> None:
    before, _ = held(interpreter, turns[:-1])
    draft, read = held(interpreter, turns)

    assert (read.question is not None) == asks
    assert (draft == before) == asks


@pytest.mark.parametrize(
    ("turns", "memory"),
    [
        (["dns2 should have 512MB", "sorry, I meant dns1"], {"dns1": "512MB", "dns2": "256MB"}),
        (["give dns2 1GB", "no, dns1"], {"dns1": "1GB", "dns2": "256MB"}),
        (["all of them 512MB", "except dns2"], {"dns1": "512MB", "dns2": "256MB"}),
        (["everything to 1GB", "but dns1 stays at 256MB"], {"dns1": "256MB", "dns2": "1GB"}),
    ],
)
def test_a_change_of_the_wrong_one_is_set_right(
    interpreter: Interpreter, turns: list[str], memory: dict[str, str]
) -> None:
    first = "two debian LXCs: dns1 and dns2, 1 core, 256MB each"
    draft, _ = held(interpreter, [first, *turns])

    assert {r.name: str(r.specs.memory) for r in draft.resources} == memory
