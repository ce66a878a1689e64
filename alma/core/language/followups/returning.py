"""Going back by more than one step, or by one and on from there: "undo once more", "undo the last two changes",
"redo that", "scratch that, make it 12GB instead".

One step back is an intent of its own, which the conversation carries out. Whatever else goes back is told as the edits
that lead from the draft as it is to the draft as it was: this module says what is wanted, and what those edits are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from alma.core.language.editing.outcome import Asks, Outcome
from alma.core.language.followups.undoing import (
    keeps_it,
    names_undoing,
    only_drops,
    takes_back,
)
from alma.core.language.words.seldom import seldom
from alma.core.model.base import Json
from alma.core.model.blueprint import Blueprint, Resource, dump_plain
from alma.core.model.conversation import (
    AddResource,
    Edit,
    Intent,
    Interpretation,
    RemoveResource,
    RenameResource,
    SetBlueprint,
    SetField,
    UseTemplate,
)
from alma.core.model.errors import AlmaError

_LEAD = (
    r"^\W*(?:(?:ok|okay|yes|yep|no|and|then|now|please|pls|oh|hm+|well|sorry|actually|wait|so|great|thanks|let'?s|"
    r"can you|could you|go|just)\b\W*)*"
)
_TAIL = r"(?:\W+(?:please|pls|then|too|as well|also|thanks|again|now|for me))*\W*$"
_STEP = r"(?:step|change|one|time|edit|bit)"
_FURTHER = seldom(
    _LEAD
    + rf"(?:(?:once|one) more(?: {_STEP})?(?: back)?|again|another {_STEP}(?: back)?|(?:even )?(?:further|"
    rf"farther)(?: back)?|keep going|same again|(?:undo |revert )?the (?:{_STEP} before(?: that| it)?|previous {_STEP}|"
    rf"other {_STEP}))" + _TAIL,
    re.IGNORECASE,
)
_REDO = seldom(
    _LEAD + r"(?:re-?do(?: (?:it|that|this|the (?:last )?(?:change|step|one)))?|"
    r"(?:undo|revert|reverse|cancel) (?:the|that|my) (?:last )?(?:undo|revert)|un-?undo(?: (?:it|that))?|"
    r"(?:i|we) (?:did|do) (?:actually )?want (?:it|that|this)(?: change)?(?: after all)?|"
    r"(?:do|make|apply|put|keep|want|take|have) (?:it|that|this|the change)(?: (?:back|in))?(?: after all)|"
    r"(?:it|that) was (?:right|fine|good|correct|ok)(?: after all)?)" + _TAIL,
    re.IGNORECASE,
)
_NUMBERS = {"both": 2, "two": 2, "three": 3, "four": 4, "five": 5}
_SEVERAL = seldom(
    _LEAD
    + r"(?:undo|revert|reverse|cancel|take back|roll back|forget|scrap|go back|step back|scratch)\s+"
    r"(?:by )?(?:(?:the|my|our|those|these)\s+)?(?:(?:last|latest|previous|past)\s+)?"
    r"(?P<number>\d|both|two|three|four|five)(?: of (?:them|those|these))?"
    r"(?:\s+(?:last|latest|previous))?(?:\s+(?:steps?|changes?|edits?|things?|times?|messages?|requests?|ones))?"
    r"(?: back)?(?: back)?" + _TAIL,
    re.IGNORECASE,
)
_JOINT = seldom(
    r"(?:\s*[.;!,…\n]+\s*|\s+[–—-]+\s+|\s+)(?:(?:and|then|but|instead|rather)\b[\s,]*)*",
    re.IGNORECASE,
)
_AND_THEN = seldom(r"[.;!,…\n]|\s[–—-]+\s|\b(?:and|then|instead|make|do|use)\b", re.IGNORECASE)
_LEAST = 2
_ACTING = {
    Intent.DEPLOY,
    Intent.DESTROY,
    Intent.APPROVE,
    Intent.REJECT,
    Intent.ROLLBACK,
    Intent.UNDO,
}
_ONE_AT_A_TIME = "I take back one change at a time. Say 'undo', and 'undo' again."
ONE_BY_ONE = (
    "Should the last change be taken back first? Say 'undo', and then what you would like instead."
)
"""What is asked where the draft that there was before is not known here."""


class Interpret(Protocol):
    """Reads a message as if it came by itself."""

    def __call__(
        self, message: str, *, blueprint: Blueprint | None = None, history: Sequence[str] = ()
    ) -> Interpretation: ...


@dataclass(frozen=True, slots=True)
class Course:
    """How a conversation went: the draft after it, and the drafts before each change that still stands."""

    draft: Blueprint | None
    before: tuple[Blueprint | None, ...]


def undone_before(history: Sequence[str]) -> bool:
    """Whether the last message took something back."""
    if not history:
        return False
    last = history[-1]
    return takes_back(last) or (_FURTHER.match(last) is not None and undone_before(history[:-1]))


def goes_further(message: str, history: Sequence[str]) -> bool:
    """Whether a message only wants one more step taken back: "and again", "the one before that too"."""
    return _FURTHER.match(message) is not None and undone_before(history)


def redone(message: str, history: Sequence[str]) -> int | None:
    """The place of the message whose change was taken back and is wanted after all; None for every other message."""
    if _REDO.match(message) is None or not undone_before(history):
        return None
    steps = 0
    for place in range(len(history) - 1, -1, -1):
        if undone_before(history[: place + 1]):
            steps += 1
        elif steps <= 1:
            return place
        else:
            steps -= 1
    return None


def steps_back(message: str) -> int | None:
    """How many changes a message wants taken back, where it says so: "undo both", "go back two steps"."""
    found = _SEVERAL.match(message)
    if found is None:
        return None
    number = found["number"].casefold()
    return _NUMBERS.get(number) or int(number)


def back_and_on(message: str) -> str | None:
    """What a message wants instead of the last change; None where it does not begin with taking that back."""
    if takes_back(message):
        return None
    rests = [
        message[joint.end() :].strip()
        for joint in _JOINT.finditer(message)
        if takes_back(message[: joint.start()])
        and _AND_THEN.search(message[joint.start() : joint.end()] + message[joint.end() :])
    ]
    return rests[-1] if rests and len(rests[-1].split()) >= _LEAST else None


class Returning:
    """Finds and carries out what goes back further. `interpret` reads what begins again, `applied` makes its edits."""

    def __init__(
        self,
        interpret: Interpret,
        applied: Callable[[Blueprint | None, Sequence[Edit]], Blueprint],
    ) -> None:
        self._interpret = interpret
        self._applied = applied

    def course(self, history: Sequence[str]) -> Course | None:
        """The conversation read once more from its beginning; None where one of the messages has no place."""
        draft: Blueprint | None = None
        before: list[Blueprint | None] = []
        for number, message in enumerate(history):
            read = self._interpret(message, blueprint=draft, history=history[:number])
            try:
                if Intent.UNDO in read.acts and before and not read.question:
                    draft = before.pop()
                elif read.edits:
                    before.append(draft)
                    draft = self._applied(draft, read.edits)
            except AlmaError:
                return None
        return Course(draft, tuple(before))

    def returned(
        self, message: str, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | Outcome | None:
        """What becomes of a message that goes back; None for every other. `history` is all that was said."""
        if (only := self._only_back(message, history)) is not None:
            return only
        if (place := redone(message, history)) is not None:
            read = self._interpret(history[place], blueprint=blueprint, history=history[:place])
            return read if read.edits and not read.question else None
        if (steps := steps_back(message)) is not None:
            return self._back_by(steps, blueprint, history)
        rest = back_and_on(message)
        if rest is None:
            return None
        last = self._interpret(history[-1], blueprint=blueprint, history=history[:-1])
        if only_drops(message) and not last.edits:
            return self._interpret(rest, blueprint=blueprint, history=history)
        return self._back_and_on(rest, blueprint, history, last.edits)

    def _nothing_done(self, history: Sequence[str]) -> bool:
        """Whether the last message changed nothing: then there is nothing to put back or to keep."""
        before, after = self.course(history[:-1]), self.course(history)
        if before is None or after is None or before.draft is None:
            return False
        last = self._interpret(history[-1], blueprint=before.draft, history=history[:-1])
        return before.draft == after.draft and last.intent not in _ACTING

    def begun_here(self, blueprint: Blueprint, history: Sequence[str]) -> bool:
        """Whether the draft holds what the first of these messages made, and nothing older."""
        first = self._interpret(history[0]).edits if history else ()
        if any(isinstance(edit, UseTemplate) for edit in first):
            return True
        made = {edit.resource.name for edit in first if isinstance(edit, AddResource)}
        return bool(made) and blueprint.resources[0].name in made

    def _only_back(self, message: str, history: Sequence[str]) -> Interpretation | None:
        """What becomes of a message that wants nothing but one step back: none, where nothing was done."""
        mild = (takes_back(message) or keeps_it(message)) and not names_undoing(message)
        if mild and self._nothing_done(history):
            done = ("nothing was changed, and nothing will be",)
            return Interpretation(
                intent=Intent.SMALLTALK, acts=(Intent.SMALLTALK,), understood=done
            )
        if goes_further(message, history):
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        return None

    def known(self, blueprint: Blueprint, history: Sequence[str]) -> Course | None:
        """The course, where it leads to the draft that is there: one that was begun elsewhere is not known."""
        course = self.course(history)
        return course if course is not None and course.draft == blueprint else None

    def _back_by(
        self, steps: int, blueprint: Blueprint, history: Sequence[str]
    ) -> Interpretation | Outcome:
        if steps == 1:
            return Interpretation(intent=Intent.UNDO, acts=(Intent.UNDO,))
        course = self.known(blueprint, history)
        then = course.before[-steps] if course and len(course.before) >= steps else None
        edits = leading(blueprint, then) if then is not None else []
        if not edits:
            return Outcome(asks=[Asks(_ONE_AT_A_TIME)])
        return Outcome(edits=edits, understood=[f"the last {steps} changes are taken back"])

    def _back_and_on(
        self, rest: str, blueprint: Blueprint, history: Sequence[str], last: Sequence[Edit]
    ) -> Outcome | None:
        """`Undo that and make it 12GB`: the draft as it was before, and what is wanted of it."""
        course = self.known(blueprint, history)
        then = course.before[-1] if course and course.before else None
        if then is None:
            return self._overridden(rest, blueprint, history, last)
        read = self._interpret(rest, blueprint=then, history=history)
        if read.question or not read.edits or read.intent not in {Intent.CHANGE, Intent.CREATE}:
            return None
        try:
            removed = [edit.name for edit in read.edits if isinstance(edit, RemoveResource)]
            edits = leading(blueprint, self._applied(then, read.edits), removed)
        except AlmaError:
            return None
        understood = ["the last change is taken back", *read.understood]
        return Outcome(edits=edits, understood=understood, assumptions=list(read.assumptions))

    def _overridden(
        self, rest: str, blueprint: Blueprint, history: Sequence[str], last: Sequence[Edit]
    ) -> Outcome | None:
        """What is wanted instead, where it says anew all that the last change had said. What was there before is not
        known here: where it would come back as well, that is asked for by itself."""
        read = self._interpret(rest, blueprint=blueprint, history=history)
        said = _places(last)
        if read.question or not read.edits or not all(isinstance(e, SetField) for e in last):
            return None
        if said - _places(read.edits):
            return Outcome(asks=[Asks(ONE_BY_ONE)])
        return Outcome(edits=list(read.edits), understood=list(read.understood))


def _places(edits: Sequence[Edit]) -> set[tuple[str, str]]:
    """The fields that edits set; one that is of no resource stands for what else they do."""
    return {(e.name, e.path) if isinstance(e, SetField) else ("", e.op) for e in edits}


# ── from one draft to another ────────────────────────────────────────────────────────────────────────────────────────


def leading(now: Blueprint, then: Blueprint, removed: Collection[str] = ()) -> list[Edit]:
    """The edits that make the draft what it was then. `removed` are to go, and are nothing by another name."""
    gone = [r for r in now.resources if then.resource(r.name) is None]
    new = [r for r in then.resources if now.resource(r.name) is None]
    edits: list[Edit] = []
    if len(gone) == len(new) == 1 and _renamed(gone[0], new[0]) and gone[0].name not in removed:
        edits.append(RenameResource(name=gone[0].name, to=new[0].name))
        gone, new = [], []
    edits += [RemoveResource(name=resource.name) for resource in gone]
    edits += [AddResource(resource=resource) for resource in new]
    for resource in then.resources:
        old = now.resource(resource.name)
        if old is not None and old != resource:
            edits += fields(old, resource)
    return [*edits, *_whole(now, then)]


def _renamed(old: Resource, new: Resource) -> bool:
    return old.model_copy(update={"name": new.name}) == new


def fields(now: Resource, then: Resource) -> Iterator[SetField]:
    """The edits that make a resource what it was then."""
    is_, was = dict(_leaves(dump_plain(now))), dict(_leaves(dump_plain(then)))
    for path in {**is_, **was}:
        if is_.get(path) != was.get(path):
            yield SetField(name=then.name, path=path, value=was.get(path))


def _leaves(document: Mapping[str, Json], prefix: str = "") -> Iterator[tuple[str, Json]]:
    for key, value in document.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _whole(now: Blueprint, then: Blueprint) -> list[Edit]:
    """What is different of the blueprint itself: its limits, and where it is to run."""
    is_ = now.constraints.model_dump(exclude_none=True) if now.constraints else {}
    was = then.constraints.model_dump(exclude_none=True) if then.constraints else {}
    cleared = [f"constraints.{key}" for key in is_ if key not in was]
    if now.engine is not None and then.engine is None:
        cleared.append("engine")
    if not cleared and is_ == was and now.engine == then.engine:
        return []
    return [
        SetBlueprint(
            cleared=tuple(cleared),
            constraints=then.constraints if was and was != is_ else None,
            engine=then.engine if then.engine != now.engine else None,
        )
    ]
