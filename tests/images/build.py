#!/usr/bin/env python3
"""The Docker tests need nginx, postgres, redis and haproxy where no registry can be reached.

This script builds stand-ins for the official images from the Debian packages of the machine it runs
on: `python tests/images/build.py`. They carry the official tags and keep the official contract as
far as ALMA uses it (environment variables, ports, volumes, users, commands, stop signals), so one
blueprint runs on either. The software inside has Debian's version, which the label
`org.alma.test-image.about` admits: "postgres:16" is whatever PostgreSQL this Debian ships, and
"alpine:3.20" is a static busybox. They are for tests and for nothing else.

It needs Debian, `mmdebstrap` and a Docker Engine that answers; no privilege beyond those of
mmdebstrap and docker. Packages come from the Debian entries of the host's own apt sources, with the
host's proxies and certificates. Each image is the base system plus one folder beside this file:
`before.sh` runs in the new root before the packages are installed, `files/` is laid over them,
`after.sh` runs last. An image whose label `org.alma.test-image` carries the current content hash
is kept; finished archives stay in ${XDG_CACHE_HOME:-~/.cache}/alma-test-images, so a new daemon only
has to import them. A tag that somebody else's image already bears is left alone and taken as good.
Exit status: 0 all there, 1 something is missing (--list), 2 it could not be built.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
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
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import IO

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "alma-test-images"
SYSTEM_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
LABEL = "org.alma.test-image"
COMPONENT = "main"
MMDEBSTRAP_LIMIT_SECONDS = 900
DOCKER_LIMIT_SECONDS = 180
UNREAD_FILES = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# With it the base system needs no `usrmerge` package, which would drag Perl along.
MERGED_USR = Path("/usr/share/mmdebstrap/hooks/merged-usr")


class BuildError(Exception):
    """The images can't be built; the message says why and what to do."""


class Origin(StrEnum):
    """Where the root filesystem of an image begins."""

    BOOTSTRAP = "bootstrap"  # a minimal Debian, from packages alone
    BASE = "base"  # on top of the debian image
    EXTRACT = "extract"  # nothing but the unpacked packages


class Presence(StrEnum):
    """What the Docker Engine holds under a tag."""

    CURRENT = "current"
    STALE = "stale"
    FOREIGN = "foreign"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Image:
    """One image: its folder's name, the tags it answers to, what goes in, how it is started."""

    name: str
    tags: tuple[str, ...]
    about: str
    origin: Origin = Origin.BASE
    packages: tuple[str, ...] = ()
    carried: tuple[str, ...] = ()  # not installed: in an apt repository inside, /srv/packages
    config: Mapping[str, object]  # as in the OCI image specification


DEBIAN = Image(
    name="debian",
    tags=("debian:12",),
    about="minimal Debian from the host's apt sources",
    origin=Origin.BOOTSTRAP,
    config={"Cmd": ["bash"], "Env": [SYSTEM_PATH]},
)
IMAGES: tuple[Image, ...] = (
    DEBIAN,
    Image(
        name="postgres",
        tags=("postgres:16", "postgres:15"),
        about="Debian's PostgreSQL without its JIT, whatever the tag says",
        packages=("postgresql", "postgresql-client"),
        config={
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["postgres"],
            "Env": [
                f"{SYSTEM_PATH}:/usr/lib/postgresql/current/bin",
                "LANG=C.UTF-8",
                "PGDATA=/var/lib/postgresql/data",
            ],
            "ExposedPorts": {"5432/tcp": {}},
            "Volumes": {"/var/lib/postgresql/data": {}},
            "StopSignal": "SIGINT",
        },
    ),
    Image(
        name="nginx",
        tags=("nginx:1.27",),
        about="Debian's nginx, whatever the tag says",
        packages=("nginx-light", "curl", "ca-certificates", "gettext-base"),
        config={
            "Entrypoint": ["/docker-entrypoint.sh"],
            "Cmd": ["nginx", "-g", "daemon off;"],
            "Env": [SYSTEM_PATH],
            "ExposedPorts": {"80/tcp": {}},
            "StopSignal": "SIGQUIT",
        },
    ),
    Image(
        name="redis",
        tags=("redis:7",),
        about="Debian's redis, whatever the tag says",
        packages=("redis-server",),
        config={
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["redis-server"],
            "Env": [SYSTEM_PATH],
            "ExposedPorts": {"6379/tcp": {}},
            "Volumes": {"/data": {}},
            "WorkingDir": "/data",
        },
    ),
    Image(
        name="haproxy",
        tags=("haproxy:3.0", "haproxy:2.9"),
        about="Debian's haproxy, whatever the tag says",
        packages=("haproxy",),
        config={
            "Entrypoint": ["docker-entrypoint.sh"],
            "Cmd": ["haproxy", "-f", "/usr/local/etc/haproxy/haproxy.cfg"],
            "Env": [SYSTEM_PATH],
            "User": "haproxy",
            "WorkingDir": "/var/lib/haproxy",
            "StopSignal": "SIGUSR1",
        },
    ),
    Image(
        name="guest",
        tags=("alma-guest:12",),
        about="Debian with an SSH server and without an init system, as a guest to provision",
        packages=("openssh-server", "ca-certificates", "procps"),
        carried=("nginx", "redis-server", "postgresql", "haproxy"),
        config={
            "Cmd": ["/usr/local/sbin/guest"],
            "Env": [SYSTEM_PATH],
            "ExposedPorts": {"22/tcp": {}},
        },
    ),
    Image(
        name="alpine",
        tags=("alpine:3.20",),
        about="Debian's static busybox; neither musl nor apk is inside",
        origin=Origin.EXTRACT,
        packages=("busybox-static",),
        config={"Cmd": ["/bin/sh"], "Env": [SYSTEM_PATH]},
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    wanted = [image for image in IMAGES if not options.only or image.name in options.only]
    try:
        if options.list:
            return listing(wanted)
        with locked_cache():
            return build(wanted, force=options.force)
    except BuildError as error:
        print(f"test images: {error}", file=sys.stderr)
        return 2


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Build the local images that Docker tests use.")
    names = [image.name for image in IMAGES]
    parser.add_argument("--list", action="store_true", help="show tags; exit 1 if one is missing")
    parser.add_argument("--only", action="append", choices=names, metavar="NAME", help="repeatable")
    parser.add_argument("--force", action="store_true", help="build again from fresh packages")
    return parser.parse_args(arguments)


def listing(images: Sequence[Image]) -> int:
    found = presence(images)
    for image in images:
        for tag in image.tags:
            print(f"{tag:<16}{found[tag]:<9}{image.about}")
    return int(any(state in (Presence.MISSING, Presence.STALE) for state in found.values()))


def build(images: Sequence[Image], *, force: bool) -> int:
    found = presence(images)
    for tag in (tag for tag, state in found.items() if state is Presence.FOREIGN):
        print(f"{tag}: an image that is not ours has this tag; it stays and is used")
    todo = [
        (image, tags)
        for image in images
        if (tags := [tag for tag in image.tags if must_load(found[tag], force=force)])
    ]
    if not todo:
        print("test images: nothing to build")
        return 0
    rebuilt = [image for image, _ in todo if force or not archive(image).exists()]
    provide_base(rebuilt)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        list(pool.map(lambda item: provide(*item, rebuild=item[0] in rebuilt), todo))
    docker("image", "prune", "--force", "--filter", f"label={LABEL}")  # what lost its tag just now
    return 0


def provide(image: Image, tags: Sequence[str], *, rebuild: bool) -> None:
    if rebuild and image is not DEBIAN:
        bootstrap(image)
    load(image, tags)


def must_load(state: Presence, *, force: bool) -> bool:
    return state in (Presence.MISSING, Presence.STALE) or (force and state is Presence.CURRENT)


# What is there already


def content_hash(image: Image) -> str:
    """Everything that decides an image's content, except how new the packages are."""
    digest = hashlib.sha256(f"{codename()} {platform.machine()} {image.name}\n".encode())
    for path in (Path(__file__), *folder_files(image)):
        digest.update(f"{path.relative_to(HERE)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def folder_files(image: Image) -> list[Path]:
    return sorted(path for path in (HERE / image.name).rglob("*") if path.is_file())


def presence(images: Sequence[Image]) -> dict[str, Presence]:
    labels = image_labels([tag for image in images for tag in image.tags])
    return {
        tag: compare(labels.get(tag), content_hash(image)) for image in images for tag in image.tags
    }


def compare(labels: dict[str, str] | None, expected: str) -> Presence:
    if labels is None:
        return Presence.MISSING
    if LABEL not in labels:
        return Presence.FOREIGN
    return Presence.CURRENT if labels[LABEL] == expected else Presence.STALE


def image_labels(tags: Sequence[str]) -> dict[str, dict[str, str]]:
    """Labels by tag, for those tags that exist. A daemon that doesn't answer is an error."""
    answer = docker("image", "inspect", *tags, accept_failure=True)
    lines = [line for line in answer.stderr.splitlines() if "no such image" not in line.lower()]
    if lines:
        raise BuildError(f"no Docker Engine answers: {lines[-1]}")
    found: dict[str, dict[str, str]] = {}
    for entry in json.loads(answer.stdout or "[]"):
        for tag in entry["RepoTags"] or ():
            found[tag] = entry["Config"]["Labels"] or {}
    return found


# Archives: one root filesystem each


@contextlib.contextmanager
def locked_cache() -> Iterator[None]:
    """Two runs at once would build everything twice."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def archive(image: Image) -> Path:
    return CACHE / f"{image.name}-{content_hash(image)}.tar"


def provide_base(rebuilt: Sequence[Image]) -> None:
    """The base system comes first: most images start from its archive."""
    if rebuilt and shutil.which("mmdebstrap") is None:
        raise BuildError(
            "mmdebstrap is not installed (Debian: apt-get install mmdebstrap). Where the official "
            "images can be pulled, pull them instead; their tags are kept and used"
        )
    stands_on_base = any(image.origin is Origin.BASE for image in rebuilt)
    if DEBIAN in rebuilt or (stands_on_base and not archive(DEBIAN).exists()):
        bootstrap(DEBIAN)


def bootstrap(image: Image) -> None:
    """Leave a complete archive in the cache, or nothing."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="build-", dir=CACHE) as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)  # mmdebstrap may work under another user id
        run_mmdebstrap(image, scratch)
        for outdated in CACHE.glob(f"{image.name}-*.tar"):
            outdated.unlink()
        (scratch / "root.tar").rename(archive(image))
    print(f"{image.name}: built in {time.monotonic() - began:.1f} s", flush=True)


def run_mmdebstrap(image: Image, scratch: Path) -> None:
    (scratch / "sources.list").write_text("".join(f"{line}\n" for line in debian_sources()))
    (scratch / "apt.conf").write_text("".join(f"{line}\n" for line in network_settings()))
    write_overlay(image, scratch / "overlay.tar")
    command = ["mmdebstrap", "--verbose", *mmdebstrap_options(image, scratch), codename()]
    command += [str(scratch / "root.tar"), str(scratch / "sources.list")]
    with (scratch / "log").open("w+") as log:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            timeout=MMDEBSTRAP_LIMIT_SECONDS,
            check=False,
        )
        if done.returncode:
            log.seek(0)
            raise BuildError(f"mmdebstrap failed for {image.name}:\n{log.read()[-4000:]}")


def mmdebstrap_options(image: Image, scratch: Path) -> list[str]:
    variant = {Origin.BOOTSTRAP: "minbase", Origin.BASE: "custom", Origin.EXTRACT: "extract"}
    options = [f"--variant={variant[image.origin]}", f"--aptopt={scratch / 'apt.conf'}"]
    options += ["--skip=cleanup/run", "--dpkgopt=force-unsafe-io"]
    options += [f"--dpkgopt=path-exclude={path}" for path in UNREAD_FILES]
    if image.origin is Origin.BOOTSTRAP and MERGED_USR.exists():
        options.append(f"--hook-dir={MERGED_USR}")
    if image.origin is Origin.BASE:
        options.append(f"--setup-hook=tar-in {quote(str(archive(DEBIAN)))} /")
    last = "extract" if image.origin is Origin.EXTRACT else "customize"
    options += script_hooks(image, "setup", "before.sh")
    if image.carried:
        options.append(f"--customize-hook={download_of(image.carried)}")
    options.append(f"--{last}-hook=tar-in {quote(str(scratch / 'overlay.tar'))} /")
    options += script_hooks(image, last, "after.sh")
    # The host's proxy is nobody's business inside the image.
    options.append(f'--{last}-hook=rm -f "$1"/etc/apt/apt.conf.d/99mmdebstrap')
    if image.packages:
        options.append(f"--include={','.join(image.packages)}")
    return options


def download_of(packages: Sequence[str]) -> str:
    """Puts packages, and what they need beyond what is installed, into the image. after.sh writes their index."""
    return (
        'APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" apt-get install --yes --no-install-recommends --download-only'
        f' -o Dir::Cache::archives="$1"/srv/packages {" ".join(packages)}'
    )


def script_hooks(image: Image, stage: str, script: str) -> list[str]:
    path = HERE / image.name / script
    if not path.exists():
        return []
    shell = "/bin/busybox sh" if image.origin is Origin.EXTRACT else "/bin/sh"
    return [f'--{stage}-hook=chroot "$1" {shell} -eu < {quote(str(path))}']


def write_overlay(image: Image, target: Path) -> None:
    """Pack files/ as root's, whoever owns the checkout; what begins with #! is executable."""
    root = HERE / image.name / "files"
    with tarfile.open(target, "w") as overlay:
        for path in sorted(path for path in root.rglob("*") if path.is_file()):
            content = path.read_bytes()
            mode = 0o755 if content.startswith(b"#!") else 0o644
            add_file(overlay, str(path.relative_to(root)), content, mode)


# The host's apt


def codename() -> str:
    release = platform.freedesktop_os_release() if Path("/etc/os-release").exists() else {}
    return release.get("VERSION_CODENAME", "unknown")


def debian_sources() -> list[str]:
    """One-line entries for the distribution itself; other people's archives stay outside."""
    folder = Path("/etc/apt/sources.list.d")
    lines: list[str] = []
    for path in [Path("/etc/apt/sources.list"), *sorted(folder.glob("*.list"))]:
        if path.exists():
            lines += [line.strip() for line in path.read_text().splitlines()]
    for path in sorted(folder.glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text()):
            lines += one_line_entries(stanza)
    wanted = [line for line in lines if is_distribution(line)]
    if not wanted:
        raise BuildError(f"the apt sources of this host name no archive for '{codename()}'")
    return wanted


def one_line_entries(stanza: str) -> list[str]:
    """The stanza of a .sources file in the older format."""
    text = "\n".join(line for line in stanza.splitlines() if not line.startswith("#"))
    pairs = re.findall(r"^([\w-]+):[ \t]*(.*(?:\n[ \t]+.*)*)", text, flags=re.MULTILINE)
    fields = {key.lower(): value.split() for key, value in pairs}
    if fields.get("enabled") == ["no"] or "deb" not in fields.get("types", ()):
        return []
    keyring = [key for key in fields.get("signed-by", ()) if key.startswith("/")]
    options = f"[signed-by={','.join(keyring)}] " if keyring else ""
    components = " ".join(fields.get("components", ()))
    return [
        f"deb {options}{uri} {suite} {components}"
        for uri in fields.get("uris", ())
        for suite in fields.get("suites", ())
    ]


def is_distribution(line: str) -> bool:
    match = re.match(r"deb\s+(?:\[[^]]*\]\s+)?\S+\s+(\S+)\s+(.+)", line)
    if match is None:
        return False
    suites = {codename(), f"{codename()}-updates", f"{codename()}-security"}
    return match[1] in suites and COMPONENT in match[2].split()


def network_settings() -> list[str]:
    """How this host reaches its mirror: proxies, certificates, checks its administrator relaxed."""
    answer = subprocess.run(
        ["apt-config", "dump", "Acquire"], capture_output=True, text=True, timeout=30, check=True
    )
    kept = re.compile(r'Acquire::(https?|Check-|Force|Retries|Max-)[^ ]* "[^"]+";', re.IGNORECASE)
    return [line for line in answer.stdout.splitlines() if kept.match(line)]


# Docker


def load(image: Image, tags: Sequence[str]) -> None:
    """Hand the archive over as `docker save` would write it: `docker import` knows no StopSignal."""
    config = json.dumps(image_config(image)).encode()
    manifest = [{"Config": "config.json", "RepoTags": list(tags), "Layers": ["layer.tar"]}]
    with tempfile.TemporaryFile(dir=CACHE) as bundle:
        with tarfile.open(fileobj=bundle, mode="w") as content:
            content.add(archive(image), arcname="layer.tar")
            add_file(content, "config.json", config)
            add_file(content, "manifest.json", json.dumps(manifest).encode())
        bundle.seek(0)
        docker("load", "--quiet", stdin=bundle)
    print(f"{', '.join(tags)}: loaded", flush=True)


def image_config(image: Image) -> dict[str, object]:
    machine = platform.machine()
    with archive(image).open("rb") as layer:
        layer_digest = hashlib.file_digest(layer, "sha256").hexdigest()
    labels = {LABEL: content_hash(image), f"{LABEL}.about": image.about}
    return {
        "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine),
        "os": "linux",
        "created": datetime.now(UTC).isoformat(),
        "config": {**image.config, "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{layer_digest}"]},
        "history": [{"created_by": "tests/images/build.py", "comment": image.about}],
    }


def add_file(target: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = mode
    target.addfile(entry, io.BytesIO(content))


def docker(
    *arguments: str, stdin: IO[bytes] | int = subprocess.DEVNULL, accept_failure: bool = False
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            ["docker", *arguments],
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=DOCKER_LIMIT_SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise BuildError("the docker command is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise BuildError(f"docker {arguments[0]} took over {DOCKER_LIMIT_SECONDS} s") from error
    if done.returncode and not accept_failure:
        raise BuildError(f"docker {arguments[0]} failed: {done.stderr.strip()}")
    return done


if __name__ == "__main__":
    sys.exit(main())
