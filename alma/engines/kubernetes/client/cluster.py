"""One cluster, with the calls that this engine makes.

Objects go in and come out as plain manifests, of whatever kind the server serves, so that a kind nobody knew of
yesterday is asked for like any other. A connection belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from alma.core.model.errors import EngineUnavailable
from alma.engines.kubernetes.client.config import access
from alma.engines.kubernetes.client.connection import JSON, Connection
from alma.engines.kubernetes.client.errors import Refused, Request
from alma.engines.kubernetes.client.paths import named, path_of, selectors
from alma.engines.kubernetes.client.refusals import refusal
from alma.engines.kubernetes.client.serving import Serving
from alma.engines.kubernetes.client.status import parsed, status_in
from alma.engines.kubernetes.client.watching import Known, Manifest, Seen
from alma.engines.kubernetes.discovery import Api, MissingKind, Served
from alma.engines.kubernetes.settings import KubernetesSettings

FIELD_MANAGER = "alma"
GONE = 404
PAGE = 500
_TOO_OLD = 410
# The server ends a watch by itself after so long, which is before proxies on the way do.
_WATCH_SECONDS = 240
_WATCH_GRACE = 30.0
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"
# While a server that was watched is away.
_PAUSE_SECONDS = 0.5
# What the server says of a container that has not printed anything yet.
_NO_LOG = ("is waiting to start", "previous terminated container", "is not available")


@dataclass(frozen=True)
class Listing:
    """What a list answered, and the version of the whole that a watch can go on from."""

    items: tuple[Manifest, ...]
    version: str


class Cluster:
    """A Kubernetes cluster. Methods that look return None or an empty list for what is not there; methods that change
    raise `Refused` with the server's reason, or OutcomeUnknown when its answer was lost. See `client.errors`.

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
            raise _unread(error) from error

    async def listed(
        self,
        kind: str,
        *,
        namespace: str | None = None,
        labels: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> Sequence[Manifest]:
        """All objects of a kind, in one namespace or in all, with these labels and fields; a label that is "" need only
        be there. Each has its kind and version, which lists leave out."""
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
        chosen = selectors(labels, fields)
        try:
            return await self._pages(api, namespace, chosen | {"limit": str(PAGE)})
        except Refused as error:
            if error.status != _TOO_OLD:
                raise _unread(error) from error
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
            raise _unread(error) from error
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

    async def watch(
        self,
        kind: str,
        *,
        namespace: str | None = None,
        name: str | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Seen, None]:
        """What is there, as ADDED, then every change, without end: bound it with a time-out, and close it. A broken
        connection is taken up where it broke; after a long gap what is new or has changed is told as ADDED, and what is
        gone as DELETED. Raises EngineUnavailable when the server stays away for as long as a request may take."""
        fields = {"metadata.name": name} if name is not None else None
        api = await self.api(kind)
        chosen = selectors(labels, fields)
        known = Known()
        version, away_since = "", None
        while True:
            try:
                if not version:
                    listing = await self.listing(
                        kind, namespace=namespace, labels=labels, fields=fields
                    )
                    for seen in known.difference(listing.items):
                        yield known.noted(seen)
                    version = listing.version
                async for event in self._changes(
                    api, namespace, chosen | {"resourceVersion": version}
                ):
                    away_since = None
                    version = str(event.object["metadata"]["resourceVersion"])
                    if event.change != "BOOKMARK":
                        yield known.noted(event)
            except Refused as error:
                if error.status != _TOO_OLD:
                    raise _unread(error) from error
                version = ""
            except EngineUnavailable:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > self._patience:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)

    async def _changes(
        self, api: Api, namespace: str | None, params: Mapping[str, str]
    ) -> AsyncIterator[Seen]:
        """One watch, until the server ends it. Raises Refused when it no longer knows the version."""
        request = Request(f"Watching {api.resource}", kind=api.kind)
        asked = dict(params) | {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
        }
        opened = self._connection.stream(
            path_of(api, namespace), request, params=asked, silence=_WATCH_SECONDS + _WATCH_GRACE
        )
        async with opened as events:
            async for event in events:
                if event["type"] == "ERROR":
                    raise refusal(request, status_in(event["object"]))
                yield Seen(str(event["type"]), event["object"])

    # ── changing ──

    async def apply(
        self, manifest: Mapping[str, Any], *, dry_run: bool = False, force: bool = False
    ) -> Manifest:
        """Makes these fields so (server-side apply, as field manager `alma`): the object as it is then. Fields that an
        earlier apply set and this one lacks are taken away. `force` takes fields from others who own them; without it
        they stop it with FieldConflict."""
        api = await self._serving.api_of(manifest)
        meta = manifest["metadata"]
        params = {
            "fieldManager": FIELD_MANAGER,
            "force": str(force).lower(),
            "fieldValidation": "Strict",
        }
        return await self._change(
            "PATCH",
            path_of(api, meta.get("namespace"), meta["name"]),
            _changing("Applying", manifest, dry_run=dry_run),
            params=params,
            body=manifest,
            content_type=_APPLY,
            dry_run=dry_run,
        )

    async def create(self, manifest: Mapping[str, Any], *, dry_run: bool = False) -> Manifest:
        """Makes an object that is not there yet. Raises Exists."""
        api = await self._serving.api_of(manifest)
        return await self._change(
            "POST",
            path_of(api, manifest["metadata"].get("namespace")),
            _changing("Creating", manifest, dry_run=dry_run),
            params={"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"},
            body=manifest,
            dry_run=dry_run,
        )

    async def patch(
        self,
        kind: str,
        name: str,
        *,
        change: Mapping[str, Any],
        namespace: str | None = None,
        subresource: str = "",
        dry_run: bool = False,
    ) -> Manifest:
        """Merges `change` into an object (JSON merge patch: null takes a field away). With `metadata.resourceVersion`
        or `metadata.uid` in it, raises Altered when it is not that one; Refused with status 404 when it is gone."""
        api = await self.api(kind)
        path = path_of(api, namespace, name)
        return await self._change(
            "PATCH",
            f"{path}/{subresource}" if subresource else path,
            Request(
                f"Changing {named(kind, name, namespace)}",
                change=not dry_run,
                secret=kind == "Secret",
                kind=kind,
            ),
            params={"fieldManager": FIELD_MANAGER},
            body=change,
            content_type=_MERGE,
            dry_run=dry_run,
        )

    async def delete(
        self,
        kind: str,
        name: str,
        *,
        namespace: str | None = None,
        uid: str | None = None,
        propagation: str = "Background",
        dry_run: bool = False,
    ) -> bool:
        """Removes an object: whether it was there. Raises Altered when `uid` is given and another one has the name.
        It may still be there for a while: with finalizers, or pods that end."""
        try:
            api = await self.api(kind)
        except MissingKind:
            return False
        options: Manifest = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": propagation,
        }
        if uid is not None:
            options["preconditions"] = {"uid": uid}
        request = Request(f"Removing {named(kind, name, namespace)}", change=not dry_run, kind=kind)
        try:
            await self._change(
                "DELETE", path_of(api, namespace, name), request, body=options, dry_run=dry_run
            )
        except Refused as error:
            if error.status == GONE:
                return False
            raise
        return True

    async def _change(
        self,
        method: str,
        path: str,
        request: Request,
        *,
        body: Mapping[str, Any],
        params: Mapping[str, str] | None = None,
        content_type: str = JSON,
        dry_run: bool = False,
    ) -> Manifest:
        asked = dict(params or {}) | ({"dryRun": "All"} if dry_run else {})
        try:
            answer = await self._connection.ask(
                method, path, request, params=asked, body=body, content_type=content_type
            )
        except MissingKind:
            self._serving.forget()  # it was there when the server was asked last
            raise
        return cast("Manifest", answer)


def _changing(verb: str, manifest: Mapping[str, Any], *, dry_run: bool) -> Request:
    kind, meta = str(manifest["kind"]), manifest["metadata"]
    name = named(kind, str(meta.get("name", "")), meta.get("namespace"))
    return Request(f"{verb} {name}", change=not dry_run, secret=kind == "Secret", kind=kind)


def _unread(error: Refused) -> EngineUnavailable:
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
