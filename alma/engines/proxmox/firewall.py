"""The rules about what reaches a guest, as rules of its own firewall.

Proxmox asks a guest's rules in their order and the first that matches decides, as in a blueprint. When none matches,
the guest's policy does: with any rule that allows, the rest is dropped; with rules that only deny, it is accepted.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from alma.core.model.blueprint import FirewallRule
from alma.core.model.state import DesiredResource
from alma.engines.proxmox.client.api import Api
from alma.engines.proxmox.values import flag

Rule = Mapping[str, Any]
ANY = "any"
OWN = "ALMA"
_ACCESS = "ALMA sets up software over SSH"
_MOST_PORTS = 15  # of one rule
_ACTIONS = {"allow": "ACCEPT", "deny": "DROP"}


def is_address(source: str) -> bool:
    """Whether Proxmox can compare a packet with it: an address or a network, not a name."""
    try:
        ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False
    return True


def unusable(desired: DesiredResource) -> list[str]:
    """The sources that nobody knows the address of."""
    return sorted({r.source for r in desired.rules if r.source != ANY and not is_address(r.source)})


def words_of(desired: DesiredResource) -> list[str]:
    """The rules in their order, for people: `allow 10.0.0.0/8 tcp 80,443`."""
    return [_words(rule) for rule in rules_of(desired)]


def rules_of(desired: DesiredResource) -> list[dict[str, Any]]:
    """The rules as Proxmox takes them. Several ports of one protocol are one rule; two protocols are two."""
    rules = (r for r in desired.rules if r.source == ANY or is_address(r.source))
    return [made for rule in rules for made in _made(rule)]


def _made(rule: FirewallRule) -> Iterable[dict[str, Any]]:
    common: dict[str, Any] = {"type": "in", "action": _ACTIONS[rule.action], "enable": 1}
    common |= {} if rule.source == ANY else {"source": rule.source}
    said = " ".join((rule.description or "").split())  # a rule is one line
    common["comment"] = f"{OWN}: {said}"[:200] if said else OWN
    protocols = sorted({port.protocol for port in rule.ports})
    if not protocols:
        yield common
    for protocol in protocols:
        ports = sorted({port.target for port in rule.ports if port.protocol == protocol})
        for first in range(0, len(ports), _MOST_PORTS):
            some = ports[first : first + _MOST_PORTS]
            yield common | {"proto": protocol, "dport": ",".join(map(str, some))}


def policy_of(rules: Sequence[Rule]) -> str:
    """What happens to a packet that no rule is about."""
    return "DROP" if any(rule["action"] == "ACCEPT" for rule in rules) else "ACCEPT"


def seen(rules: Iterable[Rule]) -> list[str]:
    """What of a guest's rules is ALMA's, in order, for people; a rule that is switched off is none."""
    ours = (r for r in rules if str(r.get("comment", "")).startswith(OWN))
    return [
        _words(rule)
        for rule in sorted(ours, key=lambda rule: int(rule.get("pos", 0)))
        if flag(rule.get("enable", 0)) and rule.get("comment") != _ACCESS
    ]


def _words(rule: Rule) -> str:
    action = next((w for w, a in _ACTIONS.items() if a == rule.get("action")), rule.get("action"))
    words = [str(action), str(rule.get("source") or ANY)]
    words += [str(rule["proto"]), str(rule["dport"])] if rule.get("proto") else []
    return " ".join(words)


async def read(api: Api, path: str) -> list[Rule]:
    """The rules of the guest at that path."""
    found: list[Rule] = await api.get(f"{path}/firewall/rules") or []
    return found


async def put(api: Api, path: str, desired: DesiredResource, *, access: bool) -> None:
    """Makes the guest's rules those that are desired. Rules that people added stay, below ALMA's.

    `access`: ALMA has to get in over SSH, which a policy that drops would forbid.
    """
    wanted = rules_of(desired)
    if access and wanted:
        wanted.append(
            {"type": "in", "action": "ACCEPT", "enable": 1, "proto": "tcp", "dport": "22"}
            | {"comment": _ACCESS}
        )
    there = await read(api, path)
    ours = [rule for rule in there if str(rule.get("comment", "")).startswith(OWN)]
    if [_key(rule) for rule in ours] != [_key(rule) for rule in wanted]:
        for rule in sorted(ours, key=lambda rule: -int(rule["pos"])):
            await api.delete(f"{path}/firewall/rules/{rule['pos']}")
        for rule in reversed(wanted):  # each new one goes to the top
            await api.post(f"{path}/firewall/rules", {**rule, "pos": 0})
    if wanted or ours:
        on = {"enable": int(bool(wanted)), "policy_in": policy_of(rules_of(desired))}
        await api.put(f"{path}/firewall/options", on)


def _key(rule: Rule) -> tuple[str, ...]:
    return (_words(rule), str(rule.get("comment", "")), str(flag(rule.get("enable", 0))))
