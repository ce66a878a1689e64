"""What is said to be over, or to be of the wrong size: "isn't needed anymore", "can go", "is way too small"."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from alma.core.language.words.tokens import Token

_ENDED = tuple(
    tuple(words.split())
    for words in (
        "not needed|not required|not necessary|not used|not in use|no longer needed|no longer required|"
        "no longer necessary|no longer used|no longer in use|no longer wanted|obsolete|unnecessary|superfluous|"
        "redundant now|useless|not wanted|history|toast|no more|surplus"
    ).split("|")
)
_ILL_SIZED = {"bigger": {"small", "tiny", "weak"}, "smaller": {"big", "large", "huge"}}
_NEGATED = {"isn't": "is not", "aren't": "are not", "isnt": "is not", "arent": "are not"}
_GOING = {
    ("go",),
    ("leave",),
    ("disappear",),
    ("be", "taken", "out"),
    ("be", "taken", "down"),
    ("be", "thrown", "out"),
    ("be", "shut", "down"),
    *(
        ("be", done)
        for done in (
            "removed deleted dropped gone killed scrapped retired decommissioned axed binned ditched erased purged "
            "destroyed eliminated terminated".split()
        )
    ),
}
_MODALS = tuple(
    tuple(words.split())
    for words in (
        "can|should|must|may|could|shall|will|has to|have to|needs to|need to|ought to|is to|are to|is going to|"
        "are going to|can now|is supposed to|are supposed to"
    ).split("|")
)
_GOES = (("goes",), ("go", "away"), ("is", "going", "away"), ("are", "going", "away"))
_UNNEEDED = tuple(
    tuple(words.split())
    for words in (
        "won't be needed|wont be needed|will not be needed|will no longer be needed|won't be necessary|"
        "won't be used|won't be required"
    ).split("|")
)
_AFTER_GOING = frozenset(
    "now too also please then away entirely completely again as well soon for good here today from this the draft "
    "blueprint list plan setup straight right".split()
)


def ended(rest: Sequence[Token]) -> bool:
    """Whether it is said to be over with it: `isn't needed anymore`, `can go`."""
    words = " ".join(
        _NEGATED.get(token.text.casefold(), token.text.casefold()) for token in rest
    ).split()
    if any(_begin(words, phrase) and _only_after(words[len(phrase) :]) for phrase in _GOES):
        return True  # "chat goes away", "the cache goes too"
    if _any_begins(words, _UNNEEDED):
        return True
    if words[:1] in (["is"], ["are"]) and words[1:2] not in (["to"], ["going"], ["supposed"]):
        words = [word for word in words[1:] if word not in {"now", "just", "really", "completely"}]
        return _any_begins(words, _ENDED)
    if words[:1] in (["not"], ["no"]) and _any_begins(words, _ENDED):
        return True  # "postgres not needed"
    modal = max((len(m) for m in _MODALS if _begin(words, m)), default=0)
    rest_words = words[modal:] if modal else []
    if rest_words[:2] == ["also", "be"] or rest_words[:2] == ["now", "be"]:
        rest_words = rest_words[1:]
    return any(
        _begin(rest_words, phrase) and _only_after(rest_words[len(phrase) :]) for phrase in _GOING
    )


def _begin(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return tuple(words[: len(phrase)]) == phrase


def _any_begins(words: Sequence[str], phrases: Iterable[tuple[str, ...]]) -> bool:
    return any(_begin(words, phrase) for phrase in phrases)


def _only_after(words: Sequence[str]) -> bool:
    return set(words) <= _AFTER_GOING


def ill_sized(rest: Sequence[Token]) -> str | None:
    """`is too small`, `is way too big`: how it should be instead."""
    words = [token.norm for token in rest]
    if words[:1] not in (["is"], ["are"], ["seems"], ["looks"]) or "too" not in words[:4]:
        return None
    last = words[words.index("too") + 1 :]
    if len(last) != 1:
        return None
    return next((how for how, said in _ILL_SIZED.items() if last[0] in said), None)
