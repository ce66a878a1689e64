"""A compose file by the Compose specification: what the Docker engine would make, as `docker compose up` makes it.

Files of software lie beside it and are mounted, so that any version of Compose takes them; in the format
`compose-inline` they are in it, for Docker Compose 2.23.1 and later. Secrets are files and variables that a person
fills in.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from alma.core.model.blueprint import WORKLOADS, ResourceType, SecretRef
from alma.core.model.engine import EngineTraits
from alma.core.model.rendering import Rendering, Subject, TargetFile
from alma.core.model.state import DesiredResource, RenderedFile
from alma.core.model.units import Port, Size
from alma.core.model.yaml_writer import write_yaml
from alma.core.ports.renderers import MachineTypes
from alma.engines.docker.names import own_labels
from alma.engines.docker.shape import TYPES, support_of
from alma.engines.docker.spec import inside_command
from alma.engines.systems import IDLE, image_of
from alma.renderers.notes import Notes
from alma.renderers.secrets import plain_names, secrets_in

FILE = "compose.yaml"
BESIDE, INLINE = "compose", "compose-inline"
_OWN = "127.0.0.1"

Doc = dict[str, Any]


class ComposeRenderer:
    """See `Renderer`. One service for each instance."""

    name: ClassVar[str] = "docker"
    formats: ClassVar[tuple[str, ...]] = (BESIDE, INLINE)
    traits: ClassVar[EngineTraits] = EngineTraits(resource_types=frozenset(TYPES))

    def render(
        self,
        resources: Sequence[DesiredResource],
        subject: Subject,
        *,
        format: str,
        types: MachineTypes,
    ) -> Rendering:
        """See `Renderer.render`."""
        return _Writing(resources, subject, inline=format == INLINE).rendered(format)


@dataclass
class _Writing:
    """One compose file on its way."""

    resources: Sequence[DesiredResource]
    subject: Subject
    inline: bool
    notes: Notes = field(default_factory=Notes)
    beside: list[TargetFile] = field(default_factory=list)
    services: Doc = field(default_factory=dict)
    networks: Doc = field(default_factory=dict)
    volumes: Doc = field(default_factory=dict)
    configs: Doc = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = plain_names(secrets_in(self.resources))
        self.variables = {name: word.upper() for name, word in names.items()}
        self.by_address = {item.address: item for item in self.resources}
        self.in_files = _in_files(self.resources)
        self.in_env = {
            value.secret
            for item in self.resources
            for value in item.env.values()
            if isinstance(value, SecretRef)
        }

    def rendered(self, format: str) -> Rendering:
        for item in self.resources:
            self.notes.told(item, support_of(item, cpus=None))
            if item.type is ResourceType.NETWORK:
                self.networks[item.address] = self.network(item)
            elif item.type is ResourceType.VOLUME:
                self.volumes[item.address] = _labelled(item)
            elif item.type in WORKLOADS:
                self.services[item.address] = self.service(item)
        main = TargetFile(path=FILE, content=f"{self.head()}\n{write_yaml(self.document())}")
        self.tell_secrets()
        return Rendering(
            engine=ComposeRenderer.name,
            format=format,
            files=(main, *self.beside),
            notes=self.notes.found,
        )

    # ── the file as a whole ──────────────────────────────────────────────────────────────────────

    def document(self) -> Doc:
        secrets = {name: {"file": f"./secrets/{name}"} for name in sorted(self.in_files)}
        parts: Doc = {
            "name": self.subject.stack,
            "services": self.services,
            "networks": self.networks,
            "volumes": self.volumes,
            "configs": self.configs,
            "secrets": secrets,
        }
        return {key: value for key, value in parts.items() if value or key == "services"}

    def head(self) -> str:
        lines = [f"{self.subject.words}."]
        if self.variables:
            lines += ["", "No secret is in here. Before the first start, write down:"]
            lines += [
                f"  ./secrets/{name}  a file with the value" for name in sorted(self.in_files)
            ]
            lines += [
                f"  {self.variables[name]}  a variable, in a file .env beside this one{self.same(name)}"
                for name in sorted(self.in_env)
            ]
        return "".join(f"# {line}".rstrip() + "\n" for line in lines)

    def same(self, name: str) -> str:
        return f": the same value as ./secrets/{name}" if name in self.in_files else ""

    def tell_secrets(self) -> None:
        for name in sorted(self.in_files):
            self.notes.left(
                f"secrets/{name}",
                f"the secret '{name}' is not in the files",
                hint="write its value into that file, without a line break, and let the software in the container "
                f"read it: chmod 444 secrets/{name}",
            )
        for name in sorted(self.in_env):
            self.notes.left(
                self.variables[name],
                f"the secret '{name}' is not in the files",
                hint=f"write {self.variables[name]}=… into a file .env beside {FILE}",
            )

    # ── networks ─────────────────────────────────────────────────────────────────────────────────

    def network(self, item: DesiredResource) -> Doc:
        found = _labelled(item)
        if cidr := item.resource.cidr:
            if ipaddress.ip_network(cidr).version == 6:
                found["enable_ipv6"] = True
            found["ipam"] = {"config": [{"subnet": cidr}]}
        return found

    def joined(self, item: DesiredResource) -> Doc | list[str]:
        """The networks of a service; those in which it has an address of its own say so."""
        fixed = item.resource.network.private_ip
        around = [n for n in item.networks if fixed and self.holds(n, fixed)]
        if not fixed or not around:
            return [*item.networks]
        version = ipaddress.ip_address(fixed).version
        return {n: {f"ipv{version}_address": fixed} if n in around else {} for n in item.networks}

    def holds(self, network: str, address: str) -> bool:
        cidr = self.by_address[network].resource.cidr if network in self.by_address else None
        return cidr is not None and ipaddress.ip_address(address) in ipaddress.ip_network(cidr)

    # ── services ─────────────────────────────────────────────────────────────────────────────────

    def service(self, item: DesiredResource) -> Doc:
        found: Doc = {
            "image": _literal(image_of(item)),
            "hostname": item.address[:63].rstrip("-."),
            "command": self.command(item),
            "environment": {name: self.value(v) for name, v in sorted(item.env.items())},
            **_limits(item),
            **_ports(item),
            "networks": self.joined(item),
            "volumes": [*self.mounts(item), *self.files(item)],
            "configs": self.inlined(item),
            "secrets": [
                {"source": file.secret, "target": file.path} for file in item.files if file.secret
            ],
            "depends_on": self.waits(item),
            "healthcheck": _healthcheck(item),
            "labels": _literals(own_labels(item)),
            "init": True,
            "security_opt": ["no-new-privileges:true"],
            "restart": "unless-stopped",
        }
        return {key: value for key, value in found.items() if value not in (None, {}, [])}

    def command(self, item: DesiredResource) -> list[str]:
        """What an operating system's image runs, which would end at once, is said too."""
        idles = item.software is None and item.type in {ResourceType.VM, ResourceType.CONTAINER}
        named = item.image is None or image_of(item) != item.image.strip()
        return [_literal(w) for w in (item.command or (IDLE if idles and named else ()))]

    def value(self, value: str | SecretRef) -> str:
        if isinstance(value, SecretRef):
            return f"${{{self.variables[value.secret]}:?write it into .env}}"
        return _literal(value)

    def mounts(self, item: DesiredResource) -> list[Doc]:
        return [
            {"type": "volume", "source": mount.volume, "target": mount.path}
            | ({"read_only": True} if mount.read_only else {})
            for mount in item.mounts
        ]

    def files(self, item: DesiredResource) -> list[Doc]:
        """What its software finds in place, mounted from beside the compose file."""
        if self.inline:
            return []
        made: list[Doc] = []
        for file in _plain(item):
            path = f"files/{item.address}{file.path}"
            self.beside.append(TargetFile(path=path, content=file.content, mode=file.mode))
            made.append(
                {"type": "bind", "source": f"./{path}", "target": file.path, "read_only": True}
            )
        return made

    def inlined(self, item: DesiredResource) -> list[Doc]:
        made: list[Doc] = []
        for number, file in enumerate(_plain(item) if self.inline else (), start=1):
            name = f"{item.address}.{number}"
            self.configs[name] = {"content": _literal(file.content)}
            made.append({"source": name, "target": file.path, "mode": file.mode})
        return made

    def waits(self, item: DesiredResource) -> Doc:
        found = (self.by_address.get(name) for name in item.depends_on)
        return {
            one.address: {
                "condition": "service_healthy" if inside_command(one.health) else "service_started"
            }
            for one in found
            if one is not None and one.type in WORKLOADS
        }


def _in_files(resources: Iterable[DesiredResource]) -> set[str]:
    return {file.secret for item in resources for file in item.files if file.secret}


def _plain(item: DesiredResource) -> Iterable[RenderedFile]:
    return (file for file in item.files if file.secret is None)


def _limits(item: DesiredResource) -> Doc:
    """As a service's own keys, which every version of Compose enforces. Without swap the memory limit is exact."""
    found: Doc = {}
    if item.cpu is not None:
        found["cpus"] = item.cpu
    if item.memory is not None:
        found["mem_limit"] = found["memswap_limit"] = _bytes(item.memory)
    return found


def _bytes(size: Size) -> str:
    """Exactly as many bytes: Compose's own units are binary."""
    for unit, factor in (("g", 1024**3), ("m", 1024**2)):
        if size.bytes % factor == 0:
            return f"{size.bytes // factor}{unit}"
    return f"{size.bytes}b"


def _ports(item: DesiredResource) -> Doc:
    """A load balancer is there to be reached: all of its ports are published."""
    balances = item.type is ResourceType.LOAD_BALANCER
    published = [port for port in item.ports if port.published or balances]
    inner = [port for port in item.ports if port not in published]
    return {
        "ports": [_published(port, public=item.public) for port in published],
        "expose": [_inner(port) for port in inner],
    }


def _published(port: Port, *, public: bool) -> str:
    host = "" if public else f"{_OWN}:"
    return f"{host}{port.published or port.target}:{_inner(port)}"


def _inner(port: Port) -> str:
    return f"{port.target}/udp" if port.protocol == "udp" else str(port.target)


def _healthcheck(item: DesiredResource) -> Doc | None:
    """None when nothing can be asked from inside: the image's own check then stays."""
    command = inside_command(item.health)
    if item.health is None or not command:
        return None
    return {
        "test": ["CMD", *(_literal(word) for word in command)],
        "interval": _seconds(item.health.interval),
        "timeout": _seconds(item.health.timeout),
        "start_period": _seconds(item.health.start_period),
        "retries": 3,
    }


def _seconds(amount: float) -> str:
    return f"{round(amount * 1000)}ms" if amount % 1 else f"{int(amount)}s"


def _labelled(item: DesiredResource) -> Doc:
    labels = _literals(own_labels(item))
    return {"labels": labels} if labels else {}


def _literals(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: _literal(text) for name, text in sorted(texts.items())}


def _literal(text: str) -> str:
    """Compose takes a dollar for the beginning of a variable."""
    return text.replace("$", "$$")
