"""The words that people, manifests and other programs rely on: groups, kinds, annotations, labels and conditions."""

from __future__ import annotations

from enum import StrEnum

GROUP = "alma.dev"
VERSION = "v1"
API_VERSION = f"{GROUP}/{VERSION}"
BLUEPRINT = "Blueprint"
REQUEST = "InfrastructurePullRequest"
BLUEPRINTS = "blueprints"
REQUESTS = "infrastructurepullrequests"
CATEGORY = "alma"
FINALIZER = f"{GROUP}/operator"
# Where kopf keeps its own few notes on an object.
NOTES = f"operator.{GROUP}"

APPROVE = f"{GROUP}/approve"
REJECT = f"{GROUP}/reject"
REQUEST_AGAIN = f"{GROUP}/request-again"
FORGET = f"{GROUP}/forget"
TAKE_OVER = f"{GROUP}/take-over"

OF_BLUEPRINT = f"{GROUP}/blueprint-uid"
MANAGED_BY = "app.kubernetes.io/managed-by"
MANAGER = "alma"


class Kind(StrEnum):
    """What is said of a Blueprint, each true, false or unknown."""

    READY = "Ready"
    PLANNED = "Planned"
    APPROVED = "Approved"
    DEPLOYED = "Deployed"
    DRIFTED = "Drifted"


class Truth(StrEnum):
    """As Kubernetes writes it."""

    TRUE = "True"
    FALSE = "False"
    UNKNOWN = "Unknown"


class Phase(StrEnum):
    """Where a Blueprint stands, in one word: for a column, and for those who only want to know whether to wait."""

    PENDING = "Pending"
    INVALID = "Invalid"
    AWAITING_APPROVAL = "AwaitingApproval"
    REJECTED = "Rejected"
    DEPLOYING = "Deploying"
    DEPLOYED = "Deployed"
    DRIFTED = "Drifted"
    FAILED = "Failed"
    DELETING = "Deleting"
