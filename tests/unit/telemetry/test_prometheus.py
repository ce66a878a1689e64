import subprocess
import sys
from pathlib import Path

import pytest

from alma.core.ports.telemetry import Sample
from alma.telemetry import Kind, Metric
from alma.telemetry.prometheus import OTHER, PrometheusMeters

ROOT = Path(__file__).parents[3]
TABLE = {
    metric.name: metric
    for metric in (
        Metric("things_total", Kind.COUNTER, "Things.", ("kind",)),
        Metric("waits_seconds", Kind.HISTOGRAM, "Waits.", (), (1.0, 2.0)),
        Metric("open_now", Kind.GAUGE, "Open."),
        Metric("standing", Kind.READ, "Standing.", ("place",)),
    )
}


def values(meters):
    return {(s.name, *sorted(s.labels.items())): s.value for s in meters.samples()}


def text(meters):
    return meters.exposition("text/plain")[0].decode().splitlines()


def test_what_is_counted_is_shown():
    meters = PrometheusMeters(table=TABLE)
    meters.count("things_total", kind="a")
    meters.count("things_total", 2, kind="a")
    meters.observe("waits_seconds", 1.5)
    meters.gauge("open_now", 5)
    meters.change("open_now", -2)
    shown = text(meters)
    assert 'things_total{kind="a"} 3.0' in shown
    assert 'waits_seconds_bucket{le="1.0"} 0.0' in shown
    assert 'waits_seconds_bucket{le="2.0"} 1.0' in shown
    assert "open_now 3.0" in shown


def test_the_order_of_labels_does_not_matter():
    table = {"two_total": Metric("two_total", Kind.COUNTER, "Two.", ("a", "b"))}
    meters = PrometheusMeters(table=table)
    meters.count("two_total", a="1", b="2")
    meters.count("two_total", b="2", a="1")
    assert 'two_total{a="1",b="2"} 2.0' in text(meters)


@pytest.mark.parametrize(
    ("name", "labels"), [("unheard_total", {}), ("things_total", {}), ("things_total", {"x": "y"})]
)
def test_what_the_table_does_not_declare_is_refused(name, labels):
    with pytest.raises(KeyError):
        PrometheusMeters(table=TABLE).count(name, **labels)


def test_a_label_with_ever_new_values_stays_bounded():
    meters = PrometheusMeters(table=TABLE)
    for number in range(2_000):
        meters.count("things_total", kind=str(number))
    kinds = [line for line in text(meters) if line.startswith("things_total{")]
    assert len(kinds) == 301
    assert f'things_total{{kind="{OTHER}"}} 1700.0' in kinds


def test_what_stands_elsewhere_is_read_at_each_scrape():
    class Place:
        value = 1.0

        def figures(self):
            return [Sample("standing", self.value, {"place": "here"})]

    meters, place = PrometheusMeters(table=TABLE), Place()
    meters.look_at(place)
    assert 'standing{place="here"} 1.0' in text(meters)
    place.value = 2.0
    assert 'standing{place="here"} 2.0' in text(meters)


def test_who_asks_for_openmetrics_gets_it():
    body, content_type = PrometheusMeters(table=TABLE).exposition("application/openmetrics-text")
    assert content_type.startswith("application/openmetrics-text")
    assert body.endswith(b"# EOF\n")


PART = """
import sys
from pathlib import Path
from tests.unit.telemetry.test_prometheus import TABLE, text
from alma.telemetry.prometheus import PrometheusMeters
meters = PrometheusMeters(table=TABLE, folder=Path(sys.argv[1]))
meters.count("things_total", kind="a")
meters.gauge("open_now", 4)
if sys.argv[2] == "stay":
    print("counted", flush=True)
    sys.stdin.readline()
else:
    print("\\n".join(text(meters)))
"""


def part(folder, what):
    return subprocess.Popen(
        [sys.executable, "-c", PART, str(folder), what],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def test_several_processes_are_one_and_the_dead_have_nothing_open(tmp_path):
    with part(tmp_path, "stay") as first:
        assert first.stdout.readline() == "counted\n"
        both = part(tmp_path, "show").communicate()[0].splitlines()
        first.communicate("\n")
    alone = part(tmp_path, "show").communicate()[0].splitlines()
    assert 'things_total{kind="a"} 2.0' in both
    assert "open_now 8.0" in both
    assert 'things_total{kind="a"} 3.0' in alone
    assert "open_now 4.0" in alone
