"""One cluster, with the calls that this engine makes.

Objects go in and come out as plain manifests, of whatever kind the server serves, so that a kind nobody knew of
yesterday is asked for like any other. A connection belongs to one event loop.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, cast

from alma.core.model.errors import EngineUnavailable
from alma.engines.kubernetes.client.connection import JSON
from alma.engines.kubernetes.client.errors import Refused, Request
from alma.engines.kubernetes.client.looking import GONE, TOO_OLD, Listing, Looks, unread
from alma.engines.kubernetes.client.paths import named, path_of, selectors
from alma.engines.kubernetes.client.refusals import refusal
from alma.engines.kubernetes.client.status import status_in
from alma.engines.kubernetes.client.watching import Known, Manifest, Seen
from alma.engines.kubernetes.discovery import Api, MissingKind

__all__ = ["FIELD_MANAGER", "Cluster", "Listing"]

FIELD_MANAGER = "alma"
# The server ends a watch by itself after so long, which is before proxies on the way do.
_WATCH_SECONDS = 240
_WATCH_GRACE = 30.0
# Between two watches, and while a server that was watched is away.
_PAUSE_SECONDS = 0.5
_APPLY = "application/apply-patch+yaml"
_MERGE = "application/merge-patch+json"


class Cluster(Looks):
    """A cluster, to look at, to watch and to change. Methods that change raise `Refused` with the server's reason, or
    OutcomeUnknown when its answer was lost: see `client.errors`."""

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
                since = chosen | {"resourceVersion": version}
                async with aclosing(self._changes(api, namespace, since)) as changes:
                    async for event in changes:
                        away_since = None
                        version = str(event.object["metadata"]["resourceVersion"])
                        if event.change != "BOOKMARK":
                            yield known.noted(event)
            except Refused as error:
                if error.status != TOO_OLD:
                    raise unread(error) from error
                version = ""
            except EngineUnavailable:
                away_since = away_since or time.monotonic()
                if time.monotonic() - away_since > self._patience:
                    raise
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _changes(
        self, api: Api, namespace: str | None, params: Mapping[str, str]
    ) -> AsyncGenerator[Seen, None]:
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
