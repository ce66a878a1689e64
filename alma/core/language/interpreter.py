"""A message and the blueprint it is about, to an `Interpretation`: offline, deterministic, without I/O.

Values come from the user's words or are marked as what they are; what is unclear becomes a question; what was not used
is listed. The interpreter never applies anything: its edits go through `edits.apply_edits` like anybody else's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial

from alma.core.language.editing.in_pods import in_pods
from alma.core.language.editing.outcome import Asks
from alma.core.language.firewalls.restricting import restricting
from alma.core.language.following import Following
from alma.core.language.followups.antecedent import unfounded
from alma.core.language.followups.consent import only_thanks, refers_back
from alma.core.language.followups.context import REMEMBERED, Context
from alma.core.language.followups.going_on import goes_on
from alma.core.language.followups.if_missing import where_missing
from alma.core.language.followups.partial import mended_names
from alma.core.language.intent.acts import Acts
from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.deeds import Deeds
from alma.core.language.intent.intents import Recogniser
from alma.core.language.intent.opinion import only_troubled, opinion, ordered
from alma.core.language.intent.particulars import particulars
from alma.core.language.intent.plain_questions import only_asked, plainly_asked
from alma.core.language.intent.remarks import Remarks
from alma.core.language.intent.standards import standards
from alma.core.language.reader import Reader
from alma.core.language.reading import ACTS
from alma.core.language.screening.screen import Screen
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.weighing.background import Background
from alma.core.language.weighing.contradictions import contradicted
from alma.core.language.weighing.first import FirstRequests
from alma.core.language.weighing.second import SecondReading
from alma.core.language.wording.amounts_apart import put_together
from alma.core.language.wording.columns import as_wishes
from alma.core.language.wording.compounds import as_one_machine
from alma.core.language.wording.depending import depending
from alma.core.language.wording.elided import told_in_full
from alma.core.language.wording.engines import on_engine
from alma.core.language.wording.excepting import excepting
from alma.core.language.wording.exposure import exposing
from alma.core.language.wording.gist import gist
from alma.core.language.wording.hesitating import without_doubts
from alma.core.language.wording.indirectly import directly
from alma.core.language.wording.instead import without_old
from alma.core.language.wording.lacking import lacking
from alma.core.language.wording.loads import Sizer
from alma.core.language.wording.on_behalf import on_behalf
from alma.core.language.wording.properties_apart import properties_apart
from alma.core.language.wording.retelling import retold, told_of_each
from alma.core.language.wording.shares import spread
from alma.core.language.wording.taken_down import taken_down
from alma.core.language.wording.turning import turned
from alma.core.language.wording.which_software import which_software
from alma.core.language.wording.withholding import withheld
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    AddResource,
    Intent,
    Interpretation,
    SetBlueprint,
)
from alma.core.model.software import Catalogue
from alma.core.model.template import Template

# Who tells what others did or might do decides nothing.
_TOLD = re.compile(
    r"^\W*(?:my|our|the|a|an|he|she|they|someone|somebody|it)\b|\b(?:already|was|were|been|has|had|will|might|may|maybe|"
    r"tomorrow|later|yesterday|colleague|wants|said|says|not|never|don't)\b",
    re.IGNORECASE,
)
_POLITE = re.compile(
    r"^\W*(?:please\W+)?(?:(?:can|could|would|will) (?:you|we)|(?:can|could|may) i (?:please )?(?:get|have|order))\b",
    re.IGNORECASE,
)
# How a message is put plainly before any word of it is read, in this order.
_PLAINLY: Sequence[Callable[[str], str]] = (
    without_doubts, directly, withheld, on_behalf, as_one_machine, spread, put_together, without_old, turned,
    excepting, restricting, exposing, depending, on_engine, lacking, properties_apart,
)  # fmt: skip
_UNSETTLED = {Intent.UNKNOWN, Intent.CREATE, Intent.CHANGE, Intent.MIGRATE, Intent.EXPLAIN}
# Of each kind one, with much of what people say in them.
_USUAL = (
    (
        "Hi, we need 2 web servers behind a load balancer with 4 cores and 8GB each, a postgres 16 database that is "
        "backed up every night, and a redis cache for 500 users on proxmox, under $200 a month. Don't make it public."
    ),
    "add another one called web-3, move the database to 16GB and remove the cache",
    "no, I meant the web servers. Actually use MySQL instead, same but for staging",
    "what would that cost, and is it secure?",
    "deploy it",
)
_GENERAL = {Intent.HELP, Intent.STATUS, Intent.LIST, Intent.EXPLAIN}


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
    def clausing(self) -> Clausing:
        """What cuts sentences into clauses, and knows the verbs."""
        return Clausing(self.gazetteer)

    @cached_property
    def deeds(self) -> Deeds:
        """What lets act only what was plainly ordered."""
        return Deeds(self.gazetteer, self.clausing)

    @cached_property
    def remarks(self) -> Remarks:
        """What tells orders from what is only told beside them."""
        return Remarks(self.gazetteer, self.clausing)

    @cached_property
    def screen(self) -> Screen:
        """The look at a whole message before it is read."""
        means = self.gazetteer.means
        told = partial(taken_down, means=means)
        return Screen(means, self.acts.begins_order, self.acts.acts_upon, told)

    @cached_property
    def context(self) -> Context:
        """The reader of what was said before."""
        return Context(self.gazetteer, self.acts, self._asked)

    @cached_property
    def reader(self) -> Reader:
        """The reader of one message, clause by clause."""
        return Reader(
            self.catalogue,
            self.gazetteer,
            self.acts,
            self.context,
            self.templates,
            sizing=self.sizing,
        )

    @cached_property
    def first(self) -> FirstRequests:
        """The reader of first requests without what they only tell."""
        return FirstRequests(self.gazetteer, self.clausing)

    @cached_property
    def background(self) -> Background:
        """The reader of what came to nothing, without what it only tells."""
        return Background(self.gazetteer, self.clausing)

    @cached_property
    def second(self) -> SecondReading:
        """The reader of the same message in another way."""
        return SecondReading(self.gazetteer, self.context, self.reader)

    @cached_property
    def following(self) -> Following:
        """The reader of what only makes sense after something else."""
        return Following(self.gazetteer, self.acts, self.context, self.reader, self.interpret)

    def interpret(
        self, message: str, *, blueprint: Blueprint | None = None, history: Sequence[str] = ()
    ) -> Interpretation:
        """What the message asks for. `history` are the person's messages before it, newest last: they say what "it" is,
        and what a fragment such as "the database" answers. Never raises for what a person may type."""
        read = self._read(message, blueprint, history)
        screened = self.screen.look(message).answer is not None
        if not screened and not (blueprint is not None and blueprint.resources):
            told = told_of_each(message, self.gazetteer)
            read = self.first.weighed(told, read, lambda text: self._read(text, blueprint, history))
        if not screened:
            names = [resource.name for resource in blueprint.resources] if blueprint else []
            read = self.background.weighed(
                message, read, names, history, lambda text, said: self._read(text, blueprint, said)
            )
        return contradicted(
            message, _about_standards(message, read, blueprint), blueprint, self.gazetteer
        )

    def warm_up(self) -> None:
        """Reads a few usual messages, so that nobody waits for what is built at its first use: patterns, lists of
        words, learned models (about half a second of one core). Nothing of it is kept but that."""
        for place, message in enumerate(_USUAL):
            self.interpret(message, history=_USUAL[:place])

    def _read(
        self, message: str, blueprint: Blueprint | None, history: Sequence[str]
    ) -> Interpretation:
        if history and only_thanks(message):
            return Interpretation(intent=Intent.SMALLTALK, acts=(Intent.SMALLTALK,))
        screened = self.screen.look(message)
        if screened.answer is not None:
            return screened.answer
        recent = history[-REMEMBERED:]
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        short = self.following.shorthand
        own: list[str] = []
        for past in filter(None, (self.screen.look(each).text for each in recent)):
            full = short.in_full(past, blueprint)
            own.append(self.following.by_names(full, blueprint, own))
        plainly = self._as_sentences(
            mended_names(screened.text, names) if names else retold(screened.text, self.gazetteer)
        )
        plainly = where_missing(plainly, blueprint, self.gazetteer)
        plainly = self.following.in_its_place.ordered(plainly, blueprint)
        whole = self.following.by_names(short.in_full(plainly, blueprint), blueprint, own)
        said = [self.remarks.parted(text, names) for text in own]
        said = self.context.folded(said, blueprint) if names else said
        if names and goes_on(whole, own):
            return Interpretation(intent=Intent.DEPLOY, acts=(Intent.DEPLOY,))
        if (back := self.following.retraced(whole, blueprint, history)) is not None:
            return back
        parted = self.remarks.parted(whole, names)
        text = self.context.completed(parted, blueprint, said)
        if text == parted and (followed := self.following.followed(whole, blueprint, said)):
            return followed
        reading = self.reader.read(text, blueprint, said)
        reading.named = particulars(text)
        read = reading.finished()
        # "Can you …" is an order, and "remove web-2. How much do I save?" is an order and a question.
        ordered = any(act.verb is not None and act.edits for act in reading.acts)
        several = ordered and len(read.acts) > 1 and not _only_places(read)
        plain = bool(read.edits) and (several or _POLITE.match(text) is not None)
        settled = (reading.settled or plain) and not only_asked(text)
        bare = not any(act.verb is not None for act in reading.acts)
        weighed = read if settled else self._weighed(text, read, blueprint, said, bare=bare)
        # What was no order after all is none in another reading, either.
        asked = bool(read.edits and not weighed.edits) or only_asked(text)
        read = weighed
        read = read if reading.settled else self._gist(text, read, blueprint) or read
        read = self.following.amended(text, read, blueprint, said)
        # What contradicts itself was not read at all, and is asked about; who only asks wishes for nothing.
        if reading.acts and not (asked or self._in_trouble(text, read, names)):
            read = self.second.weighed(whole, read, blueprint, said)
        read = self.second.called_for(text, read, blueprint)
        read = self.following.taken_instead(text, read, said)
        read = unfounded(text, read, blueprint) or read
        return self.deeds.held(message, text, in_pods(read, blueprint, self.catalogue))

    def _in_trouble(self, text: str, read: Interpretation, names: Sequence[str]) -> bool:
        """Whether a message only tells what is wrong: no amount in it is wished for."""
        told = read.intent is Intent.TROUBLESHOOT and not (read.edits or read.question)
        return told and only_troubled(text, self.recogniser.guesses(text, names))

    def _as_sentences(self, text: str) -> str:
        """The message with tables, and what is left out, said of each or in other words, told as sentences are."""
        told = told_in_full(as_wishes(text, self.gazetteer.means))
        told = which_software(told, self.gazetteer.kind)
        for way in _PLAINLY:
            told = way(told)
        return told

    def _gist(
        self, text: str, read: Interpretation, blueprint: Blueprint | None
    ) -> Interpretation | None:
        """What is named in a message of which nothing was made, where nothing is there yet; None where it is better
        asked about."""
        there = blueprint is not None and blueprint.resources
        if there or read.edits or read.intent not in _UNSETTLED:
            return None
        named = gist(text, self.gazetteer)
        again = self.reader.read(named, blueprint, ()).finished() if named else None
        made = again is not None and any(isinstance(e, AddResource) for e in again.edits)
        if again is None or named is None or not made or again.question:
            return None
        told = f"I did not follow every word, and took it as a request for {named.removeprefix('I need ')}"
        return again.model_copy(
            update={"intent": Intent.CREATE, "assumptions": (*again.assumptions, told)}
        )

    def _weighed(
        self,
        text: str,
        read: Interpretation,
        blueprint: Blueprint | None,
        said: Sequence[str],
        *,
        bare: bool,
    ) -> Interpretation:
        """The reading, unless the examples know better what the message wants."""
        asked = None if read.edits else plainly_asked(text)
        if asked is not None:
            return read.model_copy(update={"intent": asked, "acts": (asked,), "question": None})
        names = [resource.name for resource in blueprint.resources] if blueprint else []
        found = opinion(text, read, self.recogniser.guesses(text, names), bare=bare)
        absent = refers_back(text) and not (blueprint and blueprint.resources)
        if found.order and read.question and absent:
            return read  # "make it redundant" where there is nothing: the question stands
        if found.order:
            again = self.reader.read(ordered(text), blueprint, said).finished()
            return again if again.edits and not again.question else read
        # "Hi, we need some infrastructure": what they need is asked, with or without a greeting.
        wished = read.intent is Intent.CREATE and read.question and not read.unused
        greeted = found.intent is Intent.SMALLTALK and wished
        if found.intent is None or greeted or (found.intent in ACTS and _TOLD.search(text)):
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
        return self.reader.read(message, blueprint, history).questions


def _only_places(read: Interpretation) -> bool:
    """Whether nothing came of a message but where everything should run: "we want it all on proxmox. How?" orders
    nothing for sure."""
    return all(isinstance(edit, SetBlueprint) and edit.constraints is None for edit in read.edits)


def _about_standards(
    message: str, read: Interpretation, blueprint: Blueprint | None
) -> Interpretation:
    """A question about compliance with the standards that it names, so that its answer tells them."""
    there = blueprint is not None and bool(blueprint.resources)
    asks = there and read.intent is Intent.COMPLIANCE and not (read.edits or read.question)
    named = standards(message) if asks else []
    if not named or any(name in words for words in read.understood for name in named):
        return read
    about = f"this is about {listed(named)}"
    return read.model_copy(update={"understood": (*read.understood, about)})
