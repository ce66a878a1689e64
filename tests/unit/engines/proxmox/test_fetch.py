"""Publishers' lists of checksums, in the ways they are written."""

from __future__ import annotations

import pytest

from alma.engines.proxmox.fetch import checksum_in

SHA256, SHA512, MD5 = "a" * 64, "B" * 128, "c" * 32


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{SHA512}  disk.qcow2\n{'d' * 128}  other.qcow2\n", f"sha512:{'b' * 128}"),
        (f"{SHA256} *disk.qcow2\n", f"sha256:{SHA256}"),
        (f"SHA256 (disk.qcow2) = {SHA256}\n", f"sha256:{SHA256}"),
        (f"{SHA256}  ./images/disk.qcow2\n", f"sha256:{SHA256}"),
        (f"{SHA256}\n", f"sha256:{SHA256}"),
        (f"{MD5}  disk.qcow2\n{SHA256}  disk.qcow2\n", f"sha256:{SHA256}"),
        (f"{SHA256}  other.qcow2\n", None),
        (f"{SHA256}  disk.qcow2.manifest\n", None),
        ("<html>not found</html>", None),
        ("", None),
    ],
)
def test_a_checksum_is_found_where_it_is_and_nowhere_else(text: str, found: str | None) -> None:
    assert checksum_in(text, "disk.qcow2") == found
