"""How a deployment ended: where it answers and what was proved, or why not and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from alma.cli.advice import advised
from alma.cli.render.progress import seconds
from alma.cli.shapes import Check, Deployment

_LONGEST_NAME = 40
_ENDS = {
    "succeeded": ("✓", "bold green"),
    "failed": ("✗", "bold red"),
    "rolled_back": ("✗", "bold red"),
    "cancelled": ("■", "bold yellow"),
}
_WORDS = {
    ("deploy", "succeeded"): "Deployed {stack} on {engine}",
    ("destroy", "succeeded"): "Destroyed {stack} on {engine}",
    ("deploy", "failed"): "Deploying {stack} on {engine} failed",
    ("destroy", "failed"): "Destroying {stack} on {engine} failed",
    ("deploy", "rolled_back"): "Deploying {stack} on {engine} failed; what was done is undone",
    ("destroy", "rolled_back"): "Destroying {stack} on {engine} failed; what was done is undone",
    ("deploy", "cancelled"): "Cancelled the deployment of {stack} on {engine}",
    ("destroy", "cancelled"): "Cancelled the removal of {stack} on {engine}",
}


def render_outcome(deployment: Deployment) -> RenderableType:
    """The end of a deployment."""
    return Group(*_lines(deployment))


def _lines(deployment: Deployment) -> Iterator[RenderableType]:
    sign, style = _ENDS.get(deployment["status"], ("·", "bold"))
    words = _WORDS.get((deployment["kind"], deployment["status"]), "{stack} on {engine}: {status}")
    took = _took(deployment)
    yield Text.assemble((f"{sign} {words.format(**deployment)}", style), took)
    yield from _failure(deployment)
    if deployment["endpoints"]:
        yield endpoints(deployment["endpoints"])
    checks = deployment.get("checks") or []
    if checks and all(check["passed"] for check in checks):
        yield proved(checks)
    elif checks:
        yield render_checks(check for check in checks if not check["passed"])


def _took(deployment: Deployment) -> str:
    if deployment["finished_at"] is None:
        return ""
    begun = datetime.fromisoformat(deployment["created_at"])
    ended = datetime.fromisoformat(deployment["finished_at"])
    return f" in {seconds((ended - begun).total_seconds())}"


def _failure(deployment: Deployment) -> Iterator[Text]:
    error = deployment["error"]
    if not error:
        return
    if error.get("code") != "cancelled":
        yield Text(f"  {error.get('message', '')}")
        for item in (error.get("details") or {}).get("differences", []):
            yield Text(f"  - {item}")
        facts = {"ipr_id": deployment["ipr_id"]}
        if hint := advised(error.get("hint"), str(error.get("code")), facts):
            yield Text.assemble(("  hint: ", "bold"), hint)
    undo = error.get("rollback")
    if undo:
        yield Text(f"  Not everything could be undone: {undo.get('message', '')}", style="red")
    yield Text(f"  the log: alma deployments logs {deployment['id'][:8]}", style="dim")


def endpoints(found: dict[str, list[str]]) -> Table:
    """Where each resource answers."""
    table = Table.grid(padding=(0, 2))
    for address, urls in found.items():
        for number, url in enumerate(urls):
            table.add_row(
                "", "" if number else Text(address, style="bold"), Text(url, style="cyan")
            )
    return table


def render_checks(checks: Iterable[Check]) -> RenderableType:
    """The proofs, those that failed first."""
    table = Table.grid(padding=(0, 2))
    ordered = sorted(checks, key=lambda check: check["passed"])
    for check in ordered:
        sign = Text("✓", style="green") if check["passed"] else Text("✗", style="red")
        name = Text(_short(check["name"]))
        table.add_row("", sign, Text(check["address"], style="bold"), name, Text(check["detail"]))
    return table


def proved(checks: Iterable[Check]) -> RenderableType:
    """Each resource once, with what was asked of it."""
    asked: dict[str, list[str]] = {}
    for check in checks:
        asked.setdefault(check["address"], []).append(_short(check["name"]))
    table = Table.grid(padding=(0, 2))
    for address, names in asked.items():
        words = Text(", ".join(names))
        table.add_row("", Text("✓", style="green"), Text(address, style="bold"), words)
    return table


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"


def check_counts(checks: Iterable[Check]) -> tuple[int, int]:
    """How many passed, and how many there are."""
    found = list(checks)
    return sum(check["passed"] for check in found), len(found)
