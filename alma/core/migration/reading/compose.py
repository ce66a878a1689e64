"""Docker Compose: services, volumes and networks, by the Compose specification.

Variables (`${TAG:-1.2}`) get the default that is written there; one without a default is not known here, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from alma.core.migration.conversion import Conversion, Form, Lookups
from alma.core.migration.draft import Doc, Draft, Thing
from alma.core.migration.reading.ports import add_port, expanded
from alma.core.migration.reading.sizes import size_text
from alma.core.migration.secrecy import sounds_secret
from alma.core.migration.software import kind_of, run_image, software_of
from alma.core.migration.values import Values
from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import InvalidInput

_VARIABLE = re.compile(r"\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-+?])([^}]*))?\}|([A-Za-z_]\w*))")
_IDENTITY = ("container_name", "hostname", "tty", "stdin_open", "pull_policy")
_PORT = re.compile(
    r"^(?:(?P<host>\[[0-9a-fA-F:]+\]|\d+(?:\.\d+){3}):)?(?:(?P<published>[\d-]*):)?(?P<target>[\d-]+)(?:/(?P<protocol>\w+))?$"
)


def read_compose(documents: list[Any], lookups: Lookups, name: str) -> Conversion:
    """The blueprint of a compose file. Raises InvalidInput when there are no services."""
    top = Values(documents[0] if documents else None)
    services = top.raw("services")
    if not isinstance(services, Mapping) or not services:
        raise InvalidInput("the compose file has no services", hint="add at least one service")
    reading = _Reading(Draft(Form.COMPOSE, lookups))
    reading.networks(top.raw("networks"), services)
    reading.volumes(top.raw("volumes"))
    for key, service in services.items():
        reading.service(key, service)
    for kind in ("secrets", "configs"):
        reading.left_out(kind, top.raw(kind))
    told = top.text("name")
    top.drop("version")
    reading.beside(top)
    reading.link()
    return reading.draft.finished(told or name or "compose", "docker")


class _Reading:
    """One file on its way."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.network_names: dict[str, str] = {}
        self.volume_names: dict[str, str] = {}
        self.service_names: dict[str, str] = {}
        self.waiting: list[tuple[Thing, Doc, Values]] = []

    # ── beside services ──────────────────────────────────────────────────────────────────────────

    def networks(self, found: Any, services: Mapping[str, Any]) -> None:
        """Named networks; the default one too, once some services have others: then it separates."""
        named = dict(found) if isinstance(found, Mapping) else {}
        plain = [s for s in services.values() if isinstance(s, Mapping)]
        joins = [bool(service.get("networks")) for service in plain]
        if any(joins) and not all(joins):
            named.setdefault("default", None)
        for key, settings in named.items():
            thing = self.draft.thing(f"networks.{key}", "network", settings or {})
            doc = self.draft.add(thing, ResourceType.NETWORK, str(key), suffix="network")
            self.network_names[str(key)] = doc["name"]
            ipam = thing.values.inner("ipam")
            for number, config in enumerate(ipam.each("config")):
                if number == 0 and (subnet := config.text("subnet")):
                    doc["cidr"] = subnet
            if thing.values.peek("driver") in {"bridge", "default"}:
                thing.values.drop("driver")

    def volumes(self, found: Any) -> None:
        """Named volumes."""
        for key, settings in (found if isinstance(found, Mapping) else {}).items():
            thing = self.draft.thing(f"volumes.{key}", "volume", settings or {})
            doc = self.draft.add(thing, ResourceType.VOLUME, str(key), suffix="volume")
            self.volume_names[str(key)] = doc["name"]
            self.draft.labels(thing, doc, thing.values.pairs("labels"), "labels")
            if thing.values.peek("driver") == "local":
                thing.values.drop("driver")

    def left_out(self, kind: str, found: Any) -> None:
        """Files and secrets that lie beside a compose file: their content is not in it."""
        for key in found if isinstance(found, Mapping) else ():
            thing = self.draft.thing(f"{kind}.{key}", kind.removesuffix("s"), {})
            self.draft.leave(thing, "what is in it is kept outside of the compose file")

    def beside(self, top: Values) -> None:
        """What else stands at the top. Names that begin with `x-` mean nothing by the specification."""
        for at, _ in top.rest():
            if not at.startswith("x-"):
                thing = self.draft.thing(at, "setting", {})
                self.draft.leave(thing, "a blueprint has no place for it")

    # ── services ─────────────────────────────────────────────────────────────────────────────────

    def service(self, key: Any, data: Any) -> None:
        """One service becomes one resource."""
        thing = self.draft.thing(f"services.{key}", "service", {})
        if not isinstance(data, Mapping):
            self.draft.leave(thing, "this is no mapping with settings of a service")
            return
        thing.values = values = Values(self._resolved(thing, data, ""))
        image = values.text("image")
        entry = software_of(self.draft.lookups.catalogue, image) if image else None
        doc = self.draft.add(thing, kind_of(entry), str(key))
        self.service_names[str(key)] = doc["name"]
        if image:
            run_image(self.draft, thing, doc, image)
        self._build(thing, values, image)
        self._size(thing, doc, values)
        self._ports(thing, doc, values)
        self._environment(thing, doc, values)
        self._labels_and_command(thing, doc, values)
        thing.given_anew += [name for name in _IDENTITY if values.peek(name)]
        values.drop(*_IDENTITY)
        self._restart(thing, values)
        self.waiting.append((thing, doc, values))

    def _resolved(self, thing: Thing, value: Any, at: str) -> Any:
        """The same with variables replaced; None where one is not known."""
        if isinstance(value, Mapping):
            return {
                key: self._resolved(thing, inner, f"{at}.{key}" if at else str(key))
                for key, inner in value.items()
            }
        if isinstance(value, list):
            return [self._resolved(thing, inner, at) for inner in value]
        if not isinstance(value, str) or "$" not in value:
            return value
        missing: list[str] = []

        def put(match: re.Match[str]) -> str:
            if match[0] == "$$":
                return "$"
            if (match[2] or "").endswith("-"):
                return match[3] or ""
            missing.append(match[1] or match[4])
            return ""

        made = _VARIABLE.sub(put, value)
        if not missing:
            return made
        message = f"the variable {', '.join(missing)} is not known here"
        if not sounds_secret(at.rpartition(".")[2].partition("=")[0]):
            self.draft.remark(thing, at, message, hint="write its value in the blueprint")
        return None

    def _build(self, thing: Thing, values: Values, image: str | None) -> None:
        if values.raw("build") is not None:
            told = (
                "the image of that name has to be in a registry" if image else "no image is named"
            )
            hint = "build the image, push it, and name it under image"
            self.draft.remark(thing, "build", f"images are not built here: {told}", hint=hint)

    def _size(self, thing: Thing, doc: Doc, values: Values) -> None:
        deploy = values.inner("deploy")
        limits = deploy.inner("resources", "limits")
        reserved = deploy.inner("resources", "reservations")
        cpu = limits.text("cpus") or values.text("cpus") or reserved.text("cpus")
        memory = limits.text("memory") or values.text("mem_limit") or reserved.text("memory")
        specs = {"cpu": cpu, "memory": size_text(memory)}
        if any(specs.values()):
            doc["specs"] = {key: value for key, value in specs.items() if value}
        count = deploy.whole("replicas") or values.whole("scale")
        if count and count > 1:
            doc["count"] = count

    def _ports(self, thing: Thing, doc: Doc, values: Values) -> None:
        for number, port in enumerate(_listed(values.raw("ports"))):
            self._port(thing, doc, port, f"ports.{number}")
        for text in values.texts("expose"):
            for inner in expanded(text.partition("/")[0]):
                add_port(doc, inner, protocol=text.partition("/")[2])

    def _port(self, thing: Thing, doc: Doc, port: Any, at: str) -> None:
        """Adds a port. One that only the host itself reaches is not published: it would be for everybody."""
        if isinstance(port, Mapping):
            long = Values(port)
            host = long.text("host_ip") or ""
            published, target = long.text("published") or "", long.text("target") or ""
            protocol = long.text("protocol") or ""
        else:
            match = _PORT.match(str(port))
            if match is None:
                self.draft.remark(thing, at, "this is no port that can be read")
                return
            host, published = match["host"] or "", match["published"] or ""
            target, protocol = match["target"], match["protocol"] or ""
        inner, outer = expanded(target), expanded(published)
        if not inner or (outer and len(outer) != len(inner)):
            self.draft.remark(thing, at, "too many ports, or not as many outside as inside")
            return
        if host.startswith("127.") or host == "[::1]":
            message = (
                "only this machine reached it: it is not published, so that others can't either"
            )
            self.draft.remark(thing, at, message, code="approximated")
            outer = []
        else:
            doc.setdefault("network", {})["public_ip"] = True
            if host not in {"", "0.0.0.0", "[::]"}:  # noqa: S104  # read, not bound
                message = "published on one address of the host only"
                self.draft.remark(thing, at, message, code="approximated")
        for index, number in enumerate(inner):
            add_port(doc, number, published=outer[index] if outer else None, protocol=protocol)

    def _environment(self, thing: Thing, doc: Doc, values: Values) -> None:
        pairs = values.pairs("environment")
        self.draft.env(thing, doc, pairs, "environment")
        for file in _listed(values.raw("env_file")):
            named = file.get("path") if isinstance(file, Mapping) else file
            message = f"the variables of {named} are in a file of their own"
            self.draft.remark(thing, "env_file", message, hint="write them in the blueprint")

    def _labels_and_command(self, thing: Thing, doc: Doc, values: Values) -> None:
        self.draft.labels(thing, doc, values.pairs("labels"), "labels")
        command = values.raw("command")
        if isinstance(command, str):
            self.draft.command(thing, doc, _split(command), "command")
        elif isinstance(command, list):
            self.draft.command(thing, doc, [str(word) for word in command], "command")

    def _restart(self, thing: Thing, values: Values) -> None:
        restart = values.raw("restart")
        if restart == "no" or restart is False:
            message = "what is in a blueprint is meant to run: it is started again"
            self.draft.remark(thing, "restart", message, code="approximated")

    # ── what refers to others ────────────────────────────────────────────────────────────────────

    def link(self) -> None:
        """Networks, volumes and dependencies, once every name is known."""
        for thing, doc, values in self.waiting:
            self._attach(thing, doc, values)
            for number, volume in enumerate(_listed(values.raw("volumes"))):
                self._mount(thing, doc, volume, f"volumes.{number}")
            self._depend(thing, doc, values)

    def _attach(self, thing: Thing, doc: Doc, values: Values) -> None:
        found = values.raw("networks")
        joined = found if isinstance(found, Mapping) else dict.fromkeys(_words(found))
        if not joined and "default" in self.network_names and values.peek("network_mode") is None:
            joined = {"default": None}
        for key, settings in joined.items():
            name = self.network_names.get(str(key))
            if name is None:
                self.draft.remark(thing, f"networks.{key}", "there is no network of that name")
                continue
            doc.setdefault("network", {}).setdefault("attach", []).append(name)
            inner = Values(settings, f"networks.{key}")
            address = inner.text("ipv4_address")
            if address and "private_ip" not in doc["network"]:
                doc["network"]["private_ip"] = address
            for at, _ in inner.rest():
                self.draft.remark(thing, at, "a blueprint has no place for it")

    def _mount(self, thing: Thing, doc: Doc, volume: Any, at: str) -> None:
        if isinstance(volume, Mapping):
            long = Values(volume)
            kind, source = long.text("type") or "volume", long.text("source") or ""
            path, read_only = long.text("target") or "", bool(long.flag("read_only"))
        else:
            source, path, read_only = _short_volume(str(volume))
            kind = "bind" if source.startswith((".", "/", "~")) else "volume"
        if kind != "volume":
            message = f"a {kind} of the host at {path}: what is in it is not in the file"
            hint = "put it into the image, or into a volume"
            self.draft.remark(thing, at, message, hint=hint)
            return
        name = self.volume_names.get(source)
        if source and name is None:
            self.draft.remark(thing, at, f"there is no volume '{source}'")
            return
        if name is None:
            made = self.draft.add(
                thing, ResourceType.VOLUME, f"{doc['name']}-data", suffix="volume"
            )
            name = made["name"]
        mount: Doc = {"volume": name, "path": path}
        if read_only:
            mount["read_only"] = True
        doc.setdefault("mounts", []).append(mount)

    def _depend(self, thing: Thing, doc: Doc, values: Values) -> None:
        found = values.raw("depends_on")
        for key in found if isinstance(found, Mapping) else _words(found):
            condition = found[key].get("condition") if _has_settings(found, key) else None
            if condition == "service_completed_successfully":
                message = f"waits until {key} runs, not until it has ended"
                self.draft.remark(thing, f"depends_on.{key}", message, code="approximated")
            self._wait(thing, doc, str(key), "depends_on")
        for link in values.texts("links"):
            self._wait(thing, doc, link.partition(":")[0], "links")

    def _wait(self, thing: Thing, doc: Doc, key: str, at: str) -> None:
        name = self.service_names.get(key)
        if name is None:
            self.draft.remark(thing, f"{at}.{key}", "there is no service of that name")
        elif name not in doc.setdefault("depends_on", []):
            doc["depends_on"].append(name)


def _has_settings(found: Any, key: Any) -> bool:
    return isinstance(found, Mapping) and isinstance(found[key], Mapping)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _words(value: Any) -> list[str]:
    return [str(item) for item in _listed(value) if isinstance(item, str | int)]


def _split(command: str) -> list[str]:
    """A command as a shell would cut it; one with open quotes is handed to a shell whole."""
    import shlex

    try:
        return shlex.split(command)
    except ValueError:
        return ["sh", "-c", command]


def _short_volume(text: str) -> tuple[str, str, bool]:
    parts = text.split(":")
    if len(parts) == 1:
        return "", parts[0], False
    return parts[0], parts[1], "ro" in parts[2:] or any("ro" in p.split(",") for p in parts[2:])
