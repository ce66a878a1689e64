"""The ground of an AWS file: a VPC with public and private subnets in two zones, names, and who may reach whom.

A network of a blueprint is a security group whose members reach each other, and a subnet where it has a range. Names
are records of a private zone, in which short names are looked up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence

from alma.core.model.blueprint import WORKLOADS, FirewallRule, ResourceType
from alma.core.model.state import DesiredResource
from alma.core.model.units import Port
from alma.renderers.opentofu.aws.writing import Writing, is_balancer, is_machine
from alma.renderers.opentofu.document import Block, literal

VPC = "${aws_vpc.main.id}"
_USUAL = ipaddress.IPv4Network("10.0.0.0/16")
_WIDEST, _NARROWEST = 16, 28
_SUBNET = 20
_EVERYWHERE = "0.0.0.0/0"
ZONES = 2
_GROUPED = WORKLOADS - {ResourceType.OBJECT_STORE}


class Ground:
    """Where everything else stands."""

    def __init__(self, writing: Writing) -> None:
        self.writing = writing
        self.document = writing.document
        self.networks = {i.address: i for i in writing.resources if i.type is ResourceType.NETWORK}
        self.ranges = {a: r for a, n in self.networks.items() if (r := _range_of(n)) is not None}

    def lay(self) -> None:
        """Everything that the others refer to."""
        self._vpc()
        self._subnets()
        self._names()
        for address, network in self.networks.items():
            self._network(address, network)

    # ── the VPC ──────────────────────────────────────────────────────────────────────────────────

    def _vpc(self) -> None:
        self.vpc = _around([*self.networks.values()])
        outside = {a for a, r in self.ranges.items() if not r.subnet_of(self.vpc)}
        for address in sorted(outside):
            self.writing.notes.approximated(
                self.networks[address], "cidr", f"the VPC is {self.vpc}, which does not hold it: it has no subnet"
            )  # fmt: skip
            del self.ranges[address]
        tags = {"Name": literal(self.writing.subject.stack)}
        add = self.document.resource
        add(
            "aws_vpc",
            "main",
            {
                "cidr_block": str(self.vpc),
                "enable_dns_support": True,
                "enable_dns_hostnames": True,
                "tags": tags,
            },
        )
        self.document.data("aws_availability_zones", "available", {"state": "available"})
        add("aws_internet_gateway", "main", {"vpc_id": VPC, "tags": tags})
        self._table("public", {"gateway_id": "${aws_internet_gateway.main.id}"})
        if any(_goes_out(item) for item in self.writing.resources):
            add("aws_eip", "nat", {"domain": "vpc", "depends_on": ["aws_internet_gateway.main"]})
            gateway = {
                "allocation_id": "${aws_eip.nat.id}",
                "subnet_id": "${aws_subnet.public_1.id}",
            }
            add(
                "aws_nat_gateway",
                "main",
                gateway,
                about="The way out for what has no public address.",
            )
            self._table("private", {"nat_gateway_id": "${aws_nat_gateway.main.id}"})
        else:
            self._table("private", None)

    def _table(self, name: str, way: Block | None) -> None:
        tags = {"Name": literal(f"{self.writing.subject.stack}-{name}")}
        self.document.resource("aws_route_table", name, {"vpc_id": VPC, "tags": tags})
        if way is not None:
            route = {
                "route_table_id": f"${{aws_route_table.{name}.id}}",
                "destination_cidr_block": _EVERYWHERE,
            }
            self.document.resource("aws_route", name, {**route, **way})

    def _subnets(self) -> None:
        free = _free(self.vpc, [*self.ranges.values()])
        for kind in ("public", "private"):
            for zone in range(ZONES):
                self._subnet(f"{kind}-{zone + 1}", next(free), zone=zone, table=kind)
        for address, range_ in self.ranges.items():
            self._subnet(f"network {address}", range_, zone=0, table="private")

    def _subnet(self, name: str, range_: ipaddress.IPv4Network, *, zone: int, table: str) -> None:
        block = {
            "vpc_id": VPC,
            "cidr_block": str(range_),
            "availability_zone": f"${{data.aws_availability_zones.available.names[{zone}]}}",
            "tags": {"Name": literal(f"{self.writing.subject.stack}-{name}")},
        }
        address = self.document.resource("aws_subnet", name, block)
        joined = {
            "subnet_id": f"${{{address}.id}}",
            "route_table_id": f"${{aws_route_table.{table}.id}}",
        }
        self.document.resource("aws_route_table_association", name, joined)

    def _names(self) -> None:
        add, zone = self.document.resource, self.writing.zone
        servers = ["AmazonProvidedDNS"]
        add("aws_vpc_dhcp_options", "main", {"domain_name": zone, "domain_name_servers": servers})
        options = {"vpc_id": VPC, "dhcp_options_id": "${aws_vpc_dhcp_options.main.id}"}
        add("aws_vpc_dhcp_options_association", "main", options)
        add("aws_route53_zone", "main", {"name": zone, "vpc": {"vpc_id": VPC}})

    def _network(self, address: str, network: DesiredResource) -> None:
        """A group without rules: being in it is what others' rules ask for."""
        self._group(
            f"network {address}", f"Members of the network {address}", self.writing.tags(network)
        )
        if network.resource.vlan is not None:
            self.writing.notes.unsupported(network, "vlan", "a VPC has no VLAN tags")
        if network.resource.cidr and _range_of(network) is None:
            reason = (
                f"a subnet is IPv4, from /{_WIDEST + 1} to /{_NARROWEST}: the network is a security group, and its "
                "members are in the subnets of the VPC"
            )
            self.writing.notes.approximated(network, "cidr", reason)

    # ── where and by whom ────────────────────────────────────────────────────────────────────────

    def private(self) -> list[str]:
        """The private subnets."""
        return [f"${{aws_subnet.private_{zone + 1}.id}}" for zone in range(ZONES)]

    def public(self) -> list[str]:
        """The public subnets."""
        return [f"${{aws_subnet.public_{zone + 1}.id}}" for zone in range(ZONES)]

    def subnet(self, item: DesiredResource) -> str:
        """The bare address of the subnet of a machine: its network's, or one for each instance in turn."""
        fixed = item.resource.network.private_ip
        around = [n for n in item.networks if n in self.ranges and _holds(self.ranges[n], fixed)]
        own = around or [n for n in item.networks if n in self.ranges]
        if own and not item.public:
            return f"aws_subnet.{self.document.word(f'network {own[0]}')}"
        kind = "public" if item.public else "private"
        return f"aws_subnet.{kind}_{item.index % ZONES + 1}"

    def fixed(self, item: DesiredResource) -> str | None:
        """The private address of a machine, where its subnet holds it."""
        address = item.resource.network.private_ip
        if address is None:
            return None
        if not item.public and any(_holds(self.ranges.get(n), address) for n in item.networks):
            return address
        reason = "its subnet does not hold that address, so it gets another one: others find it by its name"
        self.writing.notes.approximated(item, "network.private_ip", reason)
        return None

    # ── who may reach whom ───────────────────────────────────────────────────────────────────────

    def groups(self, item: DesiredResource) -> list[str]:
        """The security groups of an instance: its resource's own, and its networks'."""
        own = f"aws_security_group.{self.document.word(f'group {item.resource.name}')}"
        if item.index == 0:
            self._group(f"group {item.resource.name}", item.resource.name, self.writing.tags(item))
            for number, rule in enumerate(self._ingress(item), start=1):
                block = {"security_group_id": f"${{{own}.id}}", **rule}
                name = f"{item.resource.name} {number}"
                self.document.resource("aws_vpc_security_group_ingress_rule", name, block)
        members = [self._membership(name) for name in item.networks if name in self.networks]
        return [f"${{{own}.id}}", *members]

    def _membership(self, network: str) -> str:
        return f"${{aws_security_group.{self.document.word(f'network {network}')}.id}}"

    def _group(self, name: str, described: str, tags: Block) -> None:
        about = literal("".join(c if c.isascii() and c.isalnum() else " " for c in described))
        block = {
            "name_prefix": f"{self.writing.name(name, 90)}-",
            "description": about,
            "vpc_id": VPC,
            "tags": tags,
        }
        group = self.document.resource("aws_security_group", name, block)
        out = {
            "security_group_id": f"${{{group}.id}}",
            "ip_protocol": "-1",
            "cidr_ipv4": _EVERYWHERE,
        }
        self.document.resource("aws_vpc_security_group_egress_rule", name, out)

    def _ingress(self, item: DesiredResource) -> Iterator[Block]:
        """With rules that allow, these alone; else its networks, and everybody where it is public."""
        allowed = [rule for rule in item.rules if rule.action == "allow"]
        self._denied(item, some=bool(allowed))
        if allowed:
            for rule in allowed:
                yield from self._allowed(item, rule)
            return
        for network in item.networks:
            if network in self.networks:
                for group in (self._membership(network), *self._clusters_in(network)):
                    yield {"ip_protocol": "-1", "referenced_security_group_id": group}
        if item.public:
            for port in item.ports:
                outer = (port.published or port.target) if is_balancer(item) else port.target
                yield {"cidr_ipv4": _EVERYWHERE, **_port(port, outer)}

    def _clusters_in(self, network: str) -> Iterator[str]:
        """The groups that the nodes of clusters in a network are in: AWS puts them into no others."""
        for item in self.writing.resources:
            attached = item.resource.network.attach or tuple(self.networks)[:1]
            if item.type is ResourceType.KUBERNETES_CLUSTER and network in attached:
                cluster = f"aws_eks_cluster.{self.document.word(item.address)}"
                yield f"${{{cluster}.vpc_config[0].cluster_security_group_id}}"

    def _denied(self, item: DesiredResource, *, some: bool) -> None:
        rules = item.rules
        last = rules[-1] if rules else None
        everything = last is not None and last.source == "any" and not last.ports and some
        denied = [rule for rule in rules if rule.action == "deny"]
        if denied and not (everything and len(denied) == 1 and last is denied[0]):
            reason = "a security group allows and can't deny: rules that deny are left out"
            self.writing.notes.unsupported(item, "rules", reason)

    def _allowed(self, item: DesiredResource, rule: FirewallRule) -> Iterator[Block]:
        said = "".join(
            c if c.isascii() and c.isprintable() else " " for c in rule.description or ""
        )
        about = {"description": literal(said[:255])} if said.strip() else {}
        for source in self._sources(item, rule.source):
            for port in rule.ports or (None,):
                reach = _port(port, port.target) if port else {"ip_protocol": "-1"}
                yield {**source, **reach, **about}

    def _sources(self, item: DesiredResource, source: str) -> Iterator[Block]:
        named = {r.resource.name for r in self.writing.resources if r.type in _GROUPED}
        if source == "any":
            yield {"cidr_ipv4": _EVERYWHERE}
        elif source in self.networks:
            yield {"referenced_security_group_id": self._membership(source)}
        elif source in named:
            group = f"aws_security_group.{self.document.word(f'group {source}')}"
            yield {"referenced_security_group_id": f"${{{group}.id}}"}
        elif (range_ := _parsed(source)) is not None:
            yield {f"cidr_ipv{range_.version}": str(range_)}
        else:
            self.writing.notes.unsupported(item, "rules", f"nobody knows the address of '{source}'")


def _goes_out(item: DesiredResource) -> bool:
    """Whether it needs a way out, as what fetches its software does."""
    return item.type is ResourceType.KUBERNETES_CLUSTER or (is_machine(item) and not item.public)


def _port(port: Port, number: int) -> Block:
    return {"ip_protocol": port.protocol, "from_port": number, "to_port": number}


def _parsed(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _range_of(network: DesiredResource) -> ipaddress.IPv4Network | None:
    found = _parsed(network.resource.cidr) if network.resource.cidr else None
    fits = isinstance(found, ipaddress.IPv4Network) and _WIDEST < found.prefixlen <= _NARROWEST
    return found if fits and isinstance(found, ipaddress.IPv4Network) else None


def _holds(range_: ipaddress.IPv4Network | None, address: str | None) -> bool:
    return range_ is not None and address is not None and ipaddress.ip_address(address) in range_


def _around(networks: Sequence[DesiredResource]) -> ipaddress.IPv4Network:
    """The VPC's range: the /16 around the first network that says one, so that rules about it hold."""
    for network in networks:
        found = _parsed(network.resource.cidr) if network.resource.cidr else None
        if isinstance(found, ipaddress.IPv4Network) and found.prefixlen >= _WIDEST:
            return found.supernet(new_prefix=_WIDEST)
    return _USUAL


def _free(
    vpc: ipaddress.IPv4Network, taken: list[ipaddress.IPv4Network]
) -> Iterator[ipaddress.IPv4Network]:
    """Ranges for subnets that overlap with none of these; smaller ones once the larger are used up."""
    used = [*taken]
    for prefix in range(_SUBNET, _NARROWEST + 1):
        for range_ in vpc.subnets(new_prefix=prefix):
            if not any(range_.overlaps(other) for other in used):
                used.append(range_)
                yield range_
