"""What forms of a help desk say about themselves: who reported it, how urgent it is, who approved it, its number.

Such fields ask for nothing, and their values are names that may mean something else: "Reporter: Hana" is no database.
Who owns what is wanted is not among them: that is said of the thing itself.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_FIELDS = (
    r"(?:report(?:er|ed by)|requested (?:on|for date)|assignee|assigned to|approv(?:er|ed by|al)|author|opened by|"
    r"created by|submitted by|raised by|cc|priority|prio|urgency|severity|impact|status|state|sprint|story points?|"
    r"due(?: date)?|deadline|needed by|required by|date|created|opened|submitted|fix version|phone|tel|ext|e-?mail|"
    r"ticket type|"
    r"justification|reason|business (?:case|justification)|change window|epic|"
    r"(?:request[eo]r|reporter|contact|manager|employee|submitter|applicant|customer)(?:'s)? (?:name|id|phone|e-?mail)|"
    r"phone number|room|desk)"
)
# What is behind these may be the wish itself ("Ticket: a database"), unless it is a number.
_NUMBERS = r"(?:ticket|request|case|ref(?:erence)?)(?: (?:no|number|id))?"
_FIELD = seldom(
    rf"(?P<before>^|[\n|;]|(?<=[.)])\s)[ \t]*(?:[-*•]\s*)?\**"
    rf"(?:{_FIELDS}\**[ \t]*[:=][ \t]*\**[^\n|;]*?|{_NUMBERS}\**[ \t]*[:=][ \t]*\**#?[A-Z]*-?\d[\w-]*[ \t]*)"
    r"(?=$|[\n|;]|\.(?=\s|$))\.?",
    re.IGNORECASE,
)
_NUMBERED = seldom(
    r"^(?P<before>\W*)(?!request\s+#?\d+\s*[-–—:]\s*(?:(?:\S+\s+)?\S+\s*$|"
    r"(?:approved?|accept(?:ed)?|reject(?:ed)?|den(?:y|ied)|decline[ds]?|refused?|lgtm|yes|no)\b))"
    r"(?:(?:ticket|task|case|request|incident|story|issue|jira|change(?: request)?)\s+#?(?:no\.? )?"
    r"[A-Z]*-?\d[\w-]*|#\d{2,}|(?!IPR)[A-Z]{2,10}-\d{2,})\s*(?:[-–—:|]|\)\s)\s*(?=[A-Za-z])",
    re.IGNORECASE,
)
_TAKING = seldom(
    r"^(?P<order>(?:decommission(?:ing)?|remove|removal|delete|deletion|retire|tear down|clean ?up|to be (?:removed|"
    r"deleted))(?: of)?(?: the following| these)?(?: (?:vms?|servers?|machines?|resources|hosts?))?)\s*:\s*\n"
    r"(?P<list>(?:[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[\w.-]+[ \t]*(?:\n|$))+)",
    re.IGNORECASE | re.MULTILINE,
)
# The head of a mail: who wrote it to whom says nothing that its text does not.
_MAIL = seldom(
    r"\A\s*(?:(?:from|to|cc|bcc|sent|date|subject|reply-to)[ \t]*:[^\n]*\n){2,}(?=[\s\S]*[A-Za-z])",
    re.IGNORECASE,
)
_BOX = seldom(r"(?:^|(?<=\s))[-*•][ \t]*\[[ xX]?\][ \t]*")
_PAIR = seldom(
    r"(?P<before>^|[\n|;])[ \t]*(?:[-*•][ \t]*)?(?P<key>[A-Za-z][A-Za-z ]{1,24}?)[ \t]*:[ \t]*(?P<value>[^\n|;]+?)"
    r"[ \t]*(?=$|[\n|;])"
)
# The title of a form, whose noun is said again in its fields: "VM request form".
_TITLE = seldom(
    r"\A\W*(?:new )?(?P<noun>vm|server|database|db|cache|container|service|cluster)s? (?:request|order|creation)"
    r"(?: form)?[ \t]*\n(?:[ \t]*[=–—_*~-]{3,}[ \t]*\n)?(?=[\s\S]*\b(?P=noun)s?\b)",
    re.IGNORECASE,
)
# What a form about a change calls the thing, what is to be done, and the value that is wanted.
_OF_A_CHANGE = {
    "thing": frozenset(
        "component,resource,ci,configuration item,server,host,asset,target,object,affected system,affected ci".split(
            ","
        )
    ),
    "action": frozenset("action,change,task,operation,requested change".split(",")),
    "field": frozenset("field,property,attribute,parameter,setting,what".split(",")),
    "old": frozenset("from,old,old value,current,current value,was,before,present".split(",")),
    "new": frozenset(
        "to,new,new value,target value,wanted,desired,desired value,should be,after".split(",")
    ),
}
_LETTER = seldom(r"[^\W_]")


def without_fields(message: str) -> str:
    """The message without such fields and numbers, as long as something is left of it."""
    left = (
        _FIELD.sub(lambda found: found["before"], message)
        if ":" in message or "=" in message
        else message
    )
    left = _TITLE.sub("", left)
    left = _MAIL.sub("", _BOX.sub("\n- ", left))
    left = _changed(_NUMBERED.sub(r"\g<before>", left))
    left = _TAKING.sub(_removed, left)
    return left if _LETTER.search(left) else message


def _changed(text: str) -> str:
    """`Component: db, Action: increase memory, From: 8GB, To: 16GB` as the order that it is."""
    said: dict[str, re.Match[str]] = {}
    for pair in _PAIR.finditer(text):
        key = pair["key"].casefold()
        said.update({what: pair for what, keys in _OF_A_CHANGE.items() if key in keys})
    if not {"thing", "new"} <= said.keys() or not {"action", "field"} & said.keys():
        return text
    thing, new = said["thing"]["value"], said["new"]["value"]
    order = said["action"]["value"] if "action" in said else f"set {said['field']['value']}"
    spans = sorted((pair.span() for pair in said.values()), reverse=True)
    for start, end in spans:
        text = text[:start] + text[end:]
    rest = text.strip(" \n|;")
    return f"{order} of {thing} to {new}" + (f"\n{rest}" if _LETTER.search(rest) else "")


def _removed(found: re.Match[str]) -> str:
    """`Decommission:` over a list of names: an order of all of them."""
    names = re.findall(r"[\w.-]*\w", re.sub(r"(?m)^\s*(?:[-*•]|\d+[.)])\s*", "", found["list"]))
    return (
        f"remove {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}\n"
    )
