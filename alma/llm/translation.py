"""What the SDKs' failures mean, in ALMA's words.

Nothing of their own words goes into an error, not even as a cause: they repeat what the provider said, and providers
repeat keys and questions. The log gets the beginning of it, with secrets taken out, for who has to mend something.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import httpx2
from pydantic_ai import exceptions as failures
from pydantic_core import ValidationError

from alma.llm.faults import Kind, ModelFault


class _Meaning(NamedTuple):
    kind: Kind
    problem: str
    hint: str


# The first that fits counts, so what is special comes before what is general.
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], _Meaning], ...] = (
    (
        (failures.ModelQuotaExceededError,),
        _Meaning(Kind.DENIED, "says that the account has nothing left", "see to the account"),
    ),
    (
        (failures.ModelAuthenticationError,),
        _Meaning(Kind.DENIED, "refuses the key", "check the setting api_key"),
    ),
    (
        (failures.ModelNotFoundError,),
        _Meaning(Kind.REFUSED, "is not known there", "check the settings model and base_url"),
    ),
    (
        (failures.ModelContextWindowExceededError,),
        _Meaning(Kind.REFUSED, "can't take a question of this length", "use a larger model"),
    ),
    (
        (failures.ModelRateLimitError,),
        _Meaning(Kind.BUSY, "asks to wait: too many requests", "try again later"),
    ),
    (
        (failures.ModelRequestTimeout, failures.ModelTimeoutError, httpx2.TimeoutException),
        _Meaning(Kind.SLOW, "did not answer in time", "try again, or raise the time limits"),
    ),
    (
        (failures.ModelConnectionError, httpx2.HTTPError, httpx2.StreamError),
        _Meaning(Kind.UNREACHABLE, "can't be reached, or broke off", "check its address"),
    ),
    (
        (failures.ModelRequestRejectedError,),
        _Meaning(Kind.REFUSED, "does not take the request", "check that it knows JSON schemas"),
    ),
    (
        (failures.ContentFilterError,),
        _Meaning(Kind.REFUSED, "refuses to answer this", "say it in other words"),
    ),
    (
        (failures.ModelServerError, failures.ModelUnavailableError),
        _Meaning(Kind.SERVER, "fails", "try again later"),
    ),
    (
        (failures.UnexpectedModelBehavior, ValidationError),
        _Meaning(Kind.UNUSABLE, "gave an answer that can't be read", "try again"),
    ),
    (
        (failures.UserError,),
        _Meaning(Kind.REFUSED, "can't be asked for a JSON schema", "use another model"),
    ),
)
_SAID = 300

logger = logging.getLogger(__name__)

_OTHER = _Meaning(Kind.SERVER, "failed", "try again later")
_TRANSLATED = (failures.AgentRunError, failures.UserError, httpx2.HTTPError, httpx2.StreamError)


@contextmanager
def translated(name: str, *, clean: Callable[[str], str]) -> Iterator[None]:
    """Raises what goes wrong with the model of that name as a ModelFault. `clean` takes secrets out of text."""
    try:
        yield
    except (*_TRANSLATED, ValidationError) as error:
        meant = fault(name, error)
        logger.info("%s: %s", meant.message, clean(str(error))[:_SAID])
        raise meant from None


def fault(name: str, error: Exception) -> ModelFault:
    """What a failure means."""
    meaning = next((meaning for kinds, meaning in _MEANINGS if isinstance(error, kinds)), _OTHER)
    after = error.retry_after if isinstance(error, failures.ModelAPIError) else None
    return ModelFault(
        f"{name} {meaning.problem}", kind=meaning.kind, hint=meaning.hint, retry_after=after
    )
