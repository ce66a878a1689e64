"""What kopf is told: which objects to watch, and what to call when. The only module that knows it.

Timers and the one handler of deletions call `Attending`, and nothing is decided here. kopf keeps its notes in
annotations of its own prefix, and of the objects only their generation, so that a large Blueprint is not kept twice.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any

import kopf

from alma.core.model.errors import AlmaError
from alma.operator import names
from alma.operator.attending import Attending
from alma.operator.seen import SeenRequest
from alma.operator.settings import OperatorSettings
from alma.operator.turn import Notice

# Said so often as it waits, and no fault.
_REQUESTS = "requests"
_WAITS = "it waits to be let go"
# Seconds after which something that failed is tried again.
_AGAIN = 10.0
_WATCH_SECONDS = 300  # a whole number: the API server reads no other
_ANSWER_SECONDS = 30.0

logger = logging.getLogger(__name__)


class _Generations(kopf.AnnotationsDiffBaseStorage):
    """Remembers of an object only which of its states was seen."""

    def build(self, *, body: kopf.Body, extra_fields: Any = None) -> kopf.BodyEssence:
        return kopf.BodyEssence(spec={"generation": body.metadata.get("generation", 0)})


class _Patience:
    """Waits before each attempt to reach the API server: ever longer, and for as long as it is away. An end to that
    would be the end of a watch."""

    def __iter__(self) -> Iterator[float]:
        return chain((1.0, 2.0, 3.0, 5.0), repeat(_AGAIN))


class _NoFault(logging.Filter):
    """Keeps what is no fault out of the log: waiting, and that kopf has its own thread."""

    def filter(self, record: logging.LogRecord) -> bool:
        said = record.getMessage()
        return _WAITS not in said and "OS signals are ignored" not in said


def quieten() -> None:
    """What kopf says of its ordinary work is for who looks for a fault in it."""
    for name in ("kopf.objects", "kopf._core.reactor.running"):
        found = logging.getLogger(name)
        if not any(isinstance(item, _NoFault) for item in found.filters):
            found.addFilter(_NoFault())
    logging.getLogger("kopf.objects").setLevel(logging.WARNING)


def registry_of(attending: Attending, settings: OperatorSettings) -> kopf.OperatorRegistry:
    """The handlers of one operator."""
    registry = kopf.OperatorRegistry()
    place, named = (names.GROUP, names.VERSION), settings.namespaces

    @kopf.on.startup(registry=registry)
    def configure(settings: kopf.OperatorSettings, **_: Any) -> None:
        _configure(settings)
        # Namespaces that are named are taken to be there: to look for more takes rights in the whole cluster.
        settings.scanning.disabled = bool(named)

    @kopf.on.login(registry=registry, errors=kopf.ErrorsMode.PERMANENT)
    def login(**about: Any) -> kopf.ConnectionInfo:
        found = kopf.login_with_service_account(**about) or kopf.login_with_kubeconfig(**about)
        if found is None:
            raise kopf.LoginError("no cluster is configured: set KUBECONFIG")
        return found

    @kopf.index(*place, names.REQUESTS, id=_REQUESTS, registry=registry)
    def requests(body: kopf.Body, namespace: str | None, **_: Any) -> Mapping[Any, SeenRequest]:
        return {namespace: SeenRequest.of(body)}

    @kopf.timer(*place, names.BLUEPRINTS, id="look", interval=settings.interval, registry=registry)
    async def look(body: kopf.Body, **more: Any) -> None:
        there = _of_namespace(more[_REQUESTS], body)
        try:
            await attending.attend(body, there, _poster(body))
        except AlmaError as error:
            raise kopf.TemporaryError(error.message, delay=_AGAIN) from error

    @kopf.on.delete(*place, names.BLUEPRINTS, id="remove", registry=registry)
    async def remove(body: kopf.Body, **more: Any) -> None:
        there = _of_namespace(more[_REQUESTS], body)
        try:
            gone = await attending.dismiss(body, there, _poster(body))
        except AlmaError as error:
            raise kopf.TemporaryError(error.message, delay=_AGAIN) from error
        if not gone:
            raise kopf.TemporaryError(_WAITS, delay=settings.interval)

    return registry


def _configure(settings: kopf.OperatorSettings) -> None:
    settings.persistence.finalizer = names.FINALIZER
    settings.persistence.progress_storage = kopf.AnnotationsProgressStorage(prefix=names.NOTES)
    settings.persistence.diffbase_storage = _Generations(prefix=names.NOTES)
    settings.posting.loggers = False
    settings.posting.reporting_component = "alma-operator"
    settings.posting.event_name_prefix = "alma-"
    settings.watching.server_timeout = _WATCH_SECONDS
    settings.watching.connect_timeout = _ANSWER_SECONDS
    settings.networking.request_timeout = _ANSWER_SECONDS
    settings.networking.error_backoffs = _Patience()
    settings.execution.default_backoff = _AGAIN


def _of_namespace(requests: Any, body: kopf.Body) -> list[SeenRequest]:
    return list(requests.get(body.metadata.namespace, ()))


def _poster(body: kopf.Body) -> Any:
    def post(notice: Notice, request: SeenRequest | None) -> None:
        about: Any = body if request is None else _reference(request)
        kind = "Warning" if notice.warning else "Normal"
        kopf.event(about, type=kind, reason=notice.reason, message=notice.message)

    return post


def _reference(request: SeenRequest) -> Mapping[str, Any]:
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.REQUEST,
        "metadata": {
            "name": request.name,
            "namespace": request.namespace,
            "uid": request.uid,
        },
    }
