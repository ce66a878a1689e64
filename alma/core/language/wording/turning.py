"""Turns of phrase about what is there, put in the words that the grammar knows: another name said as a judgement, what
goes or moves by itself, how many less, who may come in, all but what was said to stay.

Each of them is one way to say one thing, and changes nothing where its words do not stand as they do in it.
"""

from __future__ import annotations

import re

from alma.core.language.words.amounts import AMOUNT, COUNTING, UNIT
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
# "Two workers fewer would be ok", "2 workers more will do": by how many, and no number of them.
_BY_SO_MANY = seldom(
    rf"^(?P<lead>\W*(?:(?:i (?:think|guess|believe)|maybe|perhaps|probably|for now|please|ok|so|and)\W+)*)"
    rf"(?P<number>{COUNTING}|an?|\d{{1,3}}) (?P<what>(?!(?:gigs?|gb|v?cores?|v?cpus?|gpus?)\b)[a-z][\w-]*) "
    rf"(?P<way>less|fewer|more)(?:\W+(?:please|pls|thanks)|"
    rf" (?:is|are|would|will|should|might|wo(?:uld)?n['’]?t|may)\b(?: not)?[a-z '’]*)\s*[.!]*$",
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
    r"(?P<order>[^.;]*?)\b(?:everything else|all the rest|the rest|(?:all|the|"
    r"all the) others?(?! \w+ of))\b(?P<after>[^.;]*)$",
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
    r"(?:hosts?|servers?|machines?|box(?:es)?|vms?|nodes?|computers?|containers?|services?|systems?|"
    r"infra(?:structure)?|"
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
# "Knock 2 gigs off matrix", "lop a core off of it", "put 2GB on top for it": whatever the verb, what follows gets
# less or more.
_KNOCKED = seldom(
    rf"(?P<lead>^\W*|[.!?;,:\n]\s*|\b(?:and|then|please|pls|can you|could you|let['’]?s|just|to|so|now|we|i|you) )"
    rf"(?!(?:is|are|was|were|has|have|had|with|for|at|to|the|keep|leave)\b)[a-z]+ "
    rf"(?P<much>(?:another )?(?:{AMOUNT}|(?:{COUNTING}|an?|half an?) {UNIT}|"
    rf"(?:{COUNTING}|an?) (?:giga|mega|tera)bytes?)(?: of (?:ram|memory|disk|storage|space))?) "
    rf"(?:off(?: of)?|away from|out of) (?=(?:the |its |their |our |my )?[\w.-])",
    re.IGNORECASE,
)
# "Put 2 gigs on top for matrix": more of what there is.
_ON_TOP = seldom(
    rf"\b(?:put|add|slap|stick|throw|give) (?:another |an extra )?(?P<much>{AMOUNT}) on top (?:for|of|on|to) "
    r"(?P<who>(?:the |our |my )?(?!that\b|this\b|it\b)[\w.-]+)",
    re.IGNORECASE,
)
# "Matrix can lose 2 gigs", "api could spare a core": so much less.
_LOSING = seldom(
    rf"\b(?P<who>(?:the |our |my )?[\w.-]+) (?:can|could|may|should|must|has to|will) (?:easily |well |surely |"
    rf"happily |"
    rf"probably |also )?(?:lose|spare|give up|do without|hand back|give back) "
    rf"(?P<much>{AMOUNT}|(?:{COUNTING}|an?) {UNIT})(?=\W*$|[.;,!]| (?:please|again|of|too)\b)",
    re.IGNORECASE,
)
_THING = r"(?:thing|one|box|server|machine|vm|container|service|database|db|cache|queue|cluster)"
_OWNER = rf"(?:(?:the |our |my |this )[\w.-]+(?: {_THING})?|[A-Za-z][\w.-]*)"
# "Our cluster's new name is orion", "new name for the cluster: orion", "the cluster gets the name orion".
_NEW_NAME = seldom(
    rf"(?:\b(?P<who>{_OWNER})(?:'s|’s) (?:new |future )?name (?:is|will be|should be|shall be)(?: now)?|"
    rf"(?:\bthe |\bour )?\bnew name (?:for|of) (?P<whom>{_OWNER})\s*(?:[:=]|is|will be|should be)|"
    rf"\b(?P<whose>{_OWNER}) (?:now )?(?:gets|receives|takes|goes by|will go by) (?:the )?(?:new )?(?:name|"
    rf"by)?(?: of)?|"
    rf"(?P<its>^\W*its|^\W*the) new name (?:is|will be|should be))\s+{_NAME}(?: (?:from )?now(?: on)?)?(?=\W*$|"
    rf"\s*[.;!,])",
    re.IGNORECASE,
)
# "Can we name this thing dns01 instead?": what there is, and nothing by that word.
_NAME_THIS = seldom(
    rf"\b(?P<verb>name|call) (?:this|that|the) {_THING} (?P<name>[\"'`]?(?!is\b|was\b|that\b)[A-Za-z][\w.-]*[\"'`]?) "
    rf"instead\b",
    re.IGNORECASE,
)
# "I need four of those in total": how many there are to be.
_IN_TOTAL = seldom(
    rf"^\W*(?:(?:i|we)(?:['’]d)? (?:need|want|like|have|would like)(?: to have)? |(?:please |let['’]?s )?have )?"
    rf"(?P<number>\d{{1,3}}|{COUNTING}) of (?:those|them|these|it|that) (?:in total|altogether|overall|in all|all told)"
    rf"(?: please)?\W*$",
    re.IGNORECASE,
)
# "Three Ubuntu VMs on top of that, 2GB each": new ones, beside what is there.
_BESIDE = seldom(
    rf"^\W*(?:(?P<many>(?:\d{{1,3}}|{COUNTING}|an?) [^,.;:!?]+?) on top (?:of (?:that|this|it))"
    rf"(?P<after>[,;:]?[^.?!]*)|"
    rf"(?:besides|on top of|apart from|in addition to) (?:that|this|it),? (?P<new>(?:\d{{1,3}}|{COUNTING}|an?) "
    rf"[^.?!]*))[.!]*$",
    re.IGNORECASE,
)
# "Remove any of the vms" is one of them; "give it 8GB each" is of all that it is.
_ANY_OF = seldom(
    r"\b(?P<verb>remove|delete|drop|kill|scrap|ditch) any (?:one )?of (?=the\b|them\b|these\b|those\b|my\b|our\b)",
    re.IGNORECASE,
)
_IT_EACH = seldom(rf"\b(?P<order>give it {AMOUNT}) (?:each|apiece)\b", re.IGNORECASE)
# "Pages load slowly; memcached might help so let's add it": what would help is what is wanted.
_WOULD_HELP = seldom(
    r"^(?:[^.;!?]*?(?:[,.;:]|\s[–—-])\s+)?(?:(?:i (?:heard|read|think|guess|believe)|maybe|perhaps|so|"
    r"apparently)(?: that)? )*"
    r"(?P<what>(?:an? )?[a-z][\w-]*(?: (?:cache|database|queue|server|balancer|proxy))?) (?:might|could|may|"
    r"would|should) "
    r"(?:probably |really )?(?:help|fix|speed|solve|ease|improve|cure)\b[^.;!?,]*?[,;.–-]*\s*(?:(?:so|and|then)\s+)*"
    r"(?:let['’]?s|please|we should|can you|could you)?,?\s*(?:add|put|install|set up|get|use) (?:it|one|that)"
    r"(?: in| up| please)*\W*$",
    re.IGNORECASE,
)
# "200GB of storage should last us for a while": that is how much is wanted.
_WILL_LAST = seldom(
    rf"\b(?P<much>(?:{AMOUNT}|\d+ gigabytes|[a-z]+ hundred (?:gigs|gigabytes)|{COUNTING} (?:gigs|terabytes?))"
    rf"(?: of (?:disk|storage|space|memory|ram)(?: space)?)?) (?:should|will|would|ought to|must) (?:probably |"
    rf"surely )?"
    rf"(?:last|keep (?:us|me) going|be good|carry (?:us|me))(?: us| me| it| them)?(?: for)?"
    rf"(?: (?:an?|some|the next|quite a|another|now|long)(?: [a-z]+)?)?(?=\W*$|[.;!])",
    re.IGNORECASE,
)
# "Git is slow, 4 cpus and 8GB for it": two amounts that are for the same.
_BOTH_FOR = seldom(
    rf"(?P<lead>^\W*|[.;,:]\s+|\s[–—-]\s)(?P<much>{AMOUNT} and {AMOUNT}) for (?P<who>(?:the |our |my )?[\w.-]+)"
    rf"(?=(?: please| pls)?\W*$)",
    re.IGNORECASE,
)
_WE = frozenset("we i you they one people users".split())


def turned(message: str) -> str:
    """The message with such turns of phrase put plainly."""
    message = _KNOCKED.sub(r"\g<lead>take \g<much> off ", message)
    message = _BY_SO_MANY.sub(_by_so_many, message)
    message = _NEW_NAME.sub(_renamed, _NAME_THIS.sub(r"\g<verb> it \g<name>", message))
    message = _IN_TOTAL.sub(r"make it \g<number> in total", message)
    message = _BESIDE.sub(_added, _WOULD_HELP.sub(r"add \g<what>", message))
    message = _ANY_OF.sub(r"\g<verb> one of ", _IT_EACH.sub(r"\g<order>", message))
    message = _BOTH_FOR.sub(r"\g<lead>give \g<who> \g<much>", message)
    message = _WILL_LAST.sub(r"\g<much> is enough", message)
    message = _ON_TOP.sub(r"give \g<who> \g<much> more", message)
    message = _LOSING.sub(r"take \g<much> off \g<who>", message)
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


def _by_so_many(found: re.Match[str]) -> str:
    """`Two workers fewer would be ok`: as an order that says by how many."""
    number = "one" if found["number"].casefold() in {"a", "an"} else found["number"]
    if found["way"].casefold() == "more":
        return f"add {number} more {found['what']}"
    return f"scale {found['what']} down by {number}"


def _renamed(found: re.Match[str]) -> str:
    who = found["who"] or found["whom"] or found["whose"]
    return f"rename {who} to {found['name']}" if who else f"call it {found['name']}"


def _added(found: re.Match[str]) -> str:
    what = found["new"] or found["many"]
    number, _, rest = what.partition(" ")
    fresh = "" if number.casefold() in {"a", "an"} else "new "
    return f"add {number} {fresh}{rest}{found['after'] or ''}"


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
