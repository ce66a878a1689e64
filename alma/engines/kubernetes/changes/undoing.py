"""Takes back an update that failed, whatever it was made of, and tells of both: why, and what runs now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from alma.core.model.errors import AlmaError, ChangeRejected, EngineUnavailable, OutcomeUnknown
from alma.engines.kubernetes.work import Work


async def taken_back(
    work: Work, error: ChangeRejected, restore: Callable[[], Awaitable[bool]]
) -> ChangeRejected:
    """The error of a change that `restore` takes back, which says whether what was there before is well again. Raises
    EngineUnavailable and OutcomeUnknown as they are: the change will be repeated."""
    try:
        well = await restore()
    except (EngineUnavailable, OutcomeUnknown):
        raise
    except AlmaError as second:
        return ChangeRejected(
            f"{error.message}; and the previous {work.address} could not be put back: {second.message}",
            hint=error.hint,
        )
    state = "runs again" if well else "is back, and not ready yet"
    return ChangeRejected(f"{error.message}; the previous {work.address} {state}", hint=error.hint)
