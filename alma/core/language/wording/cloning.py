"""Copies asked for politely, or named in a second breath: "could you clone web-1 as web-3?", "copy web-1 and call it
web-2".

Copying is no verb of its own to the grammar, for people copy files, too: so the order is put in the one form that is
read as a copy of something that is there.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from alma.core.language.words.seldom import seldom

_VERB = r"(?:clone|copy|duplicate|replicate)"
_ORDER = (
    rf"(?:{_VERB}|(?:make|create|add|do)(?: me| us)? (?:a|an|another|one more) (?:exact |identical )?"
    r"(?P<copy>copy|clone|duplicate) of)"
)
_ASKED = seldom(
    r"^\W*(?:(?:hi|hey|hello|ok|okay|and|so|now|then|also|please|pls|thanks)\b\W*)*"
    r"(?:(?:can|could|would|will) (?:you|u|we|someone|somebody)(?: please| kindly| just| maybe)*|"
    r"(?:i|we)(?:['’]d| would)? (?:like|want|need|have)(?: you)? to|let['’]?s|go ahead and|)\s*"
    rf"(?:please )?{_ORDER} (?P<who>(?:the |our |my )?(?P<name>[\w.-]*\w))(?P<rest>[^?\n]*)[?\s]*$",
    re.IGNORECASE,
)
_CALLED = seldom(
    rf"\b(?P<order>{_VERB}|(?:a|an|another|one more) (?:exact |identical )?(?:copy|clone|duplicate) of) "
    r"(?P<who>(?:the |our |my )?[\w.-]*\w)\s*(?:,\s*(?:and )?|\band |\bthen )"
    r"(?:please )?(?:call|name) (?:it|that|this|the (?:copy|clone|duplicate|new (?:one|vm|server|machine)|second one)) "
    r"[\"'`]?(?P<name>[A-Za-z][\w.-]*\w)[\"'`]?",
    re.IGNORECASE,
)
_COURTESY = seldom(r"[\s,]*\b(?:for (?:me|us)|please|pls|thanks|thank you)\W*$", re.IGNORECASE)
_NAMED = seldom(
    r" (?:as|named|called|into) (?P<name>[A-Za-z][\w.-]*\w)(?=\W*$|,| with\b)", re.IGNORECASE
)


def cloning(message: str, names: Collection[str]) -> str:
    """The message with such an order of what is there, by one of the `names`, as the plain one."""
    known = {name.casefold() for name in names}
    message = _CALLED.sub(r'\g<order> \g<who> named "\g<name>"', message)
    asked = _ASKED.match(message)
    if asked is None or asked["name"].casefold() not in known:
        return message
    rest = _COURTESY.sub("", asked["rest"])
    rest = _NAMED.sub(r' named "\g<name>"', rest)
    if asked["copy"] and ' named "' not in rest:
        return message  # "another copy of orders" may be one that follows it
    return f"clone {asked['who']}{rest}"
