"""What runs and the machine that it runs on, told in one breath: they are one thing.

`nginx in a container`, `a game server on a VM with 8GB`, `a VM as gitlab runner`, `docker host - vm, debian, 8 cores`,
`a Rails app with 2 web VMs`, `an API for our shop, four servers`; and so are a store and its software, `a database on
postgres`. Each rule looks at the phrases of one clause in their order.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from alma.core.language.parsing.phrases import Determiner, Phrase
from alma.core.language.vocabulary.defaults import MACHINES
from alma.core.model.blueprint import DATA, ResourceType

_T = ResourceType
_INSIDE = {"in", "on", "inside"}
_SET_APART = {"-", "–", "—", "("}
_LISTED = {"and", "&", ",", "+", "plus"}
# Roles of machines that serve what an application is.
_SERVING = {"web", "app", "api", "backend", "frontend"}


def run_on(phrases: list[Phrase]) -> None:
    """Makes one of what runs and of what it runs on, in place."""
    _kept_by(phrases)
    _stored_on(phrases)
    _inside(phrases)
    _serving_as(phrases)
    _placed(phrases)
    _served_by(phrases)


def kind_told(phrases: list[Phrase]) -> None:
    """`docker host - vm, debian`, `a build server (lxc, 4 cores)`: what kind of machine it is, said behind it."""
    for whole, kind in list(pairwise(phrases)):
        machine = whole.generic and whole.creates and not (whole.names or whole.plural)
        named = kind.type in MACHINES and not kind.generic and _unnamed(kind) and not kind.plural
        single = whole.count in {None, 1} and kind.count is None and kind.link in {None, "and"}
        apart = kind.joint in _SET_APART or (kind.joint == "," and not (whole.role or kind.role))
        if machine and named and single and apart and kind.determiner is Determiner.BARE:
            whole.type, whole.generic, whole.tier = kind.type, False, False
            _told_too(whole, kind)
            phrases.remove(kind)


def _unnamed(place: Phrase) -> bool:
    """Whether nobody said yet what runs there."""
    said = place.role or place.software or place.product or place.replica
    return not (said or place.negated or place.existing)


def _told_too(whole: Phrase, again: Phrase) -> None:
    """What is said of it the second time holds, too."""
    own = {attribute.path for attribute in again.attributes}
    whole.attributes = [*(a for a in whole.attributes if a.path not in own), *again.attributes]
    whole.image = whole.image or again.image
    whole.names += again.names
    whole.modifiers += again.modifiers
    whole.networks += again.networks


def _inside(phrases: list[Phrase]) -> None:
    """`nginx in a container`: what runs inside says what the container runs."""
    programs = [p for p in phrases if p.type is _T.SERVICE and p.software and p.creates]
    for program, place in pairwise(_without_purposes(phrases)):
        alone = program in programs and (len(programs) == 1 or not _of_list(phrases, program))
        machine = place.type in MACHINES and not (place.software or place.role)
        machine = machine and (place.creates or _any(place))
        if alone and machine and place.link in _INSIDE and (place.count or 1) == 1:
            place.software, place.link = program.software, None
            place.names += program.names
            place.take(program.attributes)
            phrases.remove(program)


def _any(place: Phrase) -> bool:
    """`in lxc`, `in vm with 4GB`: one of a kind, as it is said shortly, and none that is there."""
    bare = place.determiner is Determiner.BARE and not (place.plural or place.generic)
    return bare and place.link in {"in", "inside"} and _unnamed(place)


def _without_purposes(phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases without whom something is for: `nextcloud for the farm, in a container`."""
    return [phrase for phrase in phrases if not (phrase.purpose and not phrase.creates)]


def _stored_on(phrases: list[Phrase]) -> None:
    """`redis in an LXC`, `postgres on a VM with 8GB`: an LXC stays one, and else a store what it is."""
    for store, place in pairwise(_without_purposes(phrases)):
        single = store.type in DATA and store.creates and store.count in {None, 1}
        plain = place.type in MACHINES and _unnamed(place) and place.count in {None, 1}
        introduced = place.determiner is Determiner.INDEFINITE or _any(place)
        plain = plain and introduced and place.joint in {None, ","}
        if not (single and store.software and plain and place.link in _INSIDE):
            continue
        if keeps_no_store(place, store):
            store.type, store.generic = _T.CONTAINER, False
        _told_too(store, place)
        phrases.remove(place)


def _kept_by(phrases: list[Phrase]) -> None:
    """`a database on postgres`, `the cache in redis 7`: the software that a store is, and no second one."""
    for store, program in list(pairwise(phrases)):
        bare = store.type in DATA and store.creates and not (store.software or store.image)
        same = program.type is store.type and bool(program.software) and not program.names
        plain = program.determiner is Determiner.BARE and program.count is None
        said = not (program.negated or program.existing or program.purpose or program.joint)
        if bare and same and plain and said and program.link in {"on", "in"}:
            store.software, store.image = program.software, program.image
            store.modifiers += program.modifiers
            store.take(program.attributes)
            phrases.remove(program)


def keeps_no_store(place: Phrase, program: Phrase) -> bool:
    """Whether a program is what a container runs even where it is a store: an LXC is asked for as an LXC."""
    lxc = place.type is _T.CONTAINER and "lxc" in " ".join(place.words).casefold()
    return program.type not in DATA or (lxc and program.software is not None)


def _of_list(phrases: Sequence[Phrase], program: Phrase) -> bool:
    """`grafana and loki on a VM`: one of several programs, all of which may run there."""
    index = phrases.index(program)
    before = phrases[index - 1] if index else None
    alike = before is not None and before.type is _T.SERVICE and before.software
    return bool(alike) and program.joint in _LISTED


def _serving_as(phrases: list[Phrase]) -> None:
    """`a VM as gitlab runner`, `an LXC as our dns server`: what the machine is there for."""
    for place, purpose in list(pairwise(phrases)):
        machine = place.type in MACHINES and place.creates and _unnamed(place)
        known = purpose.role if purpose.generic else purpose.software
        program = purpose.type not in DATA | {_T.LOAD_BALANCER} and not purpose.product
        counted = purpose.count in {None, 1, place.count}
        if machine and purpose.link == "as" and known and program and counted:
            place.role, place.software = purpose.role, purpose.software
            _told_too(place, purpose)
            phrases.remove(purpose)


def _placed(phrases: list[Phrase]) -> None:
    """`our Laravel app on two servers`, `an API in 2 containers`: where it runs is all there is of it."""
    told = [phrase for phrase in phrases if phrase.creates or not phrase.purpose]
    for role, place in list(pairwise(told)):
        plain = place.type in MACHINES and _unnamed(place) and not (place.names and role.names)
        said = place.count is not None or place.determiner is Determiner.INDEFINITE
        if plain and said and _runs(role, place) and _is_where(role, place):
            place.role, place.link, place.purpose = role.role, None, False
            place.attributes = [*role.attributes, *place.attributes]
            place.modifiers = [*role.modifiers, *place.modifiers]
            phrases.remove(role)


def _runs(role: Phrase, place: Phrase) -> bool:
    """Whether it is something that runs on machines, and not more or fewer than those."""
    told = role.generic and role.role and not (role.software or role.image)
    boxed = place.type is _T.CONTAINER and place.link in {"in", "inside"}
    as_many = role.count is None or role.count == place.count
    return bool(told) and as_many and (role.tier or boxed or not place.generic)


def _is_where(role: Phrase, place: Phrase) -> bool:
    ended = place.joint in {";", "\n"} and place.link in {None, "and"} and place.generic
    with_count = place.link == "with" and place.count is not None and place.generic
    return place.link in _INSIDE or ended or with_count or _counted_behind(role, place)


def _counted_behind(role: Phrase, place: Phrase) -> bool:
    """`an API for 3000 users, four servers behind a load balancer`: how many machines it runs on."""
    counted = place.count is not None and not (place.image or place.modifiers or place.more)
    return role.tier and counted and place.joint in {",", "-", "–", "—"} and _is_title(role)


def _is_title(role: Phrase) -> bool:
    """Whether nothing is said of it but what it is for."""
    said = role.names or role.attributes or role.image or role.software
    plain = role.link is None and role.joint is None and role.count is None and not role.plural
    return plain and role.creates and not said


def _served_by(phrases: list[Phrase]) -> None:
    """`a Rails app with 2 web VMs and 3 workers`, `backend for our game, 4 game servers`: what the app runs on, where
    one of its machines serves it."""
    for app in [p for p in phrases if p.tier and p.role in _SERVING and _is_title(p)]:
        parts = _counted_parts(phrases, app)
        others = [p for p in phrases if p.generic and p.tier and p is not app and p not in parts]
        serving = [p for p in parts if p.role in _SERVING or p.role == "game"]
        if serving and not others:
            for part in parts:
                part.link = None if part.link == "with" else part.link
                part.modifiers += [m for m in app.modifiers if part in serving]
            phrases.remove(app)
            return


def _counted_parts(phrases: Sequence[Phrase], app: Phrase) -> list[Phrase]:
    """The machines with a number that are listed right behind an application."""
    found: list[Phrase] = []
    for part in phrases[phrases.index(app) + 1 :]:
        numbered = part.count is not None or (
            bool(found) and part.determiner is Determiner.INDEFINITE
        )
        counted = part.type in MACHINES and part.role and numbered
        first = part.link == "with" or part.joint in {",", ":", "-", "–", "—", ";"}
        if not counted or part.negated or not (first or found):
            break
        found.append(part)
    return found
