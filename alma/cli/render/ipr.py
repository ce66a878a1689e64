"""A request for reviewers: who asks for what, the plan, and what others said of it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from alma.cli.approving import approval_lines
from alma.cli.render.council import council_lines
from alma.cli.render.plan import render_plan
from alma.cli.render.tables import ago, state
from alma.cli.shapes import IPR, Json

_FINDINGS = 5
_WORDS = {"approve": "approved", "reject": "rejected", "request_changes": "asks for changes"}


def render_ipr(ipr: IPR) -> RenderableType:
    """The whole request."""
    return Group(*_lines(ipr))


def _lines(ipr: IPR) -> Iterator[RenderableType]:
    heading = Text.assemble((f"IPR {ipr['id']}", "bold"), f" · {ipr['title']} · ")
    yield heading.append_text(state(ipr["status"]))
    yield Text(f"opened by {ipr['author']} {ago(ipr['created_at'])}", style="dim")
    if ipr["description"]:
        yield Text(ipr["description"])
    yield Text("")
    yield render_plan(ipr["plan"])
    if council := ipr.get("council"):
        yield Text("")
        yield from council_lines(council, shown=_FINDINGS)
    for review in ipr["reviews"]:
        yield Text("")
        yield _review(review, ipr["plan_digest"])
    if lines := list(approval_lines(ipr)):
        yield Text("")
        yield from (Text(line, style=_style(line)) for line in lines)
    if ipr["deployment_id"]:
        short = ipr["deployment_id"][:8]
        yield Text("")
        yield Text(f"deployment {short}: alma deployments show {short}", style="dim")


def _style(line: str) -> str:
    return "green" if line.startswith("has ") else "yellow"


def _review(review: Json, plan_digest: str) -> Text:
    who = review.get("display") or review["principal"]
    line = Text.assemble((who, "bold"), f" {_WORDS[review['action']]} {ago(review['created_at'])}")
    if review.get("self_review"):
        line.append(" (their own request)", style="yellow")
    if review["plan_digest"] != plan_digest:
        line.append(" (of an earlier plan)", style="yellow")
    return line.append(f": {review['comments']}" if review.get("comments") else "")
