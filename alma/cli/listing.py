"""How every verb that lists ends: what it shows, what it says of the rest, and the one shape that scripts get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import RenderableType

    from alma.cli.calls import Rows
    from alma.cli.terminal import Terminal


def tell(term: Terminal, found: Rows, shown: RenderableType, **facts: Any) -> None:
    """The rows for people; with --json `items` and `total`, the number of all there are, behind what is said of the
    list itself."""
    term.say(shown)
    if found.cut:
        term.note(found.cut)
    if term.as_json:
        term.answer({**facts, "items": found, "total": found.total})


def most(limit: int, *, everything: bool) -> int | None:
    """How many to ask for; None for all of them."""
    return None if everything else limit
