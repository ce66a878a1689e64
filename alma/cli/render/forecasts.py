"""Forecasts: where each measurement ends, when it reaches a limit, and a few points of the way there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from alma.cli.render.parts import MORE, headline, listed, number, plain, resting, tabled
from alma.cli.shapes import Json

_POINTS = 8


def forecast(result: Json) -> Sequence[RenderableType]:
    """An answer of forecast_metrics."""
    return list(_forecast(result))


def _forecast(result: Json) -> Iterator[RenderableType]:
    yield from headline(result)
    level = f"{result['confidence_level']:.0%}"
    rows = [_row(item) for item in result["forecasts"]]
    headings = [
        "METRIC",
        "LAST",
        f"IN {result['forecast_period'].upper()}",
        f"{level} BETWEEN",
        "BY",
        "ERROR",
    ]
    yield from tabled("Forecasts", headings, rows)
    for item in result["forecasts"]:
        yield from _one(item, level)
    yield from listed("Left out", result["left_out"])
    yield from listed("Notes", result["notes"])
    yield from resting(result)


def _row(item: Json) -> list[str]:
    end, test = item["end"], item.get("back_test") or {}
    better = "" if item["better_than_naive"] else ", no better than naive"
    error = number(test["error"]) if test.get("error") is not None else ""
    naive = f" (naive {number(test['naive_error'])})" if test.get("naive_error") is not None else ""
    return [
        item["metric"],
        number(item["last"]),
        number(end["value"]),
        f"{number(end['lower'])} and {number(end['upper'])}",
        f"{item['method']}{better}",
        f"{error}{naive}",
    ]


def _one(item: Json, level: str) -> Iterator[RenderableType]:
    said = [crossing["told"] for crossing in item["crossings"]]
    said += [f"does not fit: {plain(odd)}" for odd in item["anomalies"][:3]]
    yield from listed(item["metric"], [item["why"], *item["treatment"], *said])
    points = _some(item["forecast"])
    rows = [
        (_day(p["timestamp"]), number(p["value"]), number(p["lower"]), number(p["upper"]))
        for p in points
    ]
    yield from tabled(
        f"{item['metric']} · the way there", ["WHEN", "VALUE", f"{level} FROM", "TO"], rows
    )
    if len(points) < len(item["forecast"]):
        yield Text(f"{len(points)} of {len(item['forecast'])} points; {MORE}", style="dim")
    if item.get("chart"):
        yield Text(f"its chart is in .result.forecasts[].chart of {MORE.split(' ')[0]}")


def _some(points: Sequence[Any]) -> list[Any]:
    """Evenly many of them, with the first and the last."""
    if len(points) <= _POINTS:
        return list(points)
    last = len(points) - 1
    return [points[round(number_ * last / (_POINTS - 1))] for number_ in range(_POINTS)]


def _day(moment: str) -> str:
    return moment.removesuffix("T00:00:00Z").replace("T", " ")
