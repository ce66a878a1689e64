"""Dialogues that take up what was said before: too many of it, one of two, the latter, what is there already, what else
does the same. Each in several ways, and with what only looks like it; what counts is the draft after the last turn."""

from __future__ import annotations

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import held, names_of, shop

_THREE = shop(
    *(
        {"name": name, "type": "vm", "specs": {"cpu": 2, "memory": "4GB"}}
        for name in ("red", "green", "blue")
    )
)


@pytest.mark.parametrize(
    ("first", "said", "number"),
    [
        ("six ubuntu vms for rendering", "that's two too many, four are enough", 4),
        ("8 debian machines with 2GB", "hm, that's three too many. five is plenty", 5),
        ("five containers with alpine", "three too many, two will do", 2),
        ("3 mysql databases", "that is one too many, two are enough", 2),
        ("4 debian vms", "two too few, we need 6", 6),
        ("three debian vms", "that's not enough, we want 6", 6),
        ("three debian vms", "we need 2 more", 5),
    ],
)
def test_by_how_much_it_is_too_many_is_no_amount_that_is_there(
    interpreter: Interpreter, first: str, said: str, number: int
) -> None:
    draft, read = held(interpreter, [first, said])
    assert (len(draft.resources), read.question) == (number, None)
    assert {r.specs.cpu for r in draft.resources} <= {None, 1, 2}


@pytest.mark.parametrize(
    ("turns", "path", "value"),
    [
        (["postgres with 32GB of ram", "no, 16 is enough for the memory"], "memory", "16GB"),
        (["postgres with 32GB and 500GB disk", "200 is enough for the disk"], "disk", "200GB"),
        (["vm with 8 cores and 16GB", "4 will do for the cores"], "cpu", "4"),
        (["vm with 8 cores and 16GB", "hmm, 4 is plenty for cpu"], "cpu", "4"),
        (["vm with 8 cores and 16GB", "for memory, 8 should do"], "memory", "8GB"),
        (["mysql with 4GB", "try it with 16GB", "no, too much. back to 4"], "memory", "4GB"),
        (["mysql with 4GB", "make it 16GB", "that's too much, go back to 4"], "memory", "4GB"),
        (["vm with 2 cores", "give it 8 cores", "too many, back to 2 please"], "cpu", "2"),
        (["redis with 1GB", "give it 4 gigs", "ok back to 1GB"], "memory", "1GB"),
    ],
)
def test_a_bare_figure_is_of_what_is_named_or_was_set_last(
    interpreter: Interpreter, turns: list[str], path: str, value: str
) -> None:
    draft, read = held(interpreter, turns)
    assert (len(draft.resources), read.question) == (1, None)
    assert str(getattr(draft.resources[0].specs, path)) == value


@pytest.mark.parametrize(
    ("first", "said", "workers"),
    [
        ("k8s cluster with 3 masters and 3 workers", "we'll need more workers, make it 6", 6),
        ("k8s cluster with 3 masters and 3 workers", "I'd like more workers, let's say 5", 5),
        ("k8s cluster with 3 masters and 3 workers", "three workers aren't enough, we need 6", 6),
        ("k8s cluster with 3 masters and 5 workers", "fewer workers, we only need 4", 4),
        ("k8s cluster with 3 masters and 3 workers", "we need 2 more workers", 5),
    ],
)
def test_more_workers_are_those_of_the_cluster(
    interpreter: Interpreter, first: str, said: str, workers: int
) -> None:
    draft, _ = held(interpreter, [first, said])
    assert (len(draft.resources), draft.resources[0].specs.workers) == (1, workers)


@pytest.mark.parametrize(
    "said",
    [
        "remove one of the three vms",
        "delete two of the three machines",
        "get rid of one of these three servers",
        "remove one of those vms",
        "drop one of the vms",
    ],
)
def test_which_of_several_is_asked_before_any_goes(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, [said], _THREE)
    assert (len(draft.resources), bool(read.question)) == (3, True)
    draft, read = held(interpreter, [said, "the blue one"], _THREE)
    assert (names_of(draft), read.question) == (["red", "green"], None)


@pytest.mark.parametrize("said", ["make one of them bigger", "make two of them smaller"])
@pytest.mark.parametrize("before", [(), ("which machines are there?",)])
def test_how_much_bigger_is_asked_and_nothing_counted(
    interpreter: Interpreter, said: str, before: tuple[str, ...]
) -> None:
    draft, read = held(interpreter, [*before, said], _THREE)
    assert (draft, bool(read.question)) == (_THREE, True)


@pytest.mark.parametrize(
    ("turns", "backends"),
    [
        (["4 web vms", "now stick a load balancer in front of them"], [4]),
        (["3 web vms", "put a load balancer in front of the web servers"], [3]),
        (["2 web servers and a load balancer", "add a load balancer"], [2]),
        (["2 web servers and a load balancer", "add another load balancer"], [2, 2]),
        (["2 web servers and a load balancer", "add a second load balancer"], [2, 2]),
        (["2 web servers", "a load balancer called edge in front of them"], [2, 2]),
        (["2 web vms", "add 3 api vms", "put a load balancer in front of the api vms"], [2, 3]),
        (["2 web vms", "add 3 api vms", "and a load balancer in front of them"], [2, 3]),
        (["3 nginx servers", "we need a load balancer before them"], [3]),
    ],
)
def test_a_load_balancer_that_is_there_is_not_made_again(
    interpreter: Interpreter, turns: list[str], backends: list[int]
) -> None:
    draft, read = held(interpreter, turns)
    found = [len(r.backends) for r in draft.resources if r.type == "load_balancer"]
    assert (found, read.question) == (backends, None)


@pytest.mark.parametrize(
    ("first", "said", "limit"),
    [
        ("2 vms, budget is 200 a month", "finance gave us a bit more, the limit is 350 now", 350),
        ("2 vms, budget is 200 a month", "the limit is now 350", 350),
        ("2 vms, max $600 a month", "ok raise the ceiling to 850", 850),
        ("2 vms, max $600 a month", "lower the cap to 300", 300),
        ("2 vms, max $600 a month", "good news, the ceiling is 900 from now on", 900),
        ("2 vms, max $600 a month", "is the limit still 500?", 600),
    ],
)
def test_a_limit_is_that_of_the_costs_where_there_is_one(
    interpreter: Interpreter, first: str, said: str, limit: float
) -> None:
    draft, _ = held(interpreter, [first, said])
    assert draft.constraints is not None
    assert (len(draft.resources), draft.constraints.max_monthly_cost) == (2, limit)


@pytest.mark.parametrize(
    ("turns", "name", "memory"),
    [
        (["red and green need 4 cores", "and give the latter 16GB of memory"], "green", "16GB"),
        (["red and green need 4 cores", "the former needs 16GB"], "red", "16GB"),
        (["set green to 4 cores and red to 2", "the latter one gets 8GB"], "red", "8GB"),
        (["which is slower, red or blue?", "8GB for the former"], "red", "8GB"),
        (["red to 2 cores and blue to 2 cores. Also give the latter 8GB"], "blue", "8GB"),
    ],
)
def test_the_former_and_the_latter(
    interpreter: Interpreter, turns: list[str], name: str, memory: str
) -> None:
    draft, read = held(interpreter, turns, _THREE)
    sizes = {r.name: str(r.specs.memory) for r in draft.resources}
    assert (sizes, read.question) == ({**dict.fromkeys(sizes, "4GB"), name: memory}, None)


def test_the_latter_of_nobody_is_asked_about(interpreter: Interpreter) -> None:
    draft, read = held(interpreter, ["give the latter 16GB"], _THREE)
    assert (draft, bool(read.question)) == (_THREE, True)


@pytest.mark.parametrize(
    "said",
    [
        "skip the cache, our framework handles that",
        "leave out the redis, the framework does caching",
        "the redis goes away, the app keeps it in its memory",
        "we won't need the redis",
        "drop the cache: our hosting company runs that",
        "remove the redis, we have postgres for that",
        "redis can go - the provider hosts one for us",
        "the cache is going away soon",
        "the redis won't be needed",
    ],
)
def test_what_others_do_is_the_reason_and_nothing_else(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, ["a vm, a postgres and a redis", said])
    assert (names_of(draft), read.question) == (["vm-1", "db-1"], None)


@pytest.mark.parametrize(
    "said",
    [
        "what happens if the redis goes away?",
        "the redis goes down every night",
        "the redis goes to 4GB",
        "if redis goes away, what breaks?",
    ],
)
def test_what_goes_somewhere_stays(interpreter: Interpreter, said: str) -> None:
    draft, _ = held(interpreter, ["a vm, a postgres and a redis", said])
    assert names_of(draft) == ["vm-1", "db-1", "cache-1"]


def test_a_name_may_be_a_verb_of_talking(interpreter: Interpreter) -> None:
    draft, _ = held(interpreter, ["a vm called git and a vm called chat", "chat goes away"])
    assert names_of(draft) == ["git"]


@pytest.mark.parametrize(
    "said",
    [
        "I need an elasticsearch... no, let's first have a plain postgres with 4GB",
        "I'd like an elasticsearch. no, let's start with a postgres, 4GB",
        "give me a mongodb, no, better a postgres with 4GB",
        "I need a mysql, hmm no, let's have a postgres with 4GB instead",
    ],
)
def test_the_last_word_of_second_thoughts_counts(interpreter: Interpreter, said: str) -> None:
    draft, _ = held(interpreter, [said])
    made = [(r.engine, str(r.specs.memory)) for r in draft.resources]
    assert made == [("postgresql", "4GB")]


@pytest.mark.parametrize(
    "said",
    [
        "Actually, let's do it on docker instead",
        "hm, can we do that on docker instead?",
        "let's run all of this on docker",
        "I'd rather have everything on docker",
        "let's go with docker for this",
    ],
)
def test_all_of_it_somewhere_else(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, ["a gitea and a postgres on proxmox", said])
    assert (draft.engine, len(draft.resources), read.question) == ("docker", 2, None)


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ("does anybody use the blue vm? I don't think so", "just take it out of the blueprint"),
        ("who uses blue?", "ok get it out of there"),
        ("is blue still needed?", "then strike it out of the plan"),
        ("what is there?", "please take blue out of the draft"),
    ],
)
def test_what_is_taken_out_of_the_draft(interpreter: Interpreter, before: str, said: str) -> None:
    draft, read = held(interpreter, [before, said], _THREE)
    assert (names_of(draft), read.question) == (["red", "green"], None)


@pytest.mark.parametrize(
    "said",
    ["check that, version 16 please", "strike that, version 16", "no, check that: version 16"],
)
def test_what_is_struck_is_said_anew(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, ["we'll want postgres 14 for the billing app", said])
    assert ([r.version for r in draft.resources], read.question) == (["16"], None)


@pytest.mark.parametrize("said", ["check that", "check that it works", "check that, please"])
def test_checking_changes_nothing(interpreter: Interpreter, said: str) -> None:
    _, read = held(interpreter, ["postgres 14", said])
    assert not read.edits


@pytest.mark.parametrize(
    "said",
    [
        "which by the way should have 50GB storage",
        "which needs 50GB of disk",
        "and which will need 50GB of storage",
    ],
)
def test_which_goes_on_about_the_last(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, ["a vm", "plus a mysql", said])
    assert (str(draft.resources[1].specs.disk), read.question) == ("50GB", None)


@pytest.mark.parametrize(
    ("turns", "sizes"),
    [
        (["give red 16GB", "put red back to what it was"], ["4GB", "4GB"]),
        (["give red 16GB", "no, I meant blue! put red back to what it was"], ["4GB", "16GB"]),
        (["give red 16GB", "blue to 8 cores", "reset red to how it was before"], ["4GB", "4GB"]),
        (["both need 16GB", "leave blue as it was"], ["16GB", "4GB"]),
        (["both need 16GB", "red should stay as it was"], ["4GB", "16GB"]),
        (["both need 16GB", "set red back to its old size please"], ["4GB", "16GB"]),
    ],
)
def test_one_is_as_it_was_before(
    interpreter: Interpreter, turns: list[str], sizes: list[str]
) -> None:
    draft, read = held(interpreter, ["two VMs called red and blue with 4GB", *turns])
    assert ([str(r.specs.memory) for r in draft.resources], read.question) == (sizes, None)


def test_what_was_before_the_conversation_is_undone_or_asked_about(
    interpreter: Interpreter,
) -> None:
    draft, read = held(interpreter, ["give red 16GB", "put red back to what it was"], _THREE)
    assert (draft, read.intent) == (_THREE, Intent.UNDO)
    for said in ("no, I meant blue! put red back to what it was", "wrong one, I meant blue"):
        draft, read = held(interpreter, ["give red 16GB", said], _THREE)
        assert (bool(read.question), bool(read.edits)) == (True, False)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("I'm starting a small web shop, two debian VMs should do", 2),
        ("we run a bakery, one small VM should be enough for our site", 1),
        ("it's for a school. three ubuntu machines will do", 3),
        ("we test a lot, so four containers would suffice", 4),
    ],
)
def test_what_should_do_is_wanted(interpreter: Interpreter, said: str, number: int) -> None:
    draft, read = held(interpreter, [said])
    machines = [r for r in draft.resources if r.type in {"vm", "container", "service"}]
    assert (len(machines), read.question) == (number, None)


@pytest.mark.parametrize("said", ["would two VMs do?", "will one small VM be enough for a shop?"])
def test_whether_it_will_do_is_asked(interpreter: Interpreter, said: str) -> None:
    assert not interpreter.interpret(said).edits
