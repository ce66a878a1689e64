"""The files that are placed in a container before it starts: packed here, compared by hash elsewhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from alma.core.model.base import canonical_json
from alma.core.model.state import DesiredResource
from alma.engines.docker import names, shape


def archive_of(
    desired: DesiredResource, secret: Callable[[str], str], *, with_manifest: bool = False
) -> bytes | None:
    """All files of the resource as one tar archive over the root; None when there are none."""
    entries = [
        (file.path, (secret(file.secret) if file.secret else file.content).encode(), file.mode)
        for file in desired.files
    ]
    if with_manifest and shape.reload_signal(desired):
        entries.append(_manifest(desired))
    return _pack(entries) if entries else None


def manifest_of(desired: DesiredResource) -> bytes:
    """What is declared, as an archive to keep inside the container: labels can't follow a change in place. It goes in
    after the change has been taken in, so that a half-done one is seen."""
    return _pack([_manifest(desired)])


def _manifest(desired: DesiredResource) -> tuple[str, bytes, int]:
    declared = shape.declared_of(shape.shape_of(desired))
    text = canonical_json({"properties": declared, "depends_on": list(desired.depends_on)})
    return names.MANIFEST, text.encode(), 0o444


def _pack(entries: Iterable[tuple[str, bytes, int]]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for path, content, mode in entries:
            info = tarfile.TarInfo(str(PurePosixPath(path).relative_to("/")))
            info.size, info.mode = len(content), mode
            archive.addfile(info, io.BytesIO(content))
    return target.getvalue()
