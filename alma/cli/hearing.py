"""Shows an answer while it is made: what is being done, then the words as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from alma.cli.client import Client
from alma.cli.errors import CliError
from alma.cli.shapes import Json
from alma.cli.talking import talk
from alma.cli.terminal import Terminal

if TYPE_CHECKING:
    from rich.console import RenderableType

_REFRESHES_A_SECOND = 12


class Hearing:
    """One answer as far as it is known. It can be given up at any time."""

    def __init__(self, client: Client, term: Terminal) -> None:
        self._client = client
        self._term = term
        self._words = ""
        self._doing = "thinking"
        self._warnings: list[str] = []
        self._turn_id: str | None = None
        self.conversation_id: str | None = None

    def hear(
        self,
        message: str,
        conversation_id: str | None,
        *,
        engine: str | None = None,
        as_events: bool = False,
    ) -> Json:
        """Says it and shows what comes; the whole answer. `as_events`: each as a line of JSON. Raises CliError;
        Ctrl-C gives the answer up and is raised again."""
        self.conversation_id = conversation_id
        events = talk(
            self._client, message, conversation_id, engine=engine, on_break=self._tell_break
        )
        try:
            if as_events:
                return self._as_lines(events)
            answer = self._live(events) if self._term.live else self._to_the_end(events)
        except KeyboardInterrupt:
            self._stop()
            raise
        for warning in self._warnings:
            if warning not in answer["response"]:
                self._term.warn(warning)
        return answer

    def _as_lines(self, events: Iterator[Json]) -> Json:
        answer: Json = {}
        for answer in events:
            self._heard(answer)
            self._term.line(answer)
        return answer

    def _to_the_end(self, events: Iterator[Json]) -> Json:
        """Where nothing can be redrawn, only the end is worth a line."""
        answer: Json = {}
        with self._term.busy("thinking"):
            for answer in events:
                self._heard(answer)
        return answer

    def _live(self, events: Iterator[Json]) -> Json:
        from rich.live import Live

        answer: Json = {}
        with Live(
            get_renderable=self._shown,
            console=self._term.console,
            refresh_per_second=_REFRESHES_A_SECOND,
            vertical_overflow="visible",
        ) as live:
            for answer in events:
                self._heard(answer)
                self._keep(answer)
                live.refresh()
        return answer

    def _heard(self, event: Json) -> None:
        match event["type"]:
            case "thinking":
                self._turn_id = event.get("turn_id") or self._turn_id
                self.conversation_id = event.get("conversation_id") or self.conversation_id
            case "token":
                self._words += event["content"]
            case "progress":
                self._words = "" if event.get("restart") else self._words
                self._doing = event["content"]
            case "warning":
                self._warnings.append(event["content"])
            case "resource":
                self._doing = f"drafting {event['content']}"
            case "complete":
                self._words = event["response"]
                self.conversation_id = event["conversation_id"]
            case _:
                pass  # what a newer server tells

    def _keep(self, event: Json) -> None:
        """What stays above the words once they are there."""
        if event["type"] == "progress" and not event.get("restart"):
            self._term.console.print(Text(str(event["content"]), style="dim"))

    def _shown(self) -> RenderableType:
        return Text(self._words) if self._words else Text(f"{self._doing} …", style="dim")

    def _tell_break(self, attempt: int) -> None:
        if attempt == 1:
            self._term.note("the connection was lost; trying again")

    def _stop(self) -> None:
        """Ends the work where it is done: a model that nobody reads costs money."""
        if self._turn_id is None:
            return
        try:
            self._client.stop_turn(self._turn_id)
        except CliError as error:
            self._term.warn(f"it could not be stopped: {error.message}")


def answer_of(event: Json) -> Json:
    """The answer that the last event carries, as the conversation's other calls give it."""
    return {key: value for key, value in event.items() if key not in {"type", "content"}}
