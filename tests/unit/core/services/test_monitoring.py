import gc
from datetime import UTC, datetime

import pytest

from alma.core.model.errors import Forbidden
from alma.core.model.principal import LOCAL
from alma.core.ports.telemetry import Sample
from alma.core.services.monitoring import Monitoring, quantile
from tests.people import somebody

INFINITE = float("inf")


class Clock:
    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC)


class Measured:
    covers = "this process"

    def __init__(self):
        self.now = []

    def samples(self):
        return self.now

    def exposition(self, accept):
        raise NotImplementedError


class World:
    def __init__(self):
        self.seconds = 0.0
        self.measured = Measured()
        self.monitoring = Monitoring(self.measured, clock=Clock(), ticks=lambda: self.seconds)

    def after(self, seconds, requests):
        self.seconds += seconds
        labels = {"method": "GET", "endpoint": "/x", "status": "200"}
        self.measured.now = [Sample("http_requests_total", requests, labels)]
        self.monitoring.note()

    def requests(self):
        return self.monitoring.summary(LOCAL).requests


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 1.5), (0.25, 1.0), (0.95, 2.0), (0.1, 0.4), (1.0, 2.0)]
)
def test_a_quantile_lies_within_its_bucket(share, expected):
    # Two up to 1, another four up to 2, two beyond.
    buckets = {1.0: 2.0, 2.0: 6.0, INFINITE: 8.0}
    assert quantile(share, buckets) == pytest.approx(expected)


def test_nothing_observed_has_no_quantile():
    assert quantile(0.5, {1.0: 0.0, INFINITE: 0.0}) is None
    assert quantile(0.5, {}) is None


def test_rates_are_of_the_window_and_it_is_told():
    world = World()
    world.after(100, 50)
    assert (world.requests().total, world.requests().per_second) == (50, 0.5)
    world.after(250, 100)
    world.after(250, 220)
    summary = world.monitoring.summary(LOCAL)
    # The note at 100 s is the newest that is five minutes old.
    assert summary.window.seconds == 500
    assert summary.requests.total == 170
    assert summary.requests.per_second == 0.34
    assert (summary.window.until - summary.window.since).total_seconds() == 500


def test_a_counter_that_began_anew_counts_from_there():
    world = World()
    world.after(400, 50)
    world.after(400, 7)
    assert world.requests().total == 7


def test_errors_are_told_by_their_class_and_limits_apart():
    world = World()
    for status, number in (("200", 6), ("404", 1), ("429", 2), ("503", 1)):
        labels = {"method": "GET", "endpoint": "/x", "status": status}
        world.measured.now.append(Sample("http_requests_total", number, labels))
    world.seconds = 10
    requests = world.requests()
    assert requests.by_class == {"2xx": 6, "4xx": 3, "5xx": 1}
    assert requests.rate_limited == 2
    assert requests.server_error_share == 0.1


def test_without_anything_no_figure_is_invented():
    world = World()
    world.seconds = 10
    summary = world.monitoring.summary(LOCAL)
    assert summary.requests.latency.p95_ms is None
    assert summary.requests.server_error_share is None
    assert summary.endpoints == summary.tools == []


def test_who_may_not_read_metrics_is_refused():
    with pytest.raises(Forbidden):
        World().monitoring.summary(somebody("eve", role="viewer"))


def test_notes_of_a_window_share_the_names_of_what_they_counted():
    def names():
        gc.collect()
        return sum(("alone", "yes") in each for each in gc.get_objects() if type(each) is frozenset)

    world, kinds = World(), 200

    def note():
        world.seconds += 15
        world.measured.now = [
            Sample("http_requests_total", 1.0, {"kind": str(kind), "alone": "yes"})
            for kind in range(kinds)
        ]
        world.monitoring.note()

    for _ in range(15):
        note()

    assert names() == kinds
