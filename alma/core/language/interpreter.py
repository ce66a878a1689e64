"""A message and the blueprint it is about, to an `Interpretation`: offline, deterministic, without I/O.

Values come from the user's words or are marked as what they are; what is unclear becomes a question; what was not used
is listed. The interpreter never applies anything: its edits go through `edits.apply_edits` like anybody else's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from alma.core.language.changing.targets import Focus
from alma.core.language.editing.edits import apply_edits
from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.followups.amending import Amending
from alma.core.language.followups.another import Another, More, wants_another
from alma.core.language.followups.antecedent import unfounded
from alma.core.language.followups.consent import only_thanks, refers_back
from alma.core.language.followups.context import REMEMBERED, Context
from alma.core.language.followups.correcting import Correcting
from alma.core.language.followups.going_on import goes_on
from alma.core.language.followups.preferring import Preferring
from alma.core.language.followups.restarting import Restart, anew, restarted
from alma.core.language.followups.segments import counts
from alma.core.language.followups.undoing import names_undoing, only_drops, takes_back
from alma.core.language.intent.acts import Acts
from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.deeds import Deeds
from alma.core.language.intent.intents import Recogniser
from alma.core.language.intent.opinion import opinion, ordered
from alma.core.language.intent.particulars import particulars
from alma.core.language.intent.plain_questions import plainly_asked
from alma.core.language.intent.remarks import Remarks
from alma.core.language.reader import Reader
from alma.core.language.reading import ACTS
from alma.core.language.screening.screen import Screen
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.wording.loads import Sizer
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    AddResource,
    Intent,
    Interpretation,
    RemoveResource,
    SetBlueprint,
)
from alma.core.model.software import Catalogue
from alma.core.model.template import Template

_SHORT = 8
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
_GONE = (
    "The draft is as it was: should the request to remove what runs be turned down (say 'reject'), or, if it is gone "
    "already, what ran before come back (say 'roll back')?"
)
_WHAT_INSTEAD = "What would you like to run instead? What is drafted stays until you say."
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
    def correcting(self) -> Correcting:
        """The reader of messages that take back an amount."""
        return Correcting(self.gazetteer, self.acts.read)

    @cached_property
    def another(self) -> Another:
        """The reader of messages that want one more of what was spoken of."""
        return Another(self.gazetteer)

    @cached_property
    def preferring(self) -> Preferring:
        """The reader of messages that correct what software should run."""
        return Preferring(self.gazetteer)

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

    def interpret(
        self, message: str, *, blueprint: Blueprint | None = None, history: Sequence[str] = ()
    ) -> Interpretation:
        """What the message asks for. `history` are the person's messages before it, newest last: they say what "it" is,
        and what a fragment such as "the database" answers. Never raises for what a person may type."""
        if history and only_thanks(message):
            return Interpretation(intent=Intent.SMALLTALK, acts=(Intent.SMALLTALK,))
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
        if text == parted and (followed := self._followed(screened.text, blueprint, said)):
            return followed
        reading = self.reader.read(text, blueprint, said)
        reading.named = particulars(text)
        read = reading.finished()
        # "Can you …" is an order, and "remove web-2. How much do I save?" is an order and a question.
        ordered = any(act.verb is not None and act.edits for act in reading.acts)
        several = ordered and len(read.acts) > 1 and not _only_places(read)
        plain = bool(read.edits) and (several or _POLITE.match(text) is not None)
        settled = reading.settled or plain
        bare = not any(act.verb is not None for act in reading.acts)
        read = read if settled else self._weighed(text, read, blueprint, said, bare=bare)
        read = self._amended(text, read, blueprint, said)
        read = unfounded(text, read, blueprint) or read
        return self.deeds.held(message, text, read)

    def _followed(
        self, text: str, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation | None:
        """What a message becomes that only makes sense after those before it; None for every other."""
        if blueprint is not None and takes_back(text) and (said or names_undoing(text)):
            return self._taken_back(text, blueprint, said)
        if blueprint is None or not said:
            return None
        restart = restarted(text)
        if not blueprint.resources or not (restart or counts(text) or wants_another(text)):
            return None
        focus = self.context.focus(said, blueprint)
        outcome = self.correcting.corrected(text, blueprint, said, focus)
        if outcome is not None:
            return _changing(outcome)
        if restart is not None:
            return self._anew(restart, blueprint, said, focus)
        more = self.another.found(text, blueprint, focus)
        return self._one_more(more, blueprint, said) if more is not None else None

    def _taken_back(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> Interpretation:
        """The last change taken back; nothing, where the last message only led to a question."""
        if not said:
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        last = self.acts.read(self.context.tokens(said[-1], ()))
        if any(act.verb == "destroy" and refers_back(said[-1]) for act in last):
            return Interpretation(intent=Intent.ROLLBACK, acts=(Intent.UNKNOWN,), question=_GONE)
        # Read again, what was taken out or renamed by it is not found: that asks, and has changed something.
        gone = any(act.verb in {"remove", "rename", "disable"} for act in last)
        asked = () if gone else self._asked(said[-1], blueprint, said[:-1])
        if only_drops(text) and any(asks.open or asks.offer for asks in asked):
            return Interpretation(
                intent=Intent.SMALLTALK,
                acts=(Intent.SMALLTALK,),
                understood=("nothing was changed, and nothing will be",),
            )
        return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))

    def _anew(
        self, restart: Restart, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Interpretation | None:
        """What a message becomes that begins again: what it asks for instead of what there was."""
        names = [resource.name for resource in blueprint.resources]
        gone = names if restart.everything else self.amending.made_last(blueprint, said, focus)
        if not restart.rest:
            return Interpretation(
                intent=Intent.CHANGE, acts=(Intent.CHANGE,), question=_WHAT_INSTEAD
            )
        left = [r for r in blueprint.resources if r.name not in gone]
        draft = blueprint.model_copy(update={"resources": tuple(left)}) if left else None
        read = self.interpret(restart.rest, blueprint=draft, history=())
        edits = anew(blueprint, gone, read.edits)
        if edits is None or read.question:
            return self.interpret(restart.rest, blueprint=blueprint, history=said)
        understood = (f"instead of {listed(list(gone))}", *read.understood)
        return read.model_copy(
            update={"intent": Intent.CHANGE, "edits": edits, "understood": understood}
        )

    def _one_more(
        self, more: More, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """A copy of what was spoken of, with what was said about it."""
        if more.added is None:
            return self._done(more.request, blueprint, said)
        name = more.added.resource.name
        outcome = Outcome(
            edits=[more.added], understood=[f"{name}, another one like {more.like.name}"]
        )
        if more.said:
            read = self._done(more.said, apply_edits(blueprint, outcome.edits)[0], said)
            if read is None:
                return None
            outcome.edits += read.edits
            outcome.understood += read.understood
            outcome.unused += read.unused
        outcome.edits += more.beside
        return _changing(outcome)

    def _amended(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading, unless the message only says what should be different in the one before it."""
        if blueprint is None or not said or any(isinstance(e, RemoveResource) for e in read.edits):
            return read
        if _made_one_thing(read) and (swapped := self.preferring.preferred(text, blueprint)):
            return self.reader.read(swapped, blueprint, said).finished()
        return self._completed(text, read, blueprint, said) if len(text.split()) <= _SHORT else read

    def _completed(
        self, text: str, read: Interpretation, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation:
        """The reading of a short message, put in full where it leaves out what was said before it."""
        gaps = (
            self.amending.gapped(text, blueprint, said) if read.question or not read.edits else ()
        )
        gapped = next((again for way in gaps if (again := self._done(way, blueprint, said))), None)
        if gapped is not None:
            return gapped
        spoken = self.context.focus(said, blueprint).recent
        full = self.amending.amended(text, blueprint, said, spoken)
        if full == "":
            so = ("that is what runs there already",)
            return read.model_copy(update={"edits": (), "question": None, "understood": so})
        return (self._done(full, blueprint, said) if full else None) or read

    def _done(
        self, request: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """A request that was put in full, read again; None where nothing comes of it."""
        read = self.reader.read(request, blueprint, said).finished()
        return read if read.edits and not read.question else None

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


def _changing(outcome: Outcome) -> Interpretation:
    """What became of a follow-up, as a change of the draft."""
    return Interpretation(
        intent=Intent.CHANGE,
        acts=(Intent.CHANGE,),
        edits=tuple(outcome.edits),
        understood=tuple(outcome.understood),
        assumptions=tuple(outcome.assumptions),
        question=" ".join(asks.question for asks in outcome.asks) or None,
        unused=tuple(outcome.unused),
    )


def _only_places(read: Interpretation) -> bool:
    """Whether nothing came of a message but where everything should run: "we want it all on proxmox. How?" orders
    nothing for sure."""
    return all(isinstance(edit, SetBlueprint) and edit.constraints is None for edit in read.edits)


def _made_one_thing(read: Interpretation) -> bool:
    """Whether a message was read as nothing but at most one new thing, which a correction may be mistaken for."""
    return len(read.edits) <= 1 and all(isinstance(edit, AddResource) for edit in read.edits)
