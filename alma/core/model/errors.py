"""Everything that can go wrong, as one small tree, so that each edge translates it once.

    AlmaError
    ├── InvalidInput            the request can't be taken as it is
    │   ├── BlueprintInvalid    carries every diagnostic, not the first
    │   │   └── ArgumentsInvalid    the same, of what a tool was given
    │   ├── DocumentTooLarge
    │   └── BodyEncoded         packed, and nothing unpacks it
    ├── NotFound
    ├── Conflict                the request is fine, the moment is not
    │   ├── Overtaken           somebody changed it since the caller looked
    │   ├── IllegalTransition
    │   ├── PlanStale           the world moved since the approval
    │   └── StackLocked
    ├── Denied
    │   ├── Unauthenticated
    │   ├── Forbidden
    │   ├── ApprovalRequired
    │   └── PolicyViolation
    ├── RateLimited
    ├── TooManyConnections      more at the same time than this server takes
    ├── DatabaseUnavailable     ALMA's own database does not answer, is busy or not the one expected
    ├── SecretUnreadable        the key that a stored secret was encrypted with is not at hand
    ├── EngineError
    │   ├── EngineUnavailable   nothing was sent, or nothing came back to a read
    │   ├── EngineAuthFailed
    │   ├── ChangeRejected      the engine answered no; nothing was made
    │   └── OutcomeUnknown      the engine may or may not have done it: read before repeating
    ├── ToolError               a tool that others brought failed
    │   └── ToolUnavailable     it, or what it needs, is not installed
    ├── DeviceLoginError        a device that signs in has to wait, or has waited for nothing
    ├── ProviderError           an identity provider refused ALMA, or answered something unusable
    │   └── ProviderUnavailable it can't be reached, or takes too long
    └── LanguageModelError

A message says what happened and to what; the hint says what to do next. Neither ever carries a secret.
HTTP statuses and exit codes are the edges' business (`alma/api/errors.py`, `alma/cli/errors.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from alma.core.model.diagnostic import Diagnostic


class AlmaError(Exception):
    """A failure ALMA can explain.

    `code` is stable and meant for programs, `message` and `hint` for people. `retryable` says whether the same
    request may succeed later without anybody changing anything. `details` holds JSON-ready facts.
    """

    code: ClassVar[str] = "error"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details: dict[str, Any] = dict(details or {})


class InvalidInput(AlmaError):
    """The request is malformed or contradicts itself."""

    code = "invalid_input"


class BlueprintInvalid(InvalidInput):
    """A document that is not a valid blueprint; `diagnostics` names every fault found."""

    code = "blueprint_invalid"

    def __init__(self, diagnostics: Sequence[Diagnostic], *, hint: str | None = None) -> None:
        super().__init__("Invalid blueprint format", hint=hint)
        self.diagnostics = tuple(diagnostics)


class ArgumentsInvalid(BlueprintInvalid):
    """Arguments that a tool can't take; `diagnostics` names every fault found."""

    code = "invalid_arguments"

    def __init__(self, tool: str, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(diagnostics)
        self.message = f"Invalid arguments of tool '{tool}'"
        self.args = (self.message,)
        self.details = {"tool": tool}


class DocumentTooLarge(InvalidInput):
    """A document beyond the size that is read at all."""

    code = "document_too_large"


class BodyEncoded(InvalidInput):
    """A document that was packed on its way."""

    code = "body_encoded"


class NotFound(AlmaError):
    """What was named does not exist, or not for this caller."""

    code = "not_found"


class Conflict(AlmaError):
    """The request contradicts the present state."""

    code = "conflict"


class Overtaken(Conflict):
    """Somebody changed what the caller wanted to change after the caller had looked at it."""


class IllegalTransition(Conflict):
    """A noun can't go from its present state to the one asked for."""

    code = "illegal_transition"


class PlanStale(Conflict):
    """What would run is not what was approved; `details["differences"]` says what moved."""

    code = "plan_stale"


class StackLocked(Conflict):
    """Another deployment holds the stack."""

    code = "stack_locked"
    retryable = True


class Denied(AlmaError):
    """The caller may not do this."""

    code = "denied"


class Unauthenticated(Denied):
    """Nobody, or somebody unknown, asks."""

    code = "unauthenticated"


class Forbidden(Denied):
    """The caller is known and lacks the permission."""

    code = "forbidden"


class ApprovalRequired(Denied):
    """The plan waits for an approval that it has not got."""

    code = "approval_required"


class PolicyViolation(Denied):
    """A mandatory rule says no."""

    code = "policy_violation"


class RateLimited(AlmaError):
    """Too many requests; try again after `retry_after` seconds."""

    code = "rate_limited"
    retryable = True

    def __init__(self, message: str, *, retry_after: float, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, details={"retry_after": retry_after})
        self.retry_after = retry_after


class TooManyConnections(AlmaError):
    """The server has no place for another request now."""

    code = "too_many_connections"
    retryable = True


class DatabaseUnavailable(AlmaError):
    """ALMA's own database can't be used now; nothing of the transaction was kept.

    `retryable` is False on those that a repeat can't mend, such as tables of another version.
    """

    code = "database_unavailable"
    retryable = True
    outwards: str | None = None
    """What callers are told instead of the message, where that names hosts, files or statements: those are for the log
    and for whoever starts ALMA."""


class SecretUnreadable(AlmaError):
    """A stored secret can't be decrypted: another key was used, or the value was tampered with."""

    code = "secret_unreadable"


class EngineError(AlmaError):
    """An engine could not do its part."""

    code = "engine_error"


class EngineUnavailable(EngineError):
    """The engine can't be reached, or its extra is not installed; nothing was changed."""

    code = "engine_unavailable"
    retryable = True


class EngineAuthFailed(EngineError):
    """The engine refuses ALMA's credentials."""

    code = "engine_auth_failed"


class ChangeRejected(EngineError):
    """The engine refused the change; nothing was made."""

    code = "change_rejected"


class OutcomeUnknown(EngineError):
    """The reply was lost: the change may have happened. Read before repeating."""

    code = "outcome_unknown"
    retryable = True


class ToolError(AlmaError):
    """A tool that ALMA did not bring along failed."""

    code = "tool_error"


class ToolUnavailable(ToolError):
    """A tool is registered and can't be used here: it, or what it needs, is not installed."""

    code = "tool_unavailable"


class DeviceLoginError(AlmaError):
    """A device gets no tokens, or not yet; `details["error"]` says why in the words of RFC 8628."""

    code = "device_login"


class ProviderError(AlmaError):
    """An identity provider refused ALMA itself, or answered with something unusable."""

    code = "provider_error"


class ProviderUnavailable(ProviderError):
    """An identity provider can't be reached, or did not answer in time."""

    code = "provider_unavailable"
    retryable = True


class LanguageModelError(AlmaError):
    """A language model failed or answered with something unusable."""

    code = "language_model_error"
    retryable = True
