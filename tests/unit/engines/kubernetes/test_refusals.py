"""Answers that a small test cluster does not give: webhooks, policies, Pod Security, broken proxies.

The bodies are what API servers send, shortened only where a long list repeats itself.
"""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    EngineAuthFailed,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.engines.kubernetes.client import Altered, Refused, Terminating, TurnedAway
from alma.engines.kubernetes.client.errors import Request
from alma.engines.kubernetes.client.refusals import refusal
from alma.engines.kubernetes.client.status import Status, parsed
from alma.engines.kubernetes.client.translate import translated
from alma.engines.kubernetes.discovery import MissingKind

CHANGE = Request("Applying Deployment web in shop", change=True, kind="Deployment")
LOOK = Request("Listing deployments.apps", kind="Deployment")
SECRET = Request("Applying Secret door in shop", change=True, secret=True, kind="Secret")


def said(code: int, message: str, reason: str = "", **details: Any) -> Status:
    """An API server's own answer."""
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message}
    whole = {**body, "reason": reason, "details": details, "code": code}
    return parsed(code, json.dumps(whole))


WEBHOOK = (
    'admission webhook "validate.kyverno.svc-fail" denied the request: \n\nresource '
    "Deployment/shop/web was blocked due to the following policies \n\nrequire-team:\n  team: "
    "'validation error: label team is required'"
)
DOWN = (
    'Internal error occurred: failed calling webhook "mutate.example.org": failed to call webhook: '
    'Post "https://gate.ops.svc:443/mutate?timeout=10s": dial tcp 10.96.8.1:443: connect: connection refused'
)
POLICY = (
    "deployments.apps \"web\" is forbidden: ValidatingAdmissionPolicy 'few-replicas' with binding "
    "'few-replicas-everywhere' denied request: at most 5 replicas"
)
POD_SECURITY = (
    'pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false '
    '(container "main" must set securityContext.allowPrivilegeEscalation=false)'
)


@pytest.mark.parametrize(
    ("code", "message", "by", "words"),
    [
        (400, WEBHOOK, "validate.kyverno.svc-fail", "label team is required"),
        (500, DOWN, "mutate.example.org", "connection refused"),
        (422, POLICY, "few-replicas", "at most 5 replicas"),
        (403, POD_SECURITY, 'PodSecurity "restricted:latest"', "allowPrivilegeEscalation"),
    ],
)
def test_whoever_stands_at_the_door_is_quoted(code: int, message: str, by: str, words: str) -> None:
    error = refusal(CHANGE, said(code, message))
    assert isinstance(error, TurnedAway)
    assert error.by == by
    assert by in error.message
    assert words in error.message
    assert error.hint


def test_a_webhook_that_repeats_a_secret_is_not_quoted() -> None:
    error = refusal(SECRET, said(400, WEBHOOK))
    assert isinstance(error, TurnedAway)
    assert "validate.kyverno.svc-fail" in error.message
    assert "team" not in error.message


@pytest.mark.parametrize("code", [500, 502, 504])
def test_a_fault_of_the_server_leaves_the_outcome_of_a_change_open(code: int) -> None:
    message = "etcdserver: request timed out"
    assert isinstance(refusal(CHANGE, said(code, message)), OutcomeUnknown)
    assert isinstance(refusal(LOOK, said(code, message)), EngineUnavailable)


def test_a_server_that_says_it_took_nothing_is_unavailable() -> None:
    busy = refusal(
        CHANGE, said(429, "Too many requests, please try again later.", "TooManyRequests")
    )
    assert isinstance(busy, EngineUnavailable)
    away = "the server is currently unable to handle the request"
    assert isinstance(refusal(CHANGE, said(503, away, "ServiceUnavailable")), EngineUnavailable)


def test_a_proxy_that_answers_in_the_server_s_place_says_nothing_about_the_change() -> None:
    page = b"<html><h1>503 Service Temporarily Unavailable</h1></html>"
    assert isinstance(refusal(CHANGE, parsed(503, page)), OutcomeUnknown)
    assert isinstance(refusal(CHANGE, parsed(502, page)), OutcomeUnknown)


def test_a_path_that_nobody_serves_is_a_missing_kind_and_a_missing_object_is_not() -> None:
    machines = Request("Listing virtualmachines.kubevirt.io", kind="VirtualMachine")
    assert isinstance(refusal(machines, parsed(404, b"404 page not found")), MissingKind)
    gone = said(404, 'deployments.apps "web" not found', "NotFound", name="web", kind="deployments")
    error = refusal(CHANGE, gone)
    assert isinstance(error, Refused)
    assert error.status == 404


def test_an_object_that_is_being_removed_is_told_from_one_that_was_changed() -> None:
    being = said(409, 'object is being deleted: namespaces "shop" already exists', "AlreadyExists")
    changed = said(
        409,
        'Operation cannot be fulfilled on deployments.apps "web": the object has been modified; please '
        "apply your changes to the latest version and try again",
        "Conflict",
    )
    assert isinstance(refusal(CHANGE, being), Terminating)
    assert isinstance(refusal(CHANGE, changed), Altered)


def test_long_words_are_cut() -> None:
    error = refusal(CHANGE, said(400, "x" * 5000))
    assert len(error.message) < 800


@pytest.mark.parametrize(
    ("error", "change", "look"),
    [
        (httpx2.ConnectError("no"), EngineUnavailable, EngineUnavailable),
        (httpx2.ConnectTimeout("no"), EngineUnavailable, EngineUnavailable),
        (httpx2.PoolTimeout("no"), EngineUnavailable, EngineUnavailable),
        (httpx2.ReadTimeout("no"), OutcomeUnknown, EngineUnavailable),
        (httpx2.WriteError("no"), OutcomeUnknown, EngineUnavailable),
        (httpx2.RemoteProtocolError("no"), OutcomeUnknown, EngineUnavailable),
        (ValueError("no JSON"), OutcomeUnknown, EngineUnavailable),
        (
            httpx2.ReadError(
                "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required"
            ),
            EngineAuthFailed,
            EngineAuthFailed,
        ),
    ],
)
def test_what_was_never_sent_is_told_from_what_nobody_knows(
    error: Exception, change: type[AlmaError], look: type[AlmaError]
) -> None:
    for request, kind in ((CHANGE, change), (LOOK, look)):
        with pytest.raises(kind), translated(request):
            raise error


def test_a_refusal_is_final_and_silence_is_worth_another_try() -> None:
    assert not refusal(CHANGE, said(400, "no")).retryable
    assert isinstance(refusal(CHANGE, said(400, "no")), ChangeRejected)
    assert refusal(CHANGE, said(504, "no")).retryable
