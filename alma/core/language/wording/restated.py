"""Wishes that say beside a thing what it has: `a cluster whose control plane has 3 nodes`, `16GB for a Postgres`,
`the frontend (two VMs)`, `three servers and eight clients, the former with 2 cores, the latter with 8`.

Each is put as the thing with what it has, which is what the grammar reads.
"""

from __future__ import annotations

import re

from alma.core.language.wording.listing import parts_of
from alma.core.language.words.amounts import AMOUNT, NUMBER, UNIT
from alma.core.language.words.seldom import seldom

_HAS = r"(?:(?:should|must|will)\s+)?(?:has|have|gets?|needs?|consists? of|is|are|be)"
# "Whose control plane has 3 nodes and whose worker pool has 6".
_WHOSE = seldom(
    rf"(?P<joint>,?\s*(?:\band\s+|,\s*)?)\bwhose\s+(?P<part>[a-z][\w-]*(?:\s+[a-z][\w-]*){{0,2}}?)\s+{_HAS}\s+"
    rf"(?P<n>{NUMBER}|\d+(?:\.\d+)?\s?[kmgt]i?b)\b(?:\s+(?:nodes?|machines|servers|members)\b)?",
    re.IGNORECASE,
)
_POOLS = {
    "worker pool": "workers", "worker group": "workers", "worker nodes": "workers", "workers": "workers",
    "worker": "workers", "node pool": "workers", "control plane": "control plane nodes", "masters": "masters",
    "control plane nodes": "control plane nodes",
}  # fmt: skip
_POOL_OF = seldom(
    rf"\b(?:an?|one)\s+(?P<part>control plane|worker pool|worker group|node pool)\s+(?:of|with)\s+(?P<n>{NUMBER})\b"
    r"(?:\s+(?:nodes?|machines|servers|members|workers|masters)\b)?",
    re.IGNORECASE,
)
# "16GB of memory for an OpenSearch", where each thing stands behind its amount.
_AMOUNT_FOR = (
    rf"(?P<amount>{AMOUNT}(?:\s+and\s+{AMOUNT})?)\s+for\s+(?P<what>(?:an?|one)\s+(?!single\b)[a-z][\w.-]*"
    r"(?:\s+\d[\d.]*)?(?:\s+(?:vm|server|database|cache|container|instance|box))?)\b"
)
_FOR_A = seldom(
    rf"(?P<before>^\W*|[;:.]\s+|\b(?:need|want|reserve|plan|please)\s+){_AMOUNT_FOR}", re.IGNORECASE
)
_AND_FOR_A = seldom(rf"(?P<before>[,;]\s*(?:and\s+)?|\band\s+){_AMOUNT_FOR}", re.IGNORECASE)
# "The frontend (two VMs)": how many of what a part is.
_IN_BRACKETS = seldom(
    rf"\b(?:the|our|an?)\s+(?P<what>[a-z][\w-]*)(?:\s+(?:tier|layer))?\s*\(\s*(?P<n>{NUMBER})\s+(?P<kind>vms?|"
    r"containers?|servers?|virtual machines?|machines?|box(?:es)?|instances?|lxcs?)\b(?P<more>[^()]*)\)",
    re.IGNORECASE,
)
_FORMER = seldom(
    rf"(?P<one>\b(?:{NUMBER}|an?)\s+[^,;.\d]{{2,50}}?)(?P<joint>\s*(?:,\s*and|,|\band|\bplus)\s+)"
    rf"(?P<two>(?:{NUMBER}|an?)\s+"
    r"[^,;.\d]{2,50}?)\s*[,;.:(–—-]+\s*(?:of which\s+)?the (?:former|first(?: ones)?)\s+"
    r"(?:with|having|at|on|needs?|gets?|has|have)\s+"
    r"(?P<first>[^,;.]+?)\s*(?:,|;|\band\b|\bwhile\b)+\s*(?:and\s+|while\s+)?the (?:latter|second(?: ones)?)\s+"
    r"(?:with\s+|having\s+|at\s+|on\s+|needs?\s+|gets?\s+|has\s+|have\s+)?(?P<second>[^,;.)]+)\)?",
    re.IGNORECASE,
)
_NUMBER_ONLY = seldom(r"^\s*\d+\s*$")
_UNIT_OF = seldom(rf"\d\s?(?P<unit>{UNIT}|nodes|workers|replicas)", re.IGNORECASE)
# "Where requests land, two nginx containers; where the data lives, a MongoDB".
_WHERE = seldom(
    rf"(?P<before>^|[;.,]\s*(?:and\s+)?)(?:where|wherever)\s+(?!are\b|is\b|do\b|does\b|can\b)[^,;.?\d]{{4,60}}?(?:,|:)\s+"
    rf"(?=(?:we(?:'d| would)? (?:need|want|like)\s+)?(?:{NUMBER}|an?)\s)",
    re.IGNORECASE,
)
_MEANING = seldom(
    r"^\W*(?:(?:please|we|i|need|want|would like|set up|build|deploy)\s+)*(?:everything|all|whatever|"
    r"the (?:whole|full|usual|complete) (?:stack|setup|set-up|kit))\b[^,:;.\d]{0,60}?\s*[,:(–—-]+\s*(?:so\s+)?"
    r"(?:meaning|namely|i\.?e\.?,?|that is,?|"
    r"that means|which means|in other words,?|specifically)\s*:?\s+",
    re.IGNORECASE,
)
_IDENTIFIER = r"(?=[a-z]*[-_\d])[a-z][\w-]*\w"
# "Databases db-main and db-report": as many as names.
_NAMED = seldom(
    rf"(?P<before>^|[.:;]\s*|\b(?:need|want|create|deploy|set up|build|add|please|the)\s+)"
    rf"(?P<noun>(?:[a-z]+\s+)?(?:databases|vms|servers|containers|caches|machines|boxes|queues|buckets|volumes|instances))\s+(?P<names>{_IDENTIFIER}"
    rf"(?:\s*,\s*{_IDENTIFIER})*\s*,?\s+and\s+{_IDENTIFIER})(?=\s*(?:[,;.:(–—-]|$))",
    re.IGNORECASE,
)
# "QA needs the same thing as production, namely three app servers, so make both".
_SAME_AS = seldom(
    r"\b(?P<one>(?:the\s+)?[a-z][\w-]*)\s+(?:should\s+|must\s+|will\s+)?(?:gets?|needs?|wants?|has|have|be|is)\s+"
    r"(?:exactly\s+)?the same(?:\s+(?:things?|setup|stuff|machines|kit))?\s+as\s+"
    r"(?P<two>(?:the\s+)?[a-z][\w-]*)\s*[,:(–—-]+\s*(?:namely|"
    r"meaning|i\.?e\.?,?|that is,?|which (?:is|are|has|gets|means|needs))\s*:?\s+",
    re.IGNORECASE,
)
_SO_MAKE = seldom(
    r"[\s,;–—-]*\bso (?:please )?(?:make|build|create|set up|deploy|do) "
    r"(?:both|them(?: all)?|all of (?:it|them)|it all|that)(?: up)?(?=\s*(?:[.!]|$))",
    re.IGNORECASE,
)
# "The data team needs Kafka, can you create that?": the wish says it all.
_CREATE_THAT = seldom(
    r"(?P<wish>\b(?:needs?|wants?|requires?|would like|['’]d like)\s+"
    r"(?!to\b|help\b|advice\b)(?:(?!\.\s)[^?!\n]){3,160}?)"
    r"\s*[,;.–—-]+\s*"
    r"(?:(?:so|and)\s+)?(?:please\s+)?(?:(?:can|could|would|will) (?:you|we|i)\s+(?:please\s+)?)?"
    r"(?:(?:create|make|build|provision|arrange|prepare|set up|spin up|stand up) (?:that|it|this|one|them)|"
    r"(?:set|spin|stand|get|put) (?:that|it|this|one|them) up|(?:do|sort out|take care of|get) (?:that|this|it))"
    r"(?: up)?(?: for (?:them|us|me|him|her))?(?:,? (?:please|pls))?\s*[?.!]*\s*$",
    re.IGNORECASE,
)
# "Somewhere S3-compatible to keep our dumps, so an object store basically": the thing that is meant, and what for.
_SOMEWHERE = seldom(
    r"\b(?:somewhere|some ?place|something|an? (?:[a-z][\w-]+ )?place)(?:\s+[a-z0-9][\w-]*)?\s+"
    r"(?P<use>(?:to|for|where|that|which)\b[^,.;:?!()\n]{2,80}?)\s*[,:(–—-]+\s*"
    r"(?:(?:so|basically|meaning|i\.e\.,?|that is,?|just|really|probably|like|maybe|or rather|in short)\s+)*"
    r"(?P<thing>an?\s+(?:(?!\band\b|\bor\b|\bplus\b|\bif\b)[^,.;:?!()\n]){2,60}?)\)?"
    r"(?:,?\s+(?:basically|really|essentially|i guess|i think|i suppose|or so|then|please|pls))*(?=\s*(?:[.!?]|$))",
    re.IGNORECASE,
)
# "A redis named hot, a postgres named cold, 2GB for hot, 40GB for cold", "…, the first 2GB, the second 40GB".
_CALLED = seldom(
    r"\b(?:an?|one|1|vm|container|lxc)\s(?:(?!\b(?:and|an?|one)\b)[^,;.!?\n]){0,60}?\b(?:called|named)\s+"
    rf"(?P<name>(?!{NUMBER}\b)[a-z][\w-]*)",
    re.IGNORECASE,
)
_FOR_NAMED = seldom(
    rf"(?P<before>[,;.:]\s*(?:and\s+)?|\s+and\s+)(?P<amount>{AMOUNT}(?:\s*(?:,|and|/)\s*{AMOUNT})*)\s+for\s+"
    r"(?P<name>[a-z][\w-]*)",
    re.IGNORECASE,
)
_NTH = seldom(
    r"(?P<before>[\s,;.:(–—-]+(?:and\s+|while\s+)?)(?:the\s+)?(?P<nth>first|former|second|latter|third|fourth)"
    r"(?:\s+one)?\s*(?:,|\bwith|\bgets|\bhas|\bhaving|\bneeds|\bat)?\s+"
    rf"(?={AMOUNT})",
    re.IGNORECASE,
)
_PLACES = {"first": 0, "former": 0, "second": 1, "latter": 1, "third": 2, "fourth": 3}
_LET = seldom(r"^\W*let there be\s+(?=\w)", re.IGNORECASE)


def restated(message: str) -> str:
    """The message with each such thing told with what it has."""
    message = _MEANING.sub("I need ", _LET.sub("I need ", _SO_MAKE.sub("", message)))
    message = _CREATE_THAT.sub(r"\g<wish>", message)
    message = _SOMEWHERE.sub(r"\g<thing> \g<use>", message)
    message = _SAME_AS.sub(r"\g<two> and \g<one> both need ", message)
    message = _WHERE.sub(_place, message)
    message = _FORMER.sub(_each, message)
    message = _WHOSE.sub(_own, _POOL_OF.sub(_pool, message))
    message = _of_the_named(_amounts_first(message))
    message = _IN_BRACKETS.sub(r"\g<n> \g<what> \g<kind>\g<more>", message)
    return _NAMED.sub(_counted, message)


def _amounts_first(message: str) -> str:
    """`4 cores for a Jenkins and 8 cores for a GitLab`; in `a VM with 4 cores, 8GB for a Jenkins` they are the VM's."""
    told = _FOR_A.sub(r"\g<before>\g<what> with \g<amount>", message)
    return _AND_FOR_A.sub(r"\g<before>\g<what> with \g<amount>", told) if told != message else told


def _of_the_named(message: str) -> str:
    """What things named one by one have, told of each by its name right before it."""
    names = [found["name"] for found in _CALLED.finditer(message)]
    if len({name.casefold() for name in names}) != len(names) or len(names) < 2:
        return message

    def by_name(found: re.Match[str]) -> str:
        known = found["name"].casefold() in {name.casefold() for name in names}
        return f"{found['before']}{found['name']} with {found['amount']}" if known else found[0]

    def by_place(found: re.Match[str]) -> str:
        place = _PLACES[found["nth"].casefold()]
        return f", {names[place]} with " if place < len(names) else found[0]

    return _NTH.sub(by_place, _FOR_NAMED.sub(by_name, message))


def _place(found: re.Match[str]) -> str:
    return found["before"] or "I need "


def _each(found: re.Match[str]) -> str:
    """What the former and the latter have, said of each; a bare number is of what the first one was."""
    second, unit = found["second"], _UNIT_OF.search(found["first"])
    if _NUMBER_ONLY.match(second) and unit is not None:
        second = f"{second.strip()} {unit['unit']}"
    return (
        f"{found['one']} with {found['first'].strip()}{found['joint']}{found['two']} with {second}"
    )


def _own(found: re.Match[str]) -> str:
    part = found["part"].casefold()
    linked = "and" if re.search(r"\band\b|,\s*$", found["joint"]) else "with"
    return f" {linked} {found['n']} {_POOLS.get(part, found['part'])}"


def _pool(found: re.Match[str]) -> str:
    return f"{found['n']} {_POOLS[found['part'].casefold()]}"


def _counted(found: re.Match[str]) -> str:
    many = len(parts_of(found["names"]))
    return f"{found['before']}{many} {found['noun']}, {found['names']}"
