"""What is said to stay as it is: "dev stays at 2", "no other changes", "not the api!", "the database: unchanged".

Such words ask for nothing, and read as part of an order they would take something away. Beside an order they are left
out; beside one for everything or for each of several, they say what is excepted from it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.subjects import KNOWN, order_word, subject_of, tokens_of
from alma.core.language.words.tokens import Kind, Token

_ENDS = {".", "!", "?", ";", "…", "\n"}
_JOINTS = _ENDS | {",", "and", "but", "while", "-", "–", "—", "(", ")"}
_ALL = {"all", "everything", "every", "each", "both", "everyone", "them"}
_CHANGES = {"change", "changes", "modification", "modifications", "edits", "thing", "things"}
_KEEPING = {"keep", "leave", "leaving", "keeping"}
_REST = ("rest", "other", "others", "else", "remaining")
_SAME = tuple(
    tuple(words.split())
    for words in (
        "as is|as it is|as they are|as are|as it was|as they were|the way it is|the way they are|how it is|"
        "where it is|where they are|alone|unchanged|untouched|the same|like it is|like that|like they are|in peace|be|"
        "like this|as before|exactly as it is|exactly as they are|exactly as is|same|same as before"
    ).split("|")
)
_STAYS = {"stay", "stays", "remain", "remains", "keeps", "keep"}
_MODALS = {
    "should",
    "must",
    "can",
    "may",
    "shall",
    "will",
    "to",
    "has",
    "have",
    "needs",
    "just",
    "is",
    "are",
    "also",
}
_FINE = {"fine", "ok", "okay", "good", "unchanged", "untouched", "perfect", "alright", "unaffected"}
_REASONS = {"because", "cuz", "coz", "cause"}
_PERSONS = {"we'll", "i'll", "nobody", "noone", "they", "he", "she", "users", "people", "everyone"}
_WISHES = {
    "need",
    "needs",
    "want",
    "wants",
    "like",
    "have",
    "has",
    "use",
    "run",
    "add",
    "require",
    "take",
    "get",
    "should",
}
_MEDDLING = {"touch", "change", "modify", "alter", "mess", "resize"}


def without_kept(
    tokens: Sequence[Token],
    gazetteer: Gazetteer,
    names: Sequence[str],
    engines: Collection[str | None] = (),
) -> tuple[Token, ...]:
    """The tokens without what is only said to stay, as long as something else is left of the message. `engines` is what
    runs there: other software that is fine is chosen."""
    out: list[Token] = []
    spared = False
    for begin, end in _segments(tokens):
        said = tokens[begin:end]
        ordered = any(token.norm not in _JOINTS for token in out)
        subject = _kept(said, gazetteer, names, ordered=ordered)
        if subject is None or (ordered and _chosen(subject, out, gazetteer, names, engines)):
            out += said
            continue
        spared = True
        if subject and {token.norm for token in out} & _ALL:
            while out and out[-1].norm in _JOINTS:
                out.pop()
            out += [order_word("except", subject[0]), *subject]
    meant = any(token.kind is not Kind.PUNCTUATION and token.norm not in _JOINTS for token in out)
    return tuple(out) if spared and meant else tuple(tokens)


def _chosen(
    subject: Sequence[Token],
    ordered: Sequence[Token],
    gazetteer: Gazetteer,
    names: Sequence[str],
    engines: Collection[str | None],
) -> bool:
    """`It needs a db too, mariadb is fine`: what the one just asked for should run."""
    items = gazetteer.tag(subject, names)
    if len(items) != 1 or items[0].existing is not None:
        return False
    software = items[0].terms.get(Sort.SOFTWARE)
    types = {item.id_of(Sort.TYPE) for item in gazetteer.tag(ordered, names)} - {None}
    new = software is not None and software.id not in engines
    return new and software is not None and software.data.get("type") in types


def _segments(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Joints and what stands between them; names listed together stay together."""
    found: list[tuple[int, int]] = []
    begin = 0
    for index, token in enumerate(tokens):
        if token.norm in _REASONS and index > begin:
            found.append((begin, index))
            begin = index
        listed = token.norm in {",", "and"} and _between_names(tokens, index)
        if token.kind is Kind.QUOTED or token.norm not in _JOINTS or listed:
            continue
        if index > begin:
            found.append((begin, index))
        found.append((index, index + 1))
        begin = index + 1
    return [*found, (begin, len(tokens))] if begin < len(tokens) else found


def _between_names(tokens: Sequence[Token], index: int) -> bool:
    after = index + 1
    while after < len(tokens) and tokens[after].norm in {"and", "the"}:
        after += 1
    named = index > 0 and tokens[index - 1].kind is Kind.QUOTED
    return named and after < len(tokens) and tokens[after].kind is Kind.QUOTED


def _kept(
    said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str], *, ordered: bool
) -> Sequence[Token] | None:
    """What a part of a message says to leave alone, empty where it is all the rest; None if it says nothing of that."""
    words = [token.text.casefold().replace("’", "'") for token in said]
    if not words:
        return None
    if ordered and _is_reason(said, words):
        return ()
    if words[0] in _KEEPING:
        return _left(said[1:], words[1:], gazetteer, names)
    if words[0] in {"no", "without", "nothing", "not", "do", "don't", "dont"}:
        return _forbidden(said, words, gazetteer, names)
    return _stays(said, words, gazetteer, names)


def _forbidden(
    said: Sequence[Token], words: Sequence[str], gazetteer: Gazetteer, names: Sequence[str]
) -> Sequence[Token] | None:
    """What is left alone by a word of negation."""
    if words[0] in {"no", "without", "nothing"}:
        return _no_change(words)
    if words[0] == "not":
        return _not(said[1:], gazetteer, names)
    return (
        None
        if words[:1] == ["do"] and words[1:2] != ["not"]
        else _untouched(said, words, gazetteer, names)
    )


def _is_reason(said: Sequence[Token], words: Sequence[str]) -> bool:
    """`…, we'll live without search`, `…, nobody uses it`: why something was ordered, and no order."""
    if words[0] in _REASONS:
        return True
    plain = all(token.kind in {Kind.WORD, Kind.PUNCTUATION} for token in said)
    return plain and words[0] in _PERSONS and not _WISHES & set(words)


def _no_change(words: Sequence[str]) -> Sequence[Token] | None:
    """`no other changes`, `nothing else`, `no change to the database`."""
    if words[0] == "nothing":
        plain = set(words[1:]) <= {
            "else",
            "more",
            "other",
            "changes",
            "to",
            "change",
            "should",
            "please",
        }
        return () if len(words) > 1 and plain else None
    rest = [word for word in words[1:] if word not in {"other", "further", "more", "additional"}]
    return () if rest and rest[0] in _CHANGES - {"thing", "things"} else None


def _subject(
    said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]
) -> tuple[Sequence[Token], int]:
    """What is spoken of at the beginning, and how many words that takes: no words of it where it is all the rest."""
    index = int(bool(said) and said[0].norm in {"the", "all", "everything", "anything"})
    if index < len(said) and said[index].text.casefold() in _REST:
        return (), index + 1 + _noun(said, index + 1)
    items = gazetteer.tag(said, names)
    subject = tokens_of(items[: subject_of(items)])
    return subject, len(subject)


def _noun(said: Sequence[Token], index: int) -> bool:
    return index < len(said) and said[index].norm in {
        "one",
        "thing",
        "resource",
        "service",
        "server",
    }


def _left(
    said: Sequence[Token], words: Sequence[str], gazetteer: Gazetteer, names: Sequence[str]
) -> Sequence[Token] | None:
    """`keep the database as is`, `leave the rest alone`, `leave the ram`."""
    pronoun = words[:1] in (["it"], ["them"], ["that"])
    subject, length = ((), 1) if pronoun else _subject(said, gazetteer, names)
    if not length and said and (length := _property(said, gazetteer)):
        rest = tuple(words[length:])
        return () if not rest or rest in _SAME or rest[0] in {"at", "on"} else None
    rest = tuple(words[length:])
    if not length or not (rest in _SAME or (not subject and not rest and not pronoun)):
        return None
    return subject


def _untouched(
    said: Sequence[Token], words: Sequence[str], gazetteer: Gazetteer, names: Sequence[str]
) -> Sequence[Token] | None:
    """`don't touch the database`."""
    place = 2 if words[0] == "do" else 1
    if place >= len(words) or words[place] not in _MEDDLING:
        return None
    place += 1 + (words[place + 1 : place + 2] == ["with"])
    if words[place : place + 2] == ["anything", "else"]:
        return ()
    subject, length = _subject(said[place:], gazetteer, names)
    if not length and _of_something(said[place:], gazetteer):
        return ()  # "don't touch its CPUs"
    return subject if length and place + length == len(words) else None


def _of_something(said: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """`its CPUs`, `the disk`: properties alone."""
    items = [item for item in gazetteer.tag(said) if item.norm not in KNOWN]
    return bool(items) and all(item.id_of(Sort.ATTRIBUTE) for item in items)


def _not(
    said: Sequence[Token], gazetteer: Gazetteer, names: Sequence[str]
) -> Sequence[Token] | None:
    """`not the api`, `not for the api`, `not the ram`."""
    if said and _property(said, gazetteer) == len(said):
        return ()
    start = int(bool(said) and said[0].norm in {"for", "on", "to", "in"})
    subject, length = _subject(said[start:], gazetteer, names)
    other = all(
        Sort.SOFTWARE in item.terms and not item.existing for item in gazetteer.tag(subject, names)
    )
    return subject if subject and not other and start + length == len(said) else None


def _property(said: Sequence[Token], gazetteer: Gazetteer) -> int:
    """How many words name an amount that is spoken of: `Disk unchanged`, `its memory can stay`."""
    start = int(said[0].norm in {"the", "its", "their"} and len(said) > 1)
    item = gazetteer.tag(said[start:])[0]
    amount = (item.id_of(Sort.ATTRIBUTE) or "").startswith("specs.")
    return start + len(item.tokens) if amount else 0


def _stays(
    said: Sequence[Token], words: Sequence[str], gazetteer: Gazetteer, names: Sequence[str]
) -> Sequence[Token] | None:
    """`dev stays at 2`, `prod must remain as is`, `database: unchanged`, `everything else is fine`."""
    subject, length = _subject(said, gazetteer, names)
    colon = words.index(":") if ":" in words[1:4] else 0
    if colon and not length:  # "Database: no change"
        subject, length = said[:colon], colon
    length = length or _property(said, gazetteer)
    if not length:
        return None
    rest = words[length:]
    labelled = rest[:1] == [":"]
    rest = rest[1:] if labelled else rest
    while rest and rest[0] in _MODALS:
        rest = rest[1:]
    if rest[:1] == ["no"] and labelled:
        return subject if len(rest) > 1 and rest[-1] in _CHANGES else None
    if tuple(rest) in _SAME or (
        rest and rest[0] in _FINE and set(rest[1:]) <= {"as", "is", "it", "already", "now"}
    ):
        return subject
    if not rest or rest[0] not in _STAYS:
        return None
    tail = tuple(rest[1:])
    return (
        subject if not tail or tail in _SAME or tail[0] in {"at", "on", "with", "where"} else None
    )
