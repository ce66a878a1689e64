"""The few calls to the API server that kopf doesn't make for its handlers: objects of requests, made and kept true, and
what is told of either kind. kopf's own patches of a status end a timer for good when they fail; these are tried again.

The only module here that knows the client. Errors are translated once: what passes by itself is retryable.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import EngineAuthFailed, EngineError, EngineUnavailable, InvalidInput
from alma.operator import names
from alma.operator.documents import sent
from alma.operator.seen import SeenRequest
from alma.operator.turn import RequestObject

if TYPE_CHECKING:
    from lightkube import AsyncClient

_UNKNOWN = 401
_GONE = 404
_THERE = 409
_FORBIDDEN = 403
# Too many requests, and all that is the server's own fault.
_BUSY = 429
_HINTS = {
    _FORBIDDEN: "bind it the ClusterRole of deploy/operator/rbac.yaml",
    _GONE: "apply what `alma operator crds` prints",
}
_IF_GONE, _IF_THERE = frozenset({_GONE}), frozenset({_THERE})


class Cluster:
    """A connection of one event loop, made by the first call: by the service account inside a cluster, else by
    KUBECONFIG or `~/.kube/config`."""

    def __init__(self) -> None:
        self._made: AsyncClient | None = None

    async def check(self, namespace: str | None) -> None:
        """Raises EngineError unless the cluster answers, knows Blueprints, and shows those of the namespace (None: of
        all); InvalidInput where no cluster is configured."""
        where = "*" if namespace is None else namespace
        async with self._asked("list Blueprints") as client:
            async for _ in client.list(_resource(names.BLUEPRINT), namespace=where, chunk_size=1):
                return

    async def keep(self, wanted: RequestObject, there: SeenRequest | None) -> None:
        """Makes the object of a request, or corrects what of it is not as it has to be. Raises EngineError."""
        if there is None:
            await self._create(wanted)
        elif _moved(wanted, there):
            await self._patch(wanted, {"metadata": {"labels": wanted.labels}, "spec": wanted.spec})
        if there is None or there.status != wanted.status:
            await self._tell(names.REQUEST, wanted.name, wanted.namespace, sent(wanted.status))

    async def remove(self, name: str, namespace: str) -> None:
        """Deletes the object of a request; one that is gone is gone. Raises EngineError."""
        resource = _resource(names.REQUEST)
        async with self._asked(f"delete {name}", passing=_IF_GONE) as client:
            await client.delete(resource, name, namespace=namespace)

    async def close(self) -> None:
        """Gives back the connection."""
        if self._made is not None:
            await self._made.close()
            self._made = None

    async def _create(self, wanted: RequestObject) -> None:
        resource = _resource(names.REQUEST)
        async with self._asked(f"make {wanted.name}", passing=_IF_THERE) as client:
            await client.create(resource.from_dict(wanted.manifest()))

    async def _patch(self, wanted: RequestObject, patch: dict[str, Any]) -> None:
        from lightkube.types import PatchType

        resource = _resource(names.REQUEST)
        async with self._asked(f"change {wanted.name}") as client:
            await client.patch(
                resource,
                wanted.name,
                patch,
                namespace=wanted.namespace,
                patch_type=PatchType.MERGE,
            )

    async def tell(self, name: str, namespace: str, status: dict[str, Any]) -> None:
        """Writes of a Blueprint's status what is given; one that is gone needs none. Raises EngineError."""
        await self._tell(names.BLUEPRINT, name, namespace, status)

    async def _tell(self, kind: str, name: str, namespace: str, status: dict[str, Any]) -> None:
        from lightkube.types import PatchType

        async with self._asked(f"write the status of {name}", passing=_IF_GONE) as client:
            await client.patch(
                _resource(kind).Status,
                name,
                {"status": status},
                namespace=namespace,
                patch_type=PatchType.MERGE,
            )

    @asynccontextmanager
    async def _asked(
        self, doing: str, passing: frozenset[int] = frozenset()
    ) -> AsyncIterator[AsyncClient]:
        try:
            with _translated(doing, passing):
                yield self._client
        except EngineAuthFailed:
            # A service account's token changes: the next call reads the one of then.
            self._made = None
            raise

    @property
    def _client(self) -> AsyncClient:
        if self._made is None:
            from lightkube import AsyncClient
            from lightkube.core.exceptions import ConfigError

            try:
                self._made = AsyncClient(field_manager="alma-operator")
            except ConfigError as error:
                raise InvalidInput(
                    f"no cluster is configured: {error}", hint="set KUBECONFIG"
                ) from error
        return self._made


def _moved(wanted: RequestObject, there: SeenRequest) -> bool:
    """Whether somebody has changed what says which request it is."""
    said = (there.ipr_id, there.blueprint, there.of_blueprint)
    return said != (wanted.ipr_id, wanted.blueprint, wanted.owner)


def _resource(kind: str) -> Any:
    from lightkube.generic_resource import create_namespaced_resource

    plural = names.BLUEPRINTS if kind == names.BLUEPRINT else names.REQUESTS
    return create_namespaced_resource(names.GROUP, names.VERSION, kind, plural)


@contextmanager
def _translated(doing: str, passing: frozenset[int]) -> Iterator[None]:
    import httpx2
    from lightkube.core.exceptions import ApiError

    try:
        yield
    except ApiError as error:
        code = error.status.code or 0
        if code in passing:
            return
        raise _kind_of(code)(
            f"can't {doing}: {error.status.message}", hint=_HINTS.get(code)
        ) from error
    except httpx2.HTTPError as error:
        raise EngineUnavailable(
            f"can't {doing}: the API server does not answer ({type(error).__name__})"
        ) from error


def _kind_of(code: int) -> type[EngineError]:
    if code == _UNKNOWN:
        return EngineAuthFailed
    return EngineUnavailable if code >= _BUSY else EngineError
