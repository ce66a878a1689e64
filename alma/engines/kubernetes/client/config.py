"""Where the cluster is and who ALMA is there: from a kubeconfig, the environment, or the account of ALMA's own pod.

The SDK reads kubeconfigs, and passes over in silence what it does not know. What would then mean something else
(another user, another server name) is refused here; what it can't do by itself (several files, a proxy, newer login
programs) is brought into a form that it can.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightkube.config.kubeconfig import (
    DEFAULT_KUBECONFIG,
    SERVICE_ACCOUNT,
    KubeConfig,
    SingleConfig,
)
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from alma.core.model.errors import BlueprintInvalid, EngineUnavailable, InvalidInput
from alma.core.model.yaml_reader import read_yaml
from alma.engines.kubernetes.settings import KubernetesSettings

_FILES = ("certificate-authority", "client-certificate", "client-key", "tokenFile")
_PROGRAMS = ("exec", "auth-provider")
# The SDK would take no notice of these, and ask another server, or as somebody else.
_UNKNOWN = ("tls-server-name", "as", "as-uid", "as-groups", "as-user-extra")
_EXEC_GROUP = "client.authentication.k8s.io"
_EXEC_KNOWN = f"{_EXEC_GROUP}/v1beta1"


@dataclass(frozen=True)
class Access:
    """A way to a cluster. `source` says for people where it was found; `verified`: the server proves who it is."""

    config: SingleConfig
    source: str
    proxy: str | None = None
    verified: bool = True

    @property
    def server(self) -> str:
        """The API server's URL."""
        return str(self.config.cluster.server)

    @property
    def context(self) -> str:
        """The name of the context that was chosen."""
        return str(self.config.context_name)


def access(settings: KubernetesSettings, *, environ: Mapping[str, str] = os.environ) -> Access:
    """The way that the settings name. Raises InvalidInput for a configuration that can't be used,
    EngineUnavailable when there is none."""
    if settings.kubeconfig_text is not None:
        document = _parsed(
            settings.kubeconfig_text.get_secret_value(), "the kubeconfig that was saved"
        )
        return _chosen(document, settings, "a saved kubeconfig", own=False)
    if settings.kubeconfig is not None:
        path = settings.kubeconfig.expanduser()
        return _chosen(_from_file(path), settings, str(path))
    named = environ.get("KUBECONFIG")
    inside = environ.get("KUBERNETES_SERVICE_HOST") and Path(SERVICE_ACCOUNT, "token").exists()
    if not named and inside:
        return _in_cluster(settings)
    named = named or DEFAULT_KUBECONFIG
    paths = [Path(part).expanduser() for part in named.split(os.pathsep) if part]
    return _chosen(_merged(paths), settings, os.pathsep.join(map(str, paths)))


def _in_cluster(settings: KubernetesSettings) -> Access:
    if settings.context is not None:
        raise InvalidInput(
            "Inside a cluster, without a kubeconfig, there is no context to choose",
            hint="name a kubeconfig, or take the context away",
        )
    try:
        config = KubeConfig.from_service_account(SERVICE_ACCOUNT).get()
    except (ConfigError, KeyError, OSError) as error:
        raise EngineUnavailable(
            "The service account of ALMA's pod can't be read",
            hint="set automountServiceAccountToken to true",
        ) from error
    assert config is not None
    return Access(config, "the service account of ALMA's pod")


# ── reading ──────────────────────────────────────────────────────────────────────────────────────


def _from_file(path: Path) -> dict[str, Any]:
    """A file's content, its relative paths made absolute. Raises EngineUnavailable when it is not there."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise EngineUnavailable(
            f"The kubeconfig {path} can't be read: {reason}",
            hint="name another one, or copy it from the cluster (`kubectl config view --raw --flatten`)",
        ) from None
    document = _parsed(text, f"the kubeconfig {path}")
    for part in _parts(document):
        for name in _FILES:
            if isinstance(part.get(name), str) and part[name]:
                part[name] = str(path.parent / Path(part[name]).expanduser())
    return document


def _parsed(text: str, what: str) -> dict[str, Any]:
    try:
        document = read_yaml(text)
    except BlueprintInvalid as error:
        lines = [
            f"line {found.line}" for found in error.diagnostics if getattr(found, "line", None)
        ]
        raise _unusable(what, f"it is no YAML{f' ({lines[0]})' if lines else ''}") from None
    if not isinstance(document, dict) or not isinstance(document.get("clusters"), list):
        raise _unusable(what, "it lists no clusters")
    return document


def _merged(paths: Sequence[Path]) -> dict[str, Any]:
    """Several files as one: the first that names something wins. A file that is missing is passed over."""
    there = [path for path in paths if path.exists()]
    if not there:
        raise EngineUnavailable(
            f"No cluster is configured: there is no {' and no '.join(map(str, paths))}",
            hint="name a kubeconfig, or copy one there (`kubectl config view --raw --flatten`)",
        )
    documents = [_from_file(path) for path in there]
    merged: dict[str, Any] = {"current-context": None}
    for document in documents:
        merged["current-context"] = merged["current-context"] or document.get("current-context")
    for section in ("clusters", "contexts", "users"):
        named: dict[Any, Any] = {}
        for document in documents:
            for entry in document.get(section) or ():
                if isinstance(entry, dict):
                    named.setdefault(entry.get("name"), entry)
        merged[section] = list(named.values())
    return merged


def _parts(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What single entries say of a cluster or user."""
    found: list[Any] = []
    for section, key in (("clusters", "cluster"), ("users", "user")):
        found += [e.get(key) for e in document.get(section) or () if isinstance(e, dict)]
    return [part for part in found if isinstance(part, dict)]


def _unusable(what: str, reason: str) -> InvalidInput:
    return InvalidInput(
        f"{what[:1].upper()}{what[1:]} can't be used: {reason}",
        hint="compare it with what `kubectl config view` shows of one that works",
    )


# ── choosing ─────────────────────────────────────────────────────────────────────────────────────


def _chosen(
    document: dict[str, Any], settings: KubernetesSettings, source: str, *, own: bool = True
) -> Access:
    """The chosen context with its cluster and user. `own`: the configuration is this machine's, and may name files and
    programs of it."""
    what = f"the kubeconfig {source}" if own else "the kubeconfig that was saved"
    name = settings.context or document.get("current-context")
    context = _entry(document, "contexts", "context", name)
    if context is None:
        raise _no_context(document, what, name)
    cluster = _entry(document, "clusters", "cluster", context.get("cluster"))
    if cluster is None or not cluster.get("server"):
        raise _unusable(what, f"context '{name}' names a cluster that it does not describe")
    named = context.get("user")
    user = _entry(document, "users", "user", named) if named else {}
    if user is None:
        raise _unusable(what, f"context '{name}' names a user that it does not describe")
    _refuse(cluster, user, what, own=own)
    if user.get("exec"):
        user = {**user, "exec": _program(user["exec"])}
    return _access(str(name), context, (cluster, user), source=source, what=what)


def _access(
    name: str,
    context: Mapping[str, Any],
    parts: tuple[dict[str, Any], dict[str, Any]],
    *,
    source: str,
    what: str,
) -> Access:
    cluster, user = parts
    for key, value in (*cluster.items(), *user.items()):
        if key.endswith("-data") and not _is_base64(value):
            raise _unusable(what, f"its {key} is no base64")
    document = {
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": user}],
        "contexts": [{"name": name, "context": {**context, "cluster": "it", "user": "it"}}],
    }
    try:
        config = KubeConfig.from_dict(document).get(name)
    except (ValueError, KeyError, TypeError, ConfigError):  # the SDK's words may repeat a value
        raise _unusable(what, f"context '{name}' has a value of a wrong type") from None
    assert config is not None
    checked = bool(
        cluster.get("certificate-authority") or cluster.get("certificate-authority-data")
    )
    verified = checked or not cluster.get("insecure-skip-tls-verify")
    return Access(
        config._replace(user=config.user or User()),
        source,
        cluster.get("proxy-url") or None,
        verified,
    )


def _is_base64(value: object) -> bool:
    try:
        text = "".join(value.split()) if isinstance(value, str) else ""
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False


def _entry(
    document: Mapping[str, Any], section: str, key: str, name: object
) -> dict[str, Any] | None:
    for entry in document.get(section) or ():
        if isinstance(entry, dict) and entry.get("name") == name and name is not None:
            part = entry.get(key)
            return (
                {k: v for k, v in part.items() if v is not None} if isinstance(part, dict) else {}
            )
    return None


def _no_context(document: Mapping[str, Any], what: str, name: object) -> InvalidInput:
    known = [
        str(e["name"])
        for e in document.get("contexts") or ()
        if isinstance(e, dict) and e.get("name")
    ]
    error = _unusable(
        what, f"it has no context '{name}'" if name else "it names no current context"
    )
    error.hint = (
        f"choose one of its contexts: {', '.join(sorted(known))}"
        if known
        else "it has no contexts at all"
    )
    return error


def _refuse(cluster: Mapping[str, Any], user: Mapping[str, Any], what: str, *, own: bool) -> None:
    names = {*cluster, *user}
    unknown = sorted(names & {*_UNKNOWN})
    if unknown:
        raise _unusable(what, f"ALMA does not know {', '.join(unknown)} in it")
    if "auth-provider" in names:
        raise _unusable(
            what,
            "auth-provider is a way to log in that Kubernetes has given up; use exec, or a token",
        )
    # Who may save a connection may not have programs run, or files read, on the machine that ALMA runs on.
    foreign = sorted(names & {*_FILES, *_PROGRAMS}) if not own else []
    if foreign:
        error = _unusable(what, f"it names files or programs of a machine ({', '.join(foreign)})")
        error.hint = "write the data itself into it: `kubectl config view --raw --flatten`, with a token as login"
        raise error


def _program(given: Any) -> Any:
    """A login program as the SDK takes it, told what Kubernetes' own clients tell it: that nobody is there to type, and
    in which version it shall answer. The answers of v1 and v1beta1 have the token at the same place."""
    if not isinstance(given, dict):
        return given
    version = str(given.get("apiVersion") or _EXEC_KNOWN)
    told = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    env = [*(given.get("env") or ()), {"name": "KUBERNETES_EXEC_INFO", "value": json.dumps(told)}]
    known = _EXEC_KNOWN if version == f"{_EXEC_GROUP}/v1" else version
    return {**given, "apiVersion": known, "env": env}
