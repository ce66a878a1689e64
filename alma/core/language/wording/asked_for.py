"""Who wishes, and how it is introduced: `the lab asked for a GPU box`, `we want to try mattermost`, `make it three app
servers`, `my pi died, so all moves to proxmox: …`. Where nothing is there yet, all of these ask for new things.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.words.seldom import seldom

_NEW = r"(?=(?:an?|one|two|three|four|five|six|some|\d+|the following)\b)"
_OTHERS = seldom(
    r"(?P<before>^|[.!?\n]\s*|\bso\s+|,\s*)(?:the|our|my|this|some)\s+(?:[\w-]+\s+){1,3}?(?:has |have |"
    r"had |also |just |now )*"
    r"(?:(?:asked|asks|is asking|are asking|asking)(?: me| us)? (?:for|to (?:get|set up|have|prepare))|"
    r"request(?:s|ed)?|"
    r"order(?:s|ed)|would like(?: to have)?|wants?(?: to have)?|would love|wishes for)\s+" + _NEW,
    re.IGNORECASE,
)
_TRYING = seldom(
    r"(?P<before>^|[.!?,;:\n]\s*|\b(?:and|so|but)\s+)(?:(?:we|i)\s+)?(?:(?:'d|'ll| would| will)\s+)"
    r"?(?P<wish>want|would like|like|"
    r"'d like|'d love|plan|intend|need|are going|am going|'re going|'m going|are planning|hope)\s+to\s+(?:also\s+)?"
    r"(?:try(?: out)?|use|test|evaluate|play (?:around )?with|experiment with|switch (?:over )?to|give)\s+(?=[\w])",
    re.IGNORECASE,
)
_MAKE = seldom(
    r"^(?P<lead>\W*(?:(?:ok(?:ay)?|so|please|then|well|hi|hey)\W+)*)(?:let's\s+)?make (?:it|that|this|those)\s+"
    + _NEW,
    re.IGNORECASE,
)
_NAMED = seldom(
    r"[,.;]?\s*(?:(?:her|his|their|the user's) name is \w+[,.;]?\s*(?:and\s+)?)?(?:so|and|maybe|perhaps)?\s*"
    r"\b(?P<name>[a-z][\w-]*[\w])\s+(?:would|might|could|will|may|is|sounds|seems)(?: be)?(?: like)?\s+(?:an?|the)\s+"
    r"(?:nice|good|fitting|suitable|fine|proper|great|obvious|right|best)\s+(?:host)?name\b(?: for it)?",
    re.IGNORECASE,
)
_AFTER = seldom(
    r"^(?P<lead>\W*(?:(?:hi|hello|hey|ok|so|well)\W+)*)(?P<what>(?:an?|one|two|three|four|\d+)"
    r"\s[^.!?\n]{3,100}?)\s+(?:is|are|would be|will be)\s+"
    r"(?:exactly |pretty much |basically )?(?:what|all|the thing(?: that)?)\s+(?:i|we)(?:'m|'re| am| are|"
    r"'d|'ll| would| will)?\s+(?:really |actually )?"
    r"(?:after|needs?|wants?|like|looking for|require|dreaming of)\b",
    re.IGNORECASE,
)
# "I'm starting a small shop, two VMs for the frontend should do": the wish stands behind what it is for.
_SHOULD_DO = seldom(
    r"[,.;:]\s+(?:so |i think |i guess |i'd say )?(?P<what>(?:an?|one|two|three|four|five|six|\d+)"
    r"\s(?!(?:cores?|cpus?|vcpus?|gb|gigs?|tb)\b)[^,.;:!?\n]{2,60}?)\s+(?:should|will|would|ought to|'ll)\s+"
    r"(?:do|suffice|be (?:enough|plenty|sufficient|fine))(?P<for> for [^,.;:!?\n]{2,40})?(?=[.!]*\s*$)",
    re.IGNORECASE,
)
_PEOPLE = seldom(r"\b(?:her|his) (?:first |last |user )?name is \w+\b[,.;]?", re.IGNORECASE)
_LIKE_PROD = seldom(
    r",?\s*\b(?:(?:which is |that is |just |exactly )?(?:similar|identical|equal|comparable|close) to|"
    r"mirroring|modelled on|"
    r"(?:the )?same as|like)\s+(?:our |the |in |what we have in )*(?:prod(?:uction)?|live)\b(?: system|"
    r" environment| one)?",
    re.IGNORECASE,
)
_MEANS = seldom(
    r"(?P<end>[.!?]\s*)(?:that|this|it)(?: would)?(?: means?| is| includes?|'d be|'s)\s*:?\s+(?=(?:debian|"
    r"ubuntu|alpine|rocky|alma|windows|"
    r"\d+ ?(?:v?cpus?|cores?|gb)))",
    re.IGNORECASE,
)


def wished(message: str) -> str:
    """The message with its wishes in the first person."""
    message = _OTHERS.sub(lambda found: f"{found['before']}I need ", message)
    message = _TRYING.sub(lambda found: f"{found['before']}I need ", message)
    message = _MAKE.sub(lambda found: f"{found['lead']}I need ", message)
    message = _AFTER.sub(r"\g<lead>I need \g<what>", message)
    message = _NAMED.sub(r", call it \g<name>", message)
    message = _PEOPLE.sub("", message)
    return _MEANS.sub(", with ", _LIKE_PROD.sub("", message))


def sufficing(message: str, names: Callable[[str], bool]) -> str:
    """What should do as what is needed, behind what it is for; not where that `names` the thing already: "I'd like to
    learn Kubernetes, a cluster with three workers would do"."""
    found = _SHOULD_DO.search(message)
    if found is None or any(map(names, re.findall(r"[\w-]+", message[: found.start()].casefold()))):
        return message
    return f"{message[: found.start()]}. I need {found['what']}{found['for'] or ''}{message[found.end() :]}"
