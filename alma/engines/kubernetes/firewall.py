"""Ordered rules, the first of which decides, as the rules of a NetworkPolicy, which only allow. Pure.

Port by port, the rules that are about it are followed in their order: what an earlier one denies is taken out of what
a later one allows. When none matches, a set of rules with any that allows drops the rest, one that only denies lets it
in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from alma.core.model.blueprint import FirewallRule
from alma.engines.kubernetes import names
from alma.engines.kubernetes.labels import RESOURCE, network_label

ANY: Final = "any"
_ALLOW: Final = "allow"
_PROTOCOLS: Final = ("tcp", "udp")
_LAST: Final = 65_535
_EVERYWHERE: Final = ("0.0.0.0/0", "::/0")
Peer = dict[str, Any]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass
class Compiled:
    """The rules of a NetworkPolicy, and in words what of the wish they can't say."""

    ingress: list[dict[str, Any]]
    losses: list[str]


@dataclass
class _Sources:
    """Who may reach one port. `everyone` makes the peers needless."""

    peers: list[Peer] = field(default_factory=list)
    everyone: bool = False


def words_of(rules: Sequence[FirewallRule]) -> list[str]:
    """The rules in their order, for people: `allow 10.0.0.0/8 80,443`."""
    return [_words(rule) for rule in rules]


def _words(rule: FirewallRule) -> str:
    each = sorted({(port.target, port.protocol) for port in rule.ports})
    ports = ",".join(f"{number}{'/udp' if name == 'udp' else ''}" for number, name in each)
    return " ".join(filter(None, (rule.action, rule.source, ports)))


def compiled(rules: Sequence[FirewallRule], *, ranges: bool) -> Compiled:
    """What a NetworkPolicy says of these rules. `ranges`: the cluster knows ranges of ports (`endPort`, since 1.22)."""
    if not any(rule.action == _ALLOW for rule in rules):
        rules = [*rules, FirewallRule()]
    losses: list[str] = []
    named = sorted({(port.protocol, port.target) for rule in rules for port in rule.ports})
    rest = _sources(rules, None, losses)
    each = {at: _sources(rules, at, losses) for at in named}
    return Compiled([*_emitted(rest, each, ranges, losses)], [*dict.fromkeys(losses)])


def _sources(
    rules: Sequence[FirewallRule], at: tuple[str, int] | None, losses: list[str]
) -> _Sources:
    """Who may reach the port; None: any that no rule names."""
    found, denied = _Sources(), list[str]()
    for rule in rules:
        ports = {(port.protocol, port.target) for port in rule.ports}
        if ports and at not in ports:
            continue
        if rule.action != _ALLOW:
            denied.append(rule.source)
        elif ANY not in denied and rule.source == ANY and not denied:
            return _Sources(everyone=True)
        elif ANY not in denied:
            found.peers += [p for p in _peers(rule.source, denied, losses) if p not in found.peers]
    return found


def _peers(source: str, denied: Sequence[str], losses: list[str]) -> Iterator[Peer]:
    networks = [network for text in denied if (network := _network(text))]
    words = [text for text in denied if _network(text) is None]
    own = _network(source)
    if own is not None:
        yield from _blocks([own], networks)
    elif source == ANY:
        yield {"namespaceSelector": {}, "podSelector": _selector([], words)}
        if words:
            losses.append(
                f"'{words[0]}' is denied what everybody else may: only instances of the cluster can be told from it, "
                "so nothing from outside is let in"
            )
        else:
            yield from _blocks([ipaddress.ip_network(text) for text in _EVERYWHERE], networks)
    elif source not in words:
        yield {"podSelector": _selector([_is(RESOURCE, source)], words)}
        yield {"podSelector": _selector([_exists(source)], words)}


def _blocks(allowed: Sequence[Network], denied: Sequence[Network]) -> Iterator[Peer]:
    for network in allowed:
        inside = [d for d in denied if d.version == network.version]
        if any(network.subnet_of(d) for d in inside):  # type: ignore[arg-type]  # of one version
            continue
        holes = sorted({str(d) for d in inside if d.subnet_of(network)})  # type: ignore[arg-type]
        yield {"ipBlock": {"cidr": str(network)} | ({"except": holes} if holes else {})}


def _network(text: str) -> Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _selector(wanted: list[Peer], denied: Sequence[str]) -> Peer:
    expressions = [*wanted]
    for name in dict.fromkeys(denied):
        expressions.append(
            {"key": RESOURCE, "operator": "NotIn", "values": [names.label_value(name)]}
        )
        expressions.append({"key": network_label(name), "operator": "DoesNotExist"})
    return {"matchExpressions": expressions} if expressions else {}


def _is(key: str, name: str) -> Peer:
    return {"key": key, "operator": "In", "values": [names.label_value(name)]}


def _exists(network: str) -> Peer:
    return {"key": network_label(network), "operator": "Exists"}


# ── as rules of a policy ─────────────────────────────────────────────────────────────────────────


def _emitted(
    rest: _Sources,
    each: dict[tuple[str, int], _Sources],
    ranges: bool,
    losses: list[str],
) -> Iterator[dict[str, Any]]:
    """What holds for the ports that no rule names is said of all ports, where each of the others lets the same in."""
    if rest.everyone or rest.peers:
        if all(_covers(found, rest) for found in each.values()):
            yield _rule(rest, [])
        elif ranges:
            yield _rule(rest, [*_others(each)])
        else:
            losses.append(
                "what is allowed on all ports but some takes ranges of ports, which the cluster does not know: only "
                "the ports that are named are let in"
            )
    grouped: list[tuple[_Sources, list[dict[str, Any]]]] = []
    for (protocol, port), found in each.items():
        if found.everyone or found.peers:
            entry = {"protocol": protocol.upper(), "port": port}
            same = next((ports for sources, ports in grouped if sources == found), None)
            if same is None:
                grouped.append((found, [entry]))
            else:
                same.append(entry)
    for found, ports in grouped:
        yield _rule(found, ports)


def _covers(found: _Sources, rest: _Sources) -> bool:
    return found.everyone or (not rest.everyone and all(p in found.peers for p in rest.peers))


def _rule(sources: _Sources, ports: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {} if sources.everyone else {"from": sources.peers}
    return found | ({"ports": ports} if ports else {})


def _others(each: dict[tuple[str, int], _Sources]) -> Iterator[dict[str, Any]]:
    for protocol in _PROTOCOLS:
        start = 1
        for port in [*sorted(p for name, p in each if name == protocol), _LAST + 1]:
            if start < port:
                entry = {"protocol": protocol.upper(), "port": start}
                yield entry | ({"endPort": port - 1} if port - 1 > start else {})
            start = port + 1


def selector_of_members(stack: dict[str, str], network: str, value: str | None = None) -> Peer:
    """The pods of a stack in a network: all of them, or those whose label has that value."""
    if value is not None:
        return {"matchLabels": {**stack, network_label(network): value}}
    return {"matchLabels": stack, "matchExpressions": [_exists(network)]}
