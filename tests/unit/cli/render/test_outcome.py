"""The last lines of a deployment say where it answers, what was proved, or what went wrong and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from alma.cli.render.outcome import check_counts, render_outcome
from tests.unit.cli.render.reading import text_of


def deployment(status: str = "succeeded", **more: Any) -> Any:
    return {
        "id": "3f2a9c1b-0000-4000-8000-000000000000",
        "ipr_id": 7,
        "status": status,
        "kind": "deploy",
        "engine": "docker",
        "stack": "shop",
        "stack_id": "s-1",
        "error": None,
        "endpoints": {},
        "created_at": "2026-01-31T10:00:00+00:00",
        "finished_at": "2026-01-31T10:01:05+00:00",
        "cancel_requested": False,
        "checks": [],
        **more,
    }


def check(address: str, name: str, *, passed: bool = True) -> Any:
    return {"address": address, "name": name, "passed": passed, "detail": f"{name} said so"}


def test_success_names_the_endpoints_and_each_resource_once() -> None:
    done = deployment(
        endpoints={"lb": ["http://localhost:8080"]},
        checks=[check("web", "running"), check("web", "http :80/")],
    )
    text = text_of(render_outcome(done))
    assert text.splitlines()[0] == "✓ Deployed shop on docker in 1:05"
    assert "lb  http://localhost:8080" in text
    assert "✓  web  running, http :80/" in text


def test_failure_names_the_reason_the_next_step_and_the_log() -> None:
    error = {"code": "change_rejected", "message": "no space left", "hint": "free some"}
    text = text_of(render_outcome(deployment("rolled_back", error=error)))
    assert text.splitlines() == [
        "✗ Deploying shop on docker failed; what was done is undone in 1:05",
        "  no space left",
        "  hint: free some",
        "  the log: alma deployments logs 3f2a9c1b",
    ]


def test_a_moved_plan_shows_what_moved() -> None:
    error = {
        "code": "plan_stale",
        "message": "the plan moved",
        "hint": None,
        "details": {"differences": ["web: create became no-op"]},
    }
    text = text_of(render_outcome(deployment("failed", error=error)))
    assert "- web: create became no-op" in text
    assert "hint: alma iprs replan 7" in text


def test_an_incomplete_rollback_is_not_hidden() -> None:
    error = {
        "code": "change_rejected",
        "message": "refused",
        "hint": None,
        "rollback": {"message": "'db' is locked"},
    }
    text = text_of(render_outcome(deployment("failed", error=error)))
    assert "Not everything could be undone: 'db' is locked" in text


def test_failed_checks_are_shown_with_what_came_back() -> None:
    checks = [check("web", "running"), check("db", "pg_isready", passed=False)]
    text = text_of(render_outcome(deployment("failed", checks=checks)))
    assert "✗  db  pg_isready  pg_isready said so" in text
    assert "running" not in text


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("destroy", "succeeded", "✓ Destroyed shop on docker"),
        ("deploy", "cancelled", "■ Cancelled the deployment of shop on docker"),
        ("destroy", "failed", "✗ Destroying shop on docker failed"),
    ],
)
def test_each_end_has_its_words(kind: str, status: str, words: str) -> None:
    text = text_of(render_outcome(deployment(status, kind=kind)))
    assert text.startswith(words)


def test_checks_are_counted() -> None:
    assert check_counts([check("a", "x"), check("b", "y", passed=False)]) == (1, 2)
