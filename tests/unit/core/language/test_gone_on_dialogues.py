"""Dialogues that go on from what was just said, asked or answered: amounts told by others, names given in turn or spelt
wrong, answers that choose by what runs there, and changes taken back for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from tests.unit.core.language.conversing import held, shop

_VMS = [
    {"name": "web", "type": "vm", "specs": {"cpu": 8, "memory": "16GB"}},
    {"name": "nas", "type": "vm", "specs": {"cpu": 4, "memory": "8GB"}},
    {"name": "mail", "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}},
]
_STORES = [
    {"name": "crm", "type": "database", "engine": "postgresql"},
    {"name": "wiki", "type": "database", "engine": "mysql"},
    {"name": "events", "type": "database", "engine": "mongodb"},
]
_BACKEND = "rabbitmq, redis and a mysql for the backend"


def _after(
    interpreter: Interpreter, turns: Sequence[str], start: Sequence[Mapping[str, Any]] = ()
) -> dict[str, str]:
    """What there is after the turns: by name, the type and the sizes that are known."""
    draft, _ = held(interpreter, turns, shop(*start) if start else None)
    return {
        r.name: " ".join(
            str(each)
            for each in (r.type.value, r.specs.cpu, r.specs.memory, r.specs.disk)
            if each is not None
        )
        for r in draft.resources
    }


@pytest.mark.parametrize(
    ("message", "name", "told"),
    [
        ("nas should have half the memory of web", "nas", "vm 4 8GB"),
        ("give mail twice as many cores as web", "mail", "vm 16 4GB"),
        ("mail needs a quarter of the memory of web", "mail", "vm 2 4GB"),
        ("add a VM called spare with half as much memory as web", "spare", "vm 2 8GB"),
        ("web gets 2 cores, nas twice as many", "nas", "vm 4 8GB"),
        ("halve the memory of web", "web", "vm 8 8GB"),
        ("web needs twice the memory", "web", "vm 8 32GB"),
    ],
)
def test_amounts_told_by_others_are_worked_out(
    interpreter: Interpreter, message: str, name: str, told: str
) -> None:
    after = _after(interpreter, [message], _VMS)
    assert after[name] == told
    assert after["web"].startswith("vm")
    assert len(after) <= 4
    if "web" not in {name, message[:3]}:
        assert after["web"] == "vm 8 16GB"


@pytest.mark.parametrize(
    ("turns", "name", "told"),
    [
        (["mail gets 6GB memory", "nas gets twice that"], "nas", "vm 4 12GB"),
        (["mail gets 6 cores and 8GB memory", "nas half as much"], "nas", "vm 3 4GB"),
        (["a VM called relay with 2GB of memory", "add a second VM called archive with three times that"],
         "archive", "vm 2 6GB"),
        (["a VM called relay with 8GB of memory", "and one for staging named relay-b, with half the memory"],
         "relay-b", "vm 2 4GB"),
        (["a VM called web-b with half as much memory as web", "3 cores are plenty for it"], "web-b", "vm 3 8GB"),
    ],
)  # fmt: skip
def test_amounts_told_by_what_was_just_said(
    interpreter: Interpreter, turns: list[str], name: str, told: str
) -> None:
    after = _after(interpreter, turns, _VMS)
    assert after[name] == told
    assert after["web"] == "vm 8 16GB"


@pytest.mark.parametrize(
    ("turns", "name", "told"),
    [
        (["which of our VMs has the most memory?", "give that one 128GB"], "web", "vm 8 128GB"),
        (["what machine has the fewest cores?", "it should have 6"], "mail", "vm 6 4GB"),
        (["how much RAM does nas have right now?", "double it"], "nas", "vm 4 16GB"),
        (["how many cores does nas have?", "please halve that"], "nas", "vm 2 8GB"),
        (["nas to 16GB of memory", "is that enough?", "then put it back to 8"], "nas", "vm 4 8GB"),
        (["nas to 8 cores", "hmm set it back to 4"], "nas", "vm 4 8GB"),
        (
            ["nas to 32GB of memory", "wrong one, sorry! I meant web, nas keeps its 8"],
            "web",
            "vm 8 32GB",
        ),
        (["nas should have 6 cores", "no, mail! nas stays at 4"], "mail", "vm 6 4GB"),
    ],
)
def test_what_was_asked_about_is_changed(
    interpreter: Interpreter, turns: list[str], name: str, told: str
) -> None:
    after = _after(interpreter, turns, _VMS)
    assert after[name] == told
    assert {n: each for n, each in after.items() if n != name} == {
        n: each for n, each in _after(interpreter, [], _VMS).items() if n != name
    }


@pytest.mark.parametrize(
    ("answer", "gone"),
    [
        ("the mysql one", ["wiki"]),
        ("mongo", ["events"]),
        ("the postgres database please", ["crm"]),
        ("I mean the last one, events", ["events"]),
        ("the second one, wiki", ["wiki"]),
        ("the first one, events", []),
        ("the oracle one", []),
        ("wiki", ["wiki"]),
    ],
)
def test_answers_choose_by_what_runs_there(
    interpreter: Interpreter, answer: str, gone: list[str]
) -> None:
    after = _after(interpreter, ["get rid of the database", answer], _STORES)
    assert set(after) == {"crm", "wiki", "events"} - set(gone)


@pytest.mark.parametrize(
    ("turns", "name", "told"),
    [
        (["delete the vm", "nas", "and mail as well"], "web", "vm 8 16GB"),
        (["the vm should get 6 cores", "nas", "make that 12 cores"], "nas", "vm 12 8GB"),
    ],
)
def test_what_was_answered_is_what_was_spoken_of(
    interpreter: Interpreter, turns: list[str], name: str, told: str
) -> None:
    assert _after(interpreter, turns, _VMS)[name] == told


@pytest.mark.parametrize(
    ("turns", "names"),
    [
        (["web should be called paris", "and nas rome"], {"paris", "rome", "mail"}),
        (["rename web to north", "nas to south", "and mail becomes west"], {"north", "south", "west"}),
        (["rename web to north", "and nas too"], {"north", "nas", "mail"}),
        (["rename web to north", "undo the rename, too many scripts use the old name"], {"web", "nas", "mail"}),
        (["remove web", "revert that deletion, somebody still works there"], {"web", "nas", "mail"}),
        (["a container named app-o1", "typo! app-01 with a zero"], {"web", "nas", "mail", "app-01"}),
        (["a vm named jumpbox", "sorry, should be jump-box"], {"web", "nas", "mail", "jump-box"}),
        (["add a postgres called costumers", "I misspelled that, it's customers"], {"web", "nas", "mail", "customers"}),
        (["copy web to a new VM called web-b"], {"web", "nas", "mail", "web-b"}),
        (["the fair is over so web can go", "mail too"], {"nas"}),
    ],
)  # fmt: skip
def test_names_go_on_from_those_said(
    interpreter: Interpreter, turns: list[str], names: set[str]
) -> None:
    assert set(_after(interpreter, turns, _VMS)) == names


@pytest.mark.parametrize(
    ("message", "left"),
    [
        ("undo that, the host has no room for it", "vm 8 16GB"),
        ("revert that because our host can't bear it", "vm 8 16GB"),
        ("undo the upgrade", "vm 8 16GB"),
        ("undo that, make it 32GB", "vm 8 32GB"),
        ("we may revert that later, who knows", "vm 8 64GB"),
        ("don't undo that, it's fine", "vm 8 64GB"),
    ],
)
def test_a_change_is_taken_back_for_a_reason(
    interpreter: Interpreter, message: str, left: str
) -> None:
    assert _after(interpreter, ["web to 64GB of memory", message], _VMS)["web"] == left


@pytest.mark.parametrize(
    ("message", "types"),
    [
        ("not sure about the rabbitmq... leave it out", {"cache", "database"}),
        ("we're having doubts about redis, so drop it", {"queue", "database"}),
        ("I'm not convinced of mysql. remove it", {"queue", "cache"}),
        ("not sure about redis", {"queue", "cache", "database"}),
        ("I'm not really sure about the mysql", {"queue", "cache", "database"}),
    ],
)
def test_doubts_take_out_only_what_is_told_to_go(
    interpreter: Interpreter, message: str, types: set[str]
) -> None:
    after = _after(interpreter, [_BACKEND, message])
    assert {each.split()[0] for each in after.values()} == types
    assert len(after) == len(types)


@pytest.mark.parametrize(
    ("message", "disk"), [("make it twice as large", "1TB"), ("halve it", "250GB")]
)
def test_a_volume_is_as_big_as_its_disk(interpreter: Interpreter, message: str, disk: str) -> None:
    after = _after(interpreter, ["a volume named media with 500GB", message])
    assert after == {"media": f"volume {disk}"}


def test_how_many_there_are_is_cut_in_half(interpreter: Interpreter) -> None:
    draft = shop({"name": "crawler", "type": "vm", "count": 6})
    read = interpreter.interpret(
        "cut that in half", blueprint=draft, history=["how many crawlers do we run?"]
    )
    assert apply_edits(draft, read.edits)[0].resources[0].count == 3


@pytest.mark.parametrize(
    "message", ["use docker for both", "use docker for both of them", "let's use docker for all of them"]
)  # fmt: skip
def test_an_engine_is_used_for_all_of_them(interpreter: Interpreter, message: str) -> None:
    said = "a prometheus and a grafana on kubernetes"
    assert held(interpreter, [said, message])[0].engine == "docker"


@pytest.mark.parametrize(
    ("message", "engine"),
    [
        ("needs a db too, mariadb's fine", "mariadb"),
        ("it needs a database too, mysql is fine", "mysql"),
        ("add a queue, nats is ok", "nats"),
        ("add a database, everything else is fine", "postgresql"),
    ],
)
def test_software_that_is_fine_is_chosen(
    interpreter: Interpreter, message: str, engine: str
) -> None:
    draft = shop({"name": "cloud", "type": "service", "engine": "nextcloud"})
    read = interpreter.interpret(message, blueprint=draft, history=["a nextcloud"])
    made = apply_edits(draft, read.edits)[0].resources
    assert [resource.engine for resource in made] == ["nextcloud", engine]
