"""Dialogues in which a message stands for what was said before it: an order that was only thought about, all of those
that were listed, sizes that are the same, amounts that do not suffice."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.base import Json
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import held, shop, shown

_WEB: list[dict[str, Json]] = [
    {"name": name, "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}}
    for name in ("web-1", "web-2")
]
_MIXED: list[dict[str, Json]] = [
    {"name": "c1", "type": "container"},
    {"name": "c2", "type": "container"},
    {"name": "big", "type": "vm", "specs": {"cpu": 8, "memory": "32GB"}},
]


def _after(
    interpreter: Interpreter, turns: Sequence[str], start: Sequence[dict[str, Json]] = ()
) -> tuple[dict[str, dict[str, str]], Intent]:
    """What there is after the turns by name, with everything as text; and the last intent."""
    draft, read = held(interpreter, turns, shop(*start) if start else None)
    written = {
        name: {key: str(value) for key, value in each.items()}
        for name, each in shown(draft).items()
    }
    return written, read.intent


@pytest.mark.parametrize(
    ("thought", "agreed"),
    [
        (
            "I was thinking about adding a load balancer in front of the webs, good idea?",
            "ok do it",
        ),
        ("would a load balancer help?", "alright, go for it"),
        ("would it make sense to add a load balancer?", "yes, do that"),
        ("would you recommend adding a load balancer?", "ok then do it"),
        ("should I put a load balancer in front?", "sounds good, let's do that"),
        ("how much would a load balancer cost?", "fine, add it"),
        ("what do you think about adding a load balancer?", "yes please, add one"),
        ("do we need a load balancer?", "yes, add one"),
    ],
)
def test_what_was_only_thought_about_is_done_once_it_is_agreed_to(
    interpreter: Interpreter, thought: str, agreed: str
) -> None:
    before, _ = _after(interpreter, [thought], _WEB)
    after, _ = _after(interpreter, [thought, agreed], _WEB)

    assert sorted(before) == ["web-1", "web-2"]
    assert sorted(each["type"] for each in after.values()) == ["load_balancer", "vm", "vm"]


@pytest.mark.parametrize(
    ("thought", "agreed"),
    [
        ("do you think we should give web-1 8GB?", "ok do it"),
        ("what would it cost to double the memory of web-1?", "go ahead then"),
        ("what would doubling the memory of web-1 cost?", "ok, do that"),
        ("is it worth giving web-1 8GB?", "yes do it"),
    ],
)
def test_changes_are_agreed_to_as_well(interpreter: Interpreter, thought: str, agreed: str) -> None:
    assert _after(interpreter, [thought, agreed], _WEB)[0]["web-1"]["memory"] == "8GB"


@pytest.mark.parametrize(
    "turns",
    [
        ["should I add a cache?", "no"],
        ["should I add a cache?", "ok thanks"],
        ["what does a postgres with 8GB cost?", "great"],
        ["is the setup safe?", "ok do it"],
        ["should I deploy now?", "ok do it"],
    ],
)
def test_nothing_is_made_of_other_questions_and_answers(
    interpreter: Interpreter, turns: Sequence[str]
) -> None:
    assert sorted(_after(interpreter, turns, _WEB)[0]) == ["web-1", "web-2"]


@pytest.mark.parametrize(
    ("turns", "left"),
    [
        (["can you list the containers?", "remove all of those"], ["big"]),
        (["list the containers", "delete them all"], ["big"]),
        (["how many containers are there?", "ok kill every one of them"], ["big"]),
        (["how many containers are there?", "get rid of all of them"], ["big"]),
        (["list the containers", "delete all of them except c1"], ["big", "c1"]),
    ],
)
def test_all_of_those_are_the_ones_that_were_spoken_of(
    interpreter: Interpreter, turns: Sequence[str], left: Sequence[str]
) -> None:
    assert sorted(_after(interpreter, turns, _MIXED)[0]) == left


@pytest.mark.parametrize("said", ["remove all of it", "remove everything", "delete them all"])
def test_all_of_everything_is_still_the_stack(interpreter: Interpreter, said: str) -> None:
    left, intent = _after(interpreter, ["list everything", said], _MIXED)
    assert (len(left), intent) == (3, Intent.DESTROY)


@pytest.mark.parametrize(
    ("said", "name", "sizes"),
    [
        ("add a VM named zeta with the same CPU and memory", "zeta", ("4", "8GB")),
        ("also a VM named zeta, same size", "zeta", ("4", "8GB")),
        ("and a container zeta of the same size", "zeta", ("4", "8GB")),
        ("create a container zeta with the same specs", "zeta", ("4", "8GB")),
        ("create a container zeta with the same cores and 2GB", "zeta", ("4", "2GB")),
        ("create a VM called zeta with the same memory and 2 cores", "zeta", ("2", "8GB")),
        ("add a postgres with the same ram", "db-2", (None, "8GB")),
    ],
)
def test_the_same_sizes_are_those_of_what_was_spoken_of(
    interpreter: Interpreter, said: str, name: str, sizes: tuple[str | None, str]
) -> None:
    first = "a MariaDB with 8GB of memory and 4 vCPUs"
    made = _after(interpreter, [first, said])[0][name]
    assert (made.get("cpu"), made.get("memory")) == sizes


@pytest.mark.parametrize(
    ("said", "sizes"),
    [
        ("lol 1 core isn't gonna cut it, 6 cores", ("6", "4GB")),
        ("1 core is a joke, 6 please", ("6", "4GB")),
        ("2 cores won't do, give it 4", ("4", "4GB")),
        ("2 cores is not gonna be enough, make it 4", ("4", "4GB")),
        ("4GB won't cut it, 8GB", ("2", "8GB")),
        ("4GB ain't enough, 16", ("2", "16GB")),
        ("3 gigs aren't enough, 12GB of ram", ("2", "12GB")),
        ("that won't do, 6 cores", ("6", "4GB")),
    ],
)
def test_what_does_not_suffice_becomes_what_is_said_instead(
    interpreter: Interpreter, said: str, sizes: tuple[str, str]
) -> None:
    made = _after(interpreter, ["a quick arch vm", said])[0]
    assert [(r["cpu"], r["memory"]) for r in made.values()] == [sizes]


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("scrap the VMs, we'd rather have a Kubernetes cluster", ["kubernetes_cluster"]),
        ("get rid of the VMs, I'd rather have a Kubernetes cluster", ["kubernetes_cluster"]),
        ("delete both VMs, we'd prefer to have a Kubernetes cluster", ["kubernetes_cluster"]),
        ("scrap web-2, we want a redis", ["cache", "vm"]),
        ("forget web-2, I'd like a postgres", ["database", "vm"]),
        ("forget web-2, it runs elsewhere", ["vm"]),
        ("scrap web-2, the team has one", ["vm"]),
    ],
)
def test_a_wish_behind_a_removal_is_carried_out_and_a_reason_is_none(
    interpreter: Interpreter, said: str, kinds: Sequence[str]
) -> None:
    left = _after(interpreter, [said], _WEB)[0]
    assert sorted(each["type"] for each in left.values()) == kinds


@pytest.mark.parametrize(
    ("turns", "names"),
    [
        (["VM named east with 8GB of memory", "and west with 4GB"], {"west": "4GB"}),
        (["VM named east with 8GB", "and west with 4GB", "and north with 2GB"], {"north": "2GB"}),
        (
            ["VM named east with 8GB", "and west with 4GB", "actually 8 for that one too"],
            {"west": "8GB"},
        ),
        (["a container called alpha, 2GB", "and beta with 1GB"], {"beta": "1GB"}),
        (["a VM called node-a with 8GB", "and another, node-b"], {"node-b": "8GB"}),
        (["a VM called node-a with 8GB", "another one: node-b"], {"node-b": "8GB"}),
        (["a VM called db-host with 8GB", "and a third one, cache-host"], {"cache-host": "8GB"}),
        (["a container called agent-1, 1GB", "and a second one, agent-2", "plus agent-3"],
         {"agent-2": "1GB", "agent-3": "1GB"}),
        (["a container named worker-1 with 2GB", "also worker-2"], {"worker-2": "2GB"}),
        (["a postgres called orders with 8GB", "and a second one, invoices"], {"invoices": "8GB"}),
    ],
)  # fmt: skip
def test_what_only_has_a_name_is_another_of_what_was_just_named(
    interpreter: Interpreter, turns: Sequence[str], names: dict[str, str]
) -> None:
    left = _after(interpreter, turns)[0]
    assert {name: left[name]["memory"] for name in names} == names
    assert len({each["type"] for each in left.values()}) == 1
    assert len(left) == len([turn for turn in turns if "actually" not in turn])


@pytest.mark.parametrize(
    "said",
    ["and please with 16GB", "and preferably with 16GB", "and faster with 16GB", "with 16GB"],
)
def test_what_is_no_name_is_said_of_what_was_made(interpreter: Interpreter, said: str) -> None:
    left = _after(interpreter, ["a VM named east with 8GB of memory", said])[0]
    assert {name: each["memory"] for name, each in left.items()} == {"east": "16GB"}


@pytest.mark.parametrize(
    "turns",
    [
        ["drop the redis cache", "put web at 8GB", "hmm, I do want that redis again, add it back"],
        ["drop the redis cache", "put web at 8GB", "I want the redis back"],
        ["remove sessions", "put web at 8GB", "add sessions again"],
        ["remove sessions", "put web at 8GB", "I miss the cache, bring it back"],
        ["forget the cache", "we need the cache after all"],
    ],
)
def test_what_went_some_time_ago_comes_back_as_it_was(
    interpreter: Interpreter, turns: Sequence[str]
) -> None:
    first = "a vm called web and a redis called sessions with 2GB"
    left = _after(interpreter, [first, *turns])[0]
    assert sorted(left) == ["sessions", "web"]
    assert left["sessions"]["memory"] == "2GB"


def test_what_was_there_before_the_conversation_is_made_anew_by_its_software(
    interpreter: Interpreter,
) -> None:
    cache: dict[str, Json] = {"name": "sessions", "type": "cache", "engine": "redis"}
    turns = ["drop the redis cache", "put web-1 at 8GB", "I do want that redis again, add it back"]
    left = _after(interpreter, turns, [*_WEB, cache])[0]
    assert [each.get("engine") for each in left.values()] == [None, None, "redis"]


@pytest.mark.parametrize(
    ("said", "limit"),
    [
        ("ok raise the ceiling to 850", 850),
        ("lift the cap to 850", 850),
        ("the ceiling is now 700", 700),
        ("drop the limit to 300", 300),
        ("raise the limit by 200", 700),
        ("can we raise the cap to 700?", 700),
        ("drop the ceiling", None),
    ],
)
def test_a_limit_is_one_of_money_where_one_is_kept(
    interpreter: Interpreter, said: str, limit: int | None
) -> None:
    draft = shop(*_WEB, constraints={"max_monthly_cost": 500})
    read = interpreter.interpret(said, blueprint=draft, history=["what does that come to?"])
    after = apply_edits(draft, read.edits)[0]
    assert len(after.resources) == len(draft.resources)
    assert (after.constraints.max_monthly_cost if after.constraints else None) == limit


@pytest.mark.parametrize(
    "said",
    [
        "30 days, sorry",
        "sorry, 30 days",
        "actually 30 days is better",
        "30 days I meant",
        "hmm 30 days to be safe",
        "30 days, not 14",
        "make that 30 days",
    ],
)
def test_another_time_is_that_of_the_backups(interpreter: Interpreter, said: str) -> None:
    turns = ["a postgres for payroll", "turn on backups and keep them for 14 days", said]
    backup = held(interpreter, turns)[0].resources[0].backup
    assert backup is not None
    assert backup.retention_days == 30


@pytest.mark.parametrize(
    ("said", "engine"),
    [
        ("it's for our proxmox box in the office", "proxmox"),
        ("this goes on our proxmox server", "proxmox"),
        ("it's going to run on the old proxmox machine in the basement", "proxmox"),
        ("we run proxmox here", "proxmox"),
        ("everything runs on docker here", "docker"),
        ("all of it should go on kubernetes", "kubernetes"),
        ("it's for our accounting people", None),
        ("we used proxmox two years ago", None),
        ("it's not for proxmox", None),
        ("is it for proxmox?", None),
    ],
)
def test_where_it_goes_is_told_in_passing(
    interpreter: Interpreter, said: str, engine: str | None
) -> None:
    draft = shop(*_WEB)
    read = interpreter.interpret(said, blueprint=draft, history=["two vms"])
    after = apply_edits(draft, read.edits)[0]
    assert (after.engine, len(after.resources)) == (engine, 2)


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("Create two VMs, er three VMs, for the lab", ["vm-1", "vm-2", "vm-3"]),
        ("two, er, three VMs with ubuntu", ["vm-1", "vm-2", "vm-3"]),
        ("two debian VMs, er three", ["vm-1", "vm-2", "vm-3"]),
        ("four servers... uh three servers", ["vm-1", "vm-2", "vm-3"]),
        ("one container, erm, two containers with alpine", ["container-1", "container-2"]),
        ("two VMs, er, one container", ["container-1", "vm-1", "vm-2"]),
        ("two VMs, um, with 4GB each", ["vm-1", "vm-2"]),
        ("two VMs, master and slave", ["master", "slave"]),
        ("two VMs, primary and replica", ["primary", "replica"]),
        ("two containers, active and passive", ["active", "passive"]),
        ("two servers, left and right, with 4GB each", ["left", "right"]),
        ("a small internal app, one VM with 2 cores and a postgres", ["app-1", "db-1"]),
        ("an app with one VM and a database", ["app-1", "db-1"]),
        ("an app, 2 VMs and a redis", ["app-1", "app-2", "cache-1"]),
        ("an app server and one VM", ["app-1", "vm-1"]),
    ],
)
def test_what_is_counted_is_made_as_often_and_by_the_names_it_gets(
    interpreter: Interpreter, said: str, names: Sequence[str]
) -> None:
    assert sorted(_after(interpreter, [said])[0]) == names


@pytest.mark.parametrize(
    ("turns", "engines"),
    [
        (["a database for a small forum", "use mysql", "no hang on, the forum wants postgres"],
         ["postgresql"]),
        (["a redis", "hang on, the devs want valkey"], ["valkey"]),
        (["a mysql", "no wait, the blog needs mariadb"], ["mariadb"]),
        (["a mysql", "oh and a gitea"], ["gitea", "mysql"]),
    ],
)  # fmt: skip
def test_who_wants_other_software_is_not_made(
    interpreter: Interpreter, turns: Sequence[str], engines: Sequence[str]
) -> None:
    left = _after(interpreter, turns)[0]
    assert sorted(each["engine"] for each in left.values()) == engines
