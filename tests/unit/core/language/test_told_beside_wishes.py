"""First requests that say a thing twice, or tell beside the wish who it is for and what happened: made once."""

from __future__ import annotations

from collections import Counter

import pytest

from alma.core.language.interpreter import Interpreter
from alma.core.model.blueprint import Blueprint
from tests.unit.core.language.conversing import held


def _made(interpreter: Interpreter, said: str) -> Blueprint:
    blueprint, _ = held(interpreter, [said])
    assert blueprint is not None, said
    return blueprint


def _kinds(blueprint: Blueprint) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for resource in blueprint.resources:
        kinds[str(resource.type)] += resource.count
    return dict(kinds)


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("three build agents, debian machines with 4 cores", {"vm": 3}),
        ("We need six render nodes, Rocky VMs, 32GB apiece", {"vm": 6}),
        ("two mail servers called mx1 and mx2, debian containers, 2GB each", {"container": 2}),
        ("a build server, an ubuntu VM with 16 cores", {"vm": 1}),
        ("a bastion called jump, small debian VM", {"vm": 1}),
        ("three database servers, debian VMs, 32GB each", {"database": 3}),
        ("a build server, a debian VM and a postgres", {"vm": 2, "database": 1}),
        ("a mail server, a VM", {"vm": 2}),
        ("four CI runners and two ubuntu VMs", {"vm": 6}),
        ("four CI runners, two ubuntu VMs with 8 cores", {"vm": 6}),
        ("We need a ticket system. Zammad on a VM with 8GB.", {"vm": 1}),
        ("Time tracking please. Kimai on a VM, 2 cores, plus a MariaDB.", {"vm": 1, "database": 1}),
        ("A Jitsi server please. 30 teachers, 8 cores is fine.", {"vm": 1}),
        ("Can you set up Redmine? Twelve employees, 8GB will do.", {"service": 1}),
        ("Last Christmas we went down with 2 servers. I want 6 app servers.", {"vm": 6}),
        ("Two years ago one server was enough. Today we need 5 app servers.", {"vm": 5}),
        ("two app servers, better three, and a MySQL", {"vm": 3, "database": 1}),
    ],
)
def test_what_is_told_twice_or_beside_a_wish_is_made_once(
    interpreter: Interpreter, said: str, kinds: dict[str, int]
) -> None:
    assert _kinds(_made(interpreter, said)) == kinds


@pytest.mark.parametrize(
    ("said", "memory"),
    [
        ("mysql with 4GB, hm, rather 8GB", "8GB"),
        ("redis with 1GB - mmh, better 2GB, sessions are big", "2GB"),
        ("postgres with 16GB, the reports are heavy", "16GB"),
        ("mariadb with 16GB, better safe than sorry", "16GB"),
        ("three VMs with 8GB, no, better 16GB each", "16GB"),
    ],
)
def test_the_better_amount_holds_and_its_reason_adds_nothing(
    interpreter: Interpreter, said: str, memory: str
) -> None:
    resources = _made(interpreter, said).resources
    assert {str(r.specs.memory) for r in resources} == {memory}
    assert not any(r.specs.disk for r in resources)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("The board gave us 2,500 dollars a month for the site. I want two VMs.", 2500),
        ("We were granted $3,000 per month for the portal. I imagine four app servers.", 3000),
        ("what I have is 6000 a year and no more. two small linux VMs, go", 500),
        ("All I can spend is 2400 a year. A WordPress and a MySQL.", 200),
        ("Management approved 600 a month: two VMs and MySQL", 600),
        ("Plan for 500 a month, actually finance just said 400. Two VMs.", 400),
        ("Not a penny above 150 a month. Two VMs and a Redis.", 150),
        ("We pay 900 a month today for a mess. I want two VMs.", None),
        ("We sell 400 a month and plan to grow. Two VMs please.", None),
        ("Our shop gets 5000 visitors a month. Two VMs please.", None),
    ],
)
def test_what_is_given_for_it_limits_what_it_costs(
    interpreter: Interpreter, said: str, most: float | None
) -> None:
    constraints = _made(interpreter, said).constraints
    assert (constraints.max_monthly_cost if constraints else None) == most


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("Two VMs. We deliberately don't want a load balancer.", {"vm": 2}),
        ("Laravel and MySQL. I really don't want any Redis.", {"vm": 1, "database": 1}),
        ("One VM. We certainly don't need a database.", {"vm": 1}),
        ("One VM. We only want a database beside it.", {"vm": 1, "database": 1}),
    ],
)
def test_what_is_firmly_unwanted_is_not_made(
    interpreter: Interpreter, said: str, kinds: dict[str, int]
) -> None:
    assert _kinds(_made(interpreter, said)) == kinds
