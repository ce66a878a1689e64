"""Language models: which the project asks, and what they have cost."""

from __future__ import annotations

from fastapi import APIRouter

from alma.api.deps import Caller, Wired
from alma.api.routing import Route
from alma.api.schemas.common import PREFIX
from alma.core.services.language_models import ModelsInUse

router = APIRouter(prefix=f"{PREFIX}/models", tags=["models"], route_class=Route)


@router.get("", response_description="In the order in which they are asked; never their keys.")
def list_models(alma: Wired, caller: Caller) -> ModelsInUse:
    """The language models that the project asks, with their fallbacks, limits and budget, and what this month has cost.
    Whether they answer is told by `/monitoring/health/detailed`."""
    return alma.language_models.show(caller)
