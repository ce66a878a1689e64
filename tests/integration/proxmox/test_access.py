"""Who ALMA is, whom it believes, and how parameters and files travel."""

from __future__ import annotations

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from fakepve.certs import make_cert
from pydantic import SecretStr

from alma.core.model.errors import (
    ChangeRejected,
    EngineAuthFailed,
    EngineError,
    EngineUnavailable,
    OutcomeUnknown,
)
from alma.engines.proxmox.client import Api, Missing, NodeOffline, NotAllowed, Refused, Untrusted
from alma.engines.proxmox.client.auth import totp
from alma.engines.proxmox.client.upload import Multipart
from alma.engines.proxmox.settings import ProxmoxSettings
from tests.integration.proxmox.conftest import Certificate
from tests.integration.proxmox.steps import LXC, Time, container
from tests.integration.proxmox.world import TOKEN_ID, TOKEN_SECRET, Pve

PASSWORD = "correct-horse-canary"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
GIB = 1024**3


@pytest.fixture
def by_password(pve: Pve, settings: ProxmoxSettings) -> ProxmoxSettings:
    pve.users["alma@pve"] = PASSWORD
    changed = {"token": None, "user": "alma@pve", "password": SecretStr(PASSWORD)}
    return settings.model_copy(update=changed)


def logins(pve: Pve) -> list[dict[str, list[str]]]:
    """The forms of all logins so far."""
    return [parse_qs(seen.body.decode()) for seen in pve.seen if seen.path.endswith("/ticket")]


# ── parameters ───────────────────────────────────────────────────────────────────────────────────


async def test_b12_the_parameters_of_a_delete_travel_in_the_query_string(pve: Pve, api: Api):
    await api.run("POST", LXC, container(200), doing="Creating web")
    await api.run("DELETE", f"{LXC}/200", {"purge": True, "force": False}, doing="Deleting web")
    sent = next(seen for seen in pve.seen if seen.method == "DELETE")
    assert (sent.query, sent.body) == ("purge=1&force=0", b"")
    assert pve.cts == []


async def test_b12_a_delete_without_a_task_does_the_same(pve: Pve, api: Api):
    pve.pools["web"] = set()
    await api.delete("/pools/web")
    assert "web" not in pve.pools


async def test_parameters_arrive_as_they_were_meant(pve: Pve, api: Api):
    pve.add_vm(100, "web")
    text = 'a+b c=d;e&f%20g ü\n<!-- {"x": 1} -->'
    await api.put(
        "/nodes/pve1/qemu/100/config", {"description": text, "onboot": True, "boot": None}
    )
    config = await api.get("/nodes/pve1/qemu/100/config")
    assert config["description"] == text
    assert config["onboot"] in {1, "1"}
    assert b"boot=" not in pve.seen[0].body.replace(b"onboot=", b"")


async def test_what_is_wrong_with_a_parameter_is_told_by_name(pve: Pve, api: Api):
    with pytest.raises(Refused, match=r"Creating web: .*hostname") as caught:
        await api.run("POST", LXC, {**container(200), "hostname": "-"}, doing="Creating web")
    assert caught.value.status == 400
    assert set(caught.value.fields) == {"hostname"}


# ── privileges ───────────────────────────────────────────────────────────────────────────────────


async def test_b30_what_is_held_is_known_by_path(pve: Pve, api: Api):
    pve.grant("alma@pve", "/vms", "VM.Audit", "VM.Allocate")
    pve.grant("alma@pve", "/storage/local", "Datastore.Audit")
    held = await api.permissions()
    assert held.missing("/vms/100", "VM.Audit", "VM.Clone") == ("VM.Clone",)
    assert held.missing("/storage/local", "Datastore.Audit") == ()
    assert held.missing("/storage/other", "Datastore.Audit") == ("Datastore.Audit",)


async def test_b30_a_missing_privilege_is_named_with_its_path(pve: Pve, api: Api):
    pve.grant("alma@pve", "/vms", "VM.Audit")
    pve.add_vm(100, "web")
    with pytest.raises(NotAllowed) as caught:
        await api.put("/nodes/pve1/qemu/100/config", {"cores": 2}, doing="Changing web")
    assert (caught.value.path, caught.value.privileges) == ("/vms/100", ("VM.Config.CPU",))
    assert "give VM.Config.CPU on /vms/100" in str(caught.value.hint)
    assert isinstance(caught.value, EngineAuthFailed)
    assert isinstance(caught.value, ChangeRejected)


# ── certificates ─────────────────────────────────────────────────────────────────────────────────


def trusting(settings: ProxmoxSettings, **how: Any) -> ProxmoxSettings:
    return settings.model_copy(update={"ca_file": None, "fingerprint": None, **how})


async def untrusted(settings: ProxmoxSettings) -> Untrusted:
    async with Api(settings) as api:
        with pytest.raises(Untrusted) as caught:
            await api.post(LXC, container(200))
    return caught.value


async def test_b34_a_node_is_known_by_its_fingerprint(
    pve: Pve, settings: ProxmoxSettings, certificate: Certificate
):
    pins = ",".join(("AA:" * 31 + "AA", certificate.fingerprint))
    for fingerprint in (certificate.fingerprint, pins):
        async with Api(trusting(settings, fingerprint=fingerprint)) as api:
            assert (await api.get("/version"))["version"]


async def test_b34_another_fingerprint_is_shown_with_the_way_to_check_it(
    pve: Pve, settings: ProxmoxSettings, certificate: Certificate
):
    error = await untrusted(trusting(settings, fingerprint="AA:" * 31 + "AA"))
    assert "another fingerprint" in error.message
    assert certificate.fingerprint in error.message
    assert "openssl x509 -fingerprint -sha256 -noout -in /etc/pve/local/" in str(error.hint)
    assert not error.retryable
    assert pve.seen == []


async def test_b34_an_unknown_ca_is_told_with_the_fingerprint_and_the_file_that_settles_it(
    pve: Pve, settings: ProxmoxSettings, certificate: Certificate
):
    error = await untrusted(trusting(settings))
    assert "from a CA that is not trusted here" in error.message
    assert certificate.fingerprint in error.message
    assert "/etc/pve/pve-root-ca.pem" in str(error.hint)
    assert "openssl x509 -fingerprint -sha256" in str(error.hint)
    assert pve.seen == []


@pytest.fixture
async def misnamed(certificate: Certificate, tmp_path: Path) -> AsyncIterator[tuple[Pve, Path]]:
    """A node whose certificate does not have the address it is reached at."""
    cert, key, _ = make_cert(str(tmp_path), name="other", hosts=("pve1.example.org",))
    cluster = Pve(host=certificate.host, port=0)
    await cluster.start(cert, key)
    yield cluster, Path(cert)
    await cluster.stop()


async def test_b34_a_certificate_for_other_names_is_told_with_these_names(
    misnamed: tuple[Pve, Path], settings: ProxmoxSettings
):
    cluster, cert = misnamed
    error = await untrusted(trusting(settings, urls=(cluster.url,), ca_file=cert))
    assert "for other names: localhost, pve1.example.org" in error.message
    assert "write the url with one of these names" in str(error.hint)


async def test_b34_a_port_that_speaks_no_tls_is_told(settings: ProxmoxSettings):
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        error = await untrusted(trusting(settings, urls=(f"https://127.0.0.1:{port}",)))
    assert "does not speak TLS" in error.message
    assert "8006" in str(error.hint)


@pytest.mark.parametrize("name", ["no.pem", ".", "/dev/zero"])
async def test_b34_a_ca_file_that_is_none_is_told(
    settings: ProxmoxSettings, tmp_path: Path, name: str
):
    async with Api(trusting(settings, ca_file=tmp_path / name)) as api:
        with pytest.raises(EngineUnavailable, match="can't be used: there is no such file"):
            await api.get("/version")


async def test_b34_nothing_switches_the_proof_off(settings: ProxmoxSettings):
    assert not [
        name for name in ProxmoxSettings.model_fields if "verify" in name or "insecure" in name
    ]
    assert ssl.create_default_context().verify_mode is ssl.CERT_REQUIRED


async def test_b34_596_between_nodes_is_explained(pve: Pve, api: Api):
    words = "tls_process_server_certificate: certificate verify failed"
    pve.fail("PUT", "/nodes/pve1/qemu/100/config", 596, words)
    with pytest.raises(NodeOffline, match="the node pve1 has a certificate") as caught:
        await api.put("/nodes/pve1/qemu/100/config", {"cores": 2})
    assert "pvecm updatecerts" in str(caught.value.hint)


@pytest.mark.parametrize("node", ["pve1.example.org", "pve9"])
async def test_b34_a_node_name_that_the_cluster_does_not_know_is_explained(
    pve: Pve, api: Api, node: str
):
    with pytest.raises(Missing, match=r"hostname lookup|valid node name") as caught:
        await api.get(f"/nodes/{node}/status")
    assert "a node goes by its short name" in str(caught.value.hint)


# ── logins ───────────────────────────────────────────────────────────────────────────────────────


async def test_b41_a_ticket_serves_many_calls_and_writes_carry_the_csrf_token(
    pve: Pve, by_password: ProxmoxSettings
):
    async with Api(by_password) as api:
        await asyncio.gather(*(api.get("/version") for _ in range(5)))
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert len(logins(pve)) == 1
    carried = [seen.method for seen in pve.seen if "CSRFPreventionToken" in seen.headers]
    assert carried == ["POST"]


async def test_b41_a_ticket_is_renewed_before_its_two_hours_are_over(
    pve: Pve, by_password: ProxmoxSettings
):
    time = Time()
    async with time.api(by_password) as api:
        await api.get("/version")
        first = next(iter(pve.tickets))
        time.now += 3500
        await api.get("/version")
        assert len(logins(pve)) == 1
        time.now += 200
        await asyncio.gather(*(api.get("/version") for _ in range(5)))
    assert [form["password"] for form in logins(pve)] == [[PASSWORD], [first]]


async def test_b41_an_expired_ticket_means_one_new_login_for_all_who_need_it(
    pve: Pve, by_password: ProxmoxSettings
):
    async with Api(by_password) as api:
        await api.get("/version")
        pve.revoke_tickets()
        await asyncio.gather(*(api.get("/version") for _ in range(10)))
        pve.revoke_tickets()
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert len(logins(pve)) == 3
    assert len(pve.cts) == 1


async def test_b41_a_login_is_tried_once_more_and_not_again(pve: Pve, by_password: ProxmoxSettings):
    pve.fail("GET", "/version", 401, "permission denied - invalid PVE ticket")
    async with Api(by_password) as api:
        with pytest.raises(EngineAuthFailed, match="refuses the login of alma@pve"):
            await api.get("/version")
    assert len(logins(pve)) == 2
    assert pve.count("GET", "/version") == 2


async def test_b41_a_wrong_password_is_told_after_one_try(pve: Pve, by_password: ProxmoxSettings):
    pve.users["alma@pve"] = "changed"
    async with Api(by_password) as api:
        with pytest.raises(EngineAuthFailed, match="authentication failure"):
            await api.get("/version")
    assert len(logins(pve)) == 1


async def test_b41_a_wrong_token_is_named_without_its_secret(pve: Pve, api: Api):
    pve.apitokens[TOKEN_ID] = "another"
    with pytest.raises(EngineAuthFailed, match=TOKEN_ID) as caught:
        await api.get("/version")
    assert TOKEN_SECRET not in caught.value.message + str(caught.value.hint)
    assert len(pve.seen) == 1


async def test_b41_a_second_factor_is_answered(pve: Pve, by_password: ProxmoxSettings):
    pve.second_factor(SEED)
    async with Api(by_password.model_copy(update={"totp": SecretStr(SEED)})) as api:
        assert (await api.get("/version"))["version"]
    first, second = logins(pve)
    assert first["password"] == [PASSWORD]
    assert re.fullmatch(r"totp:\d{6}", second["password"][0])
    assert second["tfa-challenge"][0].startswith("PVE:!tfa!")


async def test_b41_renewing_a_ticket_asks_for_no_second_factor(
    pve: Pve, by_password: ProxmoxSettings
):
    pve.second_factor(SEED)
    time = Time()
    async with time.api(by_password.model_copy(update={"totp": SecretStr(SEED)})) as api:
        await api.get("/version")
        time.now += 4000
        await api.get("/version")
    assert len(logins(pve)) == 3


async def test_b41_a_code_is_never_given_twice(pve: Pve, by_password: ProxmoxSettings):
    """Proxmox takes each once: the second login waits for the next."""
    pve.second_factor(SEED)
    time = Time()
    pve.wall_clock = time.clock
    settings = by_password.model_copy(update={"totp": SecretStr(SEED)})
    async with Api(settings, sleep=time.sleep, clock=time.clock, wall_clock=time.clock) as api:
        await api.get("/version")
        pve.revoke_tickets()
        await api.get("/version")
    codes = [form["password"][0] for form in logins(pve) if "tfa-challenge" in form]
    assert codes == [f"totp:{totp(SEED, 1000)}", f"totp:{totp(SEED, 1030)}"]
    assert time.pauses == [20]  # from second 1000 to the next half minute


async def test_b41_a_second_factor_without_a_seed_is_told(pve: Pve, by_password: ProxmoxSettings):
    pve.second_factor(SEED)
    async with Api(by_password) as api:
        with pytest.raises(EngineAuthFailed, match="has a second factor") as caught:
            await api.get("/version")
    assert "API token" in str(caught.value.hint)


# ── uploads ──────────────────────────────────────────────────────────────────────────────────────


async def test_b42_an_upload_arrives_whole_with_its_length_and_unchunked(
    pve: Pve, api: Api, tmp_path: Path
):
    file = tmp_path / "alpine.iso"
    file.write_bytes(bytes(range(256)) * 10_000 + b"\r\n--boundary\r\n")
    done = await api.upload("pve1", "local", content="iso", filename="alpine.iso", file=file)
    assert done.exit_status == "OK"
    assert pve.uploaded["data"] == file.read_bytes()
    assert pve.uploaded["filename"] == "alpine.iso"
    sent = pve.seen[0]
    assert int(sent.headers["Content-Length"]) == len(sent.body)
    assert "Transfer-Encoding" not in sent.headers


async def test_b42_the_files_part_comes_last_and_begins_with_its_disposition(
    pve: Pve, api: Api, tmp_path: Path
):
    file = tmp_path / "a.iso"
    file.write_bytes(b"content")
    checksum = "sha512:" + "ab" * 64
    await api.upload("pve1", "local", content="iso", filename="a.iso", file=file, checksum=checksum)
    boundary = pve.seen[0].headers["Content-Type"].partition("boundary=")[2]
    parts = pve.seen[0].body.split(f"--{boundary}".encode())[1:-1]
    heads = [part.strip().split(b"\r\n")[0].decode() for part in parts]
    assert heads == [
        'Content-Disposition: form-data; name="content"',
        'Content-Disposition: form-data; name="checksum"',
        'Content-Disposition: form-data; name="checksum-algorithm"',
        'Content-Disposition: form-data; name="filename"; filename="a.iso"',
    ]


async def test_b42_a_file_beyond_2_gib_is_framed_and_streamed_in_pieces(tmp_path: Path):
    file = tmp_path / "big.iso"
    size = 2 * GIB + 1
    with file.open("wb") as sparse:
        sparse.truncate(size)
    body = Multipart(file, "big.iso", {"content": "iso"})
    sent = largest = 0
    with body.opened() as stream:
        async for piece in stream:
            sent, largest = sent + len(piece), max(largest, len(piece))
    assert sent == int(body.headers["Content-Length"]) > size
    assert largest <= 1024 * 1024


async def test_b42_an_upload_that_breaks_off_is_unknown_and_leaves_nothing_open(
    certificate: Certificate, settings: ProxmoxSettings, tmp_path: Path
):
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.cert, certificate.key)
    server = await asyncio.start_server(hang_up, certificate.host, 0, ssl=context)
    file = tmp_path / "big.iso"
    with file.open("wb") as sparse:
        sparse.truncate(64 * 1024 * 1024)
    url = f"https://{certificate.host}:{server.sockets[0].getsockname()[1]}"
    async with server, Api(settings.model_copy(update={"urls": (url,)})) as api:
        with pytest.raises(OutcomeUnknown, match=r"Uploading big\.iso"):
            await api.upload("pve1", "local", content="iso", filename="big.iso", file=file)
    assert not is_open(file)


def is_open(file: Path) -> bool:
    links = Path("/proc/self/fd").iterdir()
    return any(link.is_symlink() and link.readlink() == file for link in links)


async def test_b42_a_storage_that_takes_no_such_files_is_told(pve: Pve, api: Api, tmp_path: Path):
    file = tmp_path / "a.iso"
    file.write_bytes(b"content")
    with pytest.raises(Refused, match=r"Uploading a\.iso to local-lvm on pve1"):
        await api.upload("pve1", "local-lvm", content="iso", filename="a.iso", file=file)


async def test_b42_a_file_that_is_not_there_is_told(api: Api, tmp_path: Path):
    with pytest.raises(ChangeRejected, match="can't be sent"):
        await api.upload(
            "pve1", "local", content="iso", filename="a.iso", file=tmp_path / "none.iso"
        )


# ── secrets ──────────────────────────────────────────────────────────────────────────────────────


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("words", ["value '{}' is wrong", "boom"])
@pytest.mark.parametrize("status", [400, 401, 403, 500, 502, 595, 596, 599])
async def test_no_error_and_no_log_has_a_secret(
    pve: Pve, api: Api, caplog: pytest.LogCaptureFixture, status: int, words: str
):
    caplog.set_level(logging.DEBUG)
    secrets = (TOKEN_SECRET, "guest-canary")
    for secret in secrets:
        pve.fail("POST", LXC, status, words.format(secret))
        with pytest.raises(EngineError) as caught:
            await api.run(
                "POST", LXC, {**container(200), "password": "guest-canary"}, doing="Creating web"
            )
        for error in chain(caught.value):
            shown = (
                f"{error!r} {error} {getattr(error, 'hint', '')} {getattr(error, 'details', '')}"
            )
            assert not [secret for secret in secrets if secret in shown]
    ours = [record.getMessage() for record in caplog.records]
    assert not [line for line in ours for secret in secrets if secret in line]


@pytest.mark.parametrize("fault", ["lose", "drop"])
async def test_a_broken_connection_shows_no_secret(pve: Pve, api: Api, fault: str):
    getattr(pve, fault)("POST", LXC)
    with pytest.raises(EngineError) as caught:
        await api.post(LXC, container(200))
    for error in chain(caught.value):
        assert TOKEN_SECRET not in f"{error!r} {error}"
    assert TOKEN_SECRET not in repr(api) + repr(vars(api)) + repr(api.settings)


async def test_a_tasks_log_shows_none_of_almas_own_secrets(pve: Pve, api: Api):
    pve.fail_task("vzcreate", f"failed with {TOKEN_SECRET}", f"used {TOKEN_SECRET}")
    with pytest.raises(Refused) as caught:
        await api.run("POST", LXC, container(200), doing="Creating web")
    assert TOKEN_SECRET not in f"{caught.value.message} {caught.value.details}"


# ── counting ─────────────────────────────────────────────────────────────────────────────────────


async def test_calls_are_counted_by_what_they_are_about(pve: Pve, api: Api):
    for vmid in (200, 201):
        await api.run("POST", LXC, container(vmid), doing="Creating")
    await api.get("/nodes/pve1/storage/local/content")
    assert api.calls == {
        ("POST", "/nodes/{node}/lxc"): 2,
        ("GET", "/nodes/{node}/tasks/{upid}/status"): 2,
        ("GET", "/nodes/{node}/storage/{storage}/content"): 1,
    }
