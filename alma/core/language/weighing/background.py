"""The background of a message: what is only told in it, and orders nothing.

A message that was not understood is read again without its background. What was told stays what the rest is about ("the
license server is on Ubuntu, they only certify Rocky. Switch it over"), so the rest is read as if the background had
been said just before. And where all of a message is background, or a question, nothing is made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.intent.bearing import Bearing, Bearings, Part
from alma.core.language.intent.clausing import Clausing
from alma.core.language.vocabulary.gazetteer import Gazetteer
from alma.core.language.words.tokens import Kind, tokenize
from alma.core.model.conversation import Intent, Interpretation

# Characters, and parts. Longer messages are pasted, not written.
_LONGEST, _MOST = 1500, 24
_SURE, _SURER, _MOSTLY, _RATHER, _LIKELY, _DOUBTFUL = 0.8, 0.9, 0.75, 0.6, 0.5, 0.4
_HARDLY = 0.15
# What is asked for, or what refuses something, is never left out, whatever it looks like.
_PLEADING = re.compile(r"\b(?:please|pls|plz|kindly|ask(?:s|ed)? for)\b", re.IGNORECASE)
_REFUSING = re.compile(
    r"^\W*(?:(?:and|but|so|also|hence)\W+)*(?:no|not|never|nothing|nobody|none|without|don['’]?t|do not)\b",
    re.IGNORECASE,
)
# … and neither are the lines of forms, lists and tables.
_FIELD = re.compile(r"^\s*(?:[-*•|]|\d+[.)]\s|[\w ()/#-]{1,28}\s*[:=])|\|")
_LEAST = 3
_UNCLEAR = {
    Intent.UNKNOWN,
    Intent.SMALLTALK,
    Intent.CREATE,
    Intent.CHANGE,
    Intent.TROUBLESHOOT,
    Intent.CAPACITY,
}
_DRAFTING = {Intent.CREATE, Intent.CHANGE}
_NOTHING_WANTED = Interpretation(
    intent=Intent.UNKNOWN,
    acts=(Intent.UNKNOWN,),
    question="As I read it, that tells me how things are, and asks for nothing. What would you like me to do?",
)

Reread = Callable[[str, Sequence[str]], Interpretation]


class Background:
    """Tells what is only told, reads again what came to nothing, and asks where nothing is wanted."""

    def __init__(self, gazetteer: Gazetteer, clausing: Clausing) -> None:
        self._bearings = Bearings(gazetteer)
        self._clausing = clausing

    def weighed(
        self,
        message: str,
        read: Interpretation,
        names: Sequence[str],
        history: Sequence[str],
        reread: Reread,
    ) -> Interpretation:
        """The reading that stands. `names` are those of the draft's resources; `reread` reads a text after what was
        said before it."""
        failed = read.intent in _UNCLEAR and (read.question is not None or not read.edits)
        drafted = read.intent in _DRAFTING and bool(read.edits) and not failed
        if not (failed or drafted) or len(message) > _LONGEST:
            return read
        parts = self._bearings.parts(message, names)
        if len(parts) > _MOST:
            return read
        if drafted:
            return self._unless_wanted(parts, read, history, reread)
        if "?" in message:
            return read
        told = [_is_told(part) for part in parts]
        if not any(told) or not _something_wanted(parts, told):
            return read
        before = " ".join(part.span.text for part, gone in zip(parts, told, strict=True) if gone)
        again = reread(_kept(message, parts, told), [*history, before])
        drafts = again.intent in _DRAFTING and again.edits
        return again if drafts and not again.question else read

    def _unless_wanted(
        self, parts: Sequence[Part], read: Interpretation, history: Sequence[str], reread: Reread
    ) -> Interpretation:
        """The reading that changes something, unless nothing in the message wants anything."""
        wanted = max(part.share(Bearing.WANTED) for part in parts) if parts else 1.0
        if wanted >= _DOUBTFUL or any(_spared(part) or self._orders(part) for part in parts):
            return read
        asked = [part.span.text for part in parts if part.share(Bearing.ASKED) >= _LIKELY]
        told = [part.span.text for part in parts if part.share(Bearing.ASKED) < _LIKELY]
        if asked and told and wanted < _HARDLY:
            again = reread(" ".join(asked), [*history, " ".join(told)])
            return read if again.edits else again
        shares = [part.share(Bearing.TOLD) for part in parts]
        only = min(shares) >= _RATHER and sum(shares) / len(shares) >= _MOSTLY
        only = only and (len(parts) > 1 or shares[0] >= _SURER)
        return _NOTHING_WANTED if only else read

    def _orders(self, part: Part) -> bool:
        """Whether a part has a verb of an order where one would begin: "I know it's late :( upgrade db"."""
        tokens = tokenize(part.span.text)
        begins = [
            place
            for place in range(len(tokens))
            if not place or tokens[place - 1].kind is Kind.PUNCTUATION
        ]
        firsts = (self._clausing.skip(tokens, place)[0] for place in begins)
        return any(self._clausing.verbs.at(tokens, first) is not None for first in firsts)


def _is_told(part: Part) -> bool:
    short = not part.span.begins and len(part.span.text.split()) < _LEAST
    return not (short or _spared(part)) and part.share(Bearing.TOLD) >= _SURE


def _spared(part: Part) -> bool:
    """Whether a part pleads or refuses, or is a field."""
    text = part.span.text
    return any(pattern.search(text) for pattern in (_PLEADING, _REFUSING, _FIELD))


def _something_wanted(parts: Sequence[Part], told: Sequence[bool]) -> bool:
    """Whether something is wanted in what is left, and nothing only asked."""
    left = [part for part, gone in zip(parts, told, strict=True) if not gone]
    wanted = any(part.share(Bearing.WANTED) >= _LIKELY for part in left)
    return wanted and all(part.share(Bearing.ASKED) < _DOUBTFUL for part in left)


def _kept(message: str, parts: Sequence[Part], told: Sequence[bool]) -> str:
    """What is not told, with what stood between two parts where both are kept."""
    text = ""
    before: Part | None = None
    for part, gone in zip(parts, told, strict=True):
        if gone:
            before = None
            continue
        if before is not None:
            text += message[before.span.end : part.span.start]
        elif text:
            text = text.rstrip(" ,;")
            text += " " if text[-1] in ".!?…:" else ". "
        text += part.span.text
        before = part
    return text
