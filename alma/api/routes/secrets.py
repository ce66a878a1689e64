"""The keys that secrets are encrypted with: looked at and renewed, while everything runs. Secrets themselves never."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from alma.api.bodies import BodyRoute
from alma.api.deps import Caller, Wired
from alma.api.schemas.common import PREFIX, failures
from alma.core.model.base import Frozen
from alma.core.model.sealing import Resealed, Sealing

router = APIRouter(prefix=f"{PREFIX}/secrets", tags=["secrets"], route_class=BodyRoute)


class RotateBody(Frozen):
    """Which keys are to be new. Without either, data keys are sealed under the current master key again."""

    model_config = ConfigDict(json_schema_extra={"example": {"data_key": True}})

    master: bool = Field(default=False, description="A new master key, in ALMA's own key file.")
    data_key: bool = Field(default=False, description="A new data key for what is written next.")


class ReencryptBody(Frozen):
    """One batch."""

    model_config = ConfigDict(json_schema_extra={"example": {"limit": 100}})

    limit: int = Field(default=100, ge=1, le=1000, description="Rows to look at.")
    after: str | None = Field(
        default=None, max_length=2000, description="As the batch before said."
    )


@router.get("", responses=failures(403))
def secrets_status(alma: Wired, caller: Caller) -> Sealing:
    """The keys, by their ids, and how many values are under each."""
    return alma.secret_keys.status(caller)


@router.post("/rotate", responses=failures(403, 422))
def rotate_secrets(alma: Wired, caller: Caller, body: RotateBody) -> Sealing:
    """Renews keys. Nothing that was written before is lost, and nobody has to wait."""
    return alma.secret_keys.rotate(caller, master=body.master, data_key=body.data_key)


@router.post("/reencrypt", responses=failures(403, 422))
def reencrypt_secrets(alma: Wired, caller: Caller, body: ReencryptBody) -> Resealed:
    """Encrypts one batch of values again that are not under the current data key. Go on with `after` until it is
    null; it may be left off and begun again at any time."""
    return alma.secret_keys.reseal(caller, limit=body.limit, after=body.after)
