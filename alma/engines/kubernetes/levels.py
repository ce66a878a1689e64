"""Which level of the Pod Security Standards pods are held to, and whom they run as. Pure.

Source: the Pod Security Standards of Kubernetes. "restricted" is the default; what can't run so is run as "baseline",
and the plan says why.
"""

from __future__ import annotations

from typing import Final

from alma.core.model.state import DesiredResource
from alma.engines.kubernetes.discovery import Served
from alma.engines.kubernetes.options import options_of
from alma.engines.kubernetes.settings import KubernetesSettings, PodSecurity

RESTRICTED: Final = "restricted"
BASELINE: Final = "baseline"
# The number that most images with a user of their own give it; nobody knows better of an unknown image.
UNKNOWN_USER: Final = 1000
ROOT: Final = 0
_FIRST_FREE_PORT: Final = 1024


def level_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> PodSecurity:
    """The level the pods of this resource keep to."""
    asked = options_of(desired).pod_security or settings.pod_security
    return BASELINE if obstacle(desired, settings, served) else asked


def obstacle(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> str | None:
    """Why it can't be held to "restricted", where that is asked for."""
    options = options_of(desired)
    if (options.pod_security or settings.pod_security) != RESTRICTED:
        return None
    if options.user is None and desired.user == ROOT:
        return "its image has to start as root"
    if options.user is None and takes_low_ports(desired) and not frees_low_ports(served):
        return (
            "it listens on a port below 1024, which takes root before Kubernetes 1.22; "
            "give it a port above, or a newer cluster"
        )
    return None


def user_of(
    desired: DesiredResource, settings: KubernetesSettings, served: Served | None
) -> int | None:
    """The number of the user that it runs as; None: the image's own."""
    options = options_of(desired)
    if options.user is not None:
        return options.user if isinstance(options.user, int) else None
    if takes_low_ports(desired) and not frees_low_ports(served):
        return ROOT
    if level_of(desired, settings, served) == RESTRICTED:
        return UNKNOWN_USER if desired.user is None else desired.user
    return None


def takes_low_ports(desired: DesiredResource) -> bool:
    """Whether it listens where only root may by default."""
    return any(port.target < _FIRST_FREE_PORT for port in desired.ports)


def frees_low_ports(served: Served | None) -> bool:
    """Whether a pod may say that its low ports take no root: since 1.22. A list of kinds tells no version; the first
    stable one that came after it was in 1.23."""
    if served is None:
        return True
    api = served.find("HorizontalPodAutoscaler")
    return api is not None and api.version == "v2"
