"""What is said of all that was named before, in whatever words: `every one with 4 cores`, `Both should be backed up`,
`Give each 2 cores`, `2 cores for everything` are told as `all of them with …`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.wording.listing import parts_of
from alma.core.language.words.amounts import AMOUNT, SEVERAL, UNIT
from alma.core.language.words.seldom import seldom

_ALL = (
    rf"(?:all {SEVERAL}(?: of (?:them|these|those))?|(?:all|both|each|every(?:\s?one)?)(?: single)?(?: one)"
    rf"? of (?:them|these|those)|"
    rf"the {SEVERAL} of them|(?:every|each) (?:single )?one|every ?one|everything|every one)"
)
_THEY = r"(?:they(?: (?:all|both|each))?(?: should| must| will| need to)?(?: all| both| each)?)"
_MODAL = (
    r"(?:(?:should|must|shall|will|would|can|may|could|needs? to|has to|have to|ought to)\s+(?:each\s+|"
    r"both\s+|all\s+|also\s+)?)"
)
_HAVING = r"(?:with|have|has|having|gets?|getting|needs?|wants?|at|be given|come with|comes with)"
_BEFORE_AMOUNT = (
    r"(?=(?:about |roughly |around |only |just )?(?:\d|one\b|two\b|three\b|four\b|six\b|eight\b|an? (?:gig|"
    r"core|static|public)))"
)
_BEGINS = r"(?P<before>^|[,;:.!?(\n–—-]\s*|\band\s+)"
_SUBJECT = seldom(
    rf"{_BEGINS}(?:{_ALL}|(?P<bare>both|all|each))\s+(?:of (?:them|these|those)\s+)"
    rf"?(?P<modal>{_MODAL}?)(?:{_HAVING}\s+)?{_BEFORE_AMOUNT}",
    re.IGNORECASE,
)
_SENTENCE = seldom(
    rf"(?P<before>^|[.!?;\n]\s*|,\s*and\s+)(?:{_THEY}|both|each|all|{_ALL})\s+(?:{_MODAL})?{_HAVING}\s+{_BEFORE_AMOUNT}",
    re.IGNORECASE,
)
_BE = seldom(
    rf"{_BEGINS}(?:both|all|each|{_ALL}|they(?: all| both)?)\s+(?:{_MODAL})?(?:be|is|are|get|gets|run|runs|"
    rf"running|on|use|uses)\s+"
    r"(?=backed up|debian|ubuntu|alpine|rocky|alma|fedora|windows|centos|rhel|linux)",
    re.IGNORECASE,
)
_GIVE = seldom(
    rf"{_BEGINS}(?:please\s+)?give\s+(?:them\s+)?(?:{_ALL}|both|each|all|them)\s+{_BEFORE_AMOUNT}",
    re.IGNORECASE,
)
_FOR_ALL = seldom(
    rf"(?P<amounts>{AMOUNT}(?:(?:\s*,|\s+and|\s*/|\s*,\s*and)\s*{AMOUNT})*)"
    rf"\s+(?:for|on|in)\s+"
    rf"(?:{_ALL}|both|all|each)(?=\W*(?:$|[.,;\n]))",
    re.IGNORECASE,
)
_EXCEPT = seldom(
    rf"[\s,;(–—-]*\b(?:except|but|apart from|other than|only)(?:\s+for)?\s+(?:the\s+)"
    rf"?(?P<what>[a-z][\w-]*(?: (?!which|that|it|who)[a-z][\w-]*)?),?"
    rf"\s+(?:(?:which|that|it|who)\s+)?{_MODAL}?{_HAVING}\s+{_BEFORE_AMOUNT}",
    re.IGNORECASE,
)
_EACH_HAS = seldom(r"\beach (?:has|gets|needs) ", re.IGNORECASE)
_THE_REST = seldom(
    rf"[,;.]?\s*(?:\band\s+|\bbut\s+)?(?:all )?(?:the )?(?:rest|others|other ones|remaining ones|"
    rf"other (?:two|three|four|five|\d)|everything else|everyone else)"
    rf"(?: of (?:them|it|these))?\s+(?:{_MODAL}?{_HAVING}\s+)?(?P<amounts>{AMOUNT}"
    rf"(?:(?:\s*,|\s+and|\s*/|\s*,\s*and)?\s*{AMOUNT})*)(?:\s+(?:each|apiece))?",
    re.IGNORECASE,
)
_EACH_FOR = seldom(
    r"\b(?:an?|one)\s+(?P<what>[a-z]+(?: [a-z]+)?)\s+each\s+for\s+"
    r"(?P<list>[\w.-]+(?:\s*,\s*[\w.-]+)*\s*(?:,\s*)?and\s+[\w.-]+)(?P<more>\s*[,;:–—-]\s*(?=\d))?",
    re.IGNORECASE,
)
_FOR_TWO = seldom(
    rf"(?P<first>\d+(?:\.\d+)?\s?(?P<unit>{UNIT})\s+(?:for|on)\s+(?:the\s+)?[a-z][\w -]*?(?:,|\band\b|,\s*and)\s+)"
    r"(?P<n>\d+)(?P<rest>\s+(?:for|on)\s+[a-z])",
    re.IGNORECASE,
)


def of_all(message: str, program: Callable[[str], bool]) -> str:
    """The message with what is said of all of them told in one way. `program` tells the names of programs."""
    message = _FOR_TWO.sub(r"\g<first>\g<n> \g<unit>\g<rest>", message)
    message = _EACH_FOR.sub(lambda found: _as_each(found, program), message)
    message = _THE_REST.sub(r", all of them with \g<amounts>", message)
    message = _FOR_ALL.sub(lambda found: f"all of them with {found['amounts']}", message)
    message = _GIVE.sub(_with, message)
    message = _SENTENCE.sub(_with, message)
    message = _SUBJECT.sub(_subject, message)
    return _but(_BE.sub(_with_what, message))


def _but(message: str) -> str:
    """`all of them with 2GB except mysql which gets 8`: one of them is told again, with its own amount."""
    told = re.search(r"\b(?:all of them|all|both|each)\b", message, re.IGNORECASE)
    if told is None:
        return message
    head, rest = message[: told.end()], message[told.end() :]
    return head + _EXCEPT.sub(lambda found: f", {found['what']} with ", rest)


def _as_each(found: re.Match[str], program: Callable[[str], bool]) -> str:
    names = parts_of(found["list"])
    more = ", all of them with " if found["more"] else ""
    if not any(program(name.casefold()) for name in names):
        return f"{len(names)} {found['what']}s called {found['list']}{more}"
    return f"{found['list']} as {found['what']} each{more}"


def _with(found: re.Match[str]) -> str:
    return f"{_joint(found)}all of them with "


def _subject(found: re.Match[str]) -> str:
    """`each with 2GB` within a sentence is of the last that was counted: it stays."""
    if not found["bare"]:
        return _with(found)
    if found["bare"].casefold() == "both" and found["modal"]:
        return _with(found)  # "…, both can have 1GB": a sentence of its own, about all there are
    return f"{found['before']}each with " if _EACH_HAS.search(found[0]) else found[0]


def _with_what(found: re.Match[str]) -> str:
    return f"{_joint(found)}all of them "


def _joint(found: re.Match[str]) -> str:
    """A comma in place of what ends a sentence: what is said of all belongs to what they are."""
    before = found["before"]
    return (
        ""
        if not before
        else ", "
        if before.strip() in {".", "!", "?", ";", ",", "and", ", and", ""}
        else before
    )
