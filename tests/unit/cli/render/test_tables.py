"""Tables are for people and for `cut`: headings, columns, no frames."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from alma.cli.render.tables import ago, blueprint_table, changes, table
from tests.unit.cli.render.reading import text_of


def test_columns_are_as_wide_as_they_need() -> None:
    text = text_of(table(["ID", "TITLE"], [(1, "first"), (22, "[bold]second[/bold]")]))
    assert text.splitlines() == ["ID  TITLE", "1   first", "22  [bold]second[/bold]"]


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("2026-01-31T12:00:00+00:00", "just now"),
        ("2026-01-31T11:55:00+00:00", "5 min ago"),
        ("2026-01-31T09:00:00+00:00", "3 h ago"),
    ],
)
def test_recent_moments_are_told_by_their_distance(then: str, words: str) -> None:
    assert ago(then, now=datetime(2026, 1, 31, 12, 0, tzinfo=UTC)) == words


def test_older_moments_are_told_by_their_date() -> None:
    assert ago("2025-12-24T12:00:00+00:00").startswith("2025-12-24 ")


def test_changes_are_counted_by_sign() -> None:
    assert changes({"added": ["a", "b"], "modified": [], "removed": ["c"]}) == "+2 ~0 -1"


def test_a_blueprint_shows_how_many_of_what_and_how_big() -> None:
    blueprint = {
        "name": "shop",
        "resources": [
            {
                "name": "web",
                "type": "vm",
                "count": 2,
                "specs": {"cpu": 2, "memory": "4GB"},
                "network": {"ports": [80, "8443:443"]},
            },
            {"name": "db-1", "type": "database", "engine": "postgresql", "version": "16"},
        ],
    }
    lines = text_of(blueprint_table(blueprint)).splitlines()
    assert lines[1].split() == ["web", "×2", "vm", "2", "CPU,", "4GB", "RAM", "80,", "8443:443"]
    assert lines[2].split() == ["db-1", "database", "postgresql", "16"]


def test_a_narrow_terminal_cuts_no_name() -> None:
    shown = table(["ID", "STATE", "TITLE"], [(12345, "deploying", "a title of some length")])
    assert "12345" in text_of(shown, width=20)
