"""The pods of a workload: one container, held to the level of security that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alma.core.model.base import digest_of
from alma.core.model.blueprint import SecretRef
from alma.core.model.state import DesiredResource
from alma.engines import base
from alma.engines.kubernetes import kinds, labels, levels, marker, names, probes, quantities
from alma.engines.kubernetes.images import arguments_of
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.options import options_of
from alma.engines.systems import image_of

CONTAINER: Final = "main"
FILES: Final = "files"
SECRETS: Final = "secret"
HASH: Final = f"{marker.DOMAIN}/files"
GPU: Final = "nvidia.com/gpu"
_ENV: Final = "env."


def template(desired: DesiredResource, ground: Ground) -> Manifest:
    """A pod template. Whatever changes in a file or its place rolls the pods over."""
    metadata: Manifest = {"labels": labels.pod_labels(desired, ground.stack)}
    if desired.files:
        files = {file.path: base.file_property(file) for file in desired.files}
        metadata["annotations"] = {HASH: digest_of(files)}
    return {"metadata": metadata, "spec": _spec(desired, ground)}


def _spec(desired: DesiredResource, ground: Ground) -> Manifest:
    options = options_of(desired)
    spec: Manifest = {
        "automountServiceAccountToken": False,
        # Variables for each Service would get in the way of software that reads such names.
        "enableServiceLinks": False,
        "securityContext": _pod_security(desired, ground),
        "containers": [_container(desired, ground)],
        "volumes": [*_volumes(desired)],
        "imagePullSecrets": [{"name": name} for name in ground.settings.image_pull_secrets],
        "nodeSelector": dict(sorted(options.node_selector.items())),
        "topologySpreadConstraints": _spread(desired, ground),
    }
    if announces_host(desired) and kinds.kind_of(desired, ground.served) == kinds.DEPLOYMENT:
        spec["hostname"] = names.object_name(desired.address)
    return {key: value for key, value in spec.items() if value not in ({}, [])}


def announces_host(desired: DesiredResource) -> bool:
    """Whether its command tells others its host's name, which then has to be one that they find."""
    return any("$(hostname)" in part for part in desired.command)


def _spread(desired: DesiredResource, ground: Ground) -> list[Manifest]:
    if desired.replicas < 2 and options_of(desired).autoscale is None:
        return []
    selector = {"matchLabels": marker.selector_of(ground.stack, desired.address)}
    common = {"maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": selector}
    keys = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    return [{"topologyKey": key, **common} for key in keys]


# ── security ─────────────────────────────────────────────────────────────────────────────────────


def _pod_security(desired: DesiredResource, ground: Ground) -> Manifest:
    level = levels.level_of(desired, ground.settings, ground.served)
    user = levels.user_of(desired, ground.settings, ground.served)
    found: Manifest = {}
    if level == levels.RESTRICTED:
        found["runAsNonRoot"] = True
    if level in {levels.RESTRICTED, levels.BASELINE}:
        found["seccompProfile"] = {"type": "RuntimeDefault"}
    if user is not None:
        found["runAsUser"] = user
    if user:
        # What is mounted belongs to root; this makes it writable, and only once: databases look at the modes of theirs.
        found |= {"fsGroup": user, "fsGroupChangePolicy": "OnRootMismatch"}
    if levels.takes_low_ports(desired) and levels.frees_low_ports(ground.served):
        found["sysctls"] = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "0"}]
    return found


def _container_security(desired: DesiredResource, ground: Ground) -> Manifest:
    level = levels.level_of(desired, ground.settings, ground.served)
    if level not in {levels.RESTRICTED, levels.BASELINE}:
        return {}
    found: Manifest = {"allowPrivilegeEscalation": False}
    if level == levels.RESTRICTED:
        found["capabilities"] = {"drop": ["ALL"]}
        if levels.takes_low_ports(desired):
            # Programs that bring this capability in their file can't even be started without it.
            found["capabilities"]["add"] = ["NET_BIND_SERVICE"]
    return found


# ── the container ────────────────────────────────────────────────────────────────────────────────


def _container(desired: DesiredResource, ground: Ground) -> Manifest:
    found: Manifest = {
        "name": CONTAINER,
        "image": image_of(desired),
        "args": [escaped(part) for part in arguments_of(desired)],
        "env": [_variable(desired, name) for name in sorted(desired.env)],
        "ports": [
            {"name": port_name(target, protocol), "containerPort": target, "protocol": protocol}
            for target, protocol in targets(desired)
        ],
        "resources": _resources(desired),
        "securityContext": _container_security(desired, ground),
        "volumeMounts": [*_mounts(desired)],
        **probes.of(desired),
    }
    return {key: value for key, value in found.items() if value not in ({}, [])}


def targets(desired: DesiredResource) -> list[tuple[int, str]]:
    """The ports it listens on, each once, sorted: number and protocol as Kubernetes names it."""
    return sorted({(port.target, port.protocol.upper()) for port in desired.ports})


def port_name(target: int, protocol: str) -> str:
    """A port's name: its number and protocol, since blueprints name none."""
    return f"{protocol.lower()}-{target}"


def escaped(text: str) -> str:
    """A text in which Kubernetes replaces no reference to a variable: it is the program's own to do."""
    return text.replace("$", "$$") if "$(" in text or "$$" in text else text


def unescaped(text: str) -> str:
    """The text that was escaped."""
    return text.replace("$$", "$") if "$(" in text or "$$" in text else text


def _variable(desired: DesiredResource, name: str) -> Manifest:
    value = desired.env[name]
    if isinstance(value, SecretRef):
        kept = names.companion_name(desired.address, SECRETS)
        return {
            "name": name,
            "valueFrom": {"secretKeyRef": {"name": kept, "key": secret_key(name)}},
        }
    return {"name": name, "value": escaped(value)} if value else {"name": name}


def secret_key(variable: str) -> str:
    """Under which key of its Secret the value of a variable is kept."""
    return _ENV + variable


def _resources(desired: DesiredResource) -> Manifest:
    gpu = desired.resource.specs.gpu
    return quantities.held_to(desired.cpu, desired.memory, {GPU: str(gpu)} if gpu else {})


# ── what is mounted ──────────────────────────────────────────────────────────────────────────────


def _mounts(desired: DesiredResource) -> Iterator[Manifest]:
    for mount in sorted(desired.mounts, key=lambda mount: (mount.path, mount.volume)):
        found: Manifest = {"name": volume_name(mount.volume), "mountPath": mount.path}
        yield found | ({"readOnly": True} if mount.read_only else {})
    for path in _scratch(desired):
        yield {"name": _scratch_name(path), "mountPath": path}
    for file in sorted(desired.files, key=lambda file: file.path):
        yield {
            "name": SECRETS if file.secret else FILES,
            "mountPath": file.path,
            "subPath": names.data_key(file.path),
            "readOnly": True,
        }


def _volumes(desired: DesiredResource) -> Iterator[Manifest]:
    for volume in sorted({mount.volume for mount in desired.mounts}):
        claim = {"claimName": names.object_name(volume)}
        yield {"name": volume_name(volume), "persistentVolumeClaim": claim}
    for path in _scratch(desired):
        yield {"name": _scratch_name(path), "emptyDir": {}}
    plain, secret = _items(desired, secret=False), _items(desired, secret=True)
    if plain:
        name = names.companion_name(desired.address, FILES)
        yield {"name": FILES, "configMap": {"name": name, "items": plain}}
    if secret:
        name = names.companion_name(desired.address, SECRETS)
        yield {"name": SECRETS, "secret": {"secretName": name, "items": secret}}


def volume_name(volume: str) -> str:
    """The name that a claim has inside of a pod. No other volume's begins so."""
    return names.companion_name(volume, "claim")


def _scratch(desired: DesiredResource) -> list[str]:
    """The directories that are empty at first: those to write that nothing else is mounted at."""
    taken = {mount.path.rstrip("/") for mount in desired.mounts} | {f.path for f in desired.files}
    return sorted({path for path in desired.writable if path.rstrip("/") not in taken})


def _scratch_name(path: str) -> str:
    return names.companion_name(path.strip("/"), "scratch")


def _items(desired: DesiredResource, *, secret: bool) -> list[Manifest]:
    files = sorted(desired.files, key=lambda file: file.path)
    return [
        {
            "key": names.data_key(file.path),
            "path": names.data_key(file.path),
            "mode": file.mode,
        }
        for file in files
        if bool(file.secret) is secret
    ]
