"""Ordered rules and a policy that only allows let the same in; where they can't, it is said, and less is let in."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alma.core.model.blueprint import FirewallRule
from alma.engines.kubernetes.firewall import compiled, words_of
from alma.engines.kubernetes.labels import RESOURCE, network_label
from tests.unit.engines.kubernetes.wishes import patient

_NETWORKS = ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "192.168.0.0/16")
_NAMES = ("web", "api")
_PORTS = (22, 80, 443)


def rule(action: str = "allow", source: str = "any", *ports: int) -> FirewallRule:
    return FirewallRule.model_validate({"action": action, "source": source, "ports": ports})


# ── what rules and policies mean ─────────────────────────────────────────────────────────────────

Caller = str  # an address outside of the cluster, or the name of the resource that a pod is of


def decided(rules: list[FirewallRule], caller: Caller, port: int) -> bool:
    """What the first rule that matches says."""
    for one in rules:
        ports = {p.target for p in one.ports}
        if (not ports or port in ports) and _is(caller, one.source):
            return one.action == "allow"
    return not any(one.action == "allow" for one in rules)


def _is(caller: Caller, source: str) -> bool:
    if source in {"any", caller}:
        return True
    try:
        return ipaddress.ip_address(caller) in ipaddress.ip_network(source)
    except ValueError:
        return False


def let_in(ingress: list[dict[str, Any]], caller: Caller, port: int) -> bool:
    """What a network plug-in that keeps to the API's rules does."""
    return any(
        ("ports" not in one or any(_has(entry, port) for entry in one["ports"]))
        and ("from" not in one or any(_matches(peer, caller) for peer in one["from"]))
        for one in ingress
    )


def _has(entry: dict[str, Any], port: int) -> bool:
    first = int(entry["port"])
    return entry["protocol"] == "TCP" and first <= port <= int(entry.get("endPort", first))


def _matches(peer: dict[str, Any], caller: Caller) -> bool:
    block = peer.get("ipBlock")
    if caller in _NAMES:
        labels = {RESOURCE: caller}
        return "podSelector" in peer and _selects(peer["podSelector"], labels)
    if block is None:
        return False
    address = ipaddress.ip_address(caller)
    holes = (ipaddress.ip_network(text) for text in block.get("except", ()))
    return address in ipaddress.ip_network(block["cidr"]) and not any(address in h for h in holes)


def _selects(selector: dict[str, Any], labels: dict[str, str]) -> bool:
    for wanted in selector.get("matchExpressions", ()):
        value = labels.get(wanted["key"])
        holds = {
            "In": value in wanted.get("values", ()),
            "NotIn": value not in wanted.get("values", ()),
            "Exists": value is not None,
            "DoesNotExist": value is None,
        }[wanted["operator"]]
        if not holds:
            return False
    return True


_ported = st.lists(
    st.tuples(
        st.sampled_from(["allow", "deny"]),
        st.sampled_from(["any", *_NETWORKS, *_NAMES]),
        st.lists(st.sampled_from(_PORTS), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=5,
).map(lambda found: [rule(action, source, *ports) for action, source, ports in found])
_CALLERS = ("10.1.2.3", "10.1.9.9", "10.9.9.9", "192.168.1.1", "8.8.8.8", *_NAMES)


@patient
@given(_ported, st.booleans())
def test_a_policy_never_lets_in_what_the_rules_keep_out(
    rules: list[FirewallRule], ranges: bool
) -> None:
    found = compiled(rules, ranges=ranges).ingress
    for caller in _CALLERS:
        for port in (*_PORTS, 9999):
            if let_in(found, caller, port):
                assert decided(rules, caller, port), (caller, port)


@patient
@given(_ported)
def test_it_lets_in_all_that_they_do_where_nothing_is_said_to_be_lost(
    rules: list[FirewallRule],
) -> None:
    found = compiled(rules, ranges=True)
    if found.losses:
        return
    for caller in _CALLERS:
        for port in (*_PORTS, 9999):
            assert let_in(found.ingress, caller, port) is decided(rules, caller, port)


# ── cases ────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_allowed_is_kept_out() -> None:
    found = compiled([rule("allow", "10.0.0.0/8", 5432)], ranges=False)
    assert found.ingress == [
        {
            "from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}],
            "ports": [{"protocol": "TCP", "port": 5432}],
        }
    ]
    assert found.losses == []


def test_rules_that_only_deny_let_the_rest_in() -> None:
    found = compiled([rule("deny", "10.0.0.0/8")], ranges=False)
    everywhere, six = found.ingress[0]["from"][1:]
    assert everywhere == {"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}
    assert six == {"ipBlock": {"cidr": "::/0"}}


def test_a_name_is_that_of_a_resource_or_of_a_network() -> None:
    (found,) = compiled([rule("allow", "lan")], ranges=False).ingress
    assert [peer["podSelector"]["matchExpressions"][0] for peer in found["from"]] == [
        {"key": RESOURCE, "operator": "In", "values": ["lan"]},
        {"key": network_label("lan"), "operator": "Exists"},
    ]


def test_a_denied_port_leaves_the_others_where_ranges_are_known() -> None:
    rules = [rule("deny", "any", 22), rule("allow", "10.0.0.0/8")]
    (found,) = compiled(rules, ranges=True).ingress
    assert {"protocol": "TCP", "port": 1, "endPort": 21} in found["ports"]
    assert {"protocol": "TCP", "port": 23, "endPort": 65535} in found["ports"]
    old = compiled(rules, ranges=False)
    assert old.ingress == []
    assert "ranges of ports" in old.losses[0]


def test_who_is_denied_what_everybody_may_can_t_be_told_from_outside() -> None:
    found = compiled([rule("deny", "web"), rule("allow", "any")], ranges=True)
    assert "'web' is denied" in found.losses[0]
    assert not let_in(found.ingress, "web", 80)
    assert let_in(found.ingress, "api", 80)
    assert not let_in(found.ingress, "8.8.8.8", 80)


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (rule("allow", "10.0.0.0/8", 443, 80), "allow 10.0.0.0/8 80,443"),
        (rule("deny"), "deny any"),
    ],
)
def test_a_rule_in_words(one: FirewallRule, words: str) -> None:
    assert words_of([one]) == [words]
