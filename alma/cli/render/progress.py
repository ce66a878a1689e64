"""A deployment on its way: one line for each resource, redrawn where a terminal is, written once where it is not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from alma.cli.shapes import Event, Plan

_ACTIVE = {
    "create": "creating",
    "update": "changing",
    "replace": "replacing",
    "delete": "deleting",
    "adopt": "adopting",
}
_DONE = {
    "create": "created",
    "update": "changed",
    "replace": "replaced",
    "delete": "deleted",
    "adopt": "adopted",
}
_SIGNS = {
    "waiting": ("·", "dim"),
    "skipped": ("·", "dim"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "undone": ("↶", "yellow"),
}
_PHASES = {
    "succeeded": "done",
    "rolled_back": "failed and undone",
    "queued": "waiting for its turn",
    "running": "deploying",
    "verifying": "verifying",
    "rolling_back": "undoing",
}
# Lines of a terminal that are not for resources: heading, counts, and one to spare.
_OTHER_LINES = 4
_GAP = 2
# What a terminal writes behind the last line at Ctrl-C: without room for it the line breaks, and redrawing misses one.
_ECHO = "^C"


@dataclass
class Row:
    """One resource. `since` is this machine's clock, `seconds` the server's; `detail` the engine's last word."""

    address: str
    type: str
    action: str
    state: str = "waiting"
    undoing: bool = False
    since: float | None = None
    begun: datetime | None = None
    seconds: float | None = None
    detail: str = ""

    @property
    def words(self) -> str:
        """What is happening to it."""
        if self.state == "running":
            return "undoing" if self.undoing else _ACTIVE.get(self.action, self.action)
        if self.state == "skipped":
            return "not begun"
        return _DONE.get(self.action, self.action) if self.state == "done" else self.state


@dataclass
class Progress:
    """What is known of a deployment from its events. Feeding an event again changes nothing but times."""

    title: str
    rows: dict[str, Row]
    phase: str = "queued"
    cancelled: bool = False
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    spinner: Spinner = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()
        self.spinner = Spinner("dots", style="cyan")

    @classmethod
    def of(cls, plan: Plan, *, clock: Callable[[], float] = time.monotonic) -> Progress:
        """Everything that will change, waiting."""
        changing = [change for change in plan["changes"] if change["action"] != "no-op"]
        rows = {c["address"]: Row(c["address"], c["type"], c["action"]) for c in changing}
        what = "Destroying" if plan["kind"] == "destroy" else "Deploying"
        title = f"{what} {plan['blueprint_name']} on {plan['engine']}"
        return cls(title=title, rows=rows, clock=clock)

    def feed(self, event: Event) -> None:
        """Takes in one event."""
        data = event["data"]
        if event["type"] == "status_change":
            self.phase = str(data.get("state", self.phase))
        if event["type"] == "complete":
            self._end(str(data.get("state", "")))
        address = event["address"]
        if address is None or address not in self.rows:
            return
        row = self.rows[address]
        if event["type"] in {"progress", "error"} and "state" in data:
            self._move(row, event, data)
        elif event["type"] == "log" and "passed" not in data:
            row.detail = event["message"]

    def _end(self, state: str) -> None:
        self.phase, self.cancelled = state, False
        for row in self.rows.values():
            if row.state == "waiting":
                row.state = "skipped"

    def _move(self, row: Row, event: Event, data: Mapping[str, object]) -> None:
        now = datetime.fromisoformat(event["time"])
        state = str(data["state"])
        if state == "running":
            row.state, row.undoing = "running", bool(data.get("undo"))
            row.since, row.begun, row.seconds = self.clock(), now, None
            return
        row.state = {"succeeded": "done", "rolled_back": "undone"}.get(state, "failed")
        row.seconds = max(0.0, (now - (row.begun or now)).total_seconds())
        row.detail = event["message"].partition(" failed: ")[2] if row.state == "failed" else ""
        if data.get("adopted"):
            row.detail = "made by an earlier attempt"

    def elapsed(self, row: Row) -> float | None:
        """Seconds a resource has taken, so far or at all."""
        if row.seconds is not None:
            return row.seconds
        return self.clock() - row.since if row.since is not None else None

    @property
    def done(self) -> int:
        """How many resources are as they shall be."""
        return sum(row.state == "done" for row in self.rows.values())

    # ── redrawn ──────────────────────────────────────────────────────────────────────────────────

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = (options.height or console.height) - _OTHER_LINES
        yield Text.assemble(
            (self.title, "bold"),
            f" · {self.done} of {len(self.rows)} · {seconds(self.clock() - self.started)}",
            (f" · {_PHASES.get(self.phase, self.phase)}", "dim"),
            (" · cancelling; Ctrl-C again leaves" if self.cancelled else "", "yellow"),
        )
        shown = self._shown(max(3, room))
        yield self._table(shown, options.max_width)
        if len(shown) < len(self.rows):
            yield Text(f"  … and {len(self.rows) - len(shown)} more", style="dim")

    def _shown(self, room: int) -> list[Row]:
        """All rows, or those that matter now: failed, running, the last ones done, the next ones."""
        rows = list(self.rows.values())
        if len(rows) <= room:
            return rows
        weight = {"failed": 0, "running": 1, "undone": 2, "waiting": 3, "skipped": 3, "done": 4}
        chosen = sorted(rows, key=lambda row: weight[row.state])[:room]
        return [row for row in rows if row in chosen]

    def _table(self, rows: list[Row], width: int) -> Table:
        # As wide as the widest of all rows, so that nothing moves: only the engine's words are cut.
        everything = self.rows.values()
        widths = [
            3,
            max((len(row.address) for row in everything), default=0),
            max((len(row.type) for row in everything), default=0),
            len("replacing"),
            len("00:00"),
        ]
        room = width - sum(widths) - _GAP * len(widths) - len(_ECHO)
        table = Table.grid(padding=(0, _GAP, 0, 0))
        for number, needed in enumerate(widths):
            right = number in {0, len(widths) - 1}
            table.add_column(no_wrap=True, width=needed, justify="right" if right else "left")
        table.add_column(no_wrap=True, width=max(1, room), overflow="ellipsis")
        for row in rows:
            table.add_row(*self._cells(row))
        return table

    def _cells(self, row: Row) -> Iterator[RenderableType]:
        sign, style = _SIGNS.get(row.state, ("", "cyan"))
        yield self.spinner if row.state == "running" else Text(sign, style=style)
        yield Text(row.address, style="dim" if row.state == "waiting" else "bold")
        yield Text(row.type, style="dim")
        yield Text(row.words, style=style)
        taken = self.elapsed(row)
        yield Text("" if taken is None else seconds(taken), style="dim")
        yield Text(row.detail, style=style if row.state == "failed" else "dim")

    # ── written once ─────────────────────────────────────────────────────────────────────────────

    def line(self, event: Event) -> Text | None:
        """The line for a log or a pipe after an event was fed; None where nothing is to be said."""
        row = self.rows.get(event["address"] or "")
        clock = f"{seconds(self.clock() - self.started):>6}  "
        if row is not None and event["type"] in {"progress", "error"}:
            sign, style = _SIGNS.get(row.state, ("…", "cyan"))
            took = f" in {seconds(row.seconds)}" if row.seconds is not None else ""
            detail = f": {row.detail}" if row.detail and row.state in {"done", "failed"} else ""
            return Text.assemble(
                clock, (sign, style), f" {row.type} {row.address} {row.words}{took}{detail}"
            )
        if event["type"] == "complete" or "passed" in event["data"]:
            return None  # the end is told with its proofs, all at once
        where = f"{event['address']}: " if event["address"] and event["type"] != "error" else ""
        return Text(f"{clock}  {where}{event['message']}")


def seconds(value: float) -> str:
    """`0.4s`, `12s`, `3:07`."""
    if value < 10:
        return f"{value:.1f}s"
    return f"{value:.0f}s" if value < 60 else f"{value // 60:.0f}:{value % 60:02.0f}"
