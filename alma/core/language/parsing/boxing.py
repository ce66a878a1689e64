"""What kind of machine each of several is, said once for all of them.

`LXCs: grafana, loki`, `gitea and jenkins, a VM each`, `two DNS servers, both as Debian LXCs`. Each rule looks at the
phrases of one clause in their order. What stores data stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from alma.core.language.parsing.phrases import Determiner, Parsed, Phrase
from alma.core.language.parsing.placing import keeps_no_store
from alma.core.language.vocabulary.defaults import MACHINES, is_packed
from alma.core.model.blueprint import DATA, ResourceType

_BEFORE_LIST = {":", "("}
_LISTED = {",", "and", "&", "+", None, "\n", "plus"}
_SET_APART = {"-", "–", "—", ":", "("}
_BEHIND = _SET_APART | {",", ";", "and", "\n", None}
_INSIDE = {"in", "on", "inside", "into", "as"}
_OPEN = {None, "and"}
_ALONG = {None, "and", "with"}


def boxed(parsed: Parsed) -> None:
    """Gives each of several its kind, in place."""
    phrases = parsed.phrases
    for box in [phrase for phrase in phrases if _is_box(phrase)]:
        several = box.plural or (parsed.each and (box.count or 1) == 1)
        if several and (box.count is None or not box.plural) and box.link in _OPEN:
            _put_in(phrases, box, _listed_after(phrases, box))
        if box in phrases and (_of_each(parsed, box) or _of_several(box)):
            _put_in(phrases, box, _before(phrases, box))
        elif box in phrases and box.own and not parsed.each and box.link in _INSIDE:
            _put_in(phrases, box, _alone_before(phrases, box))


def _of_each(parsed: Parsed, box: Phrase) -> bool:
    """`gitea and jenkins, a VM each`."""
    each = parsed.each and parsed.each_after is box and box.count in {None, 1}
    return each and box.joint in _BEHIND and not box.plural


def _of_several(box: Phrase) -> bool:
    """`both as LXCs`, `in containers`; `grafana, prometheus - separate VMs`."""
    apart = box.joint in _SET_APART and box.link in _OPEN
    return box.plural and box.count is None and (box.link in _INSIDE or apart)


def _is_box(phrase: Phrase) -> bool:
    """Whether a phrase is a kind of machine, and does not say what for."""
    plain = not (phrase.role or phrase.names or phrase.negated or phrase.existing or phrase.product)
    pointing = phrase.determiner is Determiner.DEFINITE
    return phrase.type in MACHINES and plain and not (pointing or phrase.replica or phrase.more)


def _listed_after(phrases: Sequence[Phrase], box: Phrase) -> list[Phrase]:
    """What is listed behind the colon."""
    found: list[Phrase] = []
    for phrase in phrases[phrases.index(box) + 1 :]:
        joints = _LISTED if found else _BEFORE_LIST
        if phrase.joint not in joints or not _may_be_boxed(phrase):
            break
        found.append(phrase)
    return found if box.software is None else []


def _before(phrases: Sequence[Phrase], box: Phrase) -> list[Phrase]:
    """The list that ends right before."""
    found: list[Phrase] = []
    for phrase in reversed(phrases[: phrases.index(box)]):
        if not _may_be_boxed(phrase):
            break
        found.insert(0, phrase)
        if phrase.joint not in _LISTED:
            break
    return found if len(found) > 1 or any((p.count or 1) > 1 for p in found) else []


def _alone_before(phrases: Sequence[Phrase], box: Phrase) -> list[Phrase]:
    """`2 web servers and kibana on its own box`: what stands right before, or before what it is for."""
    before = [p for p in phrases[: phrases.index(box)] if p.creates or not p.purpose][-1:]
    runs = [
        p
        for p in before
        if p.type in DATA or (_may_be_boxed(p) and (p.software or is_packed(p.image)))
    ]
    single = [p for p in runs if p.count in {None, 1} and not p.plural and p.creates]
    return single if box.count in {None, 1} and not box.plural else []


def _may_be_boxed(phrase: Phrase) -> bool:
    """Whether a phrase names what runs, and not what it runs on."""
    runs = phrase.software or (phrase.generic and phrase.role) or is_packed(phrase.image)
    plain = not (phrase.negated or phrase.replica or phrase.purpose or phrase.existing)
    return bool(runs) and plain and phrase.link in _ALONG


def _put_in(phrases: list[Phrase], box: Phrase, programs: Sequence[Phrase]) -> None:
    """Each of the programs as that kind of machine, with what was said of it."""
    if not programs or (box.software and any(p.software for p in programs)):
        return
    for program in programs:
        if program.type is not ResourceType.LOAD_BALANCER and keeps_no_store(box, program):
            program.type, program.generic = box.type, False
        program.software = program.software or box.software
        program.image = program.image or box.image
        program.take(box.attributes)
        program.modifiers += box.modifiers
    programs[0].words = [*programs[0].words, *box.words]
    phrases.remove(box)
