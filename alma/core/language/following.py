"""A message that only makes sense after those before it: taken back, begun again, one more, corrected, left incomplete.

Each of them is found by its own reader in `followups`. What they find is carried out here, by reading the request that
they put in full.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.changing.targets import Focus
from alma.core.language.editing.edits import apply_edits
from alma.core.language.editing.outcome import Outcome
from alma.core.language.followups.amending import Amending
from alma.core.language.followups.another import Another, More, cloned, wants_another
from alma.core.language.followups.asked_about import one_of_it
from alma.core.language.followups.consent import refers_back
from alma.core.language.followups.considered import agrees_to_do, considered
from alma.core.language.followups.context import Context
from alma.core.language.followups.correcting import Correcting
from alma.core.language.followups.enquired import of_what_was_asked
from alma.core.language.followups.environments_apart import same_for, set_for
from alma.core.language.followups.in_its_place import InItsPlace
from alma.core.language.followups.kinds import kind_alone
from alma.core.language.followups.left_out import LeftOut
from alma.core.language.followups.looking_back import LookingBack, changing
from alma.core.language.followups.namings import named_again
from alma.core.language.followups.picking import picked, picks
from alma.core.language.followups.preferring import Preferring
from alma.core.language.followups.proportions import in_amounts, tells_by_others
from alma.core.language.followups.relocating import place_said
from alma.core.language.followups.restarting import Restart, about_to_restart, anew, restarted
from alma.core.language.followups.retracing import nothing_yet, parts_told
from alma.core.language.followups.returning import Interpret, Returning
from alma.core.language.followups.segments import counts
from alma.core.language.followups.shorthand import Shorthand
from alma.core.language.followups.some_of import by_names, points_at_some
from alma.core.language.followups.stores_named import runs_already, stores_named
from alma.core.language.followups.taken_up import taken_up
from alma.core.language.followups.those import in_their_words, points_at_those
from alma.core.language.followups.undoing import (
    keeps_it,
    names_undoing,
    only_drops,
    takes_back,
    takes_back_for_reasons,
)
from alma.core.language.intent.acts import Acts
from alma.core.language.reader import Reader
from alma.core.language.vocabulary.defaults import MACHINES, listed
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.amounts import UNIT, spaced
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Constraints
from alma.core.model.conversation import (
    AddResource,
    Intent,
    Interpretation,
    RemoveResource,
    SetBlueprint,
)

_SHORT = 8
# How many messages back something may still wait for a yes.
_SHORTLY = 3
# "and fileserver 16": what the number is of was said in the request before.
_GOES_ON = seldom(r"^\W*and (?:the )?[\w.-]+ (?:to )?\d+\W*$", re.IGNORECASE)
_BARE = seldom(r"(?<![\w.:-])\d+[\s.!]*$")
_WITH_UNIT = seldom(rf"\b\d+(?:\.\d+)?\s?(?P<unit>{UNIT})(?![\w-])", re.IGNORECASE)
_MEANT = seldom(
    r"\b(?:i|we) meant\b|\bwrong one\b|\bnot that one\b|\bshould(?:['’]ve| have) (?:been|said)\b",
    re.IGNORECASE,
)
_AND_THIS_TOO = (
    "Should {} go as well? What was removed before does not come back by that: say 'undo' for it."
)
_ONE_OF_THEM = seldom(r"\b(?:first|second|third|fourth|last|1st|2nd|3rd) one\b", re.IGNORECASE)
_GONE = (
    "The draft is as it was: should the request to remove what runs be turned down (say 'reject'), or, if it is gone "
    "already, what ran before come back (say 'roll back')?"
)
_WHAT_INSTEAD = "What would you like to run instead? What is drafted stays until you say."


class Following:
    """Reads follow-ups. `interpret` reads what begins again."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        acts: Acts,
        context: Context,
        reader: Reader,
        interpret: Interpret,
    ) -> None:
        self._gazetteer = gazetteer
        self._acts = acts
        self._context = context
        self._reader = reader
        self._interpret = interpret
        self._amending = Amending(gazetteer, acts.read)
        self._correcting = Correcting(gazetteer, acts.read)
        self._another = Another(gazetteer, self._is_verb)
        self._preferring = Preferring(gazetteer)
        self._returning = Returning(interpret, reader.applied)
        self._left_out = LeftOut(gazetteer, context, interpret)
        self._looking_back = LookingBack(
            gazetteer,
            context,
            self._returning,
            self._left_out,
            interpret,
            done=self._done,
            removes=self._removes,
        )
        self.shorthand = Shorthand(gazetteer)
        self.in_its_place = InItsPlace(gazetteer)

    def by_names(self, text: str, blueprint: Blueprint | None, said: Sequence[str]) -> str:
        """The message with the names of those that it points at by their places, "the first two", with what "all of
        those" and "the same memory" stand for, and with amounts that it tells by others, "twice that"; and
        with what "one" is, where it was only asked about."""
        text = one_of_it(text, blueprint, said, self._gazetteer)
        points = points_at_some(text) or points_at_those(text)
        if blueprint is None or not (points or tells_by_others(text)):
            return text
        focus = self._context.focus(said, blueprint)
        text = in_their_words(by_names(text, blueprint, focus), blueprint, focus)
        return in_amounts(text, blueprint, focus, said)

    def retraced(
        self, text: str, blueprint: Blueprint | None, history: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a message about what was before the last one; None for every other. `history` is all that
        was said."""
        return self._looking_back.retraced(text, blueprint, history)

    def followed(
        self,
        text: str,
        blueprint: Blueprint | None,
        said: Sequence[str],
    ) -> Interpretation | None:
        """What a message becomes that only makes sense after those before it; None for every other."""
        if blueprint is not None and takes_back(text) and (said or names_undoing(text)):
            return self._taken_back(text, blueprint, said)
        if said and blueprint is not None and takes_back_for_reasons(text, said[-1]):
            return self._taken_back("undo", blueprint, said)
        if said and keeps_it(text) and self._removes(said[-1]):
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        if blueprint is None or not blueprint.resources:
            return None
        begun = self._for_environment(text, blueprint, said)
        if begun is None and about_to_restart(said):
            begun = self._begun_anew(text, blueprint)
        if begun is not None:
            return begun
        full = taken_up(text, said) or named_again(text, said, blueprint)
        full = full or self._enquired(text, blueprint, said)
        found = self._done(full, blueprint, said) if full else None
        found = found or self._agreed(text, blueprint, said)
        found = found or self._named_stores(text, blueprint, said)
        found = found or self._of_kind(text, blueprint, said)
        found = found or self._placed(text, blueprint)
        return found or self._of_number_or_more(text, blueprint, said)

    def _for_environment(
        self, text: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """`The same for staging`, where all there is was just said to be for production: a second set beside it."""
        wanted = same_for(text, blueprint, said)
        if wanted is None or not self._returning.begun_here(blueprint, said):
            return None
        second = set_for(wanted.environment, blueprint)
        read = self._reader.read(wanted.request, second, said).finished()
        edits = [e for e in read.edits if not (isinstance(e, SetBlueprint) and e.copied)]
        if read.question or len(edits) == len(read.edits):
            return None
        if edits:
            second = apply_edits(second, edits)[0]
        names = listed([resource.name for resource in second.resources])
        return changing(
            Outcome(
                edits=[AddResource(resource=resource) for resource in second.resources],
                understood=[f"the same for {wanted.environment}: {names}"],
                assumptions=list(read.assumptions),
                unused=list(read.unused),
            )
        )

    def _agreed(
        self, text: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """`Should we add a cache?` … `ok do it`: what was only thought about, and not done with it already."""
        if not said or not agrees_to_do(text):
            return None
        orders = considered(said[-1])
        reads = [read for each in orders if (read := self._done(each, blueprint, said))]
        if not reads or self._interpret(said[-1], blueprint=blueprint, history=said[:-1]).edits:
            return None
        if self._awaits(said[:-1], blueprint):
            return None
        return min(reads, key=lambda read: len(read.unused))

    def _awaits(self, said: Sequence[str], blueprint: Blueprint) -> bool:
        """Whether a yes may as well be meant for what was to be deployed shortly before."""
        return any(
            Intent.DEPLOY in self._interpret(each, blueprint=blueprint).acts
            for each in said[-_SHORTLY:]
        )

    def _enquired(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> str | None:
        """`Double it`, after a question about how much there is."""
        if not said or "?" not in said[-1]:
            return None
        return of_what_was_asked(text, said, blueprint, self._context.focus(said, blueprint))

    def _of_kind(
        self, text: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """`Two servers` … `VMs`: of what kind those are that are there, and no others of it."""
        kind = kind_alone(text)
        machines = [r for r in blueprint.resources if r.type in MACHINES]
        if kind is None or not said or len(machines) < 1 or len({r.type for r in machines}) > 1:
            return None
        if machines[0].type is not kind:
            return self._done(
                f"make them {kind.value}s, not {machines[0].type.value}s", blueprint, said
            )
        understood = ("that is what is there already",)
        return Interpretation(intent=Intent.CHANGE, acts=(Intent.CHANGE,), understood=understood)

    def _named_stores(
        self, text: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """`Redis for the cache and mysql for the database`: which software those are that are there."""
        stores = stores_named(text, blueprint, self._gazetteer)
        if not stores:
            return None
        new = [
            f"use {software} for {owner.name}"
            for owner, software in stores
            if not runs_already(owner, software, self._gazetteer)
        ]
        if new:
            return self._done(". ".join(new), blueprint, said)
        understood = ("that is what runs there already",)
        return Interpretation(intent=Intent.CHANGE, acts=(Intent.CHANGE,), understood=understood)

    def _of_number_or_more(
        self, text: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a message of a few words and a number, or of one that wants one more."""
        if not (said and _may_follow(text)):
            return None
        focus = self._context.focus(said, blueprint)
        if outcome := self._left_out.found(text, blueprint, said, focus):
            return changing(outcome)
        return (
            self._shared_out(text, blueprint, said, focus)
            or self._some(text, blueprint, said, focus)
            or self._amount_or_more(text, blueprint, said, focus)
        )

    def _amount_or_more(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Interpretation | None:
        restart = restarted(text)
        if not (restart or counts(text) or wants_another(text)):
            return None
        if restart is not None and restart.everything:
            return self._anew(restart, blueprint, said, focus)
        # "The second one gets 32GB" corrects nothing.
        chosen = _ONE_OF_THEM.search(text) is not None
        outcome = None if chosen else self._correcting.corrected(text, blueprint, said, focus)
        if outcome is not None:
            return changing(outcome)
        if restart is not None:
            return self._anew(restart, blueprint, said, focus)
        more = cloned(text, blueprint, focus)
        more = more or self._another.found(text, blueprint, focus, said)
        return self._one_more(more, blueprint, said) if more is not None else None

    def _is_verb(self, word: str) -> bool:
        acts = self._acts.read(self._context.tokens(f"{word} it", ()))
        return any(act.verb is not None for act in acts)

    def _removes(self, message: str) -> bool:
        acts = self._acts.read(self._context.tokens(message, ()))
        return any(act.verb in {"remove", "destroy"} for act in acts)

    @staticmethod
    def _placed(text: str, blueprint: Blueprint) -> Interpretation | None:
        """`No, Ireland`: where it should be instead."""
        place = place_said(text)
        if place is None or any(r.name.casefold() == place for r in blueprint.resources):
            return None
        edit = SetBlueprint(constraints=Constraints(region=place))
        return changing(Outcome(edits=[edit], understood=[f"region {place}"]))

    def _shared_out(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Interpretation | None:
        """`2 servers` … `one for the web and one for the database`: said together, they are what is wanted."""
        made = self._amending.made_last(blueprint, said, focus) if parts_told(text) else ()
        machines = [r for name in made if (r := blueprint.resource(name)) is not None]
        if not nothing_yet(machines):
            return None
        return self._anew(
            Restart(f"{said[-1].rstrip(' .!')}: {text}", everything=False), blueprint, said, focus
        )

    def _some(
        self, text: str, blueprint: Blueprint, said: Sequence[str], focus: Focus
    ) -> Interpretation | None:
        """What becomes of some of several, whichever."""
        chosen = picked(text, blueprint, focus)
        read = self._done(chosen.message, blueprint, said) if chosen else None
        if chosen is None or read is None:
            return None
        return read.model_copy(update={"assumptions": (*read.assumptions, chosen.assumption)})

    def _taken_back(self, text: str, blueprint: Blueprint, said: Sequence[str]) -> Interpretation:
        """The last change taken back; nothing, where the last message only led to a question."""
        if not said:
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        last = self._acts.read(self._context.tokens(said[-1], ()))
        if any(act.verb == "destroy" and refers_back(said[-1]) for act in last):
            return Interpretation(intent=Intent.ROLLBACK, acts=(Intent.UNKNOWN,), question=_GONE)
        # Read again, what was taken out or renamed by it is not found: that asks, and has changed something.
        gone = any(act.verb in {"remove", "rename", "disable"} for act in last)
        asked = () if gone else self._reader.read(said[-1], blueprint, said[:-1]).questions
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
        begun = not restart.everything and self._returning.begun_here(blueprint, said)
        gone = (
            names
            if restart.everything
            else self._amending.made_last(blueprint, said, focus, begun=begun)
        )
        if not gone:
            return None  # the last change was of something that had been there before
        if not restart.rest:
            return Interpretation(
                intent=Intent.CHANGE, acts=(Intent.CHANGE,), question=_WHAT_INSTEAD
            )
        read = self._made_instead(restart.rest, gone, blueprint)
        return read or self._interpret(restart.rest, blueprint=blueprint, history=said)

    def _begun_anew(self, text: str, blueprint: Blueprint) -> Interpretation | None:
        """What is wanted instead of all that was dropped in the message before."""
        rest = restart.rest if (restart := restarted(text)) is not None else text
        return self._made_instead(rest, [r.name for r in blueprint.resources], blueprint)

    def _made_instead(
        self, text: str, gone: Sequence[str], blueprint: Blueprint
    ) -> Interpretation | None:
        """What a message asks for in the place of what is gone; None where nothing is made of it."""
        left = [r for r in blueprint.resources if r.name not in gone]
        draft = blueprint.model_copy(update={"resources": tuple(left)}) if left else None
        read = self._interpret(text, blueprint=draft, history=())
        edits = anew(blueprint, gone, read.edits)
        if edits is None or read.question:
            return None
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
            read = self._done(
                _in_the_unit(more.said, said), apply_edits(blueprint, outcome.edits)[0], said
            )
            if read is None:
                return None
            outcome.edits += read.edits
            outcome.understood += read.understood
            outcome.unused += read.unused
        outcome.edits += more.beside
        return changing(outcome)

    def amended(
        self, text: str, read: Interpretation, blueprint: Blueprint | None, said: Sequence[str]
    ) -> Interpretation:
        """The reading, unless the message only says what should be different in the one before it."""
        if blueprint is None or not said or any(isinstance(e, RemoveResource) for e in read.edits):
            return read
        if _made_one_thing(read) and (swapped := self._preferring.preferred(text, blueprint)):
            return self._reader.read(swapped, blueprint, said).finished()
        return self._completed(text, read, blueprint, said) if len(text.split()) <= _SHORT else read

    def taken_instead(self, text: str, read: Interpretation, said: Sequence[str]) -> Interpretation:
        """`Oh wait, I meant web-2` after `remove web-1`, where that is not known any more: it does not come back, so
        that it is asked whether the other goes as well."""
        gone = [edit.name for edit in read.edits if isinstance(edit, RemoveResource)]
        meant = len(gone) == len(read.edits) == 1 and _MEANT.search(text) is not None
        if not (meant and said and self._removes(said[-1])):
            return read
        return read.model_copy(
            update={"edits": (), "understood": (), "question": _AND_THIS_TOO.format(gone[0])}
        )

    def _completed(
        self, text: str, read: Interpretation, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation:
        """The reading of a short message, put in full where it leaves out what was said before it."""
        open_ = read.question or not read.edits or _GOES_ON.match(text) is not None
        gaps = self._amending.gapped(text, blueprint, said) if open_ else ()
        gapped = next((again for way in gaps if (again := self._done(way, blueprint, said))), None)
        if gapped is not None:
            return gapped
        spoken = self._context.focus(said, blueprint).recent
        full = self._amending.amended(text, blueprint, said, spoken)
        if full == "":
            so = ("that is what runs there already",)
            return read.model_copy(update={"edits": (), "question": None, "understood": so})
        return (self._done(full, blueprint, said) if full else None) or read

    def _done(
        self, request: str, blueprint: Blueprint, said: Sequence[str]
    ) -> Interpretation | None:
        """A request that was put in full, read again; None where nothing comes of it."""
        read = self._reader.read(request, blueprint, said).finished()
        return read if read.edits and not read.question else None


def _may_follow(text: str) -> bool:
    """Whether a message is of a kind that what was spoken of has to be looked up for."""
    kinds = (counts, wants_another, parts_told, picks)
    return restarted(text) is not None or any(kind(text) for kind in kinds)


def _made_one_thing(read: Interpretation) -> bool:
    """Whether a message was read as nothing but at most one new thing, which a correction may be mistaken for."""
    return len(read.edits) <= 1 and all(isinstance(edit, AddResource) for edit in read.edits)


def _in_the_unit(wish: str, said: Sequence[str]) -> str:
    """`set vm-2 to 8` after `one vm with 4GB`: as much as was last told, in that."""
    if _BARE.search(wish) is None:
        return wish
    told = ([found["unit"] for found in _WITH_UNIT.finditer(past)] for past in reversed(said))
    units = next((found for found in told if found), [])
    one = len({unit.casefold() for unit in units}) == 1
    return f"{wish.rstrip(' .!')}{spaced(units[0])}" if one else wish
