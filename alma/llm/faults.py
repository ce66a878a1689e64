"""What can go wrong between ALMA and a model, told apart by what may be done about it.

Every fault leaves as a LanguageModelError. The kind is for the wrappers: whether a repeat may help, whether another
model should be asked, whether the endpoint should be left alone for a while.
"""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Any

from alma.core.model.errors import LanguageModelError


class Kind(StrEnum):
    """Why there is no answer."""

    BUSY = "busy"
    """The provider asks to wait."""
    SERVER = "server"
    """The provider failed."""
    UNREACHABLE = "unreachable"
    """No connection, or one that broke."""
    SLOW = "slow"
    """Nothing came within the time limit. A repeat would only wait as long again."""
    DENIED = "denied"
    """The key is refused, or the account has nothing left."""
    REFUSED = "refused"
    """The provider does not take the request: unknown model, too long, not allowed."""
    UNUSABLE = "unusable"
    """An answer came, and is no JSON object."""
    RESTING = "resting"
    """The endpoint failed too often and is left alone for a while."""
    SPENT = "spent"
    """The project's budget is used up, or nobody can say whether it is."""
    UNCONFIGURED = "unconfigured"
    """No model is configured, or what it needs is not installed."""


_REPEATABLE = frozenset({Kind.BUSY, Kind.SERVER, Kind.UNREACHABLE})
_PASSING = _REPEATABLE | {Kind.SLOW}


class ModelFault(LanguageModelError):
    """A fault of a known kind. `retry_after`: the seconds that the provider asked to wait."""

    def __init__(
        self, message: str, *, kind: Kind, hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint, details={"kind": kind.value})
        self.kind = kind
        self.retry_after = retry_after
        self.retryable = kind in _PASSING | {Kind.RESTING}
        if retry_after is not None:
            self.details["retry_after"] = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        """Durable runs write down what went wrong, and read it again elsewhere."""
        made = partial(ModelFault, kind=self.kind, hint=self.hint, retry_after=self.retry_after)
        return made, (self.message,), vars(self)


def kind_of(error: LanguageModelError) -> Kind:
    """The kind of any error of a model; one that does not say counts as a failing provider."""
    return error.kind if isinstance(error, ModelFault) else Kind.SERVER


def repeatable(error: LanguageModelError) -> bool:
    """Whether asking the same endpoint again, a moment later, may help."""
    return kind_of(error) in _REPEATABLE


def passing(error: LanguageModelError) -> bool:
    """Whether the endpoint itself is in trouble, rather than the request or the configuration."""
    return kind_of(error) in _PASSING
