"""Acts that are said by what becomes of things, put as the one verb there is for them: "fire it up", "get this onto the
docker host" are "deploy", "get rid of the running environment" is "destroy", "+1 from me on request 3" is "approve".

Only what is said of the whole counts ("bring it up to 4 cores" is about an amount), and only to the end of a clause. A
decision has to be the whole sentence: who approves says nothing else with it. Whether it may act is decided later, on
the same terms as for every act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from alma.core.language.words.seldom import Seldom, seldom

_OURS = r"(?:the|this|that|our|my)"
_WHOLE = (
    r"(?:it all|all of (?:it|this|that|them)|it|this|that|them|these|everything|"
    rf"{_OURS} (?:whole |entire |new |full )?(?:lot|thing|stack|draft|blueprint|setup|environment|env|"
    r"infrastructure|system|release|version|plan)(?: all)?)"
)
_ENGINE = (
    r"(?:the |our |my |that )?(?:[\w-]+ )?(?:docker|proxmox|pve|simulation)"
    r"(?: (?:host|box|node|cluster|server|engine|machine|hypervisor))?"
)
_STAGE = r"(?:prod|production|staging|the lab)"
_PLATFORM = (
    rf"(?:{_ENGINE}|(?:the |our |my )?(?:aws|amazon|azure|gcp|google cloud|hetzner|digital ?ocean|ovh|linode|scaleway|"
    r"kubernetes|k8s|cloud)(?: cluster| account)?)"
)
_LIVE = (
    r"(?:live|online|out there|(?:in|into|to) (?:prod|production)|up and running|running|deployed)"
)
_PLACE = rf"(?P<place>(?: (?:on|onto|to|in|into) (?:{_ENGINE}|{_STAGE}))?)"
_END = (
    r"(?=\s*(?:$|[.!?,;)]|(?:and|then|now|please|pls|plz|asap|today|thanks|thx|right|for (?:me|us|real))\b))"
)  # fmt: skip
_RUNS = (
    rf"(?:{_OURS} (?:[\w-]+ ){{0,2}}(?:deployment|environment|env|stack|infrastructure|setup|installation)|"
    r"the (?:whole )?(?:lot|thing)|"
    r"(?:everything|all|anything|whatever)(?: of it)?(?: that| which)?(?:'s| is| was| we)? "
    r"(?:running|runs|deployed|live))"
)
_GONE = rf"(?P<what>{_WHOLE}|{_RUNS})"
_GETTING_RID = (
    r"(?:get rid of|delete|remove|kill|decommission|dismantle|terminate|scrap|undeploy|clean up|trash|retire|purge|"
    r"raze|erase|obliterate|(?:shut down|stop) and (?:delete|remove)|take down|pull down)"
)
_SURROUNDINGS = (
    rf"(?:the|our|my) (?:[\w-]+ )?(?:{_STAGE}|sandbox|lab|playground|test|dev|demo|poc|environment|env|"
    r"cluster|stack)"
)
_FORMER = r"(?:previous|last|old|former)(?: (?:good|known good|working))?"
_RAN = r"(?:release|version|deployment|rollout)"
_ONCE = (
    r"(?: (?:before|earlier|yesterday|last (?:week|month|night|time)|this morning|"
    r"(?:on |last )?(?:mon|tues|wednes|thurs|fri|satur|sun)day))?"
)
_EARLIER = (
    rf"(?:what|(?:the one|the {_RAN}) (?:that|which)) (?:we (?:had|ran)|(?:was|were) (?:running|live|there|up|deployed|"
    rf"in (?:use|production))|ran|worked)(?: running| there| live| deployed)?{_ONCE}"
)
_NUMBERED = r"(?:the )?(?:version|revision|release|rev|v) ?#?\d+"
_RETURNED = (
    r"(?:(?:us|me|it|this|that|things|everything|it all|the (?:stack|system|setup|environment)) )?"
)
_FORMS = {
    "roll back": (
        rf"back out (?P<what>{_OURS} (?:last |latest |new |newest )?(?:{_RAN}|rollout))",
        rf"(?:put|bring|get) (?P<what>the {_FORMER} {_RAN}) back(?: (?:in place|live|online|up|in production))?",
        rf"(?:bring|get|put) back {_EARLIER}(?P<what>)",
        rf"(?:put|take|bring|get|move|switch|set|go|turn) {_RETURNED}back (?:to|on|onto) {_EARLIER}(?P<what>)",
        rf"(?:put|take|bring|get|move|switch|set) {_RETURNED}back (?:to|on|onto) (?P<what>(?:the )?{_FORMER} {_RAN})",
        rf"(?:restore|reinstate|return to|switch back to|go back to) (?P<what>(?:the )?{_FORMER} {_RAN})",
        rf"(?:restore|reinstate|return to|switch back to|go back to) {_EARLIER}(?P<what>)",
        rf"(?:put|take|bring|set) {_WHOLE} back (?P<what>to {_NUMBERED})",
        rf"(?:reset|restore|return|revert) {_WHOLE} (?P<what>to {_NUMBERED})",
    ),
    "destroy": (
        rf"{_GETTING_RID} (?P<what>{_RUNS})(?: (?:completely|entirely|for good))?",
        rf"(?:burn|tear|take|pull|rip|bring|shut) {_GONE} down(?: (?:completely|entirely|for good))?",
        rf"(?:burn|raze) {_GONE} (?:down )?to the ground",
        rf"blow {_GONE} (?:away|up)",
        rf"(?:undeploy|decommission|terminate|dismantle) (?P<what>{_WHOLE})",
        rf"(?:destroy|nuke|wipe|tear down|delete) (?P<what>everything|all|it all) (?:in|from|of|on) {_SURROUNDINGS}",
    ),
    "deploy": (
        rf"(?:roll|push|ship|send|get) (?P<what>{_WHOLE}) out{_PLACE}",
        rf"(?:bring|fire|spin|stand|light|boot) (?P<what>{_WHOLE}) up{_PLACE}",
        rf"(?:fire|spin|stand|light|bring) up (?P<what>{_WHOLE}){_PLACE}",
        rf"(?:put|push|take|get|bring|make|set|turn) (?P<what>{_WHOLE}) {_LIVE}{_PLACE}",
        rf"(?:get|push|send|throw|ship|release|load|roll) (?P<what>{_WHOLE}) (?P<place>(?:on|onto|to|into) {_ENGINE})",
        rf"(?:push|ship|release|roll out|send) (?P<what>{_WHOLE}) (?P<place>(?:to|into) {_STAGE})",
        rf"(?:kick|set) (?P<what>{_WHOLE}) off",
        r"(?:let it rip|pull the trigger)(?P<what>)",
        rf"(?:start|begin) (?:building|deploying|rolling out|installing) (?P<what>{_WHOLE}){_PLACE}",
        rf"(?:put|bring) (?P<what>(?:{_OURS} |these |those )?changes|{_WHOLE}) in(?:to)? (?:effect|action|force)",
        rf"set (?P<what>{_WHOLE}) in motion",
        rf"make (?P<what>it|this|that) happen (?P<place>(?:on|in) (?:{_ENGINE}|{_STAGE}))",
        (
            rf"(?:launch|start up) (?P<what>{_OURS} (?:(?:whole|entire|complete|full) (?:thing|lot|"
            r"stack|setup|environment|system|infrastructure)|stack|draft|blueprint))"
        ),
    ),
    "migrate": (
        (
            rf"(?:take|bring|transfer|carry|shift|relocate|port|transport|haul|lift) (?P<what>{_WHOLE})"
            rf" (?:over |across )?(?P<place>(?:to|onto) {_PLATFORM})"
        ),
    ),
    "undo": (
        r"(?:step back(?: (?:one|once|one step))?|(?:go|take|move) (?:back one step|one step back))(?P<what>)",
        r"take (?P<what>(?:the|that|my) last (?:bit|thing|part|one|change|edit|step)) back",
        r"take back (?P<what>(?:the|that|my) last (?:bit|thing|part|one))",
        r"(?:cancel|reverse|revoke|take back) what (?:i|we|you) (?:just |last )?(?:changed|did|added|edited)(?P<what>)",
    ),
}  # fmt: skip

_ONE = (
    r"(?:(?:the |this |that |my |your )?(?:(?:change|pull|merge) )?"
    r"(?:request|pr|ipr|mr|change|plan|proposal)(?:(?: (?:no\.? ?|number )?#?|-)\d+)?|"
    r"(?:#|(?:number|no\.|nr\.?) ?)\d+|it|this|that)"
)
_LEAD = (
    r"(?:(?:ok|okay|yes|yep|sure|alright|right|all good|looks (?:good|fine|great)(?: to me)?|fine|good|great|perfect|"
    r"no|nope|sorry|no way|thanks|well|hmm|please)\W+)*"
)
_FOR = rf"(?: (?:for|on|to|of|with|about) (?P<one>{_ONE})(?: one)?)?"
_OWN = r"(?: (?:from|by) (?:me|us|my side|our side)| (?:from|on) my (?:end|side))?"
_GIVEN = r"(?:approval|ok|okay|consent|go[- ]ahead|green light|sign[- ]?off|thumbs[- ]up)"
_LOOKED = r"(?:reviewed|checked|read|seen|looked (?:at|over|through))"
_REFUSING = (
    r"(?:can't|cannot|can not|don't|do not)"
)  # fmt: skip
_AGREEING = r"(?:approve|accept|sign|sign off|sign off on|agree to|wave through)"
_DECIDING = {
    "reject": (
        rf"(?:i(?:'m| am) afraid )?(?:i|we) {_REFUSING} {_AGREEING}(?: (?P<one>{_ONE})(?: one)?)?",
        rf"(?:you don't have|no) (?:my )?(?:approval|sign[- ]?off|ok|consent|blessing){_OWN}{_FOR}",
        rf"(?P<one>{_ONE})(?:'s| is|:)? (?:hereby |now )?(?:rejected|denied|declined|turned down|vetoed|refused){_OWN}",
        rf"no(?: from (?:me|us|my side)){_FOR}",
        rf"(?:-1|minus one|thumbs[- ]down|red light){_OWN}{_FOR}{_OWN}",
        rf"(?:i|we) (?:hereby )?(?:veto|(?:must|have to) (?:reject|decline)) (?P<one>{_ONE})(?: one)?",
        rf"(?:(?P<one>{_ONE}) is|that's|it's) a no{_OWN}",
        (
            rf"(?P<one>{_ONE}) (?:gets|has|receives) (?:a |an |my |our )?(?:(?:clear|firm|definite|hard|big|flat) )?"
            rf"(?:no|thumbs[- ]down|-1|minus one|veto|rejection|refusal|red light){_OWN}"
        ),
        rf"(?P<one>{_ONE})(?: is|'s)? not (?:approved|accepted){_OWN}",
        (
            rf"(?:i(?:'m| am)|we(?:'re| are)) (?:hereby )?(?:rejecting|declining|refusing|denying|vetoing|turning down)"
            rf" (?P<one>{_ONE})(?: one)?"
        ),
        rf"(?:(?:i|we) )?(?:refuse|turn down) (?P<one>{_ONE})(?: one)?",
        rf"(?:(?:i|we) (?:hereby )?)?turn (?!it\b)(?P<one>{_ONE})(?: one)? down",
        rf"(?:i(?:'m| am)|we(?:'re| are)) turning (?P<one>{_ONE})(?: one)? down",
    ),
    "approve": (
        rf"(?:you have|you've got|you got) (?:my|our) {_GIVEN}{_FOR}",
        rf"(?P<one>{_ONE}) (?:gets|has|got) (?:my|our|an?|the)?\s*{_GIVEN}{_OWN}",
        rf"(?:a )?(?:\+1|plus one|thumbs[- ]up|green light|go[- ]ahead|approval|sign[- ]?off){_OWN}{_FOR}{_OWN}",
        rf"(?:i(?:'m| am)?|we(?:'re| are)?) (?:hereby )?(?:sign|signing|signed) off on (?P<one>{_ONE})(?: one)?",
        rf"(?:it's |it is |this is |that's )?signed off{_OWN}",
        rf"(?:i(?:'m| am)|we(?:'re| are)|i|we) (?:hereby )?(?:giving|give) (?P<one>{_ONE}) (?:my|our|an?|the) {_GIVEN}",
        rf"(?:(?:i|we) (?:hereby )?)?accept (?P<one>{_ONE})(?: one)?",
        rf"(?:please )?consider (?P<one>{_ONE}) (?:as )?approved",
        rf"(?P<one>{_ONE})(?:'s| is|:)? (?:hereby |now )?approved{_OWN}",
        rf"(?:(?:i|we)(?:'ve| have)? )?{_LOOKED} {_ONE}(?: and|,)? (?:i )?(?:hereby )?approved?(?: (?P<one>{_ONE}))?",
    ),
}  # fmt: skip
# Why somebody turns something down may be said with it; what else is said with a yes may be a condition.
# What makes it no refusal: it is put off, meant as a joke, or the person is not able or allowed to agree.
_UNDECIDED = (
    r"(?:if|unless|until|till|once|yet|before|maybe|perhaps|possibly|might|later|tomorrow|tonight|soon|whether|or|"
    r"kidding|joking|jokes?|jk|never ?mind|but|though|however|(?:not )?sure|think|guess|"
    r"rights?|permissions?|permitted|allowed|authori[sz]ed|able|access|roles?|reviewer|author|my own|myself|buttons?|"
    r"logged|log(?:in)?|password|phone|error|screen|link|someone else|somebody else)"
)
_WHY = {
    "reject": rf"(?:(?:\s*[,:;–-]|\s+(?:because|as|since))\s(?!.*\b{_UNDECIDED}\b).*)?",
    "approve": "",
}
_CLOSING = r"(?P<end>\W*(?:(?:thanks|please|now)\W*)?)"
_SENTENCE = seldom(r"[^.!?;\n]*[.!?;\n]+\s*|[^.!?;\n]+$")
_LONGEST, _MOST = 120, 480


def _each(forms: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    return ((verb, form) for verb, ways in forms.items() for form in ways)


_ACTS: Sequence[tuple[str, Seldom]] = tuple(
    (verb, seldom(rf"(?<![\w'-])(?:{form}){_END}", re.IGNORECASE)) for verb, form in _each(_FORMS)
)
_DECISIONS: Sequence[tuple[str, Seldom]] = tuple(
    (verb, seldom(rf"(?P<lead>\W*{_LEAD}){form}{_WHY[verb]}{_CLOSING}", re.IGNORECASE))
    for verb, form in _each(_DECIDING)
)


def as_acted(text: str) -> str:
    """The text with acts and decisions put as their verb."""
    for verb, form in _ACTS:
        text = form.sub(_Ordered(verb), text)
    return "".join(map(_decided, _SENTENCE.findall(text))) if len(text) <= _MOST else text


class _Ordered:
    """Puts an act as its verb, with what it is about and where."""

    def __init__(self, verb: str) -> None:
        self._verb = verb

    def __call__(self, found: re.Match[str]) -> str:
        place = (found.groupdict().get("place") or "").strip()
        return " ".join(part for part in (self._verb, found["what"] or "it", place) if part)


def _decided(sentence: str) -> str:
    """A sentence that is nothing but a decision, put as one; every other as it is."""
    plain = sentence.replace("’", "'")
    if len(plain) > _LONGEST or "?" in plain:
        return sentence
    for verb, form in _DECISIONS:
        if (found := form.fullmatch(plain)) is not None:
            one = found.groupdict().get("one") or "it"
            return f"{found['lead']}{verb} {one}{found['end']}"
    return sentence
