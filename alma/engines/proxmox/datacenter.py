"""What a whole datacenter says that single guests come up against: whether its firewall is on, and who may set which
tags. Both are quiet troubles: rules that nobody obeys, and a guest that is refused for a word on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from alma.core.model.base import Frozen
from alma.core.model.diagnostic import Diagnostic, Severity
from alma.core.model.state import DesiredResource, StackRef
from alma.engines import base
from alma.engines.proxmox import firewall, marker, values
from alma.engines.proxmox.client import Api, Permissions
from alma.engines.proxmox.options import options_of
from alma.engines.proxmox.shelf import read


class Datacenter(Frozen):
    """`firewall` says whether it is on; None when nobody asked, or Proxmox will not say. Unless tags are `free`, only
    `allowed` ones may be set; `kept` ones never, without Sys.Modify on /."""

    firewall: bool | None = None
    free: bool = True
    allowed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()

    def refused(self, tags: Iterable[str]) -> list[str]:
        """Those of the tags that may not be set without a privilege."""
        asked = sorted({tag.lower() for tag in tags})
        return [t for t in asked if t in self.kept or not (self.free or t in self.allowed)]


async def look(api: Api, *, rules: bool) -> Datacenter:
    """One call, and one more where there are `rules`."""
    options, switch = await base.together(
        [
            read(api, "/cluster/options"),
            read(api, "/cluster/firewall/options") if rules else _nothing(),
        ]
    )
    said: Mapping[str, Any] = options or {}
    access = said.get("user-tag-access") or {}
    access = access if isinstance(access, dict) else values.parse(str(access), "user-allow")
    return Datacenter(
        firewall=None if switch is None else values.flag(switch.get("enable", 0)),
        free=access.get("user-allow", "free") == "free",
        allowed=_tags(said.get("allowed-tags")),
        kept=_tags(said.get("registered-tags")),
    )


def _tags(found: Any) -> frozenset[str]:
    listed = found if isinstance(found, list) else str(found or "").split(";")
    return frozenset(str(tag).lower() for tag in listed if tag)


async def _nothing() -> None:
    return None


def idle_rules(
    desired: Iterable[DesiredResource], found: Datacenter, *, cluster: str
) -> Iterator[Diagnostic]:
    """Rules of guests do nothing while the datacenter's firewall is off, as it is on a fresh cluster."""
    names = sorted({item.resource.name for item in desired if firewall.rules_of(item)})
    if names and found.firewall is False:
        yield Diagnostic(
            severity=Severity.WARNING,
            code="firewall_off",
            message=f"the firewall of {cluster} is switched off: nothing obeys the rules of {', '.join(names)}",
            hint="switch it on under Datacenter, Firewall, Options, once the nodes' own rules let you in",
        )


def kept_tags(
    desired: Iterable[DesiredResource],
    found: Datacenter,
    stack: StackRef,
    *,
    permissions: Permissions,
    who: str,
) -> Iterator[Diagnostic]:
    """A datacenter may let only some tags be set, and ALMA knows its guests by tags of their own."""
    tags = [tag for item in desired for tag in (*marker.own_tags(stack), *options_of(item).tags)]
    refused = found.refused(tags)
    if refused and permissions.missing("/", "Sys.Modify"):
        yield Diagnostic(
            code="tags_not_allowed",
            message=f"{who} may not set {_words(refused)}: the datacenter lets only some tags be set",
            hint="let tags be free under Datacenter, Options, User Tag Access, or give ALMA Sys.Modify on /",
        )


def _words(tags: list[str]) -> str:
    return f"the tag{'s' if len(tags) > 1 else ''} {', '.join(tags)}"
