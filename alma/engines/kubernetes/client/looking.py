"""Looking at a cluster: objects, lists, logs, events, and what ALMA may do there. Nothing here changes anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from alma.core.model.errors import EngineUnavailable
from alma.engines.kubernetes.client.config import access
from alma.engines.kubernetes.client.connection import Connection
from alma.engines.kubernetes.client.errors import Refused, Request
from alma.engines.kubernetes.client.paths import named, path_of, selectors
from alma.engines.kubernetes.client.refusals import refusal
from alma.engines.kubernetes.client.serving import Serving
from alma.engines.kubernetes.client.status import parsed
from alma.engines.kubernetes.client.watching import Manifest
from alma.engines.kubernetes.discovery import Api, MissingKind, Served
from alma.engines.kubernetes.settings import KubernetesSettings

GONE = 404
TOO_OLD = 410
PAGE = 500
# What the server says of a container that has not printed anything yet.
_NO_LOG = ("is waiting to start", "previous terminated container", "is not available")


@dataclass(frozen=True)
class Listing:
    """What a list answered, and the version of the whole that a watch can go on from."""

    items: tuple[Manifest, ...]
    version: str


class Looks:
    """A cluster, to look at. Methods return None or an empty list for what is not there, and raise EngineUnavailable or
    EngineAuthFailed when they can't know.

    `kind` is a name as in a manifest, with its group after a dot where that is needed (`discovery`). `namespace` is
    asked for where the kind has one, and passed over where it has none.
    """

    def __init__(self, settings: KubernetesSettings) -> None:
        """Raises InvalidInput for a configuration that can't be used, EngineUnavailable when there is none."""
        self._access = access(settings)
        self._patience = settings.request_timeout
        self._connection = Connection(self._access, patience=settings.request_timeout)
        self._serving = Serving(self._connection)

    @property
    def location(self) -> str:
        """The API server's URL."""
        return self._access.server

    @property
    def source(self) -> str:
        """Where the way to it was found, for people."""
        return self._access.source

    @property
    def context(self) -> str:
        """The chosen context's name."""
        return self._access.context

    @property
    def verified(self) -> bool:
        """Whether the server has to prove who it is."""
        return self._access.verified

    async def close(self) -> None:
        """Gives back the connections."""
        await self._connection.close()

    # ── the cluster itself ──

    async def version(self) -> str:
        """The API server's version, such as `v1.34.1`."""
        answer = await self._connection.ask(
            "GET", "version", Request("Asking the cluster's version")
        )
        return str(answer["gitVersion"])

    async def cluster_id(self) -> str:
        """The cluster's own id: the uid of its namespace `kube-system`, which is never made anew."""
        found = await self.get("Namespace", "kube-system")
        if found is None:
            raise EngineUnavailable(
                "The cluster has no namespace kube-system, so there is nothing to know it by",
                hint="is this a Kubernetes API server?",
            )
        return str(found["metadata"]["uid"])

    async def served(self, *, afresh: bool = False) -> Served:
        """What the cluster serves, at most some minutes old; `afresh`: some seconds."""
        return await self._serving.served(afresh=afresh)

    @property
    def known(self) -> Served | None:
        """What the cluster served when it was last asked."""
        return self._serving.known

    async def api(self, kind: str) -> Api:
        """How the cluster serves a kind; asked anew when it is missing. Raises MissingKind."""
        return await self._serving.api(kind)

    # ── looking ──

    async def get(self, kind: str, name: str, *, namespace: str | None = None) -> Manifest | None:
        """One object; None when it is not there. Raises MissingKind."""
        api = await self.api(kind)
        request = Request(f"Looking at {named(kind, name, namespace)}", kind=kind)
        try:
            return cast(
                "Manifest",
                await self._connection.ask("GET", path_of(api, namespace, name), request),
            )
        except Refused as error:
            if error.status == GONE:
                return None
            raise unread(error) from error

    async def listed(
        self,
        kind: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Sequence[Manifest]:
        """All objects of a kind, in one namespace or in all, with these labels and fields; a label that is "" need only
        be there. Each has its kind and version, which lists leave out. Of a kind that was taken away since the cluster
        was asked what it serves there are none left; one that it did not serve then raises MissingKind."""
        return (await self.listing(kind, namespace=namespace, labels=labels, fields=fields)).items

    async def listing(
        self,
        kind: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Listing:
        """Like `listed`, with the version of the whole."""
        api = await self.api(kind)
        try:
            return await self._listing(api, namespace, labels, fields)
        except MissingKind:
            self._serving.forget()
            served = await self._serving.served()
            if served.serves(kind) or served.silent:
                raise
            return Listing((), "")

    async def _listing(
        self,
        api: Api,
        namespace: str | None,
        labels: Mapping[str, str] | None,
        fields: Mapping[str, str] | None,
    ) -> Listing:
        chosen = selectors(labels, fields)
        try:
            return await self._pages(api, namespace, chosen | {"limit": str(PAGE)})
        except Refused as error:
            if error.status != TOO_OLD:
                raise unread(error) from error
        # The pages took longer than the server remembers: once more, in one piece.
        return await self._pages(api, namespace, chosen)

    async def _pages(self, api: Api, namespace: str | None, params: Mapping[str, str]) -> Listing:
        request = Request(f"Listing {api.resource}", kind=api.kind)
        asked, version = dict(params), ""
        found: list[Manifest] = []
        while True:
            answer = await self._connection.ask(
                "GET", path_of(api, namespace), request, params=asked
            )
            meta = answer.get("metadata") or {}
            found += answer.get("items") or []
            version = str(meta.get("resourceVersion") or version)
            if not meta.get("continue"):
                break
            asked["continue"] = str(meta["continue"])
        for item in found:
            item.setdefault("apiVersion", api.api_version)
            item.setdefault("kind", api.kind)
        return Listing(tuple(found), version)

    async def events(self, namespace: str, *, uid: str | None = None) -> Sequence[Manifest]:
        """What happened in a namespace, or to one object of it, oldest first."""
        fields = {"involvedObject.uid": uid} if uid else None
        return sorted(await self.listed("Event", namespace=namespace, fields=fields), key=_when)

    async def log_tail(
        self,
        pod: str,
        *,
        namespace: str,
        container: str | None = None,
        lines: int = 100,
        previous: bool = False,
    ) -> Sequence[str]:
        """The last lines that a container printed, oldest first; `previous`: the one before its last restart. Empty
        when there is no such pod, or it has not started. May hold secrets: hide them before showing."""
        params = {"tailLines": str(lines), "previous": str(previous).lower()}
        if container is not None:
            params["container"] = container
        path = f"{path_of(await self.api('Pod'), namespace, pod)}/log"
        request = Request(f"Reading the log of {named('Pod', pod, namespace)}", kind="Pod")
        try:
            text = await self._connection.text(path, request, params=params)
        except Refused as error:
            if error.status == GONE or any(words in error.message for words in _NO_LOG):
                return []
            raise unread(error) from error
        return text.splitlines()[-lines:]

    async def ask_pod(
        self, pod: str, *, namespace: str, port: int, path: str, seconds: float
    ) -> tuple[int, str]:
        """What a pod answers to a GET, asked through the API server: status and text. Raises Refused when the API
        server does not get through to it or ALMA may not try, EngineUnavailable when nothing came back in time."""
        api = await self.api("Pod")
        whole = f"{path_of(api, namespace, pod)}:{port}/proxy/{path.lstrip('/')}"
        request = Request(f"Asking {named('Pod', pod, namespace)} for {path}", kind="Pod")
        code, body = await self._connection.answer(whole, request, seconds=seconds)
        if code >= 400 and (said := parsed(code, body)).told:
            raise refusal(request, said)
        return code, body.decode(errors="replace")

    async def may(
        self, verb: str, kind: str, *, namespace: str | None = None, subresource: str = ""
    ) -> bool:
        """Whether RBAC lets ALMA do that, in that namespace or everywhere. Raises MissingKind."""
        api = await self.api(kind)
        wish = {
            "verb": verb,
            "group": api.group,
            "resource": api.plural,
            "subresource": subresource,
        }
        if namespace is not None and api.namespaced:
            wish["namespace"] = namespace
        return await self._allowed(wish)

    async def may_do_everything(self) -> bool:
        """Whether RBAC lets ALMA do whatever there is, everywhere."""
        return await self._allowed({"verb": "*", "group": "*", "resource": "*"})

    async def _allowed(self, wish: Mapping[str, str]) -> bool:
        review = await self.api("SelfSubjectAccessReview")
        body = {
            "apiVersion": review.api_version,
            "kind": review.kind,
            "spec": {"resourceAttributes": wish},
        }
        request = Request("Asking what ALMA may do", kind=review.kind)
        answer = await self._connection.ask("POST", path_of(review, None), request, body=body)
        return bool(answer["status"].get("allowed"))


def unread(error: Refused) -> EngineUnavailable:
    """A look that the server refuses for another reason than a missing right: nothing is known."""
    return EngineUnavailable(error.message, hint=error.hint, details=error.details)


def _when(event: Mapping[str, Any]) -> str:
    """When an event happened last; all times are UTC in one form."""
    times = (
        event.get("lastTimestamp"),
        event.get("eventTime"),
        event["metadata"].get("creationTimestamp"),
    )
    return str(next(filter(None, times), ""))
