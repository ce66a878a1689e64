"""How a language model reads a message: beside the offline reading, never instead of it.

The offline reading decides what a message does; a model adds what it did not understand, and the words. What a model
proposes passes the same validation as anybody's edits, has its own origin, and has to be grounded in what the person
said: text that ALMA only read somewhere can't make anything of itself. A model that fails costs nothing but time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing

from alma.core.agent.asking import (
    Asking,
    answered,
    corrections,
    data,
    earlier_answers,
    parts_of,
    untrusted_in,
)
from alma.core.agent.grounding import (
    Grounds,
    Judged,
    Vocabulary,
    added_by,
    touched_by,
    understood_fully,
)
from alma.core.agent.knowledge import Knowledge, ToolSpec
from alma.core.agent.message import Exchange, Message, Read
from alma.core.agent.opinions import figures_of, marked, numbers_of
from alma.core.agent.proposal import (
    Call,
    Proposal,
    changing,
    edits_of,
    faults_at,
    proposal_of,
)
from alma.core.agent.telling import AGAIN, leaving_out, offering, told
from alma.core.agent.voice import Voice
from alma.core.language.editing.edits import apply_edits
from alma.core.language.interpreter import Interpreter
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    ChatEvent,
    ChatEventType,
    Edit,
    Intent,
    Interpretation,
)
from alma.core.model.diagnostic import Diagnostic
from alma.core.model.dialogue import Part, Partial, Reply, Usage
from alma.core.model.document import parse_blueprint
from alma.core.model.errors import AlmaError, BlueprintInvalid, LanguageModelError
from alma.core.ports import LanguageModel
from alma.core.services.templates import Templates

__all__ = ["Exchange", "Message", "Read", "Reader"]

MAX_CORRECTIONS = 2
MAX_LOOK_UPS = 4

_DEEDS = frozenset({Intent.APPROVE, Intent.REJECT, Intent.DESTROY, Intent.ROLLBACK, Intent.UNDO})
"""Decided by the person's own words alone: a model is not even asked."""
_DRAFTING = frozenset(
    {Intent.CREATE, Intent.CHANGE, Intent.MIGRATE, Intent.SUGGEST, Intent.UNKNOWN}
)


class Reader:
    """Reads messages with a language model. One instance serves everybody: it keeps nothing between messages."""

    def __init__(
        self,
        *,
        model: LanguageModel,
        knowledge: Knowledge,
        interpreter: Interpreter,
        templates: Templates,
    ) -> None:
        self.model = model
        self.knowledge = knowledge
        self.templates = templates
        self._interpreter = interpreter
        self.asking = Asking(interpreter.catalogue, list(templates.entries))

    @property
    def vocabulary(self) -> Vocabulary:
        """What tells whether the person's words ask for something."""
        return Vocabulary(self._interpreter.gazetteer, self.templates.entries)

    async def read(self, message: Message) -> AsyncGenerator[ChatEvent | Read, None]:
        """The events of the reading as they come, and last what became of the message.

        Never raises for what a model does: one that fails is a `warning` event and the offline reading. A `progress`
        event with `{"restart": true}` takes back the tokens so far. Closing it stops the model's work.
        """
        if _DEEDS & {message.offline.intent, *message.offline.acts}:
            yield Read(message.offline)
            return
        reading = _Reading(self, message)
        try:
            async with aclosing(reading.rounds()) as events:
                async for event in events:
                    yield event
        except LanguageModelError as error:
            for event in reading.given_up(f"the language model can't be used: {error.message}"):
                yield event


class _Reading:
    """One message's way through a model: rounds of asking, looking up and correcting, each kind of them bounded."""

    def __init__(self, reader: Reader, message: Message) -> None:
        self._reader = reader
        self._message = message
        offline = message.offline
        self._edits = bool(offline.edits) or offline.intent in _DRAFTING
        self._edits = self._edits or (offline.intent is Intent.DEPLOY and bool(offline.unused))
        self._edits = self._edits or message.agreed_to is not None
        self._acts = Intent.DEPLOY in {offline.intent, *offline.acts}
        self._sure = understood_fully(offline)
        self._own = offline.edits
        self._draft = self._drafted()
        self._parts: list[Part] = list(parts_of(message, self._draft, edits=self._edits))
        self._foreign = self._edits and untrusted_in(message, self._draft)
        limits = message.constraints.model_dump() if message.constraints else {}
        self._voice = Voice(figures_of(message.text, limits) | numbers_of(message.state))
        self._consulted: list[str] = []
        self._usage = Usage()
        self._reply: Reply | None = None
        self._look_ups, self._corrections = MAX_LOOK_UPS, MAX_CORRECTIONS
        self._ended = False

    async def rounds(self) -> AsyncGenerator[ChatEvent | Read, None]:
        """Every event of it; the last is a `Read`."""
        while not self._ended:
            async with aclosing(self._asked()) as events:
                async for event in events:
                    yield event
            async for ending in self._answered():
                yield ending

    async def _answered(self) -> AsyncGenerator[ChatEvent | Read, None]:
        """What one answer leads to: a look-up, a correction, or the end."""
        proposal, edits, faults = self._checked()
        if proposal is not None and proposal.calls and self._look_ups:
            self._look_ups -= 1
            for event in self._voice.restart():
                yield event
            async for event in self._looked_up(proposal.calls):
                yield event
        elif faults and self._corrections:
            self._corrections -= 1
            self._parts += corrections(self._document, faults)
            for event in self._voice.restart():
                yield event
        elif proposal is None or faults:
            for ending in self.given_up("the language model's answers could not be used"):
                yield ending
        else:
            for ending in self._outcome(proposal, edits):
                yield ending

    # ── asking ───────────────────────────────────────────────────────────────────────────────────

    async def _asked(self) -> AsyncGenerator[ChatEvent, None]:
        """One ask. The words come as tokens once it is clear that nothing is to be looked up first."""
        tools: Sequence[ToolSpec] = self._reader.knowledge.tools if self._look_ups else ()
        ask = self._reader.asking.ask(
            self._parts,
            edits=self._edits,
            tools=tools,
            project=self._message.principal.project,
        )
        self._reply = None
        async with aclosing(self._reader.model.answer(ask)) as answers:
            async for answer in answers:
                if isinstance(answer, Partial):
                    for event in self._heard(answer.document):
                        yield event
                else:
                    self._reply = answer
        if self._reply is None:
            raise LanguageModelError(f"{self._reader.model.name} ended without an answer")
        self._usage += self._reply.usage

    def _heard(self, document: Mapping[str, Json]) -> Iterator[ChatEvent]:
        said = document.get("say")
        if isinstance(said, str) and said and not (self._look_ups and document.get("calls")):
            yield from self._voice.grow(said.strip())

    @property
    def _document(self) -> Mapping[str, Json]:
        return self._reply.document if self._reply else {}

    # ── looking up ───────────────────────────────────────────────────────────────────────────────

    async def _looked_up(self, calls: Sequence[Call]) -> AsyncGenerator[ChatEvent, None]:
        self._parts.append(answered(self._document))
        for call in calls:
            yield ChatEvent(
                type=ChatEventType.PROGRESS,
                content=f"Looking up: {call.tool.replace('_', ' ')}",
                data={"tool": call.tool},
            )
            self._parts.append(await self._result(call))

    async def _result(self, call: Call) -> Part:
        """A tool's answer, or why there is none: either way it is data."""
        knowledge = self._reader.knowledge
        trusted = {tool.name: tool.trusted for tool in knowledge.tools}
        try:
            found = await knowledge.call(
                call.tool,
                call.arguments,
                principal=self._message.principal,
                blueprint=self._draft,
            )
        except AlmaError as error:
            wrong = [str(item) for item in faults_at(call.tool, error)]
            return data("The tool could not be used", wrong)
        self._consulted.append(call.tool)
        own = trusted.get(call.tool, False)
        self._foreign = self._foreign or not own
        self._voice.supported |= figures_of(found) if own else numbers_of(found)
        return data(f"Result of {call.tool}", found)

    # ── what the answer comes to ─────────────────────────────────────────────────────────────────

    def _checked(self) -> tuple[Proposal | None, tuple[Edit, ...], list[Diagnostic]]:
        """The answer, its edits, and what is wrong with either. Where nothing may change, edits are not even read."""
        document = self._document
        if not self._edits:
            document = {key: document[key] for key in ("calls", "say") if key in document}
        try:
            proposal = proposal_of(document)
        except BlueprintInvalid as error:
            return None, (), list(error.diagnostics)
        try:
            edits = self._valid(proposal)
        except AlmaError as error:
            return proposal, (), faults_at("edits", error)
        return proposal, edits, []

    def _valid(self, proposal: Proposal) -> tuple[Edit, ...]:
        """The typed edits. Raises AlmaError (BlueprintInvalid with a diagnostic for each fault) where they can't be."""
        self._reader.asking.form.check(proposal)
        edits = edits_of(
            proposal,
            self._draft,
            fresh=added_by(self._own),
            templates=self._reader.templates.customize,
        )
        self._with((*self._own, *edits))
        return edits

    def _drafted(self) -> Blueprint | None:
        """The draft with what the offline reading makes of it; as it was, where that can't be done."""
        try:
            return self._with(self._own)
        except AlmaError:
            self._own = ()
            return self._message.blueprint

    def _with(self, edits: Sequence[Edit]) -> Blueprint | None:
        """The draft after some edits. Raises as `apply_edits` and `parse_blueprint` do."""
        if not edits:
            return self._message.blueprint
        customize = self._reader.templates.customize
        draft = apply_edits(self._message.blueprint, edits, templates=customize)[0]
        return parse_blueprint(draft.dump())

    def _judged(self, edits: Sequence[Edit]) -> Judged:
        """What of it is done: nothing that a question asks, and nothing that the person's words don't bear."""
        offline = self._message.offline
        if not edits or offline.intent is Intent.SUGGEST or (self._acts and self._sure):
            return Judged(offered=tuple(edits))
        names = [resource.name for resource in self._draft.resources] if self._draft else []
        said = [*(turn.said for turn in self._message.earlier[-1:]), self._message.text]
        said += [self._message.agreed_to] if self._message.agreed_to else []
        vocabulary = self._reader.vocabulary
        grounds = Grounds(
            vocabulary.mentions(said, names),
            others=vocabulary.mentions(earlier_answers(self._message)),
            draft=self._draft,
            touched=touched_by(self._own),
            fresh=added_by(self._own),
            sure=self._sure,
            foreign=self._foreign or self._acts,
        )
        judged = grounds.judge(edits)
        try:
            self._with((*self._own, *judged.done))
            customize = self._reader.templates.customize
            done = changing(judged.done, self._draft, templates=customize)
        except AlmaError:
            return Judged(offered=tuple(edits))  # half of it is no valid blueprint
        return Judged(done, judged.offered)

    def _outcome(self, proposal: Proposal, edits: Sequence[Edit]) -> Iterator[ChatEvent | Read]:
        judged = self._judged(edits)
        asked = "" if self._sure else proposal.question or ""
        text = f"{proposal.say.strip()} {asked.strip()}".strip() if self._edits else proposal.say
        words, opinions = marked(text.strip(), self._voice.supported)
        if judged.offered:
            # The words may speak of what was not done: what was done is told without them.
            words, opinions = "", ()
            yield from self._voice.restart()
        else:
            yield from self._voice.grow(text.strip(), whole=True)
        self._ended = True
        yield Read(
            interpretation=self._interpretation(proposal, judged, heard=bool(words)),
            response=words or None,
            offer=() if self._acts else judged.offered,
            opinions=opinions,
            consulted=tuple(dict.fromkeys(self._consulted)),
            model=self._reply.model if self._reply else None,
            usage=self._usage,
        )

    def _interpretation(self, proposal: Proposal, judged: Judged, *, heard: bool) -> Interpretation:
        """The offline reading, with what the model has added. Only the person's words can make it one that acts."""
        offline = self._message.offline
        if not self._edits:
            return offline
        settled = bool(judged.done) or heard
        guesses = map(self._said, proposal.assumptions) if judged.done else ()
        left_out = (leaving_out(judged.offered),) if judged.offered and self._acts else ()
        return offline.model_copy(
            update={
                "intent": self._intent(judged.done),
                "edits": (*self._own, *judged.done) if judged.done else offline.edits,
                "understood": (*offline.understood, *map(told, judged.done)),
                "assumptions": (*offline.assumptions, *guesses, *left_out),
                "question": self._question(proposal, judged, settled=settled),
                "unused": () if settled else offline.unused,
            }
        )

    def _question(self, proposal: Proposal, judged: Judged, *, settled: bool) -> str | None:
        """The one question there is. With one, nothing acts: who says "deploy it" in words that only a model could make
        sense of, is asked to say it again."""
        offline = self._message.offline
        if self._acts:
            return AGAIN if judged.done else offline.question
        if judged.offered:
            return offering(judged.offered)
        if self._sure:
            return None
        return self._said(proposal.question or "") or (None if settled else offline.question)

    def _said(self, words: str) -> str:
        return marked(words.strip(), self._voice.supported)[0]

    def _intent(self, done: Sequence[Edit]) -> Intent:
        offline, draft = self._message.offline, self._message.blueprint
        if not done or offline.intent in {Intent.CREATE, Intent.CHANGE, Intent.MIGRATE}:
            return offline.intent
        if self._acts:
            return Intent.DEPLOY
        return Intent.CHANGE if draft is not None and draft.resources else Intent.CREATE

    def given_up(self, why: str) -> Iterator[ChatEvent | Read]:
        """The offline reading stands: what was said so far is taken back, and why is told."""
        self._ended = True
        yield from self._voice.restart()
        content = f"{why[0].upper()}{why[1:]}. ALMA has read the message by itself."
        yield ChatEvent(
            type=ChatEventType.WARNING,
            content=content,
            data={"code": LanguageModelError.code},
        )
        yield Read(
            self._message.offline,
            consulted=tuple(dict.fromkeys(self._consulted)),
            usage=self._usage,
            fallback=why,
        )
