"""From load to sizes: from what people know (users, requests a second) to what a blueprint needs (servers, memory)."""

from __future__ import annotations

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from alma.core.model.base import Frozen
from alma.core.model.units import Size


class Load(Frozen):
    """What shall be handled. `users` are registered ones; `requests_per_second` is at the busiest time, and wins where
    both are given. `software` is what answers the requests, as the capacity model names it (`fastapi`, `django`)."""

    users: int | None = Field(default=None, gt=0, le=10**10)
    requests_per_second: float | None = Field(default=None, gt=0, le=10**7, allow_inf_nan=False)
    response_ms: float | None = Field(
        default=None,
        gt=0,
        allow_inf_nan=False,
        description="Waiting and work on the server together, for 95 of 100 requests, in milliseconds.",
    )
    software: str | None = None

    @model_validator(mode="after")
    def _something(self) -> Load:
        if self.users is None and self.requests_per_second is None:
            raise PydanticCustomError(
                "no_load", "no load is given", {"hint": "give users or requests_per_second"}
            )
        return self


class Sizing(Frozen):
    """Sizes for a load, with the arithmetic. `app_servers` includes the spare ones; sizes are for one server each.

    `working` are the steps in order, for people to check; `assumptions` are the figures nobody measured, with where
    they come from; `sensitivity` says what becomes of the servers if one of them is wrong, the heaviest first.
    `waiting_ms` is what 95 of 100 requests wait at most at the busiest time. `meets_response` is false when no number
    of servers keeps to the time asked for.
    """

    app_servers: int
    app_cpu: int
    app_memory: Size
    database_cpu: int
    database_memory: Size
    requests_per_second: float
    waiting_ms: float
    meets_response: bool = True
    working: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
