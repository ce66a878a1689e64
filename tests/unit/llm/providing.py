"""Providers for tests of the wiring: one that says what it heard, and one that always fails."""

from alma.core.model.dialogue import Ask, Usage
from alma.llm.faults import Kind, ModelFault
from alma.llm.scripted import Document, Scripted, ScriptedModel
from alma.llm.settings import Endpoint


def good(endpoint: Endpoint, *, silence: float) -> ScriptedModel:
    def heard(ask: Ask) -> Scripted:
        document: Document = {"heard": ask.parts[0].text, "max_tokens": ask.max_tokens}
        return Scripted(document, usage=Usage(consumed=10, generated=5))

    return ScriptedModel([heard], name=endpoint.name, forever=True)


def bad(endpoint: Endpoint, *, silence: float) -> ScriptedModel:
    fault = ModelFault(f"{endpoint.name} fails", kind=Kind.SERVER)
    return ScriptedModel([fault], name=endpoint.name, forever=True)
