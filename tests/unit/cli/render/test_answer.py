"""Any tool's answer can be read: also one whose keys nobody here has ever seen."""

from __future__ import annotations

from typing import Any

import pytest

from alma.cli.render import answer
from alma.cli.render.answer import asked, described, shown
from tests.unit.cli.render.reading import text_of

ANSWER = {
    "summary": "It costs $12.50 a month.",
    "monthly_cost": 12.5,
    "fits": True,
    "budget": None,
    "by_tier": {"web": 8.25, "data": 4.25},
    "lines": [
        {"cost": 8.25, "resource": "web", "note": None},
        {"cost": 4.25, "resource": "db", "note": None, "parts": {"cpu": 2}},
    ],
    "advice": ["turn it off at night"],
    "blueprint": {"name": "shop", "resources": [{"name": "web", "type": "vm", "count": 2}]},
    "nothing": [],
    "sources": ["book-1@sha256:1"],
    "assumptions": ["730 hours a month"],
}


def lines(result: dict[str, Any]) -> list[str]:
    return [line for part in shown("x", result) for line in text_of(part).splitlines()]


def test_the_summary_comes_first_and_what_it_rests_on_last() -> None:
    told = lines(ANSWER)
    assert told[0] == "It costs $12.50 a month."
    assert told[-2:] == ["sources: book-1@sha256:1", "assumptions: 730 hours a month"]


def test_figures_are_a_list_and_rows_are_a_table_with_what_names_them_first() -> None:
    told = lines(ANSWER)
    assert "monthly cost  12.5" in told
    assert "fits          yes" in told
    assert not any("budget" in line or "note" in line.lower() for line in told)
    start = told.index("LINES")
    assert told[start + 1].split() == ["RESOURCE", "COST", "PARTS"]
    assert told[start + 3].split() == ["db", "4.25", "cpu", "2"]


def test_tables_within_rows_stand_below_under_the_name_of_their_row() -> None:
    costs = [
        {
            "provider": "aws",
            "lines": [{"what": "disk", "price": 1.5}],
            "why": "x" * 70,
            "how": "y" * 70,
        },
        {"provider": "gcp", "lines": []},
    ]
    told = lines(
        {"summary": "Two.", "costs": costs, "sizes": {"cpu": 2, "tiers": [{"name": "web"}]}}
    )
    start = told.index("COSTS")
    assert told[start + 1].split() == ["PROVIDER", "WHY"]
    assert told[start + 4] == "not shown: how; --json has all"
    below = told.index("COSTS · AWS · LINES")
    assert told[below + 1].split() == ["WHAT", "PRICE"]
    assert "SIZES · TIERS" in told


def test_a_blueprint_in_an_answer_is_shown_as_blueprints_are() -> None:
    told = lines(ANSWER)
    assert any(line.startswith("web ×2") for line in told[told.index("BLUEPRINT") :])


def test_long_lists_end_with_how_many_more_there_are() -> None:
    told = lines({"summary": "Many.", "items": [{"name": f"n{i}"} for i in range(100)]})
    assert told[-1] == "… and 60 more; --json has all"
    assert "n39" in told
    assert "n40" not in told


def test_a_tool_may_have_lines_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "RENDERERS", {"asked": "alma.cli.render.answer:asked"})
    question = {"question": "Which?", "candidates": [{"tool": "a", "description": "does a"}]}
    assert text_of(shown("asked", question)[0]).strip() == "Which?"
    assert text_of(asked(question)[-1]).splitlines()[-1].split() == ["a", "does", "a"]


def test_a_tool_is_described_with_its_parameters_and_lines_to_copy() -> None:
    tool = {
        "name": "cut",
        "title": "Cut",
        "description": "Cuts.",
        "parameters": {
            "required": ["by"],
            "properties": {
                "by": {"type": "number", "description": "How much."},
                "goal": {
                    "anyOf": [{"enum": ["cost", "speed"]}, {"type": "null"}],
                    "default": "cost",
                },
                "only": {"type": "array", "items": {"type": "string"}},
            },
        },
        "examples": [{"title": "A third", "parameters": {"by": 0.3, "goal": "it's speed"}}],
    }
    told = "\n".join(text_of(part) for part in described(tool))
    assert "by*        number                   How much." in told
    assert "cost|speed" in told
    assert "list of string" in told
    assert "alma tools run cut -p by=0.3 -p 'goal=it'\"'\"'s speed'" in told
