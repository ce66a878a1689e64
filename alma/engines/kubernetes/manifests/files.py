"""Files and secret variables of a workload: in a ConfigMap, or in a Secret as soon as they are secret."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from alma.core.model.blueprint import SecretRef
from alma.core.model.state import DesiredResource
from alma.engines.kubernetes import names
from alma.engines.kubernetes.manifests.parts import Ground, Manifest
from alma.engines.kubernetes.manifests.pods import FILES, SECRETS, secret_key

CONFIG: Final = "ConfigMap"
SECRET: Final = "Secret"  # noqa: S105  # a kind


def objects(desired: DesiredResource, ground: Ground) -> Iterator[Manifest]:
    """What has to be there before a pod can start."""
    secret = _secret_data(desired, ground)
    plain = {names.data_key(f.path): f.content for f in desired.files if f.secret is None}
    if plain:
        name = names.companion_name(desired.address, FILES)
        found = ground.companion(desired, CONFIG, name)
        yield found | {"data": dict(sorted(plain.items()))}
    if secret:
        name = names.companion_name(desired.address, SECRETS)
        found = ground.companion(desired, SECRET, name)
        yield found | {"type": "Opaque", "data": secret}


def _secret_data(desired: DesiredResource, ground: Ground) -> dict[str, str]:
    asked = {names.data_key(file.path): file.secret for file in desired.files if file.secret}
    asked |= {
        secret_key(name): value.secret
        for name, value in desired.env.items()
        if isinstance(value, SecretRef)
    }
    return {key: encoded(ground.secret(name)) for key, name in sorted(asked.items())}


def encoded(value: str) -> str:
    """A value as a Secret holds it."""
    return base64.b64encode(value.encode()).decode()
