"""Turns of phrase about what is there, put in the words that the grammar knows: another name said as a judgement, what
goes or moves by itself, how many less, who may come in, all but what was said to stay.

Each of them is one way to say one thing, and changes nothing where its words do not stand as they do in it.
"""

from __future__ import annotations

import re

from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.seldom import seldom

_NAME = r"[\"'`]?(?P<name>[A-Za-z][\w.-]*)[\"'`]?"
_WHO = r"(?P<who>(?:the |our |my )?[\w.-]+(?: (?:server|vm|box|database|db|cache|queue|machine|container|service))?)"
_BY_NAME = seldom(
    rf"\b{_WHO} (?:should|shall|must|will|is to) go by (?:the name(?: of)? )?{_NAME}", re.IGNORECASE
)
_SILLY_NAME = seldom(
    rf"\b{_WHO} is (?:a|an|such a|not a|no) [\w -]{{0,30}}?name\s*[,;:.–-]+\s*(?:please |so |and |but |let's )*"
    rf"(?:make|call|name|rename|change|let's call) (?:it|that)(?: to| into)? {_NAME}",
    re.IGNORECASE,
)
_LESS = seldom(
    r"^(?P<lead>\W*(?:(?:please|ok|and|so|make it|let['’]?s have|we|i|you|can|could|should|make do with|"
    r"live with|do with|"
    r"need|want|use|run|have|get by with|manage with)\W+)*)(?P<number>\d+|an?|one|two|three|four|five) "
    r"(?P<what>(?!(?:gigs?|gb|more|less|or|v?cores?|v?cpus?|gpus?)\b)[a-z][\w-]*(?: (?!less|"
    r"fewer)[a-z][\w-]*){0,2}) (?:less|fewer)"
    r"(?P<end>(?: please| pls| thanks)?\s*[.!]*)$",
    re.IGNORECASE,
)
_LET_IN = seldom(
    r"\blet (?:people|users|customers|clients|anyone|anybody|everyone|everybody|the world|the public|guests|visitors) "
    r"(?:reach|access|get to|get at|get into|use|see|connect to|visit|open) (?P<who>(?:the |our |my "
    r")?[\w.-]+(?: \w+)?) "
    r"(?:from|over|via|through|on) (?:the )?(?:public )?(?:internet|outside(?: world)?|anywhere|web)\b",
    re.IGNORECASE,
)
_KEPT = (
    r"(?:(?:please )?(?:don['’]?t|do not) (?:touch|change|alter|modify|resize) (?P<kept>[^,.;]+)|"
    r"leave (?P<left>[^,.;]+?) (?:alone|as (?:it|they) (?:is|are)|as is|untouched|unchanged|in peace)|"
    r"(?P<stays>[\w.-]+(?: and [\w.-]+)?) (?:stays?|remains?)(?: (?:as (?:it|they) (?:is|are)|as is|the "
    r"same|unchanged))?)"
)
_THE_REST = seldom(
    rf"^\W*{_KEPT}\s*[,.;–-]+\s*(?:but |and |just |then )*"
    r"(?P<order>[^.;]*?)\b(?:everything else|all the rest|the rest|all (?:the )?others?)\b(?P<after>[^.;]*)$",
    re.IGNORECASE,
)
_ON_ALL = seldom(
    r"^(?P<lead>\W*(?:(?:please|now|ok)\W+)*)(?P<all>everything|all (?:of )?(?:the |our |my )?[\w-]+) (?P<on>on|onto) ",
    re.IGNORECASE,
)


_RELEASED = seldom(
    r"\b(?:release|ship|roll out|push(?: out)?|deploy) (?:version |release )?v?(?P<version>\d+(?:\.\d+)+) "
    r"(?:of|for|on|to) "
    r"(?P<who>(?:the |our )?[\w.-]+(?:(?:, | and |, and )(?:the )?[\w.-]+)*)",
    re.IGNORECASE,
)
# "Scratch mysql, make that postgres": what follows takes its place; "scratch that, make it 4" corrects a number.
_SCRATCHED = seldom(
    r"\b(?:scratch|scrap|forget|ditch|strike) (?:the )?(?!that\b|it\b|this\b|about\b|all\b|everything\b)"
    r"(?P<old>[a-z][\w.-]*)\s*[,;–-]+\s*(?:(?:and|then|just) )?(?:make (?:that|it)|use|take|go with)\s+"
    r"(?P<new>(?:an? |the )?[a-z][\w.-]*)(?: instead)?(?=\W*$|\s*[,.;])",
    re.IGNORECASE,
)


_TAKEN_TO = seldom(
    r"(?P<lead>^\W*|[.!?;,\n]\s*(?:and |then )?|\b(?:and|please|pls|then) )(?:take|bring) "
    r"(?P<who>(?!down|up|out|it all|everything)(?:the |our |my )?[\w.-]+(?: [a-z]+)?) to "
    r"(?P<to>(?:\d+|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?!\.\d))",
    re.IGNORECASE,
)
# "Names are romulus and remus", "sorry, typo, the name should be relay-1": of what was spoken of, and of nothing else.
_NAMES_ARE = seldom(
    r"^\W*(?:(?:sorry|sry|oops|oh|and|ok|okay|typo|my bad|my mistake|wait|no|actually|the|their|its)\W+)*"
    r"names?\s*(?:(?:is|are|should(?: be)?|must be|will be|shall be)\s+|:\s*)"
    r"(?P<names>['\"]?[\w.-]+['\"]?(?P<more>(?:(?:\s*,\s*|\s+)(?:and\s+)?['\"]?[\w.-]+['\"]?)*?))"
    r"(?:\W+(?:please|pls|then|thanks))*\W*$",
    re.IGNORECASE,
)
# "It needs a name, customers": what it is to be called.
_NEEDS_NAME = seldom(
    r"\b(?:give (?P<who>it|them|the [\w-]+|[\w.-]+)|(?P<whom>it|they|the [\w-]+) (?:still |also )?"
    r"(?:needs?|wants?|gets?|should (?:have|get))) (?:an? )?(?:(?:proper|better|nice|new|real|good|decent) )?names?"
    r"\s*[,:–-]\s*(?:(?:say|maybe|like|call it|for example|e\.g\.)\s+)?(?P<name>[\"'`]?[a-z][\w.-]*[\"'`]?)"
    r"(?=\W*$|\s*[.;!])",
    re.IGNORECASE,
)
_AMOUNT = r"(?P<amount>\d+(?:\.\d+)?\s?(?:[kmgt]i?b?|gigs?)?|one|two|three|four)"
_SIZED = r"(?:memory|ram|storage|disk(?: space)?|space|cpus?|cores|vcpus?)"
# "The db doesn't need that much memory, 2GB will do": not that it goes.
_LESS_NEEDED = seldom(
    rf"\b(?P<who>(?:the |our |my )?[\w.-]+(?: (?!does|do\b)[\w-]+)?) (?:really |surely |just )?"
    rf"(?:does|do)(?:n['’]?t| not) (?:really |actually |even )?(?:need|use|require) "
    rf"(?:(?:all )?(?:so|that|as|this|quite so|quite that|all that)(?: (?:much|many|big|large))(?: (?:of )?"
    rf"(?P<what>{_SIZED}))?|(?P<old>\d+\s?(?P<unit>[kmgt]i?b|gigs?))(?: (?:of )?(?P<which>{_SIZED}))?)\s*"
    rf"(?:[,.;:]|\s[–—-]|\band\b|\bso\b)\s*(?:(?:and|so|i think|i guess|just|make it|give it|let['’]?s say)\s+)*"
    rf"{_AMOUNT}(?: (?:of )?(?P<late>{_SIZED}))?(?: (?:is|are|will|would|should|might|ought to)\b(?: be)?"
    rf"(?: (?:more than|quite|just|totally))? (?:do|enough|fine|plenty|ok|okay|sufficient|suffice|good|work)|"
    rf" suffices?| please| does it)?(?=\W*$|\s*[.;!])",
    re.IGNORECASE,
)
_TOO_MUCH = (
    r"\b(?:we|i|you) (?:really |actually )?do(?:n['’]?t| not) (?:really |actually |even )?need "
    r"(?:(?:all )?that|so|as|this) "
)
_THEN = r"\s*(?:[,.;:]|\s[–—-])\s*(?:(?:and|so|just|make it)\s+)*"
_WILL_DO = r"(?: (?:is|are|will|would|should)\b(?: be)? (?:do|enough|fine|plenty|ok|okay|sufficient|suffice))"
# "We don't need so much memory on the db", "… that many web servers, one is enough": less of it, and not that it goes.
_SO_MUCH = seldom(
    rf"{_TOO_MUCH}(?:much|many) (?:of )?(?P<what>{_SIZED}) (?P<on>for|on|in|of) (?P<who>(?:the |our |my )?[\w.-]+)"
    rf"(?:{_THEN}{_AMOUNT}{_WILL_DO}?)?(?=\W*$|\s*[.;!])",
    re.IGNORECASE,
)
_SO_MANY = seldom(
    rf"{_TOO_MUCH}many (?P<who>(?!{_SIZED}\b)[a-z][\w-]*(?: [a-z][\w-]*)?){_THEN}"
    rf"(?P<many>\d+|{COUNTING})(?: (?:of them|ones?))?{_WILL_DO}?(?=\W*$|\s*[.;!])",
    re.IGNORECASE,
)
# "Grafana to keep an eye on our hosts": what is watched is no place to run at, and nothing that is wanted.
_WATCHED = (
    r"(?:(?:all|both|each|every|any)(?: (?:of )?(?:the|our|my|these|those|your))?|the|our|my|these|those|your|their) "
    r"(?:(?!and\b|with\b|on\b)[\w-]+ ){0,2}?"
    r"(?:hosts?|servers?|machines?|box(?:es)?|vms?|nodes?|computers?|containers?|services?|systems?|infra(?:structure)?|"
    r"networks?|clusters?|fleet|homelab|lab|stuff|things|estate|websites?|sites?|devices?|apps?|applications?|"
    r"databases?|gear|hardware|kit|setup|environment|racks?)|everything(?: else)?|it all|them(?: all)?"
)
_WATCHING = seldom(
    r"(?P<before>[\w)]+),? (?:(?:(?:that|which|who) (?:can |will |should )?|to |can |for |and (?:let it |have it )?)"
    r"(?:keeps?|keeping) (?:an? |a close )?(?:eye|watch|tabs) (?:on|over)|keeping an eye on|watching over|"
    r"(?:(?:that|which) (?:can |will |should )?|to )"
    r"(?:watch(?:es)?(?: over)?|monitors?|supervises?|observes?|oversees?|looks? after|checks? (?:up )?on|tracks?)|"
    r"for (?:monitoring|watching|observing|supervising)|(?:monitoring|watching|observing|looking after)) "
    rf"(?:{_WATCHED})(?:,? and (?:{_WATCHED}))*(?! (?:that|which|with|is|are|has|have|from|in|and|running|"
    r"called|named)\b)(?=\W|$)",
    re.IGNORECASE,
)
# Who wants to watch something has not said with what.
_WISHING = frozenset(
    "want wants like need needs have had love has how able trying try way wish prefer going is are us me it i we start "
    "something anything tool".split()
)
_WE = frozenset("we i you they one people users".split())


def turned(message: str) -> str:
    """The message with such turns of phrase put plainly."""
    message = _TAKEN_TO.sub(r"\g<lead>set \g<who> to \g<to>", message)
    message = _BY_NAME.sub(r"\g<who> should be called \g<name>", message)
    message = _SILLY_NAME.sub(r"rename \g<who> to \g<name>", message)
    if (named := _NAMES_ARE.match(message)) is not None and _is_list(named["more"]):
        return f"call {'them' if named['more'] else 'it'} {named['names']}"
    message = _WATCHING.sub(_unwatched, message)
    message = _NEEDS_NAME.sub(_called, message)
    message = _LESS_NEEDED.sub(_lessened, message)
    message = _SO_MANY.sub(r"scale the \g<who> to \g<many>", _SO_MUCH.sub(_lower, message))
    message = _SCRATCHED.sub(r"replace \g<old> with \g<new>", message)
    message = _LESS.sub(r"\g<lead>\g<number> fewer \g<what>\g<end>", message)
    message = _RELEASED.sub(r"upgrade \g<who> to \g<version>", message)
    message = _LET_IN.sub(r"make \g<who> public", message)
    message = _ON_ALL.sub(r"\g<lead>put \g<all> \g<on> ", message)
    return _THE_REST.sub(_but_kept, message)


def _unwatched(found: re.Match[str]) -> str:
    return found[0] if found["before"].casefold() in _WISHING else found["before"]


def _called(found: re.Match[str]) -> str:
    return f"call {found['who'] or found['whom']} {found['name']}".replace(
        "call they ", "call them "
    )


def _lessened(found: re.Match[str]) -> str:
    """`The db doesn't need 4GB, 2 is enough`: what it gets instead, in the unit that was said before."""
    who = "it" if found["who"].casefold() in _WE else found["who"]
    what = found["what"] or found["which"] or found["late"]
    bare = found["unit"] and found["amount"].isdigit()
    amount = f"{found['amount']}{found['unit']}" if bare else found["amount"]
    return f"set the {what} of {who} to {amount}" if what else f"set {who} to {amount}"


def _lower(found: re.Match[str]) -> str:
    amount = f" to {found['amount']}" if found["amount"] else ""
    return f"decrease the {found['what']} of {found['who']}{amount}"


def _is_list(more: str) -> bool:
    """Whether names stand one beside the other: all after a comma or an "and"."""
    return not re.sub(
        r"\s*(?:,\s*(?:and\s+)?|\s+and\s+)['\"]?[\w.-]+['\"]?", "", more, flags=re.IGNORECASE
    ).strip()


def _but_kept(found: re.Match[str]) -> str:
    kept = (found["kept"] or found["left"] or found["stays"]).strip()
    return f"{found['order']}everything except {kept}{found['after']}"
