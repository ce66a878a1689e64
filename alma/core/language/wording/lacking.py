"""What is missing and should be added, named only where it is missed: "there's no firewall in here, add one", "I don't
see a load balancer. Put one in".

The order says "one", and what of is said before it: so it is put as the order alone.
"""

from __future__ import annotations

import re

from alma.core.language.words.seldom import seldom

_WHAT = (
    r"(?P<what>(?:[\w-]+ ){0,3}?[\w-]+(?: (?:for|of|on|in front of|before|between) (?:the |our |my )?[\w-]+"
    r"(?: and (?:the )?[\w-]+)?)?)"
)
_NONE = (
    r"(?:(?:there(?:['’]s| is| are|s)|(?:we|i)(?:['’]ve got| have| see| find| still have| got)|it has|i can see)"
    r" (?:still |currently |as yet |really )?no|"
    r"(?:there (?:is|are)(?:n['’]?t| not)|(?:we|i) (?:do(?:n['’]?t| not)|ca(?:n['’]?t|nnot)|still don['’]t) "
    r"(?:seem to |even |yet |actually )?(?:have|see|find))"
    r"(?: got)? (?:an?|any)|(?:we|i)(?:['’]re| are|['’]m| am) (?:still )?(?:missing|lacking) (?:an?|any|some)|"
    r"(?:we|i) (?:still )?(?:miss|lack) an?|(?:it|this|that) (?:still )?(?:misses|lacks) an?|"
    r"(?:it|this) is (?:still )?(?:missing|lacking) an?|no)"
)
_HERE = r"(?: (?:in here|in there|in it|in this|here|there|yet|so far|at all|anywhere|right now|for now))*"
_ADD = (
    r"(?:(?:so|and|then|please|could you|can you|would you|let['’]?s|we should|we need to|i['’]?d like to)[\s,]+)*"
    r"(?:add|put|create|set up|deploy|include|build|make|throw|get us|get me|give us|give me|provision|install) "
    r"(?:in |up |me |us )?(?:one|some)\b(?: (?:in|up|there|to it|please|for us|for me|in there|here))*"
)
_LACKING = seldom(
    rf"(?P<lead>^\W*(?:(?:hi|hey|hello|so|hm+|oh|ok|okay|wait|btw)\W+)*|(?<=[.;!?\n])\s*){_NONE} {_WHAT}{_HERE}"
    rf"\s*(?:[,;.:!?]+|\s[-–—]+|\band\b|\bso\b)\s*{_ADD}",
    re.IGNORECASE,
)
_ADDING = seldom(r"\b(?:one|some)\b", re.IGNORECASE)
_ARTICLE = seldom(r"^(?:backups?|monitoring|logging|storage|encryption|caching)\b", re.IGNORECASE)


def lacking(message: str) -> str:
    """The message with `add a firewall` for what is missed and should be added."""
    return _LACKING.sub(_added, message) if _ADDING.search(message) else message


def _added(found: re.Match[str]) -> str:
    article = "" if _ARTICLE.match(found["what"]) or found["what"].endswith("s") else "a "
    return f"{found['lead']}add {article}{found['what']}"
