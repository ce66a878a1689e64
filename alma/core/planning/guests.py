"""What a guest with an operating system of its own needs beyond what an instance made from an image does: a way in, its
secrets as files and, for a cluster, the guests it is made of."""

from __future__ import annotations

from collections.abc import Iterator

from alma.core.model.blueprint import WORKLOADS, ClusterPolicies, Resource, ResourceType
from alma.core.model.engine import EngineTraits
from alma.core.model.software import Catalogue, Software
from alma.core.model.state import DesiredResource, RenderedFile
from alma.core.planning.templates import render

ACCESS = "ssh"
ACCESS_LENGTH = 43  # letters and digits: as much as the 32 bytes of a key
SECRETS = "/etc/alma/secrets"
# The software of a cluster's nodes, where a cluster is made of guests.
SERVER, AGENT = "k3s-server", "k3s-agent"


def is_guest(resource: Resource, traits: EngineTraits) -> bool:
    """Whether an instance of this resource is a guest with an operating system of its own."""
    return not traits.images and resource.type in WORKLOADS | {ResourceType.KUBERNETES_CLUSTER}


def secrets_of(
    resource: Resource, software: Software | None, traits: EngineTraits
) -> dict[str, int]:
    """Generated secrets and their lengths; for a guest also the one from which the key to get in is made."""
    found = {name: secret.length for name, secret in software.secrets.items()} if software else {}
    return found | ({ACCESS: ACCESS_LENGTH} if is_guest(resource, traits) else {})


def guest_files(
    desired: DesiredResource, software: Software, *, owner: str | None = None
) -> tuple[RenderedFile, ...]:
    """What software in a guest finds there: its secrets, for root only, and its configuration. `owner` is the address
    whose secrets they are, where several share them."""
    files = [
        RenderedFile(
            path=f"{SECRETS}/{name}", secret=f"{owner or desired.address}.{name}", mode=0o400
        )
        for name in software.secrets
    ]
    files += [
        RenderedFile(path=file.path, content=render(file.template, desired), mode=file.mode)
        for file in software.packages.files
    ]
    return tuple(files)


# ── clusters ─────────────────────────────────────────────────────────────────────────────────────


def cluster_names(resource: Resource) -> list[tuple[str, str]]:
    """The address and the software of each node. The first server has the cluster's own name: the others join it."""
    servers, workers = resource.specs.roles
    named = [resource.name, *(f"{resource.name}-server-{n}" for n in range(2, servers + 1))]
    agents = [f"{resource.name}-worker-{n}" for n in range(1, workers + 1)]
    return [*((name, SERVER) for name in named), *((name, AGENT) for name in agents)]


def cluster_nodes(shared: DesiredResource, catalogue: Catalogue) -> Iterator[DesiredResource]:
    """The guests of a cluster, from what they have in common. They share the first one's token, and wait for it."""
    resource = shared.resource
    for number, (address, id_) in enumerate(cluster_names(resource)):
        software = catalogue.find(id_)
        first = number == 0
        node = shared.model_copy(
            update={
                "address": address,
                "index": number,
                "resource": resource.model_copy(
                    update={"policies": _policies_at(resource.policies, id_, first=first)}
                ),
                "software": id_,
                "cpu": resource.specs.cpu or (software.cpu if software else None),
                "memory": resource.specs.memory or (software.memory if software else None),
                "disk": resource.specs.disk_size or (software.storage if software else None),
                "ports": software.ports if software else (),
                "recipe": software.packages if software else None,
                "health": software.packages.health if software else None,
                "secrets": {ACCESS: ACCESS_LENGTH}
                | (
                    {name: s.length for name, s in software.secrets.items()}
                    if software and first
                    else {}
                ),
                "access_secret": f"{address}.{ACCESS}",
                "depends_on": shared.depends_on if first else (*shared.depends_on, resource.name),
                "retain": False,
            }
        )
        files = guest_files(node, software, owner=resource.name) if software else ()
        yield node.model_copy(update={"files": files})


def _policies_at(
    policies: ClusterPolicies | None, software: str, *, first: bool
) -> ClusterPolicies | None:
    """What a node does of the cluster's policies: each server holds pods to their level, and the first one makes the
    network's. The others have nothing to change for them."""
    if policies is None or software != SERVER:
        return None
    return policies if first else policies.model_copy(update={"network": None})
