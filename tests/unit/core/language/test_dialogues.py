"""Dialogues of several turns: what is taken back, repeated for another, or left out because everybody knows it. Each is
said in several ways; what counts is the draft after the last turn."""

from __future__ import annotations

from typing import Any

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.conversation import Intent
from tests.unit.core.language.conversing import held, kinds_of, shown


@pytest.mark.parametrize(
    "said",
    [
        "no wait, two",
        "sorry, two",
        "no, 2",
        "actually 2",
        "make that two",
        "two is enough",
        "2 would do",
        "just 2 of them please",
        "I meant two",
        "no, two vms",
        "2 actually, boss says 3 is too many",
        "3 is overkill, two will do",
        "hmm, only 2 though",
    ],
)
@pytest.mark.parametrize(
    "first", ["create 3 vms", "3 ubuntu vms", "I need three vms with 4GB each"]
)
def test_a_number_said_again_is_how_many_there_should_be(
    interpreter: Interpreter, first: str, said: str
) -> None:
    draft, read = held(interpreter, [first, said])
    assert (kinds_of(draft), read.question) == ({"vm": 2}, None)


@pytest.mark.parametrize(
    ("turns", "types"),
    [
        (["2 web servers and 3 workers", "no, 4 workers"], {"vm": 6, "load_balancer": 1}),
        (["one api VM and one postgres", "now with 2 api VMs", "now 3"], {"vm": 3, "database": 1}),
        (["2 app servers", "make that 4"], {"vm": 4}),
        (["2 app servers", "what does that cost?", "too expensive, make it 1"], {"vm": 1}),
        (["3 nginx containers", "thanks", "only 2 though"], {"container": 2}),
        (["spin up 2 workers and a postgres", "no, three"], {"vm": 3, "database": 1}),
    ],
)
def test_it_is_of_what_was_asked_for_last(
    interpreter: Interpreter, turns: list[str], types: dict[str, int]
) -> None:
    draft, read = held(interpreter, turns)
    assert (kinds_of(draft), read.question) == (types, None)


@pytest.mark.parametrize(
    ("turns", "name", "amounts"),
    [
        (["create postgres called orders-db with 100GB storage", "100 is not enough, 250GB"],
         "orders-db", {"disk": "250GB"}),
        (["VM w/ 2 vcpus 4 gigs, call it botty", "lol 4 gigs is way too much, 1 gig"], "botty", {"memory": "1GB"}),
        (['k8s cluster "edge" with 3 nodes and another "core" with 7 nodes', "core is too large, make it 5"],
         "core", {"nodes": 5}),
        (["a 5 node k8s cluster", "hm, 3 is enough"], "k8s-1", {"nodes": 3}),
        (["a vm with 2 cores and 8GB", "no, 16GB"], "vm-1", {"memory": "16GB", "cpu": 2}),
        (["a vm with 4GB and a db with 8GB", "the db is too small, make it 16GB"], "db-1", {"memory": "16GB"}),
        (["2 workers with 4GB and a db with 8GB", "4GB is overkill, 2 is enough"], "worker-2", {"memory": "2GB"}),
        (["3 ubuntu vms, 4GB each", "sorry, I meant 8GB"], "vm-3", {"memory": "8GB"}),
    ],
)  # fmt: skip
def test_an_amount_that_is_complained_of_is_found_where_it_is(
    interpreter: Interpreter, turns: list[str], name: str, amounts: dict[str, Any]
) -> None:
    draft, read = held(interpreter, turns)
    found = shown(draft)[name]
    assert ({key: found.get(key) for key in amounts}, read.question) == (amounts, None)


_FIRST = 'vm "build" with 8 cores and 16GB, ubuntu'


@pytest.mark.parametrize(
    ("said", "name", "amounts"),
    [
        ("and a second called build-b", "build-b", {"cpu": 8, "memory": "16GB"}),
        ("we want a 2nd one... call it build-b, same specs", "build-b", {"cpu": 8}),
        ('ok and another "build-b", identical', "build-b", {"memory": "16GB"}),
        ("another one just like it", "build-2", {"cpu": 8}),
        ("and a second one", "build-2", {"cpu": 8}),
        ("one more please", "build-2", {"memory": "16GB"}),
        (
            "same thing again for test but with half the memory, name build-test",
            "build-test",
            {"memory": "8GB"},
        ),
        ("now a copy of it called build-b with 4 cores", "build-b", {"cpu": 4, "memory": "16GB"}),
        ("I need another one for analytics with 32GB", "analytics", {"memory": "32GB", "cpu": 8}),
        ("another one for staging", "build-staging", {"cpu": 8}),
        ("can I get one more called p3?", "p3", {"cpu": 8}),
    ],
)
def test_one_more_is_a_copy_of_what_was_spoken_of(
    interpreter: Interpreter, said: str, name: str, amounts: dict[str, Any]
) -> None:
    draft, read = held(interpreter, [_FIRST, said])
    found = shown(draft)
    assert list(found) == ["build", name]
    assert {key: found[name].get(key) for key in amounts} == amounts
    assert (found["build"]["cpu"], found["build"]["memory"], read.question) == (8, "16GB", None)


def test_one_more_of_a_tier_is_behind_its_load_balancer(interpreter: Interpreter) -> None:
    draft, _ = held(interpreter, ["2 web servers", "and a third one"])
    assert sorted(shown(draft)["lb-1"]["backends"]) == ["web-1", "web-2", "web-3"]


def test_one_for_other_software_is_of_the_same_kind(interpreter: Interpreter) -> None:
    draft, _ = held(
        interpreter, ["Jellyfin in a container", "thanks!", "oh and one for Sonarr too"]
    )
    assert [(r.type, r.engine) for r in draft.resources] == [
        ("container", "jellyfin"),
        ("container", "sonarr"),
    ]


@pytest.mark.parametrize(
    "said",
    [
        "undo",
        "oops wrong one, undo",
        "stop, that was wrong, undo",
        "hm, no, restore it pls",
        "no no, bring it back",
        "my mistake, put it back",
        "that was a mistake, revert",
        "I want it back",
        "forget that",
        "never mind",
        "can you undo that please?",
        "Sorry, didn't mean that. Undo it please.",
    ],
)
def test_a_message_that_only_takes_back_is_an_undo(interpreter: Interpreter, said: str) -> None:
    draft, read = held(interpreter, ["two vms", "remove vm-1", said])
    assert (read.intent, kinds_of(draft)) == (Intent.UNDO, {"vm": 2})


@pytest.mark.parametrize("said", ["don't undo that", "undo what?", "bring it back next week"])
def test_what_only_speaks_of_it_is_none(interpreter: Interpreter, said: str) -> None:
    assert held(interpreter, ["two vms", "remove vm-1", said])[1].intent is not Intent.UNDO


def test_dropping_what_was_only_asked_about_changes_nothing(interpreter: Interpreter) -> None:
    turns = ["two vms and a postgres", "make the database bigger", "forget it"]
    assert held(interpreter, turns)[1].intent is Intent.SMALLTALK


@pytest.mark.parametrize(
    "said",
    [
        "start over please. one VM with 8GB, nothing more",
        "scrap that. I only want one vm with 8GB",
        "forget all of that, just one VM with 8GB",
        "Let's start from scratch: a vm with 8GB",
        "no, scrap everything. A single VM, 8GB",
        "ok clean slate: 1 vm 8GB",
    ],
)
def test_whoever_begins_again_wants_nothing_of_what_there_was(
    interpreter: Interpreter, said: str
) -> None:
    draft, read = held(interpreter, ["two web servers with nginx, one mysql", said])
    assert (kinds_of(draft), read.question) == ({"vm": 1}, None)


def test_scrapping_what_came_last_keeps_what_came_before(interpreter: Interpreter) -> None:
    turns = ["2 app servers", "add a redis", "scrap that, a memcached please"]
    draft, _ = held(interpreter, turns)
    assert kinds_of(draft) == {"vm": 2, "cache": 1}
    assert shown(draft)["cache-1"]["engine"] == "memcached"


@pytest.mark.parametrize(
    "said",
    [
        "my mistake, they use MySQL",
        "hmm colleagues say mysql would be better. swap it",
        "no, mysql",
        "oops I meant mysql",
        "actually mysql",
        "sorry, it should be MySQL",
        "turns out we have to use mysql",
        "wait, we use mysql everywhere",
    ],
)
def test_software_named_as_a_correction_takes_the_place_of_what_runs(
    interpreter: Interpreter, said: str
) -> None:
    draft, _ = held(interpreter, ["an api on 2 vms and a postgres with 16GB", said])
    assert kinds_of(draft)["database"] == 1
    assert (shown(draft)["db-1"]["engine"], shown(draft)["db-1"]["memory"]) == ("mysql", "16GB")


@pytest.mark.parametrize("said", ["and loki too", "plus loki", "also loki", "loki as well"])
def test_what_is_wanted_too_replaces_nothing(interpreter: Interpreter, said: str) -> None:
    draft, _ = held(interpreter, ["i want grafana and prometheus", said])
    assert {r.engine for r in draft.resources} == {"grafana", "prometheus", "loki"}


@pytest.mark.parametrize(
    ("turns", "name", "amounts"),
    [
        (["an app vm and a postgres", "add backups every night"], "db-1",
         {"backup": {"enabled": True, "schedule": "daily"}}),
        (["an app vm and a postgres", "backups weekly", "keep them for 90 days"], "db-1",
         {"backup": {"enabled": True, "schedule": "weekly", "retention_days": 90}}),
        (['vm "app" and a postgres', "give the app 4 cores", "and the db 8"], "db-1", {"cpu": 8}),
        (['vm "wp-miller" 4GB, vm "wp-jones" 4GB, vm "wp-garcia" 4GB', "jones needs 8GB"], "wp-jones",
         {"memory": "8GB"}),
        (['a windows vm with 8GB and a debian vm with 2GB', "the debian one with 4GB please"], "vm-2",
         {"memory": "4GB"}),
        (["postgres 14 with 50GB", "scratch that, we're on version 16 now"], "db-1",
         {"version": "16", "disk": "50GB"}),
        (["2 vms and a mysql", "I forgot the cache. Redis, 2GB."], "cache-1", {"engine": "redis", "memory": "2GB"}),
        (["an app vm and a postgres", "rename the postgres to pg-main", "and the vm to app-main"], "app-main",
         {"type": "vm"}),
    ],
)  # fmt: skip
def test_what_is_left_out_is_what_was_said_before(
    interpreter: Interpreter, turns: list[str], name: str, amounts: dict[str, Any]
) -> None:
    draft, read = held(interpreter, turns)
    found = shown(draft)[name]
    assert ({key: found.get(key) for key in amounts}, read.question) == (amounts, None)


@pytest.mark.parametrize(
    ("turns", "types"),
    [
        (["2 web servers and 3 workers", "make it 5 workers", "and 4 web servers"], {"vm": 9, "load_balancer": 1}),
        (["2 app vms and a postgres and a redis", "remove the redis", "and the postgres"], {"vm": 2}),
        (["2 app vms and a postgres", "Postgres not needed, the DBA team gives us one."], {"vm": 2}),
    ],
)  # fmt: skip
def test_an_order_goes_on_with_the_verb_before_it(
    interpreter: Interpreter, turns: list[str], types: dict[str, int]
) -> None:
    draft, read = held(interpreter, turns)
    assert (kinds_of(draft), read.question) == (types, None)


@pytest.mark.parametrize("said", ["danke", "merci!", "Danke schön", "gracias", "ok grazie"])
def test_a_word_of_thanks_in_any_language_is_one(interpreter: Interpreter, said: str) -> None:
    assert held(interpreter, ["a vm", said])[1].intent is Intent.SMALLTALK


@pytest.mark.parametrize(
    ("turns", "name", "amounts"),
    [
        (["a postgres db with 8GB", "hmm better 16"], "db-1", {"memory": "16GB"}),
        (["create redis with 2GB", "is that enough for sessions?", "let's say 4"], "cache-1", {"memory": "4GB"}),
        (["a server with 100GB", "no 500"], "vm-1", {"disk": "500GB"}),
        (["two debian boxes", "give the first one 8GB", "and the second 16"], "vm-2", {"memory": "16GB"}),
        (["I'd like a VM", "Ubuntu 24.04"], "vm-1", {"image": "ubuntu-24.04"}),
        (["a vm with 100GB disk", "make it 200", "no, 300"], "vm-1", {"disk": "300GB"}),
    ],
)  # fmt: skip
def test_a_bare_number_is_in_the_unit_of_the_amount_it_corrects(
    interpreter: Interpreter, turns: list[str], name: str, amounts: dict[str, Any]
) -> None:
    draft, read = held(interpreter, turns)
    found = shown(draft)[name]
    assert ({key: found.get(key) for key in amounts}, read.question) == (amounts, None)


@pytest.mark.parametrize(
    ("turns", "types"),
    [
        (["3 app servers", "make that 5", "actually no, 4 is fine"], {"vm": 4}),
        (["5 vms", "remove two of them"], {"vm": 3}),
        (["nextcloud with postgres and redis", "no redis"], {"service": 1, "database": 1}),
        (["2 vms", "no wait, three", "hmm two was right"], {"vm": 2}),
    ],
)
def test_corrections_may_follow_each_other(
    interpreter: Interpreter, turns: list[str], types: dict[str, int]
) -> None:
    draft, read = held(interpreter, turns)
    assert (kinds_of(draft), read.question) == (types, None)


@pytest.mark.parametrize(
    ("turns", "name", "amounts"),
    [
        (["one postgres, 8GB, 100GB ssd", "bump ram to 16", "also the disk, 200"], "db-1",
         {"memory": "16GB", "disk": "200GB"}),
        (["add 3 workers with 2GB each", "bigger: 4GB"], "worker-1", {"memory": "4GB"}),
        (["I need a server", "how many cores do I get?", "4 please"], "vm-1", {"cpu": 4}),
        (["web server with nginx", "apache instead", "hmm no, nginx was ok"], "web-1", {"engine": "nginx"}),
        (["mongo + node app", "what about redis for caching?", "ok add it"], "cache-1", {"engine": "redis"}),
        (["gitea with postgres", "lets have the db at 4GB"], "db-1", {"memory": "4GB"}),
    ],
)  # fmt: skip
def test_what_was_asked_about_or_said_before_completes_a_short_answer(
    interpreter: Interpreter, turns: list[str], name: str, amounts: dict[str, Any]
) -> None:
    draft, read = held(interpreter, turns)
    found = shown(draft)[name]
    assert ({key: found.get(key) for key in amounts}, read.question) == (amounts, None)


def test_one_of_two_that_were_spoken_of_together_is_asked_for(interpreter: Interpreter) -> None:
    turns = ['postgres "p1" and postgres "p2"', "delete the db"]
    draft, read = held(interpreter, turns)
    assert read.question is not None
    assert kinds_of(draft) == {"database": 2}
    assert list(shown(held(interpreter, [*turns, "p2"])[0])) == ["p1"]


def test_taking_back_an_order_to_destroy_leaves_the_draft(interpreter: Interpreter) -> None:
    draft, read = held(interpreter, ["one VM called tools", "destroy it", "hm, no, restore it pls"])
    assert (read.intent, kinds_of(draft)) == (Intent.ROLLBACK, {"vm": 1})
    assert read.question is not None


def test_never_mind_after_a_removal_brings_it_back(interpreter: Interpreter) -> None:
    draft, _ = held(interpreter, ["2 vms and a redis", "remove the redis", "never mind"])
    assert kinds_of(draft) == {"vm": 2, "cache": 1}
