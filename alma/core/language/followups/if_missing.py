"""Orders on a condition that the draft itself decides: "if there's no firewall yet, put one in", "add a queue unless we
have one".

Nothing here waits for a condition; but whether something is there is known when it is said. What is missing is ordered
plainly, and for what is there already the message asks whether it is, so that nothing is made twice.
"""

from __future__ import annotations

import re

from alma.core.language.vocabulary.gazetteer import Gazetteer, Sort
from alma.core.language.words.seldom import seldom
from alma.core.language.words.tokens import tokenize
from alma.core.model.blueprint import Blueprint

_LEAD = r"(?P<lead>(?:^|[.!?\n]\s*)\W*(?:(?:and|also|so|ok|okay|hi|hello|hey|please|then|well)\b[\s,:]*)*)"
_HAVE = r"(?:i|we|you|they|it|(?:the|our|my|this) (?:setup|stack|blueprint|draft|environment|system|shop|whole thing))"
_WHAT = r"(?P<what>[\w-]+(?: [\w-]+){0,2}?)"
_SO_FAR = (
    r"(?: (?:yet|already|so far|now|at the moment|currently|(?:in|on|within) (?:here|there|(?:the|our|my|this) "
    r"(?:setup|stack|blueprint|draft|environment|system|plan))|(?:planned|defined|included|present|set up|there)))*"
)
_NOT_THERE = (
    r"(?:there(?:['’]?s| is| are) (?:still )?(?:no|not (?:a|an|any))|"
    r"there (?:isn['’]?t|aren['’]?t)(?: yet)? (?:a|an|any)|"
    rf"{_HAVE} (?:still )?(?:have|has|got|contains?|includes?)(?: got)? (?:no|not (?:a|an|any))|"
    rf"{_HAVE} (?:still )?lacks? (?:a|an|any)|"
    rf"{_HAVE} (?:don['’]?t|doesn['’]?t|do not|does not)(?: yet)? (?:have|contain|include)"
    rf"(?: (?:a|an|any))?|{_HAVE} (?:haven['’]?t|hasn['’]?t)(?: yet)? got (?:a|an|any))"
)
_THERE = (
    r"(?:there(?:['’]?s| is)(?: already)? (?:a|an|one)|"
    rf"{_HAVE}(?: already)? (?:have|has|got)(?: already)? (?:a|an))"
)
_PUT = (
    r"(?:then |please |just |can you |could you |would you |kindly |go ahead and )*(?:add|create|put|make|set up|build|"
    r"include|give (?:us|me|it)|get (?:us|me)|install|deploy|introduce|we(?:['’]d| would)? (?:need|like|want)|"
    r"i(?:['’]d| would)? (?:need|like|want))(?: us| me)? (?:one|it|that)\b"
)
_FIRST = seldom(
    rf"{_LEAD}(?:(?:if|in case|where|should) {_NOT_THERE}|unless {_THERE}) {_WHAT}{_SO_FAR}\s*[,;:–—-]?\s*{_PUT}",
    re.IGNORECASE,
)
_NONE = (
    r"(?:there(?:['’]?s| is) (?:none|not one)|there (?:isn['’]?t|is not)(?: already)?(?: one| any)?|"
    rf"{_HAVE} (?:don['’]?t|doesn['’]?t|do not|does not)(?: yet| already)? have(?: one| any)?|"
    rf"{_HAVE} (?:have|has|got) none|one is missing|it['’]?s missing|it is missing|none exists)"
)
_ONE = rf"(?:there(?:['’]?s| is)(?: already)? one|{_HAVE}(?: already)? (?:have|has|got)(?: already)? one|one exists)"
_LAST = seldom(
    rf"{_LEAD}(?P<order>(?:(?:can|could|would) you )?(?:please )?(?:add|create|put in|set up|build|include|install|"
    rf"introduce) (?:a|an) )(?P<what>[\w-]+(?: [\w-]+){{0,2}}?),? "
    rf"(?:(?:if|in case|where) {_NONE}|unless {_ONE}){_SO_FAR}"
    r"(?=\s*(?:$|[.!?,;\n]))",
    re.IGNORECASE,
)
_MAY_DEPEND = seldom(r"\b(?:if|unless|in case|where|should)\b", re.IGNORECASE)


def where_missing(message: str, blueprint: Blueprint | None, gazetteer: Gazetteer) -> str:
    """The message with such an order as the plain one it is for this draft."""
    if _MAY_DEPEND.search(message) is None:
        return message
    text = _FIRST.sub(lambda found: _put(found, blueprint, gazetteer), message)
    return _LAST.sub(lambda found: _put(found, blueprint, gazetteer), text)


def _put(found: re.Match[str], blueprint: Blueprint | None, gazetteer: Gazetteer) -> str:
    what = found["what"].strip()
    there = _is_there(what, blueprint, gazetteer)
    if there is None:
        return found[0]
    article = "an" if what[:1].casefold() in "aeiou" else "a"
    return f"{found['lead']}" + (
        f"is there {article} {what} already?" if there else f"please add {article} {what}"
    )


def _is_there(what: str, blueprint: Blueprint | None, gazetteer: Gazetteer) -> bool | None:
    """Whether the draft has such a thing; None where words don't say which."""
    items = gazetteer.tag(tokenize(what))
    software = {item.id_of(Sort.SOFTWARE) for item in items} - {None}
    types = {item.id_of(Sort.TYPE) for item in items} - {None}
    if not (software or types):
        return None
    resources = blueprint.resources if blueprint is not None else ()
    return any(
        resource.engine in software if software else resource.type in types
        for resource in resources
    )
