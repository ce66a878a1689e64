"""Kubernetes manifests: those that the Kubernetes engine applies, without what only ALMA itself reads.

A Secret is written without its values. What has to be filled in stands above it and in the notes.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from alma.core.model.blueprint import ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.plan import SupportLevel
from alma.core.model.rendering import Rendering, Subject, TargetFile
from alma.core.model.state import DesiredResource, StackRef
from alma.core.model.yaml_writer import write_yaml
from alma.core.ports.renderers import MachineTypes
from alma.engines.kubernetes.discovery import Api, Served
from alma.engines.kubernetes.existing import Place, place_of
from alma.engines.kubernetes.kinds import is_plain
from alma.engines.kubernetes.manifests import Manifest, build, namespace
from alma.engines.kubernetes.marker import MANAGED_BY
from alma.engines.kubernetes.settings import KubernetesSettings
from alma.engines.kubernetes.shape import TYPES, support_of
from alma.renderers.notes import Notes

MANIFESTS, FILES = "manifests", "files"
ALL = "manifests.yaml"
_OWN = "alma.dev/"
_PLACEHOLDER = re.compile(r"<[^<>]+>\Z")
# Kinds that a blueprint can ask for and that something has to bring.
_BROUGHT = (
    Api("kubevirt.io", "v1", "VirtualMachine", "virtualmachines"),
    Api("postgresql.cnpg.io", "v1", "Cluster", "clusters"),
    Api("redis.redis.opstreelabs.in", "v1beta2", "Redis", "redis"),
)
_BRINGS = {
    "kubevirt.io": "install KubeVirt",
    "postgresql.cnpg.io": "install CloudNativePG",
    "redis.redis.opstreelabs.in": "install the Redis operator",
}


@dataclass(frozen=True)
class Written:
    """A manifest as it is written, and the keys of a secret with the secrets that have to be filled in."""

    manifest: Manifest
    wanted: Mapping[str, str]


class KubernetesRenderer:
    """See `Renderer`. One cluster of today: nothing is asked of a real one."""

    name: ClassVar[str] = "kubernetes"
    formats: ClassVar[tuple[str, ...]] = (MANIFESTS, FILES)
    traits: ClassVar[EngineTraits] = EngineTraits(
        resource_types=frozenset(TYPES), separate_firewalls=False, replicates=True, apart="existing"
    )

    def render(
        self,
        resources: Sequence[DesiredResource],
        subject: Subject,
        *,
        format: str,
        types: MachineTypes,
    ) -> Rendering:
        """See `Renderer.render`."""
        writing = _Writing(subject)
        made = [*writing.all(resources)]
        files = [_together(made, subject)] if format == MANIFESTS else [*_apart(made, subject)]
        return Rendering(
            engine=self.name, format=format, files=tuple(files), notes=writing.notes.found
        )


class _Writing:
    """The manifests of one blueprint on their way."""

    def __init__(self, subject: Subject) -> None:
        self.settings = KubernetesSettings()
        self.served = Served.standard(*_BROUGHT)
        self.stack = StackRef(id=subject.stack, name=subject.stack, engine=KubernetesRenderer.name)
        self.notes = Notes()

    def all(self, resources: Sequence[DesiredResource]) -> Iterator[Written]:
        """In the order in which they are applied."""
        yield _written(namespace(self.stack, self.settings, level=self.settings.pod_security))
        for item in resources:
            if (place := place_of(item)) is not None:
                self._there_already(item, place)
                continue
            support = support_of(item, self.settings, self.served)
            refused = [
                s for s in support if s.path == "type" and s.level is SupportLevel.UNSUPPORTED
            ]
            self.notes.told(item, refused or support)
            if item.type is ResourceType.LOAD_BALANCER and is_plain(item):
                self._no_pods(item)
            if not refused:
                yield from self._of(item)

    def _there_already(self, item: DesiredResource, place: Place) -> None:
        self.notes.left(
            item.address,
            f"{place} was there before ALMA and was imported: whoever made it has its manifest",
            hint="take the option `existing` away to have one written as the blueprint describes it",
        )

    def _no_pods(self, item: DesiredResource) -> None:
        """A Service that spreads by itself has nothing that only software has."""
        resource = item.resource
        said = {
            "specs": resource.specs.model_fields_set,
            "network.attach": resource.network.attach,
            "env": resource.env,
            "command": resource.command,
            "mounts": resource.mounts,
        }
        self.notes.none_of(
            item, said, "Kubernetes' own Service spreads, and no software runs for it"
        )

    def _of(self, item: DesiredResource) -> Iterator[Written]:
        made = build(
            item,
            self.stack,
            served=self.served,
            settings=self.settings,
            secret=_placeholder,
            key="",
        )
        for manifest in made:
            written = _written(manifest)
            self._tell(written)
            yield written

    def _tell(self, written: Written) -> None:
        api, name = written.manifest["apiVersion"], written.manifest["metadata"]["name"]
        if written.wanted:
            listed = ", ".join(f"{key} ({secret})" for key, secret in written.wanted.items())
            self.notes.left(
                f"Secret/{name}",
                f"values of the secret '{name}' are not in the files: {listed}",
                hint="write them into its stringData before you apply it; pods wait until they are there",
            )
        for brought in _BROUGHT:
            if api == brought.api_version:
                self.notes.left(
                    f"{brought.kind}/{name}",
                    f"the cluster has to serve {brought.kind} of {brought.group}",
                    hint=_BRINGS[brought.group],
                )


def _placeholder(name: str) -> str:
    """No value is known: this stands for it until the manifest is written."""
    return f"<{name}>"


def _written(manifest: Manifest) -> Written:
    """Without the marks by which ALMA finds its own, and without the values of a secret."""
    found = {**manifest, "metadata": _plain(manifest["metadata"])}
    template = (manifest.get("spec") or {}).get("template")
    if template is not None:
        pods = {**template, "metadata": _unowned(template["metadata"])}
        found["spec"] = {**manifest["spec"], "template": pods}
    if manifest["kind"] != "Secret":
        return Written(found, {})
    values = {k: b64decode(v).decode() for k, v in (manifest.get("data") or {}).items()}
    values |= manifest.get("stringData") or {}
    wanted = {key: value[1:-1] for key, value in values.items() if _PLACEHOLDER.match(value)}
    given = {key: value for key, value in values.items() if key not in wanted}
    found = {key: value for key, value in found.items() if key not in {"data", "stringData"}}
    return Written(found | ({"stringData": given} if given else {}), wanted)


def _plain(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of an object, without what only ALMA reads of it."""
    annotations = metadata.get("annotations") or {}
    found = {
        **_unowned(metadata),
        "annotations": {k: v for k, v in annotations.items() if _OWN not in k},
    }
    return {key: value for key, value in found.items() if value}


def _unowned(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Nobody looks after it any more but the one who applies it."""
    labels = {k: v for k, v in (metadata.get("labels") or {}).items() if k != MANAGED_BY}
    return {**metadata, "labels": labels}


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def _together(made: Sequence[Written], subject: Subject) -> TargetFile:
    parts = [f"# {subject.words}.\n", *(f"---\n{_text(one)}" for one in made)]
    return TargetFile(path=ALL, content="".join(parts))


def _apart(made: Sequence[Written], subject: Subject) -> Iterator[TargetFile]:
    """Numbered, so that a folder is applied in the right order."""
    digits = len(str(len(made)))
    for number, one in enumerate(made, start=1):
        kind, name = one.manifest["kind"].lower(), one.manifest["metadata"]["name"]
        path = f"{number:0{digits}}-{kind}-{name}.yaml"
        yield TargetFile(path=path, content=f"# {subject.words}.\n{_text(one)}")


def _text(one: Written) -> str:
    """What has to be filled in stands above: an empty value would be taken for the value."""
    asked = [f"# stringData.{key}: the secret '{secret}'\n" for key, secret in one.wanted.items()]
    head = "# To be filled in:\n" if asked else ""
    return f"{head}{''.join(asked)}{write_yaml(one.manifest)}"
