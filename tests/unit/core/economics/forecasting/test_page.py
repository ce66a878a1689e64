"""docs/forecasting.md shows what the benchmark prints, and forecasts that claim to be better are, on the whole."""

from __future__ import annotations

from pathlib import Path

from benchmarks.forecast import detected, made, scored, table

PAGE = Path(__file__).parents[5] / "docs" / "forecasting.md"


def test_the_page_shows_the_figures_of_the_benchmark() -> None:
    """If not: `python -m benchmarks.forecast --markdown`."""
    found = [scored(kind, values, 0.9) for kind, values in made(3)]
    printed = (
        PAGE.read_text(encoding="utf-8").split("--markdown` -->\n")[1].split("\n<!-- end -->")[0]
    )
    assert printed == table(found, detected(3))
    claimed = [item for item in found if item.claimed]
    assert sum(item.error for item in claimed) < 0.6 * sum(item.naive for item in claimed)
