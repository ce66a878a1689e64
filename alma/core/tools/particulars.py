"""Arguments that are said in words: shares, numbers of people, periods, providers, standards, numbers of blueprints.

Only what is said is read; what is missing stays missing, and the tool says so. The same name means the same thing in
every tool, so one reader for each name is enough.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from alma.core.model.base import Json
from alma.core.model.standards import SPELLED

SCALES = {
    "k": 10**3,
    "thousand": 10**3,
    "m": 10**6,
    "million": 10**6,
    "bn": 10**9,
    "billion": 10**9,
}
_COUNT = r"(\d[\d.,]*)\s*(k|m|bn|thousand|million|billion)?"
_USERS = re.compile(
    rf"\b{_COUNT}\+?\s*(?:\w+\s+)?(?:users|people|visitors|customers|accounts)\b", re.IGNORECASE
)
_LOAD = re.compile(
    rf"\b{_COUNT}\s*(?:requests?|reqs?|queries|transactions|messages|rps|qps|tps)"
    r"(?:\s*(?:/|per|a)\s*(?:s|sec|second|min|minute|h|hour|day)\b)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|percent\b|per cent\b)", re.IGNORECASE)
_PARTS = {"half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "a quarter": 0.25, "one quarter": 0.25}
_LESS = re.compile(
    r"\b(?:cut|reduc\w+|sav\w+|lower|cheaper|less|decreas\w+|trim|shave|optimi[sz]e)\b",
    re.IGNORECASE,
)
_GROWTH = re.compile(r"\b(?:grow\w*|increas\w*|rising|more)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"\b(\d+|an?|one|two|three|six|nine|twelve)[\s-]+(day|week|month|quarter|year)s?\b",
    re.IGNORECASE,
)
_BY_BLUEPRINT = re.compile(r"\bblueprints?\s*(?:no\.?|number|id)?\s*#?(\d+)", re.IGNORECASE)
_PAIR = re.compile(
    r"\bblueprints?\s*#?(\d+)\s*(?:,|and|with|to|vs\.?|versus|against)\s*(?:blueprint\s*)?#?(\d+)",
    re.IGNORECASE,
)
_BUDGET = re.compile(r"[$€]\s?(\d[\d.,]*)\s*(k)?|\bbudget\s+of\s+(\d[\d.,]*)", re.IGNORECASE)
_DATA = re.compile(r"\b\d[\d.,]*\s*(?:[KMGTP]i?B)\b")
_QUOTED = re.compile(r"[\"“”'`]([^\"“”`]{4,})[\"“”'`]")
_AVAILABILITY = re.compile(
    r"\b99(?:\.\d+)?\s*%|\bhigh(?:ly)?[\s-]+availab\w+|\bcritical\b", re.IGNORECASE
)

_PROVIDERS = {
    "aws": r"aws|amazon",
    "azure": "azure",
    "gcp": r"gcp|google(?: cloud)?",
    "proxmox": "proxmox",
}
_PLATFORMS = {
    **_PROVIDERS,
    "docker": r"docker(?:[- ]compose)?",
    "kubernetes": r"kubernetes|k8s",
    "vmware": r"vmware|vsphere|esxi",
    "on-premise": r"on[- ]prem\w*",
}
_STANDARDS = {
    "cis": SPELLED["CIS"],
    "nist": SPELLED["NIST"],
    "pci-dss": SPELLED["PCI DSS"],
    "hipaa": SPELLED["HIPAA"],
    "gdpr": SPELLED["GDPR"],
    "soc2": SPELLED["SOC 2"],
    "iso27001": SPELLED["ISO 27001"],
}
_STRATEGIES = {
    "rolling": "rolling",
    "canary": "canary",
    "blue-green": r"blue[- /]green",
    "all-at-once": r"all[- ]at[- ]once",
}
_MIGRATIONS = {
    "lift-and-shift": r"lift[- ]and[- ]shift|rehost",
    "replatform": r"re-?platform",
    "refactor": r"re-?factor|re-?architect",
}
_WORKLOADS = {
    "database": r"database|db",
    "cache": "cache",
    "queue": r"queue|broker",
    "ml": r"ml|machine learning|training",
    "analytics": r"analytics|warehouse",
    "web": r"web\w*|site|shop|api|app(?:lication)?",
}
_APPLICATIONS = {
    "e-commerce": r"e-?commerce|shop|store",
    "microservices": r"micro-?services",
    "analytics": "analytics",
    "machine learning": r"machine learning|ml",
    "api": "api",
    "web": r"web\w*|site|blog",
}


def said(message: str, wanted: frozenset[str]) -> dict[str, Json]:
    """The arguments of those names that the message says."""
    found = {name: _READERS[name](message) for name in sorted(wanted & _READERS.keys())}
    return {name: value for name, value in found.items() if value is not None}


def blueprint_ids(message: str) -> tuple[int, ...]:
    """The numbers of blueprints that are named."""
    pair = _PAIR.search(message)
    if pair:
        return int(pair[1]), int(pair[2])
    return tuple(int(number) for number in _BY_BLUEPRINT.findall(message))


def asks_for_less(message: str) -> bool:
    """Whether something shall become less: a price, as a rule."""
    return _LESS.search(message) is not None


def _blueprint(place: int) -> Callable[[str], Json | None]:
    def read(message: str) -> Json | None:
        found = blueprint_ids(message)
        return found[place] if len(found) > place else None

    return read


def _users(message: str) -> Json | None:
    found = _USERS.search(message)
    return int(_number(found[1], found[2])) if found else None


def _number(digits: str, scale: str | None) -> float:
    return float(digits.rstrip(".,").replace(",", "")) * SCALES.get((scale or "").lower(), 1)


def _load(message: str) -> Json | None:
    found = _LOAD.search(message)
    return found[0] if found else None


def _reduction(message: str) -> Json | None:
    if not asks_for_less(message):
        return None
    found = _PERCENT.search(message)
    if found:
        return float(found[1]) / 100
    return next((share for words, share in _PARTS.items() if words in message.lower()), None)


def _growth(message: str) -> Json | None:
    found = _PERCENT.search(message)
    return float(found[1]) if found and _GROWTH.search(message) else None


def _confidence(message: str) -> Json | None:
    found = _PERCENT.search(message)
    return float(found[1]) / 100 if found and "confiden" in message.lower() else None


def _period(message: str) -> Json | None:
    found = _PERIOD.search(message)
    if not found:
        return None
    number = {"a": "1", "an": "1", "one": "1", "two": "2", "three": "3"}
    number |= {"six": "6", "nine": "9", "twelve": "12"}
    count, unit = number.get(found[1].lower(), found[1]), found[2].lower()
    if unit == "quarter":
        count, unit = str(int(count) * 3), "month"
    return f"{count} {unit}{'' if count == '1' else 's'}"


def _one_of(known: Mapping[str, str]) -> Callable[[str], Json | None]:
    def read(message: str) -> Json | None:
        return next(iter(_named(message, known)), None)

    return read


def _all_of(known: Mapping[str, str]) -> Callable[[str], Json | None]:
    def read(message: str) -> Json | None:
        return list(_named(message, known)) or None

    return read


def _named(message: str, known: Mapping[str, str]) -> list[str]:
    """Those that are named, in the order of the message."""
    places = [
        (found.start(), name)
        for name, words in known.items()
        if (found := re.search(rf"(?<!\w)(?:{words})(?!\w)", message, re.IGNORECASE))
    ]
    return [name for _, name in sorted(places)]


def _platform(place: int) -> Callable[[str], Json | None]:
    """Where it is and where it goes: the first that is named, unless the message says "to" before it."""

    def read(message: str) -> Json | None:
        named = _named(message, _PLATFORMS)
        if len(named) == 1:
            goes = re.search(
                rf"\b(?:to|into|onto)\s+(?:{_PLATFORMS[named[0]]})\b", message, re.IGNORECASE
            )
            named = ["", named[0]] if goes else [named[0], ""]
        elif re.search(r"\bto\b.*\bfrom\b", message, re.IGNORECASE):
            named = named[1::-1]
        return (named[place] or None) if len(named) > place else None

    return read


def _workload(message: str) -> Json | None:
    """What kind of work, where a load is said, too: `what does the shop cost` is about a blueprint."""
    loaded = _LOAD.search(message) or _USERS.search(message)
    return _one_of(_WORKLOADS)(message) if loaded else None


def _availability(message: str) -> Json | None:
    found = _AVAILABILITY.search(message)
    if not found:
        return None
    return "critical" if found[0].lower() == "critical" else "high"


def _strict(message: str) -> Json | None:
    return True if re.search(r"\bstrict(?:ly)?\b", message, re.IGNORECASE) else None


def _quoted(message: str) -> Json | None:
    found = _QUOTED.search(message)
    return found[1] if found else None


def _budget(message: str) -> Json | None:
    found = _BUDGET.search(message)
    return found[0].strip() if found else None


def _requirements(message: str) -> Json | None:
    data = _DATA.search(message)
    percent = re.search(r"\b99(?:\.\d+)?\s*%", message)
    found = {
        "application_type": _one_of(_APPLICATIONS)(message),
        "expected_users": _users(message),
        "data_size": data[0] if data else None,
        "availability_requirement": percent[0] if percent else _availability(message),
        "budget": _budget(message),
    }
    return {name: value for name, value in found.items() if value is not None} or None


def _constraints(message: str) -> Json | None:
    provider = _one_of(_PROVIDERS)(message)
    return {"preferred_provider": provider} if provider else None


def _message(message: str) -> Json | None:
    return message.strip() or None


_READERS: Mapping[str, Callable[[str], Json | None]] = {
    "availability": _availability,
    "blueprint_a": _blueprint(0),
    "blueprint_b": _blueprint(1),
    "blueprint_id": _blueprint(0),
    "check_compliance": _all_of(_STANDARDS),
    "compliance_framework": _one_of(_STANDARDS),
    "confidence_level": _confidence,
    "constraints": _constraints,
    "error_message": _quoted,
    "expected_load": _load,
    "expected_users": _users,
    "forecast_period": _period,
    "growth_rate": _growth,
    "issue_description": _message,
    "migration_strategy": _one_of(_MIGRATIONS),
    "provider": _one_of(_PROVIDERS),
    "requirements": _requirements,
    "source_platform": _platform(0),
    "standards": _all_of(_STANDARDS),
    "strategy": _one_of(_STRATEGIES),
    "strict": _strict,
    "target_platform": _platform(1),
    "target_reduction": _reduction,
    "time_horizon": _period,
    "words": _message,
    "workload_type": _workload,
}
