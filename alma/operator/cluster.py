"""The few calls to the API server that kopf doesn't make for its handlers: objects of requests, made and kept true, and
what is told of either kind. kopf's own patches of a status end a timer for good when they fail; these are tried again.

The only module here that knows the client. Errors are translated once: what passes by itself is retryable.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alma.core.model.errors import (
    BlueprintInvalid,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    InvalidInput,
)
from alma.core.model.yaml_reader import read_yaml
from alma.operator import names
from alma.operator.documents import sent
from alma.operator.seen import SeenRequest
from alma.operator.turn import RequestObject

if TYPE_CHECKING:
    from lightkube import AsyncClient
    from lightkube.config.kubeconfig import SingleConfig

_UNKNOWN = 401
_GONE = 404
_THERE = 409
_FORBIDDEN = 403
# Too many requests, and all that is the server's own fault.
_BUSY = 429
_HINTS = {
    _UNKNOWN: "fetch the kubeconfig or its token anew; it is read again with the next try",
    _FORBIDDEN: "bind it the ClusterRole of deploy/operator/rbac.yaml",
    _GONE: "apply what `alma operator crds` prints",
}
_IF_GONE, _IF_THERE = frozenset({_GONE}), frozenset({_THERE})


class Cluster:
    """A connection of one event loop, made by the first call: by the service account inside a cluster, else by
    KUBECONFIG or `~/.kube/config`. Any call raises InvalidInput where that can't be used."""

    def __init__(self) -> None:
        self._made: AsyncClient | None = None

    async def check(self, namespace: str | None) -> None:
        """Raises EngineError unless the cluster answers, knows Blueprints, and shows those of the namespace (None: of
        all); InvalidInput where no cluster is configured, or not so that it could be reached."""
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
        client = self._client
        try:
            with _translated(doing, passing, client.config.cluster.server):
                yield client
        except EngineAuthFailed:
            # A service account's token changes: the next call reads the one of then.
            self._made = None
            raise

    @property
    def _client(self) -> AsyncClient:
        if self._made is None:
            self._made = _connected()
        return self._made


def _connected() -> AsyncClient:
    from lightkube import AsyncClient

    config = _way()
    try:
        return AsyncClient(config, field_manager="alma-operator")
    except (OSError, TypeError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "malformed"
        raise _unusable(f"a certificate or key of it can't be read ({reason})") from None


def _way() -> SingleConfig:
    """As which kopf goes, too: what it would pass over in silence, and then ask as nobody, is refused here."""
    from lightkube.config.kubeconfig import KubeConfig
    from lightkube.core.exceptions import ConfigError

    try:
        config = KubeConfig.from_service_account().get()
    except ConfigError:
        config = _from_file(_named())
    assert config is not None  # without a context, an error was raised
    if config.user is None:
        raise _unusable(f"its context '{config.context_name}' names no user")
    if config.user.exec or config.user.auth_provider:
        raise _unusable("it signs in by a program, which the operator does not run")
    return config


def _from_file(path: Path) -> SingleConfig | None:
    from lightkube.config.kubeconfig import KubeConfig
    from lightkube.core.exceptions import ConfigError

    try:
        return KubeConfig.from_dict(_read(path), fname=path).get()
    except ConfigError as error:
        raise _unusable(str(error)) from None
    except KeyError as error:
        raise _unusable(f"it has no {error}") from None
    except (AttributeError, TypeError, ValueError):
        raise _unusable("it is not written as kubeconfigs are") from None


def _named() -> Path:
    return Path(os.environ.get("KUBECONFIG") or "~/.kube/config").expanduser()


def _read(path: Path) -> Any:
    """A kubeconfig's content. What is written in it stays out of messages: there are keys in it."""
    try:
        return read_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(
            f"no cluster is configured: there is no {path}",
            hint="set KUBECONFIG to one file, or run where there is a service account",
        ) from None
    except OSError as error:
        raise _unusable(error.strerror or "it can't be read") from None
    except UnicodeDecodeError:
        raise _unusable("it is not text") from None
    except BlueprintInvalid as error:
        lines = [f" (line {found.line})" for found in error.diagnostics if found.line]
        raise _unusable(f"it is no YAML{''.join(lines[:1])}") from None


def _unusable(why: str) -> InvalidInput:
    return InvalidInput(
        f"the kubeconfig {_named()} can't be used: {why}",
        hint="write one with a token or a certificate inside: kubectl config view --raw --flatten --minify",
    )


def _moved(wanted: RequestObject, there: SeenRequest) -> bool:
    """Whether somebody has changed what says which request it is."""
    said = (there.ipr_id, there.blueprint, there.of_blueprint)
    return said != (wanted.ipr_id, wanted.blueprint, wanted.owner)


def _resource(kind: str) -> Any:
    from lightkube.generic_resource import create_namespaced_resource

    plural = names.BLUEPRINTS if kind == names.BLUEPRINT else names.REQUESTS
    return create_namespaced_resource(names.GROUP, names.VERSION, kind, plural)


@contextmanager
def _translated(doing: str, passing: frozenset[int], server: str) -> Iterator[None]:
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
            f"can't {doing}: the API server {server} does not answer ({type(error).__name__})",
            hint="is the address right; does a proxy stand between (NO_PROXY)?",
        ) from error


def _kind_of(code: int) -> type[EngineError]:
    if code == _UNKNOWN:
        return EngineAuthFailed
    return EngineUnavailable if code >= _BUSY else EngineError
