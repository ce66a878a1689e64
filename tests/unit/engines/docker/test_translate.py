"""Every failure of the daemon becomes one that a person can act on, and the right one for a retry."""

from __future__ import annotations

import errno
from unittest.mock import sentinel

import aiohttp
import pytest
from aiodocker import DockerError

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.engines.docker.client.translate import Refused, pull_problem, refusal, translated


def _connection(cause: Exception) -> DockerError:
    """As the SDK raises it: the cause is only its context."""
    try:
        try:
            raise cause
        except type(cause):
            raise DockerError(900, "Cannot connect to Docker Engine")  # noqa: B904
    except DockerError as error:
        return error


def _refused_socket(number: int) -> DockerError:
    failure = OSError(number, "as the system says")
    return _connection(aiohttp.ClientConnectorError(sentinel.key, failure))


def _translate(error: Exception, *, change: bool) -> EngineError:
    with pytest.raises(EngineError) as raised, translated("Creating web-1", change=change):
        raise error
    assert raised.value.__cause__ is error
    assert raised.value.message.startswith("Creating web-1")
    return raised.value


@pytest.mark.parametrize("change", [True, False])
@pytest.mark.parametrize(
    ("number", "kind", "word"),
    [
        (errno.ENOENT, EngineUnavailable, "is Docker running?"),
        (errno.ECONNREFUSED, EngineUnavailable, "is Docker running?"),
        (errno.EACCES, EngineAuthFailed, "group `docker`"),
    ],
)
def test_a_daemon_that_cannot_be_reached_was_asked_for_nothing(
    number: int, kind: type[EngineError], word: str, change: bool
) -> None:
    error = _translate(_refused_socket(number), change=change)
    assert type(error) is kind
    assert word in str(error.hint)


@pytest.mark.parametrize(
    "lost",
    [
        _connection(aiohttp.ServerDisconnectedError()),
        TimeoutError(),
        aiohttp.ClientPayloadError("half an answer"),
        ValueError("no JSON"),
    ],
)
def test_a_lost_answer_leaves_a_change_open_and_a_look_unanswered(lost: Exception) -> None:
    assert type(_translate(lost, change=True)) is OutcomeUnknown
    assert type(_translate(lost, change=False)) is EngineUnavailable


def test_a_daemon_in_trouble_is_no_answer_to_a_look_and_a_no_to_a_change() -> None:
    trouble = DockerError(500, "layer does not exist")
    assert type(_translate(trouble, change=False)) is EngineUnavailable
    refused = _translate(trouble, change=True)
    assert isinstance(refused, Refused)
    assert refused.status == 500


@pytest.mark.parametrize(
    ("status", "said", "words"),
    [
        (
            500,
            (
                "driver failed programming external connectivity on endpoint x (8a): Bind for 127.0.0.1:8080 failed: "
                "port is already allocated"
            ),
            "port 8080",
        ),
        (
            500,
            (
                "driver failed programming external connectivity on endpoint x (8a): Error starting userland proxy: "
                "listen tcp4 127.0.0.1:8080: bind: address already in use"
            ),
            "port 8080",
        ),
        (
            500,
            (
                "failed to set up container networking: driver failed programming external connectivity on endpoint x: "
                "failed to bind host port for 127.0.0.1:8080:172.18.0.2:80/tcp: address already in use"
            ),
            "port 8080",
        ),
        (
            409,
            'Conflict. The container name "/shop-web-1" is already in use by container "0f". You have to remove it.',
            "'shop-web-1'",
        ),
        (403, "Pool overlaps with other one on this address space", "overlaps"),
        (
            403,
            "error while removing network: network shop-network id 4c97a10bfe26 has active endpoints",
            "none is left",
        ),
        (404, "could not find an available, non-overlapping IPv4 address pool", "no address range"),
        (
            400,
            "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
            "0.01 to 2.00 CPUs",
        ),
        (400, "Minimum memory limit allowed is 6MB", "6MB"),
        (403, "Address already in use", "fixed address"),
        (404, "No such image: nope:1", "nope:1"),
        (
            400,
            (
                'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "serve": '
                "executable file not found in $PATH: unknown"
            ),
            "'serve'",
        ),
        (500, "write /var/lib/docker/x: no space left on device", "disk is full"),
    ],
)
def test_well_known_refusals_are_said_plainly_with_what_to_do(
    status: int, said: str, words: str
) -> None:
    error = refusal("Starting web-1", status, said)
    assert words in error.message
    assert error.hint
    assert isinstance(error, ChangeRejected)


def test_an_unknown_refusal_keeps_the_daemons_words_within_measure() -> None:
    error = refusal("Starting web-1", 418, "I am\n a teapot " + "x" * 1000)
    assert "I am a teapot" in error.message
    assert len(error.message) < 500


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("manifest for nginx:9 not found: manifest unknown", ChangeRejected, "does not exist"),
        (
            "pull access denied for shop, repository does not exist or may require 'docker login'",
            ChangeRejected,
            "wants a login",
        ),
        ("unauthorized: authentication required", EngineAuthFailed, "needs a login"),
        (
            'Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
            EngineUnavailable,
            "can't be reached",
        ),
        (
            "net/http: request canceled while waiting for connection (Client.Timeout exceeded)",
            EngineUnavailable,
            "can't be reached",
        ),
        ("toomanyrequests: You have reached your pull rate limit", EngineUnavailable, "limits"),
        ("invalid reference format", ChangeRejected, "no valid image name"),
        ("something new", ChangeRejected, "something new"),
    ],
)
def test_an_image_that_cannot_be_had_says_which_of_the_reasons_it_is(
    said: str, kind: type[EngineError], words: str
) -> None:
    error = pull_problem("nginx:9", DockerError(500, said))
    assert type(error) is kind
    assert "nginx:9" in error.message
    assert words in error.message
    assert error.hint
