"""Reads one message, clause by clause: each with the draft that those before it have left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from alma.core.language.changing.belonging import belonging
from alma.core.language.changing.change import Changer
from alma.core.language.changing.standing import standing
from alma.core.language.changing.targets import Focus
from alma.core.language.clauses.absent import absent
from alma.core.language.clauses.clause import Clause
from alma.core.language.clauses.whichever import whichever
from alma.core.language.clauses.whole import NOTHING, leave_whole, whole
from alma.core.language.creating.limits import limited
from alma.core.language.editing.clashes import clashing
from alma.core.language.editing.edits import apply_edits
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.firewalls.rules import take_rules
from alma.core.language.followups.anchors import as_tiers
from alma.core.language.followups.context import Context
from alma.core.language.followups.instances import instance_of
from alma.core.language.intent.act import Act
from alma.core.language.intent.acts import Acts
from alma.core.language.intent.particulars import particulars
from alma.core.language.parsing.grammar import parse
from alma.core.language.parsing.heads import is_identifier
from alma.core.language.parsing.phrases import Parsed
from alma.core.language.reading import Reading, about_whole
from alma.core.language.screening.screen import MAX_MESSAGE
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Prepared, Sort
from alma.core.language.wording.corrections import settle
from alma.core.language.wording.exposure import mark_exposure
from alma.core.language.wording.loads import Said, Sizer, take_load
from alma.core.language.wording.ownership import take_ownership
from alma.core.language.wording.renaming import renames
from alma.core.language.words.tokens import Kind, Token, tokenize
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, ResourceType
from alma.core.model.conversation import AddResource, Edit, Intent, RenameResource, SetField
from alma.core.model.errors import AlmaError
from alma.core.model.software import Catalogue
from alma.core.model.template import Template

_MOSTLY = 0.5
_SIZES = ("specs.memory", "specs.cpu", "specs.disk")
# Nobody says more at once who is not pasting something; and each is read with the draft that those before have left.
_MOST_ACTS = 40
# What a phrase has after its verb: "start it" is "start".
_OBJECT = re.compile(r" (?:it|them|the|me|now)$")


class Reader:
    """Reads messages. It keeps nothing between them, and applies edits only to know what the next clause is about."""

    def __init__(
        self,
        catalogue: Catalogue,
        gazetteer: Gazetteer,
        acts: Acts,
        context: Context,
        templates: Mapping[str, Template],
        *,
        sizing: Sizer | None,
    ) -> None:
        self._catalogue = catalogue
        self._gazetteer = gazetteer
        self._acts = acts
        self._context = context
        self._templates = templates
        self._sizing = sizing

    def read(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> Reading:
        """The message, read against the draft; `history` are the person's messages before it."""
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        tokens = renames(tokenize(message[:MAX_MESSAGE]), names)
        prepared = self._gazetteer.prepare(tokens, names)
        worded = self._context.worded(prepared.tokens, blueprint)
        settled = settle(worded, lambda part: self._gazetteer.tag(part, names))
        if settled.between:
            return _contradicted(settled.between, blueprint)
        tokens, owned = take_ownership(settled.tokens)
        if particulars(message).ipr_id is None:  # "reject request 8" is about no traffic
            tokens = take_rules(tokens, lambda part: self._gazetteer.tag(part, names))
        prepared = replace(prepared, tokens=tuple(mark_exposure(tokens)))
        tokens = prepared.tokens
        acts, load = self._loaded(tokens)
        if len(acts) > _MOST_ACTS:
            return _crowded(len(acts))
        reading = Reading(acts, sizing=self._sizing(load.load) if load and self._sizing else None)
        focus = self._context.focus(history, blueprint)
        draft, last_verb = blueprint, None
        for said in reading.acts:
            act = self._context.repeated(said, names, [*history, *_before(message, said)])
            again = act is not said and act.verb is not None
            before, before_verb = len(reading.edits), last_verb
            last_verb = act.verb
            part = self._aside(act, message, draft, reading)
            told = _only_too_many(act, reading.acts)
            if part is not None and not (told or _already_gone(part, before_verb)):
                self._clause(part, draft, reading, focus, history)
            # "chat too" looks like talk, and repeats an order.
            reading.settled = reading.settled or (again and len(reading.edits) > before)
            added = [
                edit.resource.name
                for edit in reading.edits[before:]
                if isinstance(edit, AddResource)
            ]
            last = said is reading.acts[-1]  # nobody asks what "it" would mean after that
            spoken = self._context.spoken(act.body, draft, focus) if draft and not last else []
            renamed = [e.to for e in reading.edits[before:] if isinstance(e, RenameResource)]
            left = _unlinked(draft, reading.edits[before:])
            focus = focus.after([*spoken, *left, *added, *renamed])
            draft = self._applied(draft, reading, before)
        about_whole(reading, owned, load)
        if not names:
            reading.begin()
        limits, words = limited(reading.edits, tokens) if not names else (None, [])
        reading.edits += [limits] if limits is not None else []
        reading.understood += words
        if any(act.edits for act in reading.acts):
            reading.assumptions += [
                f"'{written}' is read as {read}" for written, read in prepared.mended
            ]
        self._foreign(prepared, names, reading)
        return reading

    def _loaded(self, tokens: Sequence[Token]) -> tuple[Sequence[Act], Said | None]:
        """The acts, without the load that a request for something new may name: questions about loads stay whole."""
        without, load = take_load(tokens)
        acts = self._acts.read(without)
        if (
            load is not None
            and any(act.edits for act in acts)
            and not any(act.asks for act in acts)
        ):
            return acts, load
        return self._acts.read(tokens), None

    def _aside(
        self, act: Act, message: str, draft: Blueprint | None, reading: Reading
    ) -> Act | None:
        """Takes what a clause says of the whole or of labels; the rest of it is left to be read, if there is any."""
        written = message[act.body[0].start :] if act.body else ""
        if act is not reading.acts[-1] and act.body:
            written = message[act.body[0].start : act.body[-1].end]
        outcome, rest = standing(act, self._gazetteer, draft) or (None, ())
        try:
            outcome = outcome or belonging(
                act, f"{act.word} {written}".strip(), self._gazetteer, draft
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

    def _clause(
        self,
        act: Act,
        draft: Blueprint | None,
        reading: Reading,
        focus: Focus,
        history: Sequence[str] = (),
    ) -> None:
        if not act.edits:
            if act.statement and not act.forbidden:
                regions = [token.text for token in act.body if token.kind is Kind.REGION]
                reading.region = reading.region or next(iter(regions), None)
            self._answer(act, draft, reading)
            return
        names = [resource.name for resource in draft.resources] if draft else []
        cluster = _has_cluster(draft)
        parsed = parse(act.body, self._gazetteer, names=names, cluster=cluster, verb=act.word)
        as_tiers(parsed, draft.resources if draft else ())
        act = instance_of(act, parsed, reading.edits)
        parsed.sizing = reading.sizing
        parsed.fresh = draft is None or not draft.resources
        self._told_before(parsed, reading.acts, act)
        self._too_many(parsed, reading, act, history)
        leave_whole(act, parsed)
        changer = Changer(self._gazetteer, self._catalogue, draft or NOTHING, focus=focus)
        outcome, edits = changer.outcome, whole(act, parsed)
        spoken = bool(parsed.phrases)
        try:
            made = Clause(act, parsed, changer, templates=self._templates).edits()
        except Asks as asks:
            reading.questions.append(asks)
            ordered = act.verb == "set" and parsed.pronoun is not None  # "make it bigger"
            vague = act.verb in {None, "create", "deploy", "set"} and not ordered
            if vague and not parsed.phrases:
                reading.noise.append(asks)
            if act.verb is None and not parsed.phrases:
                reading.chatter.append(asks)
            made = []
            outcome = Outcome(intent=Intent.UNKNOWN if asks.lost else outcome.intent)
            if parsed.phrases or len(set(parsed.environments)) > 1:
                parsed, edits = Parsed(unused=parsed.unused), []
        all_of_it = [*made, *outcome.edits]
        missing = absent(act, parsed, all_of_it, draft, self._gazetteer)
        missing = missing or whichever(act, all_of_it)
        reading.settled = reading.settled or missing is not None
        if (clash := clashing(all_of_it) or missing) is not None:
            reading.questions.append(clash)
            made, outcome = [], Outcome(intent=outcome.intent or Intent.CHANGE)
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

    def _told_before(self, parsed: Parsed, acts: Sequence[Act], act: Act) -> None:
        """`It keeps running out of memory. Double it`: the property that was complained of just before."""
        place = next((n for n, each in enumerate(acts) if each.body[:1] == act.body[:1]), 0)
        before = acts[place - 1] if place and act.verb in {"increase", "decrease"} else None
        bare = parsed.pronoun and not (parsed.phrases or parsed.loose or parsed.mentioned)
        if before is None or before.edits or not bare:
            return
        named = {item.id_of(Sort.ATTRIBUTE) for item in self._gazetteer.tag(before.body)}
        said = [path for path in _SIZES if path in named]
        parsed.mentioned += said if len(said) == 1 else []

    def _too_many(self, parsed: Parsed, reading: Reading, act: Act, history: Sequence[str]) -> None:
        """`Too many cpus on render. Remove 6 of them`: they are of the property that there was too much of."""
        open_ = act.verb == "remove" and parsed.bare_number is not None
        if not open_ or parsed.phrases or parsed.loose or parsed.mentioned:
            return
        place = next((n for n, each in enumerate(reading.acts) if each.body[:1] == act.body[:1]), 0)
        before = self._context.tokens(history[-1], ()) if history and not place else ()
        said = reading.acts[place - 1].body if place else before
        if "too" not in {token.norm for token in said}:
            return
        named = {item.id_of(Sort.ATTRIBUTE) for item in self._gazetteer.tag(said)}
        paths = [path for path in _SIZES if path in named]
        if len(paths) != 1:
            return
        parsed.mentioned += paths
        if place:
            reading.questions.clear()  # the amount that the complaint lacked is said now

    def _answer(self, act: Act, draft: Blueprint | None, reading: Reading) -> None:
        # "Don't delete anything, just show me …" wants to see something.
        asking = any(each.asks and not each.forbidden for each in reading.acts)
        held = act.forbidden and (asking or act.intent is not Intent.CHANGE)
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
        for item in self._gazetteer.tag(act.body, names):
            template = item.norm.replace(" ", "-")
            reading.subject = (
                reading.subject
                or item.existing
                or (template if template in self._templates else None)
            )

    def applied(self, draft: Blueprint | None, edits: Sequence[Edit]) -> Blueprint:
        """The draft with the edits, templates filled in. Raises what `apply_edits` does."""
        return apply_edits(draft, edits, templates=self._template)[0]

    def _applied(self, draft: Blueprint | None, reading: Reading, before: int) -> Blueprint | None:
        """The draft after a clause, for the next one; a clause that can't be applied is asked about instead."""
        if len(reading.edits) == before:
            return draft
        try:
            return self.applied(draft, reading.edits[before:])
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
        return self._templates[template].blueprint

    # ── around the clauses ───────────────────────────────────────────────────────────────────────────

    def _foreign(self, prepared: Prepared, names: Sequence[str], reading: Reading) -> None:
        """A bare phrase of mostly unknown words is no request in disguise: it is asked about instead."""
        if not all(act.verb is None and not act.asks for act in reading.acts):
            return
        tagged = self._gazetteer.tag(prepared.tokens, names)
        items = [item for item in tagged if item.kind is Kind.WORD]
        words = [token for item in items for token in item.tokens]
        unknown = [
            item.tokens[0]
            for item in items
            if not (item.terms or item.existing or is_identifier(item.text))
            and item.norm not in self._gazetteer.common
        ]
        if not words or len(unknown) <= _MOSTLY * len(words):
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


def _before(message: str, act: Act) -> Sequence[str]:
    """What a message says before one of its clauses."""
    said = message[: act.body[0].start].strip() if act.body else ""
    return [said] if said else []


def _unlinked(draft: Blueprint | None, edits: Sequence[Edit]) -> list[str]:
    """What something is no longer connected to: "api no longer uses rabbit, remove it"."""
    found: list[str] = []
    for edit in edits:
        owner = draft.resource(edit.name) if draft and isinstance(edit, SetField) else None
        if owner is None or not isinstance(edit, SetField) or edit.path != "depends_on":
            continue
        kept = edit.value if isinstance(edit.value, list) else []
        found += [name for name in owner.depends_on if name not in kept]
    return found


def _only_too_many(act: Act, acts: Sequence[Act]) -> bool:
    """`I do not need 2 web servers, remove web-2`: so many are not needed, and what goes is said beside it."""
    counted = any(token.kind is Kind.NUMBER for token in act.body)
    denied = act.verb == "remove" and "need" in act.word.split() and counted
    return denied and any(each is not act and each.verb == "remove" for each in acts)


def _already_gone(act: Act, before: str | None) -> bool:
    """`Drop the load balancer, we don't need it`: said twice, done once."""
    gone = {"remove", "destroy"}
    only = {token.norm for token in act.body} <= {
        "it",
        "them",
        "both",
        "all",
        "of",
        "these",
        "those",
        "that",
        "this",
        "one",
        "anymore",
        "any",
        "more",
    }
    return act.verb in gone and before in gone and only and bool(act.body)


def _contradicted(between: Sequence[str], blueprint: Blueprint | None) -> Reading:
    """Two amounts that can't both be right: one question, and nothing is done."""
    reading = Reading(intents=[(Intent.CHANGE if blueprint else Intent.CREATE, False)])
    many = f"much {between[0]}" if between[0] in {"memory", "ram"} else f"many {between[0]}s"
    question = f"How {many.replace('of thems', 'of them')}: {listed(list(between[1:]), last='or')}?"
    reading.questions.append(Asks(question, open=True))
    reading.settled = True
    return reading


def _crowded(many: int) -> Reading:
    """More than can be read at once: nothing is done by half."""
    reading = Reading(intents=[(Intent.UNKNOWN, False)], settled=True)
    question = f"This says {many} things at once, and I take at most {_MOST_ACTS}. Can you say it in several messages?"
    reading.questions.append(Asks(question))
    return reading


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
    if act.intent is Intent.CREATE and draft is not None and draft.resources:
        return Intent.CHANGE  # "run it on docker", "we want a queue between the two"
    return act.intent
