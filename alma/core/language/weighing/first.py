"""A second reading of a first request: of what is wanted in it alone, taken where the first one made what is only told.

With nothing there yet, whatever a message names may be meant. People name much more than they want, though: what they
have, had, were recommended, or may need one day. Both readings are held against the clauses of the message, and the
second stands only where it accounts clearly better for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from alma.core.language.intent.clausing import Clausing
from alma.core.language.intent.plain_questions import only_asked
from alma.core.language.reading import ACTS
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Item
from alma.core.language.weighing.accounts import Clause, account
from alma.core.language.weighing.standings import Standing
from alma.core.language.weighing.wants import sorted_clauses
from alma.core.language.weighing.wishes import Part, as_wishes, with_preferences
from alma.core.language.words.tokens import tokenize
from alma.core.model.conversation import AddResource, Interpretation, UseTemplate

# Characters. Longer messages are read once: more often would take its time.
_LONGEST = 1500
_CLEARLY = 1.0
_WANTED = {Standing.WANTED, Standing.ASKED}
_LEFT = {Standing.WANTED, Standing.OPEN, Standing.ASKED}

Reread = Callable[[str], Interpretation]


class FirstRequests:
    """Weighs readings of messages where nothing is there yet."""

    def __init__(self, gazetteer: Gazetteer, clausing: Clausing) -> None:
        self._gazetteer = gazetteer
        self._clausing = clausing

    def weighed(self, message: str, read: Interpretation, reread: Reread) -> Interpretation:
        """The reading that stands; `reread` reads a text as if it had been said instead."""
        asked = message.rstrip().endswith("?") and only_asked(message)
        if len(message) > _LONGEST or asked or (read.intent in ACTS and not _makes(read)):
            return read
        said = sorted_clauses(message, self._clausing)
        parts = [Part(clause, self._tagged(clause.text)) for clause in said]
        clauses = [Clause(part.items, part.said.standing, part.said.text) for part in parts]
        best, standing = read, account(read, clauses)
        for text in _texts(message, parts):
            if standing.worth < _CLEARLY:
                break
            again = reread(text)
            found = account(again, clauses, read)
            if found.worth <= standing.worth - _CLEARLY:
                best, standing = again, found
        return best if best is read else _with_notes(read, best)

    def _tagged(self, text: str) -> Sequence[Item]:
        return self._gazetteer.tag(self._gazetteer.prepare(tokenize(text)).tokens)


def _texts(message: str, parts: Sequence[Part]) -> Iterator[str]:
    """The message without what is told; with nothing but what is wanted; and with nothing but the bare wishes."""
    seen = {message.strip()}
    wished = with_preferences(parts)
    for kept, bare in ((_LEFT, False), (_WANTED, False), (_WANTED, True)):
        text = as_wishes(message, wished, kept, bare=bare).strip()
        if text and text not in seen:
            seen.add(text)
            yield text


def _makes(read: Interpretation) -> bool:
    return any(isinstance(edit, AddResource | UseTemplate) for edit in read.edits)


def _with_notes(first: Interpretation, second: Interpretation) -> Interpretation:
    """The second reading, telling what it leaves out of what was named."""
    kept = {_known_as(edit) for edit in second.edits}
    gone = [name for edit in first.edits if (name := _known_as(edit)) and name not in kept]
    if not gone or not _makes(second):
        return second
    note = f"{listed(list(dict.fromkeys(gone)))} {'is' if len(set(gone)) == 1 else 'are'} only spoken of, and left out"
    return second.model_copy(update={"assumptions": (*second.assumptions, note)})


def _known_as(edit: object) -> str:
    if isinstance(edit, UseTemplate):
        return edit.template
    if isinstance(edit, AddResource):
        return edit.resource.engine or str(edit.resource.type).replace("_", " ")
    return ""
