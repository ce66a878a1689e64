"""Where the cluster is and who ALMA is there, from all that people write down; no secret comes out again."""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from lightkube.core.exceptions import ApiError
from pydantic import ValidationError

from alma.core.model.errors import AlmaError, EngineAuthFailed, EngineUnavailable, InvalidInput
from alma.engines import EngineRegistry
from alma.engines.base import until
from alma.engines.connections import of_this_machine, secret_fields
from alma.engines.kubernetes.client import Cluster, config
from alma.engines.kubernetes.client.config import Access, access
from alma.engines.kubernetes.settings import KubernetesSettings

CANARY = "canary-91d0aa"


def document(
    user: Mapping[str, Any] | None = None, cluster: Mapping[str, Any] | None = None, name: str = "a"
) -> dict[str, Any]:
    """A kubeconfig with one of everything."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster or {"server": f"https://{name}.test:6443"}}],
        "users": [{"name": name, "user": {"token": CANARY} if user is None else user}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def saved(text: object, **settings: Any) -> Access:
    """As a connection that somebody saved."""
    whole = text if isinstance(text, str) else json.dumps(text)
    given = {"kubeconfig_text": whole, **settings}
    return access(KubernetesSettings.model_validate(given), environ={})


def file(folder: Path, content: object, name: str = "config") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


# ── where it is looked for ──


def test_the_named_file_comes_before_the_environment(tmp_path: Path) -> None:
    named = file(tmp_path, document(name="named"))
    other = file(tmp_path, document(name="other"), "other")
    environ = {"KUBECONFIG": str(other)}
    assert access(KubernetesSettings(kubeconfig=named), environ=environ).context == "named"
    assert access(KubernetesSettings(), environ=environ).context == "other"


def test_several_files_are_one_and_the_first_to_name_something_wins(tmp_path: Path) -> None:
    first = document(name="a", cluster={"server": "https://first.test"})
    second = document(name="a", cluster={"server": "https://second.test"})
    more = document(name="b")
    paths = [
        file(tmp_path, first, "1"),
        tmp_path / "missing",
        file(tmp_path, second, "2"),
        file(tmp_path, more, "3"),
    ]
    environ = {"KUBECONFIG": os.pathsep.join(map(str, paths))}
    assert access(KubernetesSettings(), environ=environ).server == "https://first.test"
    assert access(KubernetesSettings(context="b"), environ=environ).server == "https://b.test:6443"


def test_nothing_anywhere_says_what_to_do(tmp_path: Path) -> None:
    environ = {"KUBECONFIG": str(tmp_path / "none")}
    with pytest.raises(EngineUnavailable, match="No cluster is configured") as raised:
        access(KubernetesSettings(), environ=environ)
    assert "kubeconfig" in str(raised.value.hint)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="nobody can't be read: No such file or directory"):
        access(KubernetesSettings(kubeconfig=tmp_path / "nobody"), environ={})


def test_inside_a_cluster_the_pod_s_own_account_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in (("token", "first"), ("namespace", "apps"), ("ca.crt", "")):
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(config, "SERVICE_ACCOUNT", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    found = access(KubernetesSettings())
    assert found.server == "https://[fd00::1]:443"
    assert found.source == "the service account of ALMA's pod"
    assert found.verified
    assert found.config.user is not None
    assert found.config.user.token_file == str(tmp_path / "token")

    with pytest.raises(InvalidInput, match="no context to choose"):
        access(KubernetesSettings(context="other"))
    named = file(tmp_path, document(name="named"))
    assert access(KubernetesSettings(kubeconfig=named)).context == "named", "what is set is first"
    monkeypatch.setenv("KUBECONFIG", str(named))
    assert access(KubernetesSettings()).context == "named"
    monkeypatch.delenv("KUBECONFIG")
    (tmp_path / "namespace").unlink()
    with pytest.raises(EngineUnavailable, match="service account"):
        access(KubernetesSettings())


def test_files_in_a_file_are_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(CANARY)
    content = document(
        {"tokenFile": "token"}, {"server": "https://x.test", "certificate-authority": "ca"}
    )
    found = access(KubernetesSettings(kubeconfig=file(tmp_path, content)), environ={})
    assert found.config.user is not None
    assert found.config.user.token_file == str(tmp_path / "token")
    assert found.config.cluster.certificate_auth == str(tmp_path / "ca")


# ── what is chosen ──


def test_a_context_that_is_not_there_is_answered_with_those_that_are() -> None:
    both = document(name="a")
    both["contexts"] += document(name="b")["contexts"]
    with pytest.raises(InvalidInput, match="no context 'c'") as raised:
        saved(both, context="c")
    assert "a, b" in str(raised.value.hint)
    with pytest.raises(InvalidInput, match="names no current context"):
        saved({**both, "current-context": None})


def test_a_cluster_or_user_that_is_not_described_is_named() -> None:
    with pytest.raises(InvalidInput, match="a cluster that it does not describe"):
        saved({**document(), "clusters": []})
    with pytest.raises(InvalidInput, match="a user that it does not describe"):
        saved({**document(), "users": []})


def test_a_context_without_a_user_asks_as_nobody() -> None:
    content = document()
    content["contexts"] = [{"name": "a", "context": {"cluster": "a"}}]
    found = saved(content).config
    assert found.user is not None
    assert found.user.token is None


def test_a_proxy_in_the_file_is_taken() -> None:
    cluster = {"server": "https://x.test", "proxy-url": "http://proxy.test:3128"}
    assert saved(document(cluster=cluster)).proxy == "http://proxy.test:3128"
    assert saved(document()).proxy is None


def test_a_server_that_need_not_prove_itself_is_remembered() -> None:
    insecure = {"server": "https://x.test", "insecure-skip-tls-verify": True}
    assert not saved(document(cluster=insecure)).verified
    ca = base64.b64encode(b"pem").decode()
    assert saved(document(cluster={**insecure, "certificate-authority-data": ca})).verified


@pytest.mark.parametrize(
    ("user", "cluster", "word"),
    [
        ({"token": CANARY, "as": "root"}, None, "as"),
        (None, {"server": "https://x.test", "tls-server-name": "other"}, "tls-server-name"),
        ({"auth-provider": {"name": "gcp"}}, None, "auth-provider"),
    ],
)
def test_what_would_silently_mean_something_else_is_refused(
    user: dict[str, Any] | None, cluster: dict[str, Any] | None, word: str
) -> None:
    with pytest.raises(InvalidInput, match=word):
        saved(document(user, cluster))


# ── who may say what ──


@pytest.mark.parametrize(
    ("user", "cluster"),
    [
        ({"exec": {"apiVersion": "v1", "command": "/bin/sh"}}, None),
        ({"tokenFile": "/etc/passwd"}, None),
        ({"client-certificate": "/a", "client-key": "/b"}, None),
        (None, {"server": "https://x.test", "certificate-authority": "/etc/ssl/ca.pem"}),
    ],
)
def test_a_saved_text_names_no_file_and_no_program_of_the_server(
    user: dict[str, Any] | None, cluster: dict[str, Any] | None
) -> None:
    with pytest.raises(InvalidInput, match="files or programs") as raised:
        saved(document(user, cluster))
    assert "--flatten" in str(raised.value.hint)


def test_all_but_a_text_is_this_machine_s_own_access() -> None:
    text = KubernetesSettings.model_validate({"kubeconfig_text": "x"})
    assert of_this_machine(text) == ()
    for settings in (
        KubernetesSettings(),
        KubernetesSettings(context="prod"),
        KubernetesSettings(kubeconfig=Path("/root/.kube/config")),
    ):
        assert of_this_machine(settings) == ("kubeconfig",)


def test_the_text_is_a_secret_and_is_not_repeated() -> None:
    assert secret_fields(KubernetesSettings) == {"kubeconfig_text"}
    with pytest.raises(ValidationError) as raised:
        KubernetesSettings.model_validate(
            {"kubeconfig_text": CANARY, "kubeconfig": "/x", "namespace": "ok"}
        )
    assert "not both" in str(raised.value)
    assert CANARY not in str(raised.value)
    good = KubernetesSettings.model_validate({"kubeconfig_text": CANARY})
    assert CANARY not in f"{good!r} {good.model_dump_json()}"


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        f"clusters: [{CANARY}",
        json.dumps({"clusters": CANARY}),
        json.dumps(document({"token": [CANARY]})),
        json.dumps(document({"client-certificate-data": CANARY, "client-key-data": CANARY})),
        json.dumps(
            document(
                cluster={
                    "server": "https://x.test",
                    "certificate-authority-data": base64.b64encode(CANARY.encode()).decode(),
                }
            )
        ),
        json.dumps(document(cluster={"server": f"https://{CANARY}:port"})),
    ],
)
async def test_a_configuration_that_makes_no_sense_is_refused_without_its_words(text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Cluster(KubernetesSettings.model_validate({"kubeconfig_text": text}))
    error = raised.value
    assert CANARY not in f"{error.message} {error.hint} {error.details}"
    assert error.__suppress_context__ or CANARY not in f"{error.__cause__!r}"


async def test_a_connection_shows_where_it_leads_and_never_its_text() -> None:
    given = {"kubeconfig_text": json.dumps(document()), "namespace": "apps"}
    registry = EngineRegistry({"kubernetes": given})
    shown = registry.connection("kubernetes")
    assert shown.settings == {"namespace": "apps"}
    assert shown.secrets == ("kubeconfig_text",)
    assert CANARY not in shown.model_dump_json()

    checked = registry.checked("kubernetes@lab", given)
    assert checked.settings == {"namespace": "apps"}
    assert checked.of_this_machine == ()
    assert registry.checked("kubernetes@lab", {"context": "lab"}).of_this_machine == ("kubeconfig",)
    with pytest.raises(InvalidInput) as raised:
        registry.checked("kubernetes@lab", {**given, "kubeconfig": "/x", "max_parallel": 0})
    assert CANARY not in f"{raised.value.message} {raised.value.details}"
    await registry.close()


def test_a_cluster_is_offered_as_a_place_only_where_somebody_configured_it() -> None:
    assert "kubernetes" not in EngineRegistry({"kubernetes": {}}).places()
    assert "kubernetes" in EngineRegistry({"kubernetes": {"context": "lab"}}).places()
    assert "kubernetes" in EngineRegistry().listed()


# ── login programs ──


def program(folder: Path, script: str) -> Path:
    path = folder / "login"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def with_program(folder: Path, script: str, *, port: int, version: str = "v1") -> Cluster:
    login = {
        "apiVersion": f"client.authentication.k8s.io/{version}",
        "command": str(program(folder, script)),
        "env": [{"name": "REGION", "value": "north"}],
    }
    content = document({"exec": login}, {"server": f"http://127.0.0.1:{port}"})
    return Cluster(KubernetesSettings(kubeconfig=file(folder, content), request_timeout=30))


async def test_a_login_program_is_told_that_nobody_types_and_in_which_version_to_answer(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    script = f'printf "%s\\n%s" "$KUBERNETES_EXEC_INFO" "$REGION" > {tmp_path}/told\n'
    script += 'echo \'{"status": {"token": "t"}}\''
    cluster = with_program(tmp_path, script, port=unused_tcp_port)
    with pytest.raises(EngineUnavailable):  # nobody listens: the program has been asked before
        await cluster.version()
    await cluster.close()

    told, region = (tmp_path / "told").read_text().splitlines()
    assert json.loads(told) == {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "spec": {"interactive": False},
    }
    assert region == "north"


@pytest.mark.parametrize(
    "script",
    [f"echo {CANARY} >&2; exit 3", f"echo {CANARY}", f'echo \'{{"status": {{"x": "{CANARY}"}}}}\''],
)
async def test_a_login_program_that_fails_is_named_and_its_words_are_not_repeated(
    tmp_path: Path, unused_tcp_port: int, script: str
) -> None:
    cluster = with_program(tmp_path, script, port=unused_tcp_port)
    with pytest.raises(AlmaError) as raised:
        await cluster.version()
    await cluster.close()
    assert CANARY not in f"{raised.value.message} {raised.value.hint}"
    if "exit 3" in script:
        assert isinstance(raised.value, EngineAuthFailed)
        assert f"{tmp_path / 'login'} ended with 3" in raised.value.message


async def test_a_login_program_that_never_ends_does_not_hold_everything_up(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    login = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(program(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 600")),
    }
    content = document({"exec": login}, {"server": f"http://127.0.0.1:{unused_tcp_port}"})
    cluster = Cluster(KubernetesSettings(kubeconfig=file(tmp_path, content), request_timeout=1))

    async def pid() -> int | None:
        told = tmp_path / "pid"
        return int(told.read_text()) if told.exists() and told.read_text().strip() else None

    async def ended() -> bool | None:
        written = await pid()
        try:
            os.kill(written or 0, 0)
        except ProcessLookupError:
            return True
        return None if written else True  # ended before it could say its number

    with pytest.raises(EngineUnavailable, match="no answer in time"):
        await cluster.version()
    await cluster.close()
    assert await until(ended, within=60), "it was left running"


def test_the_sdk_speaks_http_with_the_library_whose_errors_are_told_apart() -> None:
    assert issubclass(ApiError, httpx2.HTTPStatusError)
