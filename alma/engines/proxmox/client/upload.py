"""A file on its way to a storage, as the multipart body that pveproxy understands.

pveproxy takes no chunked bodies, and wants Content-Disposition to be the first header of the file's part and the other
fields before it. So the body is made by hand: its length is known beforehand, and the file is read while it is sent.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from alma.core.model.errors import ChangeRejected

_CHUNK = 1024 * 1024
_FORBIDDEN = frozenset('"\r\n/\\')


class Multipart:
    """One file with its fields. Can be sent more than once: each time the file is read again."""

    def __init__(self, file: Path, filename: str, fields: Mapping[str, str]) -> None:
        if not filename or _FORBIDDEN & set(filename):
            raise ChangeRejected(
                f"'{filename}' can't be the name of a file on a storage",
                hint="leave out quotes, slashes and line breaks",
            )
        self._file = file
        self._boundary = f"alma-{secrets.token_hex(16)}"
        self._head = self._fields(fields) + self._part(
            f'name="filename"; filename="{filename}"', "Content-Type: application/octet-stream\r\n"
        )
        self._tail = f"\r\n--{self._boundary}--\r\n".encode()
        self._size = _size(file)

    @property
    def headers(self) -> dict[str, str]:
        """Those that describe the body."""
        return {
            "Content-Type": f"multipart/form-data; boundary={self._boundary}",
            "Content-Length": str(len(self._head) + self._size + len(self._tail)),
        }

    @contextmanager
    def opened(self) -> Iterator[AsyncIterator[bytes]]:
        """The body in pieces, for one sending; at most one piece is held in memory. The file is closed at the end of
        the block, whatever became of the one who was reading."""
        with _open(self._file) as source:
            yield self._stream(source)

    async def _stream(self, source: BinaryIO) -> AsyncIterator[bytes]:
        yield self._head
        left = self._size
        while left:
            piece = await asyncio.to_thread(source.read, min(_CHUNK, left))
            if not piece:
                raise ChangeRejected(f"{self._file} became shorter while it was sent")
            left -= len(piece)
            yield piece
        yield self._tail

    def _fields(self, fields: Mapping[str, str]) -> bytes:
        return b"".join(
            self._part(f'name="{name}"') + value.encode() + b"\r\n"
            for name, value in fields.items()
        )

    def _part(self, disposition: str, more: str = "") -> bytes:
        return (
            f"--{self._boundary}\r\nContent-Disposition: form-data; {disposition}\r\n{more}\r\n"
        ).encode()


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError as error:
        raise _unreadable(file, error) from error


def _open(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: OSError) -> ChangeRejected:
    return ChangeRejected(
        f"The file {file} can't be sent: {error.strerror}", hint="check its path and its rights"
    )
