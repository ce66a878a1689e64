"""A message that does nothing but take the last change back: "stop, that was wrong, undo", "hm, no, restore it pls".

It has to say so and nothing else: with any other word in it, it is read like every message.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_CORE = seldom(
    r"\b(?:undo|revert|reverse (?:it|that|this|the last (?:\w+))|restore (?:it|that|this|them|the last one)|"
    r"(?:put|add|bring|give|change|take|get|turn|roll|set|i want|we want|i need|we need) (?:it|that|this|them|me (?:it|"
    r"that)) back|"
    r"bring back (?:it|that)|(?:forget|scrap|scratch|cancel|ignore|disregard) (?:that|it|this|what i said|the last one|"
    r"(?:the|my|that) last (?:change|message|one|request|edit|order|bit|thing))|never ?mind(?: that| it)?|"
    r"go back one step|one step back|back (?:to )?(?:as|like|how|the way|what) it was|"
    r"(?:as|like|how|the way|what) it was(?: before)?\W*$|"
    r"(?:drop|cancel|reset|roll back) (?:that|this|the last) (?:change|edit)|"
    r"roll (?:that|the last|my last|this) (?:change|edit) back|"
    r"leave it (?:as|like|how|the way) it was|did(?:n't| not) mean (?:that|it|this)|"
    r"take (?:my|the) last (?:message|change|one) back)\b"
)
_WORDS = frozenset(
    "undo revert restore put add bring give change take get turn roll set want need it that this them me back the my "
    "last one "
    "forget scrap scratch cancel ignore disregard what said message request edit order bit thing never mind "
    "nevermind go "
    "step as like how way was were no nope nah not hm hmm hmmm oh oops whoops ups uh um ah argh ugh damn sorry "
    "wait stop hold on actually my bad mistake fault error wrong a an i we you can could would please pls plz "
    "thanks thx "
    "thank to just now then again ok okay all right alright well so and but did didn't meant mean wasn't isn't intend "
    "intended supposed happen ask asked don't dont do better lol haha too quick fast quickly right is changed "
    "minds dear god crap shit fuck fucking hell man dang dammit whoa eh aww "
    "that's thats it's typo typing what wanted leave were intentional purpose accident accidental by on "
    "project blueprint stack server service box machine resource environment ticket window tab customer place button "
    "done typed clicked wrote pasted sent can't cant once more time times too also before previous latest reset drop "
    "reverse rather".split()
)
_HELD = seldom(
    r"\b(?:don'?t|do not|never|not) (?:undo|revert|restore|put|bring|take|change|cancel|forget|scrap)\b|\?|"
    r"^\W*(?:what|how|when|why|which|who|where|do you|does|did|should|shall)\b"
)


# "Undo the rename, too many scripts use the old name": why comes after a stop, and orders nothing.
_REASON = seldom(
    r"\s*(?:[,;:.!(…]+|\s[–—-]+)\s*(?:(?:because|since|as|cause|coz)\b\s*)?|\s+(?:because|since|cause)\s+"
)
_STRONG = seldom(
    r"\b(?:undo|revert|restore|(?:put|bring|take|give|change|get|roll|turn) (?:it|that|this|them) back|"
    r"bring back (?:it|that)|back (?:to )?(?:as|how|the way|what) it was)\b"
)
_ON = seldom(
    r"\b(?:instead|should|want|wants|let's|rather|except|only|then)\b|\d|\?|(?:^|[,;.:]|\b(?:and|but|just|please))\s*"
    r"(?:make|set|use|give|add|create|remove|delete|drop|put|keep|rename|call|scale|change|redo|switch|move|increase|"
    r"reduce|double|deploy|take|go|with|for|in)\b"
)
_CHANGES = {
    "rename": seldom(r"\b(?:renam\w+|call\w*|name[ds]?|names)\b"),
    "removal": seldom(
        r"\b(?:remov\w+|delet\w+|drop|kill|rid|no longer|can go|ditch|scrap|don'?t need)\b"
    ),
    "resize": seldom(
        r"\d|\b(?:double|triple|halve|half|more|less|bigger|smaller|increase|reduce)\b"
    ),
    "addition": seldom(r"\b(?:add|create|new|another|deploy|need|want)\b"),
}
_KINDS = {
    "rename": "rename", "renaming": "rename", "removal": "removal", "deletion": "removal", "resize": "resize",
    "resizing": "resize", "increase": "resize", "upgrade": "resize", "downgrade": "resize", "addition": "addition",
}  # fmt: skip
_KIND = seldom(rf"\b(?:the|that|this|my|last) (?:last )?(?P<kind>{'|'.join(_KINDS)})\b")


def takes_back_for_reasons(message: str, last: str) -> bool:
    """Whether a message takes back the change before it, calls it what it was, or says why: "undo the rename, too many
    scripts use the old name"."""
    text = message.casefold().replace("’", "'")
    if _STRONG.search(text) is None:
        return False
    kind = _KIND.search(text)
    if kind is not None:
        if _CHANGES[_KINDS[kind["kind"]]].search(last.casefold()) is None:
            return False
        text = f"{text[: kind.start()]}that{text[kind.end() :]}"
    for stop in _REASON.finditer(text):
        if takes_back(text[: stop.start()]) and _STRONG.search(text[: stop.start()]):
            return _ON.search(text[stop.end() :]) is None
    return takes_back(text)


def takes_back(message: str) -> bool:
    """Whether a message is nothing but a wish to have the last change taken back."""
    text = message.casefold().replace("’", "'")
    words = re.findall(r"[^\W_]+(?:'[^\W_]+)?", text)
    if not words or not set(words) <= _WORDS or _CORE.search(text) is None:
        return False
    polite = (
        re.match(
            r"\W*(?:(?:oops|sorry|no|ok|please|and|so|oh|dear|god|shit|damn|man|wait|ah)\W+)*"
            r"(?:can|could|would) (?:you|we|i)\b",
            text,
        )
        is not None
    )
    return _HELD.search(text.rstrip(" ?!.") if polite else text) is None


_KEPT = seldom(
    r"^\W*(?:(?:oh|no|nope|nah|wait|actually|sorry|stop|hm+|please|ok|but|ah|hey|on second thoughts?|let's)\W+)*"
    r"(?:keep|leave) (?:it|that|them|those|this|it in|that one|everything)(?: in)?"
    r"(?:\W+(?:please|after all|then|instead|though|for now))*\W*$",
    re.IGNORECASE,
)


def keeps_it(message: str) -> bool:
    """Whether a message wants kept what has just been spoken of: after a removal that takes it back."""
    return _KEPT.match(message) is not None


def only_drops(message: str) -> bool:
    """Whether it may as well mean that what was just spoken of is not to be done: "forget it", "never mind"."""
    return re.search(r"\b(?:undo|revert|restore|back)\b", message.casefold()) is None


def names_undoing(message: str) -> bool:
    """Whether it says so by its verb, and so needs nothing before it to be understood."""
    return re.search(r"\bundo\b|\blast (?:change|edit)\b", message.casefold()) is not None
