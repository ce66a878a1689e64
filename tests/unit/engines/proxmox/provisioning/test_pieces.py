"""What provisioning is put together from, without a guest: names, keys, known hosts, masks, shell texts, jobs."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
)

from alma.core.model.blueprint import Resource, ResourceType, SecretRef
from alma.core.model.errors import ChangeRejected
from alma.core.model.software import ConfigFile, Distribution, Packages
from alma.core.model.state import DesiredResource, RenderedFile
from alma.engines.proxmox.provisioning import scripts
from alma.engines.proxmox.provisioning.hosts import HostEntry, hosts_block, with_hosts_block
from alma.engines.proxmox.provisioning.job import Disk, Job, PlacedFile, job_for
from alma.engines.proxmox.provisioning.keys import keypair
from alma.engines.proxmox.provisioning.known_hosts import (
    HostKeyChanged,
    forget,
    known_keys,
    remember,
)
from alma.engines.proxmox.provisioning.messages import MASK, masked, tail

CANARY = "canary-5f1c9e7a"
PEERS = [HostEntry(name="Web-1", address="10.0.0.2"), HostEntry(name="db", address="10.0.0.9")]


# ── names ──


def test_a_block_is_the_same_text_in_whatever_order_the_guests_come() -> None:
    assert hosts_block(PEERS) == hosts_block(reversed(PEERS))
    assert "10.0.0.2 web-1\n10.0.0.9 db\n" in hosts_block(PEERS)


def test_guests_at_one_address_share_a_line() -> None:
    both = [HostEntry(name="b", address="10.0.0.2"), HostEntry(name="a", address="10.0.0.2")]
    assert "10.0.0.2 a b\n" in hosts_block(both)


@pytest.mark.parametrize("text", ["", "127.0.0.1 localhost\n", "127.0.0.1 localhost"])
def test_writing_the_block_twice_is_writing_it_once(text: str) -> None:
    once = with_hosts_block(text, PEERS)
    assert with_hosts_block(once, PEERS) == once
    assert once.startswith(text)


def test_what_people_wrote_around_the_block_stays() -> None:
    text = with_hosts_block("127.0.0.1 localhost\n", PEERS) + "10.1.1.1 printer\n"
    moved = with_hosts_block(text, PEERS[:1])
    assert moved.startswith("127.0.0.1 localhost\n10.1.1.1 printer\n")
    assert "10.0.0.9" not in moved
    assert with_hosts_block(moved, []) == "127.0.0.1 localhost\n10.1.1.1 printer\n"


def test_a_begin_without_an_end_takes_nothing_away_but_itself() -> None:
    broken = hosts_block(PEERS).replace("# END ALMA\n", "") + "10.1.1.1 printer\n"
    assert "10.1.1.1 printer\n" in with_hosts_block(broken, PEERS)


# ── keys ──


def test_a_secret_always_gives_the_same_key_and_another_secret_another_one() -> None:
    first, again, other = keypair("one"), keypair("one"), keypair("two")
    assert first.public_openssh == again.public_openssh != other.public_openssh
    assert first.fingerprint.startswith("SHA256:")


def test_the_private_key_is_that_of_the_public_one_and_has_nothing_of_the_secret() -> None:
    pair = keypair(CANARY)
    public = load_ssh_private_key(pair.private_openssh.encode(), password=None).public_key()
    assert pair.public_openssh.startswith(
        public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    )
    assert CANARY not in pair.private_openssh
    assert "PRIVATE" not in repr(pair)


def test_existing_guests_keep_letting_in_the_key_of_their_secret() -> None:
    # If this changes, ALMA is locked out of every guest it ever made.
    assert keypair("fixed").fingerprint == "SHA256:mbpLQ2w2zW0Ryt5QI0K1dj7XvzVFyAs4jydDmcSNGhA"


# ── known hosts ──

KEY, OTHER = "ssh-ed25519 AAAAC3Nza", "ssh-ed25519 AAAAC3Nzb"


def test_the_first_key_of_a_guest_is_kept_and_another_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "state" / "known_hosts"
    assert remember(file, "web-1", key=KEY)
    assert not remember(file, "web-1", key=KEY)
    with pytest.raises(HostKeyChanged) as caught:
        remember(file, "web-1", key=OTHER)
    assert (caught.value.kept, caught.value.shown) == (KEY, OTHER)
    assert known_keys(file, "web-1") == (KEY,)


def test_a_guest_that_is_gone_may_be_followed_by_one_with_another_key(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    remember(file, "web-1", key=KEY)
    remember(file, "web-10", key=KEY)
    forget(file, "web-1")
    forget(file, "nobody")
    assert remember(file, "web-1", key=OTHER)
    assert known_keys(file, "web-10") == (KEY,)


def test_of_many_first_contacts_at_once_one_key_is_kept_and_no_line_is_lost(
    tmp_path: Path,
) -> None:
    file = tmp_path / "known_hosts"

    def contact(number: int) -> bool | None:
        try:
            return remember(file, f"guest-{number % 10}", key=f"ssh-ed25519 {number}")
        except HostKeyChanged:
            return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(contact, range(80)))
    assert answers.count(True) == 10
    assert len(file.read_text().splitlines()) == 10


# ── what is said ──


def test_no_secret_and_no_line_of_one_is_left_in_a_text() -> None:
    key = keypair(CANARY).private_openssh
    line = key.splitlines()[1]
    text = masked(f"{CANARY} and {line} and {CANARY}x", [CANARY, key, "", "\n"])
    assert CANARY not in text
    assert line not in text
    assert text == f"{MASK} and {MASK} and {MASK}x"


def test_a_secret_within_another_does_not_leave_the_rest_of_it() -> None:
    assert masked("abcdef", ["abc", "abcdef"]) == MASK


def test_a_tail_is_short_and_has_the_end() -> None:
    said = tail(f"line {number}" for number in range(500))
    assert said.endswith("line 499")
    assert len(said.splitlines()) == 15


def test_a_job_shows_no_secret() -> None:
    job = Job(
        name="it",
        alias="it",
        host="10.0.0.1",
        private_key=CANARY,
        hidden=(CANARY,),
        env={"TOKEN": CANARY},
        files=(PlacedFile(path="/etc/alma/secrets/password", content=CANARY, secret=True),),
    )
    assert CANARY not in repr(job)


# ── jobs ──


def desired(**fields: object) -> DesiredResource:
    resource = Resource.model_validate({"name": "db", "type": "database"})
    whole: dict[str, object] = {
        "address": "db",
        "type": ResourceType.DATABASE,
        "resource": resource,
        **fields,
    }
    return DesiredResource.model_validate(whole)


def test_a_job_carries_the_values_of_secrets_and_the_owners_of_files() -> None:
    recipe = Packages(
        debian=("redis-server",),
        files=(
            ConfigFile(path="/etc/redis/redis.conf", template="", owner="redis", mode=0o640),
            ConfigFile(path="/etc/redis.conf", template="", only=Distribution.ALPINE),
        ),
    )
    files = (
        RenderedFile(path="/etc/alma/secrets/password", secret="db.password", mode=0o400),
        RenderedFile(path="/etc/redis/redis.conf", content="port 1\n", mode=0o640),
        RenderedFile(path="/etc/redis.conf", content="port 1\n"),
    )
    job = job_for(
        desired(recipe=recipe, files=files),
        alias="a",
        host="10.0.0.1",
        private_key="key",
        secrets={"db.password": CANARY},
    )
    secret, config, alpine = job.files
    assert (secret.content, secret.secret, secret.owner) == (CANARY, True, "root")
    assert (config.owner, config.mode, config.only) == ("redis", 0o640, None)
    assert alpine.only is Distribution.ALPINE
    assert CANARY in job.secrets


def test_variables_reach_the_guest_with_the_values_of_their_secrets() -> None:
    env = {"MODE": "fast", "TOKEN": SecretRef(secret="db.token")}
    job = job_for(
        desired(env=env), alias="a", host="h", private_key="key", secrets={"db.token": CANARY}
    )
    assert job.env == {"MODE": "fast", "TOKEN": CANARY}
    assert CANARY in job.secrets


def test_a_secret_that_was_not_handed_over_is_named() -> None:
    wanted = desired(env={"TOKEN": SecretRef(secret="db.token")})
    with pytest.raises(ChangeRejected, match=r"db\.token"):
        job_for(wanted, alias="a", host="h", private_key="key", secrets={})


# ── shell ──

VALUES = ["plain", "two words", 'quote\' and "quote"', "$HOME `id` \\ back", "a\nb", ""]


@pytest.mark.parametrize("value", VALUES)
def test_a_shell_reads_every_variable_as_it_was_given(value: str, tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text(scripts.env_text({"IT": value, "OTHER": "x"}))
    done = subprocess.run(
        ["sh", "-euc", f'. {file}; printf %s "$IT"'], capture_output=True, text=True, check=True
    )
    assert done.stdout == value


DISK = Disk(device="/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_drive-scsi1", path="/var/lib/it")


def every_script() -> dict[str, str]:
    file = PlacedFile(path="/etc/a b/it's.conf", content="x", owner="redis", mode=0o640)
    found = {
        "system": scripts.SYSTEM,
        "cloud-init": scripts.cloud_init_wait(3),
        "states": scripts.file_states([file.path]),
        "place": scripts.place(file, restart=True),
        "step": scripts.step("true", restart=True),
        "env": scripts.env_text({"A": "b"}),
        "mounted": scripts.mounted(DISK),
        "mount": scripts.mount(DISK),
        "grow": scripts.grow(DISK),
    }
    for family in Distribution:
        found |= {
            f"installed-{family}": scripts.installed(["a", "b"], family),
            f"known-{family}": scripts.known(["a"], family),
            f"refresh-{family}": scripts.refresh(family, lock_within=3),
            f"install-{family}": scripts.install(["a"], family, lock_within=3),
        }
    for init in ("systemd", "openrc", "scripts"):
        found[f"name-{init}"] = scripts.service_name(["a", "b"], init)
        found[f"up-{init}"] = scripts.stays_up("a", init)
    return found


@pytest.mark.parametrize(("name", "text"), every_script().items(), ids=every_script())
def test_every_script_is_sound_shell(name: str, text: str) -> None:
    done = subprocess.run(["sh", "-n", "-c", text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_that_is_as_it_should_be_is_recognised(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("content\n")
    path.chmod(0o640)
    ask = ["sh", "-c", scripts.file_states([str(path), str(tmp_path / "none")])]
    first, second = subprocess.run(
        ask, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    owner = f"{path.owner()}:{path.group()}"
    same = PlacedFile(path=str(path), content="content\n", mode=0o640, owner=owner)
    assert first == scripts.file_state(same)
    assert first != scripts.file_state(same.model_copy(update={"mode": 0o644}))
    assert first != scripts.file_state(same.model_copy(update={"content": "other\n"}))
    assert second == "missing"


@pytest.mark.parametrize("name", ["plain", "two words", "it's", 'a"b$(touch x)`touch x`', "a\nb"])
def test_a_disk_is_mounted_at_its_path_whatever_is_in_the_name(name: str, tmp_path: Path) -> None:
    fstab, target = tmp_path / "fstab", tmp_path / "at" / name
    fstab.touch()
    stubs = 'blkid() { case $* in *UUID*) echo 12-34;; *TYPE*) echo ext4;; esac; }; mount() { printf %s "$1"; }\n'
    text = scripts.mount(Disk(device="/dev/it", path=str(target)))
    text = stubs + text.replace("/etc/fstab", str(fstab))
    done = subprocess.run(
        ["sh", "-c", text], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout == str(target)
    source, where, *rest = fstab.read_text().rstrip("\n").split(" ")
    assert (source, rest) == ("UUID=12-34", ["ext4", "defaults,nofail", "0", "2"])
    assert where.encode().decode("unicode_escape") == str(target)
    assert not (tmp_path / "x").exists()
    (target / "file").touch()
    again = subprocess.run(["sh", "-c", text], capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert again.stdout.startswith(f"{target} has files in it")


def test_waiting_for_a_lock_ends_with_what_the_other_side_said() -> None:
    text = scripts.refresh(Distribution.ALPINE, lock_within=0)
    stub = text.replace(
        "patient apk update", "patient sh -c 'echo Unable to lock database; exit 9'"
    )
    done = subprocess.run(["sh", "-c", stub], capture_output=True, text=True, check=False)
    assert done.returncode == 9
    assert "Unable to lock database" in done.stdout


def test_what_the_engine_imports_brings_no_gevent_into_its_process() -> None:
    code = "import sys, alma.engines.proxmox.provisioning.run; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"gevent", "paramiko", "pyinfra"}.isdisjoint(done.stdout.split())
