"""What a model says while it says it: tokens, marked as they come, and taken back when the answer begins anew."""

from __future__ import annotations

from collections.abc import Iterator

from alma.core.agent.opinions import Figures, marked
from alma.core.model.conversation import ChatEvent, ChatEventType


class Voice:
    """The words of one answer so far. `supported` are the figures they may state."""

    def __init__(self, supported: Figures) -> None:
        self.supported = supported
        self._given = ""

    def grow(self, text: str, *, whole: bool = False) -> Iterator[ChatEvent]:
        """The tokens that are new in the words so far; if those began otherwise, all of them anew."""
        now = marked(text, self.supported, whole=whole)[0]
        if not now.startswith(self._given):
            yield from self.restart()
        if len(now) > len(self._given):
            yield ChatEvent(type=ChatEventType.TOKEN, content=now[len(self._given) :])
        self._given = now

    def restart(self) -> Iterator[ChatEvent]:
        """Takes back what was given, if anything was."""
        if self._given:
            yield ChatEvent(
                type=ChatEventType.PROGRESS,
                content="The answer begins anew.",
                data={"restart": True},
            )
        self._given = ""
