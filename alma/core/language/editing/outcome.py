"""What a clause became: edits and what to say about them, or the question to ask instead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from alma.core.model.conversation import Edit, Intent


class Asks(Exception):
    """Something is missing or impossible: the question to put instead of guessing. Never leaves this package.

    `open` questions may be answered with a fragment ("the database", "8GB") that completes the request, those with an
    `offer` with a plain yes, which then means the offer; `lost` are those of somebody who understood nothing. `among`
    are the names it offers to choose from, `about` the words of the request that may mean any of them; `size_of` is the
    resource whose size it asks about.
    """

    def __init__(
        self,
        question: str,
        *,
        open: bool = False,
        offer: str | None = None,
        lost: bool = False,
        among: Sequence[str] = (),
        about: str = "",
        size_of: str = "",
    ) -> None:
        super().__init__(question)
        self.question = question
        self.open = open
        self.offer = offer
        self.lost = lost
        self.among = tuple(among)
        self.about = about
        self.size_of = size_of


@dataclass
class Outcome:
    """What a clause became. `asks` are about single values that were left out, beside what was made."""

    edits: list[Edit] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    asks: list[Asks] = field(default_factory=list)
    intent: Intent | None = None
