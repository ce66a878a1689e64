"""What forms of a help desk say about themselves: who reported it, how urgent it is, who approved it, its number.

Such fields ask for nothing, and their values are names that may mean something else: "Reporter: Hana" is no database.
Who owns what is wanted is not among them: that is said of the thing itself.
"""

from __future__ import annotations

import re

_FIELDS = (
    r"(?:report(?:er|ed by)|requested (?:on|for date)|assignee|assigned to|approv(?:er|ed by|al)|author|opened by|"
    r"created by|submitted by|raised by|cc|priority|prio|urgency|severity|impact|status|state|sprint|story points?|"
    r"due(?: date)?|deadline|needed by|required by|date|created|opened|submitted|fix version|phone|tel|ext|e-?mail|"
    r"ticket(?: (?:no|number|id))?|ticket type|request (?:no|number|id)|case(?: (?:no|number|id))?|ref(?:erence)?|"
    r"justification|reason|business (?:case|justification)|change window|epic|component)"
)
_FIELD = re.compile(
    rf"(?P<before>^|[\n|;]|(?<=[.)])\s)[ \t]*(?:[-*•]\s*)?\**{_FIELDS}\**[ \t]*[:=][ \t]*\**[^\n|;]*?"
    r"(?=$|[\n|;]|\.(?=\s|$))\.?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"^(?P<before>\W*)(?:(?:ticket|task|case|request|incident|story|issue|jira|change(?: request)?)\s+#?(?:no\.? )?"
    r"[A-Z]*-?\d[\w-]*|#\d{2,}|(?!IPR)[A-Z]{2,10}-\d{2,})\s*(?:[-–—:|]|\)\s)\s*(?=[A-Za-z])",
    re.IGNORECASE,
)
_TAKING = re.compile(
    r"^(?P<order>(?:decommission(?:ing)?|remove|removal|delete|deletion|retire|tear down|clean ?up|to be (?:removed|"
    r"deleted))(?: of)?(?: the following| these)?(?: (?:vms?|servers?|machines?|resources|hosts?))?)\s*:\s*\n"
    r"(?P<list>(?:[ \t]*(?:[-*•]|\d+[.)])?[ \t]*[\w.-]+[ \t]*(?:\n|$))+)",
    re.IGNORECASE | re.MULTILINE,
)
_LETTER = re.compile(r"[^\W_]")


def without_fields(message: str) -> str:
    """The message without such fields and numbers, as long as something is left of it."""
    left = (
        _FIELD.sub(lambda found: found["before"], message)
        if ":" in message or "=" in message
        else message
    )
    left = _NUMBERED.sub(r"\g<before>", left)
    left = _TAKING.sub(_removed, left)
    return left if _LETTER.search(left) else message


def _removed(found: re.Match[str]) -> str:
    """`Decommission:` over a list of names: an order of all of them."""
    names = re.findall(r"[\w.-]*\w", re.sub(r"(?m)^\s*(?:[-*•]|\d+[.)])\s*", "", found["list"]))
    return (
        f"remove {' and '.join([', '.join(names[:-1]), names[-1]] if len(names) > 1 else names)}\n"
    )
