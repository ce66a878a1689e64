"""What people add out of courtesy: "… then please, thanks!" asks for nothing, and would be taken for a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from alma.core.language.words.tokens import Kind, Token

_LAST = (
    ("please",), ("pls",), ("plz",), ("thanks",), ("thank", "you"), ("thx",), ("cheers",), ("now",), ("then",),
    ("asap",),
    ("for", "me"), ("for", "us"), ("right", "away"), ("right", "now"), ("from", "now", "on"), ("thanks", "a", "lot"),
    ("if", "possible"), ("if", "you", "can"), ("as", "soon", "as", "possible"), ("when", "you", "can"), ("ok", "?"),
    ("thank", "you", "very", "much"), ("many", "thanks"), ("ty",), ("tho",), ("though",), ("immediately",),
    ("until", "further", "notice"), ("for", "now"), ("ok",), ("okay",), ("lah",), ("mate",), ("lol",), ("haha",),
    ("i", "think"), ("i", "guess"),
    ("after", "all"), ("instead", "then"),
)  # fmt: skip
# So many words from the end on may decide: the longest of these, and what stands before it.
_FARTHEST = max(map(len, _LAST)) + 1
_ENDS = {".", "!", "\n", ";", "…", ",", "and"}
_GREETINGS = frozenset(
    "hi hey hello dear hiya howdy yo greetings morning afternoon evening good heya hullo ahoy".split()
)
_GREETED = {",", "!", ".", ":"}
_ADDRESSED = frozenset(
    "morning afternoon evening day team teams folks guys all everyone everybody there ops devops platform infra it "
    "support colleagues colleague friends friend mate mates alma sysadmin sysadmins admin admins people crew y'all "
    "gents ladies again to the you both sir madam helpdesk desk group infrastructure cloud sre bot".split()
)
_ASKING = frozenset("can could may might would will please pls plz kindly i we".split())
_SAYING = {"is", "are", "be", "would"}
_LEAST = 2
_AMOUNTS = {Kind.NUMBER, Kind.SIZE, Kind.PERCENT}


def without_courtesy(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens without such words at the end of sentences, as long as something is left of a sentence."""
    out: list[Token] = []
    sentence: list[Token] = []
    for token in tokens:
        if token.norm in _ENDS and token.kind in {Kind.PUNCTUATION, Kind.WORD}:
            out += [*_trimmed(sentence, _least(out)), token]
            sentence = []
        elif token.text == "?" and token.kind is Kind.PUNCTUATION:
            out += [*sentence, token]
            sentence = []
        else:
            sentence.append(token)
    return (*out, *_trimmed(sentence, _least(out)))


def _least(before: Sequence[Token]) -> int:
    """How many words are left at least: one is enough behind a comma, as in `redis and nginx, docker please`."""
    return 1 if len(before) > _LEAST and before[-1].norm == "," else _LEAST


def _trimmed(sentence: list[Token], least: int) -> list[Token]:
    left = sentence
    while (shorter := _shorter(left, least)) is not None:
        left = shorter
    return left


def _shorter(sentence: list[Token], least: int) -> list[Token] | None:
    number = len(sentence)
    words = tuple(token.text.casefold() for token in sentence[-_FARTHEST:])
    if number > _LEAST and words[-1] == ",":
        return sentence[:-1]
    for phrase in _LAST:
        length = len(phrase)
        said = words[-length - 1 : -length] and words[-length - 1] in _SAYING  # "docker is ok"
        if number >= least + length and words[-length:] == phrase and not said:
            return sentence[:-length]
    return None


def without_greeting(tokens: Sequence[Token], known: Callable[[str], bool]) -> Sequence[Token]:
    """The tokens without whom they greet before they ask: `Hi team, could we get …`. What is `known` is no one's
    name."""
    if not tokens or tokens[0].text.casefold() not in _GREETINGS:
        return tokens
    for index, token in enumerate(tokens[1:6], 1):
        if token.norm in _GREETED or (token.text in {"-", "–", "—"} and index > 1):
            asked = {following.norm for following in tokens[index + 1 : index + 2]} & _ASKING
            return tokens[index + 1 :] if asked else tokens
        word = token.text.casefold()
        named = token.text[:1].isupper() and not known(token.norm)
        if token.kind is not Kind.WORD or not (named or word in _ADDRESSED):
            break
    return tokens


def without_numbering(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """The points of a list without their numbers: `1. add a cache`, `two things: 1) … 2) …`."""
    out: list[Token] = []
    index = 0
    point = 1
    while index < len(tokens):
        signed = [token.text for token in tokens[index + 1 : index + 2]] == [")"]
        opened = any(token.text == "(" for token in tokens[max(0, index - 3) : index])
        numbering = tokens[index].kind is Kind.NUMBER and tokens[index].value == point
        if numbering and signed and not opened:
            line = replace(tokens[index], text="\n", norm="\n", kind=Kind.PUNCTUATION, value=None)
            out.append(line)
            index, point = index + 2, point + 1
            continue
        begins = not out or out[-1].norm == "\n"
        numbered = tokens[index].kind is Kind.NUMBER and tokens[index + 1 : index + 2]
        if begins and numbered and tokens[index + 1].text in {".", ")"}:
            index += 2
            continue
        out.append(tokens[index])
        index += 1
    return tuple(out)


def without_arrows(tokens: Sequence[Token]) -> tuple[Token, ...]:
    """`3 -> 5` as `3 to 5`, where both are amounts."""
    out: list[Token] = []
    for index, token in enumerate(tokens):
        drawn = token.text == ">" and bool(out) and out[-1].text in {"-", "=", "–"}
        before = out[-2 if drawn else -1 :][:1]
        after = tokens[index + 1 : index + 2]
        amounts = all(each.kind in _AMOUNTS for each in (*before, *after)) and before and after
        if amounts and (drawn or token.text in {"→", "⇒", "➔"}):
            start = out.pop().start if drawn else token.start
            out.append(replace(token, text="to", norm="to", start=start, kind=Kind.WORD))
        else:
            out.append(token)
    return tuple(out)
