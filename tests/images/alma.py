#!/usr/bin/env python3
"""Puts ALMA itself into an image where there is no registry and no container engine to build one with.

`python tests/images/alma.py OUT.tar` writes what `docker save` would, for `localhost/alma:test`: the wheel built from
this checkout, what it needs of the environment that this runs in, that environment's Python, and the libraries that
these are linked with. It answers to the same commands, user and folders as the image of docker/Dockerfile. It is for
tests and for nothing else: what is in it are this machine's files.

Run it with the Python of the environment that has ALMA's dependencies.
"""

from __future__ import annotations

import argparse
import compileall
import hashlib
import io
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
NAME = "localhost/alma:test"
EXTRAS = ("kubernetes", "operator", "postgres", "redis")
PLACE = Path("opt/alma")
USER = 10001
PACKAGES = PLACE / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
BASE = Path(sys.base_prefix)
STANDARD = Path("lib") / PACKAGES.parts[-2]
# Of the standard library, what no server needs.
_LEFT_OUT = shutil.ignore_patterns(
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "*.a", "config-*",
    "ensurepip", "lib2to3", "turtledemo",
)  # fmt: skip
# A shell for people who look into a pod, `cat` for keys in files.
_PROGRAMS = ("/bin/sh", "/bin/cat", "/bin/ls")
_START = f"""#!/{PLACE}/bin/python
import sys
from alma.cli.app import main
sys.exit(main())
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="Write an image of ALMA for tests.")
    parser.add_argument("out", type=Path, metavar="OUT.tar")
    out: Path = parser.parse_args().out
    with tempfile.TemporaryDirectory(prefix="alma-image-") as folder:
        scratch = Path(folder)
        root = scratch / "root"
        lay_out(root, scratch)
        write(root, out)
    print(out)
    return 0


def lay_out(root: Path, scratch: Path) -> None:
    """The root filesystem."""
    for name in (
        "usr/bin",
        "usr/lib",
        "usr/lib64",
        "etc",
        "tmp",
        "var/lib/alma",
        "proc",
        "sys",
        "dev",
    ):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    (root / "tmp").chmod(0o1777)
    (root / "etc/passwd").write_text(
        f"root:x:0:0:root:/root:/bin/sh\nalma:x:{USER}:{USER}:ALMA:/var/lib/alma:/bin/sh\n"
    )
    (root / "etc/group").write_text(f"root:x:0:\nalma:x:{USER}:\n")
    lay_out_python(root)
    lay_out_packages(root, wheel(scratch))
    lay_out_zone(root)
    for program in _PROGRAMS:
        copy(Path(program).resolve(), root, at=Path(program))
    link_libraries(root)


def lay_out_python(root: Path) -> None:
    """The interpreter where it is on this machine, for it finds its library by that, and an environment around it."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    interpreter = BASE / "bin" / version
    copy(interpreter, root)
    there = root / BASE.relative_to("/") / STANDARD
    shutil.copytree(BASE / STANDARD, there, symlinks=True, ignore=_LEFT_OUT)
    binaries = root / PLACE / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(interpreter)
    (root / PLACE / "pyvenv.cfg").write_text(f"home = {interpreter.parent}\n")


def lay_out_packages(root: Path, built: Path) -> None:
    """ALMA from its wheel, the rest as it is installed here."""
    packages = root / PACKAGES
    packages.mkdir(parents=True)
    with zipfile.ZipFile(built) as archive:
        archive.extractall(packages)
    # What was compiled here stays good, for files keep their times; so pods start at once.
    compileall.compile_dir(packages, quiet=2, workers=os.cpu_count() or 1)
    (about,) = packages.glob("alma-*.dist-info")
    for distribution in needed(metadata.Distribution.at(about)):
        for file in distribution.files or ():
            source = Path(str(file.locate()))
            if ".." not in file.parts and source.is_file():
                copy(source, root, at=PACKAGES / str(file))
    start = root / PLACE / "bin" / "alma"
    start.write_text(_START)
    start.chmod(0o755)


def lay_out_zone(root: Path) -> None:
    """PostgreSQL names its time zone, and Python looks that up."""
    zones = Path("/usr/share/zoneinfo")
    for name in ("UTC", "Etc/UTC"):
        if (zones / name).exists():
            copy((zones / name).resolve(), root, at=zones / name)


def wheel(scratch: Path) -> Path:
    """ALMA's, built from this checkout with the dashboard as far as that was built."""
    target = scratch / "dist"
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory"]
    subprocess.run([*command, str(target)], cwd=ROOT, check=True, capture_output=True, timeout=300)
    (file,) = target.iterdir()
    return file


def needed(alma: metadata.Distribution) -> Iterator[metadata.Distribution]:
    """What ALMA needs, and what that needs, as far as it is for this machine: as it is installed here."""
    todo = [(alma, frozenset(EXTRAS))]
    seen, told = set[tuple[str, str]](), {alma.name}
    while todo:
        distribution, extras = todo.pop()
        if distribution.name not in told:
            told.add(distribution.name)
            yield distribution
        for extra in {"", *extras}:
            if (distribution.name, extra) in seen:
                continue
            seen.add((distribution.name, extra))
            todo += [
                (metadata.distribution(name), more) for name, more in _required(distribution, extra)
            ]


def _required(
    distribution: metadata.Distribution, extra: str
) -> Iterator[tuple[str, frozenset[str]]]:
    for text in distribution.requires or ():
        requirement = Requirement(text)
        conditional = "extra ==" in str(requirement.marker or "")
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": extra})
        if wanted and (conditional or not extra):
            yield requirement.name, frozenset(requirement.extras)


def copy(source: Path, root: Path, *, at: Path | None = None) -> None:
    """One file, at its own place unless told otherwise, never over another."""
    target = root / str(at or source).lstrip("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def link_libraries(root: Path) -> None:
    """The shared libraries of everything in `root`, from this machine."""
    binaries = [
        path
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and _is_elf(path)
    ]
    for library in sorted(set(_libraries(binaries, root))):
        copy(library.resolve(), root, at=library)


def _is_elf(path: Path) -> bool:
    with path.open("rb") as content:
        return content.read(4) == b"\x7fELF"


def _libraries(binaries: Iterable[Path], root: Path) -> Iterator[Path]:
    told = subprocess.run(
        ["ldd", *map(str, binaries)], capture_output=True, text=True, check=False, timeout=120
    )
    for found in re.findall(r"(?:=> |^\s)(/\S+) \(0x", told.stdout, re.MULTILINE):
        library = Path(os.path.normpath(found))
        if not library.is_relative_to(root):
            yield library


def write(root: Path, out: Path) -> None:
    """What `docker save` writes: one layer, owned by root but for ALMA's home."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=out.parent) as layer:
        with tarfile.open(fileobj=layer, mode="w") as content:
            content.add(root, arcname=".", filter=_owned)
        layer.seek(0)
        digest = hashlib.file_digest(layer, "sha256").hexdigest()
        config = json.dumps(_config(digest)).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        listing = [{"Config": name, "RepoTags": [NAME], "Layers": [f"{digest}/layer.tar"]}]
        with tarfile.open(out, "w") as image:
            _add(image, name, config)
            image.add(layer.name, arcname=f"{digest}/layer.tar", filter=_owned)
            _add(image, "manifest.json", json.dumps(listing).encode())


def _owned(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = USER if entry.name == "./var/lib/alma" else 0
    entry.uname = entry.gname = ""
    return entry


def _config(layer: str) -> dict[str, object]:
    machine = platform.machine()
    return {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine),
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": {
            "Env": [
                f"PATH=/{PLACE}/bin:/usr/local/bin:/usr/bin:/bin",
                "PYTHONUNBUFFERED=1",
                "PYTHONDONTWRITEBYTECODE=1",
                "MALLOC_ARENA_MAX=2",
                "ALMA_HOME=/var/lib/alma",
                "ALMA_API_HOST=0.0.0.0",
                "ALMA_API_PORT=8000",
            ],
            "Cmd": ["alma", "serve"],
            "User": f"{USER}:{USER}",
            "WorkingDir": "/var/lib/alma",
            "ExposedPorts": {"8000/tcp": {}},
        },
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer}"]},
        "history": [{"created": "1970-01-01T00:00:00Z"}],
    }


def _add(target: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    target.addfile(entry, io.BytesIO(content))


if __name__ == "__main__":
    sys.exit(main())
