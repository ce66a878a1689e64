"""A scripted model that reads messages, and what came of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alma.config import load_templates
from alma.core.agent.knowledge import Arguments, Asker, LookUp, LookUps
from alma.core.agent.reading import Read
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import ChatEvent, ChatEventType, Intent, Interpretation
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import InvalidInput
from alma.core.services.templates import Templates
from alma.llm.scripted import ScriptedModel
from tests.people import somebody

ASKER = somebody("kim", project="shop")
CREATIVE = "something to keep what customers order from getting lost"
BY_ITSELF = {
    CREATIVE: Interpretation(
        intent=Intent.UNKNOWN,
        unused=("customers", "order", "lost"),
        question="Can you say it as servers, databases and the like?",
    )
}
"""How a message without jargon is read without a model: said here, for the vocabulary grows."""


class Ports(Arguments):
    """What a test's look-up takes."""

    port: int


def knowledge(log: Json = "all is well") -> LookUps:
    """Two look-ups: a log that anybody may have written, and ports that ALMA knows itself."""

    async def read_log(_: Arguments, asker: Asker) -> Json:
        return {"project": asker.principal.project, "log": log}

    async def port(given: Ports, _: Asker) -> Json:
        if given.port > 65_535:
            raise InvalidInput(f"there is no port {given.port}", hint="ports end at 65535")
        return {"port": given.port, "share": "12 %"}

    return LookUps([
        LookUp("read_log", "The last lines of the log.", Arguments, read_log),
        LookUp("about_port", "What a port is for.", Ports, port, trusted=True),
    ])  # fmt: skip


@dataclass
class Heard:
    """What came of one message."""

    events: list[ChatEvent]
    read: Read
    model: ScriptedModel
    before: Blueprint | None = None
    templates: Templates = field(default_factory=lambda: Templates(load_templates()))

    @property
    def tokens(self) -> str:
        """The words as somebody has them who follows the stream."""
        text = ""
        for event in self.events:
            if event.data.get("restart"):
                text = ""
            elif event.type is ChatEventType.TOKEN:
                text += event.content
        return text

    @property
    def warnings(self) -> list[str]:
        return [event.content for event in self.events if event.type is ChatEventType.WARNING]

    @property
    def added(self) -> list[str]:
        return [
            edit.resource.name
            for edit in self.read.interpretation.edits
            if edit.op == "add_resource"
        ]


def draft(*resources: Mapping[str, Any], **fields: Any) -> Blueprint:
    """A blueprint of a shop."""
    return parse_blueprint({"name": "shop", **fields, "resources": list(resources)})
