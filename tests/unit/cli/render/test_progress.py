"""Progress is made from events alone, so that whoever connects again sees the same."""

from __future__ import annotations

from rich.console import Console
from rich.segment import Segment

from alma.cli.render.progress import Progress, seconds
from tests.unit.cli.render.reading import change, event, plan, text_of


class Clock:
    """A clock that only moves when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def progress(*addresses: str, clock: Clock | None = None) -> Progress:
    changes = [change(address) for address in addresses] + [change("same", "no-op")]
    return Progress.of(plan(*changes), clock=clock or Clock())


def test_everything_that_changes_waits_at_first() -> None:
    text = text_of(progress("db", "web"))
    assert text.splitlines()[0] == "Deploying shop on docker · 0 of 2 · 0.0s · waiting for its turn"
    assert "·  db" in text
    assert "same" not in text


def test_a_resource_under_way_shows_what_happens_how_long_and_the_engines_word() -> None:
    clock = Clock()
    shown = progress("db", clock=clock)
    shown.feed(event("status_change", state="running"))
    shown.feed(event("progress", "db", state="running"))
    shown.feed(event("log", "db", message="pulling postgres:16, 45%"))
    clock.now += 12
    text = text_of(shown)
    assert "0 of 1 · 12s · deploying" in text
    assert "creating" in text
    assert "12s" in text.splitlines()[1]
    assert "pulling postgres:16, 45%" in text


def test_a_finished_resource_keeps_the_servers_time() -> None:
    clock = Clock()
    shown = progress("db", clock=clock)
    shown.feed(event("progress", "db", at=1.0, state="running"))
    shown.feed(event("progress", "db", at=4.5, state="succeeded"))
    clock.now += 1000
    assert shown.elapsed(shown.rows["db"]) == 3.5
    assert "✓  db" in text_of(shown)
    assert shown.done == 1


def test_a_failure_shows_its_reason() -> None:
    shown = progress("db")
    shown.feed(event("progress", "db", state="running"))
    shown.feed(
        event("error", "db", message="create service db failed: no space left", state="failed")
    )
    assert "no space left" in text_of(shown)
    assert shown.rows["db"].words == "failed"


def test_what_is_undone_is_shown_as_undone() -> None:
    shown = progress("db")
    shown.feed(event("progress", "db", state="running", undo=True))
    assert shown.rows["db"].words == "undoing"
    shown.feed(event("progress", "db", state="rolled_back"))
    assert shown.rows["db"].words == "undone"


def test_an_adopted_object_is_told() -> None:
    shown = progress("db")
    shown.feed(event("progress", "db", state="succeeded", adopted=True))
    assert "made by an earlier attempt" in text_of(shown)


def test_with_more_rows_than_lines_the_ones_that_matter_stay() -> None:
    shown = progress(*(f"web-{n}" for n in range(100)))
    shown.feed(event("progress", "web-50", state="running"))
    shown.feed(event("error", "web-99", message="x failed: refused", state="failed"))
    assert {"web-50", "web-99"} <= {row.address for row in shown._shown(10)}
    assert len(shown._shown(10)) == 10


def test_the_engines_long_word_is_cut_and_nothing_else() -> None:
    shown = progress("a-rather-long-name-of-a-web-server")
    shown.feed(event("progress", "a-rather-long-name-of-a-web-server", state="running"))
    shown.feed(event("log", "a-rather-long-name-of-a-web-server", message="word " * 100))
    line = text_of(shown, width=80).splitlines()[1]
    assert "a-rather-long-name-of-a-web-server" in line
    assert "creating" in line
    assert len(line) <= 80


def test_a_terminals_echo_of_ctrl_c_has_room_behind_the_last_line() -> None:
    console = Console(width=80, height=20)
    lines = console.render_lines(progress("db"), console.options, pad=False)
    assert Segment.get_line_length(lines[-1]) <= 80 - len("^C")


def test_in_a_log_each_step_is_a_line() -> None:
    shown = progress("db")
    begun = event("progress", "db", at=0.0, state="running")
    shown.feed(begun)
    assert str(shown.line(begun)).split() == ["0.0s", "…", "service", "db", "creating"]
    ended = event("progress", "db", at=2.0, state="succeeded")
    shown.feed(ended)
    assert str(shown.line(ended)).split() == "0.0s ✓ service db created in 2.0s".split()


def test_in_a_log_proofs_and_the_end_are_left_to_the_summary() -> None:
    shown = progress("db")
    assert shown.line(event("log", "db", message="verified", passed=True)) is None
    assert shown.line(event("complete", message="done")) is None


def test_durations_are_short_words() -> None:
    assert [seconds(value) for value in (0.04, 9.96, 12.3, 59.4, 187.0)] == [
        "0.0s",
        "10.0s",
        "12s",
        "59s",
        "3:07",
    ]
