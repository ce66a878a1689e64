"""What can go wrong between ALMA and a cluster, apart as far as somebody has to act differently.

The difference that matters most is between "the server said no" (nothing was made) and "no answer came" (it may have
been): a retry may simply repeat after the first, and has to look before it repeats after the second.

    ChangeRejected
    ├── MissingKind         (discovery) the cluster serves no such kind
    └── Refused             any other no
        ├── NotAllowed      RBAC: who may not do what
        ├── QuotaExceeded   a ResourceQuota or LimitRange of the namespace
        ├── TurnedAway      an admission webhook or policy, in its own words
        ├── Invalid         fields the server can't take
        ├── FieldConflict   fields that another field manager owns
        ├── Altered         another object, or another version of it, than the one that was meant
        ├── Exists          the name is taken
        └── Terminating     its namespace, or the object, is just being removed
    EngineAuthFailed
    └── NotAllowedToRead    RBAC, where ALMA only looked
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alma.core.model.errors import ChangeRejected, EngineAuthFailed


class Refused(ChangeRejected):
    """The server answered no. `status` is its HTTP status, `reason` its own word for why (`Invalid`, `Forbidden`)."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        reason: str = "",
        hint: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(
            message, hint=hint, details={"status": status, "reason": reason, **(details or {})}
        )
        self.status = status
        self.reason = reason


class NotAllowed(Refused):
    """RBAC says no to `verb` on `resource`. `namespace` is "" where it holds for the whole cluster."""

    verb = resource = namespace = ""


class QuotaExceeded(Refused):
    """A ResourceQuota or LimitRange of the namespace has no room for it."""


class TurnedAway(Refused):
    """An admission webhook, a policy or Pod Security said no, in its own words. `by` names it."""

    by = ""


class Invalid(Refused):
    """The server can't take these `fields`, by path in the manifest: what is wrong with each."""

    fields: Mapping[str, str] = {}


class FieldConflict(Refused):
    """Other field managers own these fields: `owners` are the paths by manager."""

    owners: Mapping[str, Sequence[str]] = {}


class Altered(Refused):
    """Another object than the one that was meant has the name by now, or another version of it."""


class Exists(Refused):
    """Something of that kind and name is there already."""


class Terminating(Refused):
    """The namespace, or the object, is just being removed."""


class NotAllowedToRead(EngineAuthFailed):
    """RBAC says no to looking: what is there can't be known."""

    verb = resource = namespace = ""


@dataclass(frozen=True)
class Request:
    """What was asked, for the words of an error. `what` opens the message ("Applying Deployment web-1"); `change`: a
    lost answer leaves the outcome open; `secret`: what was sent holds secrets, which the server may repeat."""

    what: str
    change: bool = False
    secret: bool = False
    kind: str = ""
