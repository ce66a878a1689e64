"""A message and the blueprint it is about, to an `Interpretation`: offline, deterministic, without I/O.

Values come from the user's words or are marked as what they are; what is unclear becomes a question; what was not used is
listed. The interpreter never applies anything: its edits go through `edits.apply_edits` like anybody else's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from alma.core.language.acts import Act, Acts
from alma.core.language.change import Changer
from alma.core.language.create import Asks, Creator, Outcome, makers
from alma.core.language.edits import apply_edits
from alma.core.language.gazetteer import Gazetteer, Prepared
from alma.core.language.grammar import parse
from alma.core.language.phrases import Determiner, Parsed, Phrase
from alma.core.language.products import build
from alma.core.language.swap import rename, swap, upgrade
from alma.core.language.targets import Targets
from alma.core.language.tokens import Kind, tokenize
from alma.core.language.vocabulary import listed
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Constraints, Origin, ResourceType
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    Interpretation,
    SetBlueprint,
    UseTemplate,
)
from alma.core.model.errors import AlmaError
from alma.core.model.software import Catalogue
from alma.core.model.template import Template

MAX_MESSAGE = 8_000
_REMEMBERED = 3
_CREATING = {"create", "deploy", "add", None}
_CHANGING = {"set", "increase", "decrease", "scale", "add"}
_MOSTLY = 0.5


@dataclass
class _Reading:
    """What a message became so far."""

    acts: Sequence[Act] = ()
    edits: list[Edit] = field(default_factory=list)
    intents: list[tuple[Intent, bool]] = field(default_factory=list)
    understood: list[str] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)
    questions: list[Asks] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    subject: str | None = None


class Interpreter:
    """Understands messages. One instance serves everybody: it keeps nothing between calls."""

    def __init__(
        self, catalogue: Catalogue, templates: Mapping[str, Template] | None = None
    ) -> None:
        self.catalogue = catalogue
        self.templates = dict(templates or {})
        self.gazetteer = Gazetteer(catalogue)
        self.acts = Acts(self.gazetteer)

    def interpret(
        self, message: str, *, blueprint: Blueprint | None = None, history: Sequence[str] = ()
    ) -> Interpretation:
        """What the message asks for. `history` are the person's messages before it, newest last: they say what "it" is,
        and what a fragment such as "the database" answers. Never raises for what a person may type."""
        return self._finished(
            self._read(self._in_context(message, blueprint, history), blueprint, history)
        )

    def _in_context(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> str:
        """The message, put after the requests it completes: "make it bigger" … "the database to 16GB"."""
        recent = [said[:MAX_MESSAGE] for said in history[-_REMEMBERED:]]
        text = ""
        for said in [*recent, message[:MAX_MESSAGE]]:
            completes = text and self._fragment(said) and self._open(text, blueprint, recent)
            text = f"{text} {said}" if completes else said
        return text

    def _fragment(self, message: str) -> bool:
        acts = self.acts.read(self.gazetteer.prepare(tokenize(message)).tokens)
        return len(acts) == 1 and acts[0].verb is None and acts[0].edits

    def _open(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> bool:
        return any(question.open for question in self._read(message, blueprint, ()).questions)

    # ── a message ────────────────────────────────────────────────────────────────────────────────────

    def _read(self, message: str, blueprint: Blueprint | None, history: Sequence[str]) -> _Reading:
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        prepared = self.gazetteer.prepare(tokenize(message[:MAX_MESSAGE]), names)
        reading = _Reading(self.acts.read(prepared.tokens))
        focus = self._focus(history, blueprint)
        draft = blueprint
        for act in reading.acts:
            before = len(reading.edits)
            self._clause(act, draft, reading, focus)
            added = [
                edit.resource.name
                for edit in reading.edits[before:]
                if isinstance(edit, AddResource)
            ]
            focus = [*reversed(added), *focus]
            draft = self._applied(draft, reading, before)
        if any(act.edits for act in reading.acts):
            reading.assumptions += [
                f"'{written}' is read as {read}" for written, read in prepared.mended
            ]
        self._foreign(prepared, reading)
        return reading

    def _clause(
        self, act: Act, draft: Blueprint | None, reading: _Reading, focus: Sequence[str]
    ) -> None:
        if not act.edits:
            self._answer(act, draft, reading)
            return
        names = [resource.name for resource in draft.resources] if draft else []
        cluster = _has_cluster(draft)
        parsed = parse(act.body, self.gazetteer, names=names, cluster=cluster)
        changer = Changer(
            self.gazetteer, self.catalogue, draft or Blueprint(name="new"), focus=focus
        )
        outcome, edits = changer.outcome, _whole(parsed, act)
        try:
            made = self._act(act, parsed, draft, changer)
        except Asks as asks:
            reading.questions.append(asks)
            made, outcome = [], Outcome(intent=outcome.intent)
        reading.edits += [*edits, *made, *outcome.edits]
        intent = outcome.intent or _intent_of(act, draft, bool(made or parsed.phrases))
        reading.intents.append((intent, bool(made or outcome.edits or edits)))
        reading.understood += [*outcome.understood, *_understood(parsed)]
        reading.assumptions += [*outcome.assumptions, *parsed.notes]
        reading.unused += [*outcome.unused, *parsed.unused]

    def _answer(self, act: Act, draft: Blueprint | None, reading: _Reading) -> None:
        reading.intents.append((act.intent, False))
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

    # ── one clause ───────────────────────────────────────────────────────────────────────────────────

    def _act(
        self, act: Act, parsed: Parsed, draft: Blueprint | None, changer: Changer
    ) -> list[Edit]:
        """The edits that create; those that change are left in the changer's outcome. Raises Asks."""
        empty = draft is None or not draft.resources
        match act.verb:
            case "rename" if not empty:
                rename(changer, act.body, parsed)
            case "remove" | "destroy" if not empty:
                self._remove(act, parsed, changer)
            case "migrate":
                _need(
                    parsed.engine,
                    "Where to? I can plan for proxmox, docker, kubernetes and simulation.",
                )
            case _ if not empty and self._changes(act, parsed, changer):
                pass
            case _ if self._creates(act, parsed, empty=empty):
                return self._create(parsed, draft, changer)
            case "deploy" if not makers(parsed):
                pass
            case _ if _whole(parsed, act):
                pass
            case _:
                self._nothing(act, parsed, empty=empty)
        return []

    def _remove(self, act: Act, parsed: Parsed, changer: Changer) -> None:
        specific = parsed.phrases or parsed.new_names or parsed.capabilities or parsed.loose
        if act.verb == "destroy" and not specific:
            changer.outcome.intent = Intent.DESTROY
            return
        changer.remove(parsed)
        if changer.outcome.edits:
            changer.outcome.intent = Intent.CHANGE

    def _creates(self, act: Act, parsed: Parsed, *, empty: bool) -> bool:
        found = makers(parsed)
        if act.verb in _CREATING:
            amounts = {
                attribute.path for attribute in parsed.loose if attribute.path.startswith("specs.")
            }
            sized = act.verb != "add" and (len(amounts) > 1 or bool(amounts and parsed.images))
            return bool(found) or (empty and sized)
        fresh = any(
            p.count is not None or p.determiner is Determiner.INDEFINITE or p.product for p in found
        )
        return empty and act.verb == "set" and parsed.pronoun is None and fresh

    def _create(self, parsed: Parsed, draft: Blueprint | None, changer: Changer) -> list[Edit]:
        creator = Creator(self.gazetteer, self.catalogue, draft)
        if not makers(parsed):
            _machine_from_amounts(parsed)
        elif parsed.loose:
            makers(parsed)[0].attributes += parsed.loose
        made = build(creator, parsed, self.templates)
        unowned = [wish for wish in parsed.capabilities if not _recorded(wish, creator, made.edits)]
        if unowned:
            titles = [str(self.gazetteer.data["capabilities"][wish]["title"]) for wish in unowned]
            made.edits.append(SetBlueprint(metadata={"requirements": list(unowned)}))
            creator.outcome.understood.append(f"{listed(titles)} as a requirement of the whole")
        if parsed.capabilities:
            creator.outcome.assumptions.append(
                "requirements are recorded for reviewers: ALMA does not carry them out itself yet"
            )
        for attribute in ("understood", "assumptions", "unused"):
            getattr(changer.outcome, attribute).extend(getattr(creator.outcome, attribute))
        if (
            draft is not None
            and any(isinstance(edit, UseTemplate) for edit in made.edits)
            and draft.resources
        ):
            changer.outcome.assumptions.append(f"added beside what {draft.name} has already")
        if draft is None and made.name:
            return [SetBlueprint(name=made.name, origin=made.name_origin), *made.edits]
        return made.edits

    def _changes(self, act: Act, parsed: Parsed, changer: Changer) -> bool:
        """Whether the clause is about what is there; if so, it has been carried out."""
        if not parsed.instead:
            changer.negated(parsed)
        if act.verb in {"create", "deploy", None} and not parsed.instead:
            return self._continues(act, parsed, changer)
        if act.verb == "add":
            return self._adds(act, parsed, changer)
        down = act.verb == "decrease" or act.word in {
            "scale down",
            "scale in",
            "shrink",
            "scale back",
            "scale back down",
        }
        if changer.multiply(act, parsed) or swap(changer, parsed):
            return True
        if act.verb == "set" and upgrade(changer, parsed):
            return True
        numbered = _about_number(parsed, changer) and changer.resizer.scale(parsed, down=down)
        amounts = changer.amounts(act, parsed)
        if any(
            [
                numbered,
                amounts,
                changer.properties(parsed),
                changer.wish(parsed),
                changer.outcome.edits,
            ]
        ):
            return True
        if act.verb == "scale":
            raise Asks("To how many? For example: scale web to 3.", open=True)
        if parsed.mentioned or {"bigger", "smaller"} & {
            *parsed.modifiers,
            *(m for p in parsed.phrases for m in p.modifiers),
        }:
            changer.which_amount(parsed)
        return bool(act.verb in _CHANGING and _whole(parsed, act))

    def _continues(self, act: Act, parsed: Parsed, changer: Changer) -> bool:
        """A bare phrase in a conversation: new things, unless it only speaks of what is there."""
        if parsed.phrases and all(phrase.negated for phrase in parsed.phrases):
            return True
        pointing = [
            phrase
            for phrase in parsed.phrases
            if phrase.existing or phrase.determiner is Determiner.DEFINITE
        ]
        new = [phrase for phrase in makers(parsed) if phrase.creates and phrase not in pointing]
        growing = [phrase for phrase in new if phrase.more]
        if growing and len(growing) == len(new):
            return all([changer.resizer.grow(phrase) for phrase in growing])
        if new or (act.verb == "deploy" and not pointing):
            return False
        if any(not changer.targets.find(phrase) for phrase in pointing):
            return False
        if act.verb is None and not parsed.phrases and parsed.images:
            return False
        acted = [changer.amounts(act, parsed), changer.properties(parsed), changer.wish(parsed)]
        return any(acted) or (act.verb == "deploy" and bool(pointing))

    def _adds(self, act: Act, parsed: Parsed, changer: Changer) -> bool:
        pointing = [
            p
            for p in parsed.phrases
            if p.link in {"to", "on", "for", "of"} or p.existing or not p.creates
        ]
        new = [phrase for phrase in parsed.phrases if phrase.creates and phrase not in pointing]
        grown = [phrase for phrase in new if phrase.generic and changer.resizer.grow(phrase)]
        if new:
            return len(grown) == len(new)
        return any([changer.amounts(act, parsed), changer.properties(parsed), changer.wish(parsed)])

    def _nothing(self, act: Act, parsed: Parsed, *, empty: bool) -> None:
        """Nothing could be made of a clause: says what is missing. Always raises Asks."""
        if empty and (
            act.verb not in _CREATING or parsed.loose or parsed.mentioned or parsed.capabilities
        ):
            raise Asks(
                "There is nothing to change yet in this conversation. What would you like to run?"
            )
        if act.verb in {"create", "add"} and parsed.unused:
            raise Asks(
                f"I don't know what '{' '.join(parsed.unused)}' is. Can you say it as servers, databases, caches and the like?"
            )
        if parsed.mentioned:
            raise Asks(
                "Of what, and how much? For example: 8GB memory for the database.", open=True
            )
        raise Asks(
            "I did not understand what to do. For example: add a redis cache, scale web to 3, how much does it cost?"
        )

    # ── around the clauses ───────────────────────────────────────────────────────────────────────────

    def _focus(self, history: Sequence[str], blueprint: Blueprint | None) -> list[str]:
        """The resources the last messages spoke of, newest first."""
        if blueprint is None or not blueprint.resources:
            return []
        targets = Targets(blueprint)
        names = [resource.name for resource in blueprint.resources]
        focus: list[str] = []
        for said in reversed(history[-_REMEMBERED:]):
            prepared = self.gazetteer.prepare(tokenize(said[:MAX_MESSAGE]), names)
            phrases = parse(
                prepared.tokens, self.gazetteer, names=names, cluster=_has_cluster(blueprint)
            ).phrases
            for phrase in reversed(phrases):
                focus += [
                    r.name
                    for r in reversed(targets.find(phrase))
                    if r.name not in focus and not phrase.negated
                ]
        return focus

    def _foreign(self, prepared: Prepared, reading: _Reading) -> None:
        """A bare phrase of mostly unknown words is not a request in disguise: its known words are asked about instead."""
        items = [item for item in self.gazetteer.tag(prepared.tokens) if item.kind is Kind.WORD]
        words = [token for item in items for token in item.tokens]
        bare = all(act.verb is None and not act.asks for act in reading.acts)
        unknown = [
            item.tokens[0]
            for item in items
            if not item.terms and item.norm not in self.gazetteer.common
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
                "I understand English only so far, and too little of this to act on it. What would you like to run?"
            )
        ]

    def _finished(self, reading: _Reading) -> Interpretation:
        question = " ".join(dict.fromkeys(asks.question for asks in reading.questions)) or None
        return Interpretation(
            intent=_final(reading.intents),
            edits=tuple(reading.edits),
            understood=tuple(dict.fromkeys(reading.understood)),
            assumptions=tuple(dict.fromkeys(reading.assumptions)),
            question=question,
            unused=tuple(dict.fromkeys(reading.unused)),
            subject=reading.subject,
        )


def _has_cluster(draft: Blueprint | None) -> bool:
    return draft is not None and any(
        r.type is ResourceType.KUBERNETES_CLUSTER for r in draft.resources
    )


def _about_number(parsed: Parsed, changer: Changer) -> bool:
    if parsed.to_number is not None or parsed.by_number is not None:
        return not parsed.mentioned
    if parsed.percent is not None:
        return not parsed.mentioned
    return any(p.count is not None and (p.type in _COUNTED or p.replica) for p in parsed.phrases)


_COUNTED = {ResourceType.VM, ResourceType.CONTAINER, ResourceType.SERVICE}


def _need(value: object, question: str) -> None:
    if not value:
        raise Asks(question)


def _recorded(wish: str, creator: Creator, edits: Sequence[Edit]) -> bool:
    del edits
    for added in creator.added:
        requirements = added.resource.metadata.get("requirements", [])
        if isinstance(requirements, list) and wish in requirements:
            return True
    return False


def _machine_from_amounts(parsed: Parsed) -> None:
    """ "1 core, 256MB RAM, Debian 13": the sizes and the system of a machine that was not named."""
    parsed.phrases.append(Phrase(type=ResourceType.VM, generic=True, attributes=list(parsed.loose)))
    parsed.makers = None


def _whole(parsed: Parsed, act: Act) -> list[Edit]:
    """What the clause says about the blueprint as a whole."""
    edits: list[Edit] = []
    if act.verb in {"remove", "destroy"}:
        return edits
    if parsed.max_cost is not None or parsed.region is not None:
        limits = {"max_monthly_cost": parsed.max_cost, "region": parsed.region}
        given = {key: value for key, value in limits.items() if value}
        edits.append(SetBlueprint(constraints=Constraints.model_validate(given)))
    if parsed.environment is not None:
        edits.append(SetBlueprint(metadata={"environment": parsed.environment}))
    if parsed.engine is not None:
        edits.append(SetBlueprint(engine=parsed.engine))
    elif any(_says_lxc(phrase.words) for phrase in parsed.phrases):
        edits.append(SetBlueprint(engine="proxmox", origin=Origin.INFERRED))
    return edits


def _says_lxc(words: Sequence[str]) -> bool:
    return any(
        word.casefold() in {"lxc", "lxcs", "ct", "cts"} for text in words for word in text.split()
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
    if act.verb == "add" and (draft is None or not draft.resources) and made:
        return Intent.CREATE
    return act.intent


def _final(intents: Sequence[tuple[Intent, bool]]) -> Intent:
    """One intent for a message of several: deploying wins, then the first that changes something, then the first at all."""
    if not intents:
        return Intent.UNKNOWN
    if any(intent is Intent.DEPLOY for intent, _ in intents):
        return Intent.DEPLOY
    telling = [intent for intent, _ in intents if intent not in {Intent.UNKNOWN, Intent.SMALLTALK}]
    acting = [intent for intent, acted in intents if acted]
    return (acting or telling or [intent for intent, _ in intents])[0]
