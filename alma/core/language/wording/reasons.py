"""What a first message says beside its wish: why it is wished for, what does not matter, what follows from a story.

"Old app needs it" explains, and wants no app; "there are five of them, so five VMs" tells, and then wishes. Reasons are
left out, conclusions are put as the wishes that they are, and "queue them in Kafka" as the Kafka that it takes.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Item, Sort
from alma.core.language.wording.sentences import sentences_of
from alma.core.language.wording.subjects import order_word
from alma.core.language.words.tokens import Kind, Token
from alma.core.model.blueprint import DATA

_JOINTS = {",", ";", "-", "–", "—", "(", ")", "\n", "…"}
_BUILT = {Sort.SOFTWARE, Sort.COMPUTE, Sort.TYPE, Sort.IMAGE, Sort.PRODUCT}
_AMOUNTS = {Kind.SIZE, Kind.NUMBER, Kind.MONEY}
_THEM = frozenset("it them that this those these one".split())
_NEEDING = frozenset(
    "needs need requires require wants want expects insists uses depends relies".split()
)
_UNMATTERING = (
    "doesn't matter", "doesnt matter", "does not matter", "don't matter", "dont matter", "don't care", "dont care",
    "do not care", "doesn't care", "no matter", "not important", "isn't important", "is irrelevant", "up to you",
    "either is fine", "any is fine", "all the same to", "don't mind", "dont mind", "not that important", "is secondary",
)  # fmt: skip
_FINITE = frozenset(
    "is are was were has have had does doesn't don't won't can can't cannot could will would shall may might stays "
    "keeps works runs goes gets need needs isn't aren't didn't doesnt dont wont cant chokes dies breaks fails stutters "
    "lags survives fits died broke ran went left gave became grew".split()
)
_WISHING = frozenset("need want like require".split())
_BECAUSE = frozenset("because cuz cause coz bc since".split())
_TELLING = frozenset("there there's theres they're that's thats they we it it's this which".split())
# "It's for the bakery", "they're all for the farm".
_TELLING_FOR = frozenset("it's its that's thats they're theyre these're this'll it'll".split())
_NEAR_FOR = 4
# What somebody may speak of without asking for it.
_PURPOSES = {Sort.CONTENT, Sort.ROLE, Sort.PRODUCT}
_AT_LEAST = 2
_MOVING = frozenset(
    "queue store keep save put cache buffer write send push publish index log stream persist archive collect dump "
    "ingest process route forward expose visualise visualize chart graph show".split()
)
_LOADING = frozenset("ingest process handle serve take receive accept".split())
_LOADS = frozenset(
    "messages events requests readings points rows records metrics samples jobs".split()
)
_LINKED = frozenset(
    "talking connecting connected writing reading speaking hooked wired linked talks connects backed".split()
)
_INTO = frozenset("in into to on onto with via through using inside".split())
_STORES = {str(type_) for type_ in DATA} | {"object_store", "volume"}
_LONGEST_OBJECT = 4
_LONGEST_WHY = 6
_VAGUE = frozenset(
    "machine machines server servers vm vms box boxes computer computers container containers".split()
)


def without_reasons(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """The tokens of a first message without what only explains, and with what follows as a wish."""
    out: list[Token] = []
    for sentence, end in sentences_of(tokens):
        if end is not None and end.text == "?":
            out += [*sentence, end]
            continue
        said = _concluded(sentence, gazetteer)
        if said is not sentence:
            out = _without_vague(out, gazetteer)
        said = _described(_explained(said, gazetteer), gazetteer)
        said = _moved(_unmattering(_needed(said), gazetteer), gazetteer)
        said = _loading(said)
        if said or not sentence:
            out += [*said, *([end] if end is not None else [])]
    return tuple(out)


def _word(tokens: Sequence[Token], index: int) -> str:
    if not 0 <= index < len(tokens):
        return ""
    return tokens[index].text.casefold().replace("’", "'")


def _words(tokens: Sequence[Token]) -> list[str]:
    return [_word(tokens, index) for index in range(len(tokens))]


def _builds(tokens: Sequence[Token], gazetteer: Gazetteer) -> bool:
    return any(item.terms.keys() & _BUILT for item in gazetteer.tag(tokens))


def _counts(tokens: Sequence[Token]) -> bool:
    return any(token.kind in _AMOUNTS for token in tokens)


# ── conclusions ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _concluded(sentence: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`there are five of them, so five Ubuntu VMs` as `need five Ubuntu VMs`."""
    words = _words(sentence)
    for index, word in enumerate(words):
        if word not in {"so", "therefore", "hence"} or index < _AT_LEAST:
            continue
        before, after = sentence[:index], sentence[index + 1 :]
        begins = bool(after) and (after[0].kind is Kind.NUMBER or words[index + 1] in {"a", "an"})
        tells = words[0] in _TELLING or bool(_FINITE & set(words[:index]))
        if begins and tells and _builds(after, gazetteer) and not _builds(before, gazetteer):
            return (order_word("need", after[0]), *after)
    return sentence


def _without_vague(tokens: list[Token], gazetteer: Gazetteer) -> list[Token]:
    """`the interns need machines. There are five, so five VMs`: what was announced is told then."""
    out: list[Token] = []
    for sentence, end in sentences_of(tokens):
        things = [item for item in gazetteer.tag(sentence) if item.terms.keys() & _BUILT]
        vague = bool(things) and all(_word(item.tokens, 0) in _VAGUE for item in things)
        if not vague or _counts(sentence):
            out += [*sentence, *([end] if end is not None else [])]
    return out


# ── reasons ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _explained(sentence: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`4 cores so transcoding doesn't choke`, `…, since the old one died`: up to the reason, and after it."""
    words = _words(sentence)
    for index, word in enumerate(words):
        begins = word in _BECAUSE or (word == "so" and index > 0)
        if not begins or (word == "since" and words[index - 1 : index] not in ([","], ["-"])):
            continue
        end = next((n for n in range(index + 1, len(words)) if words[n] in _JOINTS), len(words))
        clause = sentence[index + 1 : end]
        said = words[index + 1 : end]
        wished = said[:1] in (["a"], ["an"], ["please"], ["i"], ["we"]) and word == "so"
        past = any(each.endswith("ed") and len(each) > _LONGEST_OBJECT for each in said[1:])
        tells = len(said) >= _AT_LEAST and (past or bool(_FINITE & set(said[1:])))
        builds = _builds(clause, gazetteer)
        # "since x changed we go with valkey", "because of the audit we need a log server"
        decides = bool({"we", "i"} & set(said)) and (builds or bool(_WISHING & set(said)))
        if wished or not tells or decides or (_counts(clause) and builds):
            continue
        small = {"small", "tiny", "big", "cheap", "minimal", "modest"} & set(said)
        if small:
            continue
        start = index - (words[index - 1] in {",", "and", "-"} if index else 0)
        return (*sentence[:start], *sentence[end:])
    return sentence


def _described(sentence: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`Paperless, it has to scan our invoices`: what a thing is for, told behind it, asks for nothing more."""
    (_, first), *others = _parts(sentence)
    if not others or _FINITE & set(_words(first)) or not _builds(first, gazetteer):
        return sentence
    runs = any(_runs(item) for item in gazetteer.tag(first))
    if runs and _says_why(others[-1][1], gazetteer):
        others = others[:-1]
    out = [*first]
    for joint, part in others:
        words = _words(part)
        if runs and _says_for(words) and not _WISHING & set(words):
            out += _for_what(part, gazetteer)
        elif not _tells_purpose(part, gazetteer):
            out += [*joint, *part]
    return tuple(out)


def _says_why(part: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """`Redis with 2GB, sessions are big`: how something is that nobody asks to build."""
    words = _words(part)
    return (
        1 < len(words) <= _LONGEST_WHY
        and words[-2] in {"is", "are", "get", "gets"}
        and words[0] not in _TELLING
        and not (_counts(part) or _builds(part, gazetteer))
        and not {"called", "named", "fine", "enough", "plenty", "ok", "okay"} & set(words)
    )


def _runs(item: Item) -> bool:
    """Whether something says what runs, and not only on what."""
    return Sort.SOFTWARE in item.terms or item.id_of(Sort.TYPE) in _STORES


def _for_what(part: Sequence[Token], gazetteer: Gazetteer) -> Sequence[Token]:
    """`It's for a small brewery's online shop`: of what runs already, that only tells whom it serves. A program said by
    its own name is another one, and numbers tell a load: they are kept."""
    items = gazetteer.tag(part)
    named = any(item.id_of(Sort.SOFTWARE) == item.norm.replace(" ", "-") for item in items)
    return part[_words(part).index("for") :] if named or _counts(part) else ()


def _says_for(words: Sequence[str]) -> bool:
    pointed = words[:2] in (["this", "is"], ["that", "is"], ["it", "is"], ["they", "are"])
    return "for" in words[:_NEAR_FOR] and (pointed or words[0] in _TELLING_FOR)


def _tells_purpose(part: Sequence[Token], gazetteer: Gazetteer) -> bool:
    words = _words(part)
    subject = 1 + (words[:1] in (["our"], ["my"], ["the"]))
    finite = words[subject : subject + 1]
    if words[:1] == [] or words[0] not in _TELLING | {"our", "my"} or not set(finite) & _FINITE:
        return False
    named = (item.terms.keys() - _PURPOSES for item in gazetteer.tag(part))
    return not (_WISHING & set(words) or _counts(part) or any(named))


def _needed(sentence: tuple[Token, ...]) -> tuple[Token, ...]:
    """`mysql 5.7 - old app needs it`: why it has to be that."""
    out: list[Token] = []
    for joint, part in _parts(sentence):
        words = _words(part)
        needs = len(words) > 1 and words[-1] in _THEM and words[-2] in _NEEDING
        on = len(words) > _AT_LEAST and words[-1] in _THEM and words[-2] == "on"
        told = needs or (on and words[-3] in _NEEDING)
        person = bool(words) and words[0] in {"i", "we", "please"}
        if not told or person:
            out += [*joint, *part]
    return tuple(out)


def _unmattering(sentence: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`the name doesn't matter`; `percona or mysql doesn't matter, well, mysql`."""
    parts = _parts(sentence)
    out: list[Token] = []
    for number, (joint, part) in enumerate(parts):
        text = f" {' '.join(_words(part))} "
        phrase = next((p for p in _UNMATTERING if f" {p} " in text), None)
        later = any(_builds(rest, gazetteer) for _, rest in parts[number + 1 :])
        before = parts[number - 1][1] if number else ()
        if phrase is not None and later and "or" in _words(before) and out[-1:] == [*before[-1:]]:
            del out[len(out) - len(before) :]  # "mariadb or mysql, doesn't matter, so mysql"
        if phrase is None:
            out += [*joint, *part]
        elif _builds(part, gazetteer) and not later:
            place = _place(part, phrase.split())
            out += [*joint, *part[:place], *part[place + len(phrase.split()) :]]
    return tuple(out)


def _place(part: Sequence[Token], phrase: Sequence[str]) -> int:
    words = _words(part)
    return next(n for n in range(len(words)) if words[n : n + len(phrase)] == list(phrase))


def _parts(sentence: Sequence[Token]) -> list[tuple[tuple[Token, ...], tuple[Token, ...]]]:
    """The parts of a sentence, each with the joint before it."""
    found: list[tuple[tuple[Token, ...], tuple[Token, ...]]] = []
    joint: tuple[Token, ...] = ()
    start = 0
    for index, token in enumerate(sentence):
        if token.norm in _JOINTS and token.kind is Kind.PUNCTUATION:
            found.append((joint, tuple(sentence[start:index])))
            joint, start = (token,), index + 1
    return [*found, (joint, tuple(sentence[start:]))]


# ── what is done with data ───────────────────────────────────────────────────────────────────────────────────────────


def _moved(sentence: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`queue them in Kafka and store them in a Postgres` as `Kafka and a Postgres`."""
    out: list[Token] = []
    index = 0
    while index < len(sentence):
        begins = index == 0 or _word(sentence, index - 1) in {"and", "then", *_JOINTS}
        store = _into(sentence, index, gazetteer) if begins else None
        linked = _linked(sentence, index, gazetteer) if index else None
        if linked is not None:
            out.append(order_word("and", sentence[index]))
        if store is None and linked is None:
            out.append(sentence[index])
        index = store or linked or index + 1
    return tuple(out)


def _linked(sentence: Sequence[Token], index: int, gazetteer: Gazetteer) -> int | None:
    """Where the store begins that something before is `talking to`, `backed by`."""
    if _word(sentence, index) not in _LINKED:
        return None
    start = index + 1 + (_word(sentence, index + 1) == "up")
    if _word(sentence, start) not in {"to", "from", "with", "by", "into"}:
        return None
    near = start + 1 + (_word(sentence, start + 1) in {"a", "an", "our"})
    items = gazetteer.tag(sentence[near : near + 3])
    new = bool(items) and (Sort.SOFTWARE in items[0].terms or items[0].id_of(Sort.TYPE) in _STORES)
    return start + 1 if new else None


def _loading(sentence: tuple[Token, ...]) -> tuple[Token, ...]:
    """`ingest 3,000 messages per second` as the load that it is."""
    near = _words(sentence[: _LONGEST_OBJECT * 2])
    number = next((n for n, t in enumerate(sentence[:5]) if t.kind is Kind.NUMBER), 0)
    if not (number and near[0] in _LOADING and {"per", "/", "a"} & set(near)):
        return sentence
    noun = next((n for n, word in enumerate(near) if word in _LOADS and n > number), number + 1)
    return (*sentence[1 : number + 1], *sentence[noun:])


def _into(sentence: Sequence[Token], index: int, gazetteer: Gazetteer) -> int | None:
    """Where the store begins that something is put into by the verb that stands there."""
    if _word(sentence, index) not in _MOVING:
        return None
    for place in range(index + 1, min(len(sentence), index + 2 + _LONGEST_OBJECT)):
        if _word(sentence, place) in _INTO and place > index + 1:
            start = place + 1
            near = start + (_word(sentence, start) in {"a", "an", "some", "our"})
            items = gazetteer.tag(sentence[near : near + 3])
            thing = bool(items) and (
                Sort.SOFTWARE in items[0].terms or items[0].id_of(Sort.TYPE) in _STORES
            )
            moved = gazetteer.tag(sentence[index + 1 : place])
            plain = not any(item.terms.keys() & (_BUILT - {Sort.PRODUCT}) for item in moved)
            return start if thing and plain and not _counts(sentence[index + 1 : place]) else None
        if _word(sentence, place) in _JOINTS | {"and"}:
            return None
    return None
