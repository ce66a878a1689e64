"""Load balancers: one for HTTP by default, one for connections where what is behind it speaks something else."""

from __future__ import annotations

from alma.core.model.blueprint import COMPUTE
from alma.core.model.state import DesiredResource
from alma.core.model.units import Port
from alma.renderers.opentofu.aws.ground import VPC, Ground
from alma.renderers.opentofu.aws.writing import Writing, is_machine
from alma.renderers.opentofu.document import Block, literal, present

_TLS = (443, 8443)


class Balancers:
    """Load balancers in front of machines."""

    def __init__(self, writing: Writing, ground: Ground) -> None:
        self.writing = writing
        self.ground = ground
        self.document = writing.document

    def add(self, item: DesiredResource) -> None:
        """The balancer, what it spreads over, and the ports it listens on."""
        http = self._speaks_http(item)
        block = {
            "name": self.writing.name(item.address, 32),
            "load_balancer_type": "application" if http else "network",
            "internal": not item.public,
            "subnets": self.ground.public() if item.public else self.ground.private(),
            "security_groups": self.ground.groups(item),
            "tags": self.writing.tags(item),
        }
        about = "An Application Load Balancer." if http else "A Network Load Balancer."
        address = self.document.resource("aws_lb", item.address, block, about=about)
        group = self._targets(item, http=http)
        for port in item.ports:
            self._listener(item, port, address, group, http=http)
        alias = {
            "name": f"${{{address}.dns_name}}",
            "zone_id": f"${{{address}.zone_id}}",
            "evaluate_target_health": True,
        }
        self.writing.record(item, "A", alias=alias)
        self.document.output(
            f"{item.address} address", f"${{{address}.dns_name}}", f"Where {item.address} answers."
        )
        self._unsaid(item)

    def _speaks_http(self, item: DesiredResource) -> bool:
        behind = [self.writing.by_address.get(backend.address) for backend in item.backends]
        compute = all(one is not None and one.type in COMPUTE for one in behind)
        return compute and all(port.protocol == "tcp" for port in item.ports)

    def _unsaid(self, item: DesiredResource) -> None:
        notes = self.writing.notes
        notes.approximated(
            item,
            "engine",
            "AWS runs the balancer: its settings are those of the service, not of the software catalogue",
        )
        resource = item.resource
        lost = {"mounts": resource.mounts, "backup": resource.backup and resource.backup.enabled}
        notes.none_of(item, lost, "a load balancer of AWS keeps nothing")
        if resource.specs.model_fields_set:
            notes.approximated(item, "specs", "AWS sizes a load balancer by its load")
        if item.resource.network.private_ip or isinstance(item.resource.network.public_ip, str):
            notes.unsupported(
                item,
                "network",
                "AWS gives a load balancer its addresses, which change: it is reached by its name",
            )

    def _targets(self, item: DesiredResource, *, http: bool) -> str:
        first = item.backends[0].port if item.backends else 80
        block = {
            "name": self.writing.name(f"{item.address}-targets", 32),
            "port": first,
            "protocol": "HTTP" if http else "TCP",
            "vpc_id": VPC,
            "target_type": "instance",
            "health_check": self._check(item, http=http),
            "tags": self.writing.tags(item),
        }
        group = self.document.resource("aws_lb_target_group", item.address, block)
        for backend in item.backends:
            target = self.writing.by_address.get(backend.address)
            if target is None or not is_machine(target):
                self.writing.notes.unsupported(
                    item,
                    "backends",
                    f"'{backend.address}' is no machine that a load balancer can reach",
                )
                continue
            attached = {
                "target_group_arn": f"${{{group}.arn}}",
                "target_id": f"${{aws_instance.{self.document.word(target.address)}.id}}",
                "port": backend.port,
            }
            name = f"{item.address} {backend.address}"
            self.document.resource("aws_lb_target_group_attachment", name, attached)
        return group

    def _check(self, item: DesiredResource, *, http: bool) -> Block:
        """As the backends' own check asks; else any answer of the root will do that is no error."""
        if not http:
            return {"protocol": "TCP"}
        behind = (self.writing.by_address.get(backend.address) for backend in item.backends)
        paths = [b.health.path for b in behind if b and b.health and b.health.kind == "http"]
        return {
            "protocol": "HTTP",
            "path": literal(paths[0] if paths else "/"),
            "matcher": "200-399",
        }

    def _listener(
        self, item: DesiredResource, port: Port, balancer: str, group: str, *, http: bool
    ) -> None:
        number = port.published or port.target
        tls = http and number in _TLS
        certificate = None
        if tls:
            told = "The ARN of the certificate, in ACM, that HTTPS is answered with."
            certificate = self.document.variable("certificate_arn", told)
            self.writing.notes.left(
                "variable.certificate_arn",
                "HTTPS takes a certificate",
                hint="make one in ACM and set its ARN",
            )
        block = {
            "load_balancer_arn": f"${{{balancer}.arn}}",
            "port": number,
            "protocol": ("HTTPS" if tls else "HTTP") if http else port.protocol.upper(),
            "certificate_arn": certificate,
            "default_action": {"type": "forward", "target_group_arn": f"${{{group}.arn}}"},
        }
        self.document.resource(
            "aws_lb_listener", f"{item.address} {number} {port.protocol}", present(block)
        )
