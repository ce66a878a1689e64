"""What to type next: the server's hints name no call, since people here have commands and others have URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alma.cli.approving import after_them, told_missing

_ENDED = frozenset({"deployed", "rejected", "cancelled"})


def advised(hint: str | None, code: str, details: Mapping[str, Any]) -> str | None:
    """The hint with the command that follows it, where there is one."""
    if code == "unauthenticated" and "Authorization:" in (hint or ""):
        return "sign in with `alma login NAME`, or give a key in ALMA_API_KEY"
    if code == "approval_required" and (ipr := details.get("ipr_id")) and told_missing(details):
        return after_them(ipr)
    command = _command(code, details)
    return ": ".join(part for part in (hint, command) if part) or None


def _command(code: str, details: Mapping[str, Any]) -> str | None:
    ipr, deployment = details.get("ipr_id"), str(details.get("deployment_id") or "")[:8]
    command: str | None = None
    match code:
        case "approval_required" if ipr and not details.get("self_approved"):
            command = f"alma iprs approve {ipr}"
        case "forbidden" if details.get("permission") not in {None, "member:read"}:
            command = f"alma members list --project {details.get('project')}"
        case "plan_stale" if ipr:
            command = f"alma iprs replan {ipr}"
        case "conflict" if deployment:
            command = f"alma deployments cancel {deployment}"
        case "stack_locked" if deployment:
            command = f"alma deployments logs {deployment} --follow"
        case "illegal_transition" if ipr:
            command = _after(str(details.get("state")), deployment)
    return command


def _after(state: str, deployment: str) -> str | None:
    """How to go on from a request's state."""
    if state in _ENDED:
        return "alma deploy FILE"
    return f"alma deployments logs {deployment} --follow" if state == "deploying" else None
