"""What to call a blueprint that nobody named: after what it is, and not after the first program on a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from alma.core.language.parsing.phrases import Phrase
from alma.core.language.words.naming import valid
from alma.core.model.base import slug
from alma.core.model.blueprint import COMPUTE, DATA, Resource, ResourceType

_T = ResourceType
_FACING = {"web", "frontend", "app"}
_ANSWERING = ("api", "backend", "worker")
_WEB_SERVERS = {"nginx", "apache", "caddy", "traefik", "haproxy", "envoy", "tomcat"}
_NUMBERED = re.compile(r"[-_]?\d+$")
_SHORTEST = 3


def stack_name(phrases: Sequence[Phrase], resources: Sequence[Resource]) -> str:
    """A name for what was made of some phrases: a name people gave, else the kind of system it is."""
    first = phrases[0]
    given = [valid(name) for phrase in phrases for name in phrase.names]
    if len(given) == len(resources) and (shared := _shared(given)):
        return shared
    kinds = {(phrase.type, phrase.software, phrase.role) for phrase in phrases}
    if len(kinds) == 1:
        stem = _NUMBERED.sub("", resources[0].name)
        return slug(given[0] if given else first.software or first.role or stem)
    return _system(phrases, resources) or _leading(first, resources)


def _shared(names: Sequence[str]) -> str:
    """`shop` of `shop-web` and `shop-db`."""
    stems = {_NUMBERED.sub("", name) for name in names}
    if len(names) > 1 and len(stems) == 1:
        return slug(stems.pop())
    parts = zip(*(name.split("-") for name in names), strict=False) if len(names) > 1 else ()
    stem = "-".join(each[0] for each in takewhile(lambda each: len(set(each)) == 1, parts))
    return slug(stem) if len(stem) >= _SHORTEST else ""


def _system(phrases: Sequence[Phrase], resources: Sequence[Resource]) -> str:
    """The kind of system that several kinds of things are, empty when that can't be told."""
    roles = {phrase.role for phrase in phrases if phrase.type in COMPUTE}
    served = {p.software for p in phrases if p.type in COMPUTE and p.software}
    types = {resource.type for resource in resources} - {_T.FIREWALL, _T.VOLUME}
    named = served - _WEB_SERVERS
    if len(named) == 1:
        return slug(str(next(iter(named))))
    if roles & _FACING or (served & _WEB_SERVERS and types & DATA):
        return "web-app"
    for role in _ANSWERING:
        if role in roles:
            return role
    if _T.KUBERNETES_CLUSTER in types:
        return "k8s"
    if types <= DATA | {_T.OBJECT_STORE}:
        return "data"
    return "app" if types & COMPUTE and types & DATA else ""


def _leading(first: Phrase, resources: Sequence[Resource]) -> str:
    return slug(first.role or first.software or _NUMBERED.sub("", resources[0].name))
