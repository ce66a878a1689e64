"""Whose it is: owner, team, cost centre and project, said as a form's fields or in a sentence.

They describe the whole and make nothing, so they are taken out of the message before it is read: the "payments team" of
an owner is no service, and a cost centre asks for no costs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alma.core.language.words.tokens import Kind, Token

_FIELDS: Mapping[tuple[str, ...], str] = {
    tuple(words.split()): key
    for key, phrases in {
        "owner": "owner, owners, owned by, responsible, contact, requested by, requester, requestor",
        "team": "team, squad",
        "department": "department, dept, business unit",
        "project": "project, project name",
        "cost_center": "cost center, cost centre, costcenter, costcentre, cost-center, cost-centre, cost code, "
        "charge to, charge it to, charged to, bill to, bill it to",
    }.items()
    for words in phrases.split(", ")
}
_BY_FIRST: dict[str, list[tuple[tuple[str, ...], str]]] = {}
for _entry in sorted(_FIELDS.items(), key=lambda entry: -len(entry[0])):
    _BY_FIRST.setdefault(_entry[0][0], []).append(_entry)
# Fields that may stand without a colon: their words mean nothing else.
_PLAIN = {words for words, key in _FIELDS.items() if key == "cost_center"} | {
    ("owned", "by"),
    ("requested", "by"),
}
_GROUPS = {"team": "team", "squad": "team", "crew": "team", "department": "department", "dept": "department",
           "division": "department", "project": "project"}  # fmt: skip
_SIGNS = {":", "="}
_ENDS = {",", ":", "\n", ".", ";", "(", ")", "and", "with", "!", "?", "on", "in", "for", "|"}
_LEADING = {"for", "owned", "by", "belongs", "to", "from"}
_ARTICLES = {"the", "our", "my", "a"}
_LONGEST = 4
_NO_NAMES = frozenset(
    "the our my a whole entire new same this that each every other another dev "
    "please pls plz thanks asap now today next current upcoming coming first second last latest big bigger "
    "small little "
    "side pilot test client customer own future existing old recent main important secret internal private".split()
)


def take_ownership(tokens: Sequence[Token]) -> tuple[tuple[Token, ...], dict[str, str]]:
    """The tokens without what they say of ownership, and what that was, by metadata key."""
    found: dict[str, str] = {}
    out: list[Token] = []
    index = 0
    while index < len(tokens):
        read = _field(tokens, index) or _group(tokens, index)
        if read is None:
            out.append(tokens[index])
            index += 1
            continue
        key, value, end = read
        found.setdefault(key, value)
        index = end
    return tuple(out), found


def _field(tokens: Sequence[Token], index: int) -> tuple[str, str, int] | None:
    """`Owner: payments team`, `cost center CC-4711`, `owned by alice`."""
    for words, key in _BY_FIRST.get(_word(tokens[index]), ()):
        span = tokens[index : index + len(words)]
        if tuple(_word(token) for token in span) != words:
            continue
        place = index + len(words)
        signed = place < len(tokens) and tokens[place].norm in _SIGNS
        named = place < len(tokens) and tokens[place].norm == "is" and words != ("project",)
        addressed = place < len(tokens) and "@" in tokens[place].text
        if not (signed or named or addressed or words in _PLAIN or _listed(tokens, index, place)):
            continue
        place += signed or named
        while place < len(tokens) and tokens[place].norm in _ARTICLES:
            place += 1
        return _valued(tokens, place, key)
    return None


def _listed(tokens: Sequence[Token], index: int, place: int) -> bool:
    """`…, team atlas: …`: a field of a list, without a sign between name and value."""
    alone = index == 0 or tokens[index - 1].norm in _ENDS
    after = tokens[place + 1].norm if place + 1 < len(tokens) else "."
    word = place < len(tokens) and _nameable(tokens[place])
    return bool(
        alone
        and word
        and _word(tokens[index]) in {"team", "owner"}
        and after in {",", ":", "\n", ".", ";"}
    )


def _valued(tokens: Sequence[Token], place: int, key: str) -> tuple[str, str, int] | None:
    end = place
    while end < len(tokens) and end - place < _LONGEST and tokens[end].norm not in _ENDS:
        if end + 1 < len(tokens) and tokens[end + 1].norm in _SIGNS and end > place:
            break  # the next field of a form
        end += 1
    if end == place:
        return None
    if key == "cost_center":
        end = min(end, place + 1 + (tokens[place].norm in {"number", "no", "code"}))
    return key, _text(tokens[place:end]), end


def _group(tokens: Sequence[Token], index: int) -> tuple[str, str, int] | None:
    """`for the payments team`, `for project apollo`."""
    if tokens[index].norm not in _LEADING:
        return None
    place = index + 1
    while place < len(tokens) and (
        tokens[place].norm in _ARTICLES or tokens[place].norm in _LEADING
    ):
        place += 1
    words = [_word(token) for token in tokens[place : place + 3]]
    if len(words) > 1 and words[0] == "project" and _nameable(tokens[place + 1]):
        return "project", tokens[place + 1].text, place + 2
    for length in (1, 2):
        if len(words) <= length or words[length].removesuffix("'s") not in _GROUPS:
            continue
        span = tokens[place : place + length]
        if all(_nameable(token) for token in span):
            return _GROUPS[words[length].removesuffix("'s")], _text(span), place + length + 1
    return None


def _nameable(token: Token) -> bool:
    return token.kind in {Kind.WORD, Kind.QUOTED} and _word(token) not in _NO_NAMES


def _word(token: Token) -> str:
    return token.text.casefold()


def _text(tokens: Sequence[Token]) -> str:
    return " ".join(
        str(token.value) if token.kind is Kind.QUOTED else token.text for token in tokens
    ).strip()
