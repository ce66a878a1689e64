import json
import re

import pytest

from alma.telemetry import TABLE
from tests.monitoring import DASHBOARD, ROOT, alerts, known, metrics_in, queries

EXPRESSIONS = [*queries(), *alerts()]


@pytest.mark.parametrize(("name", "expression"), EXPRESSIONS, ids=[n for n, _ in EXPRESSIONS])
def test_every_query_asks_for_what_there_is(name, expression):
    asked = metrics_in(expression)
    assert asked
    assert {metric for metric in asked if not known(metric)} == set()


def test_a_misspelt_name_would_be_found():
    assert not known("http_request_total")
    assert not known("http_request_duration_seconds_buckets")
    assert metrics_in('sum by (a) (rate(one_total{b="c"}[5m])) / on (d) two') == {
        "one_total",
        "two",
    }


def test_the_dashboard_shows_every_metric_but_those_that_another_says():
    shown = " ".join(expression for _, expression in queries())
    assert {name for name in TABLE if not re.search(rf"\b{name}(_bucket|_sum)?\b", shown)} == set()


def test_panels_do_not_lie_on_each_other_and_say_what_they_show():
    taken = set()
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        at = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(at["x"], at["x"] + at["w"])
            for y in range(at["y"], at["y"] + at["h"])
        }
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert panel["type"] == "row" or panel["description"].endswith(".")


def test_rows_are_those_that_operators_look_for():
    rows = [p["title"] for p in json.loads(DASHBOARD.read_text())["panels"] if p["type"] == "row"]
    wanted = ("Requests", "Latency", "Errors", "Limits", "Deployments", "Engines")
    assert [row for row in rows if row in wanted] == list(wanted)
    assert {"Language models", "Tools and blueprints", "Database", "Workers"} <= set(rows)


@pytest.mark.parametrize("alert", [name for name, _ in alerts()])
def test_every_alert_is_explained(alert):
    assert f"`{alert}`" in (ROOT / "docs" / "monitoring.md").read_text()
