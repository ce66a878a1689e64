"""What would help to find the cause, where it is not certain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from alma.core.model.signature import Cause, CheckResult, Examined
from alma.core.services.diagnosing.issue import Issue

# From which confidence on a cause is called likely, and below which it is none.
CERTAIN_ENOUGH, DOUBTFUL = 0.75, 0.3
_LOGS = {
    "proxmox": "the task's log from the node (Tasks in its web page), and `journalctl -b` of the guest",
    "docker": "what the container printed: `docker logs --tail 200 NAME`, and `docker inspect NAME`",
    "kubernetes": "`kubectl describe pod NAME` and `kubectl logs NAME --previous`",
}
_ANY_LOGS = "the last 200 lines that the program printed (`journalctl -u NAME -n 200`)"


def to_send(
    issue: Issue, causes: Sequence[Cause], examined: Sequence[Examined], engines: Sequence[str]
) -> tuple[str, ...]:
    """What is missing and would tell more; nothing where a cause is certain enough."""
    if causes and causes[0].confidence >= CERTAIN_ENOUGH:
        return ()
    return tuple(_missing(issue, examined, engines))


def _missing(issue: Issue, examined: Sequence[Examined], engines: Sequence[str]) -> Iterator[str]:
    if not issue.error_message:
        yield "the exact error message, whole and as text (error_message)"
    if not issue.logs:
        names = {name.partition("@")[0] for name in engines}
        found = [words for name, words in _LOGS.items() if name in names]
        yield from (f"{words} (logs)" for words in found or [_ANY_LOGS])
    if issue.blueprint_id is None:
        yield "which blueprint it is about (blueprint_id): then its deployments and what runs are looked at"
    elif not issue.affected:
        yield "which resources are affected (affected_resources)"
    if not issue.description and not issue.symptoms:
        yield "since when, what was done just before, and whether it ever worked (symptoms)"
    for item in examined:
        if item.result is CheckResult.NOT_RUN and item.name.startswith("engine "):
            yield f"that {item.name} can be reached again: {item.found}"
