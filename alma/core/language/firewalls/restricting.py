"""Who alone may reach a thing, said in other ways: "nobody but the api may reach the ledger", "restrict access to the
ledger to the api", "lock the db down so that only the api gets in" are "only the api may reach the ledger".

Only these words are turned: what is to be reached and who may are left as they were said.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_ONE = (
    r"(?:(?:the|our|my) )?[\w./-]+(?: (?:servers?|vms?|tier|service|nodes?|boxes|network|subnet|hosts?|"
    r"containers?))?"
)
_WHO = rf"(?P<who>{_ONE}(?:(?:, ?| and |, and | or ){_ONE}){{0,3}})"
_WHAT = r"(?P<what>(?:(?:the|our|my) )?[\w.-]+(?: (?:server|vm|database|db|cache|queue|box|host|cluster))?)"
_REACH = (
    r"(?:get (?:in|at|to|into)(?: (?=\w))?|gets? at|talk to|speak to|reach|access|connect to|see|use|"
    r"contact|get access to|have access to|"
    r"log ?in ?to|query)"
)
_ENDS = r"(?=\s*(?:$|[.,;!?\n]| (?:and|but|please|now)\b))"
_NOBODY = seldom(
    r"\b(?:nobody|no one|no-one|noone|nothing)(?: else)? (?:but|except(?: for)?|other than|apart from|besides) "
    rf"{_WHO} (?:may|can|should|must|is allowed to|should be able to|gets to)(?: be able to)? {_REACH} {_WHAT}{_ENDS}",
    re.IGNORECASE,
)
_RESTRICT = seldom(
    rf"\b(?:restrict|limit)(?: the)? access (?:to|on|for) {_WHAT} (?:only )?to (?:only )?(?:just )?{_WHO}{_ENDS}",
    re.IGNORECASE,
)
_MADE_SURE = seldom(
    rf"\b(?:make sure(?: that)?|ensure(?: that)?|see to it that) (?:only|just) {_WHO} (?:can|may|is able "
    rf"to|are able to|gets?)"
    rf"(?: to)? {_REACH} {_WHAT}{_ENDS}",
    re.IGNORECASE,
)
_LOCKED = seldom(
    rf"\block(?: down)? {_WHAT}(?: down)?(?:,)? (?:so(?: that)?|such that) (?:only|just) {_WHO} "
    rf"(?:may|can|gets?|should)(?: still| be able to)? (?:be able to )?(?:reach it|access it|get in|in|at "
    rf"it|get to it|talk to it|"
    rf"connect(?: to it)?|access){_ENDS}",
    re.IGNORECASE,
)
_ALONE = seldom(
    rf"\b{_WHAT} (?:(?:may|should|must|can) (?:only|not) be |(?:is|isn't|must|should) (?:only |not )?(?:to be )?)"
    rf"(?:reachable|accessible|reached|accessed) (?:by|from) (?:anything|anyone|anybody|everyone|others?) "
    rf"(?:but|except|other than) {_WHO}{_ENDS}",
    re.IGNORECASE,
)


def restricting(message: str) -> str:
    """The message with every such restriction as `only … may reach …`."""
    for said in (_NOBODY, _MADE_SURE, _RESTRICT, _LOCKED, _ALONE):
        message = said.sub(r"only \g<who> may reach \g<what>", message)
    return message
