"""What `calculate_capacity` is given: loads, use and growth as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from alma.core.economics.assuming import NAMES
from alma.core.economics.periods import period
from alma.core.model.base import Frozen
from alma.core.tools.particulars import SCALES
from alma.core.tools.subject import OfBlueprint

MOST_USERS, MOST_RATE, _MOST_GROWTH = 10**10, 10**7, 1000
_MANY = {"": 1, **SCALES}
_COUNT = re.compile(
    r"^([\d.,]{1,24})\s*(k|m|bn|thousand|million|billion)?\s*(?:\w*\s*(?:users?|people))?$"
)
_SHARE = re.compile(r"^(-?\d{1,6}(?:\.\d{1,6})?)\s*%?$")
_LINK = re.compile(r"^(\d{1,9}(?:\.\d{1,6})?)\s*(?:([kmg])(?:bit|b)(?:/s|ps)|%)$")
_BITS = {"k": 0.001, "m": 1.0, "g": 1000.0}


def _wrong(kind: str, message: str, hint: str) -> PydanticCustomError:
    return PydanticCustomError(kind, message, {"hint": hint})


def _users(value: Any) -> Any:
    """1000000, "1M" and "1,000,000 users" are the same."""
    found = _COUNT.match(str(value).strip().casefold())
    try:
        number = float(found[1].replace(",", "")) * _MANY[found[2] or ""] if found else 0
    except ValueError:
        number = 0
    if isinstance(value, bool) or not 1 <= number <= MOST_USERS:
        raise _wrong("invalid_users", "not a number of users", "write a number such as 5000, or 1M")
    return round(number)


def _percent(value: Any) -> float | None:
    found = _SHARE.match(str(value).strip())
    return float(found[1]) if found and not isinstance(value, bool) else None


def _usage(value: Any) -> Any:
    """Percent of what there is."""
    number = _percent(value)
    if number is None or not 0 <= number <= 100:
        raise _wrong(
            "invalid_usage",
            "not a use in percent",
            'write percent from 0 to 100, such as 45 or "45%"',
        )
    return number


def _growth(value: Any) -> Any:
    """Percent; less than nothing shrinks."""
    number = _percent(value)
    if number is None or not -100 < number <= _MOST_GROWTH:
        hint = f'write percent such as 20 or "20%", more than -100 and at most {_MOST_GROWTH}'
        raise _wrong("invalid_growth", "not a growth in percent", hint)
    return number


def _throughput(value: Any) -> Any:
    """Mbit/s, or percent of a link as a text with %."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value}mbps"
    if not isinstance(value, str) or not _LINK.match(value.strip().casefold()):
        hint = 'write Mbit/s such as 450, or "450 Mbps", "1.2 Gbps", "45%"'
        raise _wrong("invalid_throughput", "not a throughput", hint)
    return value.strip().casefold()


Users = Annotated[int, BeforeValidator(_users, json_schema_input_type=int | str)]
Usage = Annotated[float | None, BeforeValidator(_usage, json_schema_input_type=float | str)]


class CurrentMetrics(Frozen):
    """What is in use now, at the busiest time, in percent of what there is."""

    cpu_usage: Usage = None
    memory_usage: Usage = None
    storage_usage: Usage = None
    network_throughput: Annotated[
        str | None, BeforeValidator(_throughput, json_schema_input_type=float | str)
    ] = Field(default=None, description='Mbit/s, or "45%" of the link.')


class CapacityArguments(OfBlueprint):
    """A load, what is in use now, or a blueprint; and how it grows."""

    expected_users: Users | None = Field(
        default=None, description="Registered users.", examples=[1_000_000]
    )
    expected_load: str | None = Field(
        default=None, description="The load at the busiest time.", examples=["1000 requests/sec"]
    )
    current_metrics: CurrentMetrics | None = Field(
        default=None,
        description="What is in use now: {cpu_usage, memory_usage, storage_usage, network_throughput}.",
    )
    growth_rate: Annotated[
        float | None, BeforeValidator(_growth, json_schema_input_type=float | str)
    ] = Field(
        default=None,
        description="Percent that it grows each growth_period, compounded.",
        examples=[20],
    )
    growth_period: Annotated[float, BeforeValidator(period, json_schema_input_type=str)] = Field(
        default="1 month", validate_default=True, description="What growth_rate is for."
    )
    time_horizon: Annotated[float, BeforeValidator(period, json_schema_input_type=str | int)] = (
        Field(
            default="6 months",
            validate_default=True,
            description="How far to look ahead.",
            examples=["6 months"],
        )
    )
    response_ms: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = Field(
        default=None,
        description="Time in which 95 of 100 requests shall be answered, in milliseconds.",
    )
    software: str | None = Field(default=None, description="What answers: fastapi, django or node.")
    assumptions: Mapping[str, float] = Field(
        default_factory=dict,
        description=f"Figures instead of those that are assumed: {', '.join(NAMES)}.",
        examples=[{"peak_factor": 3}],
    )

    @property
    def measured(self) -> bool:
        """Whether it is said of anything how much of it is in use."""
        metrics = self.current_metrics
        return metrics is not None and any(value is not None for _, value in metrics)


def share_of_link(throughput: str, link_mbit: float) -> float:
    """How much of a link a throughput takes, as a share."""
    found = _LINK.match(throughput)
    assert found
    rate = float(found[1])
    return rate * _BITS[found[2]] / link_mbit if found[2] else rate / 100
