"""What of ALMA the operator calls: services, and nothing below them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from alma.core.services.blueprints import Blueprints
from alma.core.services.declaring import Declaring
from alma.core.services.deployments import Deployments
from alma.core.services.iprs import IPRs
from alma.core.services.plans import Plans
from alma.core.services.stacks import Stacks


@dataclass(frozen=True)
class Parts:
    """The services, and the time in UTC."""

    declaring: Declaring
    blueprints: Blueprints
    plans: Plans
    iprs: IPRs
    deployments: Deployments
    stacks: Stacks
    now: Callable[[], datetime]
