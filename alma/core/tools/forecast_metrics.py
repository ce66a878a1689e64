"""Says what measurements will be, how sure that is, when a limit is reached, and what in the past does not fit."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from alma.core.economics.forecasting.outlook import MetricForecast
from alma.core.economics.limits import natural_limits
from alma.core.economics.periods import in_words, period
from alma.core.model.base import Frozen
from alma.core.model.errors import InvalidInput
from alma.core.model.units import Size
from alma.core.tools.kit import Call
from alma.core.tools.tool import Answer, Arguments, Example, Tool

MOST_ROWS = 50_000
MOST_METRICS = 20
_TELL = 3
_NAMED = 8
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_SOON = 1e11
"""Seconds since 1970 up to here; what is more are milliseconds."""


class Picture(StrEnum):
    """The kind of picture that is asked for."""

    SVG = "svg"
    PNG = "png"


def _confidence(value: Any) -> Any:
    """0.95, 95 and "95%" are the same."""
    text = str(value).strip().removesuffix("%").strip()
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if 50 <= number < 100:
        number /= 100
    if isinstance(value, bool) or not 0.5 <= number <= 0.999:
        hint = "write a share from 0.5 to 0.999, such as 0.95, or percent, such as 95"
        raise PydanticCustomError("invalid_confidence", "not a level of confidence", {"hint": hint})
    return number


def _moment(value: Any) -> Any:
    """ISO 8601, or seconds or milliseconds since 1970. Without a zone it is UTC."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > _SOON:
        value /= 1000
    return value


def _in_utc(value: datetime) -> datetime:
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        hint = (
            f"write a moment between {_FIRST_YEAR} and {_LAST_YEAR}, such as 2026-11-01T00:00:00Z"
        )
        raise PydanticCustomError("invalid_moment", "nothing was measured then", {"hint": hint})
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value


def _some(value: Any) -> Any:
    if isinstance(value, list | tuple) and not value:
        hint = 'give four measurements at least: {"timestamp": "2026-11-01T00:00:00Z", "metrics": {"cpu_usage": 41}}'
        raise PydanticCustomError("no_history", "the history is empty", {"hint": hint})
    return value


def _amount(value: Any) -> Any:
    """A number; or a size, which is bytes."""
    if isinstance(value, str) and any(letter.isalpha() for letter in value):
        return float(Size(value).bytes)
    return value


def _kind(value: Any) -> Any:
    if isinstance(value, bool):
        return Picture.SVG if value else None
    return value.strip().casefold() if isinstance(value, str) else value


class Measured(Frozen):
    """What was measured at one moment. A value that is missing is null, or left out."""

    timestamp: Annotated[datetime, BeforeValidator(_moment), AfterValidator(_in_utc)]
    metrics: Mapping[str, float | None] = Field(min_length=1)


class ForecastArguments(Arguments):
    """A history, how far to look ahead, and how sure to be."""

    historical_data: Annotated[
        tuple[Measured, ...], BeforeValidator(_some), Field(max_length=MOST_ROWS)
    ] = Field(
        description="What was measured: [{timestamp, metrics: {name: value}}]; gaps, doubles and any order are fine.",
        examples=[[{"timestamp": "2026-11-01T00:00:00Z", "metrics": {"cpu_usage": 41.5}}]],
    )
    forecast_period: Annotated[float, BeforeValidator(period, json_schema_input_type=str | int)] = (
        Field(
            default="30 days",
            validate_default=True,
            description='How far to look ahead: "24 hours", "90 days", "6 months".',
            examples=["90 days"],
        )
    )
    confidence_level: Annotated[
        float, BeforeValidator(_confidence, json_schema_input_type=float | str)
    ] = Field(
        default=0.95,
        description="The share of values that shall lie within the interval: 0.5 to 0.999.",
    )
    metrics: tuple[str, ...] = Field(default=(), description="Those of interest; all, if empty.")
    thresholds: Mapping[
        str, Annotated[float, BeforeValidator(_amount, json_schema_input_type=float | str)]
    ] = Field(
        default_factory=dict,
        description='Limits by metric, such as {"disk_used": "200GB"}; without one, 100 percent or the size beside it.',
    )
    chart: Annotated[
        Picture | None, BeforeValidator(_kind, json_schema_input_type=bool | Picture)
    ] = Field(
        default=None,
        description="svg draws a picture of each metric. There is no png: svg comes instead.",
    )


class MetricsForecast(Answer):
    """The outlook of each metric. Moments are in UTC."""

    forecast_period: str
    confidence_level: float
    forecasts: tuple[MetricForecast, ...]
    left_out: tuple[str, ...] = Field(
        default=(), description="Metrics without a forecast, and why."
    )
    notes: tuple[str, ...] = ()


async def run(given: ForecastArguments, call: Call) -> MetricsForecast:
    """Raises InvalidInput when no metric has enough values, and naming the metrics there are."""
    return await asyncio.to_thread(_forecast, given, call)


def _forecast(given: ForecastArguments, call: Call) -> MetricsForecast:
    # NumPy is imported here, when somebody wants a forecast, and not when tools are listed.
    from alma.core.economics.forecasting.forecast import Question, forecast

    measured = _measured(given)
    everything = {name: [value for _, value in pairs] for name, pairs in measured.items()}
    found: list[MetricForecast] = []
    left_out: list[str] = []
    chosen = _chosen(given, measured)
    for number, name in enumerate(chosen):
        call.progress(f"looking at {name}", number / len(chosen))
        limits = _limits(given, name, everything)
        question = Question(
            given.forecast_period, given.confidence_level, limits, given.chart is not None
        )
        outlook = forecast(name, measured[name], question)
        if outlook is None:
            left_out.append(f"{name}: fewer than four values can be used")
        else:
            found.append(outlook)
    if not found:
        raise InvalidInput(
            f"no metric of the history has four values that can be used ({', '.join(chosen[:_NAMED])})",
            hint="send numbers at four moments at least; NaN and null count as missing",
        )
    return MetricsForecast(
        summary=_told(found, given),
        sources=(
            "computed from the measurements that were given, by a back-test against the naive forecast",
        ),
        assumptions=_assumed(found),
        forecast_period=in_words(given.forecast_period),
        confidence_level=given.confidence_level,
        forecasts=tuple(found),
        left_out=tuple(left_out),
        notes=_notes(given, found),
    )


def _measured(given: ForecastArguments) -> dict[str, list[tuple[float, float]]]:
    """By metric, moments in seconds and values; what is missing is no number."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in given.historical_data:
        at = row.timestamp.timestamp()
        for name, value in row.metrics.items():
            found.setdefault(name, []).append((at, math.nan if value is None else value))
    return found


def _chosen(given: ForecastArguments, measured: Mapping[str, object]) -> Sequence[str]:
    wanted = list(dict.fromkeys(given.metrics)) or list(measured)
    if unknown := [name for name in [*wanted, *given.thresholds] if name not in measured]:
        named = ", ".join(list(measured)[:_NAMED])
        raise InvalidInput(f"the history has no metric '{unknown[0][:60]}'", hint=f"it has {named}")
    if len(wanted) > MOST_METRICS:
        raise InvalidInput(
            f"{len(wanted)} metrics are more than are forecast at once",
            hint=f"name {MOST_METRICS} of them at most in metrics",
        )
    return wanted


def _limits(
    given: ForecastArguments, name: str, measured: Mapping[str, Sequence[float]]
) -> dict[str, float]:
    said = given.thresholds.get(name)
    return natural_limits(name, measured) if said is None else {"the threshold": said}


def _told(found: Sequence[MetricForecast], given: ForecastArguments) -> str:
    parts = [_one(outlook) for outlook in found[:_TELL]]
    more = f" And {len(found) - _TELL} more." if len(found) > _TELL else ""
    return f"In {in_words(given.forecast_period)}: {' '.join(parts)}{more}"


def _one(outlook: MetricForecast) -> str:
    end = outlook.end
    sure = "" if outlook.better_than_naive else " (no method beat saying that nothing changes)"
    told = f"{outlook.metric} {end.value:,.4g}, between {end.lower:,.4g} and {end.upper:,.4g}{sure}"
    crossings = "".join(f"; {crossing.told}" for crossing in outlook.crossings)
    odd = f"; {len(outlook.anomalies)} anomalies in the past" if outlook.anomalies else ""
    return f"{told}{crossings}{odd}."


def _assumed(found: Sequence[MetricForecast]) -> tuple[str, ...]:
    assumed = [
        "what made the past what it was goes on: a forecast knows of no release, campaign or migration"
    ]
    if any(outlook.back_test.coverage is None for outlook in found):
        assumed.append("fewer than three tests: how often the interval holds could not be counted")
    return tuple(assumed)


def _notes(given: ForecastArguments, found: Sequence[MetricForecast]) -> tuple[str, ...]:
    notes: list[str] = []
    if given.chart is Picture.PNG:
        notes.append("pictures are drawn as svg only: nothing that is installed here writes png")
    if any(outlook.anomalies for outlook in found):
        notes.append(
            "an anomaly is a place to look at, not a fault: no detector is precise on such series, and some are missed"
        )
    return tuple(notes)


def _example(values: Sequence[float]) -> list[Any]:
    """A value a day from the first of October on."""
    first = datetime(2026, 10, 1, tzinfo=UTC).timestamp()
    days = (datetime.fromtimestamp(first + 86_400 * day, tz=UTC) for day in range(len(values)))
    return [
        {"timestamp": f"{day:%Y-%m-%d}", "metrics": {"disk_usage": value}}
        for day, value in zip(days, values, strict=True)
    ]


TOOL = Tool(
    name="forecast_metrics",
    title="Forecast metrics",
    description=(
        "Forecasts measurements with intervals, by the method that did best on their own past, and shows how well that "
        "was against saying that nothing will change. Says when a limit is reached, what in the history does not fit, "
        "and draws it on request."
    ),
    arguments=ForecastArguments,
    answer=MetricsForecast,
    run=run,
    words=("forecast", "predict", "prediction", "trend", "will grow", "when will the disk be full", "anomalies"),
    examples=(
        Example(
            "When a disk will be full",
            {
                "historical_data": _example(
                    [52, 52.6, 53.1, 53.9, 54.2, 54.4, 54.9, 55.6, 56.4, 57.1, 57.4, 57.9, 58.1, 58.6, 59.4, 60.1]
                ),
                "forecast_period": "90 days",
            },
        ),
    ),
    tags=frozenset({"capacity"}),
)  # fmt: skip
