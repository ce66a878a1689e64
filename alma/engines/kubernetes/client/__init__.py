"""The edge to a cluster's API: the only modules that know lightkube. Plain manifests inwards, AlmaErrors outwards."""

from alma.engines.kubernetes.client.cluster import FIELD_MANAGER, Cluster, Listing
from alma.engines.kubernetes.client.errors import (
    Altered,
    Exists,
    FieldConflict,
    Invalid,
    NotAllowed,
    NotAllowedToRead,
    QuotaExceeded,
    Refused,
    Terminating,
    TurnedAway,
)
from alma.engines.kubernetes.client.watching import Manifest, Seen
from alma.engines.kubernetes.discovery import MissingKind

__all__ = [
    "FIELD_MANAGER",
    "Altered",
    "Cluster",
    "Exists",
    "FieldConflict",
    "Invalid",
    "Listing",
    "Manifest",
    "MissingKind",
    "NotAllowed",
    "NotAllowedToRead",
    "QuotaExceeded",
    "Refused",
    "Seen",
    "Terminating",
    "TurnedAway",
]
