"""Turns what the SDK and the daemon say into ALMA's errors, once, so that nobody else has to know either.

The difference that matters most is between "the daemon said no" (nothing was made) and "no answer came" (it may have
been): a retry may simply repeat after the first, and has to look before it repeats after the second.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import aiohttp
from aiodocker import DockerError

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)

_UNREACHABLE = 900  # what the SDK makes of every failed connection
NOT_RUNNING_HINT = (
    "is Docker running? Start it (`sudo systemctl start docker`, or open Docker Desktop), "
    "or point DOCKER_HOST at it"
)
PERMISSION_HINT = (
    "add the user that runs ALMA to the group `docker` (`sudo usermod -aG docker $USER`) and log in again, "
    "or point DOCKER_HOST at a socket it may use"
)


class Refused(ChangeRejected):
    """The daemon answered no. `status` is its HTTP status, for the few places that act on it."""

    def __init__(self, message: str, *, status: int, hint: str | None = None) -> None:
        super().__init__(message, hint=hint, details={"status": status})
        self.status = status


@dataclass(frozen=True)
class _Known:
    """A refusal people meet often. `says` may use the pattern's groups."""

    pattern: re.Pattern[str]
    says: str
    hint: str


def _known(pattern: str, says: str, hint: str) -> _Known:
    return _Known(re.compile(pattern, re.IGNORECASE | re.DOTALL), says, hint)


_KNOWN = (
    _known(
        r"(?:bind for|bind host port for|exposing port \S+ -> |listen (?:tcp|udp)\d?)\s*\[?[^\s\]]*?\]?:(?P<port>\d+)",
        "port {port} is already in use on the Docker host",
        "stop what uses it (`docker ps`, or `ss -ltnp`), or publish another port in network.ports",
    ),
    _known(
        r"container name \"/?(?P<name>[^\"]+)\" is already in use",
        "a container named '{name}' exists already and is not this stack's",
        "rename or remove it (`docker rm`), or rename the blueprint: ALMA never touches what it did not make",
    ),
    _known(
        r"pool overlaps with other one",
        "its address range overlaps with another network of the Docker host",
        "choose another cidr, or remove the other network (`docker network ls`)",
    ),
    _known(
        r"(non-overlapping|all predefined address pools)",
        "Docker has no address range left for one more network",
        "remove unused networks (`docker network prune`), or give the network a cidr",
    ),
    _known(
        r"has active endpoints",
        "Docker counts containers in it, also when none is left: older versions miscount now and then",
        "look with `docker network inspect`; if it shows no container, restart the Docker Engine, then try again",
    ),
    _known(
        r"range of cpus is from (?P<range>\S+ to \S+?),",
        "the Docker host allows {range} CPUs for one container",
        "change specs.cpu",
    ),
    _known(
        r"minimum memory limit allowed is (?P<least>\w+)",
        "Docker allows no memory limit below {least}",
        "raise specs.memory",
    ),
    _known(
        r"^(?!.*bind).*address already in use",
        "its fixed address is taken in the network",
        "choose another network.private_ip; the first address of a network is its gateway",
    ),
    _known(
        r"no such image: (?P<image>\S+)",
        "the image {image} is not on the Docker host",
        "pull or load it, then deploy again",
    ),
    _known(
        r"(?:exec: )?\\?\"?(?P<command>[^\s\"\\]+)\\?\"?:? ?(?:executable file not found|stat [^:]+: no such file)",
        "its image has no command '{command}'",
        "mend `command`, or choose an image that has it",
    ),
    _known(
        r"no space left on device",
        "the Docker host's disk is full",
        "make room (`docker system df`, `docker system prune`), then deploy again",
    ),
)


def refusal(what: str, status: int, text: str) -> Refused:
    """The error for an answer of the daemon that says no, in plain words where the reason is a well-known one."""
    for known in _KNOWN:
        if found := known.pattern.search(text):
            reason = known.says.format(**found.groupdict())
            return Refused(f"{what}: {reason}", status=status, hint=known.hint)
    return Refused(f"{what}: Docker answered {status}: {_short(text)}", status=status)


def _short(text: str, limit: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


@contextmanager
def translated(what: str, *, change: bool) -> Iterator[None]:
    """Lets nothing but EngineErrors out of the block. `what` opens the message ("Creating web-1"); `change` says that
    the request changes something, so that a lost answer leaves the outcome open."""
    try:
        yield
    except DockerError as error:
        raise _of_docker(what, error, change=change) from error
    except TimeoutError as error:
        raise _no_answer(what, "no answer in time", change=change) from error
    except aiohttp.ClientError as error:
        raise _no_answer(what, f"the answer was lost ({error})", change=change) from error
    except (
        ValueError,
        TypeError,
        KeyError,
    ) as error:  # the SDK meets JSON that is none, or lacks a field
        raise _no_answer(what, "the answer can't be understood", change=change) from error


def _of_docker(what: str, error: DockerError, *, change: bool) -> EngineError:
    if error.status == _UNREACHABLE:
        return _of_connection(what, error.__context__, change=change)
    if error.status == 401:
        return EngineAuthFailed(
            f"{what}: Docker refuses the credentials", hint="check the certificates of DOCKER_HOST"
        )
    if error.status >= 500 and not change:
        return EngineUnavailable(
            f"{what}: Docker can't answer: {_short(error.message)}",
            hint="look into the daemon's log (`journalctl -u docker`)",
        )
    return refusal(what, error.status, error.message)


def _of_connection(what: str, cause: BaseException | None, *, change: bool) -> EngineError:
    if not isinstance(
        cause, aiohttp.ClientConnectorError
    ):  # it was connected, so it may have been heard
        return _no_answer(what, "the connection broke", change=change)
    if cause.os_error.errno in {errno.EACCES, errno.EPERM}:
        return EngineAuthFailed(
            f"{what}: no permission to use Docker's socket", hint=PERMISSION_HINT
        )
    reason = cause.os_error.strerror or str(cause.os_error)
    return EngineUnavailable(f"{what}: no Docker Engine answers ({reason})", hint=NOT_RUNNING_HINT)


def _no_answer(what: str, reason: str, *, change: bool) -> EngineError:
    if change:
        return OutcomeUnknown(
            f"{what}: {reason}; it may have been done", hint="ALMA looks before it tries again"
        )
    return EngineUnavailable(f"{what}: {reason}", hint=NOT_RUNNING_HINT)


_PULL_PROBLEMS: tuple[tuple[str, type[EngineError], str, str], ...] = (
    (
        r"pull access denied",
        ChangeRejected,
        "does not exist, or the registry wants a login",
        "check the name; for a private image log in on the Docker host (`docker login`) and pull it there",
    ),
    (
        r"unauthorized|authentication required|denied: |no basic auth",
        EngineAuthFailed,
        "needs a login to its registry",
        "log in on the Docker host (`docker login`) and pull it there",
    ),
    (
        r"manifest unknown|manifest for .* not found|not found|does not exist|no matching manifest",
        ChangeRejected,
        "does not exist in this version, or not for this kind of machine",
        "check image and version against the registry's list of tags",
    ),
    (
        r"toomanyrequests|rate limit",
        EngineUnavailable,
        "can't be pulled now: the registry limits requests",
        "wait, or log in on the Docker host (`docker login`)",
    ),
    (
        r"no such host|dial tcp|timeout|connection re|unreachable|tls|x509|eof|server misbehaving|proxyconnect",
        EngineUnavailable,
        "can't be pulled: the registry can't be reached",
        "check the Docker host's network and proxy, or load the image there (`docker load`, `docker pull`)",
    ),
    (
        r"invalid reference format|repository name must be",
        ChangeRejected,
        "is no valid image name",
        "write it as name:tag, in lower case",
    ),
)


def pull_problem(image: str, error: DockerError) -> EngineError:
    """The error for an image that could not be pulled: which of the usual reasons it is, and what to do."""
    if error.status == _UNREACHABLE:
        return _of_connection(f"Pulling {image}", error.__context__, change=False)
    for pattern, kind, says, hint in _PULL_PROBLEMS:
        if re.search(pattern, error.message, re.IGNORECASE):
            return kind(f"The image {image} {says}: {_short(error.message, 200)}", hint=hint)
    return ChangeRejected(
        f"The image {image} can't be pulled: {_short(error.message)}",
        hint="try `docker pull` on the Docker host",
    )
