"""What goes back further than the last message: a change taken back or meant for others, another kind or another load
than was drafted, and what was taken out and is missed.

The conversation is read once more from its beginning to know what there was; `retracing` and `returning` say what comes
of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.followups.context import REMEMBERED, Context
from alma.core.language.followups.kinds import amounts_said, kept_kind, other_kind, turned
from alma.core.language.followups.left_out import LeftOut
from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.retracing import (
    another_meant,
    as_before,
    borne_instead,
    exchanged,
    looks_back,
    means_others,
    missed,
    misses,
    moved,
    put_back,
    regained,
    resized,
    restored,
    unchanged,
)
from alma.core.language.followups.returning import ONE_BY_ONE, Interpret, Returning
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    Interpretation,
    RemoveResource,
    SetField,
)

# Longer conversations are not read again from the beginning: that takes its time.
_RETRACED = 12
_LONGEST_KIND = 14
_KNOWN = (Sort.SOFTWARE, Sort.TYPE)
_DROPPED = seldom(
    r"\b(?:drop|ditch|scrap|kill|lose|forget|without|no longer|don['’]?t need|not needed|get rid)\b",
    re.IGNORECASE,
)
_RUNS_ALREADY = seldom(r"\b(?:deploy|redeploy|roll out|apply|approve|ship)\b", re.IGNORECASE)

_RESTORED = seldom(
    r"\brestore (?:the )?(?P<who>[\w.-]*\w)|\b(?:bring|put|get|want|need) (?:the )?(?P<back>[\w.-]+) back\b",
    re.IGNORECASE,
)

Done = Callable[[str, Blueprint, Sequence[str]], Interpretation | None]


class LookingBack:
    """Reads what is about earlier messages. `done` reads a request that was put in full, `removes` knows those that
    take something out."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        context: Context,
        returning: Returning,
        left_out: LeftOut,
        interpret: Interpret,
        *,
        done: Done,
        removes: Callable[[str], bool],
    ) -> None:
        self._gazetteer = gazetteer
        self._context = context
        self._returning = returning
        self._left_out = left_out
        self._interpret = interpret
        self._done = done
        self._removes = removes

    def retraced(
        self, text: str, blueprint: Blueprint | None, history: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a message about what is in the draft no longer: what went, and the load that it was drafted
        for; None for every other. `history` is all that was said."""
        if blueprint is None or not history or len(history) > _RETRACED:
            return None
        if (back := self._returning.returned(text, blueprint, history)) is not None:
            return back if isinstance(back, Interpretation) else changing(back)
        if names := put_back(text, blueprint):
            return self._put_back(names, text, blueprint, history)
        if (of_kind := self._of_other_kind(text, blueprint, history)) is not None:
            return of_kind
        changed = borne_instead(text, history[0])
        if changed is not None:
            return self._borne(changed, history[0], blueprint)
        return self._of_what_went(text, blueprint, history)

    def _of_what_went(
        self, text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a message that misses what there was, or says what should have gone or changed instead."""
        back = self._missed(text, blueprint, history) if misses(text) else None
        gone = back is None and looks_back(text)
        if gone and self._unknown_back(text, blueprint, history):
            alone = not (means_others(text) or self._removes(text))
            undone = Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
            return undone if alone else changing(Outcome(asks=[Asks(ONE_BY_ONE)]))
        return self._gone_or_wrong(text, blueprint, history) if gone else back

    def _missed(
        self, text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | None:
        """`I do want that redis again, add it back`, whenever it went: as it was, where that is known."""
        if not any(self._removes(said) or _DROPPED.search(said) for said in history):
            return None
        names = [resource.name for resource in blueprint.resources]
        items = self._gazetteer.tag(self._context.tokens(text, names), names)
        if any(item.existing for item in items):
            return None
        means = [found for item in items for sort in _KNOWN if (found := item.id_of(sort))]
        course = self._returning.course(history)
        edits = missed(text, means, course.before, blueprint) if course is not None else []
        if edits:
            return changing(Outcome(edits=edits, understood=_exchanged(edits)))
        software = [item for item in items if item.id_of(Sort.SOFTWARE)]
        there = {resource.engine for resource in blueprint.resources}
        new = len(software) == 1 and software[0].id_of(Sort.SOFTWARE) not in there
        return self._done(f"add a {software[0].text}", blueprint, history) if new else None

    def _put_back(
        self, names: Sequence[str], text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation:
        """`I meant pg-main, put crm back to what it was`. What was there before the conversation is known only to
        those who undo."""
        course = self._returning.known(blueprint, history)
        edits = as_before(names, course.before, blueprint) if course is not None else []
        if not edits:
            return self._undone(names, text, blueprint, history)
        then = course.before[-1] if course is not None and course.before else None
        meant = another_meant(text, history[-1], then, blueprint) if then is not None else None
        read = self._done(meant[1], blueprint, history[:-1]) if meant else None
        outcome = Outcome(edits=edits, understood=[f"{listed(list(names))} as before"])
        if read is not None:
            outcome.edits += read.edits
            outcome.understood += read.understood
        return changing(outcome)

    def _undone(
        self, names: Sequence[str], text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation:
        """The last change taken back, where it was of these alone and nothing else is wanted; else that is asked for by
        itself."""
        last = self._interpret(history[-1], blueprint=blueprint, history=history[:-1]).edits
        touched = {edit.name if isinstance(edit, SetField) else "" for edit in last}
        if touched == set(names) and not means_others(text):
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        return changing(Outcome(asks=[Asks(ONE_BY_ONE)]))

    def _of_other_kind(
        self, text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | None:
        """`Containers will do, not VMs`, of what this conversation has drafted."""
        if len(text.split()) > _LONGEST_KIND:
            return None
        names = [resource.name for resource in blueprint.resources]
        tokens = self._context.tokens(text, names)
        focus = self._context.focus(history[-REMEMBERED:], blueprint)
        found = other_kind(self._gazetteer.tag(tokens, names), blueprint, focus)
        if found is None:
            return None
        fresh = self._returning.begun_here(blueprint, history) and not any(
            _RUNS_ALREADY.search(said) for said in history
        )
        named = any(mentions(text, owner.name) for owner in found[1])
        if not (fresh or named):
            return changing(kept_kind(*found))
        told = (self._gazetteer.tag(self._context.tokens(each, names), names) for each in history)
        said = amounts_said(item for items in told for item in items)
        return changing(turned(*found, blueprint, runs=not fresh, said=said))

    def _borne(self, changed: str, first: str, blueprint: Blueprint) -> Interpretation | None:
        """The first request with another load: the sizes that the draft needs for it."""
        fresh = self._interpret(changed).edits
        edits = resized(fresh, self._interpret(first).edits, blueprint)
        what = "the sizes for that load" if edits else "the sizes stay as they are for that load"
        return changing(Outcome(edits=edits, understood=[what])) if fresh else None

    def _gone_or_wrong(
        self, text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a change of the wrong thing, or of what was taken out and is missed."""
        both = exchanged(text, history[-1], blueprint)
        if both is not None and (read := self._done(both, blueprint, history[:-1])) is not None:
            return read
        if means_others(text) and (moved_ := self._for_others(text, blueprint, history)):
            return changing(moved_)
        if means_others(text) and self._of_others(text, blueprint, history):
            return changing(Outcome(asks=[Asks(ONE_BY_ONE)]))
        before = self._replayed(history[:-1])
        if before is not None and not self._removes(history[-1]):
            return self._set_right(text, before, blueprint, history)
        try:
            again = regained(text, before, blueprint) if before is not None else None
        except Asks as asks:
            return changing(Outcome(asks=[asks]))
        return changing(Outcome(edits=again, understood=_exchanged(again))) if again else None

    def _unknown_back(self, text: str, blueprint: Blueprint, history: Sequence[str]) -> bool:
        """`I meant cdn! restore cms and remove cdn`: whether what went is to come back, and nobody knows here what it
        was."""
        found = _RESTORED.search(text)
        name = found["who"] or found["back"] if found is not None else None
        if name is None or blueprint.resource(name) is not None or not self._removes(history[-1]):
            return False
        return mentions(history[-1], name) and self._returning.known(blueprint, history) is None

    def _for_others(
        self, text: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Outcome | None:
        """`No, I meant the web servers`: the last change, of others."""
        said = history[-REMEMBERED:]
        names = [resource.name for resource in blueprint.resources]
        tokens = [t for t in self._context.tokens(text, names) if t.norm not in {"no", "not"}]
        others = self._context.spoken(tokens, blueprint, self._context.focus(said, blueprint))
        course = self._returning.known(blueprint, history)
        then = course.before[-1] if course is not None and course.before else None
        edits = moved(others, then, blueprint) if then is not None and others else []
        if not edits:
            return None
        return Outcome(edits=edits, understood=[f"that is for {listed(others)} instead"])

    def _of_others(self, text: str, blueprint: Blueprint, history: Sequence[str]) -> bool:
        """Whether the last change was of others than those that are meant, and nobody knows here what it changed."""
        if re.search(r"\d", text) or self._returning.known(blueprint, history) is not None:
            return False
        last = self._interpret(history[-1], blueprint=blueprint, history=history[:-1]).edits
        touched = {edit.name if isinstance(edit, SetField) else "" for edit in last}
        meant = {r.name for r in blueprint.resources if mentions(text, r.name)}
        return bool(meant - touched) and bool(touched) and "" not in touched

    def _set_right(
        self, text: str, before: Blueprint, now: Blueprint, history: Sequence[str]
    ) -> Interpretation | None:
        """What becomes of a change that went too far, or to the wrong one."""
        said = history[-REMEMBERED:]
        if same := self._left_out.found(text, now, said, self._context.focus(said, now)):
            return changing(same)
        if kept := unchanged(text, before, now):
            edits = restored(kept, before, now)
            return changing(Outcome(edits=edits, understood=[f"{listed(kept)} as before"]))
        meant = another_meant(text, history[-1], before, now)
        read = self._done(meant[1], now, history[:-1]) if meant else None
        if meant is None or read is None:
            return None
        edits = [*restored([meant[0]], before, now), *read.edits]
        return changing(
            Outcome(edits=edits, understood=[f"{meant[0]} as before", *read.understood])
        )

    def _replayed(self, history: Sequence[str]) -> Blueprint | None:
        """The draft after these messages, read once more from the beginning; None where one of them has no place."""
        course = self._returning.course(history)
        return course.draft if course is not None else None


def changing(outcome: Outcome) -> Interpretation:
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


def _exchanged(edits: Sequence[Edit]) -> list[str]:
    """What came back, and what went instead, in words."""
    back = [edit.resource.name for edit in edits if isinstance(edit, AddResource)]
    gone = [edit.name for edit in edits if isinstance(edit, RemoveResource)]
    said = [f"{listed(back)} {'is' if len(back) == 1 else 'are'} back"]
    return [*said, f"remove {listed(gone)}"] if gone else said
