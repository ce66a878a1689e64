"""Provisioning against a real SSH server: real packages are installed, real services answer real requests."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from alma.core.model.errors import (
    AlmaError,
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
)
from alma.core.model.software import Packages, SetupStep
from alma.engines.proxmox.provisioning.hosts import HostEntry
from alma.engines.proxmox.provisioning.job import Disk, Job
from alma.engines.proxmox.provisioning.keys import keypair
from alma.engines.proxmox.provisioning.known_hosts import forget
from alma.engines.proxmox.provisioning.run import provision
from tests.integration.proxmox.guests import CANARY, TestGuest, Yard, answer, file, resolved
from tests.waiting import wait_until

pytestmark = [pytest.mark.docker, pytest.mark.timeout(300)]

SITE = "/etc/nginx/sites-available/default"
SECRET = "/etc/alma/secrets/password"
REDIS_PASSWORD_FILE = "/etc/alma/software/redis-password.conf"
GET = "GET / HTTP/1.0\r\n\r\n"
WATCH = "echo $$ >/tmp/watcher; while :; do cat /proc/[0-9]*/cmdline; done >>/tmp/seen 2>/dev/null"


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[Yard]:
    made = Yard(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def guest(yard: Yard) -> TestGuest:
    return yard.guest("web-1")


async def refused(guest: TestGuest, recipe: Packages | None = None, **fields: object) -> AlmaError:
    """The error of a run that can't go well."""
    with pytest.raises(AlmaError) as caught:
        await guest.provision(guest.job(recipe, **fields))
    guest.said += [caught.value.message, caught.value.hint or ""]
    return caught.value


def children() -> list[int]:
    """The provisioning processes of this one."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"alma.engines.proxmox.provisioning" in words and int(parent) == os.getpid():
            found.append(int(entry.name))
    return found


# ── software ──


@pytest.mark.slow
async def test_a_stack_is_installed_works_together_and_a_second_run_changes_nothing(
    yard: Yard,
) -> None:
    wanted = resolved(
        {"name": "web-1", "type": "service", "engine": "nginx"},
        {"name": "cache", "type": "cache", "engine": "redis"},
        {"name": "db", "type": "database", "engine": "postgresql"},
        {"name": "lb", "type": "load_balancer", "engine": "haproxy", "backends": ["web-1"]},
    )
    guests = {name: yard.guest(name) for name in ("web-1", "cache", "db", "lb")}
    peers = {name: one.address for name, one in guests.items()}
    jobs = {name: one.job_of(wanted[name], peers=peers) for name, one in guests.items()}

    first = {name: await guests[name].provision(job) for name, job in jobs.items()}
    assert all(result.changed for result in first.values())

    # nginx serves, and the load balancer finds it by its name
    assert "200 OK" in await answer(guests["web-1"].address, 80, GET)
    balanced = await answer(guests["lb"].address, 80, GET)
    assert "200 OK" in balanced
    assert "x-served-by: web-1" in balanced.lower()
    # redis wants the password
    redis = guests["cache"].address
    assert "NOAUTH" in await answer(redis, 6379, "PING\r\n")
    assert "+PONG" in await answer(redis, 6379, f"AUTH {CANARY}\r\nPING\r\n")
    # postgresql lets the user in over the network, with the password only
    query = (
        f"psql -h {guests['db'].address} -U alma -d app -XAtc 'select current_user' 2>&1 || true"
    )
    assert guests["db"].sh(f"PGPASSWORD={CANARY} {query}") == "alma"
    assert "password authentication failed" in guests["db"].sh(f"PGPASSWORD=wrong {query}")

    again = {name: await guests[name].provision(job) for name, job in jobs.items()}
    assert {name: result.changed for name, result in again.items()} == dict.fromkeys(guests, ())
    assert not [text for one in guests.values() for text in one.said if CANARY in text]


@pytest.mark.slow
async def test_a_standby_copies_its_primary(yard: Yard) -> None:
    wanted = resolved(
        {"name": "db", "type": "database", "engine": "postgresql"},
        {
            "name": "copy",
            "type": "database",
            "engine": "postgresql-replica",
            "env": {"PRIMARY_HOST": "db", "PGPASSWORD": {"secret": "db.password"}},
        },
    )
    guests = {name: yard.guest(name) for name in wanted}
    peers = {name: one.address for name, one in guests.items()}
    for name in ("db", "copy"):
        job = guests[name].job_of(wanted[name], peers=peers)
        await guests[name].provision(job)
        assert (await guests[name].provision(job)).changed == ()
    ask = f"PGPASSWORD={CANARY} psql -h 127.0.0.1 -U alma -d app -XAtc"
    assert guests["copy"].sh(f"{ask} 'select pg_is_in_recovery()'") == "t"


async def test_a_service_is_restarted_when_its_file_changes_and_only_then(guest: TestGuest) -> None:
    def job(text: str, port: int = 80):
        site = f"server {{ listen {port}; location / {{ return 200 '{text}'; }} }}\n"
        return guest.job(
            Packages(debian=("nginx",), service="nginx"),
            files=[file(SITE, site)],
            env={"TEXT": text},
            hosts=[HostEntry(name="other", address="10.9.9.9")],
        )

    await guest.provision(job("one"))
    pid = guest.sh("cat /run/nginx.pid")
    moved = job("one").model_copy(update={"env": {"TEXT": "x"}, "hosts": ()})
    assert (await guest.provision(moved)).changed == ("file /etc/alma/env", "file /etc/hosts")
    assert guest.sh("cat /run/nginx.pid") == pid
    assert (await guest.provision(job("two").model_copy(update={"env": None}))).changed == (
        "file /etc/hosts",
        f"file {SITE}",
        "service nginx",
    )
    assert guest.sh("cat /run/nginx.pid") != pid
    assert (await answer(guest.address, 80, GET)).endswith("two")


async def test_a_restart_that_a_crash_prevented_is_made_up_for(guest: TestGuest) -> None:
    recipe = Packages(debian=("nginx",), service="nginx")
    good = file(SITE, "server { listen 80; location / { return 200 'good'; } }\n")
    await guest.provision(guest.job(recipe, files=[good]))
    # As if the run had ended between the file and the restart.
    guest.sh(f"sed -i s/good/better/ {SITE}; touch /etc/alma/restart-wanted")
    better = good.model_copy(update={"content": good.content.replace("good", "better")})
    assert (await guest.provision(guest.job(recipe, files=[better]))).changed == ("service nginx",)
    assert (await answer(guest.address, 80, GET)).endswith("better")


async def test_a_service_that_does_not_start_with_its_configuration_is_an_error_until_mended(
    guest: TestGuest,
) -> None:
    recipe = Packages(debian=("nginx",), service="nginx")
    error = await refused(guest, recipe, files=[file(SITE, "server { nonsense; }\n")])
    assert isinstance(error, EngineError)
    assert "nginx" in error.message
    mended = guest.job(recipe, files=[file(SITE, "server { listen 80; }\n")])
    assert "service nginx" in (await guest.provision(mended)).changed
    assert not guest.sh("ls /usr/sbin/policy-rc.d 2>/dev/null || true")


async def test_packages_start_with_their_configuration_and_never_without(guest: TestGuest) -> None:
    recipe = Packages(debian=("redis-server",))
    await guest.provision(guest.job(recipe))
    assert guest.sh("pgrep redis-server || echo none") == "none"


async def test_systemd_is_asked_where_it_runs(guest: TestGuest) -> None:
    guest.sh(
        "mkdir -p /run/systemd/system; cat >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl",
        stdin=SYSTEMCTL,
    )
    unit = file("/etc/systemd/system/nginx.service.d/alma.conf", "[Service]\nNice=5\n")
    job = guest.job(Packages(debian=("nginx",), service="none|nginx"), files=[unit])
    result = await guest.provision(job)
    assert result.init == "systemd"
    assert result.changed[-3:] == (f"file {unit.path}", "systemd units", "service nginx")
    assert (await guest.provision(job)).changed == ()
    asked = guest.sh("cat /tmp/asked").splitlines()  # packages ask too, in words of their own
    ours = ("daemon-reload", "start", "restart", "enable")
    assert list(dict.fromkeys(line for line in asked if line.startswith(ours))) == [
        "daemon-reload",
        "start nginx.service",
        "enable nginx.service",
    ]


# What systemctl does, as far as provisioning asks it, for nginx.
SYSTEMCTL = r"""#!/bin/sh
echo "$*" >>/tmp/asked
for last; do :; done
runs() { [ -s /run/nginx.pid ]; }
case $1 in
show)
    case "$*" in
    *"-p Id"*) echo "$last" ;;
    *LoadState*) [ "$last" = nginx.service ] && echo loaded || echo not-found ;;
    *UnitFileState*) echo "Id=$last"; echo "UnitFileState=$(cat /tmp/enabled 2>/dev/null)" ;;
    *) echo "Id=$last"; runs && echo SubState=running || echo SubState=dead ;;
    esac ;;
is-active) runs ;;
start) nginx </dev/null >/dev/null 2>&1 ;;
enable) echo enabled >/tmp/enabled ;;
esac
"""


# What k3s and its service do, as far as provisioning asks them; a namespace is a folder.
K3S = r"""#!/bin/sh
[ "$1" != --version ] || { echo 'k3s version v1.31.2+k3s1 (0)'; exit; }
mkdir -p /tmp/cluster/default /tmp/cluster/kube-system; cd /tmp/cluster; shift 2
case "$*" in
"get namespace default") : ;;
"get namespaces "*) echo * ;;
"get networkpolicies "*) find . -type f ;;
"delete networkpolicies "*) find . -type f -delete ;;
diff*) cmp -s "$5" "$3/policy" ;;
apply*) cp "$5" "$3/policy" ;;
*) exit 64 ;;
esac
"""
K3S_SERVICE = r"""#!/bin/sh
case $1 in
status) [ -e /run/k3s ] ;;
*) echo "$1" >>/tmp/service; touch /run/k3s ;;
esac
"""


async def test_a_clusters_policies_are_set_once_and_changed_in_place(guest: TestGuest) -> None:
    for path, text in (("/usr/local/bin/k3s", K3S), ("/etc/init.d/k3s", K3S_SERVICE)):
        guest.sh(f"cat >{path}; chmod 755 {path}", stdin=text)

    async def changed(**policies: str) -> tuple[str, ...]:
        cluster: dict[str, object] = {"name": "web-1", "type": "kubernetes_cluster"}
        cluster["policies"] = policies
        job = guest.job_of(resolved(cluster)["web-1"])
        unpacked = job.recipe.model_copy(update={"debian": (), "alpine": ()})
        return (await guest.provision(job.model_copy(update={"recipe": unpacked}))).changed

    policies = {"network": "default-deny", "pod_security": "baseline"}
    assert "network policies" in await changed(**policies)
    assert guest.sh("cd /tmp/cluster; echo */policy") == "default/policy"
    assert await changed(**policies) == ()
    assert guest.sh("cat /tmp/service") == "start"

    assert await changed(**policies | {"pod_security": "restricted"}) == (
        "file /etc/rancher/k3s/admission.yaml",
        "service k3s",
    )
    assert "enforce: restricted" in guest.sh("cat /etc/rancher/k3s/admission.yaml")
    assert guest.sh("tail -n 1 /tmp/service") == "restart"
    assert (await changed(pod_security="restricted", network="open"))[-1] == "network policies"
    assert guest.sh("find /tmp/cluster -type f") == ""
    assert await changed(pod_security="restricted", network="open") == ()


# ── the guest's own ──


async def test_peers_are_known_by_name_and_the_rest_of_the_file_is_kept(guest: TestGuest) -> None:
    guest.sh(
        "mkdir -p /etc/cloud/templates; echo '## template:jinja' >/etc/cloud/templates/hosts.debian.tmpl"
    )
    before = guest.sh("cat /etc/hosts")
    peers = (HostEntry(name="Web-2", address="10.9.9.9"),)
    await guest.provision(guest.job(hosts=peers))
    assert guest.sh("getent hosts web-2").split() == ["10.9.9.9", "web-2"]
    # cloud-init writes the file anew at each start
    assert "10.9.9.9 web-2" in guest.sh("cat /etc/cloud/templates/hosts.debian.tmpl")
    assert (await guest.provision(guest.job(hosts=peers))).changed == ()
    await guest.provision(guest.job(hosts=()))
    assert guest.sh("cat /etc/hosts") == before


async def test_steps_are_taken_once_and_need_not_be_there_for_a_file_to_be_owned(
    guest: TestGuest,
) -> None:
    step = SetupStep(title="count", run="echo x >>/root/count", unless="test -e /root/count")
    owned = file("/etc/deep/er/it.conf", "text\n", owner="mail", mode=0o640)
    job = guest.job(Packages(setup=(step,)), files=[owned])
    assert (await guest.provision(job)).changed[-2:] == (f"file {owned.path}", "count")
    assert (await guest.provision(job)).changed == ()
    assert guest.sh("cat /root/count") == "x"
    assert guest.sh(f"stat -c '%a %U:%G' {owned.path}") == "640 mail:mail"
    assert guest.sh("stat -c '%a' /etc/deep /etc/deep/er").split() == ["755", "755"]


async def test_a_file_that_was_changed_by_hand_is_put_right(guest: TestGuest) -> None:
    job = guest.job(files=[file("/etc/it.conf", "text\n")])
    await guest.provision(job)
    guest.sh("chmod 600 /etc/it.conf")
    assert (await guest.provision(job)).changed == ("file /etc/it.conf",)


DISKS = {
    # The disk is empty until it gets a file system; the test says whether it has one from the start.
    "blkid": '[ -e /tmp/formatted ] || exit 2; case "$*" in *UUID*) echo 1-2-3 ;; *TYPE*) echo ext4 ;; esac',
    "mkfs.ext4": "echo formatted >>/tmp/formatted",
    "mount": "touch /tmp/mounted",
    "findmnt": "[ -e /tmp/mounted ] && echo /dev/null || echo overlay",
    "resize2fs": "echo nothing to do",
}


def with_disks(guest: TestGuest) -> Job:
    """A guest in which stand-ins play a disk: a container may not mount."""
    for name, script in DISKS.items():
        path = f"/usr/local/sbin/{name}"
        guest.sh(f"cat >{path}; chmod 755 {path}", stdin=f"#!/bin/sh\n{script}\n")
    return guest.job(disks=[Disk(device="/dev/null", path="/var/lib/it")])


@pytest.mark.parametrize("formatted", ["", "before"])
async def test_a_disk_is_mounted_for_good_and_keeps_what_is_on_it(
    guest: TestGuest, formatted: str
) -> None:
    job = with_disks(guest)
    if formatted:
        guest.sh(f"echo {formatted} >/tmp/formatted")
    assert (await guest.provision(job)).changed[0] == "disk at /var/lib/it"
    assert guest.sh("cat /tmp/formatted") == (formatted or "formatted")
    assert "UUID=1-2-3 /var/lib/it ext4 defaults,nofail 0 2" in guest.sh("cat /etc/fstab")
    assert (await guest.provision(job)).changed == ()


async def test_a_disk_never_covers_files(guest: TestGuest) -> None:
    job = with_disks(guest)
    guest.sh("mkdir -p /var/lib/it; touch /var/lib/it/precious")
    with pytest.raises(EngineError, match="has files in it"):
        await guest.provision(job)
    assert guest.sh("ls /tmp/formatted /tmp/mounted 2>/dev/null || true") == ""


# ── secrets ──


async def test_a_secret_is_seen_nowhere_but_where_it_belongs(guest: TestGuest) -> None:
    guest.sh(f"sh -c '{WATCH}' >/dev/null 2>&1 &")
    wanted = resolved({"name": "cache", "type": "cache", "engine": "redis"})["cache"]
    own: list[bytes] = []

    def listen(text: str) -> None:
        guest.said.append(text)
        for child in children():
            folder = Path(f"/proc/{child}")
            own.append((folder / "cmdline").read_bytes() + (folder / "environ").read_bytes())

    result = await provision(guest.job_of(wanted), log=listen, timeout=100)
    guest.sh("kill $(cat /tmp/watcher)")
    seen = guest.sh(f"grep -ac redis /tmp/seen; grep -ac {CANARY} /tmp/seen || true")
    watched, leaked = map(int, seen.splitlines())
    assert watched > 0
    assert leaked == 0
    assert own
    assert not [text for text in own if CANARY.encode() in text]
    assert CANARY not in "\n".join([*guest.said, *result.changed, *result.warnings])
    places = guest.sh(
        f"grep -rls {CANARY} /etc /root /tmp /var /run /usr/sbin || true"
    ).splitlines()
    assert sorted(places) == [SECRET, REDIS_PASSWORD_FILE]
    assert guest.sh(f"stat -c '%a %U:%G' {SECRET} {REDIS_PASSWORD_FILE}").splitlines() == [
        "400 root:root",
        "640 root:redis",
    ]


async def test_what_a_step_prints_of_a_secret_is_masked(guest: TestGuest) -> None:
    step = SetupStep(title="leak", run=f"cat {SECRET}; echo; echo to be seen; exit 3")
    secret = file(SECRET, CANARY, mode=0o400, secret=True)
    error = await refused(guest, Packages(setup=(step,)), files=[secret])
    assert type(error) is EngineError
    assert "web-1" in error.message
    assert "'leak' failed" in error.message
    assert "to be seen" in error.message
    assert CANARY not in "\n".join(guest.said)
    assert error.hint


# ── what goes wrong ──


async def test_a_key_that_the_guest_does_not_know_is_refused_with_what_to_look_at(
    guest: TestGuest,
) -> None:
    stranger = keypair("another secret").private_openssh
    error = await refused(guest, private_key=stranger)
    assert isinstance(error, EngineAuthFailed)
    assert guest.address in error.message
    assert "authorized_keys" in str(error.hint)
    assert "PRIVATE" not in error.message


async def test_a_guest_with_another_host_key_is_refused_until_the_old_one_is_forgotten(
    yard: Yard,
) -> None:
    first, second = yard.guest("web-1"), yard.guest("web-1")
    await first.provision(first.job())
    error = await refused(second, alias=first.container)
    assert isinstance(error, ChangeRejected)
    assert "SHA256:" in error.message
    assert str(second.known_hosts) in str(error.hint)
    assert second.sh("ls /etc/alma 2>/dev/null || echo nothing") == "nothing"
    forget(second.known_hosts, first.container)
    await second.provision(second.job(alias=first.container))


async def test_nobody_at_the_address_is_an_engine_that_is_unavailable(guest: TestGuest) -> None:
    error = await refused(guest, port=9)
    assert isinstance(error, EngineUnavailable)
    assert f"{guest.address} port 9" in error.message


async def test_a_package_that_the_distribution_lacks_is_named(guest: TestGuest) -> None:
    error = await refused(guest, Packages(debian=("no-such-thing|nor-this",), service="x"))
    assert isinstance(error, ChangeRejected)
    assert "no package no-such-thing or nor-this" in error.message
    assert "bookworm" in error.message


async def test_what_is_optional_or_has_an_alternative_is_taken_as_it_is_there(
    guest: TestGuest,
) -> None:
    recipe = Packages(debian=("no-such-thing|nginx", "not-this-either?"), service="nginx")
    result = await guest.provision(guest.job(recipe))
    assert "packages nginx" in result.changed
    assert (await guest.provision(guest.job(recipe))).changed == ()


async def test_software_for_another_distribution_is_refused(guest: TestGuest) -> None:
    error = await refused(guest, Packages(alpine=("gitea",), service="gitea"))
    assert isinstance(error, ChangeRejected)
    assert "Alpine" in str(error.hint)


async def test_somebody_elses_package_lock_is_waited_for_only_so_long(guest: TestGuest) -> None:
    recipe = Packages(debian=("nginx",), service="nginx")
    guest.sh(f"perl -e '{HOLD_LOCK}' >/dev/null 2>&1 &")
    wait_until(lambda: guest.sh("cat /tmp/held 2>/dev/null || true"), what="the lock is held")
    error = await refused(guest, recipe)
    assert "lock" in error.message
    assert "packages nginx" in error.message
    guest.sh("kill $(cat /tmp/held)")
    assert "service nginx" in (await guest.provision(guest.job(recipe))).changed


# Takes the lock as apt does, and says by a file that it has it.
HOLD_LOCK = (
    'use Fcntl; open(F, ">>/var/lib/dpkg/lock-frontend"); '
    '$l = pack("s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or exit 1; '
    'open(H, ">/tmp/held.new"); print H $$; close H; rename("/tmp/held.new", "/tmp/held"); sleep'
)


SLOW = Packages(setup=(SetupStep(title="slow step", run="sleep 1000"),))


async def test_a_child_that_is_killed_is_said_so_with_the_step_it_was_at(guest: TestGuest) -> None:
    def kill(text: str) -> None:
        if text == "slow step":
            for child in children():
                os.kill(child, signal.SIGKILL)

    with pytest.raises(EngineError, match=r"ended by SIGKILL; it was at: slow step") as caught:
        await provision(guest.job(SLOW, login_within=120), log=kill, timeout=100)
    assert "safe to run the change again" in str(caught.value.hint)
    assert children() == []


async def test_a_run_that_takes_too_long_is_ended_and_says_where_it_was(guest: TestGuest) -> None:
    # What comes before the slow step takes a second or two, and on a busy machine many times that.
    said = ""
    for seconds in (8, 30, 120):
        with pytest.raises(EngineError, match=f"not done after {seconds} s") as caught:
            await guest.provision(guest.job(SLOW, login_within=120), timeout=seconds)
        assert children() == []
        if "it was at: slow step" in (said := str(caught.value)):
            break
    assert "it was at: slow step" in said


async def test_a_caller_that_gives_up_leaves_no_process_behind(guest: TestGuest) -> None:
    at_it = asyncio.Event()

    def listen(text: str) -> None:
        if text == "slow step":
            at_it.set()

    run = asyncio.create_task(provision(guest.job(SLOW, login_within=120), log=listen, timeout=100))
    await at_it.wait()
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert children() == []
