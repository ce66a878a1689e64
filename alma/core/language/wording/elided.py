"""What the second of several leaves out because the first said it: units, nouns, and what a version is of.

`web tier on 2 nodes, app tier on 3`, `one with 4GB, the other with 8`, `a python 3.12 service`.
"""

from __future__ import annotations

import re

from alma.core.language.wording.listing import parts_of
from alma.core.language.words.amounts import COUNTING, UNIT, spaced
from alma.core.language.words.seldom import seldom

_NUMBER = rf"(?:\d{{1,4}}|{COUNTING})"
_WITH_UNIT = seldom(
    rf"\b(?:with|has|gets|having)\s+\d+(?:\.\d+)?\s?(?P<unit>{UNIT}|nodes|workers)\b",
    re.IGNORECASE,
)
_WITHOUT = seldom(
    r"\b(?P<lead>with|has|gets|having)\s+(?P<number>\d+(?:\.\d+)?)(?=\s*(?:[.,;)!]|$|\n|and\b))",
    re.IGNORECASE,
)
_MACHINES = r"(?:nodes?|servers?|vms?|machines?|boxes|box|hosts?|instances?)"
_ON = rf"(?:the )?[\w-]+(?: [\w-]+)? on {_NUMBER}"
_SPREAD = seldom(
    rf"{_ON} {_MACHINES}(?:(?:,| and|, and) {_ON}(?: {_MACHINES})?)+(?=\W*$|[.;\n])", re.IGNORECASE
)
_ONE_SPREAD = seldom(
    rf"(?:the )?(?P<what>[\w-]+(?: [\w-]+)?) on (?P<n>{_NUMBER})(?: {_MACHINES})?$", re.IGNORECASE
)
_AS_ONE = seldom(r"(?P<lead>[,:]\s*|\band\s+)(?P<n>1|one) as (?:an?|the) (?=[a-z])", re.IGNORECASE)
_THE_OTHER = seldom(
    r"(?P<first>\b(?:one|1)\b[^.;\n]*?[,;]?\s(?:and\s)?)the (?:other|second)(?: one)?(?= (?:is |an? |with )?[a-z])",
    re.IGNORECASE,
)
_RUNTIMES = {
    "node": "node", "nodejs": "node", "node.js": "node", "python": "python", "php": "php", "ruby": "ruby",
    "java": "eclipse-temurin", "openjdk": "eclipse-temurin", "go": "golang", "golang": "golang",
}  # fmt: skip
_RUNTIME = seldom(
    r"\b(?P<lead>(?:with|using|running|runs|on|to|from|an?|of|in)\s+)(?P<what>node(?:\.?js)?|python|php|"
    r"ruby|java|openjdk|go(?:lang)?)"
    r"\s+v?(?P<version>\d{1,2}(?:\.\d{1,2}){0,2})\b(?!\s*(?:servers?|services|vms?|nodes?|containers|boxes|"
    r"machines|replicas|workers|%|gb?\b))",
    re.IGNORECASE,
)
_ON_RUNTIME = seldom(
    r"\bon (?P<what>node(?:\.?js)?|python|php|ruby|java|golang)(?=\s*(?:,|\.|;|with\b|and\b|$))",
    re.IGNORECASE,
)
_SERVED = seldom(r"\b(?:service|container|app|api|backend|frontend|worker)s?$", re.IGNORECASE)
_SECOND = r"(?:secondary|slave|backup|passive|standby|active)"
_PAIR_AFTER = seldom(
    rf"\b(?P<what>[a-z][\w-]*(?: \d[\d.]*)?)(?: servers?)?(?:,? as(?: an?)?| with an?|:)? (?:primary|master|"
    rf"active) (?:and|\+|/|&) (?:an? )?{_SECOND}\b",
    re.IGNORECASE,
)
_PAIR_BEFORE = seldom(
    rf"\b(?:(?:an? )?(?:active|primary|master)[ /-]+(?:and |& )?(?:an? )?{_SECOND}(?: pair of| pair)?) (?=[a-z])",
    re.IGNORECASE,
)
_LEAST_NODE = 12


def told_in_full(message: str) -> str:
    """The message with what was left out."""
    message = _RUNTIME.sub(_runtime, message)
    message = _ON_RUNTIME.sub(lambda found: _on_runtime(found, message), message)
    message = _PAIR_AFTER.sub(lambda found: f"2 {found['what']}", _PAIR_BEFORE.sub("2 ", message))
    message = _SPREAD.sub(lambda found: ", ".join(map(_counted, parts_of(found[0]))), message)
    message = _AS_ONE.sub(lambda found: f"{found['lead']}{found['n']} ", message)
    if re.search(r"\b(?:two|2|both|pair)\b", message, re.IGNORECASE):
        message = _THE_OTHER.sub(lambda found: f"{found['first']}one", message, count=1)
    unit = _WITH_UNIT.search(message)
    if unit is None:
        return message
    head, rest = message[: unit.end()], message[unit.end() :]
    return head + _WITHOUT.sub(
        lambda found: f"{found['lead']} {found['number']}{spaced(unit['unit'])}", rest
    )


def _runtime(found: re.Match[str]) -> str:
    """`node 20` as the image that it is; the second of several nodes is none."""
    what = found["what"].casefold()
    numbered = what == "node" and float(found["version"].split(".")[0]) < _LEAST_NODE
    on = found["lead"].strip().casefold() == "on" and what == "node"
    return found[0] if numbered or on else f"{found['lead']}{_RUNTIMES[what]}:{found['version']}"


def _on_runtime(found: re.Match[str], message: str) -> str:
    """`an api service on node`: what it runs on; `run it on java` says nothing of an image."""
    served = _SERVED.search(message[: found.start()].rstrip())
    return f"from image {_RUNTIMES[found['what'].casefold()]}" if served else found[0]


def _counted(part: str) -> str:
    found = _ONE_SPREAD.match(part)
    if found is None:
        return part
    what = re.sub(r"\s+(?:tier|layer)$", "", found["what"], flags=re.IGNORECASE)
    return f"{found['n']} {what}" + (" servers" if what != found["what"] else "")
