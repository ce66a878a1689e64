"""Load becomes sizes by arithmetic that a person can check, and more load never gives less."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alma.config import load_capacity
from alma.core.economics.capacity import CapacityModel, percentile_wait, size_for
from alma.core.model.sizing import Load, Sizing
from alma.core.model.units import Size

MODEL = load_capacity()


def sized(**load: object) -> Sizing:
    return size_for(Load.model_validate(load), model=MODEL)


def changed(**traffic: float) -> CapacityModel:
    document = MODEL.model_dump(mode="json")
    return CapacityModel.model_validate({**document, "traffic": {**document["traffic"], **traffic}})


def test_a_million_users_worked_by_hand() -> None:
    # 1,000,000 users, a fifth of them active, 1.5 visits of 30 requests: 104.2 a second, at the peak 416.7. A request
    # takes 3.47 ms: 1.45 cores, at 60 % 2.41, so 3 and a spare. Ten queries of 146 us: 0.61 cores, at 60 % 1.01, so 2.
    found = sized(users=1_000_000)
    assert found.requests_per_second == pytest.approx(416.7, abs=0.05)
    assert (found.app_servers, found.app_cpu) == (4, 1)
    assert (found.database_cpu, found.database_memory) == (2, Size("8GB"))


def test_the_working_is_what_a_person_would_write_down() -> None:
    assert sized(users=5_000).working[:2] == (
        "5,000 users × 20 % active a day × 1.5 visits × 30 requests ÷ 86,400 s = 0.521 requests/s on average",
        "× 4 at the busiest time = 2.08 requests/s",
    )
    busy, servers, _, database = sized(users=1_000_000).working[3:]
    assert busy == "417/s × 3.47 ms = 1.45 cores busy; ÷ 60 % = 2.41, so 3 cores"
    assert servers == "3 × 1 vCPU at work + 1 spare = 4 servers"
    assert database == (
        "database: 417/s × 10 queries × 0.146 ms = 0.608 cores busy; ÷ 60 % = 1.01, so 2 cores, × 4 GB"
    )


def test_requests_a_second_are_taken_as_the_busiest_time_and_no_user_is_assumed() -> None:
    found = sized(requests_per_second=200)
    assert found.requests_per_second == 200
    assert found.working[0] == "200 requests/s, taken as the busiest time"
    assert not any("daily active" in said for said in found.assumptions)
    assert sized(users=1, requests_per_second=200) == found


def test_a_small_load_has_a_spare_server_all_the_same() -> None:
    assert sized(users=10).app_servers == 2


@pytest.mark.parametrize(("spare", "servers"), [(0, 3), (2, 5)])
def test_there_are_as_many_spare_servers_as_the_model_says(spare: int, servers: int) -> None:
    assert (
        size_for(Load(users=1_000_000), model=changed(spare_servers=spare)).app_servers == servers
    )


def test_servers_get_bigger_before_they_get_many() -> None:
    # 700/s take 4.05 cores, so 5: five of one core are more than four, three of two cores are not.
    document = MODEL.model_dump(mode="json")
    shapes = document["servers"] | {"cores": [8, 1, 2]}
    found = size_for(
        Load(requests_per_second=700),
        model=CapacityModel.model_validate({**document, "servers": shapes}),
    )
    assert (found.app_servers, found.app_cpu, found.app_memory) == (4, 2, Size("3GB"))


@pytest.mark.parametrize(("servers", "milliseconds"), [(3, 12.4), (4, 3.6), (5, 0.6)])
def test_waiting_follows_erlang_c(servers: int, milliseconds: float) -> None:
    assert percentile_wait(416.7, 0.005, servers) * 1000 == pytest.approx(milliseconds, abs=0.05)


def test_with_one_server_erlang_c_is_the_formula_for_a_single_queue() -> None:
    # M/M/1: P(W > t) = u e^(-(1-u) t/D), solved for 5 %.
    use, demand = 0.8, 0.01
    expected = demand / (1 - use) * math.log(use / 0.05)
    assert percentile_wait(use / demand, demand, 1) == pytest.approx(expected)


def test_servers_that_cannot_keep_up_make_people_wait_for_ever() -> None:
    assert percentile_wait(300, 0.01, 3) == math.inf


@given(st.integers(1, 10**9), st.integers(0, 10**9))
def test_more_users_never_get_less(users: int, more: int) -> None:
    less, much = sized(users=users), sized(users=users + more)
    assert (less.app_servers - 1) * less.app_cpu <= (much.app_servers - 1) * much.app_cpu
    assert less.app_servers * less.app_cpu <= much.app_servers * much.app_cpu
    assert less.database_cpu <= much.database_cpu
    assert less.database_memory <= much.database_memory


@given(st.floats(0.001, 10**5), st.floats(3.5, 100), st.floats(0, 100))
def test_less_time_never_gets_fewer_cores_and_the_time_is_kept(
    requests: float, time: float, more: float
) -> None:
    quick = sized(requests_per_second=requests, response_ms=time)
    slow = sized(requests_per_second=requests, response_ms=time + more)
    assert (quick.app_servers - 1) * quick.app_cpu >= (slow.app_servers - 1) * slow.app_cpu
    assert quick.meets_response
    assert quick.waiting_ms + 3.47 <= time + 0.001


def test_a_time_shorter_than_the_work_is_told_as_out_of_reach() -> None:
    found = sized(requests_per_second=200, response_ms=1)
    assert not found.meets_response
    assert any("can't be kept by more servers" in line for line in found.working)
    assert found.app_servers == sized(requests_per_second=200).app_servers


def test_software_that_takes_longer_needs_more() -> None:
    django = sized(requests_per_second=2000, software="django")
    usual = sized(requests_per_second=2000)
    assert django.app_servers * django.app_cpu > usual.app_servers * usual.app_cpu
    assert "Django" in django.working[1]


def test_software_nobody_measured_is_taken_as_the_usual_one() -> None:
    assert sized(users=10**6, software="cobol") == sized(users=10**6)


def test_every_assumption_is_listed_with_where_it_comes_from() -> None:
    found = sized(users=1_000_000)
    for name in ("daily active share 0.2", "peak factor 4", "business logic factor 10"):
        (said,) = [said for said in found.assumptions if said.startswith(name)]
        assert len(said) > len(name) + 10
    assert any("measured" in said for said in found.assumptions)


def test_what_a_wrong_assumption_would_change_is_worked_out_the_heaviest_first() -> None:
    first, *others = sized(users=1_000_000).sensitivity
    assert "requests at the busiest hour" in first
    twice = size_for(Load(users=1_000_000), model=changed(peak_factor=8))
    (said,) = [line for line in others if "twice the peak factor" in line]
    assert said.endswith(
        f": {twice.app_servers} servers of {twice.app_cpu} vCPU, a database of {twice.database_cpu}"
    )
    assert others[0] == said


def test_where_no_assumption_matters_that_is_said() -> None:
    assert "none of the assumptions changes the sizes" in sized(users=100).sensitivity[1]


def test_a_measured_figure_replaces_the_assumption() -> None:
    measured = size_for(Load(users=1_000_000), model=changed(business_logic_factor=1))
    assert measured.app_servers == 2


def test_a_database_beyond_one_machine_is_told_so() -> None:
    assert any(
        "more than one machine" in said for said in sized(requests_per_second=10**6).assumptions
    )


@pytest.mark.parametrize(
    "load", [{}, {"users": 0}, {"requests_per_second": -1}, {"requests_per_second": math.inf}]
)
def test_a_load_that_is_none_is_refused(load: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Load.model_validate(load)


@pytest.mark.parametrize(
    "change", [{"target_utilisation": 0}, {"target_utilisation": 1}, {"spare_servers": 0.5}]
)
def test_a_model_that_can_not_be_computed_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValidationError, match=next(iter(change))):
        changed(**change)
