"""A registry with one small image in it, for what pulls meet: progress, a missing tag, a login."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections import Counter
from typing import Any

from aiohttp import web

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
LAYER_BYTES = 6_000_000


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


class Registry:
    """Serves `<address>/alma-test/small:1` on this machine; `alma-test/private` asks for a login. `asked` counts what
    was fetched."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        layer = self._tar()
        packed = gzip.compress(layer, compresslevel=0)
        config = json.dumps(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Cmd": ["/serve"]},
                "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
            }
        ).encode()
        self._blobs = {_digest(config): config, _digest(packed): packed}
        self._manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": CONFIG, "size": len(config), "digest": _digest(config)},
                "layers": [{"mediaType": LAYER, "size": len(packed), "digest": _digest(packed)}],
            }
        ).encode()

    @staticmethod
    def _tar() -> bytes:
        target = io.BytesIO()
        with tarfile.open(fileobj=target, mode="w") as archive:
            info = tarfile.TarInfo("serve")
            info.size = LAYER_BYTES
            archive.addfile(info, io.BytesIO(os.urandom(LAYER_BYTES)))
        return target.getvalue()

    async def start(self) -> None:
        app = web.Application()
        app.router.add_get("/v2/", self._hello)
        app.router.add_get("/v2/{name:.+}/manifests/{tag}", self._manifests)
        app.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def _hello(self, request: web.Request) -> web.Response:
        return web.json_response({}, headers={"Docker-Distribution-API-Version": "registry/2.0"})

    async def _manifests(self, request: web.Request) -> web.Response:
        if request.match_info["name"].endswith("private"):
            return _refusal(401, "UNAUTHORIZED", "authentication required")
        if request.match_info["tag"] not in {"1", _digest(self._manifest)}:
            return _refusal(404, "MANIFEST_UNKNOWN", "manifest unknown")
        headers = {"Docker-Content-Digest": _digest(self._manifest)}
        return web.Response(body=self._manifest, content_type=MANIFEST, headers=headers)

    async def _blob(self, request: web.Request) -> web.Response:
        content = self._blobs[request.match_info["digest"]]
        self.asked["layer" if len(content) > LAYER_BYTES else "config"] += 1
        return web.Response(body=content, content_type="application/octet-stream")


def _refusal(status: int, code: str, message: str) -> web.Response:
    errors: Any = {"errors": [{"code": code, "message": message}]}
    return web.json_response(errors, status=status)
