"""The settings of a cluster are made normal, and a fault is told without the value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from alma.engines.proxmox.settings import ProxmoxSettings

TOKEN = "alma@pve!deploy=c0ffee00-cafe-4bad-babe-0123456789ab"
CANARY = "canary-0123"
SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("pve1", ("https://pve1:8006",)),
        ("https://PVE1.example.org/", ("https://pve1.example.org:8006",)),
        ("https://10.0.0.5:443", ("https://10.0.0.5:443",)),
        ("https://[2001:db8::1]", ("https://[2001:db8::1]:8006",)),
        ("pve1, pve2 ,pve1", ("https://pve1:8006", "https://pve2:8006")),
        (["pve1", "pve2:8007"], ("https://pve1:8006", "https://pve2:8007")),
        ("", ()),
    ],
)
def test_urls_are_https_with_a_port(given: Any, normal: tuple[str, ...]):
    assert ProxmoxSettings.model_validate({"urls": given, "token": TOKEN}).urls == normal


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"urls": "http://pve1"}, "https only"),
        ({"urls": f"https://root:{CANARY}@pve1"}, "no user and no password"),
        ({"urls": f"https://pve1/{CANARY}"}, "ends after its port"),
        ({"urls": "https://pve1:99999"}, "from 1 to 65535"),
        ({"urls": "https://-"}, "no valid host"),
        ({"token": CANARY}, "user@realm!name=secret"),
        ({"token": f"alma@pve!deploy {CANARY}"}, "user@realm!name=secret"),
        ({"token": f"alma@pve!deploy={CANARY}\n"}, "user@realm!name=secret"),
        ({"token": TOKEN, "user": "root@pam", "password": CANARY}, "not both"),
        ({"user": "root@pam"}, "one of them is missing"),
        ({"password": CANARY}, "one of them is missing"),
        ({"user": "root", "password": CANARY}, "has a realm"),
        ({"token": TOKEN, "totp": "JBSWY3DPEHPK3PXP"}, "goes with a user"),
        ({"user": "root@pam", "password": CANARY, "totp": "123456"}, "not a six-digit code"),
        ({"urls": "pve1"}, "no way to log in"),
        ({"fingerprint": "ab" * 20}, "SHA-1"),
        ({"fingerprint": CANARY}, "64 hexadecimal digits"),
        ({"fingerprint": SHA256, "ca_file": "/ca.pem"}, "not both"),
        ({"vmid_first": 200, "vmid_last": 100}, "greater than"),
        ({"poll_least": 3}, "greater than"),
        ({"connections": 0}, "greater than or equal to 1"),
        ({"verify": False}, "Extra inputs"),
    ],
)
def test_a_fault_says_what_is_wrong_and_shows_no_value(given: dict[str, Any], reason: str):
    with pytest.raises(ValidationError) as caught:
        ProxmoxSettings.model_validate(given)
    shown = str(caught.value) + str(caught.value.errors(include_input=False))
    assert reason in shown
    assert CANARY not in shown
    assert "c0ffee00" not in shown


@pytest.mark.parametrize(
    "given", [SHA256, SHA256.upper(), ":".join(["AB"] * 32), "sha256 Fingerprint=" + SHA256]
)
def test_a_fingerprint_is_taken_as_openssl_or_a_person_writes_it(given: str):
    assert ProxmoxSettings(fingerprint=given).fingerprints == (":".join(["AB"] * 32),)


def test_each_node_may_have_its_own_fingerprint():
    assert len(ProxmoxSettings(fingerprint=f"{SHA256}, {'cd' * 32}").fingerprints) == 2


def test_settings_show_no_secret():
    settings = ProxmoxSettings.model_validate(
        {"user": "root@pam", "password": CANARY, "totp": "jbsw y3dp ehpk 3pxp"}
    )
    assert settings.totp is not None
    assert settings.totp.get_secret_value() == "JBSWY3DPEHPK3PXP"
    assert CANARY not in f"{settings!r} {settings} {settings.model_dump_json()}"
    assert "JBSW" not in f"{settings!r} {settings} {settings.model_dump_json()}"


def test_nothing_at_all_is_valid_so_that_the_engine_can_say_what_is_missing():
    assert ProxmoxSettings().urls == ()
