"""Machines that should be of another kind, in whatever words: "dns doesn't need a whole VM, a container will do", "I
want plex to run in an LXC instead of a VM", "replace bigbox with two containers".

All of them are put as `convert … to …`, and what goes for several as `remove … add …`. Only what is there is spoken of:
a container for something new is none of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.orders import ORDERS
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource, ResourceType

_T = ResourceType
_ABOUT = seldom(r"\b(?:containers?|lxcs?|cts?|vms?|virtual machines?)\b", re.IGNORECASE)
_LIKE = (
    r"(?:(?:full|fully|fledged|full-fledged|proper|real|whole|plain|simple|small|normal|regular|light|lightweight|own|"
    r"dedicated|separate|entire|complete|blown|full-blown|smaller|bare|new)[ -])*"
)
_CONTAINER = r"(?:(?:lxc|linux|proxmox|system) )?(?:containers?|lxcs?|cts?)"
_MACHINE = r"(?:virtual machines?|vms?)"
_ARTICLE = r"(?:(?:an?|the|its|their|some|one) )?"
_KIND = rf"{_ARTICLE}{_LIKE}(?:(?P<container>{_CONTAINER})|(?P<vm>{_MACHINE}))\b"
_OLD = rf"{_ARTICLE}{_LIKE}(?:{_CONTAINER}|{_MACHINE})\b"
_NOUN = rf"(?: (?:{_CONTAINER}|{_MACHINE}|server|box|machine|instance|guest))?"
_NOT_OLD = rf"(?:,? (?:instead of|rather than|and not|not|in place of) {_OLD}|,? instead\b)?"
_ENOUGH = (
    r"(?:(?:will|would|should|'ll|’ll) (?:do|be (?:enough|plenty|fine|sufficient)|suffice)|is (?:enough|plenty|fine|"
    r"sufficient)|does it|suffices)(?: (?:there|here|for (?:it|them|that)))?"
)
_TOO_MUCH = (
    r"(?:(?:is|are|seems?|feels?|looks?) )(?:(?:a bit|really|way|far|just|total|totally|complete|completely) )*"
    r"(?:overkill|too (?:much|big|heavy|large|expensive)|oversized|wasteful|a waste|excessive|more than needed)"
)
_MODAL = (
    r"(?:(?:really|actually|clearly|definitely) )?(?:should|must|shall|ought to|needs? to|has to|have to|can|could|may|"
    r"might as well|had better)"
    r"(?: (?:really|just|better|also|rather|now|actually))*"
)
_MADE = (
    r"(?:run|moved|put|converted|turned|made|rebuilt|migrated|changed|switched|hosted|recreated)"
)
_BE_IN = (
    rf"(?:be(?:come)?(?: {_MADE})?(?: (?:in|as|into|on|to|inside))?|run (?:in|as|on|inside)|"
    r"live (?:in|on|inside)|(?:go|move|migrate) (?:in|into|to|onto|on))"
)
_TURN = (
    r"(?:turn|convert|change|switch|transform|migrate|move|make|rebuild|recreate|redo|put|run|host|shift|port|repackage|"
    r"replace|swap|exchange|deploy)"
)
_INTO = r"(?:into|to|as|in|on|inside|onto|with|by|for)"
_MANY = r"(?P<n>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|a couple of|a few)"
_LEAD = r"(?:(?:please|can you|could you|so|and|then|ok|also|let['’]?s|now)[\s,]+)*"
_BESIDE = seldom(
    r"^[\s,]*(?:with|and give (?:it|them)|and|at|having|,)\s+(?=(?:about |just |only )?\d|(?:half|twice|double)\b)",
    re.IGNORECASE,
)
_ALL_OF = r"(?:(?:both|all|all of|the|our|my|these|those|every) )+(?:containers|lxcs|vms|virtual machines)"
# One reading of a message is enough: longer ones are not about a kind alone.
_LONGEST = 240


def _rules() -> Sequence[str]:
    one = rf"(?:(?:the|our|my) )?[A-Za-z][\w.-]*{_NOUN}"
    who = rf"(?<![\w-])(?P<who>{_ALL_OF}|{one}(?:(?:, and |, | and ){one}){{0,5}})"
    alone = rf"(?<![\w-])(?P<who>{one})"
    many = rf"{_MANY} {_LIKE}(?:(?P<container>{_CONTAINER})|(?P<vm>{_MACHINE}))\b"
    wanting = r"(?:i|we)(?: would|['’]d)? (?:want|need|like|prefer|take|have)(?: to have)?"
    wishing = rf"\b(?:(?:i|we|they)(?: would|['’]d)? (?:really )?)?(?:want|like|prefer|need|have|see) {who}"
    there = rf"(?:to {_BE_IN}|as|in|on|inside|running (?:in|on|as))"
    unneeded = rf"{who} (?:does|do)(?:n['’]?t| not) (?:really |actually )?(?:need|have|want)"
    having = r"(?: to (?:be|run (?:in|on)|have))?"
    pause, then = r"\s*(?:[,;.:]|\s[-–—]|\band\b)\s*", r"(?:so |and |but |please |then )*"
    making = r"(?:make|turn|convert|change|switch|put|move) (?:it|them|that)"
    taking = rf"(?:{making}(?: {_INTO})? |(?:use|take|i want|we want) )?"
    told = rf"(?P<told>^{_LEAD}{who} [^.;?!]{{3,80}}?{pause}{then})"
    return [
        rf"\b(?:replace|swap|exchange|split|divide|break)(?: up)? {alone}(?: up)? (?:with|by|for|into|in) {many}",
        rf"\binstead of {alone},? {wanting} {many}",
        rf"{who} {_MODAL} {_BE_IN} {_KIND}{_NOT_OLD}",
        rf"{wishing} {there} {_KIND}{_NOT_OLD}",
        rf"\b{_TURN} {who}(?: over)? from {_OLD} {_INTO} {_KIND}",
        rf"\b{_TURN} {who}(?: over)? {_INTO} {_KIND}{_NOT_OLD}",
        rf"\bmake {who} {_KIND}{_NOT_OLD}",
        rf"{unneeded}{having} {_OLD}{pause}{then}{_KIND} {_ENOUGH}",
        rf"\b{_OLD} {_TOO_MUCH} for {who}{pause}{then}{taking}{_KIND}(?: {_ENOUGH})?{_NOT_OLD}",
        rf"{told}{making}(?: {_INTO})? {_KIND}{_NOT_OLD}",
        rf"^{_LEAD}{who}\s*:? (?:as|in|into|to) {_KIND}{_NOT_OLD}(?=\W*(?:please\W*)?$)",
    ]


_PATTERNS = [seldom(rule, re.IGNORECASE) for rule in _rules()]


def kinds_in_full(message: str, blueprint: Blueprint) -> str:
    """The message with every such change as a plain order; as it is where nothing there is of another kind."""
    machines = [r for r in blueprint.resources if r.type in {_T.VM, _T.CONTAINER}]
    if not machines or len(message) > _LONGEST or not _ABOUT.search(message):
        return message
    for found in filter(None, (pattern.search(message) for pattern in _PATTERNS)):
        said = found.groupdict()
        order = _exchanged if said.get("n") else _converted
        if (full := order(message, found, machines, blueprint)) is not None:
            return full
    return message


def _converted(
    message: str, found: re.Match[str], machines: Sequence[Resource], blueprint: Blueprint
) -> str | None:
    """The message with `convert … to …` for what was found; None where that is what they are."""
    kind = _T.CONTAINER if found["container"] else _T.VM
    owners = _meant(found["who"], [r for r in machines if r.type is not kind], machines)
    if not owners:
        return None
    called = listed([r.name for r in owners])
    order = f"convert {called} to {'containers' if len(owners) > 1 else 'a container'}"
    if kind is _T.VM:
        order = f"convert {called} to {'vms' if len(owners) > 1 else 'a vm'}"
    before, after = message[: found.start()], message[found.end() :]
    told = found.groupdict().get("told") or ""
    if told and (ORDERS.search(told) or re.search(r"\d", told)):
        before += told.rstrip(" ,;–—-") + ". "
    beside = _BESIDE.match(after)
    if beside is not None:
        after = f". set {called} to {after[beside.end() :]}"
    return f"{before}{order}{after}"


def _exchanged(
    message: str, found: re.Match[str], machines: Sequence[Resource], blueprint: Blueprint
) -> str | None:
    """The message with one machine out and several in; None where others depend on it, or it runs a program: what
    those should have instead is not said."""
    meant = _meant(found["who"], machines, machines)
    if len(meant) != 1 or meant[0].engine or _needed(meant[0], blueprint):
        return None
    kind = "containers" if found["container"] else "vms"
    of_kind = _T.CONTAINER if found["container"] else _T.VM
    if any(r.type is of_kind for r in machines if r is not meant[0]):
        return None  # so many more of what there is would be read
    after = message[found.end() :]
    after = re.sub(r"^[\s,]*(?:with )?(?=\d)", " with ", after)
    return f"{message[: found.start()]}remove {meant[0].name}. add {found['n']} {kind}{after}"


def _needed(owner: Resource, blueprint: Blueprint) -> bool:
    """Whether anything points at a machine."""
    return any(owner.name in {*r.depends_on, *r.backends} for r in blueprint.resources)


def _meant(
    who: str, fitting: Sequence[Resource], machines: Sequence[Resource]
) -> Sequence[Resource]:
    """Those of the fitting that are spoken of; none where one is that does not fit."""
    named = [r for r in machines if mentions(who, r.name)]
    if not named:
        return fitting if re.fullmatch(_ALL_OF, who, re.IGNORECASE) else ()
    return named if all(r in fitting for r in named) else ()
