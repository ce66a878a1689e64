"""A look at a whole message before any word of it is read: what can't be read as English words said by this person is
answered for what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from alma.core.language.screening.hearsay import own_words
from alma.core.language.screening.interviews import answered
from alma.core.language.screening.musing import mused
from alma.core.language.screening.pastes import logged, pasted
from alma.core.language.screening.tongues import TITLES, tongue
from alma.core.language.words.seldom import seldom
from alma.core.model.conversation import Intent, Interpretation

MAX_MESSAGE = 8_000
MAX_WORDS = 1_200
# A message is looked at by several readers, and those before it with every one: so many are remembered.
_REMEMBERED = 64
_WORDS = seldom(r"\w+")
_INVISIBLE = seldom(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]")
_CONTROL = seldom(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TAG = seldom(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>")
_EMPHASIS = seldom(r"(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1")
_CODE_WORD = seldom(r"(?<!named )(?<!called )`([\w.:/-]{1,60})`")
_FENCE = seldom(r"^\s*```\w*\s*$", re.MULTILINE)
_LABEL = seldom(
    r"^[ \t]*(?:what|which|items?|wanted|resources?|requests?|needs?)[ \t]*:(?=[ \t]*\w)",
    re.MULTILINE | re.IGNORECASE,
)
# What hands do before the head has found the word.
_TAKING_BACK = seldom(r"\b(?:ctrl|control|cmd|command|strg)\s*[-+]?\s*z\b", re.IGNORECASE)
# "It does not boot any more, it says …": what is told of it is that it does not do what it should.
_AILING = seldom(
    r"\b(?:does not|doesn['’]?t|won['’]?t|will not|can['’]?t|cannot|no longer|stopped|refuses to|keeps)\s+(?:\w+\s+)?"
    r"(?:boot|start|work|run|respond|answer|load|open|connect|come|reach|log|booting|starting|working|running|"
    r"responding|answering|loading|rebooting|restarting|crashing|hanging|freezing)\b",
    re.IGNORECASE,
)
_FAILED = seldom(
    r"\b(?:errors?|fail\w*|crash\w*|exception|too many|refused|denied|time[ds]?[ -]?out|unavailable|unreachable|"
    r"out of memory|no space|not found|no bootable|bad gateway|gateway time|invalid|corrupt\w*|can(?:no|')t be|"
    r"could not|couldn't|cannot|unable|missing|panic|abort\w*|expired|forbidden|unauthorized|internal server|"
    r"deadlock|reset by|killed|what gives|what's wrong)\b",
    re.IGNORECASE,
)
_LETTER = seldom(r"[^\W_]")
_AGREEING = seldom(r"^[\s👍👌🙏😀-😏❤️✅🏻-🏿!.]+$")


@dataclass(frozen=True, slots=True)
class Screened:
    """A message that can be read as `text`, or the `answer` for one that can't."""

    text: str = ""
    answer: Interpretation | None = None


class Screen:
    """Looks at messages. `english` says whether a word is known, `orders` whether a text starts with an order, `acts`
    whether it would do more than change a draft; `told` puts the snippets into words that can be."""

    def __init__(
        self,
        english: Callable[[str], bool],
        orders: Callable[[str], bool],
        acts: Callable[[str], bool],
        told: Callable[[str], str],
    ) -> None:
        self._english = english
        self._orders = orders
        self._acts = acts
        self._written_out = told
        self._known = lru_cache(_REMEMBERED)(self._looked_at)

    def look(self, message: str) -> Screened:
        """What of the message is to be read, or the answer to it."""
        return self._known(message)

    def _looked_at(self, message: str) -> Screened:
        if len(message) > MAX_MESSAGE:
            return _told(
                f"This is {len(message):,} characters long, and I read at most {MAX_MESSAGE:,} at once. "
                "Can you say what you want in a few sentences?"
            )
        if sum(1 for _ in _WORDS.finditer(message)) > MAX_WORDS:
            return _told(
                f"This is more than {MAX_WORDS:,} words long, and I read no more at once. "
                "Can you say what you want in a few sentences?"
            )
        raw = _TAKING_BACK.sub("undo", _CONTROL.sub(" ", _INVISIBLE.sub("", message)))
        raw = self._written_out(raw)
        if (kind := pasted(_FENCE.sub("", raw))) is not None:
            return _told(_of_paste(kind))
        if not _LETTER.search(raw):
            return _wordless(raw)
        code = tongue(raw, self._english)
        if code is not None:
            return _told(
                f"This looks like {TITLES[code]}. Without a language model I understand English only: "
                "can you say it in English?",
                language=code,
            )
        return self._own(_plain(raw))

    def _own(self, text: str) -> Screened:
        heard = own_words(text, self._orders, self._acts)
        if heard.twisted:
            said = "rules and approvals hold whatever a message says; nothing was done"
            return Screened(answer=_unknown(understood=(said,)))
        if not heard.reported or _LETTER.search(heard.text):
            about = mused(heard.text)
            return Screened(answer=_unknown(intent=about)) if about else Screened(heard.text)
        wrong = logged(text) or _AILING.search(text) or _FAILED.search(text)
        intent = Intent.TROUBLESHOOT if wrong else Intent.UNKNOWN
        said = "what others wrote or said is not an order of yours; nothing was done"
        return Screened(answer=_unknown(intent=intent, understood=(said,)))


def _plain(text: str) -> str:
    """The text without mark-up; points of a list are parts of one sentence."""
    text = answered(text)
    text = _LABEL.sub("", _FENCE.sub("", _TAG.sub(" ", text)))
    text = _CODE_WORD.sub(r"\1", _EMPHASIS.sub(r"\2", text))
    return text.strip()


def _wordless(text: str) -> Screened:
    if _AGREEING.match(text) and any(not mark.isascii() for mark in text):
        return Screened(answer=_unknown(intent=Intent.SMALLTALK))
    return _told(
        "There are no words in this that I can read. What would you like to run or to change?"
    )


def _of_paste(kind: str) -> str:
    if kind == "a blueprint":
        return (
            "This looks like a blueprint written out. I read words, not documents: import it as a file, and it is "
            "checked and saved exactly as it is. What would you like to change?"
        )
    return (
        f"This looks like {kind}, which I neither run nor take orders from. "
        "Can you say in words what you would like to run or to change?"
    )


def _told(question: str, *, language: str | None = None) -> Screened:
    return Screened(answer=_unknown(question=question, language=language))


def _unknown(
    *,
    intent: Intent = Intent.UNKNOWN,
    understood: tuple[str, ...] = (),
    question: str | None = None,
    language: str | None = None,
) -> Interpretation:
    return Interpretation(
        intent=intent, acts=(intent,), understood=understood, question=question, language=language
    )
