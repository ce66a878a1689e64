"""Titles of what follows a colon, and what is only spoken of again: neither is a thing of its own.

`CI for the mobile team: one Jenkins box`, `Database for the CRM: Postgres 16`, `media box: emby, 4 cores`,
`Kubernetes at home, a cluster with two workers`, `a wiki: the app itself and a postgres`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.blueprint import COMPUTE, DATA, ResourceType

_NEW_LINE = {";", "\n", "-"}
_APP = "app"
_HOW_BIG = frozenset("tiny small medium big large huge".split())
_ANY = frozenset("site website page app application server box machine host program".split())


def titled(parsed: Parsed) -> None:
    """Takes the titles out of the phrases of a clause, in place."""
    phrases = parsed.phrases
    for listed in [phrase for phrase in phrases if phrase.joint == ":" and phrase.creates]:
        title = _title_before(phrases, listed)
        if title is not None:
            _taken_out(phrases, title, phrases.index(listed))
    _same_cluster(phrases)
    _selves(phrases)
    if parsed.fresh:
        _on_its_machines(phrases)
        _spoken_of_again(phrases)
    _role_of_title(parsed)


def _title_before(phrases: Sequence[Phrase], listed: Phrase) -> Phrase | None:
    """The one thing in the same line before the colon, if nothing is said of it but what it is for."""
    before: list[Phrase] = []
    for phrase in reversed(phrases[: phrases.index(listed)]):
        before.insert(0, phrase)
        if phrase.joint in _NEW_LINE:
            break
    made = [phrase for phrase in before if phrase.creates]
    if len(made) != 1 or made[0] is not before[0] or any(p.negated for p in before):
        return None
    return made[0] if _says_only_what(made[0]) else None


def _says_only_what(title: Phrase) -> bool:
    said = title.names or title.attributes or title.image or title.software or title.replica
    plain = title.count in {None, 1} and not title.plural and title.determiner is Determiner.BARE
    return plain and not (said or title.more or title.product or title.group)


def _taken_out(phrases: list[Phrase], title: Phrase, start: int) -> None:
    made = [phrase for phrase in phrases[start:] if phrase.creates and not phrase.replica]
    first, alone = made[0], len(made) == 1
    if title.type in DATA:
        if first.type is title.type:
            phrases.remove(title)
    elif not title.generic:
        return
    elif first.type in MACHINES or title.tier:
        free = alone and first.type in MACHINES and not (first.role or first.software)
        first.role = title.role if free else first.role
        phrases.remove(title)
    elif alone and first.software and first.type is ResourceType.SERVICE and first.count is None:
        first.type, first.generic = ResourceType.VM, True  # "media box: emby"
        phrases.remove(title)


def _role_of_title(parsed: Parsed) -> None:
    """`API: 2 servers with 4GB`: what the servers are for."""
    made = [phrase for phrase in parsed.phrases if phrase.creates]
    if parsed.title is None or len(made) != 1:
        return
    if not (made[0].role or made[0].software or made[0].names) and made[0].type in MACHINES:
        made[0].role = parsed.title


def _same_cluster(phrases: list[Phrase]) -> None:
    """`I want to play with Kubernetes at home, a cluster with two workers would do`."""
    kind = ResourceType.KUBERNETES_CLUSTER
    for named, told in list(pairwise([p for p in phrases if p.type is kind and not p.negated])):
        bare = not (named.attributes or named.names or named.count or named.existing)
        again = " ".join(told.words[-1:]).casefold() == "cluster" and not told.existing
        if bare and again and not told.more and told.count in {None, 1}:
            phrases.remove(named)


def _selves(phrases: list[Phrase]) -> None:
    """`Paperless: the app itself, redis and postgres`: what was named before the list."""
    for again in [phrase for phrase in phrases if phrase.itself]:
        before = [p for p in phrases[: phrases.index(again)] if p.creates and not p.negated]
        whole = next((p for p in before if p.product or p.type not in DATA), None)
        if whole is not None and again.count is None and not again.names:
            whole.attributes += again.attributes
            phrases.remove(again)


def _on_its_machines(phrases: list[Phrase]) -> None:
    """`A small internal app, one VM with 2 cores and a postgres`: the VM is what it runs on."""
    first, second = [*phrases[:2], None, None][:2]
    if first is None or second is None or first.role != _APP or not first.generic:
        return
    machine = first.words[-1:] and first.words[-1].casefold() in _ANY - {"app", "application"}
    one = first.determiner is Determiner.INDEFINITE and first.count is None and not machine
    bare = first.creates and not (first.names or first.attributes or first.software or first.image)
    counted = second.type in MACHINES and second.count is not None and second.creates
    plain = not (second.role or second.software or second.tier or second.more)
    if one and bare and counted and plain and (second.joint == "," or second.link == "with"):
        second.role = first.role
        second.modifiers += [each for each in first.modifiers if each not in _HOW_BIG]
        phrases.remove(first)


def _spoken_of_again(phrases: list[Phrase]) -> None:
    """`Gitea with a postgres. The server needs 4GB`: what was named, where no server was."""
    for again in [phrase for phrase in phrases if phrase.joint == ";" and _is_any(phrase)]:
        before = [p for p in phrases[: phrases.index(again)] if p.creates and not p.replica]
        runs = [p for p in before if p.product or p.type in COMPUTE]
        alike = any(p.product or (p.role and p.role == again.role) or p.generic for p in runs)
        if len(runs) != 1 or alike or (runs[0].count or 1) > 1:
            continue
        own = {attribute.path for attribute in again.attributes}
        runs[0].attributes = [a for a in runs[0].attributes if a.path not in own]
        runs[0].attributes += again.attributes
        runs[0].modifiers += again.modifiers
        phrases.remove(again)


def _is_any(phrase: Phrase) -> bool:
    """`the site`, `the server`: words for whatever runs."""
    said = phrase.names or phrase.software or phrase.image or phrase.count or phrase.plural
    pointing = phrase.determiner is Determiner.DEFINITE and phrase.link in {None, "and"}
    word = phrase.words[-1].casefold() if phrase.words else ""
    return phrase.generic and pointing and not said and word in _ANY and not phrase.negated
