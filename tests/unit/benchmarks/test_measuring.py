"""A figure that people quote has to be the one that was measured."""

from __future__ import annotations

import json

import pytest

from benchmarks.measuring import Report, Row, Samples, as_markdown, as_text, machine


def row(alma: tuple[float, ...], baseline: tuple[float, ...], *, more: bool = False) -> Row:
    return Row("deploy", "s", alma, "compose", baseline, more)


def report(*rows: Row) -> Report:
    return Report("plan", "Planning", "python -m benchmarks.plan", rows, machine=machine())


def test_the_ratio_is_taken_turn_by_turn_so_that_a_slow_turn_of_both_does_not_count() -> None:
    found = row((2.0, 20.0, 2.0), (1.0, 10.0, 1.0))
    assert found.ratios == (2.0, 2.0, 2.0)


def test_the_printed_ratio_is_the_median_with_its_spread_and_its_direction() -> None:
    text = as_text(report(row((1.0, 2.0, 6.0), (1.0, 1.0, 2.0))))
    assert "2 (1 to 3, less is better)" in text


@pytest.mark.parametrize(("more", "best"), [(False, "2 s (1)"), (True, "2 s (3)")])
def test_the_best_sample_is_the_smallest_unless_more_is_better(more: bool, best: str) -> None:
    assert best in as_text(report(row((1.0, 3.0, 2.0), (1.0, 1.0, 1.0), more=more)))


def test_a_report_is_the_same_after_json() -> None:
    before = report(row((1.0, 2.0), (3.0, 4.0), more=True))
    assert Report.from_json(json.loads(json.dumps(before.as_json()))) == before


def test_a_document_gets_the_command_the_machine_and_the_reason_of_what_is_missing() -> None:
    skipped = Report("docker_deploy", "Docker", skipped="no Docker Engine was found")
    text = as_markdown([report(row((2.0,), (1.0,))), skipped])
    assert "| deploy | 2 s (2) | compose: 1 s (1) | 2 (less is better) |" in text
    assert "`python -m benchmarks.plan`" in text
    assert str(machine()["python"]) in text
    assert "Skipped: docker_deploy (no Docker Engine was found)." in text


def test_samples_of_a_turn_count_only_when_they_are_taken_over() -> None:
    kept, turn = Samples(), Samples()
    turn.add("raw", 1.0)
    assert not kept
    kept.take(turn)
    kept.take(turn)
    assert kept.of("raw") == (1.0, 1.0)


def test_a_document_says_how_busy_the_machine_was_for_each_of_its_figures() -> None:
    idle, busy = ({**machine(), "load": load} for load in (0.5, 7.5))
    figures = (row((2.0,), (1.0,)),)
    reports = [Report(name, "", "x", figures, machine=m) for name, m in (("a", busy), ("b", idle))]
    assert "load 0.5 to 7.5 at the start" in as_markdown(reports)
