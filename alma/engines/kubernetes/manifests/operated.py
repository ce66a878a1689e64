"""Databases and caches that an operator of the cluster runs. Sources: the APIs of CloudNativePG (postgresql.cnpg.io/v1)
and of the Redis operator of OpsTree (redis.redis.opstreelabs.in).

Such a resource keeps its data in claims that the operator makes, and removes them with it.
"""

from __future__ import annotations

from typing import Final

from alma.core.model.blueprint import SecretRef
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import kinds, levels, names, quantities
from alma.engines.kubernetes.labels import own_labels, pod_labels
from alma.engines.kubernetes.manifests.files import SECRET, encoded
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.manifests.pods import SECRETS
from alma.engines.kubernetes.options import options_of
from alma.engines.systems import image_of

_REPOSITORY: Final = "ghcr.io/cloudnative-pg/postgresql"
_PASSWORD: Final = "password"  # noqa: S105  # the name of a key


def postgres_image(desired: DesiredResource) -> str:
    """The operator runs images of its own only; the version is the one that is asked for."""
    return f"{_REPOSITORY}:{image_of(desired).rpartition(':')[2]}"


def postgres(desired: DesiredResource, ground: Ground) -> Manifest:
    """A cluster of one PostgreSQL server, with the database and the user that an image would make."""
    found = ground.primary(desired, kinds.POSTGRES, names.object_name(desired.address))
    found["metadata"]["labels"] = {**own_labels(desired), **found["metadata"]["labels"]}
    bootstrap = {
        "database": _text(desired, "POSTGRES_DB", "app"),
        "owner": _text(desired, "POSTGRES_USER", "alma"),
        "secret": {"name": names.companion_name(desired.address, SECRETS)},
    }
    spec: Manifest = {
        "instances": desired.replicas,
        "imageName": postgres_image(desired),
        "bootstrap": {"initdb": bootstrap},
        "storage": _storage(desired, ground),
        "resources": quantities.held_to(desired.cpu, desired.memory),
        "inheritedMetadata": {"labels": pod_labels(desired, ground.stack)},
        "imagePullSecrets": _logins(ground),
    }
    if selector := _nodes(desired):
        spec["affinity"] = {"nodeSelector": selector}
    return found | {"spec": _said(spec)}


def postgres_secret(desired: DesiredResource, ground: Ground) -> Manifest:
    """Name and password of the user, as the operator reads them."""
    name = names.companion_name(desired.address, SECRETS)
    data = {
        "username": encoded(_text(desired, "POSTGRES_USER", "alma")),
        "password": encoded(_password(desired, ground)),
    }
    found = ground.companion(desired, SECRET, name)
    return found | {"type": "kubernetes.io/basic-auth", "data": data}


def postgres_selector(desired: DesiredResource) -> dict[str, str]:
    """The pod that takes writes, whichever it is."""
    name = names.object_name(desired.address)
    return {"cnpg.io/cluster": name, "cnpg.io/instanceRole": "primary"}


def redis(desired: DesiredResource, ground: Ground) -> Manifest:
    """One Redis. Its operator makes the Service of its name."""
    found = ground.primary(desired, kinds.REDIS, names.object_name(desired.address))
    found["metadata"]["labels"] = {
        **own_labels(desired),
        **pod_labels(desired, ground.stack),
        **found["metadata"]["labels"],
    }
    secret = {"name": names.companion_name(desired.address, SECRETS), "key": _PASSWORD}
    claim = {"spec": {"accessModes": ["ReadWriteOnce"], "resources": _asked(desired)}}
    storage_class = ground.settings.storage_class
    if storage_class:
        claim["spec"]["storageClassName"] = storage_class
    user = levels.UNKNOWN_USER
    spec: Manifest = {
        "kubernetesConfig": {
            "image": f"quay.io/opstree/redis:{_version(desired)}",
            "resources": quantities.held_to(desired.cpu, desired.memory),
            "redisSecret": secret,
            "imagePullSecrets": _logins(ground),
        },
        "nodeSelector": _nodes(desired),
        "storage": {"volumeClaimTemplate": claim},
        "podSecurityContext": {"runAsUser": user, "fsGroup": user, "runAsNonRoot": True},
    }
    spec["kubernetesConfig"] = _said(spec["kubernetesConfig"])
    return found | {"spec": _said(spec)}


def redis_secret(desired: DesiredResource, ground: Ground) -> Manifest:
    """The password, as the operator reads it."""
    found = ground.companion(desired, SECRET, names.companion_name(desired.address, SECRETS))
    return found | {"type": "Opaque", "data": {_PASSWORD: encoded(_password(desired, ground))}}


def _version(desired: DesiredResource) -> str:
    """The operator's images have versions of three parts only."""
    asked = image_of(desired).rpartition(":")[2].split(".")
    return "v" + ".".join([*asked, "0", "0"][:3])


def _logins(ground: Ground) -> list[Manifest]:
    return [{"name": name} for name in ground.settings.image_pull_secrets]


def _nodes(desired: DesiredResource) -> dict[str, str]:
    return dict(sorted(options_of(desired).node_selector.items()))


def _said(spec: Manifest) -> Manifest:
    """Without what is empty."""
    return {key: value for key, value in spec.items() if value not in ({}, [])}


def _password(desired: DesiredResource, ground: Ground) -> str:
    return ground.secret(f"{desired.address}.{_PASSWORD}")


def _text(desired: DesiredResource, variable: str, otherwise: str) -> str:
    value = desired.env.get(variable, otherwise)
    return otherwise if isinstance(value, SecretRef) else value


def _storage(desired: DesiredResource, ground: Ground) -> Manifest:
    found: Manifest = {"size": quantities.memory_quantity(desired.disk or quantities.UNSAID)}
    storage_class = ground.settings.storage_class
    return found | ({"storageClass": storage_class} if storage_class else {})


def _asked(desired: DesiredResource) -> Manifest:
    return {"requests": {"storage": quantities.memory_quantity(desired.disk or quantities.UNSAID)}}
