"""Follow-ups in the shorthand of people who know what they speak of, put in full: "more workers, 6", "api 2 cores x3",
"CHG-1042: worker replicas 2 => 4", "web and api get one more instance each", "backup X daily and Y hourly".

Only the wording changes: what it asks for is read from the full form like from any other message.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from alma.core.language.changing.targets import plays, stem
from alma.core.language.followups.anchors import tiers
from alma.core.language.followups.caps import capped
from alma.core.language.followups.environments_apart import environments_apart
from alma.core.language.followups.grounds import without_grounds, without_story
from alma.core.language.followups.handing_on import handed_on
from alma.core.language.followups.kinds_said import kinds_in_full
from alma.core.language.followups.mentions import mentions
from alma.core.language.followups.only_public import only_public
from alma.core.language.followups.same_place import placed
from alma.core.language.followups.taken_up import plainer
from alma.core.language.followups.versions_back import versions_back
from alma.core.language.vocabulary.defaults import listed
from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.wording.cloning import cloning
from alma.core.language.words.amounts import COUNTING
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import COMPUTE, Blueprint

_N = rf"(?:\d+|{COUNTING}|a dozen)"
_COPIES = (
    r"(?:instances?|replicas?|copies|copy|servers?|machines?|nodes?|pods?|ones?|boxe?s?|tasks?)"
)
_LEAD = r"(?:(?:ok|okay|oh|and|also|so|well|hmm|hm|yes|no|please|pls|now|then|actually|hey|but)\b[\s,.:;!-]*)*"
_ENDING = r"(?:[\s,]*\b(?:please|pls|plz|thanks|thx|then|now))*[\s.!]*$"
_SCHEDULE = r"(?:daily|hourly|weekly|nightly|monthly|every (?:day|night|hour|week|month))"
_TICKET = seldom(
    r"^\W*(?:(?:ticket|change|task|issue|case|story|jira|re|fwd?)\b[\s:#]*)?\[?"
    r"(?P<id>(?P<kind>[A-Z][A-Z0-9]{1,9})-\d{2,})\]?(?:\s*[:;–—|]\s*|\s+[-–—]\s+|(?<=\])\s+)(?=\S)"
)
_MORE_OF = seldom(
    rf"^(?P<lead>{_LEAD}(?:(?:we|i|it|they|the [\w-]+|[\w-]+)(?:['’](?:ll|d))?\s+)?"
    r"(?:(?:(?:really|will|would|should|might|also|still|definitely|probably|have to|are going to)\s+)*"
    r"(?:needs?|wants?|gets?|have|like)\s+)?)"
    r"(?<!the )(?P<way>more|fewer|less|bigger|larger|smaller)\s+(?P<what>[a-z][\w -]{1,40}?)"
    r"(?P<of>\s+(?:for|on|in|of)\s+[\w -]+?)?\s*(?:[,;:]|\s[-–—]|\.\s)\s*"
    r"(?:(?:let'?s|say|make|it|that|put|go|with|to|take|give|them|use|set|like|maybe|so|at|least|about|around|"
    r"we|i|need|"
    r"want|should|be|have)\s+)*"
    rf"(?P<much>{_N}\s*(?:[kmgt]i?b?|gigs?)?){_ENDING}",
    re.IGNORECASE,
)
_SIZED = seldom(r"\b(?:memory|ram|mem|disk|storage|space|disc|ssd|hdd|volume)\b", re.IGNORECASE)
_TOPIC = seldom(
    r"\b(?P<who>(?:the|our|my)\s+[\w-]+)\s*,?\s+(?:it|they)\s+"
    r"(?=(?:also |really |still |now )?(?:needs?|should|must|has to|have to|wants?|gets?|ought)\b)",
    re.IGNORECASE,
)
_EACH = seldom(
    rf"^{_LEAD}(?P<who>[\w, &-]+?)\s+(?:should |must |can |could |both |each |all )*"
    rf"(?:get|gets|needs?|wants?|haves?|receive|use)\s+(?:each\s+)?(?P<much>{_N}|another|an?)\s+"
    rf"(?P<more>(?:more|extra|additional|other)\s+)?(?P<what>{_COPIES})?(?P<late>\s*more)?(?P<each>\s+each|\s+apiece)?"
    rf"{_ENDING}",
    re.IGNORECASE,
)
_EACH_FOR = seldom(
    rf"^{_LEAD}(?:add\s+)?(?P<much>{_N}|another|an?)\s+(?P<more>(?:more|extra|additional)\s+)?(?P<what>{_COPIES})\s+"
    rf"(?:each|apiece)\s+(?:for|to|of)\s+(?P<who>[\w, &-]+?){_ENDING}",
    re.IGNORECASE,
)
_ALL_TIERS = seldom(
    rf"^{_LEAD}(?:(?:scale|set|bring|put|make|take|run)\s+)?(?:all|every|each)(?:\s+of)?(?:\s+(?:the|our|my|{_N}))*"
    r"(?:\s+(?:app|application|web|compute|service))?\s+(?:tiers?|services?|apps?|layers?|components?|groups?)"
    rf"(?:\s+(?:up|down))?\s+(?:to|at|with|have|get|gets|should have|need|needs|=)\s+(?P<much>{_N})"
    rf"(?:\s+(?:{_COPIES}|each|apiece))*{_ENDING}",
    re.IGNORECASE,
)
_TIMES = seldom(
    rf"^{_LEAD}(?P<who>[A-Za-z][\w.-]*)\s*[:,]?\s+(?P<rest>\S.*?\s+)??(?:[x×*]\s?(?P<n>\d+)|(?P<m>\d+)\s?[x×])"
    rf"(?P<after>\s*[,:]?\s+\S.*)?{_ENDING}",
    re.IGNORECASE,
)
_FROM_TO = seldom(
    rf"^{_LEAD}(?:(?:scale|set|change|bump)\s+)?(?P<who>[A-Za-z][\w.-]*)(?:'s)?\s+(?:{_COPIES}|count|scale)\s*[:=]?\s*"
    rf"(?:from\s+)?\d+\s*(?:=>|->|-->|→|>|to)\s*(?P<n>\d+){_ENDING}",
    re.IGNORECASE,
)
# "Go from 1 control plane node to 3": what both numbers are of.
_FROM_MEMBERS = seldom(
    rf"\bfrom {_N} (?P<what>(?:control[ -]plane|master|worker|agent)s?(?: nodes?)?) to (?P<new>{_N})\b"
    r"(?! (?:control|master|worker|agent))",
    re.IGNORECASE,
)
_BACK_TO = seldom(
    r"\b(?P<order>(?:set|put|bring|take|turn|scale|change|go|switch|move|get)\s+(?:[\w'-]+\s+){1,5}?)back\s+"
    r"(?:down\s+|up\s+)?to\s+(?=(?:just\s+|only\s+)?(?:\d|one\b|two\b|three\b|four\b))",
    re.IGNORECASE,
)
_FURTHER = seldom(
    rf"\b(?P<many>{_N}) (?:extra|additional|further) (?!(?:small|large|big|tiny|cheap|fast|strong|safe)\b)(?=[a-z])",
    re.IGNORECASE,
)
_NEW_ONE = seldom(
    r"\b(?:clone|copy|duplicate|replicate) (?:the )?(?P<who>[\w.-]+)\s*[,.;:–-]?\s*(?:and )?(?:the |its )?"
    r"(?:(?:new|second|other)(?: one)?|clone|copy|duplicate|twin)(?:'s name)? "
    r"(?:is|should be|will be|gets|shall be|becomes)(?: called| named| to be called)? "
    r"[\"'`]?(?P<name>[A-Za-z][\w.-]*)[\"'`]?",
    re.IGNORECASE,
)
_ADDRESS = seldom(
    r"\b(?:the )?(?P<who>[\w.-]+?)(?:'s|’s)? (?:new )?(?:ip(?: address)?|address) (?:changes? to|becomes|"
    r"is now|should (?:now )?be|"
    r"must be|will be|moves to|is going to be|has to be|needs to be|has changed to) (?P<ip>\d+\.\d+\.\d+\.\d+)\b",
    re.IGNORECASE,
)
_NOT_BUT = seldom(
    r"^\W*(?:no|not|forget|skip) (?P<old>[\w-]+)\s*[,;–-]+\s*(?:but |rather |please |just )*(?:use|take|"
    r"go with|make it|"
    r"i want|we want|let['’]?s use|give me|i['’]?d like) (?P<new>[\w-]+)(?: instead| please)*\W*$",
    re.IGNORECASE,
)
_ONE_TIMES = seldom(r"(?<![\w.-])([A-Za-z][\w.-]*) (?:[x×]\s?(\d+)|(\d+)\s?[x×])", re.IGNORECASE)
_TIMES_EACH = seldom(
    rf"\W*(?:(?:run|scale|make|set|have|let['’]?s have|i want|we need) )?{_ONE_TIMES.pattern}"
    rf"(?:(?:, ?(?:and )?| and ){_ONE_TIMES.pattern})+\W*",
    re.IGNORECASE,
)
_REPLICATED = seldom(
    r"\breplicate (?=(?:the )?[\w.-]+ (?:as|into|under the name)\b)", re.IGNORECASE
)
_SWAPPED_PORT = seldom(
    r"\b(?:swap|replace|exchange|change) port (?P<old>\d+) (?:of|on) (?P<who>(?:the )?[\w.-]+) "
    r"(?:for|with|by|to) (?:port )?(?P<new>\d+)",
    re.IGNORECASE,
)
_NICER = seldom(
    r"\b(?P<new>[\w-]+) (?:would be|is|might be|seems) (?:much |way |a lot )?(?:nicer|better|preferable|cooler|faster|"
    r"cheaper) than (?P<old>[\w-]+)(?= *(?:$|[.,;!]))",
    re.IGNORECASE,
)
_ALSO_PORTS = seldom(
    r"^(?P<who>[\w.-]+)\s*:?\s+also(?: on| open)?(?: ports?)? (?P<ports>\d{2,5}(?:(?:, ?(?:and )?| and | "
    r"& )\d{2,5})*)\W*$",
    re.IGNORECASE,
)
_OFTEN = seldom(
    rf"^(?P<who>[\w.-]+)\s*:\s*(?P<rest>(?:back(?:ups?|ed up) )?{_SCHEDULE}\b[^.;]*)$",
    re.IGNORECASE,
)
_ONE_LIKE = seldom(
    r"\b(?:(?:set up|add|create|spin up|launch|make|build|give me|i need|we need|i want|we want|get me) )?(?:an? )?"
    r"(?:second|another|additional|extra|further|third) (?P<who>[\w.-]+)(?: (?:server|box|vm|container|"
    r"service|instance))?\b"
    r"[^.;]*?\b(?:call(?:ed)?|name[d]?)(?: it)? [\"'`]?(?P<name>[A-Za-z][\w.-]*)[\"'`]?(?P<rest>[^.;]*)$",
    re.IGNORECASE,
)
_THAT_RUN = seldom(
    r"\b(?:all )?the (?P<what>[A-Za-z]+) (?:ones|boxes|vms|machines|servers|containers)\b",
    re.IGNORECASE,
)
_PROPERTY_OFF = seldom(
    r"^.*?\b(?P<what>public (?:ip|address|access)|backups?)\b.*?[.,;!?]+\s*(?:and |so |please |then |can "
    r"you |could you )*"
    r"(?:take|switch|turn|remove|drop|get|kill|lose|disable)(?: rid of)?(?: (?:it|that|them|those))?(?: "
    r"(?:away|off|out|down))?(?: please)?"
    r"[\s.!]*$",
    re.IGNORECASE,
)
_NO_ADDRESS = seldom(
    r"\b(?:remove|drop|delete|lose|strip|kill|ditch|detach|revoke|disable|take(?: away| off)?|get rid of|"
    r"(?:turn|switch) off)\s+(?:the |its |their |that |any )?"
    r"(?:public|external) (?:ip(?: address)?|address|access|exposure)"
    r"(?:\s+(?:away|off)(?!\s+(?:it|the|\w+-\d)))?(?:\s+(?:of|from|off|on|for)\s+(?P<what>(?:the |our |my )?[\w.-]+))?",
    re.IGNORECASE,
)
_THEM_OFF = seldom(  # "backups of scratch are pointless, switch them off"
    r"(?P<what>\b(?:the )?(?:backups?|public (?:ip|address)) (?:of|for|on) (?:the )?[\w.-]+)\b[^.;!?]*?"
    r"\b(?:switch|turn|take) (?:(?:them|it|those|that) off|off (?:them|it|those|that))\b",
    re.IGNORECASE,
)
_KEEPING = seldom(
    rf"(?P<verb>\bback(?:ing)?\s?up\b)(?P<first>[^.;]*?\b{_SCHEDULE})\s*(?:,\s*(?:and\s+|but\s+)?|\s+and\s+|\s+but\s+)"
    rf"(?!back|no\b)(?P<who>(?:the\s+)?[\w-]+(?:\s+[\w-]+)?)\s+(?P<when>{_SCHEDULE})",
    re.IGNORECASE,
)
# What people call a web tier, where its size is spoken of.
_SITE = seldom(
    r"(?<!a )(?<!an )(?<!new )(?<!another )(?<!second )\b(?:the |our |my )?(?:website|web ?site|site|"
    r"web ?page|homepage|web ?app(?:lication)?)(?:'s)?\b",
    re.IGNORECASE,
)
_OF_SIZE = seldom(
    r"\b(?:disk|memory|ram|cpus?|cores?|storage|space|bigger|smaller|instances?|replicas?|servers?)\b|\d\s?[kmgt]i?b\b|"
    r"\b\d+\s?gigs?\b",
    re.IGNORECASE,
)
_SUBJECT = seldom(
    rf"^(?P<lead>{_LEAD})(?P<who>[A-Za-z][\w-]*)"
    r"(?=\s+(?:(?:does|do|is|are|has|have)(?:n['’]?t| not)?|doesnt|isnt|no longer|"
    r"needs?|should|must|could|gets?|wants?|requires?|runs?|uses?)\b)",
    re.IGNORECASE,
)
_FORGET = seldom(
    rf"^{_LEAD}(?:(?:forget|skip|never ?mind|scrap|lose)(?:\s+about)?|"
    r"(?:do not|don['’]?t|no need to|needn['’]?t) (?:bother|fuss|worry)(?: with| about)?|no need for|"
    r"(?:we|i)(?: can| could| will|['’]ll) (?:do|live|manage|"
    r"cope) without)\s+(?:the\s+)?(?P<who>[A-Za-z][\w.-]*(?: balancer| queue| storage| cluster)?)"
    r"(?:\s*[,;.–-]\s+(?P<rest>.*)|\s+(?:please|then|again|after all|for now))?[\s.!]*$",
    re.IGNORECASE,
)
# What begins so is another wish, and no reason.
_ON = seldom(
    r"(?:(?:and|but|instead|please|then)\s+)*(?:(?:i|we)(?:['’]d|['’]ll| would| will)?(?: rather| really| just|"
    r" only| now)*"
    r" (?:want|need|like|love|prefer|have|use|take)\b|(?:let['’]?s|give|get|use|take|make|add|set|put|create|"
    r"deploy|bring|"
    r"rename|scale|remove|drop|double|move)\b)",
    re.IGNORECASE,
)
# "Strike that, debian", "check that, version 16 please": what follows counts.
_TAKEN_BACK = seldom(
    r"^\W*(?:(?:no|oh|sorry|wait|hm+|actually|ok)\W+)*(?:strike|check|belay|cancel) that"
    r"\s*[,;:–—…-]+\s*(?=(?!(?:please|pls|thanks|too|now|again|and then)\b)\w)",
    re.IGNORECASE,
)
# "… a mysql", "which by the way should have 50GB": said of what was named last.
_WHICH = seldom(
    r"^\W*(?:and |also )?which(?:,? (?:by the way|btw|also|of course|then|incidentally|"
    r"obviously|probably|too|both|all))*"
    r",? (?=(?:should|must|needs?|has to|have to|gets?|will need|would need|ought to|wants?)\b(?!.*\?))",
    re.IGNORECASE,
)
# "One of the two databases": how many there are is no number of what is wanted.
_OF_SO_MANY = seldom(
    rf"(?P<some>\b{_N} of (?:the|our|my|these|those)) {_N}(?= [A-Za-z])", re.IGNORECASE
)
# "Remove one of those servers": of those that are there, where elsewhere it is one of a kind.
_OF_THESE = seldom(
    r"(?P<some>\b(?:remove|delete|drop|kill|rid of|ditch|scrap|retire|lose|axe|decommission|destroy) "
    rf"{_N}) of (?:these|those)(?= [A-Za-z])",
    re.IGNORECASE,
)
_SEVERAL_FIRST = seldom(
    rf"(?:^|(?<=[.;!?] ))(?P<n>{_N}) (?P<who>[A-Za-z][\w-]*) (?:{_COPIES}|vms?|containers?|workers?)"
    r"\s*(?:,(?: and)?|\band) (?=an? [a-z])",
    re.IGNORECASE,
)
# "Keep the 4GB memory but 1 core will do": what stays is no order.
_KEPT_AMOUNT = seldom(
    rf"^{_LEAD}(?:keep|leave|stay with|stick with|stick to)\s+(?:the |its |those |these )?"
    r"\d[\d.,]*\s?(?:[kmgt]i?b|gigs?|cores?|v?cpus?)(?:\s+(?:of )?(?:memory|ram|disk|storage|space))?"
    r"(?:\s+as (?:it |they )?(?:is|are))?\s*(?:,\s*)?\b(?:but|though|and)\s+(?=\S)",
    re.IGNORECASE,
)
_SYSTEM_TO = seldom(
    rf"^{_LEAD}(?P<old>[a-z]+)\s*(?:-+>|=+>|→)\s*(?P<new>[a-z]+){_ENDING}", re.IGNORECASE
)
_SYSTEM_BACK = seldom(
    rf"^(?:[^.!;]*[.!;,]\s+)?{_LEAD}(?:(?:we['’]d|i['’]d|let['’]?s|we|i|better|should|please)\s+)*"
    rf"(?:(?:go|switch|move|change|get|roll|revert)(?: (?:it|that|them))? )?(?:back|revert|"
    rf"return) to (?P<new>[a-z]+){_ENDING}",
    re.IGNORECASE,
)
# "I said two but we need three VMs": the first number was said, and is taken back.
_SAID_BEFORE = seldom(
    rf"^{_LEAD}(?:i know )?(?:i|we) (?:said|wrote|asked for|ordered|told you|typed) (?:only |just )?{_N}(?: [a-z]+)?"
    r"\s*,?\s*(?:but|and|however)?\s*(?:now )?(?:(?:we|i)(?: actually| really| now)? (?:need|want|meant)|"
    rf"(?:it|that|there) should(?: have)? (?:be|been)|make (?:it|that)) (?=(?:at least )?{_N}\b)",
    re.IGNORECASE,
)
_ALL_MEANT = seldom(
    rf"^{_LEAD}(?P<mean>(?:i (?:mean|meant)|that (?:was|is|goes)|sorry)\b[\s,]*)?(?:for |on )?(?P<who>both|"
    rf"all(?: {_N})?|every one)"
    rf"(?: of (?:them|those|these))?(?P<late>[\s,]*i (?:mean|meant))?{_ENDING}",
    re.IGNORECASE,
)
_FEW_WORDS = 5
_NAMES = seldom(r"\s*(?:,\s*and|,|&|\band\b)\s*", re.IGNORECASE)
_MODALS = frozenset({"it", "they", "we", "i", "you", "them"})


class Shorthand:
    """Puts short follow-ups in full."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    def in_full(self, message: str, blueprint: Blueprint | None) -> str:
        """The message in full; as it is, where it is no shorthand."""
        message = self._without_ticket(message, blueprint)
        if blueprint is None or not blueprint.resources:
            return message
        message = _SAID_BEFORE.sub("sorry, ", _KEPT_AMOUNT.sub("", message))
        message = _WHICH.sub("it ", _TAKEN_BACK.sub("scratch that, ", message))
        if not tiers(blueprint.resources):  # "two extra moodle servers" are read by their tier
            message = _FURTHER.sub(r"\g<many> more ", message)
        message = cloning(message, [resource.name for resource in blueprint.resources])
        message = plainer(placed(self._ordered_alone(message, blueprint), blueprint))
        message = self._of_draft(message, blueprint)
        message, alone = only_public(message, blueprint)
        message = _NO_ADDRESS.sub(
            lambda found: f"make {found['what'] or _exposed(blueprint)} internal",
            _property_off(message, blueprint),
        )
        message = ". ".join(
            part for part in (message.strip(" .;,") if alone else message, alone) if part
        )
        if "?" in message:
            return message
        message = _ADDRESS.sub(r"set the ip of \g<who> to \g<ip>", message)
        message = _REPLICATED.sub("clone ", message)
        message = _SWAPPED_PORT.sub(
            r"close port \g<old> on \g<who>. open port \g<new> on \g<who>", message
        )
        message = _FROM_MEMBERS.sub(r"to \g<new> \g<what>", message)
        message = _NICER.sub(r"use \g<new> instead of \g<old>", message)
        message = self._several_times(message, blueprint)
        message = _NOT_BUT.sub(r"use \g<new> instead of \g<old>", message)
        message = _of_named(message, blueprint)
        message = _NEW_ONE.sub(r"clone \g<who> as \g<name>", message)
        message = self._that_run(message, blueprint)
        message = _THEM_OFF.sub(r"turn off \g<what>", message)
        message = _OF_THESE.sub(r"\g<some> of the", _OF_SO_MANY.sub(r"\g<some>", message))
        message = self._of_system(message, blueprint)
        message = _BACK_TO.sub(r"\g<order>to ", _TOPIC.sub(r"\g<who> ", message))
        while (kept := _KEEPING.sub(_kept, message)) != message:
            message = kept
        message = _with_article(_site_named(message, blueprint), blueprint)
        message = self._of_several(self._dropped(message, blueprint), blueprint)
        tried: Sequence[Callable[[str, Blueprint], str | None]] = (
            self._more_of,
            self._each,
            self._all_tiers,
            self._times,
            self._from_to,
        )
        return next((full for way in tried if (full := way(message, blueprint))), message)

    def _ordered_alone(self, message: str, blueprint: Blueprint) -> str:
        single = [resource.name for resource in blueprint.resources if resource.count == 1]
        return without_grounds(message, self._gazetteer.meaning, single)

    def _of_draft(self, message: str, blueprint: Blueprint) -> str:
        """What is told of parts of the draft in other words than orders."""
        message = without_story(message, [resource.name for resource in blueprint.resources])
        message = _several_first(kinds_in_full(message, blueprint), blueprint)
        message = versions_back(capped(message, blueprint), blueprint, self._gazetteer)
        return handed_on(environments_apart(message, blueprint), blueprint)

    def _without_ticket(self, message: str, blueprint: Blueprint | None) -> str:
        """`CHG-1042: …` is about a ticket of that number; `VM-01: …` names a machine."""
        found = _TICKET.match(message)
        if found is None or self._gazetteer.means(found["kind"].casefold()):
            return message
        known = blueprint is not None and blueprint.resource(found["id"]) is not None
        return message if known else message[found.end() :]

    def _dropped(self, message: str, blueprint: Blueprint) -> str:
        """`Forget mqtt, it runs elsewhere`, `don't bother with redis, traffic is tiny`: it is to go."""
        found = _FORGET.match(message)
        gone = self._called(found["who"], blueprint) if found is not None else []
        if found is None or not gone:
            return message
        rest = found["rest"] or ""
        order = f"remove {listed(gone)}"
        return f"{order}. {rest}" if _ON.match(rest) else order

    def _called(self, who: str, blueprint: Blueprint) -> list[str]:
        """The names of what is called so, or of the one tier that is of that kind or runs that software."""
        named = blueprint.resource(who)
        if named is not None:
            return [named.name]
        meaning = self._gazetteer.meaning(who.casefold())
        ids = {term.id for sort in (Sort.SOFTWARE, Sort.TYPE) if (term := meaning.get(sort))}
        found = [r for r in blueprint.resources if r.engine in ids or r.type.value in ids]
        one = len({(r.type, stem(r)) for r in found}) == 1
        # Who forgets all there is begins again.
        return [r.name for r in found] if one and len(found) < len(blueprint.resources) else []

    @staticmethod
    def _of_several(message: str, blueprint: Blueprint) -> str:
        """`I mean for both of them`: what was just ordered of one, for all there are of that number."""
        found = _ALL_MEANT.match(message)
        if found is None or not (found["mean"] or found["late"]):
            return message
        machines = [r.name for r in blueprint.resources if r.type in COMPUTE]
        among = machines if len(machines) > 1 else [r.name for r in blueprint.resources]
        both = found["who"].casefold() == "both"
        return f"same for {listed(among)}" if len(among) == 2 or not both else message

    def _of_system(self, message: str, blueprint: Blueprint) -> str:
        """`Ubuntu -> debian`, `ok then go back to debian`: another system of the machines there are."""
        found = _SYSTEM_BACK.match(message) or _SYSTEM_TO.match(message)
        if found is None or Sort.IMAGE not in self._gazetteer.meaning(found["new"].casefold()):
            return message
        machines = [r for r in blueprint.resources if r.type in COMPUTE and r.image]
        old = found.groupdict().get("old")
        if old is not None:
            meant = [r for r in machines if (r.image or "").startswith(old.casefold())]
            return (
                f"switch {listed([r.name for r in meant])} to {found['new']}" if meant else message
            )
        return f"switch {machines[0].name} to {found['new']}" if len(machines) == 1 else message

    @staticmethod
    def _several_times(message: str, blueprint: Blueprint) -> str:
        """`Run checkout 3x and search 2x`."""
        pairs = _TIMES_EACH.fullmatch(message) and _ONE_TIMES.findall(message)
        if not pairs or not all(_stands_for(who, blueprint) for who, *_ in pairs):
            return message
        return ". ".join(f"scale {who} to {before or after}" for who, before, after in pairs)

    def _that_run(self, message: str, blueprint: Blueprint) -> str:
        """`The ubuntu ones` by their names, where others run something else."""

        def named(found: re.Match[str]) -> str:
            meaning = self._gazetteer.meaning(found["what"].casefold())
            image = meaning.get(Sort.IMAGE)
            machines = [r for r in blueprint.resources if r.type in COMPUTE]
            system = image.id.casefold().split("-")[0] if image else None
            fitting = [r.name for r in machines if system and (r.image or "").startswith(system)]
            if not fitting or len(fitting) == len(machines):
                return found[0]
            return listed(fitting)

        return _THAT_RUN.sub(named, message)

    @staticmethod
    def _more_of(message: str, _: Blueprint) -> str | None:
        """`More workers, 6`, `the database needs more ram, put 32`."""
        found = _MORE_OF.match(message)
        if found is None:
            return None
        much = found["much"]
        if _SIZED.search(found["what"]) and much.isdigit():
            much = f"{much}GB"
        lead = re.sub(
            rf"^{_LEAD}|['’](?:ll|d)\b|\b(?:really|will|would|should|might|also|still|definitely|probably|have|to|are|"
            r"going|like|needs?|wants?|gets?)\b",
            "",
            found["lead"],
            flags=re.IGNORECASE,
        ).strip()
        of = found["of"] or (f" of {lead}" if lead and lead.casefold() not in _MODALS else "")
        return f"set the {found['what']}{of} to {much}"

    @staticmethod
    def _each(message: str, blueprint: Blueprint) -> str | None:
        """`Web and api get one more instance each`."""
        found = _EACH.match(message) or _EACH_FOR.match(message)
        if found is None:
            return None
        who = [name for name in _NAMES.split(found["who"]) if name]
        said = found.groupdict()
        more = bool(said.get("more") or said.get("late")) or found["much"].casefold() == "another"
        if not (said.get("what") or said.get("late")) or not all(
            _stands_for(name, blueprint) for name in who
        ):
            return None
        if len(who) < 2 and not said.get("each"):
            return None
        much = "1" if found["much"].casefold() in {"a", "an", "another"} else found["much"]
        way = f"up by {much}" if more else f"to {much}"
        return ". ".join(f"scale {name} {way}" for name in who)

    @staticmethod
    def _all_tiers(message: str, blueprint: Blueprint) -> str | None:
        """`All three app tiers to 3 instances`."""
        found = _ALL_TIERS.match(message)
        stems = dict.fromkeys(stem(r) for r in blueprint.resources if r.type in COMPUTE)
        if found is None or not stems:
            return None
        return ". ".join(f"scale {name} to {found['much']}" for name in stems)

    @staticmethod
    def _times(message: str, blueprint: Blueprint) -> str | None:
        """`Api 2 cores 4GB x3`, `api x3`."""
        found = _TIMES.match(message)
        if found is None or not _stands_for(found["who"], blueprint):
            return None
        said = f"{found['rest'] or ''} {found['after'] or ''}".strip(" ,:")
        number = found["n"] or found["m"]
        own = f"set {found['who']} to {said}. " if said else ""
        return f"{own}scale {found['who']} to {number}"

    @staticmethod
    def _from_to(message: str, blueprint: Blueprint) -> str | None:
        """`Worker replicas 2 => 4`."""
        found = _FROM_TO.match(message)
        if found is None or not _stands_for(found["who"], blueprint):
            return None
        return f"scale {found['who']} to {found['n']}"


def _several_first(message: str, blueprint: Blueprint) -> str:
    """`4 moodle servers, a load balancer ahead of them`: how many there should be of what is there, and what is new."""

    def scaled(found: re.Match[str]) -> str:
        who = found["who"].casefold()
        there = sum(r.count for r in blueprint.resources if who in {r.name.casefold(), stem(r)})
        others = there and str(there) != found["n"]
        return f"scale {found['who']} to {found['n']}. " if others else found[0]

    return _SEVERAL_FIRST.sub(scaled, message)


def _property_off(message: str, blueprint: Blueprint) -> str:
    """`Why does db have a public ip?! take it away`: what goes is what the one that was named has, and not itself."""
    found = _PROPERTY_OFF.match(message)
    if found is None:
        return message
    public = found["what"].casefold().startswith("public")
    named = [r.name for r in blueprint.resources if mentions(message, r.name)]
    having = [r.name for r in blueprint.resources if (r.network.public_ip if public else r.backup)]
    named = named or having
    if len(named) != 1:
        return message
    return f"make {named[0]} internal" if public else f"turn off the backups of {named[0]}"


def _exposed(blueprint: Blueprint) -> str:
    """What has a public address, if that is one alone."""
    public = [r.name for r in blueprint.resources if r.network.public_ip]
    return public[0] if len(public) == 1 else "it"


def _of_named(message: str, blueprint: Blueprint) -> str:
    """What short forms that begin with a name say of it: `mail: also 465`, `db: daily`, `a second vpn …, call it …`."""
    for pattern, full in (
        (_ALSO_PORTS, "open {ports} on {who}"),
        (_OFTEN, "back up {who} {rest}"),
        (_ONE_LIKE, "clone {who} as {name}{rest}"),
    ):
        found = pattern.match(message) if pattern is not _ONE_LIKE else pattern.search(message)
        if found is not None and blueprint.resource(found["who"]) is not None:
            lead = message[: found.start()]
            lead = "" if len(lead.split()) <= _FEW_WORDS and not re.search(r"\d", lead) else lead
            return f"{lead}{full.format(**found.groupdict())}"
    return message


def _kept(found: re.Match[str]) -> str:
    return f"{found['verb']}{found['first']}. back up {found['who']} {found['when']}"


def _site_named(message: str, blueprint: Blueprint) -> str:
    """`Disk of website 100GB`: the web servers that are there."""
    own = any(_SITE.search(resource.name) for resource in blueprint.resources)
    web = [r for r in blueprint.resources if r.type in COMPUTE and plays(r, "web")]
    if not web or own or not _OF_SIZE.search(message):
        return message
    return _SITE.sub("the web server" if len(web) == 1 else "the web servers", message, count=1)


def _with_article(message: str, blueprint: Blueprint) -> str:
    """`Worker doesn't need the db anymore`: of the tier that is there."""
    found = _SUBJECT.match(message)
    if found is None or blueprint.resource(found["who"]) is not None:
        return message
    stems = {stem(r).casefold() for r in blueprint.resources if r.type in COMPUTE}
    known = found["who"].casefold() in stems
    return f"{found['lead']}the {message[found.start('who') :]}" if known else message


def _stands_for(word: str, blueprint: Blueprint) -> bool:
    """Whether a word is a machine of the draft, or one of its tiers."""
    plain = word.casefold().removeprefix("the ").strip()
    known = {name.casefold() for r in blueprint.resources for name in (r.name, stem(r))}
    return bool({plain, plain.removesuffix("s"), plain.removesuffix(" servers")} & known)
