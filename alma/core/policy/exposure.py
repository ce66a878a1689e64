"""What can be reached from outside, and on which ports: addresses, published ports, load balancers, firewalls.

A flag says what somebody meant; this says what follows. Rules of firewalls are read as engines read them: those about
a resource in their order, the first that matches decides; when none does, the rest is dropped if any rule allows.
"""

from __future__ import annotations

import ipaddress
from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from alma.core.model.blueprint import FirewallRule, Resource, ResourceType
from alma.core.policy.graph import Graph, Range, is_outside

ANY = "any"
_NEAREST = 20  # load balancers of a way that are told
_OFTEN = ("10.", "192.168.")  # inside for certain, without a closer look
_WIDE = {4: 8, 6: 16}  # a range of at least this many addresses is as good as any


@dataclass(frozen=True, slots=True)
class Exposure:
    """How far one resource can be reached from outside. `opened` are ports that a rule lets any source in to."""

    direct: bool = False
    via: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    opened: tuple[int, ...] = ()
    any_port: bool = False
    firewalled: bool = False
    default_deny: bool = False

    @property
    def exposed(self) -> bool:
        """Directly, or through a load balancer."""
        return self.direct or bool(self.via)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule of a firewall, read once: its place in the order, and whether it is about everybody."""

    place: int
    allows: bool
    source: str
    target: str
    ports: frozenset[int]
    anywhere: bool

    @classmethod
    def of(cls, place: int, rule: FirewallRule) -> _Rule:
        """As it is asked about."""
        ports = frozenset(port.target for port in rule.ports)
        anywhere = is_anywhere(rule.source)
        return cls(place, rule.action == "allow", rule.source, rule.target, ports, anywhere)


@dataclass(slots=True)
class _Way:
    """How something was reached through load balancers."""

    via: tuple[str, ...]
    ports: dict[int, None] = field(default_factory=dict)


class Exposures:
    """The exposure of every resource of one blueprint."""

    def __init__(self, graph: Graph, *, inside: Collection[str] = ()) -> None:
        """`inside` names resources whose published ports are declared out of reach."""
        self._graph = graph
        self._inside = frozenset(inside)

    def of(self, resource: Resource) -> Exposure:
        """The exposure of one resource."""
        rules = self._rules_of(resource)
        listens = [port.target for port in self._graph.ports_of(resource)]
        direct = self._open_to_anywhere(resource)
        way = self._ways.get(resource.name)
        outside = self._has_address_outside(resource)
        opened = _opened(rules, listens)
        return Exposure(
            direct=bool(direct) or (outside and not listens and _lets_in(rules, None)),
            via=way.via if way else (),
            ports=tuple(sorted({*direct, *(way.ports if way else ())})),
            opened=opened,
            any_port=(outside and _lets_in(rules, None)) or _opens_all(rules),
            firewalled=bool(rules),
            default_deny=any(rule.allows for rule in rules),
        )

    # ── addresses ────────────────────────────────────────────────────────────────────────────

    def _has_address_outside(self, resource: Resource) -> bool:
        """By its own wish, by the address it has, or by the network it is in."""
        if resource.type in {ResourceType.NETWORK, ResourceType.FIREWALL, ResourceType.VOLUME}:
            return False
        if resource.network.public_ip:
            return True
        own = resource.network.private_ip
        if own is not None and not own.startswith(_OFTEN) and is_outside(ipaddress.ip_network(own)):
            return True
        public = self._graph.public_networks
        return bool(public) and any(n in public for n in self._graph.memberships[resource.name])

    def _open_to_anywhere(self, resource: Resource) -> list[int]:
        """The ports on which anybody outside gets to it without a load balancer."""
        ports = self._graph.ports_of(resource)
        if not self._has_address_outside(resource):
            ports = () if resource.name in self._inside else ports
            ports = tuple(port for port in ports if port.published is not None)
        rules = self._rules_of(resource) if ports else ()
        return [port.target for port in ports if _lets_in(rules, port.target)]

    # ── load balancers ───────────────────────────────────────────────────────────────────────

    @cached_property
    def _ways(self) -> Mapping[str, _Way]:
        """What is reached through load balancers, breadth first; each by the shortest way."""
        found: dict[str, _Way] = {}
        waiting: deque[tuple[Resource, tuple[str, ...]]] = deque(
            (balancer, (balancer.name,))
            for balancer in self._graph.of_type(ResourceType.LOAD_BALANCER)
            if self._open_to_anywhere(balancer) or self._open_without_ports(balancer)
        )
        seen = {balancer.name for balancer, _ in waiting}
        spread = False
        while waiting:
            balancer, via = waiting.popleft()
            backends = self._graph.backends_of(balancer)
            if backends is self._graph.default_backends:
                if spread:
                    continue
                spread = True
            for name in backends:
                backend = self._graph.by_name[name]
                if not self._let_through(balancer, backend, via, found):
                    continue
                if backend.type is ResourceType.LOAD_BALANCER and name not in seen:
                    seen.add(name)
                    waiting.append((backend, (*via, name)[-_NEAREST:]))
        return found

    def _open_without_ports(self, balancer: Resource) -> bool:
        return (
            self._has_address_outside(balancer)
            and not self._graph.ports_of(balancer)
            and _lets_in(self._rules_of(balancer), None)
        )

    def _let_through(
        self,
        balancer: Resource,
        backend: Resource,
        via: tuple[str, ...],
        found: dict[str, _Way],
    ) -> bool:
        """Whether a load balancer gets to a backend, on the port it sends to: the backend's first."""
        ports = self._graph.ports_of(backend)
        if not ports:
            return False
        own = balancer.network.private_ip
        names = {balancer.name, *self._graph.memberships[balancer.name], *([own] if own else [])}
        if not _lets_in(self._rules_of(backend), ports[0].target, names=names):
            return False
        found.setdefault(backend.name, _Way(via)).ports[ports[0].target] = None
        return True

    # ── firewalls ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _rules(self) -> Mapping[str, Sequence[_Rule]]:
        """The rules of all firewalls by their target, each with its place in the order."""
        found: dict[str, list[_Rule]] = defaultdict(list)
        firewalls = self._graph.of_type(ResourceType.FIREWALL)
        for place, rule in enumerate(rule for item in firewalls for rule in item.rules):
            found[rule.target].append(_Rule.of(place, rule))
        return found

    @cached_property
    def _shared(self) -> dict[tuple[str, ...], tuple[_Rule, ...]]:
        return {}

    def _rules_of(self, resource: Resource) -> tuple[_Rule, ...]:
        """The rules about what reaches it, in order. Resources that the same rules are about share one list."""
        if not self._rules:
            return ()
        key = tuple(target for target in self._targets(resource) if target in self._rules)
        if key not in self._shared:
            found = (rule for target in key for rule in self._rules[target])
            self._shared[key] = tuple(sorted(found, key=lambda rule: rule.place))
        return self._shared[key]

    def _targets(self, resource: Resource) -> Iterator[str]:
        """The words by which a rule may mean it."""
        networks = self._graph.memberships[resource.name]
        yield from (ANY, resource.name, *networks)
        yield from (str(self._graph.ranges[n]) for n in networks if n in self._graph.ranges)
        if resource.network.private_ip:
            yield resource.network.private_ip


def _lets_in(rules: Sequence[_Rule], port: int | None, *, names: Collection[str] = ()) -> bool:
    """Whether what comes from anywhere (or from `names`) gets in. Without a port: whether anything but the ports that
    rules name does."""
    for rule in rules:
        if rule.ports and (port is None or port not in rule.ports):
            continue
        if rule.anywhere or rule.source in names:
            return rule.allows
    return not any(rule.allows for rule in rules)


def _opened(rules: Sequence[_Rule], listens: Sequence[int]) -> tuple[int, ...]:
    """The ports that a rule lets any source in to, whether there is an address outside or not. A rule for all ports
    means those it listens on."""
    named: set[int] = set()
    for rule in rules:
        if rule.allows and rule.anywhere and rule.target != ANY:
            named.update(rule.ports or listens)
    return tuple(sorted(port for port in named if _lets_in(rules, port)))


def _opens_all(rules: Sequence[_Rule]) -> bool:
    return _lets_in(rules, None) and any(
        rule.allows and not rule.ports and rule.anywhere for rule in rules
    )


def is_anywhere(source: str) -> bool:
    """Whether a rule's source is everybody: `any`, or so wide a range that it makes no difference."""
    if source == ANY:
        return True
    if "/" not in source:
        return False
    try:
        range_: Range = ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False
    return range_.prefixlen <= _WIDE[range_.version] and is_outside(range_)
