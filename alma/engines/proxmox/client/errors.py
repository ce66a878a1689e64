"""What Proxmox answers when it says no, translated once: by HTTP status, and by its words, which a task's exit status
shares with the answers.

    ChangeRejected
    └── Refused             `.status`, `.fields`, `.reason` (Proxmox's words), and of a task `.upid`, `.log_tail`
        ├── Missing         what was named does not exist
        ├── Exists          the id or the name is taken
        ├── Locked          somebody else works on it: `.lock` (backup, migrate …), None for a lock file
        ├── Altered         the digest that was sent is not the present one
        ├── StorageFull
        ├── NoQuorum
        ├── NotAllowed      also an EngineAuthFailed: `.privileges` are missing at `.path`
        └── TaskFailed      any other task that failed
    EngineUnavailable
    ├── NodeOffline         `.node` does not answer the node that was asked
    └── Untrusted           its certificate is not the one expected
    OutcomeUnknown
    └── TaskUnknown         a task was started and its end was not seen: `.upid`
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)

_LIMIT = 600


class Refused(ChangeRejected):
    """Proxmox said no. `reason` and `fields` (parameter → what is wrong with it) are its own words."""

    def __init__(  # every fact of an answer, all by name
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        fields: Mapping[str, str] | None = None,
        reason: str = "",
        upid: str | None = None,
        log_tail: tuple[str, ...] = (),
    ) -> None:
        details: dict[str, Any] = {"fields": dict(fields)} if fields else {}
        if upid:
            details |= {"upid": upid, "log": list(log_tail)}
        super().__init__(message, hint=hint, details=details)
        self.status = status
        self.fields = dict(fields or {})
        self.reason = reason
        self.upid = upid
        self.log_tail = log_tail


class Missing(Refused):
    """What was named does not exist."""

    @property
    def is_guest(self) -> bool:
        """Whether it is the guest itself, and not something that it or the call refers to, such as a volume."""
        return bool(_NO_GUEST.search(self.reason))


class Exists(Refused):
    """The id or the name is taken."""


class Altered(Refused):
    """The configuration is not the one whose digest was sent: somebody else has changed it since."""

    retryable = True


class StorageFull(Refused):
    """There is no room."""


class NoQuorum(Refused):
    """The cluster takes no changes, as too few of its nodes see each other."""

    retryable = True


class TaskFailed(Refused):
    """A task ended without success, for a reason that has no class of its own."""


class Locked(Refused):
    """Somebody else works on it."""

    retryable = True

    @property
    def lock(self) -> str | None:
        """What holds a guest (backup, migrate, snapshot, clone …); None when it is a lock file or a storage's lock."""
        found = re.search(r"is locked \(([\w-]+)\)", self.reason)
        return found[1] if found else None


class NotAllowed(EngineAuthFailed, Refused):
    """ALMA's user or token lacks a privilege; nothing was made."""

    @property
    def path(self) -> str | None:
        """Where the privilege is missing, such as /vms/100."""
        found = _PRIVILEGE.search(self.reason)
        return found[1] if found else None

    @property
    def privileges(self) -> tuple[str, ...]:
        """Which are missing; with several, one of them is enough."""
        found = _PRIVILEGE.search(self.reason)
        return tuple(found[2].split("|")) if found else ()


class NodeOffline(EngineUnavailable):
    """A node of the cluster does not answer the node that was asked. Nothing was sent to it."""

    def __init__(self, message: str, *, node: str | None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, details={"node": node} if node else None)
        self.node = node


class Untrusted(EngineUnavailable):
    """A node's certificate is not the one expected. Nothing was sent."""

    retryable = False


class TaskUnknown(OutcomeUnknown):
    """A task was started, and how it ended was not seen. It was not stopped."""

    def __init__(self, message: str, *, upid: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, details={"upid": upid})
        self.upid = upid


# ── what the words mean ──────────────────────────────────────────────────────────────────────────

_NO_GUEST = re.compile(
    r"configuration file '[^']*/\d+\.conf' does not exist|unable to find configuration file"
    r"|no such (vm|ct|container)\b|(vm|ct) \d+ does not exist",
    re.IGNORECASE,
)
_PRIVILEGE = re.compile(r"\(([^,()]*), ([\w.|]+)(?: for [^()]*)?\)")


@dataclass(frozen=True)
class _Known:
    pattern: re.Pattern[str]
    kind: type[Refused]
    hint: str


def _known(pattern: str, kind: type[Refused], hint: str) -> _Known:
    return _Known(re.compile(pattern, re.IGNORECASE), kind, hint)


# The first that fits. Quorum before locks: without quorum nothing can be locked either, and waiting does not help.
_TABLE = (
    _known(
        r"no quorum|not quorate|quorum lost",
        NoQuorum,
        "bring the other nodes of the cluster back (`pvecm status` on a node shows who is missing), then try again",
    ),
    _known(
        r"is locked \(",
        Locked,
        "wait until the job that holds it is over; when none runs any more, unlock the guest on its node "
        "(`qm unlock <id>` or `pct unlock <id>`)",
    ),
    _known(
        r"can't lock file|can't a?c?quire[\w ]*lock|got lock (request )?timeout|lock.{0,80}got timeout"
        r"|unable to acquire .*lock|trying to a?c?quire lock",
        Locked,
        "another task works on the same guest or storage; try again when it is over, or allow fewer tasks at a time",
    ),
    _known(
        r"no space left|not enough (free )?(space|disk)|insufficient (free )?(space|extents)|out of space"
        r"|disk quota exceeded|lacks? the needed space|storage .* is full",
        StorageFull,
        "free or add room on the storage, or choose another one",
    ),
    _known(
        r"detected modified configuration|checksum mismatch",
        Altered,
        "somebody else changed it at the same time: read again before changing it",
    ),
    _known(
        r"hostname lookup '.*' failed|no such cluster node|does not look like a valid node name",
        Missing,
        "a node goes by its short name, the one in the web interface's tree, and not by its full domain name",
    ),
    _known(
        r"already exists|already defined|already used|is already in use by",
        Exists,
        "choose another id or name, or see what has it now",
    ),
    _known(
        r"does not exist|no such (?!file)|unable to find configuration file|unable to parse worker upid"
        r"|\b(template|volume|storage|snapshot|pool|resource|user|token|vm|ct)\b.{0,80}\bnot found",
        Missing,
        "check the name; it may have been removed or moved meanwhile",
    ),
)
_CERTIFICATE = re.compile(r"certificate|tls|ssl", re.IGNORECASE)
_NODES_TLS = (
    "the nodes don't trust each other's certificates: run `pvecm updatecerts` on every node, "
    "and restart pveproxy there"
)


def of_answer(  # every fact of an answer, all by name
    doing: str,
    *,
    status: int,
    reason: str,
    fields: Mapping[str, str],
    node: str | None,
    change: bool,
) -> EngineError:
    """The error for an answer of 400 and above. `doing` opens the message: "Starting web-1"."""
    text = _whole(reason, fields)
    if status in {401, 403}:
        return _denied(doing, status, text)
    if status >= 595:
        return _between_nodes(doing, status, text, node=node, change=change)
    known = _find(text)
    if known:
        return known.kind(
            f"{doing}: {text}", hint=known.hint, status=status, fields=fields, reason=reason
        )
    if status in {502, 504} and change:
        return _unknown(doing, f"a proxy on the way answers {status}")
    if status in {502, 503, 504} or (status >= 500 and not change and status != 501):
        return EngineUnavailable(
            f"{doing}: Proxmox can't answer: {text or status}",
            hint="look at the node's log (`journalctl -u pveproxy -u pvedaemon`)",
        )
    kind = Missing if status == 404 else Refused
    return kind(
        f"{doing}: Proxmox refuses: {text or status}", status=status, fields=fields, reason=reason
    )


def of_task(doing: str, exit_status: str, *, upid: str, log_tail: tuple[str, ...]) -> Refused:
    """The error for a task that failed: its exit status, and the end of its log."""
    known = _find(exit_status)
    tail = "\n".join(f"    {line}" for line in log_tail)
    text = f"{doing}: the task failed: {_short(exit_status)}"
    return (known.kind if known else TaskFailed)(
        f"{text}\n{tail}" if tail else text,
        hint=known.hint if known else f"the whole log is that of the task {upid}",
        reason=exit_status,
        upid=upid,
        log_tail=log_tail,
    )


def lost(doing: str, why: str, *, change: bool) -> EngineError:
    """The error for an answer that never came."""
    if change:
        return _unknown(doing, why)
    return EngineUnavailable(
        f"{doing}: {why}", hint="see whether the node is well (`systemctl status pveproxy` on it)"
    )


def _unknown(doing: str, why: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{doing}: {why}; it may have been done", hint="ALMA looks before it tries again"
    )


def _find(text: str) -> _Known | None:
    return next((known for known in _TABLE if known.pattern.search(text)), None)


def _denied(doing: str, status: int, text: str) -> EngineError:
    if status == 401:
        return EngineAuthFailed(
            f"{doing}: Proxmox refuses ALMA's credentials: {text or 'authentication failure'}",
            hint="check the token or the user, its expiry and its realm (Datacenter, Permissions)",
        )
    found = _PRIVILEGE.search(text)
    hint = (
        f"give {found[2].replace('|', ' or ')} on {found[1] or '/'} to ALMA's user or token (a token with privilege "
        "separation needs it itself)"
        if found
        else "Proxmox keeps this for root@pam, or for a privilege that it does not name"
    )
    return NotAllowed(
        f"{doing}: a privilege is missing: {text or 'permission denied'}",
        hint=hint,
        status=status,
        reason=text,
    )


def _between_nodes(
    doing: str, status: int, text: str, *, node: str | None, change: bool
) -> EngineError:
    """Statuses that pveproxy makes when it passes a call on to another node and that fails: 595 there was no
    connection, 596 TLS or the sending failed, 597 the answer broke off, 599 anything else."""
    whom = f"the node {node}" if node else "another node"
    if status == 595:
        return NodeOffline(
            f"{doing}: {whom} does not answer: {text}",
            node=node,
            hint="see whether it runs and whether the nodes reach each other; what lives there stays as it is",
        )
    if _CERTIFICATE.search(text):
        return NodeOffline(
            f"{doing}: {whom} has a certificate that the node asked does not trust: {text}",
            node=node,
            hint=_NODES_TLS,
        )
    if change:
        return _unknown(doing, f"the way to {whom} broke ({status}: {text})")
    return NodeOffline(
        f"{doing}: the way to {whom} broke ({status}: {text})",
        node=node,
        hint="see whether it runs and whether the nodes reach each other",
    )


def _whole(reason: str, fields: Mapping[str, str]) -> str:
    named = "; ".join(f"{name}: {' '.join(what.split())}" for name, what in fields.items())
    return _short(f"{reason} ({named})" if named else reason)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LIMIT else line[: _LIMIT - 1] + "…"
