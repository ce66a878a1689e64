"""The few calls to the API server that kopf doesn't make for its handlers: objects of requests, made and kept true.

The only module here that knows the client. Errors are translated once: what passes by itself is retryable.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import EngineError, EngineUnavailable
from alma.operator import names
from alma.operator.documents import RequestStatus
from alma.operator.seen import SeenRequest
from alma.operator.turn import RequestObject

if TYPE_CHECKING:
    from lightkube import AsyncClient

_UNKNOWN = 401
_GONE = 404
_THERE = 409
_FORBIDDEN = 403


class Cluster:
    """A connection of one event loop, made by the first call: by the service account inside a cluster, else by
    KUBECONFIG or `~/.kube/config`."""

    def __init__(self) -> None:
        self._made: AsyncClient | None = None

    async def keep(self, wanted: RequestObject, there: SeenRequest | None) -> None:
        """Makes the object of a request, or corrects what of it is not as it has to be. Raises EngineError."""
        if there is None:
            await self._create(wanted)
        elif _moved(wanted, there):
            await self._patch(wanted, {"metadata": {"labels": wanted.labels}, "spec": wanted.spec})
        if there is None or there.status != wanted.status:
            await self._tell(wanted)

    async def remove(self, name: str, namespace: str) -> None:
        """Deletes the object of a request; one that is gone is gone. Raises EngineError."""
        resource, _ = _resources()
        with _translated(f"delete {name}", passing={_GONE}):
            await self._client.delete(resource, name, namespace=namespace)

    async def close(self) -> None:
        """Gives back the connection."""
        if self._made is not None:
            await self._made.close()
            self._made = None

    async def _create(self, wanted: RequestObject) -> None:
        resource, _ = _resources()
        with _translated(f"make {wanted.name}", passing={_THERE}):
            await self._client.create(resource.from_dict(wanted.manifest()))

    async def _patch(self, wanted: RequestObject, patch: dict[str, Any]) -> None:
        from lightkube.types import PatchType

        resource, _ = _resources()
        with _translated(f"change {wanted.name}"):
            await self._client.patch(
                resource,
                wanted.name,
                patch,
                namespace=wanted.namespace,
                patch_type=PatchType.MERGE,
            )

    async def _tell(self, wanted: RequestObject) -> None:
        from lightkube.types import PatchType

        _, subresource = _resources()
        with _translated(f"write the status of {wanted.name}", passing={_GONE}):
            await self._client.patch(
                subresource,
                wanted.name,
                {"status": told(wanted.status)},
                namespace=wanted.namespace,
                patch_type=PatchType.MERGE,
            )

    @property
    def _client(self) -> AsyncClient:
        if self._made is None:
            from lightkube import AsyncClient
            from lightkube.core.exceptions import ConfigError

            try:
                self._made = AsyncClient(field_manager="alma-operator")
            except ConfigError as error:
                raise EngineUnavailable(
                    f"no cluster is configured: {error}", hint="set KUBECONFIG"
                ) from error
        return self._made


def told(status: RequestStatus) -> dict[str, Any]:
    """The status as a merge patch: what is not said any more is taken away."""
    given: dict[str, Any] = status.model_dump(mode="json", by_alias=True)
    return given


def _moved(wanted: RequestObject, there: SeenRequest) -> bool:
    """Whether somebody has changed what says which request it is."""
    said = (there.ipr_id, there.blueprint, there.of_blueprint)
    return said != (wanted.ipr_id, wanted.blueprint, wanted.owner)


def _resources() -> tuple[Any, Any]:
    from lightkube.generic_resource import create_namespaced_resource

    resource = create_namespaced_resource(names.GROUP, names.VERSION, names.REQUEST, names.REQUESTS)
    return resource, resource.Status


@contextmanager
def _translated(doing: str, passing: frozenset[int] | set[int] = frozenset()) -> Iterator[None]:
    import httpx2
    from lightkube.core.exceptions import ApiError

    try:
        yield
    except ApiError as error:
        code = error.status.code or 0
        if code in passing:
            return
        hint = "the operator's ClusterRole allows it" if code == _FORBIDDEN else None
        kind = EngineUnavailable if code >= 500 or code == 429 else EngineError
        raise kind(f"can't {doing}: {error.status.message}", hint=hint) from error
    except httpx2.HTTPError as error:
        raise EngineUnavailable(
            f"can't {doing}: the API server does not answer ({type(error).__name__})"
        ) from error
