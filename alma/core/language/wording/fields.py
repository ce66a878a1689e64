"""Fields as programs and forms write them: `cpu=8 ram=32g`, `Public IP: no`, `web-1 and web-2: ubuntu, 4GB`."""

from __future__ import annotations

import re
from collections.abc import Callable

from alma.core.language.wording.columns import heading
from alma.core.language.words.seldom import seldom

_PAIR = seldom(r"(?<![\w?&/])(?P<key>[A-Za-z][A-Za-z_]{1,12})=(?P<value>[^\s,;=]+)[,;]?")
_GLUED = seldom(r"^(?P<what>[a-z]+)(?P<version>\d[\d.]*)$", re.IGNORECASE)
_SIZED = seldom(r"^\d+(?:\.\d+)?\s*(?:[kmgt]i?b?)?$", re.IGNORECASE)
_FEWEST = 2
_ADDRESS = seldom(r"^(?:ip|address|ipv4|private_ip)$", re.IGNORECASE)
_DENIED = seldom(
    r"(?P<before>^|[\n;,|]\s*(?:[-*•]\s*)?)(?P<what>[A-Za-z][A-Za-z -]{1,30}?)\s*[:=]\s*(?:no|none|"
    r"not needed|not required|n/?a|nil|zero|nope|false|off|nein|0|-|–)(?=\s*(?:$|[\n;,|.]))",
    re.IGNORECASE,
)
_OPENINGS = frozenset(
    "internet access,exposure,public access,external access,public,exposed".split(",")
)
_OFF = frozenset(
    "backup,backups,snapshots,ha,high availability,redundancy,gpu,gpus,firewall,monitoring,replicas,tls,ssl".split(
        ","
    )
)
_SPACED = seldom(r"(?P<before>^|[\n;,|]\s*)(?P<key>[A-Za-z][A-Za-z ]{1,20}?)[ \t]+=[ \t]+(?=[\w$])")
# A question in a form, with its answer: "How many: 3".
_HOW_MANY = seldom(
    r"(?P<before>^|[\n;,|]\s*(?:[-*•]\s*)?)(?:how many(?: of (?:them|these|those))?|how many [a-z]+ ?\??|"
    r"number(?: of(?: (?:them|units|items|pieces))?)?|no\.? of(?: units)?)\s*[:=?]+\s*(?P<count>\d{1,3})\b"
    r"(?=\s*(?:$|[\n;,|.]))",
    re.IGNORECASE,
)
# What a part is run by, and no second one beside it: "Web server: nginx".
_SERVED_BY = seldom(
    r"(?P<before>^|[\n;|]\s*(?:[-*•]\s*)?)(?:web ?server|http server|(?:reverse )?proxy|app(?:lication)? server|"
    r"mail ?server|front ?end|wiki|blog|cms|chat|git server|dashboards?|monitoring)(?: software)?\s*[:=]\s*"
    r"(?P<what>(?P<name>[a-z][\w.-]*)(?: \d[\d.]*)?)(?=\s*(?:$|[\n;|.]))",
    re.IGNORECASE,
)
_NAMES = seldom(
    r"(?P<before>^|[.;\n]\s*(?:[-*•]\s*)?)(?P<names>[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?\d[\w-]*(?:\s*(?:,|/|&|"
    r"\band\b)\s*[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?\d[\w-]*)+)"
    r"\s*[:=–—]\s*(?=(?:ubuntu|debian|alpine|rocky|alma|centos|fedora|windows|rhel|arch|\d))",
    re.IGNORECASE,
)


def in_fields(message: str, means: Callable[[str], bool], program: Callable[[str], bool]) -> str:
    """The message with such fields as words. `means` tells words of the vocabulary, `program` names of software."""
    message = _HOW_MANY.sub(r"\g<before>Quantity: \g<count>", message)
    message = _SERVED_BY.sub(
        lambda found: (
            f"{found['before']}{found['what']}" if program(found["name"].casefold()) else found[0]
        ),
        message,
    )
    message = _SPACED.sub(r"\g<before>\g<key>: ", message)
    message = _DENIED.sub(lambda found: _denied(found, means), message)
    message = _NAMES.sub(_machines, message)
    known = [pair for pair in _PAIR.finditer(message) if _known(pair["key"])]
    return _PAIR.sub(_told, message) if len(known) >= _FEWEST else message


def _denied(found: re.Match[str], means: Callable[[str], bool]) -> str:
    """`Databases: 0`, `Public access: no`: what is not wanted; a size of nothing is no answer at all."""
    what = found["what"].casefold()
    if what in _OPENINGS:
        return f"{found['before']}no public ip"
    thing = what in _OFF or (means(what) and heading(what) in {None, "kind"})
    several = all(means(word) or means(word.removesuffix("s")) for word in what.split())
    return f"{found['before']}no {found['what']}" if thing or several else found[0]


def _known(key: str) -> bool:
    return heading(key) is not None or _ADDRESS.match(key) is not None


def _told(found: re.Match[str]) -> str:
    key, value = found["key"].casefold(), found["value"]
    what = heading(key)
    if _ADDRESS.match(key):
        return f"ip {value},"
    if what == "os":
        glued = _GLUED.match(value)
        return f"{glued['what']} {glued['version']}," if glued else f"{value},"
    if what == "name":
        return f"called {value},"
    if what in {"cpu", "memory", "disk"} and _SIZED.match(value):
        unit = {"cpu": "cores", "memory": "ram", "disk": "disk"}[what]
        size = value if what == "cpu" or not value.replace(".", "").isdigit() else f"{value}GB"
        return f"{size} {unit},"
    return found[0]


def _machines(found: re.Match[str]) -> str:
    names = [name for name in re.split(r"\s*(?:,|/|&|\band\b)\s*", found["names"]) if name]
    return f"{found['before']}{len(names)} vms called {' and '.join([', '.join(names[:-1]), names[-1]])} with "
