"""Variables of the environment of what runs: "set the env var TZ to Europe/Berlin on api", "remove DEBUG_SQL from api".

Only names that are written like variables are such, or that are called so: "set the environment to staging" is none.
"""

from __future__ import annotations

import re

from alma.core.language.editing.outcome import Outcome
from alma.core.language.vocabulary.defaults import RUNS, listed
from alma.core.language.words.seldom import seldom
from alma.core.model.blueprint import Blueprint, Resource
from alma.core.model.conversation import SetField

_CALLED = r"(?:the )?(?:env(?:ironment)?[ -])?(?:var(?:iable)?|env(?:ironment var(?:iable)?)?)s? "
_WRITTEN = r"[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]"
_KEY = rf"(?:(?i:{_CALLED})(?P<called>[A-Za-z_]\w*)|(?P<key>{_WRITTEN}))"
_WHO = r"(?: (?i:on|for|in|of|to|from|at) (?i:the |our |my )?(?P<who>[\w.-]*\w))?"
_ENDS = r"(?=\s*(?:$|[.,;!?]|(?i:and|please)\b))"
_VALUE = r"[\"'`]?(?P<value>[^\s\"'`,;]*[^\s\"'`,;.!?])[\"'`]?"
_SET = seldom(
    rf"(?:\b(?i:set|change|switch|update|put|add|export|make) {_KEY}\s*(?:=|(?i: to | as | = ))\s*|"
    rf"(?P<alone>(?:(?i:{_CALLED}))?{_WRITTEN}) (?i:should|must|has to|needs to) (?i:be )(?i:set to )?){_VALUE}"
    rf"{_WHO}{_ENDS}"
)
_UNSET = seldom(rf"\b(?i:remove|unset|drop|delete|clear|take out|get rid of) {_KEY}{_WHO}{_ENDS}")
_SECRET = seldom(r"PASS|SECRET|TOKEN|KEY|CREDENTIAL|PRIVATE", re.IGNORECASE)
_MAY_HAVE = seldom(r"[A-Z0-9]_[A-Z0-9]|\b(?:env|environment|variable|var)\b", re.IGNORECASE)


def variables(text: str, draft: Blueprint, outcome: Outcome) -> None:
    """Sets or unsets what is named; nothing where it isn't clear of what, or the value is a secret."""
    if not _MAY_HAVE.search(text):
        return
    found = _SET.search(text) or _UNSET.search(text)
    owners = _owners(found["who"], draft) if found else []
    if found is None or not owners:
        return
    said = found.groupdict()
    key = said["called"] or said["key"] or said.get("alone")
    value = said.get("value")
    name = str(key).split()[-1]
    if value is not None and _SECRET.search(name):
        return
    outcome.edits += [SetField(name=r.name, path=f"env.{name}", value=value) for r in owners]
    what = f"{name} of {listed([r.name for r in owners])}"
    outcome.understood.append(f"{what} to {value}" if value is not None else f"no {what}")


def _owners(who: str | None, draft: Blueprint) -> list[Resource]:
    """What is named, or all there is that could have variables, if that is one thing."""
    machines = [r for r in draft.resources if r.type in RUNS]
    if who is None:
        return machines if len(machines) == 1 else []
    return [r for r in machines if r.name.casefold() == who.casefold()]
