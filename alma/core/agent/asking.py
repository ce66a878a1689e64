"""What a model is shown of a message: rules and language as the system's text, everything else in parts by who said it.

Whatever somebody else may have written is data, also where it is only a name. While a draft may change, texts long
enough to carry an instruction are left out of it altogether. Every part has a bound, so that a local model with a
context of 8,000 tokens has room for all of them and its answer.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template as Text
from typing import Any

from alma.core.agent.grounding import tells_more_than_a_name
from alma.core.agent.knowledge import ToolSpec
from alma.core.agent.message import Exchange, Message
from alma.core.agent.proposal import FIELDS, Form
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Origin, Resource, ResourceType
from alma.core.model.conversation import Intent
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.dialogue import Ask, Part, Speaker
from alma.core.model.software import Catalogue

MAX_TOKENS = 2_000
_EARLIER = 4
_SAID, _ANSWERED = 500, 300
_BLUEPRINT, _STATE, _RESULT = 6_000, 1_500, 3_000
_FAULTS, _GUESSES = 12, 40
_GUESSED = frozenset({Origin.INFERRED, Origin.MODEL})
_LEFT_OUT = "(text left out)"
_WRONG = (
    "Your last answer can't be used; the next part says what is wrong with it. "
    "Answer again with a whole corrected document."
)
_QUESTIONS = frozenset({
    Intent.STATUS, Intent.LIST, Intent.EXPLAIN, Intent.COST, Intent.AUDIT, Intent.COMPLIANCE, Intent.COMPARE,
    Intent.TROUBLESHOOT, Intent.CAPACITY, Intent.FORECAST, Intent.HELP, Intent.SMALLTALK,
})  # fmt: skip


class Asking:
    """Makes the asks of one installation."""

    def __init__(self, catalogue: Catalogue, templates: Sequence[str]) -> None:
        self.form = Form(catalogue, templates)
        self._software = ", ".join(sorted(catalogue.names()))
        self._templates = ", ".join(sorted(templates)) or "none"

    def ask(
        self, parts: Sequence[Part], *, edits: bool, tools: Sequence[ToolSpec], project: str
    ) -> Ask:
        """One ask: `edits` says whether the draft may change, `tools` what may be looked up."""
        return Ask(
            purpose="interpret" if edits else "explain",
            system=self.system(edits=edits, tools=tools),
            parts=tuple(parts),
            schema_=self.form.schema(edits=edits, tools=tools),
            project=project,
            max_tokens=MAX_TOKENS,
        )

    def system(self, *, edits: bool, tools: Sequence[ToolSpec]) -> str:
        """The rules, and the form of an answer in words: not every server shows a model its schema."""
        what = prompt("drafting.md" if edits else "answering.md")
        filled = Text(what).substitute(
            types=", ".join(ResourceType),
            properties=_properties(),
            software=self._software,
            templates=self._templates,
            tools=_tools(tools),
            examples=_examples(),
        )
        return f"{prompt('system.md')}\n{filled}"


@cache
def prompt(name: str) -> str:
    """A prompt's text, from the package."""
    return files("alma.core.agent").joinpath("prompts", name).read_text(encoding="utf-8")


@cache
def _properties() -> str:
    """A model's names for properties, with what the blueprint language says of them."""
    described = []
    for name, path in FIELDS.items():
        field = Resource.model_fields.get(path)
        words = str(field.description if field else "").split(".")[0].split(",")[0]
        described.append(f"{name} ({words.lower()})" if words and " " in words else name)
    return ", ".join(described)


def _tools(tools: Sequence[ToolSpec]) -> str:
    told = [
        f"\n- `{tool.name}`({', '.join(tool.schema.get('properties', {}))}): {tool.description}"
        for tool in tools
    ]
    return "".join(told) or "none"


@cache
def _examples() -> str:
    entries: list[dict[str, Any]] = json.loads(prompt("examples.json"))
    return "\n".join(
        f"Person: {entry['person']}\nDocument: {_compact(entry['document'])}" for entry in entries
    )


# ── parts ────────────────────────────────────────────────────────────────────────────────────────────


def parts_of(message: Message, draft: Blueprint | None, *, edits: bool) -> Iterator[Part]:
    """The parts of the first ask: what is there, what was said before, how ALMA read it, and last the message.
    `draft` is the blueprint with what the offline reading makes of it."""
    yield data("The draft blueprint", _shown(draft, lean=edits), limit=_BLUEPRINT)
    guesses = [path for path, origin in message.origins.items() if origin in _GUESSED]
    if guesses:
        yield data("Values that nobody has said", guesses[:_GUESSES], limit=_STATE)
    limits = message.constraints.model_dump(exclude_none=True) if message.constraints else {}
    if limits:
        yield data("Limits that hold", limits, limit=_STATE)
    if message.state:
        state = _lean(message.state) if edits else dict(message.state)
        yield data("What runs", state, limit=_STATE)
    for exchange in message.earlier[-_EARLIER:]:
        yield from _earlier(exchange, edits=edits)
    if message.agreed_to and edits:
        yield Part(speaker=Speaker.MODEL, text=message.agreed_to[:_ANSWERED])
    if edits:
        yield data("How ALMA read the message", _reading(message), limit=_RESULT)
    yield Part(speaker=Speaker.PERSON, text=message.text)


def data(title: str, value: Any, *, limit: int = _RESULT) -> Part:
    """A part of data, cut at its bound."""
    text = value if isinstance(value, str) else _compact(value)
    cut = text if len(text) <= limit else f"{text[:limit]} … (cut)"
    return Part(speaker=Speaker.DATA, text=f"{title}:\n{cut}")


def answered(document: Mapping[str, Json]) -> Part:
    """What the model itself has answered before."""
    text = _compact(document)
    return Part(speaker=Speaker.MODEL, text=text[:_RESULT])


def corrections(document: Mapping[str, Json], faults: Sequence[Diagnostic]) -> Iterator[Part]:
    """The answer again, and what is wrong with it. What is wrong quotes names, so it is data."""
    yield answered(document)
    yield Part(speaker=Speaker.ALMA, text=_WRONG)
    told = [f"{fault}{f' ({fault.hint})' if fault.hint else ''}" for fault in faults[:_FAULTS]]
    yield data("What is wrong", told)


def untrusted_in(message: Message, draft: Blueprint | None) -> bool:
    """Whether a text that can carry an instruction is still in what `parts_of` shows while a draft may change: only
    names and keys are, everything longer is left out."""
    shown = [_shown(draft, lean=True), _lean(message.state)]
    return any(tells_more_than_a_name(text) for text in _all_texts(shown))


def earlier_answers(message: Message) -> list[str]:
    """The answers that are shown while a draft may change."""
    return [e.answered for e in message.earlier[-_EARLIER:] if e.intent not in _QUESTIONS]


def _earlier(exchange: Exchange, *, edits: bool) -> Iterator[Part]:
    """Answers to questions may quote anything: they are not shown where a draft may change."""
    yield Part(speaker=Speaker.PERSON, text=exchange.said[:_SAID])
    if exchange.answered and not (edits and exchange.intent in _QUESTIONS):
        yield Part(speaker=Speaker.MODEL, text=exchange.answered[:_ANSWERED])


def _reading(message: Message) -> dict[str, Json]:
    offline = message.offline
    return {
        "wish": offline.intent.value,
        "understood": list(offline.understood),
        "assumed": list(offline.assumptions),
        "words_not_understood": list(offline.unused),
        "would_ask": offline.question,
        "language": offline.language,
    }


def _shown(draft: Blueprint | None, *, lean: bool) -> Json:
    """The blueprint, and if it is too long, what its resources are and no more."""
    if draft is None:
        return {"resources": []}
    document: Json = draft.dump()
    if lean:
        document = {**_lean(draft.dump()), "name": _lean(draft.name)}
    if len(_compact(document)) <= _BLUEPRINT:
        return document
    names: list[Json] = [
        {"name": r.name, "type": r.type.value, "software": r.engine} for r in draft.resources
    ]
    return {"resources": names}


def _lean(value: Any) -> Any:
    """Plain values without texts that are longer than a name. Names themselves stay: they are referred to."""
    if isinstance(value, Mapping):
        return {key: inner if key == "name" else _lean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_lean(inner) for inner in value]
    return _LEFT_OUT if isinstance(value, str) and tells_more_than_a_name(value) else value


def _all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield str(key)
            yield from _all_texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _all_texts(inner)
    elif isinstance(value, str):
        yield value


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
