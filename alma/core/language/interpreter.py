"""A message and the blueprint it is about, to an `Interpretation`: offline, deterministic, without I/O.

Values come from the user's words or are marked as what they are; what is unclear becomes a question; what was not used
is listed. The interpreter never applies anything: its edits go through `edits.apply_edits` like anybody else's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from alma.core.language.changing.belonging import belonging
from alma.core.language.changing.change import Changer
from alma.core.language.changing.standing import standing
from alma.core.language.changing.targets import Focus
from alma.core.language.clauses import NOTHING, Clause, whole
from alma.core.language.editing.edits import apply_edits
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.firewalls.rules import take_rules
from alma.core.language.followups.amending import Amending
from alma.core.language.followups.anchors import as_tiers
from alma.core.language.followups.antecedent import unfounded
from alma.core.language.followups.consent import refers_back
from alma.core.language.followups.context import REMEMBERED, Context
from alma.core.language.followups.going_on import goes_on
from alma.core.language.followups.instances import instance_of
from alma.core.language.intent.act import Act
from alma.core.language.intent.acts import Acts
from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.deeds import Deeds
from alma.core.language.intent.intents import Recogniser
from alma.core.language.intent.opinion import opinion, ordered
from alma.core.language.intent.particulars import Particulars, particulars
from alma.core.language.intent.plain_questions import plainly_asked
from alma.core.language.intent.remarks import Remarks
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.heads import is_identifier
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.screening.screen import MAX_MESSAGE, Screen
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Prepared
from alma.core.language.wording.corrections import settle
from alma.core.language.wording.exposure import mark_exposure
from alma.core.language.wording.loads import Said, Sizer, take_load
from alma.core.language.wording.ownership import take_ownership
from alma.core.language.wording.renaming import renames
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Constraints, ResourceType
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    Interpretation,
    RenameResource,
    SetBlueprint,
    UseTemplate,
)
from alma.core.model.errors import AlmaError
from alma.core.model.sizing import Sizing
from alma.core.model.software import Catalogue
from alma.core.model.template import Template

_MOSTLY = 0.5
# Nobody says more at once who is not pasting something; and each is read with the draft that those before have left.
_MOST_ACTS = 40
_SHORT = 8


# Who tells what others did or might do decides nothing.
_TOLD = re.compile(
    r"^\W*(?:my|our|the|a|an|he|she|they|someone|somebody|it)\b|\b(?:already|was|were|been|has|had|will|might|may|maybe|"
    r"tomorrow|later|yesterday|colleague|wants|said|says|not|never|don't)\b",
    re.IGNORECASE,
)
# What a phrase has after its verb: "start it" is "start".
_OBJECT = re.compile(r" (?:it|them|the|me|now)$")
_POLITE = re.compile(
    r"^\W*(?:please\W+)?(?:(?:can|could|would|will) (?:you|we)|(?:can|could|may) i (?:please )?(?:get|have|order))\b",
    re.IGNORECASE,
)


@dataclass
class _Reading:
    """What a message became so far. `settled`: what it wants is beyond doubt, and nothing to be weighed again."""

    acts: Sequence[Act] = ()
    edits: list[Edit] = field(default_factory=list)
    intents: list[tuple[Intent, bool]] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    questions: list[Asks] = field(default_factory=list)
    noise: list[Asks] = field(default_factory=list)
    chatter: list[Asks] = field(default_factory=list)
    sizing: Sizing | None = None
    sized: bool = False
    region: str | None = None
    unused: list[str] = field(default_factory=list)
    settled: bool = False
    subject: str | None = None
    engine: str | None = None
    named: Particulars = field(default_factory=Particulars)


class Interpreter:
    """Understands messages. One instance serves everybody: it keeps nothing between calls."""

    def __init__(
        self,
        catalogue: Catalogue,
        templates: Mapping[str, Template] | None = None,
        *,
        sizing: Sizer | None = None,
    ) -> None:
        self.catalogue = catalogue
        self.sizing = sizing
        self.templates = dict(templates or {})

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The vocabulary, read when the first message comes: most commands never need it."""
        return Gazetteer(self.catalogue)

    @cached_property
    def acts(self) -> Acts:
        """The reader of what messages want done."""
        return Acts(self.gazetteer)

    @cached_property
    def deeds(self) -> Deeds:
        """What lets act only what was plainly ordered."""
        return Deeds(self.gazetteer, Clausing(self.gazetteer))

    @cached_property
    def remarks(self) -> Remarks:
        """What tells orders from what is only told beside them."""
        return Remarks(self.gazetteer, Clausing(self.gazetteer))

    @cached_property
    def screen(self) -> Screen:
        """The look at a whole message before it is read."""
        return Screen(self.gazetteer.means, self.acts.begins_order, self.acts.acts_upon)

    @cached_property
    def amending(self) -> Amending:
        """The reader of messages that only say what should be different."""
        return Amending(self.gazetteer, self.acts.read)

    @cached_property
    def context(self) -> Context:
        """The reader of what was said before."""
        return Context(self.gazetteer, self.acts, self._asked)

    def interpret(
        self, message: str, *, blueprint: Blueprint | None = None, history: Sequence[str] = ()
    ) -> Interpretation:
        """What the message asks for. `history` are the person's messages before it, newest last: they say what "it" is,
        and what a fragment such as "the database" answers. Never raises for what a person may type."""
        screened = self.screen.look(message)
        if screened.answer is not None:
            return screened.answer
        recent = history[-REMEMBERED:]
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        own = [text for past in recent if (text := self.screen.look(past).text)]
        said = [self.remarks.parted(text, names) for text in own]
        if names and goes_on(screened.text, own):
            return Interpretation(intent=Intent.DEPLOY, acts=(Intent.DEPLOY,))
        parted = self.remarks.parted(screened.text, names)
        text = self.context.completed(parted, blueprint, said)
        reading = self._read(text, blueprint, said)
        reading.named = particulars(text)
        read = self._finished(reading)
        # "Can you …" is an order, and "remove web-2. How much do I save?" is an order and a question.
        ordered = any(act.verb is not None and act.edits for act in reading.acts)
        several = ordered and len(read.acts) > 1
        plain = bool(read.edits) and (several or _POLITE.match(text) is not None)
        settled = reading.settled or plain
        read = read if settled else self._weighed(text, read, blueprint, said)
        read = self._amended(text, read, blueprint, said)
        read = unfounded(text, read, blueprint) or read
        return self.deeds.held(message, text, read)

    def _amended(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading, unless the message only says what should be different in the one before it."""
        if blueprint is None or not said or len(text.split()) > _SHORT:
            return read
        spoken = self.context.focus(said, blueprint).recent
        full = self.amending.amended(text, blueprint, said, spoken)
        if full is None:
            return read
        if not full:
            so = ("that is what runs there already",)
            return read.model_copy(update={"edits": (), "question": None, "understood": so})
        again = self._finished(self._read(full, blueprint, said))
        return again if again.edits and not again.question else read

    def _weighed(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading, unless the examples know better what the message wants."""
        asked = None if read.edits else plainly_asked(text)
        if asked is not None:
            return read.model_copy(update={"intent": asked, "acts": (asked,), "question": None})
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        found = opinion(text, read, self.recogniser.guesses(text, names))
        absent = refers_back(text) and not (blueprint and blueprint.resources)
        if found.order and read.question and absent:
            return read  # "make it redundant" where there is nothing: the question stands
        if found.order:
            again = self._finished(self._read(ordered(text), blueprint, said))
            return again if again.edits and not again.question else read
        if found.intent is None or (found.intent in _ACTS and _TOLD.search(text)):
            return read
        if read.intent is Intent.TROUBLESHOOT and found.intent in _GENERAL:
            return read  # words of trouble were found, and say more than the shape of the sentence
        return Interpretation(
            intent=found.intent,
            acts=(found.intent,),
            subject=read.subject,
            engine=read.engine,
            ipr_id=read.ipr_id,
            revision=read.revision,
            deployment_id=read.deployment_id,
            stack=read.stack,
        )

    @cached_property
    def recogniser(self) -> Recogniser:
        """What knows by examples what a message wants."""
        return Recogniser(self.gazetteer)

    def _asked(
        self, message: str, blueprint: Blueprint | None, history: Sequence[str]
    ) -> Sequence[Asks]:
        return self._read(message, blueprint, history).questions

    # ── a message ────────────────────────────────────────────────────────────────────────────────────

    def _read(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> _Reading:
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        tokens = renames(tokenize(message[:MAX_MESSAGE]), names)
        prepared = self.gazetteer.prepare(tokens, names)
        worded = self.context.worded(prepared.tokens, blueprint)
        settled = settle(worded, lambda part: self.gazetteer.tag(part, names))
        if settled.between:
            return _contradicted(settled.between, blueprint)
        tokens, owned = take_ownership(settled.tokens)
        if particulars(message).ipr_id is None:  # "reject request 8" is about no traffic
            tokens = take_rules(tokens, lambda part: self.gazetteer.tag(part, names))
        prepared = replace(prepared, tokens=tuple(mark_exposure(tokens)))
        tokens = prepared.tokens
        acts, load = self._loaded(tokens)
        if len(acts) > _MOST_ACTS:
            return _crowded(len(acts))
        reading = _Reading(acts, sizing=self.sizing(load.load) if load and self.sizing else None)
        focus = self.context.focus(history, blueprint)
        draft, last_verb = blueprint, None
        for act in (self.context.repeated(act, names, history) for act in reading.acts):
            before, before_verb = len(reading.edits), last_verb
            last_verb = act.verb
            part = self._aside(act, message, draft, reading)
            if part is not None and not _already_gone(part, before_verb):
                self._clause(part, draft, reading, focus)
            added = [
                edit.resource.name
                for edit in reading.edits[before:]
                if isinstance(edit, AddResource)
            ]
            spoken = self.context.spoken(act.body, draft, focus) if draft else []
            renamed = [e.to for e in reading.edits[before:] if isinstance(e, RenameResource)]
            focus = focus.after([*spoken, *added, *renamed])
            draft = self._applied(draft, reading, before)
        _about_whole(reading, owned, load)
        if any(act.edits for act in reading.acts):
            reading.assumptions += [
                f"'{written}' is read as {read}" for written, read in prepared.mended
            ]
        self._foreign(prepared, names, reading)
        return reading

    def _loaded(self, tokens: Sequence[Token]) -> tuple[Sequence[Act], Said | None]:
        """The acts, without the load that a request for something new may name: questions about loads stay whole."""
        without, load = take_load(tokens)
        acts = self.acts.read(without)
        if (
            load is not None
            and any(act.edits for act in acts)
            and not any(act.asks for act in acts)
        ):
            return acts, load
        return self.acts.read(tokens), None

    def _aside(
        self, act: Act, message: str, draft: Blueprint | None, reading: _Reading
    ) -> Act | None:
        """Takes what a clause says of the whole or of labels; the rest of it is left to be read, if there is any."""
        written = message[act.body[0].start :] if act.body else ""
        if act is not reading.acts[-1] and act.body:
            written = message[act.body[0].start : act.body[-1].end]
        outcome, rest = standing(act, self.gazetteer, draft) or (None, ())
        try:
            outcome = outcome or belonging(
                act, f"{act.word} {written}".strip(), self.gazetteer, draft
            )
        except Asks as asks:
            reading.questions.append(asks)
            return None
        if outcome is None:
            return act
        reading.edits += outcome.edits
        reading.understood += outcome.understood
        reading.intents.append((Intent.CHANGE, True))
        return Act(Intent.CHANGE, "set", rest) if rest else None

    def _clause(self, act: Act, draft: Blueprint | None, reading: _Reading, focus: Focus) -> None:
        if not act.edits:
            if act.statement and not act.forbidden:
                regions = [token.text for token in act.body if token.kind is Kind.REGION]
                reading.region = reading.region or next(iter(regions), None)
            self._answer(act, draft, reading)
            return
        names = [resource.name for resource in draft.resources] if draft else []
        cluster = _has_cluster(draft)
        parsed = parse(act.body, self.gazetteer, names=names, cluster=cluster, verb=act.word)
        as_tiers(parsed, draft.resources if draft else ())
        act = instance_of(act, parsed, reading.edits)
        parsed.sizing = reading.sizing
        parsed.fresh = draft is None or not draft.resources
        changer = Changer(self.gazetteer, self.catalogue, draft or NOTHING, focus=focus)
        outcome, edits = changer.outcome, whole(act, parsed)
        spoken = bool(parsed.phrases)
        try:
            made = Clause(act, parsed, changer, templates=self.templates).edits()
        except Asks as asks:
            reading.questions.append(asks)
            if act.verb in {None, "create", "deploy", "set"} and not parsed.phrases:
                reading.noise.append(asks)
            if act.verb is None and not parsed.phrases:
                reading.chatter.append(asks)
            made = []
            outcome = Outcome(intent=Intent.UNKNOWN if asks.lost else outcome.intent)
            if parsed.phrases or len(set(parsed.environments)) > 1:
                parsed, edits = Parsed(unused=parsed.unused), []
        reading.edits += [*edits, *made, *outcome.edits]
        reading.sized = reading.sized or parsed.sized
        reading.engine = parsed.engine or reading.engine
        intent = outcome.intent or _intent_of(act, draft, bool(made) or spoken)
        if intent is Intent.CREATE and outcome.edits and not made:
            intent = Intent.CHANGE
        reading.intents.append((intent, bool(made or outcome.edits or edits)))
        reading.understood += [*outcome.understood, *_understood(parsed)]
        reading.assumptions += [*outcome.assumptions, *parsed.notes]
        reading.unused += [*outcome.unused, *parsed.unused]
        reading.questions += outcome.asks

    def _answer(self, act: Act, draft: Blueprint | None, reading: _Reading) -> None:
        held = act.forbidden and act.intent is not Intent.CHANGE
        reading.settled = reading.settled or act.forbidden or act.verb in {"condition", "operate"}
        reading.intents.append((Intent.UNKNOWN if held else act.intent, False))
        if act.verb == "condition":
            reading.questions.append(
                Asks(
                    "I do things when they are said, and wait for no condition. Should it be done now?"
                )
            )
        if act.verb == "operate":
            reading.questions.append(
                Asks(
                    f"I can't {_OBJECT.sub('', act.word)} anything: I change what should run, and an approved plan "
                    "makes it so. What should be different?"
                )
            )
            reading.noise.append(reading.questions[-1])
        if act.forbidden:
            reading.understood.append(f"not to {act.word}: nothing changes")
        names = [resource.name for resource in draft.resources] if draft else []
        for item in self.gazetteer.tag(act.body, names):
            template = item.norm.replace(" ", "-")
            reading.subject = (
                reading.subject
                or item.existing
                or (template if template in self.templates else None)
            )

    def _applied(self, draft: Blueprint | None, reading: _Reading, before: int) -> Blueprint | None:
        """The draft after a clause, for the next one; a clause that can't be applied is asked about instead."""
        if len(reading.edits) == before:
            return draft
        try:
            return apply_edits(draft, reading.edits[before:], templates=self._template)[0]
        except AlmaError as error:
            details = (
                "; ".join(str(item) for item in getattr(error, "diagnostics", ())) or error.message
            )
            reading.questions.append(
                Asks(f"That can't be done as said: {details}. What should it be instead?")
            )
            del reading.edits[before:]
            return draft

    def _template(self, template: str, parameters: Mapping[str, Json]) -> Blueprint:
        return self.templates[template].blueprint

    # ── around the clauses ───────────────────────────────────────────────────────────────────────────

    def _foreign(self, prepared: Prepared, names: Sequence[str], reading: _Reading) -> None:
        """A bare phrase of mostly unknown words is no request in disguise: it is asked about instead."""
        items = [
            item for item in self.gazetteer.tag(prepared.tokens, names) if item.kind is Kind.WORD
        ]
        words = [token for item in items for token in item.tokens]
        bare = all(act.verb is None and not act.asks for act in reading.acts)
        unknown = [
            item.tokens[0]
            for item in items
            if not (item.terms or item.existing or is_identifier(item.text))
            and item.norm not in self.gazetteer.common
        ]
        if not bare or not words or len(unknown) <= _MOSTLY * len(words):
            return
        reading.edits.clear()
        reading.understood.clear()
        reading.assumptions.clear()
        reading.intents = [(Intent.UNKNOWN, False)]
        reading.unused = [token.text for token in unknown]
        reading.questions = [
            Asks(
                f"I don't know {listed([repr(word) for word in reading.unused])}, and too little is left to act on. "
                "What would you like to run?"
            )
        ]

    def _finished(self, reading: _Reading) -> Interpretation:
        question = " ".join(dict.fromkeys(asks.question for asks in reading.questions)) or None
        drafting = {Intent.CREATE, Intent.CHANGE} & {intent for intent, _ in reading.intents}
        return Interpretation(
            intent=_final(reading.intents),
            acts=tuple(dict.fromkeys(intent for intent, _ in reading.intents)),
            edits=tuple(reading.edits),
            understood=tuple(dict.fromkeys(reading.understood)),
            assumptions=tuple(dict.fromkeys(reading.assumptions)),
            question=question,
            unused=tuple(dict.fromkeys(reading.unused)),
            subject=reading.subject,
            engine=reading.engine,
            ipr_id=reading.named.ipr_id,
            revision=None if drafting else reading.named.revision,
            deployment_id=reading.named.deployment_id,
            stack=reading.named.stack,
        )


def _already_gone(act: Act, before: str | None) -> bool:
    """`Drop the load balancer, we don't need it`: said twice, done once."""
    gone = {"remove", "destroy"}
    only = {token.norm for token in act.body} <= {
        "it",
        "them",
        "that",
        "this",
        "anymore",
        "any",
        "more",
    }
    return act.verb in gone and before in gone and only and bool(act.body)


def _contradicted(between: Sequence[str], blueprint: Blueprint | None) -> _Reading:
    """Two amounts that can't both be right: one question, and nothing is done."""
    reading = _Reading(intents=[(Intent.CHANGE if blueprint else Intent.CREATE, False)])
    many = f"much {between[0]}" if between[0] in {"memory", "ram"} else f"many {between[0]}s"
    question = f"How {many.replace('of thems', 'of them')}: {listed(list(between[1:]), last='or')}?"
    reading.questions.append(Asks(question, open=True))
    reading.settled = True
    return reading


def _crowded(many: int) -> _Reading:
    """More than can be read at once: nothing is done by half."""
    reading = _Reading(intents=[(Intent.UNKNOWN, False)], settled=True)
    question = f"This says {many} things at once, and I take at most {_MOST_ACTS}. Can you say it in several messages?"
    reading.questions.append(Asks(question))
    return reading


def _about_whole(reading: _Reading, owned: Mapping[str, str], load: Said | None) -> None:
    """What was said of the whole message: whose it is, what load it bears. Noise beside what was made asks nothing."""
    makes = any(isinstance(edit, AddResource | UseTemplate) for edit in reading.edits)
    telling = any(intent is not Intent.UNKNOWN for intent, _ in reading.intents)
    if makes or owned or (telling and len(reading.intents) > 1):
        reading.questions = [asks for asks in reading.questions if asks not in reading.noise]
    if reading.edits and any(act.edits and act.verb for act in reading.acts):
        reading.questions = [asks for asks in reading.questions if asks not in reading.chatter]
    said = any(isinstance(e, SetBlueprint) and e.constraints for e in reading.edits)
    if makes and reading.region is not None and not said:
        reading.edits.append(SetBlueprint(constraints=Constraints(region=reading.region)))
        reading.understood.append(f"region {reading.region}")
    if owned:
        reading.edits.append(SetBlueprint(metadata=dict(owned)))
        reading.intents.append((Intent.CHANGE, not makes))
        reading.understood += [f"{key.replace('_', ' ')} {value}" for key, value in owned.items()]
    if load is None:
        return
    if reading.sized and reading.sizing is not None:
        reading.assumptions.append(f"sized for {load.words}: {'; '.join(reading.sizing.working)}")
        assumed = [*load.assumed, *(said.partition(":")[0] for said in reading.sizing.assumptions)]
        if assumed:
            reading.assumptions.append(f"taken as given there: {', '.join(assumed)}")
    else:
        reading.assumptions.append(f"{load.words} is noted, but no size was made of it")
    if reading.edits:
        reading.edits.append(SetBlueprint(metadata={"load": load.words}))


def _has_cluster(draft: Blueprint | None) -> bool:
    return draft is not None and any(
        r.type is ResourceType.KUBERNETES_CLUSTER for r in draft.resources
    )


def _understood(parsed: Parsed) -> list[str]:
    said = []
    if parsed.max_cost is not None:
        said.append(f"at most {parsed.max_cost:g} a month")
    if parsed.region is not None:
        said.append(f"region {parsed.region}")
    if parsed.environment is not None:
        said.append(f"for {parsed.environment}")
    return said


def _intent_of(act: Act, draft: Blueprint | None, made: bool) -> Intent:
    if act.verb is None:
        if draft is not None and draft.resources:
            return Intent.CHANGE
        return Intent.CREATE if made else Intent.UNKNOWN
    changing = act.intent is Intent.CHANGE and act.verb not in {"remove", "disable", "rename"}
    if changing and (draft is None or not draft.resources) and made:
        return Intent.CREATE
    if act.intent is Intent.CREATE and draft is not None and draft.resources and not made:
        return Intent.CHANGE  # "run it on docker"
    return act.intent


_GENERAL = {Intent.HELP, Intent.STATUS, Intent.LIST, Intent.EXPLAIN}
# What is done to more than a draft counts before what is changed in it.
_ACTS = (
    Intent.DEPLOY,
    Intent.DESTROY,
    Intent.ROLLBACK,
    Intent.APPROVE,
    Intent.REJECT,
    Intent.UNDO,
)


def _final(intents: Sequence[tuple[Intent, bool]]) -> Intent:
    """One intent for several clauses: deploying wins, then the first that changes something, then the first at all."""
    if not intents:
        return Intent.UNKNOWN
    for act in _ACTS:
        if any(intent is act for intent, _ in intents):
            return act
    telling = [intent for intent, _ in intents if intent not in {Intent.UNKNOWN, Intent.SMALLTALK}]
    acting = [intent for intent, acted in intents if acted]
    acting = [intent for intent in acting if intent is not Intent.UNKNOWN] or acting
    return (acting or telling or [intent for intent, _ in intents])[0]
