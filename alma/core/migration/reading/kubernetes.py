"""Kubernetes manifests: what runs, what is in front of it, and where its data is.

A Service inside the cluster is a name and a port of what it selects, so it is folded into that; one that lets the
outside in is a load balancer. What runs now and then (jobs) is not made to run all the time: it is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from alma.core.migration.conversion import Conversion, Form, Lookups
from alma.core.migration.draft import Doc, Draft, Thing
from alma.core.migration.reading.ports import add_port
from alma.core.migration.reading.sizes import quantity_text
from alma.core.migration.software import kind_of, run_image, software_of
from alma.core.migration.values import Values
from alma.core.model.base import slug
from alma.core.model.blueprint import ResourceType
from alma.core.model.errors import InvalidInput

_WORKLOADS = {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod"}
_OUTSIDE = {"LoadBalancer", "NodePort"}
_LEFT = {
    "CronJob": "it runs now and then, and a blueprint says what runs all the time",
    "Job": "it runs once, and a blueprint says what runs all the time",
}
_SET_BY_CLUSTER = ("status",)
_META = ("creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid")
_HOST = re.compile(
    r"(?:(?<=^)|(?<=//)|(?<=@))([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)(\.[a-z0-9-]+\.svc(?:\.cluster\.local)?)?(?=[:/]|$)"
)


def read_kubernetes(documents: list[Any], lookups: Lookups, name: str) -> Conversion:
    """The blueprint of manifests. Raises InvalidInput when there is none among the documents."""
    reading = _Reading(Draft(Form.KUBERNETES, lookups))
    for number, manifest in enumerate(_flattened(documents)):
        reading.register(number, manifest)
    if not reading.draft.things:
        raise InvalidInput(
            "there are no manifests in it", hint="each document needs apiVersion, kind and metadata"
        )
    reading.read()
    return reading.draft.finished(name or reading.namespace or "kubernetes", "kubernetes")


def _flattened(documents: list[Any]) -> Iterator[Any]:
    for document in documents:
        if isinstance(document, Mapping) and document.get("kind") == "List":
            items = document.get("items")
            yield from items if isinstance(items, list) else []
        else:
            yield document


class _Reading:
    """Manifests on their way. Settings come first, then claims, what runs, and what is in front."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.namespace = ""
        self.by_kind: dict[str, list[tuple[str, Thing]]] = {}
        self.settings: dict[str, tuple[Thing, dict[str, Any]]] = {}
        self.secrets: dict[str, tuple[Thing, list[str]]] = {}
        self.claims: dict[str, str] = {}
        self.pods: list[tuple[dict[str, str], Doc, Thing, dict[str, int]]] = []
        self.labelled: dict[tuple[str, str], list[int]] = {}
        self.services: dict[str, list[Doc]] = {}

    def register(self, number: int, manifest: Any) -> None:
        """Notes an object by its kind and name."""
        data = manifest if isinstance(manifest, Mapping) else {}
        meta = data.get("metadata")
        name = str(meta.get("name") or "") if isinstance(meta, Mapping) else ""
        kind = str(data.get("kind") or "document")
        thing = self.draft.thing(f"{kind}/{name or number}", kind, data)
        thing.values.drop("apiVersion", "kind", *_SET_BY_CLUSTER)
        meta_values = thing.values.inner("metadata")
        meta_values.drop("name", *_META)
        space = meta_values.text("namespace")
        self.namespace = self.namespace or (space or "")
        self.by_kind.setdefault(kind, []).append((name or f"{kind.lower()}-{number}", thing))

    def read(self) -> None:
        """All of them, in the order in which they need each other."""
        steps: list[tuple[str, Callable[[str, Thing], None]]] = [
            ("Namespace", self._namespace),
            ("ConfigMap", self._config_map),
            ("Secret", self._secret),
            ("PersistentVolumeClaim", self._claim),
            *((kind, self._workload) for kind in sorted(_WORKLOADS)),
            ("Service", self._service),
            ("Ingress", self._ingress),
            *((kind, self._left) for kind in _LEFT),
        ]
        for kind, step in steps:
            for name, thing in self.by_kind.get(kind, ()):
                step(name, thing)
        self._unused()
        self._links()

    # ── settings ─────────────────────────────────────────────────────────────────────────────────

    def _namespace(self, name: str, thing: Thing) -> None:
        self.namespace = name
        self.draft.leave(thing, "it is the name of the whole: a blueprint is a space of its own")

    def _config_map(self, name: str, thing: Thing) -> None:
        data = thing.values.pairs("data")
        self.settings[name] = (thing, data)

    def _secret(self, name: str, thing: Thing) -> None:
        keys = [*thing.values.pairs("data"), *thing.values.pairs("stringData")]
        thing.values.drop("type")
        self.secrets[name] = (thing, keys)
        message = f"the values of {len(keys)} key(s) are not copied"
        self.draft.remark(thing, "data", message, code="secret")

    def _claim(self, name: str, thing: Thing) -> None:
        spec = thing.values.inner("spec")
        doc = self.draft.add(thing, ResourceType.VOLUME, name, suffix="volume")
        self._volume_size(doc, spec)
        self.claims[name] = doc["name"]

    def _volume_size(self, doc: Doc, spec: Values) -> None:
        size = quantity_text(spec.inner("resources", "requests").text("storage"))
        if size:
            doc["specs"] = {"disk": size}
        spec.drop("volumeMode", "volumeName")

    def _left(self, name: str, thing: Thing) -> None:
        schedule = thing.values.inner("spec").text("schedule")
        told = f" (at {schedule})" if schedule else ""
        self.draft.leave(thing, f"{_LEFT[thing.kind]}{told}")

    # ── what runs ────────────────────────────────────────────────────────────────────────────────

    def _workload(self, name: str, thing: Thing) -> None:
        spec = thing.values.inner("spec")
        template = spec.inner("template") if thing.kind != "Pod" else thing.values
        pod = template.inner("spec")
        spec.drop("selector", "serviceName", "revisionHistoryLimit")
        labels = template.inner("metadata").pairs("labels")
        containers = pod.each("containers")
        if not containers:
            self.draft.leave(thing, "no container is named in it")
            return
        volumes = self._volumes_of(name, thing, spec, pod)
        count = spec.whole("replicas")
        for number, container in enumerate(containers):
            doc = self._container(name if number == 0 else "", thing, container)
            if number == 0:
                self.draft.labels(
                    thing, doc, thing.values.inner("metadata").pairs("labels"), "labels"
                )
            elif number:
                message = f"'{doc['name']}' ran beside '{name}' and shared its address"
                self.draft.remark(thing, container.path, message, code="approximated")
            if count and count > 1:
                doc["count"] = count
            self._mounts(thing, doc, container, volumes)
            ports = self._ports(doc, container)
            marks = {str(key): str(value) for key, value in labels.items()}
            for mark in marks.items():
                self.labelled.setdefault(mark, []).append(len(self.pods))
            self.pods.append((marks, doc, thing, ports))
        if count == 0:
            self.draft.remark(thing, "spec.replicas", "none ran; a blueprint runs at least one")
        if thing.kind == "DaemonSet":
            message = "ran once on each node; say with count how many there shall be"
            self.draft.remark(thing, "", message, code="approximated")

    def _container(self, name: str, thing: Thing, container: Values) -> Doc:
        own = container.text("name") or "container"
        image = container.text("image")
        entry = software_of(self.draft.lookups.catalogue, image) if image else None
        base = name or f"{thing.resources[0]}-{own}"
        doc = self.draft.add(thing, kind_of(entry), base)
        if image:
            run_image(self.draft, thing, doc, image, at=f"{container.path}.image")
        limits, wanted = (
            container.inner("resources", "limits"),
            container.inner("resources", "requests"),
        )
        cpu = limits.text("cpu") or wanted.text("cpu")
        memory = quantity_text(limits.text("memory") or wanted.text("memory"))
        for values in (limits, wanted):
            values.drop("cpu", "memory")
        specs = {"cpu": cpu, "memory": memory}
        if any(specs.values()):
            doc["specs"] = {key: value for key, value in specs.items() if value}
        container.drop("imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy")
        self._env(thing, doc, container)
        # `command` is an image's entry point there, and `args` its command.
        if container.peek("command") is None:
            self.draft.command(thing, doc, container.texts("args"), f"{container.path}.args")
        else:
            words = [*container.texts("command"), *container.texts("args")]
            self.draft.command(
                thing, doc, [w for w in words if w != "None"], f"{container.path}.command"
            )
        return doc

    def _ports(self, doc: Doc, container: Values) -> dict[str, int]:
        named: dict[str, int] = {}
        for port in container.each("ports"):
            number = port.whole("containerPort")
            if number is None:
                continue
            add_port(doc, number, protocol=port.text("protocol") or "")
            if label := port.text("name"):
                named[label] = number
        return named

    # ── variables ────────────────────────────────────────────────────────────────────────────────

    def _env(self, thing: Thing, doc: Doc, container: Values) -> None:
        pairs: dict[str, Any] = {}
        for source in container.each("envFrom"):
            pairs |= self._all_of(thing, doc, source)
        for item in container.each("env"):
            name = item.text("name")
            if name is not None:
                pairs[name] = self._value(thing, doc, item)
        self.draft.env(thing, doc, pairs, f"{container.path}.env")

    def _all_of(self, thing: Thing, doc: Doc, source: Values) -> dict[str, Any]:
        prefix = source.text("prefix") or ""
        ref = source.inner("configMapRef").text("name")
        if ref in self.settings:
            owner, data = self.settings[ref]
            self.draft.fold(owner, [doc["name"]], "its values are variables now")
            return {f"{prefix}{key}": value for key, value in data.items()}
        secret = source.inner("secretRef").text("name")
        if secret in self.secrets:
            owner, keys = self.secrets[secret]
            self.draft.fold(owner, [doc["name"]], "referred to by name")
            return {f"{prefix}{key}": _reference(secret, key) for key in keys}
        what = ref or secret or "it"
        self.draft.remark(thing, source.path, f"the variables of {what} are not in these manifests")
        return {}

    def _value(self, thing: Thing, doc: Doc, item: Values) -> Any:
        if (plain := item.raw("value")) is not None:
            return plain
        source = item.inner("valueFrom")
        secret = source.inner("secretKeyRef")
        if name := secret.text("name"):
            key = secret.text("key") or ""
            secret.drop("optional")
            if name in self.secrets:
                self.draft.fold(self.secrets[name][0], [doc["name"]], "referred to by name")
            return _reference(name, key)
        config = source.inner("configMapKeyRef")
        named, chosen = config.text("name"), config.text("key")
        if named in self.settings and chosen in self.settings[named][1]:
            owner, data = self.settings[named]
            self.draft.fold(owner, [doc["name"]], "its values are variables now")
            return data[chosen]
        return None

    # ── volumes ──────────────────────────────────────────────────────────────────────────────────

    def _volumes_of(self, name: str, thing: Thing, spec: Values, pod: Values) -> dict[str, str]:
        """The volume resource behind each name that containers mount."""
        found: dict[str, str] = {}
        for volume in pod.each("volumes"):
            label = volume.text("name") or ""
            claim = volume.inner("persistentVolumeClaim").text("claimName")
            if claim in self.claims:
                found[label] = self.claims[claim]
            elif claim:
                made = self.draft.add(thing, ResourceType.VOLUME, claim, suffix="volume")
                found[label] = self.claims[claim] = made["name"]
                message = f"how big '{claim}' is, is not in these manifests"
                self.draft.remark(thing, volume.path, message)
        count = spec.peek("replicas")
        for claim_values in spec.each("volumeClaimTemplates"):
            label = claim_values.inner("metadata").text("name") or "data"
            claim_values.drop("apiVersion", "kind", "status")
            made = self.draft.add(thing, ResourceType.VOLUME, f"{name}-{label}", suffix="volume")
            self._volume_size(made, claim_values.inner("spec"))
            if isinstance(count, int) and not isinstance(count, bool) and count > 1:
                made["count"] = count
            found[label] = made["name"]
        return found

    def _mounts(self, thing: Thing, doc: Doc, container: Values, volumes: dict[str, str]) -> None:
        for mount in container.each("volumeMounts"):
            label, path = mount.text("name") or "", mount.text("mountPath") or ""
            read_only = mount.flag("readOnly")
            if label not in volumes:
                message = f"what is mounted at {path} is no claim: its files are not in a blueprint"
                self.draft.remark(thing, mount.path, message)
                continue
            made: Doc = {"volume": volumes[label], "path": path}
            if read_only:
                made["read_only"] = True
            doc.setdefault("mounts", []).append(made)

    # ── what is in front ─────────────────────────────────────────────────────────────────────────

    def _selected(self, wanted: Mapping[str, Any]) -> list[tuple[Doc, Thing, dict[str, int]]]:
        chosen = {str(key): str(value) for key, value in wanted.items()}
        found = []
        marked = [self.labelled.get(mark, []) for mark in chosen.items()]
        for number in min(marked, key=len, default=[]):
            labels, doc, thing, ports = self.pods[number]
            if chosen.items() <= labels.items():
                found.append((doc, thing, ports))
        return found

    def _service(self, name: str, thing: Thing) -> None:
        spec = thing.values.inner("spec")
        kind = spec.text("type") or "ClusterIP"
        found = self._selected(spec.pairs("selector"))
        spec.drop(
            "clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"
        )
        ports = spec.each("ports")
        if not found:
            target = spec.text("externalName")
            self.draft.leave(
                thing,
                f"it only names {target}" if target else "it selects nothing in these manifests",
            )
            return
        docs = [found[0][0]]
        self.services[name] = docs
        for port in ports:
            self._service_port(port, docs[0], found[0][2])
        if kind not in _OUTSIDE:
            self.draft.fold(thing, [doc["name"] for doc in docs], "a name inside the cluster")
            if name != docs[0]["name"]:
                message = f"it is reached as '{docs[0]['name']}' now, no more as '{name}'"
                self.draft.remark(thing, "metadata.name", message, code="approximated")
            return
        front = self.draft.add(thing, ResourceType.LOAD_BALANCER, name, suffix="lb")
        front["backends"] = [doc["name"] for doc in docs]
        front["network"] = {"public_ip": True}
        for port in ports:
            if (number := port.whole("port")) is not None:
                add_port(front, number, protocol=port.text("protocol") or "")

    def _service_port(self, port: Values, doc: Doc, named: dict[str, int]) -> None:
        target = port.peek("targetPort") or port.peek("port")
        port.drop("targetPort", "name", "protocol")
        number = named.get(target) if isinstance(target, str) else target
        if port.whole("port") and isinstance(number, int) and number:
            add_port(doc, number, protocol=str(port.peek("protocol") or ""))

    def _ingress(self, name: str, thing: Thing) -> None:
        spec = thing.values.inner("spec")
        behind: dict[str, None] = {}
        routes = 0
        entries = [spec.inner("defaultBackend")]
        for rule in spec.each("rules"):
            routes += 1 if rule.text("host") else 0
            for path in rule.inner("http").each("paths"):
                routes += path.text("path") not in {None, "/"}
                path.drop("pathType")
                entries.append(path.inner("backend"))
        for entry in entries:
            service = entry.inner("service")
            service.drop("port")
            for doc in self.services.get(service.text("name") or "", ()):
                behind[doc["name"]] = None
        if not behind:
            self.draft.leave(thing, "no service that it names is in these manifests")
            return
        front = self.draft.add(thing, ResourceType.LOAD_BALANCER, name, suffix="ingress")
        front["backends"] = list(behind)
        front["network"] = {"public_ip": True, "ports": [80]}
        if spec.raw("tls"):
            front["network"]["ports"].append(443)
            self.draft.remark(thing, "spec.tls", "certificates are not copied", code="secret")
        if routes:
            message = (
                f"{routes} rule(s) by host or path: the balancer spreads over all its backends"
            )
            self.draft.remark(thing, "spec.rules", message)
        spec.drop("ingressClassName")

    # ── the end ──────────────────────────────────────────────────────────────────────────────────

    def _unused(self) -> None:
        for thing, _ in [*self.settings.values(), *self.secrets.values()]:
            if not thing.folded:
                self.draft.leave(thing, "no variable here comes from it")

    def _links(self) -> None:
        """A variable that names another service says what has to be there first, and is given its new name."""
        names = {service: docs[0]["name"] for service, docs in self.services.items()}
        for _, doc, thing, _ in self.pods:
            for variable, value in (doc.get("env") or {}).items():
                if not isinstance(value, str):
                    continue
                for match in _HOST.finditer(value):
                    target = names.get(match[1])
                    if target is None or target == doc["name"]:
                        continue
                    if not self._waits(target, doc["name"]):
                        self._link(thing, doc, target, variable)
                    if target != match[1] or match[2]:
                        doc["env"][variable] = value = value.replace(
                            match[1] + (match[2] or ""), target
                        )
                        self.draft.assumed(thing, doc, f"env.{variable}", f"names '{target}' now")

    def _link(self, thing: Thing, doc: Doc, target: str, variable: str) -> None:
        if target not in doc.setdefault("depends_on", []):
            doc["depends_on"].append(target)
            message = f"'{doc['name']}' waits for '{target}', which {variable} names"
            self.draft.assumed(thing, doc, "depends_on", message)

    def _waits(self, name: str, for_name: str) -> bool:
        """Whether a resource waits for another already, by whatever way."""
        seen, todo = set[str](), [name]
        while todo:
            here = todo.pop()
            if here == for_name:
                return True
            if here not in seen:
                seen.add(here)
                todo += (self.draft.doc(here) or {}).get("depends_on", [])
        return False


def _reference(secret: str, key: str) -> dict[str, str]:
    return {"secret": slug(f"{secret}-{key}")}
