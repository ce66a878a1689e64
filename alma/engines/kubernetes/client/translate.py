"""Turns what the SDK and the API server say into ALMA's errors, once, so that nobody else has to know either.

The difference that matters most is between "the server said no" (nothing was made) and "no answer came" (it may have
been): a retry may simply repeat after the first, and has to look before it repeats after the second.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from lightkube.core.exceptions import ConfigError

from alma.core.model.errors import EngineAuthFailed, EngineError, EngineUnavailable, OutcomeUnknown
from alma.engines.kubernetes.client.errors import Request
from alma.engines.kubernetes.client.refusals import AUTH_HINT, LOOK_HINT, refusal, short
from alma.engines.kubernetes.client.status import status_of

UNREACHABLE_HINT = (
    "check that the cluster runs and its address is right in the kubeconfig, and whether a proxy "
    "or firewall is between (NO_PROXY, HTTPS_PROXY)"
)
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)


@contextmanager
def translated(request: Request) -> Iterator[None]:
    """Lets nothing but AlmaErrors out of the block."""
    try:
        yield
    except httpx2.HTTPStatusError as error:
        raise refusal(request, status_of(error.response)) from _cause(request, error)
    except _NOT_SENT as error:
        raise unreachable(request, error) from error
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise _no_answer(request, "no answer in time") from error
    except httpx2.HTTPError as error:
        raise _of_broken(request, error) from error
    except ConfigError as error:  # a token file that is gone, a login program that failed
        raise EngineAuthFailed(
            f"{request.what}: the cluster's credentials can't be had: {_login_problem(error)}",
            hint=AUTH_HINT,
        ) from None
    except (OSError, KeyError, ValueError, TypeError, UnicodeError) as error:
        raise _no_answer(request, "the answer can't be understood") from _cause(request, error)


def _cause(request: Request, error: Exception) -> Exception | None:
    """The cause to show in a log: none where it may repeat what was sent."""
    return None if request.secret else error


def _login_problem(error: ConfigError) -> str:
    """What a login program prints may hold anything, so it is not repeated."""
    text = str(error)
    ran = re.match(r"Exec (?P<program>\S+) returned (?P<code>-?\d+)", text)
    if ran:
        return f"{ran['program']} ended with {ran['code']}: run it by hand as the user that ALMA runs as"
    return text


def unreachable(request: Request, error: Exception) -> EngineError:
    """Nothing was sent."""
    reason = _reason(error)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return EngineUnavailable(
            f"{request.what}: the API server's certificate can't be verified ({_tls_words(reason)})",
            hint="the kubeconfig's CA is another cluster's or an old one: fetch the kubeconfig anew",
        )
    return EngineUnavailable(
        f"{request.what}: the cluster can't be reached ({reason})", hint=UNREACHABLE_HINT
    )


def _reason(error: BaseException) -> str:
    """What the operating system said, which the layers above wrap."""
    seen: BaseException | None = error
    words = ""
    while seen is not None:
        if isinstance(seen, OSError) and seen.strerror:
            # asyncio puts an address in the place of what the number means.
            own = not seen.errno or isinstance(seen, ssl.SSLError | socket.gaierror)
            return seen.strerror if own else os.strerror(seen.errno or 0)
        words = words or str(seen)
        seen = seen.__cause__ or seen.__context__
    return short(words or type(error).__name__, 200)


def _tls_words(reason: str) -> str:
    return reason.rpartition("certificate verify failed: ")[2].partition(" (_ssl")[0]


def _of_broken(request: Request, error: httpx2.HTTPError) -> EngineError:
    # With TLS 1.3, a client certificate is refused with the first answer.
    if "alert" in str(error).lower():
        return EngineAuthFailed(
            f"{request.what}: the API server refuses the client certificate", hint=AUTH_HINT
        )
    return _no_answer(request, "the connection broke")


def _no_answer(request: Request, reason: str) -> EngineError:
    if request.change:
        return OutcomeUnknown(f"{request.what}: {reason}; it may have been done", hint=LOOK_HINT)
    return EngineUnavailable(f"{request.what}: {reason}", hint=UNREACHABLE_HINT)
