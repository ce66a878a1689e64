"""Titles, labels and leads of a first message that ask for nothing themselves: "CR-7781", "What:", "As below:".

A form's title says what the form is, not what is wanted; a line that only leads to a list is no part of the list. Where
they stay, a title is taken for one more thing, or for a question.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.subjects import order_word
from alma.core.language.words.naming import looks_like_name
from alma.core.language.words.tokens import Kind, Token

_THINGS = {
    Sort.SOFTWARE,
    Sort.PRODUCT,
    Sort.COMPUTE,
    Sort.TYPE,
    Sort.ROLE,
    Sort.IMAGE,
    Sort.ATTRIBUTE,
}
_BUILT = _THINGS - {Sort.ROLE, Sort.ATTRIBUTE}
_ENDS = {".", "!", "?", ";", "…"}
_FORMS = frozenset(
    "request ticket order rfc change task incident story epic issue cr sr ritm inc req case jira demand intake "
    "form".split()
)
# Labels that only say that what follows is what is wanted.
_WHAT = frozenset(
    "what request item items service requirement need needs wanted description ask scope todo".split()
)
# A title that ends so is of the list below it.
_TITLES = frozenset(
    "farm stack setup environment env lab homelab infrastructure infra system project architecture fleet platform "
    "landscape list plan inventory site office location".split()
)
_LEADING = frozenset(
    "requirement requirements below following follows needed wanted list spec specs specification specifications "
    "details under order shopping wishlist want need like required scope".split()
)
_WISHED = frozenset("wanted needed required requested desired necessary".split())
_WISHING = frozenset(
    "want wants need needs like love would i'd we'd should must plan planning please".split()
)
_MOVING = frozenset("move migrate switch change go transition".split())
_USING = frozenset("use uses using run runs running have has host hosts work works".split())
_NOW = (
    "at the moment",
    "currently",
    "right now",
    "so far",
    "until now",
    "today",
    "these days",
    "as of now",
    "still",
)
_NOT = frozenset("no not never none isn't aren't if when once unless".split())
_ORDERS = frozenset(
    {
        "set up",
        "setup",
        "create",
        "build",
        "provision",
        "install",
        "please create",
        "please set up",
        "please provision",
    }
)
_TELLERS = frozenset("we i we're i'm we've".split())
_DOING = frozenset(
    "run operate are am make sell build start plan develop launch host offer maintain do i'm we're".split()
)
_SUBJECTS = frozenset("subject re betreff title topic summary regarding".split())
_LONGEST_LEAD = 12
_LONGEST_TITLE = 5


def without_headings(tokens: Sequence[Token], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """The tokens of a first message without titles and leads, and "are wanted" as the wish that it is."""
    out: list[Token] = []
    lines = _lines(tokens)
    for number, line in enumerate(lines):
        left = _unlabelled(line)
        more = not number and any(_names_things(rest, gazetteer) for rest in lines[1:])
        if more and (_is_form(left, gazetteer) or _is_subject(line)):
            continue
        if _is_now(left) and len(lines) > 1:
            continue
        out += _wished(_moved(_without_lead(left, gazetteer)), gazetteer)
    return tuple(out)


def _lines(tokens: Sequence[Token]) -> list[tuple[Token, ...]]:
    """Lines and sentences, each with what ends it."""
    found: list[tuple[Token, ...]] = []
    start = 0
    for index, token in enumerate(tokens):
        if token.kind is Kind.PUNCTUATION and (token.norm == "\n" or token.text in _ENDS):
            found.append(tuple(tokens[start : index + 1]))
            start = index + 1
    if start < len(tokens):
        found.append(tuple(tokens[start:]))
    return found


def _word(token: Token) -> str:
    return token.text.casefold().replace("’", "'")


def _names_things(
    tokens: Sequence[Token], gazetteer: Gazetteer, *, built: bool = False, whole: bool = False
) -> bool:
    """Whether words name what can be made; `whole`: not counting what as a whole they are about ("we run a shop")."""
    sorts = (_BUILT if built else _THINGS) - ({Sort.PRODUCT} if whole else set())
    return any(item.terms.keys() & sorts for item in gazetteer.tag(tokens))


def _is_form(line: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """`Change request CR-7781`: the title of a form, with its number."""
    named = any(_word(token).split("-")[0] in _FORMS for token in line)
    numbered = any(token.kind is Kind.NUMBER or looks_like_name(token) for token in line)
    sized = any(token.kind is Kind.SIZE for token in line)
    return named and numbered and not sized and not _names_things(line, gazetteer)


def _is_subject(line: Sequence[Token]) -> bool:
    """`Subject: new VM for SAP`: what the message below says again, and more exactly."""
    return len(line) > 2 and _word(line[0]) in _SUBJECTS and line[1].norm == ":"


def _unlabelled(line: tuple[Token, ...]) -> tuple[Token, ...]:
    """`What: 2 servers` as `2 servers`."""
    if len(line) > 2 and _word(line[0]) in _WHAT and line[1].norm in {":", "="}:
        return line[2:]
    if len(line) > 2 and _word(line[0]).partition("-")[0] in _FORMS and line[1].norm == ":":
        return line[2:]  # "TICKET-4411: provision …"
    sign = next((n for n, token in enumerate(line[:3]) if token.norm == ":"), 0)
    if " ".join(_word(token) for token in line[:sign]) in _ORDERS and len(line) > sign + 1:
        return (*line[:sign], *line[sign + 1 :])  # "Set up: a vpn, …"
    return line


def _without_lead(line: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`Requirement is as below: …`, `CI farm: 1x …` without what leads to the list."""
    colon = next((n for n, token in enumerate(line) if token.norm == ":"), 0)
    lead, rest = line[:colon], line[colon + 1 :]
    if not 0 < colon <= _LONGEST_LEAD or not rest or any(t.kind is not Kind.WORD for t in lead):
        return line
    leads = bool({_word(token) for token in lead} & _LEADING) and not _names_things(lead, gazetteer)
    begins = rest[0].kind is Kind.NUMBER or rest[0].norm in {"a", "an", "\n"}
    titled = begins and len(lead) <= _LONGEST_TITLE and lead[-1].norm in _TITLES
    several = _names_things(rest, gazetteer)
    if several and _is_whole(lead, rest, gazetteer):
        return (order_word("need", rest[0]), *rest)
    told = begins and _word(lead[0]) in _TELLERS and bool(_DOING & {_word(t) for t in lead[:3]})
    if told and several and not _names_things(lead, gazetteer, built=True, whole=True):
        return (order_word("need", rest[0]), *rest)
    placed = any(Sort.ENGINE in item.terms for item in gazetteer.tag(lead))
    title = titled and not (placed or _names_things(lead, gazetteer, built=True))
    return rest if several and (leads or title) else line


def _is_whole(lead: Sequence[Token], rest: Sequence[Token], gazetteer: Gazetteer) -> bool:
    """`Web shop: Magento, MySQL`, `a web app: 2 app servers`: what the parts that follow are together."""
    if not _names_things(lead, gazetteer, built=True):
        return False
    if _names_things(lead, gazetteer, built=True, whole=True):
        return False
    counted = rest[0].kind is Kind.NUMBER
    items = gazetteer.tag(rest[counted:])
    program = Sort.SOFTWARE in items[0].terms and not counted
    role = items[0].id_of(Sort.ROLE) in {"app", "api", "backend"}
    return program or (counted and role)


def _moved(line: tuple[Token, ...]) -> tuple[Token, ...]:
    """`we'd like to move to Redmine`, where nothing is there that could move: what is wanted is Redmine."""
    words = [_word(token) for token in line]
    for index, word in enumerate(words[:-2]):
        to = index + 1 + (words[index + 1] in {"over", "everything", "it", "this"})
        wish = _WISHING & set(words[:index])
        if word in _MOVING and wish and to < len(words) and words[to] in {"to", "onto"}:
            return (order_word("need", line[0]), *line[to + 1 :])
    return line


def _is_now(line: Sequence[Token]) -> bool:
    """`Our team uses Jira at the moment`: what is there elsewhere, and no wish."""
    words = [_word(token) for token in line]
    text = f" {' '.join(words)} "
    now = any(f" {phrase} " in text for phrase in _NOW)
    owned = bool(words) and words[0] in {"we", "i", "our", "my", "currently", "today", "right"}
    return owned and now and bool(_USING & set(words)) and not _WISHING & set(words)


def _wished(line: tuple[Token, ...], gazetteer: Gazetteer) -> tuple[Token, ...]:
    """`two clusters are wanted`, `our firm would like to have two` as `need two clusters`."""
    words = [_word(token) for token in line]
    if words[:1] == ["would"] and words[1:2] in (["like"], ["love"], ["need"], ["want"]):
        polite = words[2:4] in (["to", "order"], ["to", "have"], ["to", "get"], ["to", "request"])
        return (order_word("need", line[0]), *line[4 if polite else 2 :])
    modal = next((n for n in range(1, min(len(words), 6)) if words[n] == "would"), 0)
    would = modal and words[modal + 1 : modal + 2] in (["like"], ["love"], ["need"], ["want"])
    if would and words[0] in {"our", "my", "the"} and not _names_things(line[:modal], gazetteer):
        rest = line[modal + 2 :]
        rest = rest[2:] if words[modal + 2 : modal + 4] in (["to", "have"], ["to", "get"]) else rest
        return (order_word("need", line[0]), *rest)
    for index, word in enumerate(words[:-1]):
        if word not in {"is", "are"} or words[index + 1] not in _WISHED or not index:
            continue
        if _NOT & set(words) or line[-1].text == "?" or not _names_things(line[:index], gazetteer):
            return line
        return (order_word("need", line[0]), *line[:index], *line[index + 2 :])
    return line
