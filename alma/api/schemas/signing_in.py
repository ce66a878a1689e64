"""Signing in through providers and with devices, as it is sent and shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import ConfigDict, Field

from alma.core.model.base import Frozen
from alma.core.services.device_login import DeviceCodes, DeviceRequest

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"


class ProviderView(Frozen):
    """A provider that people may sign in through. A browser begins at `start`."""

    name: str
    title: str
    start: str


class ProvidersView(Frozen):
    """Every way to sign in besides a password."""

    providers: Sequence[ProviderView]
    device: str = Field(description="The page where somebody allows a device.")


class Handover(Frozen):
    """What a command line got from its browser, and the verifier that only it knows."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"code": "hN3l…", "code_verifier": "dBjftJeZ…"}}
    )

    code: str = Field(min_length=1, max_length=200, repr=False)
    code_verifier: str = Field(min_length=43, max_length=128, repr=False)


class DeviceStart(Frozen):
    """Who wants to be signed in. `client_id` and `scope` are taken from programs that speak RFC 8628, and mean nothing
    here."""

    model_config = ConfigDict(json_schema_extra={"example": {"client_name": "alma on laptop"}})

    client_name: str = Field(default="", max_length=200, description="What the person is shown.")
    client_id: str | None = Field(default=None, max_length=200)
    scope: str | None = Field(default=None, max_length=1000)


class DeviceCodesView(Frozen):
    """What the device shows, and what it asks with (RFC 8628, section 3.2)."""

    device_code: str
    user_code: str
    verification_uri: str
    verification_uri_complete: str
    expires_in: int = Field(description="Seconds.")
    interval: int = Field(description="Seconds between two questions, at least.")


class DevicePoll(Frozen):
    """A device asks whether somebody has allowed it (RFC 8628, section 3.4)."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"device_code": "R6cP8l…", "grant_type": DEVICE_GRANT}}
    )

    device_code: str = Field(min_length=1, max_length=200, repr=False)
    grant_type: str = Field(default=DEVICE_GRANT, max_length=200)
    client_id: str | None = Field(default=None, max_length=200)


class DeviceAnswer(Frozen):
    """Whether the device with that code becomes the caller."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"user_code": "WDJB-MJHT", "allow": True}}
    )

    user_code: str = Field(min_length=1, max_length=40)
    allow: bool


class DeviceRequestView(Frozen):
    """What asks to be signed in."""

    user_code: str
    client: str
    address: str
    asked_at: datetime
    expires_at: datetime


def device_codes_view(codes: DeviceCodes, page: str) -> DeviceCodesView:
    """As it is shown; `page` is where people go."""
    return DeviceCodesView(
        device_code=codes.device_code,
        user_code=codes.user_code,
        verification_uri=page,
        verification_uri_complete=f"{page}?user_code={codes.user_code}",
        expires_in=codes.expires_in,
        interval=codes.interval,
    )


def device_request_view(asked: DeviceRequest) -> DeviceRequestView:
    """As it is shown."""
    return DeviceRequestView(
        user_code=asked.user_code,
        client=asked.client,
        address=asked.address,
        asked_at=asked.asked_at,
        expires_at=asked.expires_at,
    )
