"""Orders that are withheld, in any words: "hold off on removing web-2", "under no circumstances delete db", "we're not
ready to scale it", "deleting it would be a disaster".

Each names an act, and whoever looks for acts finds it. So all of them are put as the one way of forbidding that every
later step knows: "don't …". What withholds a keeping ("no need to keep the cache") asks for the removal.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_REGULAR = (
    "add remove delete scale resize rename change touch alter modify update upgrade downgrade shrink increase decrease "
    "reduce double halve create deploy destroy replace move migrate switch install attach detach disable enable "
    "connect disconnect expose close purge kill drop nuke wipe scrap terminate decommission retire extend expand "
    "introduce restart reboot deploy publish split merge convert bump lower raise swap"
).split()
_IRREGULAR = {
    "get rid of": ("getting rid of", "gotten rid of"), "take down": ("taking down", "taken down"),
    "tear down": ("tearing down", "torn down"), "shut down": ("shutting down", "shut down"),
    "take away": ("taking away", "taken away"), "give": ("giving", "given"), "make": ("making", "made"),
    "set": ("setting", "set"), "set up": ("setting up", "set up"), "put": ("putting", "put"),
    "cut": ("cutting", "cut"), "turn off": ("turning off", "turned off"), "grow": ("growing", "grown"),
    "buy": ("buying", "bought"), "mess with": ("messing with", "messed with"), "use": ("using", "used"),
    "scale down": ("scaling down", "scaled down"), "scale up": ("scaling up", "scaled up"),
}  # fmt: skip
_DOUBLING = frozenset("drop scrap swap cut".split())


def _forms(verb: str) -> tuple[str, str]:
    """What goes on and what is done, of a regular verb."""
    if verb in _DOUBLING:
        return f"{verb}{verb[-1]}ing", f"{verb}{verb[-1]}ed"
    stem = verb.removesuffix("e")
    if verb.endswith("y") and verb[-2] not in "aeou":
        return f"{verb}ing", f"{verb[:-1]}ied"
    return f"{stem}ing", f"{stem}ed"


_FORMS = {**{verb: _forms(verb) for verb in _REGULAR}, **_IRREGULAR}
_BASE = {form: verb for verb, forms in _FORMS.items() for form in (*forms, verb)}


def _any(words: list[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


_VERB = rf"(?:{_any(list(_FORMS))})\b"
_DOING = rf"(?:{_any([forms[0] for forms in _FORMS.values()])})\b"
_DONE = rf"(?:{_any([forms[1] for forms in _FORMS.values()])})\b"
_LAST_VERB = seldom(rf"\b(?:{_any(list(_BASE))})$", re.IGNORECASE)
_NOT = r"(?:don['’]?t|do not|never)"
_ARE_NOT = r"(?:(?:are|am|is)n['’]?t|(?:are|am) not|['’](?:m|re) not|not)"
_EVER = r"(?:(?:really|certainly|definitely|actually|yet|just|ever|even|quite|at all|please)\s+)*"
_SHOULD = r"(?:should|must|may|can|shall)"
_BAD = r"(?:mistake|disaster|catastrophe|bad idea|terrible idea|wrong|foolish|stupid|unwise|madness|crazy|nightmare)"
_NO_WAY = r"(?:under no circumstances|in no case|on no account|by no means|at no point|never ever|in no way)"
_WITHHELD = seldom(
    r"(?P<lead>^|[.!?;:,\n–—-]\s*|\b(?:and|but|so|that|because|please|just)\s+)(?:"
    + "|".join(
        (
            (
                rf"(?:i|we) {_EVER}(?:{_NOT}|wouldn['’]?t|would not) {_EVER}(?:want|like|wish|expect) "
                rf"(?:(?:you|anyone|anybody|anything|us|alma|it) )?to {_EVER}{_VERB}"
            ),
            (
                rf"(?:nobody|no one|no-one) (?:asked|told|wants?|said|expects?|needs?)(?: for)?"
                rf" (?:(?:you|me|us) )?to {_VERB}"
            ),
            rf"it(?: is|['’]s) not (?:that|like|as if|as though) (?:i|we) (?:want|need|plan|intend|wish) to {_VERB}",
            rf"(?:nobody|no one|no-one|none of (?:you|us)) {_SHOULD} {_EVER}{_VERB}",
            rf"let['’]?s (?:not|wait before we|wait until we) {_EVER}{_VERB}",
            rf"{_NO_WAY},?(?: please)?(?: {_SHOULD} (?:you|we|i|anyone|anybody|this|it))? {_EVER}{_VERB}",
            (
                rf"you {_EVER}(?:{_SHOULD} not|(?:must|should|ca)n['’]?t|cannot|(?:are not|aren['’]?t)(?: allowed)? to)"
                rf" {_VERB}"
            ),
            rf"(?:there(?: is|['’]s) |i see )?no (?:real )?(?:need|reason)(?: for (?:you|us))? to {_VERB}",
            (
                rf"(?:make|be) (?:very |absolutely |extra )?(?:sure|certain|careful)(?: that)? "
                rf"(?:not to|to not|to never|(?:you |we )?{_NOT}) {_VERB}"
            ),
            (
                rf"(?:i|we)(?:['’]d| would) (?:rather|prefer)(?: it)?(?: if)?(?: you| we)? (?:not|didn['’]?t|did not)"
                rf"(?: to)? {_VERB}"
            ),
            (
                rf"(?:(?:i|we) ?)?{_ARE_NOT} {_EVER}(?:ready|prepared|willing|going|planning|about|supposed|allowed|"
                rf"asking you|telling you|in a position|keen) to {_EVER}{_VERB}"
            ),
            rf"(?:i|we) (?:won['’]?t|will not) (?:be )?(?:{_VERB}|{_DOING})",
            rf"(?:i|we) (?:must not|mustn['’]?t|should not|shouldn['’]?t) {_EVER}{_VERB}",
            rf"it(?: is|['’]s) (?:still )?(?:far |way |much |a bit )?too (?:early|soon|risky|dangerous) to {_VERB}",
            rf"it(?:['’]d| would|['’]s| is)(?: be)? (?:a )?(?:big |huge |really |very )*{_BAD} to {_VERB}",
            rf"(?:(?:i|we)(?:['’]ve| have)? )?(?:decided|agreed|opted|voted) not to {_VERB}",
            (
                rf"(?:(?:i|we) ?)?(?:{_ARE_NOT} (?:\w+ )?sure|haven['’]?t decided|have not decided|unsure|undecided)"
                rf"(?: yet)? (?:whether|if) (?:to|we should|i should|we want to|i want to) {_VERB}"
            ),
            (
                rf"(?:hold off (?:on|with)|let['’]?s (?:not rush (?:into|to)|wait with|not start)|"
                rf"wait with|refrain from|avoid|{_NOT} {_EVER}(?:think|dream) (?:of|about)|"
                r"keep (?:yourself )?from|postpone|put off|think twice (?:about|before)|"
                rf"(?:(?:i|we)(?:['’]ve| have)? )?(?:changed my mind (?:about|on)|"
                r"(?:decided|agreed|voted|are|['’]m|am) against)|"
                rf"(?:(?:i|we) ?)?(?:{_ARE_NOT} (?:\w+ )?sure|haven['’]?t decided|unsure|undecided)(?: yet)?"
                r" (?:about|of|on)|"
                rf"there(?: is|['’]s) no (?:question|talk|point) (?:of|in)|no point in) {_DOING}"
            ),
        )
    )
    + r")",
    re.IGNORECASE,
)
_OUT_OF_QUESTION = seldom(
    rf"(?P<lead>^|[.!?;:\n]\s*|,\s*(?:and|but)?\s*)(?P<verb>{_DOING})(?P<what>(?: [\w.-]+){{1,6}}?) (?:"
    r"(?:is|would be|will be|are) (?:not|no|n['’]?t|hardly|never) [^.!?\n]*|(?:is|would be)n['’]?t [^.!?\n]*|"
    rf"(?:is|would be|will be|sounds like|feels like|feels|seems) (?:a |an |just |really |such a )*(?:\w+ )?{_BAD}\b"
    r"[^.!?\n]*|"
    r"(?:is|would be) (?:out of the question|off the table|too risky|too dangerous|forbidden|off limits)\b[^.!?\n]*|"
    r"(?:is|would be|seems|sounds) (?:just |simply |a bit |totally )?(?:a no-?go|no-?go|nonsense|pointless|overkill|"
    r"useless|too much)\b[^.!?\n]*|(?:makes no|(?:does not|doesn['’]?t|wouldn['’]?t|would not|won['’]?t) make"
    r" (?:any |much )?) ?sense\b[^.!?\n]*|(?:can|must|has to|will have to|should) wait\b[^.!?\n]*)",
    re.IGNORECASE,
)
_PASSIVE = seldom(
    rf"(?P<lead>^|[.!?;:,\n]\s*){_NO_WAY} {_SHOULD} (?P<what>[\w.-]+(?: [\w.-]+){{0,3}}?)"
    rf" (?:ever )?be (?P<verb>{_DONE})",
    re.IGNORECASE,
)
# "My colleague wants to delete trips. Please don't": what was told of, forbidden in a breath of its own.
_REFUSED = seldom(
    rf"(?P<told>(?:^|(?<=[.!?;\n]))[^.!?;\n]*?\b(?:to|and|would|will|should|can|could|i['’]d|we['’]d|he['’]ll|"
    rf"she['’]ll) "
    rf"(?P<verb>{_VERB}|{_DOING})(?P<what> [^.!?;,\n]+?))\s*(?:[.!;,]+|\s[–—-]|(?=\bbut\b))\s*(?:(?:but|and|well|"
    rf"no|so)\b[\s,]*)*"
    rf"(?:please )?(?:{_NOT}(?: (?:do|allow|let) (?:it|that|so|this|them|him|her))?|"
    r"(?:he|she|they|that|it|this) (?:must|should|may|can|will)(?: not|n['’]?t)(?: happen| be done)?)"
    r"(?: please)?(?=\s*(?:$|[.,;!\n–—-]))",
    re.IGNORECASE,
)
_WHATEVER = seldom(
    r"\b(?:whatever (?:you do|happens|you decide)|at all costs|for (?:the )?love of god|for (?:heaven|god)['’]?s sake|"
    rf"if there(?: is|['’]s) one thing)\s*[,:;–—-]*\s*(?=(?:please |just )*{_NOT}\b)",
    re.IGNORECASE,
)
_UNKEPT = seldom(
    r"(?P<lead>^|[.!?;:,\n]\s*|\b(?:and|but|so)\s+)(?:"
    r"(?:i|we|you)? ?(?:don['’]?t|do not|no longer) (?:really )?(?:need|have|want) to (?:keep|hold on to)|"
    r"(?:there(?: is|['’]s) )?no (?:need|point|reason) (?:to keep|in keeping)(?: on to)?)\s+(?=\w)",
    re.IGNORECASE,
)
# Who is not approving turns down; who will not approve has not decided.
_UNAPPROVED = seldom(
    r"(?P<lead>^|[.!?;:,\n]\s*)(?:(?:i|we)(?: am| are|['’]m|['’]re)? not|(?:there(?: is|['’]s) )?no way(?: am i|"
    r" are we| i['’]m| we['’]re| i am| we are)) (?:approving|signing off|accepting|"
    r"(?:ok|okay|fine|happy) with(?= (?:request|ipr|pull|pr|#)))(?: on)?(?P<of> (?:of |on )?)"
    r"(?=(?:this |that |the |my )?(?:request|ipr|pull|pr|#|it|this|that|plan|change|proposal|deployment)\b|#)",
    re.IGNORECASE,
)
_MAY_WITHHOLD = seldom(
    r"n['’]?t\b|\b(?:not|no|never|nobody|hold|wait|refrain|avoid|against|changed|postpone|put off|twice|too|rather|"
    r"mistake|disaster|catastrophe|idea|wrong|foolish|stupid|unwise|madness|crazy|nightmare|out of|off|forbidden|"
    r"unsure|undecided|keep|none|before)\b",
    re.IGNORECASE,
)


def withheld(message: str) -> str:
    """The message with what it withholds told as `don't …`."""
    message = _UNAPPROVED.sub(r"\g<lead>I don't approve\g<of>", message)
    if _MAY_WITHHOLD.search(message) is None or message.rstrip().endswith("?"):
        return message
    message = _REFUSED.sub(_refused, message)
    message = _UNKEPT.sub(r"\g<lead>remove ", _WHATEVER.sub("", message))
    message = _WITHHELD.sub(_forbidden, message)
    message = _OUT_OF_QUESTION.sub(lambda found: f"{_forbidden(found)}{found['what']}", message)
    return _PASSIVE.sub(lambda found: f"{_forbidden(found)} {found['what']}", message)


def _forbidden(found: re.Match[str]) -> str:
    """`don't remove`, for whatever form of the verb was found: where none is marked, it comes last."""
    form = found.groupdict().get("verb") or _LAST_VERB.findall(found[0])[-1]
    return f"{found['lead']}don't {_BASE[form.casefold()]}"


def _refused(found: re.Match[str]) -> str:
    """The act alone, forbidden: who wanted it decides nothing."""
    verb = _LAST_VERB.findall(found["verb"].strip())[-1]
    return f"don't {_BASE[verb.casefold()]}{found['what']}"
