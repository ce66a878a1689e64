"""Gets what a node can't or may not get itself from the web: checksums, and images for an upload."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from alma.core.model.errors import ChangeRejected

if TYPE_CHECKING:
    from aiohttp import ClientResponse

# Algorithms by the length of their hexadecimal digest.
_ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_DIGEST = re.compile(r"\b[0-9a-fA-F]{32,128}\b")
_CHUNK = 1024 * 1024
_LONGEST_LIST = 4 * 1024 * 1024
_CONNECT = 30


def checksum_in(text: str, file: str) -> str | None:
    """The checksum of a file in a publisher's list, as `sha512:<hex>`: in lines of `sha512sum`, in BSD's, or alone in
    the list. None when it is not there."""
    lines = [line for line in text.splitlines() if _digest(line)]
    named = [line for line in lines if file in re.split(r"[\s*()/]+", line)]
    alone = lines if len(lines) == 1 and _DIGEST.fullmatch(lines[0].strip()) else []
    found = [_digest(line) for line in (named or alone)]
    return max((one for one in found if one), key=len, default=None)


def _digest(line: str) -> str | None:
    found = _DIGEST.search(line)
    algorithm = _ALGORITHMS.get(len(found[0])) if found else None
    return f"{algorithm}:{found[0].lower()}" if found and algorithm else None


async def checksum(lists: str, url: str) -> str | None:
    """The checksum of the file behind a URL, from the publisher's list. Raises ChangeRejected when the list can't be
    had."""
    async with _opened(lists) as answer:
        content = await answer.content.read(_LONGEST_LIST)
    return checksum_in(content.decode(errors="replace"), PurePosixPath(urlsplit(url).path).name)


async def download(url: str, target: Path, *, expected: str | None) -> None:
    """The file behind a URL, in pieces. Raises ChangeRejected when it can't be had or is not the one expected."""
    algorithm = expected.partition(":")[0] if expected else "sha256"
    digest = hashlib.new(algorithm, usedforsecurity=False)
    async with _opened(url) as answer:
        with await asyncio.to_thread(target.open, "wb") as file:
            async for chunk in answer.content.iter_chunked(_CHUNK):
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
    found = f"{algorithm}:{digest.hexdigest()}"
    if expected and found != expected:
        raise ChangeRejected(
            f"{url} is not what its publisher's checksum says: {found}, not {expected}",
            hint="try again: the file may have been replaced while it was read",
        )


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[ClientResponse]:
    from aiohttp import ClientError, ClientSession, ClientTimeout

    timeout = ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_CONNECT)
    try:
        async with (
            ClientSession(timeout=timeout, trust_env=True) as session,
            session.get(url, raise_for_status=True) as answer,
        ):
            yield answer
    except (ClientError, TimeoutError) as error:
        why = getattr(error, "message", "") or str(error) or "no answer in time"
        raise ChangeRejected(
            f"{url} can't be read: {why}", hint="check the address and the way out of this network"
        ) from error
