"""The shell that runs inside guests, as texts: nothing is known here of how they get there. POSIX sh, for dash as well
as for busybox, and no secret in any of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from shlex import quote

from alma.core.model.software import Distribution
from alma.engines.proxmox.provisioning.job import Disk, PlacedFile

HOME = "/etc/alma"
STAGING = f"{HOME}/.staged"
# It is there from the first change that a service must be restarted for until the restart: a crash in between is made
# up for by the next run.
RESTART = f"{HOME}/restart-wanted"
ENV_FILE = f"{HOME}/env"

SYSTEM = r"""
. /etc/os-release
echo "$ID"; echo "${ID_LIKE:-}"; echo "${PRETTY_NAME:-$ID}"
if [ -d /run/systemd/system ]; then echo systemd
elif command -v rc-service >/dev/null && [ -d /run/openrc ]; then echo openrc
elif command -v service >/dev/null && command -v dpkg >/dev/null && [ -d /etc/init.d ]; then echo scripts
else echo none; fi
command -v cloud-init >/dev/null && echo yes || echo no
id -u
"""

# Packages come with services that start at once, open to everybody with the settings they are shipped with. They wait
# for their configuration instead.
_QUIET_START = r"""
policy=/usr/sbin/policy-rc.d
if [ -e $policy ] && grep -q 'put here by ALMA' $policy; then rm -f $policy; fi
if [ ! -e $policy ]; then
    trap 'rm -f $policy' EXIT
    printf '#!/bin/sh\n# put here by ALMA, for as long as packages are installed\nexit 101\n' >$policy
    chmod 755 $policy
fi
"""
_DPKG = "--force-confdef --force-confold"
_APT = (
    "apt-get -q -y -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 "
    "-o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold"
)


def cloud_init_wait(seconds: float) -> str:
    """Ends with 0 when cloud-init is done, 1 or 2 when it is done and had problems, 124 or 143 when it is not done."""
    return f"timeout {int(seconds)} cloud-init status --wait >/dev/null"


def file_states(paths: Iterable[str]) -> str:
    """One line for each path: mode, owner and hash; or `missing`."""
    return (
        f"for p in {_words(paths)}; do "
        'if [ -f "$p" ]; then echo "$(stat -c "%a %U:%G" "$p") $(sha256sum <"$p" | cut -c1-64)"; '
        "else echo missing; fi; done"
    )


def file_state(file: PlacedFile) -> str:
    """The line that `file_states` prints when the file is as it should be."""
    digest = hashlib.sha256(file.content.encode()).hexdigest()
    return f"{file.mode:o} {owner_of(file.owner)} {digest}"


def owner_of(owner: str) -> str:
    """`user:group`, the group being named like the user where none is given."""
    return owner if ":" in owner else f"{owner}:{owner}"


def place(file: PlacedFile, *, restart: bool) -> str:
    """Puts standard input (base64) into place in one move. On its way only root can read it."""
    staged = f"{STAGING}/{hashlib.sha256(file.path.encode()).hexdigest()[:32]}"
    path, folder = quote(file.path), quote(str(PurePosixPath(file.path).parent))
    return " && ".join(
        [
            f"umask 077; mkdir -p {STAGING}",
            f"base64 -d >{staged}",
            f"chown {quote(owner_of(file.owner))} {staged}",
            f"chmod {file.mode:o} {staged}",
            f"(umask 022; mkdir -p {folder})",
            *([f"touch {RESTART}"] if restart else []),
            # A file that is mounted by itself can be written, but not replaced.
            f"{{ mv -f {staged} {path} 2>/dev/null || {{ cat {staged} >{path} && rm -f {staged}; }}; }}",
        ]
    )


def step(run: str, *, restart: bool) -> str:
    """A step of a recipe, which stops at its first failing command."""
    mark = f"mkdir -p {HOME} && touch {RESTART}; " if restart else ""
    return f"{mark}set -eu; {run}"


# ── packages ─────────────────────────────────────────────────────────────────────────────────────


def installed(names: Iterable[str], family: Distribution) -> str:
    """Prints those that are installed."""
    check = (
        "dpkg-query -W -f '${Status}' \"$p\" | grep -q 'ok installed'"
        if family is Distribution.DEBIAN
        else 'apk info -e "$p" >/dev/null'
    )
    return f'for p in {_words(names)}; do {check} && echo "$p"; done; true'


def known(names: Iterable[str], family: Distribution) -> str:
    """Prints those that the package index has."""
    check = (
        "apt-cache policy \"$p\" | grep -q '^  Candidate: [^(]'"
        if family is Distribution.DEBIAN
        else '[ -n "$(apk search -e "$p")" ]'
    )
    return f'for p in {_words(names)}; do {check} && echo "$p"; done; true'


def refresh(family: Distribution, *, lock_within: float) -> str:
    """Updates the package index, waiting for others that hold its lock."""
    command = f"{_APT} update" if family is Distribution.DEBIAN else "apk update"
    return f"{_patient(lock_within)}\nexport LC_ALL=C\npatient {command}"


def install(names: Iterable[str], family: Distribution, *, lock_within: float) -> str:
    """Installs packages without what they merely recommend. What an interrupted run has left is finished first."""
    if family is Distribution.ALPINE:
        return f"{_patient(lock_within)}\npatient apk add {_words(names)}"
    return (
        f"{_patient(lock_within)}\nexport LC_ALL=C DEBIAN_FRONTEND=noninteractive\n{_QUIET_START}"
        f"patient dpkg --configure -a {_DPKG} &&\n"
        f"patient {_APT} --no-install-recommends install {_words(names)}"
    )


def _patient(seconds: float) -> str:
    """A function that runs a command again for as long as another program holds the lock."""
    return rf"""
end=$(($(date +%s) + {int(seconds)}))
patient() {{
    while :; do
        if out=$("$@" 2>&1); then return 0; else code=$?; fi
        case $out in
        *'ould not get lock'*|*'nable to lock'*|*'nable to acquire the dpkg'*|*'is locked by'*)
            if [ "$(date +%s)" -lt "$end" ]; then sleep 2; continue; fi ;;
        esac
        printf '%s\n' "$out"
        return "$code"
    done
}}"""


# ── services ─────────────────────────────────────────────────────────────────────────────────────


def service_name(names: Iterable[str], init: str) -> str:
    """Prints the first of the services that this guest has, by its real name."""
    if init == "systemd":
        look = (
            'id=$(systemctl show -p Id --value "$s.service"); '
            '[ "$(systemctl show -p LoadState --value "$s.service")" = loaded ] && echo "${id%.service}"'
        )
    else:
        look = '[ -e "/etc/init.d/$s" ] && echo "$s"'
    return f"for s in {_words(names)}; do {look} && exit 0; done; exit 1"


def stays_up(service: str, init: str) -> str:
    """Whether the service runs, given a few seconds to get there."""
    checks = {
        "systemd": f"systemctl is-active --quiet {quote(service)}",
        "openrc": f"rc-service {quote(service)} status",
    }
    check = checks.get(init, f"service {quote(service)} status")
    return f"for i in 1 2 3 4 5 6 7 8; do {check} >/dev/null && exit 0; sleep 0.5; done; exit 1"


# ── the rest ─────────────────────────────────────────────────────────────────────────────────────


def mounted(disk: Disk) -> str:
    """Whether the disk is where it should be."""
    device, path = quote(disk.device), quote(disk.path)
    return f'[ "$(readlink -f {device})" = "$(readlink -f "$(findmnt -n -o SOURCE --target {path})")" ]'


def mount(disk: Disk) -> str:
    """Makes a file system on a disk that is empty, and mounts it now and at each start. A disk that has anything on it
    keeps it, and a folder that has files in it is never covered."""
    device, path = quote(disk.device), quote(disk.path)
    hides = quote(f"{disk.path} has files in it, which the disk would hide: move them away first")
    return rf"""
set -eu
mkdir -p {path}
if [ -n "$(ls -A {path})" ]; then
    echo {hides}; exit 1
fi
if blkid -p {device} >/dev/null; then :; else
    [ $? -eq 2 ] || {{ echo {quote(f"{disk.device} can't be read")}; exit 1; }}
    mkfs.ext4 -q {device}
fi
uuid=$(blkid -p -s UUID -o value {device})
type=$(blkid -p -s TYPE -o value {device})
grep -q "^UUID=$uuid " /etc/fstab ||
    printf 'UUID=%s %s %s defaults,nofail 0 2\n' "$uuid" {quote(_field(disk.path))} "$type" >>/etc/fstab
mount {path}
"""


def _field(text: str) -> str:
    """As a field of /etc/fstab, in which spaces end one."""
    return "".join(f"\\{ord(c):03o}" if c in " \t\n\\" else c for c in text)


def grow(disk: Disk) -> str:
    """Lets the file system fill a disk that has grown; prints nothing when there is nothing to do."""
    device = quote(disk.device)
    return (
        f'[ "$(blkid -p -s TYPE -o value {device})" = ext4 ] || exit 0; '
        f"resize2fs {device} 2>&1 | grep 'is now' || true"
    )


def env_text(env: Mapping[str, str]) -> str:
    """The variables as a file that both `sh` and systemd's `EnvironmentFile` read alike."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in sorted(env.items()))


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\")
    for special in '"$`':
        escaped = escaped.replace(special, f"\\{special}")
    return f'"{escaped}"'


def _words(texts: Iterable[str]) -> str:
    return " ".join(map(quote, texts))
